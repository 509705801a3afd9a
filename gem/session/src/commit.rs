//! Commit and abort. The ladder of a commit: closure, symbols, ids and records, the stone's answer, the new view.

use crate::encode;
use crate::error::SessionError;
use crate::host::SharedLink;
use crate::replay;
use crate::report::ConflictReport;
use crate::state::SessionState;
use crate::view;
use crate::walk;
use gem_vm::{Oop, Vm};
use proto::messages::commit_reply::Result as Reply;
use proto::messages::{
    CommitRejected, CommitRequest, InternSymbolsRequest, RefreshRequest, RejectReason,
};
use proto::{ObjectId, wellknown};

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The view after it.
    pub view: u64,
    pub objects: usize,
    pub bytes: usize,
}

/// The session's state in the machine.
///
/// # Errors
/// For a machine that has no session.
pub(crate) fn state(vm: &mut Vm) -> Result<&mut SessionState, SessionError> {
    vm.extensions
        .find::<SessionState>()
        .ok_or_else(|| SessionError::Exit("this machine is in no session".to_string()))
}

/// Keeps an object alive as long as the session.
pub(crate) fn keep(vm: &mut Vm, object: Oop) -> Result<(), SessionError> {
    let kept = state(vm)?.kept;
    Ok(vm.heap.push(kept, object)?)
}

pub(crate) fn link(vm: &mut Vm) -> Result<SharedLink, SessionError> {
    Ok(state(vm)?.link.clone())
}

/// Whether the transaction changed committed objects.
pub fn needs_commit(vm: &Vm) -> bool {
    vm.heap.has_dirty()
}

/// Makes the transaction's changes durable.
///
/// # Errors
/// `Conflict`, `NotPersistable`, `Rejected`, `AbortNeeded`, or what the stone says. The changes are kept.
pub fn commit(vm: &mut Vm) -> Result<Committed, SessionError> {
    commit_with_roots(vm, &[], None)
}

/// The same; `roots` are stored although nothing committed refers to them, `root` becomes the repository's root.
pub(crate) fn commit_with_roots(
    vm: &mut Vm,
    roots: &[Oop],
    root: Option<ObjectId>,
) -> Result<Committed, SessionError> {
    let outcome = attempt(vm, roots, root);
    if outcome.is_ok() {
        state(vm)?.began = false;
        replay::clear(vm)?;
    }
    let report = match &outcome {
        Ok(_) => None,
        Err(SessionError::Conflict(report) | SessionError::Replay(report)) => {
            Some((**report).clone())
        }
        Err(SessionError::NotPersistable(refusal)) => Some(ConflictReport::of_refusal(refusal)),
        Err(SessionError::AbortNeeded) => Some(ConflictReport::plain("commitDisallowed")),
        Err(other) => Some(ConflictReport::plain(other.to_string())),
    };
    // What a report names stays alive until the next one.
    let named: Vec<Oop> = report
        .iter()
        .flat_map(|r| r.rows.iter().map(|row| row.object))
        .collect();
    let reported = state(vm)?.reported;
    vm.heap.resize(reported, 0)?;
    for object in named {
        vm.heap.push(reported, object)?;
    }
    state(vm)?.report = report;
    outcome
}

fn attempt(vm: &mut Vm, roots: &[Oop], root: Option<ObjectId>) -> Result<Committed, SessionError> {
    if state(vm)?.abort_needed {
        return Err(SessionError::AbortNeeded);
    }
    walk::store_changed_processes(vm)?;
    let dirty = vm.heap.dirty_objects();
    if dirty.is_empty() && roots.is_empty() {
        let reply = refresh_view(vm, false)?;
        let link = link(vm)?;
        view::move_to(vm, &link, &reply, &[])?;
        return Ok(Committed {
            view: reply.view,
            objects: 0,
            bytes: 0,
        });
    }
    let link = link(vm)?;
    if link.borrow().read_only {
        return Err(proto::service::StoneError::ReadOnly.into());
    }
    let closure = walk::closure(vm, &dirty, roots)?;
    intern(vm, &link, &closure.symbols)?;
    let set = encode::write_set(vm, &closure)?;
    let bytes = set.bytes.len();
    let (stone, session) = {
        let l = link.borrow();
        (l.stone.clone(), l.session)
    };
    let reply = stone.commit(CommitRequest {
        session,
        write_set: set.bytes.into(),
        depends_on: Vec::new(),
        root: root.map(|r| r.0),
        token: Vec::new().into(),
    })?;
    match reply.result {
        Some(Reply::Committed(done)) => {
            let _ = vm.heap.take_dirty();
            closure
                .objects
                .iter()
                .for_each(|&o| vm.heap.mark_committed(o));
            {
                let mut l = link.borrow_mut();
                set.ids.iter().for_each(|&id| l.cache.forget(id));
            }
            let state = state(vm)?;
            state.commits += 1;
            state.bytes_committed += bytes as u64;
            state.objects_committed += set.ids.len() as u64;
            let reply = done.view.unwrap_or_default();
            view::move_to(vm, &link, &reply, &[])?;
            Ok(Committed {
                view: reply.view,
                objects: set.ids.len(),
                bytes,
            })
        }
        Some(Reply::Conflict(conflict)) => {
            if replay::prepare(vm, &conflict)? {
                let report = ConflictReport::of_conflict(vm, &conflict);
                return Err(SessionError::Replay(Box::new(report)));
            }
            state(vm)?.abort_needed = true;
            // The stone has moved the view already: only then can the report's objects be read.
            if let Some(reply) = &conflict.view {
                view::move_to(vm, &link, reply, &[])?;
            }
            let report = ConflictReport::of_conflict(vm, &conflict);
            Err(SessionError::Conflict(Box::new(report)))
        }
        Some(Reply::Rejected(rejected)) => Err(SessionError::Rejected(explain(vm, &rejected))),
        None => Err(SessionError::Rejected(
            "the stone gave an answer that this gem does not know".to_string(),
        )),
    }
}

