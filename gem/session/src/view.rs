//! The view moves: what others changed is refreshed in place, and what was cached of it is forgotten.

use crate::error::SessionError;
use crate::host::SharedLink;
use gem_heap::{Exchange, HostError};
use gem_vm::{HeapError, Oop, Vm};
use proto::messages::ViewReply;
use proto::record::RecordView;
use proto::{ObjectId, wellknown};

/// Moves the session to the view of `reply`. Objects that this transaction changed keep their changes, except those with
/// ids in `restore`: they are read again even when nobody else changed them.
///
/// # Errors
/// When the repository cannot give what changed.
pub fn move_to(
    vm: &mut Vm,
    link: &SharedLink,
    reply: &ViewReply,
    restore: &[ObjectId],
) -> Result<(), SessionError> {
    let mut changed: Vec<u64> = {
        let mut l = link.borrow_mut();
        l.view = reply.view;
        if reply.everything_changed {
            l.cache.clear();
            vm.heap.ids_in_memory()
        } else {
            reply.changed_ids.iter().for_each(|&id| l.cache.forget(id));
            reply.changed_ids.clone()
        }
    };
    changed.retain(|&id| {
        vm.heap
            .find(ObjectId(id))
            .is_some_and(|o| !vm.heap.is_dirty(o) && !vm.heap.is_symbol(o))
    });
    changed.extend(restore.iter().map(|id| id.0));
    let mut stale: Vec<(u64, Oop)> = changed
        .into_iter()
        .filter_map(|id| Some((id, vm.heap.find(ObjectId(id))?)))
        .collect();
    stale.sort_unstable_by_key(|s| s.0);
    stale.dedup_by_key(|s| s.0);
    if stale.is_empty() {
        return Ok(());
    }
    let wanted: Vec<u64> = {
        let l = link.borrow();
        stale
            .iter()
            .map(|s| s.0)
            .filter(|&id| !l.cache.contains(id))
            .collect()
    };
    link.borrow_mut().fetch(&wanted).map_err(HeapError::Host)?;
    let mut tables_changed = false;
    let mut moved = Vec::new();
    let mut outcome = Ok(());
    for (id, object) in stale {
        tables_changed |= is_table(vm, object);
        outcome = refresh(vm, link, id, object, &mut moved);
        if outcome.is_err() {
            break;
        }
    }
    // Also after a failure: no code may meet an object that has handed its id over.
    vm.forward_all(&moved);
    if tables_changed {
        vm.forget_class_tables();
    }
    outcome
}

/// Reads one object again; `moved` takes up what has a new body.
fn refresh(
    vm: &mut Vm,
    link: &SharedLink,
    id: u64,
    object: Oop,
    moved: &mut Vec<Exchange>,
) -> Result<(), SessionError> {
    let mut bytes = Vec::new();
    if !link.borrow_mut().cache.copy_record(id, &mut bytes) {
        // The bounded cache may have dropped it again; an object that is gone stays as it was.
        link.borrow_mut().fetch(&[id]).map_err(HeapError::Host)?;
        if !link.borrow_mut().cache.copy_record(id, &mut bytes) {
            return Ok(());
        }
    }
    let view = RecordView::parse(&bytes)
        .map_err(|e| HeapError::Host(HostError::Damaged(e.to_string())))?;
    let exchange = vm.heap.refresh(object, &view)?.exchange();
    moved.extend(exchange);
    let object = exchange.map_or(object, |e| e.other);
    if vm.is_module_like(object)? {
        vm.heap.reload_class(object)?;
    }
    Ok(())
}

/// Whether the machine may have derived tables from `object`: method dictionaries, constants, lists of modules.
fn is_table(vm: &mut Vm, object: Oop) -> bool {
    const TABLES: &[ObjectId] = &[
        wellknown::METHOD_DICTIONARY,
        wellknown::SYMBOL_DICTIONARY,
        wellknown::SYMBOL_ASSOCIATION,
        wellknown::GS_NMETHOD,
    ];
    if TABLES.iter().any(|&id| vm.heap.is_instance(object, id))
        || vm.is_module_like(object).unwrap_or(false)
    {
        return true;
    }
    if !vm.heap.is_instance(object, wellknown::ARRAY) {
        return false;
    }
    let mut first = None;
    vm.heap.each_reference(object, |v| first = Some(v));
    first.is_some_and(|v| vm.is_module_like(v).unwrap_or(false))
}
