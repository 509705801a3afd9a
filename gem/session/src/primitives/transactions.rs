//! Commit, abort and what can be asked about a transaction.

use super::rows;
use crate::abort::{abort, begin};
use crate::commit::commit;
use crate::error::SessionError;
use crate::eval::fail_of;
use crate::fate::{Outcome, Token};
use crate::replay;
use crate::report::ConflictReport;
use crate::state::state;
use crate::transaction::needs_commit;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

rows! {
    commitTransaction => commit_transaction, "talks to the stone";
    abortTransaction => abort_transaction, "talks to the stone";
    beginTransaction => begin_transaction, "talks to the stone";
    commitFate => commit_fate, "talks to the stone";
    replayMark => replay_mark, "knows the object memory's list of changes";
    replayNote => replay_note, "session state";
    replayLog => replay_log, "session state";
    replayTaint => replay_taint, "session state";
    replayFailed => replay_failed, "session state";
    needsCommit => needs_commit_, "knows the object memory's list of changes";
    transactionLevel => transaction_level, "session state";
    conflictReport => conflict_report, "session state";
    sessionId => session_id, "session state";
    stoneName => stone_name, "session state";
    isReadOnly => is_read_only, "session state";
    persistentMode => persistent_mode, "machine state";
    setPersistentMode => set_persistent_mode, "machine state";
    sessionStat => session_stat, "session state";
}

/// true; the replay log, when its messages have to be sent before the commit is tried again; or a TransactionError whose value is the report.
fn commit_transaction(vm: &mut Vm, _args: Args) -> PrimResult {
    match commit(vm) {
        Ok(_) => Ok(Oop::TRUE),
        Err(SessionError::Replay(_)) => replay_log(vm, _args),
        Err(e) => {
            let revoked = matches!(
                e,
                SessionError::Stone(proto::service::StoneError::TransactionRevoked)
                    | SessionError::Incomplete
            );
            let mut fail = fail_of(e);
            if !revoked && let Fail::Raise(raise) = &mut fail {
                raise.value = report(vm)?;
            }
            Err(fail)
        }
    }
}

/// Argument: the text of a token. Answers the symbol of what became of its commit.
fn commit_fate(vm: &mut Vm, args: Args) -> PrimResult {
    let text = vm.arg(args, 1);
    if !vm.model.heap.is_bytes(text) {
        return Err(Fail::Fallback);
    }
    let Some(token) = Token::parse(&vm.model.heap.text(text)) else {
        return Err(Fail::Fallback);
    };
    let stone = state(vm).map_err(fail_of)?.link.borrow().stone.clone();
    let outcome = crate::fate::ask(&*stone, token).map_err(|e| fail_of(e.into()))?;
    Ok(vm.model.heap.symbol(match outcome {
        Outcome::Committed { .. } => "committed",
        Outcome::NeverHappened => "never_happened",
        Outcome::Forgotten => "forgotten",
    }))
}

/// How many objects this transaction has changed so far.
fn replay_mark(vm: &mut Vm, _args: Args) -> PrimResult {
    Ok(Oop::small_int_wrapping(vm.model.heap.dirty_count() as i64))
}

/// Arguments: mark, and the Array of receiver, selector and arguments that tells the operation, or nil.
fn replay_note(vm: &mut Vm, args: Args) -> PrimResult {
    let mark = vm.arg(args, 1).as_small_int().ok_or(Fail::Fallback)?;
    let mark = usize::try_from(mark).map_err(|_| Fail::Fallback)?;
    let entry = vm.given(args, 2).filter(|e| !e.is_nil());
    replay::note(vm, mark, entry).map_err(fail_of)?;
    Ok(Oop::NIL)
}

fn replay_log(vm: &mut Vm, _args: Args) -> PrimResult {
    Ok(state(vm).map_err(fail_of)?.replay.log)
}

fn replay_taint(vm: &mut Vm, _args: Args) -> PrimResult {
    replay::taint(vm).map_err(fail_of)?;
    Ok(Oop::NIL)
}

/// A message of the replay log could not do again what it did: the conflict stands.
fn replay_failed(vm: &mut Vm, _args: Args) -> PrimResult {
    let state = state(vm).map_err(fail_of)?;
    state.abort_needed = true;
    let text = "others changed what this transaction relied on".to_string();
    let mut fail = gem_vm::raise(format::wellknown::TRANSACTION_ERROR, text);
    if let Fail::Raise(raise) = &mut fail {
        raise.value = report(vm)?;
    }
    Err(fail)
}

