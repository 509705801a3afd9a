//! Commit. The ladder of a commit: closure, symbols, ids and records, the stone's answer, the new view.

use crate::abort::move_to_newest;
use crate::encode;
use crate::error::SessionError;
use crate::fate::{self, Outcome, Token};
use crate::host::{SharedLink, may_have_happened};
use crate::line::is_broken;
use crate::replay;
use crate::report::ConflictReport;
use crate::state::{keep_report, link, state};
use crate::symbols::intern;
use crate::transaction::{needs_commit, settle_transaction};
use crate::view;
use crate::walk::{self, Closure};
use bytes::Bytes;
use format::{ObjectId, wellknown};
use gem_vm::{Oop, Vm};
use hashbrown::HashSet;
use proto::messages::commit_reply::Result as Reply;
use proto::messages::{CommitConflict, CommitRejected, CommitRequest, RejectReason};
use proto::service::StoneError;
use std::sync::atomic::Ordering;

/// What a commit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The view after it.
    pub view: u64,
    pub objects: usize,
    pub bytes: usize,
}

/// Makes the transaction's changes durable.
///
/// # Errors
/// `Conflict`, or `Replay` when the messages of the replay log can settle it; `NotPersistable`; `Rejected`; `AbortNeeded` or `Incomplete` when the transaction
/// cannot be committed any more; `LineBroke` or `OutcomeUnknown` when the connection broke; `Heap` as `walk::closure` and `encode::write_set`; `Stone` with what
/// the stone says beside that. The changes are kept.
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
    let report = match &outcome {
        Ok(_) => None,
        Err(SessionError::Conflict(report) | SessionError::Replay(report)) => {
            Some((**report).clone())
        }
        Err(SessionError::NotPersistable(refusal)) => Some(ConflictReport::of_refusal(refusal)),
        Err(SessionError::AbortNeeded | SessionError::Incomplete) => {
            Some(ConflictReport::plain("commitDisallowed"))
        }
        Err(SessionError::LineBroke) => Some(ConflictReport::plain("connectionLost")),
        Err(SessionError::OutcomeUnknown { token, .. }) => Some(ConflictReport {
            token: Some(*token),
            ..ConflictReport::plain("outcomeUnknown")
        }),
        Err(other) => Some(ConflictReport::plain(other.to_string())),
    };
    keep_report(vm, report)?;
    outcome
}

fn attempt(vm: &mut Vm, roots: &[Oop], root: Option<ObjectId>) -> Result<Committed, SessionError> {
    let link = link(vm)?;
    let state = state(vm)?;
    // The messages of the replay log were not all sent again: what they did is half gone.
    state.abort_needed |= state.replay.is_under_way();
    if state.abort_needed {
        return Err(SessionError::AbortNeeded);
    }
    if !link.borrow().stale.is_empty() && (needs_commit(vm) || !roots.is_empty()) {
        return Err(SessionError::Incomplete);
    }
    walk::store_changed_processes(vm)?;
    let dirty = vm.model.heap.dirty_objects();
    if dirty.is_empty() && roots.is_empty() {
        let view = move_to_newest(vm, &link)?;
        settle_transaction(vm)?;
        return Ok(Committed {
            view,
            objects: 0,
            bytes: 0,
        });
    }
    if link.borrow().read_only {
        return Err(StoneError::ReadOnly.into());
    }
    let closure = walk::closure(vm, &dirty, roots)?;
    intern(vm, &link, &closure.symbols)?;
    let set = encode::write_set(vm, &closure)?;
    let bytes = set.len();
    // The line may have broken meanwhile, unnoticed by whoever asked, and the session is at a newer view than what it writes.
    if !link.borrow().stale.is_empty() {
        return Err(SessionError::Incomplete);
    }
    match send(vm, &link, set.into(), root) {
        Ok(Some(Reply::Committed(done))) => {
            let committed = settle(vm, &link, &closure, bytes, &done)?;
            // The commit stands whatever comes of this: what could not be read is stale until the next abort.
            let _ = match done.view {
                Some(_) => view::complete(vm, &link, &HashSet::new()),
                None => move_to_newest(vm, &link).map(|_| ()),
            };
            Ok(committed)
        }
        Ok(Some(Reply::Conflict(conflict))) => Err(lose(vm, &link, &conflict)),
        Ok(Some(Reply::Rejected(rejected))) => Err(SessionError::Rejected(explain(vm, &rejected))),
        Ok(None) => {
            doubt(vm, &link, &closure);
            let text = "the stone gave an answer that this gem does not know";
            Err(StoneError::Unavailable(text.to_string()).into())
        }
        Err(e) => {
            if matches!(e, SessionError::OutcomeUnknown { .. }) {
                doubt(vm, &link, &closure);
            }
            Err(e)
        }
    }
}

/// A commit is sent again over a new line so many times.
const SENDS_MAX: usize = 3;

