//! What the stone tells of itself.

use super::rows;
use crate::eval::fail_of;
use crate::state::state;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use proto::messages::{SessionsRequest, StatusRequest};
use proto::service::Stone;
use std::sync::Arc;

rows! {
    stoneSessions => sessions, "talks to the stone";
    stoneStatus => status, "talks to the stone";
}

fn stone(vm: &mut Vm) -> Result<Arc<dyn Stone>, Fail> {
    Ok(state(vm).map_err(fail_of)?.link.borrow().stone.clone())
}

fn number(vm: &mut Vm, n: u64) -> PrimResult {
    Ok(vm
        .model
        .heap
        .new_integer_i64(i64::try_from(n).unwrap_or(i64::MAX))?)
}

/// An Array for each session: number, user, program, process, view, whether outside of a transaction, commits, how many commits of others its view is behind,
/// whether the view was revoked.
fn sessions(vm: &mut Vm, _: Args) -> PrimResult {
    let asked = stone(vm)?.sessions(SessionsRequest {});
    let reply = asked.map_err(|e| fail_of(e.into()))?;
    let mut rows = Vec::new();
    for row in reply.sessions {
        let values = [
            number(vm, row.session)?,
            vm.model.heap.new_string(row.user.as_bytes())?,
            vm.model.heap.new_string(row.client.as_bytes())?,
            number(vm, row.pid.into())?,
            number(vm, row.view)?,
            Oop::from_bool(row.outside_transaction),
            number(vm, row.commits)?,
            number(vm, row.behind)?,
            Oop::from_bool(row.view_revoked),
        ];
        rows.push(vm.model.heap.new_array(&values)?);
    }
    Ok(vm.model.heap.new_array(&rows)?)
}

fn named(vm: &mut Vm, figures: &[(&str, u64)]) -> Result<Vec<Oop>, Fail> {
    let mut values = Vec::with_capacity(figures.len() * 2);
    for &(name, figure) in figures {
        values.push(vm.model.heap.symbol(name));
        values.push(number(vm, figure)?);
    }
    Ok(values)
}

/// Names and figures of the stone, flat.
fn status(vm: &mut Vm, _: Args) -> PrimResult {
    let asked = stone(vm)?.status(StatusRequest {});
    let s = asked.map_err(|e| fail_of(e.into()))?;
    let figures = [
        ("ProcessId", s.pid.into()),
        ("CommitSequence", s.commit_seq),
        ("CheckpointSequence", s.checkpoint_seq),
        ("NextObjectId", s.next_id),
        ("PageCount", s.page_count),
        ("SymbolCount", s.symbol_count),
        ("SessionCount", s.session_count),
        ("LooseRecords", s.loose_records),
        ("LooseBytes", s.loose_bytes),
        ("TranlogBytes", s.tranlog_bytes),
        ("TotalCommits", s.commit_count),
        ("TotalConflicts", s.conflict_count),
        ("TotalSyncs", s.sync_count),
    ];
    let mut values = named(vm, &figures)?;
    for (name, text) in [
        ("Name", s.name),
        ("DataDirectory", s.data_dir),
        ("Version", s.version),
    ] {
        values.push(vm.model.heap.symbol(name));
        values.push(vm.model.heap.new_string(text.as_bytes())?);
    }
    Ok(vm.model.heap.new_array(&values)?)
}
