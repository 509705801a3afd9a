//! The view moves without a commit: abort and begin, and a client that rests and goes on.

use crate::error::SessionError;
use crate::host::{SharedLink, may_have_happened};
use crate::state::{keep_report, link, state};
use crate::transaction::{needs_commit, settle_transaction};
use crate::view;
use gem_vm::Vm;
use hashbrown::HashSet;
use proto::messages::RefreshRequest;

/// Asks for the newest view. What the stone tells is taken down before anything else.
fn refresh_view(
    vm: &mut Vm,
    link: &SharedLink,
    outside_transaction: bool,
) -> Result<u64, SessionError> {
    let answer = link.borrow_mut().ask_for_view(|l| {
        l.stone.refresh(RefreshRequest {
            session: l.session,
            outside_transaction,
        })
    });
    match answer {
        Ok(reply) => {
            view::note(vm, link, Some(&reply));
            Ok(reply.view)
        }
        Err(e) => {
            if may_have_happened(&e) {
                view::note(vm, link, None);
            }
            Err(e.into())
        }
    }
}

/// Moves to the newest view, and reads what changed; answers it.
pub(crate) fn move_to_newest(vm: &mut Vm, link: &SharedLink) -> Result<u64, SessionError> {
    let view = refresh_view(vm, link, false)?;
    view::complete(vm, link, &HashSet::new())?;
    Ok(view)
}

/// Drops the transaction's changes to committed objects, and moves the view to the newest commit. When it fails, the changes are still there and cannot be
/// committed: abort again.
///
/// # Errors
/// `Stone` with what the stone says when it does not move the view; as `view::complete`.
pub fn abort(vm: &mut Vm) -> Result<(), SessionError> {
    let link = link(vm)?;
    state(vm)?.abort_needed = true;
    refresh_view(vm, &link, false)?;
    let dirty = vm.model.heap.dirty_objects();
    let ids = dirty.iter().filter_map(|&o| vm.model.heap.id_of(o));
    let ids: HashSet<u64> = ids.map(|id| id.0).collect();
    view::complete(vm, &link, &ids)?;
    settle_transaction(vm)?;
    keep_report(vm, None)?;
    let state = state(vm)?;
    state.aborts += 1;
    state.abort_needed = false;
    Ok(())
}

/// Begins a transaction: aborts the running one.
///
/// # Errors
/// As `abort`.
pub fn begin(vm: &mut Vm) -> Result<(), SessionError> {
    abort(vm)?;
    state(vm)?.began = true;
    Ok(())
}

/// The client is idle: unless it began a transaction or changed something, the stone need not keep its view meanwhile. What others changed is only
/// taken down, because a session outside of a transaction reads nothing.
///
/// # Errors
/// `Stone` with what the stone says: the session does not rest then.
pub fn rest(vm: &mut Vm) -> Result<(), SessionError> {
    let link = link(vm)?;
    let state = state(vm)?;
    let busy = state.began || state.abort_needed || state.replay.is_under_way();
    let resting = link.borrow().resting;
    if busy || resting || needs_commit(vm) || !link.borrow().stale.is_empty() {
        return Ok(());
    }
    refresh_view(vm, &link, true)?;
    link.borrow_mut().resting = true;
    Ok(())
}

/// The idle client goes on, at the newest commit.
///
/// # Errors
/// As `abort`: the session still rests then.
pub fn resume(vm: &mut Vm) -> Result<(), SessionError> {
    let link = link(vm)?;
    let resting = link.borrow().resting;
    if resting {
        move_to_newest(vm, &link)?;
        link.borrow_mut().resting = false;
    }
    Ok(())
}
