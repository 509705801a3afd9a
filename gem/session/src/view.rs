//! The view moves: what others changed is refreshed in place, and what was cached of it is forgotten.
//!
//! A move has two parts. `note` takes down what the stone told and cannot fail. `complete` reads every record, makes every object ready, and only then changes
//! them, in steps that cannot fail: memory shows the old view or the new one, never some of both. When it fails, `stale` keeps what is left.
//! Classes and symbols that records name may have come into memory meanwhile, as the new view shows them; that is harmless, because nothing that
//! was there before refers to them but by id.

use crate::error::SessionError;
use crate::host::SharedLink;
use crate::state::state;
use format::ObjectId;
use format::record::RecordView;
use format::wellknown::slots::behavior;
use gem_heap::{ClassIndex, HostError, ReadyRefresh};
use gem_vm::{HeapError, Oop, Vm};
use hashbrown::HashSet;
use proto::messages::ViewReply;
use std::ops::Range;

/// Records asked for at a time.
const BATCH: usize = 2048;

/// An object to be read again; no record when it is doubtful and the stone does not have it.
struct Target {
    id: u64,
    object: Oop,
    record: Option<Range<usize>>,
}

/// The stone has moved the session's view. Without a reply it may have, and then nobody knows what changed. Cannot fail.
pub fn note(vm: &Vm, link: &SharedLink, reply: Option<&ViewReply>) {
    let mut l = link.borrow_mut();
    let Some(reply) = reply else {
        l.stale.lost = true;
        return;
    };
    l.view = reply.view;
    let lost = std::mem::take(&mut l.stale.lost);
    if lost || reply.everything_changed {
        l.cache.clear();
        l.stale.everything = true;
        l.stale.ids.extend(vm.model.heap.ids_in_memory());
    } else {
        l.stale.tell(&reply.changed_ids);
        for &id in &reply.changed_ids {
            l.cache.forget(id);
            if vm.model.heap.find(ObjectId(id)).is_some() {
                l.stale.ids.insert(id);
            }
        }
    }
}

/// The session's own commit is durable, and the stone could not tell the view after it: what is in memory is partly of that and partly older. Cannot fail.
pub fn note_own_commit(vm: &Vm, link: &SharedLink) {
    let mut l = link.borrow_mut();
    l.stale.lost = true;
    l.stale.everything = true;
    l.stale.ids.extend(vm.model.heap.ids_in_memory());
}

/// Reads again what is stale. Objects that this transaction changed keep their changes, except those with ids in `restore`: they are read again even when nobody
/// else changed them. When others changed one that keeps its changes, the transaction can only be aborted.
///
/// # Errors
/// `Heap`: as [`Heap::ready_refresh`](gem_heap::Heap::ready_refresh) for each object, and what `StoneLink::fetch` gives for its record. Nothing in memory has
/// changed then.
pub fn complete(
    vm: &mut Vm,
    link: &SharedLink,
    restore: &HashSet<u64>,
) -> Result<(), SessionError> {
    link.borrow_mut().stale.ids.extend(restore);
    let mut targets = targets(vm, link, restore)?;
    link.borrow_mut().stale.moving = true;
    let outcome = refresh_all(vm, link, &mut targets);
    let mut l = link.borrow_mut();
    l.stale.moving = false;
    if outcome.is_ok() {
        l.stale.clear();
        vm.model.heap.transaction_began();
    }
    outcome
}

/// What of the stale ids is in memory and has to be read again; forgets the others.
fn targets(
    vm: &mut Vm,
    link: &SharedLink,
    restore: &HashSet<u64>,
) -> Result<Vec<Target>, SessionError> {
    let mut targets = Vec::new();
    let mut overtaken = false;
    let mut l = link.borrow_mut();
    let stale = &mut l.stale;
    for &id in stale.ids.union(&stale.doubtful) {
        let Some(object) = vm.model.heap.find(ObjectId(id)) else {
            continue;
        };
        if vm.model.heap.is_dirty(object) && !restore.contains(&id) {
            overtaken = true;
        } else if !vm.model.heap.is_symbol(object)
            && (vm.model.heap.is_committed(object) || stale.doubtful.contains(&id))
        {
            let record = None;
            targets.push(Target { id, object, record });
        }
    }
    stale.ids = targets.iter().map(|t| t.id).collect();
    drop(l);
    state(vm)?.abort_needed |= overtaken;
    Ok(targets)
}

