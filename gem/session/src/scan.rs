//! Walks over everything in the repository that the session's view reaches from the root, record by record, without making objects of them.

use crate::error::SessionError;
use crate::state::link;
use format::record::RecordView;
use format::{ObjectId, wellknown};
use gem_heap::HostError;
use gem_vm::{HeapError, Vm};
use hashbrown::{HashMap, HashSet};
use std::sync::atomic::Ordering;

/// Records asked for at a time.
const BATCH: usize = 2048;

/// What a visitor wants next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    GoOn,
    Stop,
}

/// Calls `visit` with the record of every object, breadth first from the root; those of one distance in the order of their ids, as they lie on disk.
///
/// # Errors
/// `Heap`: those of [`Heap::fault`](gem_heap::Heap::fault) that come from outside, when a record cannot be had: `Missing`, `Damaged`, `Unavailable`, `Revoked`,
/// `Incomplete`. `Exit` after an interrupt.
pub fn each_record(
    vm: &mut Vm,
    visit: &mut dyn FnMut(&RecordView) -> Next,
) -> Result<(), SessionError> {
    let link = link(vm)?;
    let mut seen = HashSet::new();
    seen.insert(wellknown::REPOSITORY_ROOT.0);
    let mut level = vec![wellknown::REPOSITORY_ROOT.0];
    let mut bytes = Vec::new();
    while !level.is_empty() {
        let mut deeper = Vec::new();
        level.sort_unstable();
        for batch in level.chunks(BATCH) {
            if vm.exec.interrupted.load(Ordering::Relaxed) {
                return Err(SessionError::Exit("the walk was interrupted".to_string()));
            }
            let mut link = link.borrow_mut();
            for &id in batch {
                link.check_readable(id).map_err(HeapError::Host)?;
            }
            let missing: Vec<u64> = batch
                .iter()
                .copied()
                .filter(|&id| !link.cache.contains(id))
                .collect();
            link.fetch(&missing).map_err(HeapError::Host)?;
            for &id in batch {
                bytes.clear();
                let found = link.copy_fetched(id, &mut bytes);
                if !found.map_err(HeapError::Host)? {
                    return Err(HeapError::Host(HostError::Missing(ObjectId(id))).into());
                }
                let view = RecordView::parse(&bytes)
                    .map_err(|e| HeapError::Host(HostError::Damaged(e.to_string())))?;
                if visit(&view) == Next::Stop {
                    return Ok(());
                }
                deeper.extend(view.references().map(|r| r.0).filter(|&r| seen.insert(r)));
            }
        }
        level = deeper;
    }
    Ok(())
}

/// Ids of the instances of exactly this class, at most `limit`.
///
/// # Errors
/// As `each_record`.
pub fn instances(
    vm: &mut Vm,
    class: ObjectId,
    limit: usize,
) -> Result<Vec<ObjectId>, SessionError> {
    let mut found = Vec::new();
    each_record(vm, &mut |record| {
        if record.class() == class {
            found.push(record.id());
        }
        stop_when(found.len() >= limit)
    })?;
    Ok(found)
}

/// Ids of the objects that refer to `target`, at most `limit`.
///
/// # Errors
/// As `each_record`.
pub fn referrers(
    vm: &mut Vm,
    target: ObjectId,
    limit: usize,
) -> Result<Vec<ObjectId>, SessionError> {
    let mut found = Vec::new();
    each_record(vm, &mut |record| {
        if record.references().any(|r| r == target) {
            found.push(record.id());
        }
        stop_when(found.len() >= limit)
    })?;
    Ok(found)
}

/// Ids from the root to `target`, each referring to the next: a shortest way. Empty when there is none.
///
/// # Errors
/// As `each_record`.
pub fn path(vm: &mut Vm, target: ObjectId) -> Result<Vec<ObjectId>, SessionError> {
    let mut parents: HashMap<u64, u64> = HashMap::new();
    let root = wellknown::REPOSITORY_ROOT.0;
    parents.insert(root, root);
    each_record(vm, &mut |record| {
        for reference in record.references() {
            parents.entry(reference.0).or_insert(record.id().0);
        }
        stop_when(parents.contains_key(&target.0))
    })?;
    if !parents.contains_key(&target.0) {
        return Ok(Vec::new());
    }
    let mut steps = vec![target];
    let mut at = target.0;
    while at != root {
        at = parents[&at];
        steps.push(ObjectId(at));
    }
    steps.reverse();
    Ok(steps)
}

fn stop_when(done: bool) -> Next {
    if done { Next::Stop } else { Next::GoOn }
}