fn abort_transaction(vm: &mut Vm, _args: Args) -> PrimResult {
    abort(vm).map_err(fail_of)?;
    Ok(Oop::NIL)
}

fn begin_transaction(vm: &mut Vm, _args: Args) -> PrimResult {
    begin(vm).map_err(fail_of)?;
    Ok(Oop::NIL)
}

fn needs_commit_(vm: &mut Vm, _args: Args) -> PrimResult {
    Ok(Oop::from_bool(needs_commit(vm)))
}

fn transaction_level(_vm: &mut Vm, _args: Args) -> PrimResult {
    Ok(Oop::small_int_wrapping(1))
}

fn conflict_report(vm: &mut Vm, _args: Args) -> PrimResult {
    report(vm)
}

/// `[result, [[object, class name, kind, winner, path], …]]`, after an outcome that is not known with the commit's token as a third part; or nil.
fn report(vm: &mut Vm) -> PrimResult {
    let Some(report) = state(vm).map_err(fail_of)?.report.clone() else {
        return Ok(Oop::NIL);
    };
    let rows = rows_of(vm, &report)?;
    let known = report.result.chars().all(|c| c.is_ascii_alphanumeric());
    let result = if known {
        vm.model.heap.symbol(&report.result)
    } else {
        vm.model.heap.new_string(report.result.as_bytes())?
    };
    let mut parts = vec![result, rows];
    if let Some(token) = report.token {
        parts.push(vm.model.heap.new_string(token.text().as_bytes())?);
    }
    Ok(vm.model.heap.new_array(&parts)?)
}

fn rows_of(vm: &mut Vm, report: &ConflictReport) -> PrimResult {
    let mut rows = Vec::new();
    for row in &report.rows {
        let mut text = |s: &str| -> PrimResult {
            if s.is_empty() {
                Ok(Oop::NIL)
            } else {
                Ok(vm.model.heap.new_string(s.as_bytes())?)
            }
        };
        let (class, winner, path) = (text(&row.class_name)?, text(&row.winner)?, text(&row.path)?);
        let kind = vm.model.heap.symbol(row.kind);
        rows.push(
            vm.model
                .heap
                .new_array(&[row.object, class, kind, winner, path])?,
        );
    }
    Ok(vm.model.heap.new_array(&rows)?)
}

fn session_id(vm: &mut Vm, _args: Args) -> PrimResult {
    let id = state(vm).map_err(fail_of)?.session();
    Ok(vm.model.heap.new_integer_i64(id as i64)?)
}

/// Names and numbers of what this session has sent and fetched, flat.
fn session_stat(vm: &mut Vm, _args: Args) -> PrimResult {
    let state = state(vm).map_err(fail_of)?;
    let figures = [
        ("CommitCount", state.commits),
        ("AbortCount", state.aborts),
        ("ObjectsCommitted", state.objects_committed),
        ("BytesCommitted", state.bytes_committed),
        ("FaultRequests", state.fault_requests()),
        ("PageCacheBytes", state.cache_bytes() as u64),
    ];
    let mut values = Vec::with_capacity(figures.len() * 2);
    for (name, figure) in figures {
        values.push(vm.model.heap.symbol(name));
        values.push(vm.model.heap.new_integer_i64(figure as i64)?);
    }
    Ok(vm.model.heap.new_array(&values)?)
}

fn stone_name(vm: &mut Vm, _args: Args) -> PrimResult {
    let name = state(vm).map_err(fail_of)?.stone_name.clone();
    Ok(vm.model.heap.new_string(name.as_bytes())?)
}

fn is_read_only(vm: &mut Vm, _args: Args) -> PrimResult {
    Ok(Oop::from_bool(state(vm).map_err(fail_of)?.is_read_only()))
}

fn persistent_mode(vm: &mut Vm, _args: Args) -> PrimResult {
    Ok(Oop::from_bool(vm.model.persistent_mode))
}

/// Answers the old mode.
fn set_persistent_mode(vm: &mut Vm, args: Args) -> PrimResult {
    let wanted = match vm.arg(args, 1) {
        Oop::TRUE => true,
        Oop::FALSE | Oop::NIL => false,
        _ => return Err(Fail::Fallback),
    };
    Ok(Oop::from_bool(std::mem::replace(
        &mut vm.model.persistent_mode,
        wanted,
    )))
}