fn refresh_all(
    vm: &mut Vm,
    link: &SharedLink,
    targets: &mut Vec<Target>,
) -> Result<(), SessionError> {
    let records = read(vm, link, targets)?;
    let mut formats = Vec::new();
    let mut tables_changed = false;
    let ready = make_ready(vm, targets, &records, &mut formats, &mut tables_changed);
    let ready = match ready {
        Ok(ready) => ready,
        Err(e) => {
            for (class, format) in formats {
                vm.model.heap.set_class_format(class, format);
            }
            return Err(e);
        }
    };
    // From here on nothing fails.
    let dirty = vm.model.heap.take_dirty();
    let mut moved = Vec::new();
    for refresh in ready {
        moved.extend(vm.model.heap.finish_refresh(refresh).exchange());
    }
    let kept: Vec<Oop> = dirty
        .into_iter()
        .filter(|&o| vm.model.heap.is_dirty(o))
        .collect();
    vm.model.heap.restore_dirty(&kept);
    vm.forward_all(&moved);
    if tables_changed {
        vm.forget_class_tables();
    }
    Ok(())
}

/// Reads the records of `targets`. Where everything may have changed, those that did not leave.
fn read(
    vm: &mut Vm,
    link: &SharedLink,
    targets: &mut Vec<Target>,
) -> Result<Vec<u8>, SessionError> {
    let mut records = Vec::new();
    let mut l = link.borrow_mut();
    for batch in targets.chunks_mut(BATCH) {
        let missing: Vec<u64> = batch
            .iter()
            .map(|t| t.id)
            .filter(|&id| !l.cache.contains(id))
            .collect();
        l.fetch(&missing).map_err(HeapError::Host)?;
        for target in batch {
            let start = records.len();
            let found = l.copy_fetched(target.id, &mut records);
            if !found.map_err(HeapError::Host)? {
                if l.stale.doubtful.contains(&target.id) {
                    continue;
                }
                let missing = HostError::Missing(ObjectId(target.id));
                return Err(HeapError::Host(missing).into());
            }
            if l.stale.everything && is_as(vm, target.object, &records[start..]) {
                records.truncate(start);
                l.stale.ids.remove(&target.id);
                continue;
            }
            target.record = Some(start..records.len());
        }
    }
    targets.retain(|t| t.record.is_some());
    Ok(records)
}

/// Whether a clean object is as `record` tells.
fn is_as(vm: &Vm, object: Oop, record: &[u8]) -> bool {
    if vm.model.heap.is_dirty(object) || !vm.model.heap.is_committed(object) {
        return false;
    }
    let mut here = Vec::with_capacity(record.len());
    let encoded = vm.model.heap.to_record(object).map(|r| r.encode(&mut here));
    encoded.is_ok() && here == record
}

/// Makes every target ready, classes before their instances. `formats` takes down what the class table said of classes whose format changes.
fn make_ready<'a>(
    vm: &mut Vm,
    targets: &[Target],
    records: &'a [u8],
    formats: &mut Vec<(ClassIndex, i64)>,
    tables_changed: &mut bool,
) -> Result<Vec<ReadyRefresh<'a>>, SessionError> {
    let mut parsed = Vec::with_capacity(targets.len());
    for target in targets {
        let bytes = target.record.clone().map_or(&[][..], |r| &records[r]);
        let view = RecordView::parse(bytes)
            .map_err(|e| HeapError::Host(HostError::Damaged(e.to_string())))?;
        if let Some(class) = vm.model.heap.known_class_index(target.object) {
            formats.push((class, vm.model.heap.class_format(class)));
            let format = (view.size() > behavior::FORMAT).then(|| view.slot(behavior::FORMAT));
            let Some(format) = format.and_then(Oop::as_small_int) else {
                let text = format!("the record of class {} tells no format", target.id);
                return Err(HeapError::Host(HostError::Damaged(text)).into());
            };
            vm.model.heap.set_class_format(class, format);
        }
        parsed.push((target.object, view));
    }
    let mut ready = Vec::with_capacity(parsed.len());
    for (object, view) in parsed {
        *tables_changed |= vm.model.heap.is_watched(object);
        ready.push(vm.model.heap.ready_refresh(object, &view)?);
    }
    Ok(ready)
}
