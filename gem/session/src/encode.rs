//! From a closure of objects to a write set: every object gets its id, then its record.

use crate::error::SessionError;
use crate::walk::Closure;
use format::limits::COMMIT_BYTES_MAX;
use format::record::{Body, Record};
use format::wellknown::slots::{block, context, process, stored_frame};
use format::{ObjectId, wellknown};
use gem_vm::{Oop, Vm};
use hashbrown::{HashMap, HashSet};

/// Gives ids, then encodes. Symbols must have theirs.
///
/// # Errors
/// `Heap`: those of [`Host::lease_ids`](gem_heap::Host::lease_ids), when the session gets no more ids; `Rejected` for a write set above `COMMIT_BYTES_MAX`.
pub fn write_set(vm: &mut Vm, closure: &Closure) -> Result<Vec<u8>, SessionError> {
    for &object in &closure.objects {
        vm.model.heap.ensure_id(object)?;
    }
    let mut nil_ids = HashSet::new();
    let mut as_nil: Vec<Oop> = closure.as_nil.iter().copied().collect();
    as_nil.sort_unstable_by_key(|o| o.bits());
    for object in as_nil {
        nil_ids.insert(vm.model.heap.ensure_id(object)?);
    }
    let mut bytes = Vec::with_capacity(closure.objects.len() * 96);
    let frames = vm.stored_frames();
    for &object in &closure.objects {
        let mut record = vm.model.heap.to_record(object).map_err(|missing| {
            let what = crate::path::describe(vm, missing);
            SessionError::Exit(format!("the commit missed {what}: an internal error"))
        })?;
        clear_private_slots(vm, object, &mut record, &frames);
        if !nil_ids.is_empty() {
            clear_references(&mut record, &nil_ids);
        }
        record.encode(&mut bytes);
        if bytes.len() > COMMIT_BYTES_MAX {
            let mib = COMMIT_BYTES_MAX >> 20;
            return Err(SessionError::Rejected(format!(
                "one transaction can write {mib} MiB and this one writes more: abort it, and commit in smaller parts"
            )));
        }
    }
    Ok(bytes)
}

fn clear_references(record: &mut Record, nil_ids: &HashSet<ObjectId>) {
    let clear = |v: &mut Oop| {
        if v.as_id().is_some_and(|id| nil_ids.contains(&id)) {
            *v = Oop::NIL;
        }
    };
    if let Body::Slots(slots) = &mut record.body {
        slots.iter_mut().for_each(clear);
    }
    record
        .dynamic
        .iter_mut()
        .for_each(|pair| clear(&mut pair.1));
}

/// Numbers of frames, codes and processes mean something in this gem only. What belongs to a frame that is stored names that one instead.
fn clear_private_slots(vm: &Vm, object: Oop, record: &mut Record, frames: &HashMap<u64, ObjectId>) {
    let (slot, value) = match record.class {
        wellknown::EXEC_BLOCK => (block::CREATOR, vm.stored_creator(object, frames)),
        wellknown::VARIABLE_CONTEXT => (context::HOME, Oop::ZERO),
        wellknown::GS_PROCESS => (process::IDENTITY, Oop::NIL),
        // A frame that nobody names has the serial 0, also in the repository.
        wellknown::STORED_FRAME => match &record.body {
            Body::Slots(slots) if slots.get(stored_frame::SERIAL) == Some(&Oop::ZERO) => return,
            _ => (stored_frame::SERIAL, Oop::NIL),
        },
        _ => return,
    };
    if let Body::Slots(slots) = &mut record.body
        && let Some(place) = slots.get_mut(slot)
    {
        *place = value;
    }
}
