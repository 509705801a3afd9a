//! Reduced-conflict objects: what a transaction did with them is kept as a list of messages. When the only objects in conflict are theirs, they are read again
//! at the new view, the messages are sent once more, and the commit is tried again.
//!
//! The list and the objects that such an operation changed belong to one transaction. Sending the messages is the caller's: a primitive runs no code.

use crate::commit::{link, state};
use crate::error::SessionError;
use crate::view;
use gem_vm::{Oop, Vm};
use hashbrown::HashSet;
use proto::ObjectId;
use proto::messages::CommitConflict;

/// See the module text.
pub(crate) struct Replay {
    /// Array of Arrays: receiver, selector, arguments. Held by the machine.
    pub log: Oop,
    /// Ids of the committed objects that the operations were the first to change.
    objects: HashSet<u64>,
    /// Something was done that the list does not tell.
    tainted: bool,
}

impl Replay {
    pub fn new(log: Oop) -> Replay {
        Replay {
            log,
            objects: HashSet::new(),
            tainted: false,
        }
    }
}

/// An operation changed the objects that became dirty since there were `mark` of them; `entry` tells it again. Without an entry the log tells it already.
///
/// # Errors
/// No memory.
pub(crate) fn note(vm: &mut Vm, mark: usize, entry: Option<Oop>) -> Result<(), SessionError> {
    let changed: Vec<u64> = vm.heap.dirty_objects()[mark.min(vm.heap.dirty_count())..]
        .iter()
        .filter_map(|&o| vm.heap.id_of(o))
        .map(|id| id.0)
        .collect();
    let replay = &mut state(vm)?.replay;
    replay.objects.extend(changed);
    let log = replay.log;
    if let Some(entry) = entry {
        vm.heap.push(log, entry)?;
    }
    Ok(())
}

/// From now on this transaction's conflicts are final.
///
/// # Errors
/// For a machine that has no session.
pub(crate) fn taint(vm: &mut Vm) -> Result<(), SessionError> {
    state(vm)?.replay.tainted = true;
    Ok(())
}

/// The transaction is over.
///
/// # Errors
/// For a machine that has no session.
pub(crate) fn clear(vm: &mut Vm) -> Result<(), SessionError> {
    let replay = &mut state(vm)?.replay;
    replay.objects.clear();
    replay.tainted = false;
    let log = replay.log;
    Ok(vm.heap.resize(log, 0)?)
}

/// Whether only reduced-conflict objects are in the way. Then they are as the new view shows them, and the log waits to be sent.
///
/// # Errors
/// When the repository cannot give what changed.
pub(crate) fn prepare(vm: &mut Vm, conflict: &CommitConflict) -> Result<bool, SessionError> {
    let Some(reply) = &conflict.view else {
        return Ok(false);
    };
    let replay = &state(vm)?.replay;
    let ours = |id: u64| replay.objects.contains(&id);
    if replay.tainted
        || conflict.conflicts.is_empty()
        || !conflict.conflicts.iter().all(|c| ours(c.id))
    {
        return Ok(false);
    }
    let ids: HashSet<u64> = replay.objects.clone();
    let mut restore: Vec<ObjectId> = ids.iter().copied().map(ObjectId).collect();
    restore.sort_unstable_by_key(|id| id.0);
    let dirty = vm.heap.take_dirty();
    let (redone, kept): (Vec<Oop>, Vec<Oop>) = dirty
        .into_iter()
        .partition(|&o| vm.heap.id_of(o).is_some_and(|id| ids.contains(&id.0)));
    vm.heap.restore_dirty(&kept);
    let link = link(vm)?;
    if let Err(e) = view::move_to(vm, &link, reply, &restore) {
        vm.heap.restore_dirty(&redone);
        return Err(e);
    }
    Ok(true)
}
