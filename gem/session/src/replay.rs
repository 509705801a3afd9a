//! Reduced-conflict objects: what a transaction did with them is kept as a list of messages. When the only objects in conflict are theirs, they are read again
//! at the new view, the messages are sent once more, and the commit is tried again.
//!
//! The list and the objects that such an operation changed belong to one transaction. Sending the messages is the caller's: a primitive runs no code.

use crate::error::SessionError;
use crate::host::SharedLink;
use crate::state::state;
use crate::view;
use gem_vm::{Oop, Vm};
use proto::messages::CommitConflict;

/// The stone names no more conflicts than this: with as many, others may be in the way that it does not name.
const CONFLICTS_MAX: usize = 1000;

/// An operation changed the objects that became dirty since there were `mark` of them; `entry` tells it again. Without an entry the log tells it already;
/// with the mark from which the log was sent again, that has ended.
///
/// # Errors
/// `Heap`: `OutOfMemory` when the log cannot grow, `Frozen` when a program froze it; conflicts of the transaction are final then. `Exit` in a machine that has
/// no session.
pub(crate) fn note(vm: &mut Vm, mark: usize, entry: Option<Oop>) -> Result<(), SessionError> {
    let changed: Vec<u64> = vm.model.heap.dirty_objects()[mark.min(vm.model.heap.dirty_count())..]
        .iter()
        .filter_map(|&o| vm.model.heap.id_of(o))
        .map(|id| id.0)
        .collect();
    let replay = &mut state(vm)?.replay;
    replay.objects.extend(changed);
    let log = replay.log;
    match entry {
        Some(entry) => {
            let told = vm.model.heap.push(log, entry);
            // It was done and cannot be told.
            state(vm)?.replay.tainted |= told.is_err();
            Ok(told?)
        }
        None => {
            replay.under_way.take_if(|begun| *begun == mark);
            Ok(())
        }
    }
}

/// From now on this transaction's conflicts are final.
///
/// # Errors
/// `Exit` in a machine that has no session.
pub(crate) fn taint(vm: &mut Vm) -> Result<(), SessionError> {
    state(vm)?.replay.tainted = true;
    Ok(())
}

/// The transaction is over. Cannot fail in a session.
///
/// # Errors
/// `Exit` in a machine that has no session.
pub(crate) fn clear(vm: &mut Vm) -> Result<(), SessionError> {
    let replay = &mut state(vm)?.replay;
    replay.objects.clear();
    replay.tainted = false;
    replay.under_way = None;
    let log = replay.log;
    // A program can have the log in its hands, and freeze it.
    vm.model.heap.drop_elements(log);
    Ok(())
}

/// Whether only reduced-conflict objects are in the way. Then they are as the new view shows them, and the log waits to be sent.
///
/// # Errors
/// As `view::complete`: the objects are as they were.
pub(crate) fn prepare(
    vm: &mut Vm,
    link: &SharedLink,
    conflict: &CommitConflict,
) -> Result<bool, SessionError> {
    let replay = &state(vm)?.replay;
    let named = &conflict.conflicts;
    if replay.tainted
        || conflict.view.is_none()
        || named.is_empty()
        || named.len() >= CONFLICTS_MAX
        || !named.iter().all(|c| replay.objects.contains(&c.id))
    {
        return Ok(false);
    }
    let restore = replay.objects.clone();
    view::complete(vm, link, &restore)?;
    let mark = vm.model.heap.dirty_count();
    let state = state(vm)?;
    state.replay.under_way = Some(mark);
    Ok(!state.abort_needed)
}