/// Sends the write set. When the answer is lost, the stone is asked what became of the commit; one that did not happen is sent again, if nobody else committed
/// meanwhile. A commit whose answer was lost and that happened has no view.
fn send(
    vm: &Vm,
    link: &SharedLink,
    write_set: Bytes,
    root: Option<ObjectId>,
) -> Result<Option<Reply>, SessionError> {
    let interrupted = || vm.exec.interrupted.load(Ordering::Relaxed);
    for _ in 0..SENDS_MAX {
        let (stone, session, view) = {
            let l = link.borrow();
            (l.stone.clone(), l.session, l.view)
        };
        // The kernel's makers get the same log for the same sources.
        let token = match vm.model.booting {
            true => None,
            false => Some(Token::new(view)?),
        };
        let answer = stone.commit(CommitRequest {
            session,
            write_set: write_set.clone(),
            depends_on: Vec::new(),
            token: token.map(Token::bytes).unwrap_or_default().into(),
            root: root.map(|r| r.0),
        });
        let e = match answer {
            Ok(reply) => return Ok(reply.result),
            Err(e) => e,
        };
        if may_have_happened(&e) {
            let unknown = |token, why: StoneError| SessionError::OutcomeUnknown {
                token,
                why: why.to_string(),
            };
            let Some(token) = token else {
                return Err(e.into());
            };
            match fate::resolve(link, token, &interrupted) {
                Ok(Outcome::Committed { seq }) => {
                    let done = proto::messages::Committed { seq, view: None };
                    return Ok(Some(Reply::Committed(done)));
                }
                // The answer may have told of a conflict, which moved the view at the stone.
                Ok(Outcome::NeverHappened) => link.borrow_mut().stale.lost |= is_broken(&e),
                Ok(Outcome::Forgotten) => return Err(unknown(token, e)),
                Err(why) => return Err(unknown(token, why)),
            }
        }
        if !is_broken(&e) {
            return Err(e.into());
        }
        let mut l = link.borrow_mut();
        if !l.reconnect()? {
            return Err(SessionError::LineBroke);
        }
        // The stone is where memory is, and nothing was stale when the commit was sent.
        l.stale.lost = false;
    }
    Err(SessionError::LineBroke)
}

/// The commit is durable: takes down that it is, before anything is done that can fail.
fn settle(
    vm: &mut Vm,
    link: &SharedLink,
    closure: &Closure,
    bytes: usize,
    done: &proto::messages::Committed,
) -> Result<Committed, SessionError> {
    let _ = vm.model.heap.take_dirty();
    closure
        .objects
        .iter()
        .for_each(|&o| vm.model.heap.mark_committed(o));
    {
        let mut l = link.borrow_mut();
        let ids = closure
            .objects
            .iter()
            .filter_map(|&o| vm.model.heap.id_of(o));
        ids.for_each(|id| l.cache.forget(id.0));
    }
    match &done.view {
        Some(reply) => view::note(vm, link, Some(reply)),
        None => view::note_own_commit(vm, link),
    }
    settle_transaction(vm)?;
    let state = state(vm)?;
    state.commits += 1;
    state.bytes_committed += bytes as u64;
    state.objects_committed += closure.objects.len() as u64;
    Ok(Committed {
        view: done.view.as_ref().map_or(done.seq, |v| v.view),
        objects: closure.objects.len(),
        bytes,
    })
}

/// Nobody knows whether the commit happened. Its new objects may be in the repository, so they must be found by their ids when the next view is read.
fn doubt(vm: &mut Vm, link: &SharedLink, closure: &Closure) {
    let mut l = link.borrow_mut();
    for &object in &closure.objects {
        if !vm.model.heap.is_committed(object)
            && let Some(id) = vm.model.heap.id_of(object)
        {
            vm.model.heap.set_id(object, id);
            l.stale.doubtful.insert(id.0);
        }
    }
    l.stale.lost = true;
}

/// Others were faster; the stone has moved the view. Either the replay log can do it again, or the transaction can only be aborted.
fn lose(vm: &mut Vm, link: &SharedLink, conflict: &CommitConflict) -> SessionError {
    view::note(vm, link, conflict.view.as_ref());
    link.borrow_mut().resting = false;
    match replay::prepare(vm, link, conflict) {
        Ok(true) => {
            let report = ConflictReport::of_conflict(vm, conflict);
            SessionError::Replay(Box::new(report))
        }
        Ok(false) => {
            if let Ok(state) = state(vm) {
                state.abort_needed = true;
            }
            // Only at the new view can the report's objects be read; without it the report tells less.
            let _ = view::complete(vm, link, &HashSet::new());
            let report = ConflictReport::of_conflict(vm, conflict);
            SessionError::Conflict(Box::new(report))
        }
        Err(e) => {
            if let Ok(state) = state(vm) {
                state.abort_needed = true;
            }
            e
        }
    }
}

fn explain(vm: &mut Vm, rejected: &CommitRejected) -> String {
    let mut text = rejected.message.clone();
    if rejected.reason() == RejectReason::DeadReference {
        for &id in rejected.ids.iter().take(10) {
            let what = match vm.model.heap.find(ObjectId(id)) {
                Some(object) => crate::path::describe(vm, object),
                None => format!("object {id}"),
            };
            text.push_str(&format!("; {what} does not exist any more"));
        }
    }
    text
}

/// Writes the first commit of a repository.
///
/// # Errors
/// As `commit`.
pub(crate) fn commit_first(vm: &mut Vm, root: Oop) -> Result<Committed, SessionError> {
    commit_with_roots(vm, &[root], Some(wellknown::REPOSITORY_ROOT))
}