fn explain(vm: &mut Vm, rejected: &CommitRejected) -> String {
    let mut text = rejected.message.clone();
    if rejected.reason() == RejectReason::DeadReference {
        for &id in rejected.ids.iter().take(10) {
            let what = match vm.heap.find(ObjectId(id)) {
                Some(object) => crate::path::describe(vm, object),
                None => format!("object {id}"),
            };
            text.push_str(&format!("; {what} does not exist any more"));
        }
    }
    text
}

/// Gives symbols their ids, in one request.
fn intern(vm: &mut Vm, link: &SharedLink, symbols: &[Oop]) -> Result<(), SessionError> {
    if symbols.is_empty() {
        return Ok(());
    }
    let (stone, session) = {
        let l = link.borrow();
        (l.stone.clone(), l.session)
    };
    let reply = stone.intern_symbols(InternSymbolsRequest {
        session,
        symbols: symbols
            .iter()
            .map(|&s| vm.heap.bytes(s).to_vec().into())
            .collect(),
    })?;
    if reply.ids.len() != symbols.len() {
        return Err(SessionError::Rejected(
            "the stone did not answer for every symbol".to_string(),
        ));
    }
    for (&symbol, &id) in symbols.iter().zip(&reply.ids) {
        vm.heap.set_id(symbol, ObjectId(id));
        vm.heap.mark_committed(symbol);
    }
    Ok(())
}

fn refresh_view(
    vm: &mut Vm,
    outside_transaction: bool,
) -> Result<proto::messages::ViewReply, SessionError> {
    let link = link(vm)?;
    let (stone, session) = {
        let l = link.borrow();
        (l.stone.clone(), l.session)
    };
    Ok(stone.refresh(RefreshRequest {
        session,
        outside_transaction,
    })?)
}

/// Drops the transaction's changes to committed objects, and moves the view to the newest commit.
///
/// # Errors
/// When the stone does not answer.
pub fn abort(vm: &mut Vm) -> Result<(), SessionError> {
    let reply = refresh_view(vm, false)?;
    let link = link(vm)?;
    let dirty = vm.heap.take_dirty();
    let ids: Vec<ObjectId> = dirty.iter().filter_map(|&o| vm.heap.id_of(o)).collect();
    if let Err(e) = view::move_to(vm, &link, &reply, &ids) {
        vm.heap.restore_dirty(&dirty);
        return Err(e);
    }
    replay::clear(vm)?;
    let state = state(vm)?;
    state.aborts += 1;
    state.abort_needed = false;
    state.began = false;
    state.resting = false;
    state.report = None;
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

/// The client is idle: unless it began a transaction or changed something, the stone need not keep its view meanwhile.
///
/// # Errors
/// When the stone does not answer.
pub fn rest(vm: &mut Vm) -> Result<(), SessionError> {
    let state = state(vm)?;
    if state.began || state.abort_needed || state.resting || needs_commit(vm) {
        return Ok(());
    }
    let reply = refresh_view(vm, true)?;
    let link = link(vm)?;
    view::move_to(vm, &link, &reply, &[])?;
    crate::commit::state(vm)?.resting = true;
    Ok(())
}

/// The idle client goes on, at the newest commit.
///
/// # Errors
/// When the stone does not answer.
pub fn resume(vm: &mut Vm) -> Result<(), SessionError> {
    if !state(vm)?.resting {
        return Ok(());
    }
    let reply = refresh_view(vm, false)?;
    let link = link(vm)?;
    view::move_to(vm, &link, &reply, &[])?;
    state(vm)?.resting = false;
    Ok(())
}

/// Writes the first commit of a repository.
///
/// # Errors
/// As `commit`.
pub(crate) fn commit_first(vm: &mut Vm, root: Oop) -> Result<Committed, SessionError> {
    commit_with_roots(vm, &[root], Some(wellknown::REPOSITORY_ROOT))
}
