//! Compares what a session has in memory with what its stone says.

use super::model_stone::ModelStone;
use crate::Session;
use gem_heap::HostError;
use proto::{ObjectId, wellknown};

/// Every clean committed object is as its record at the session's view, or known to be stale.
pub fn check_memory(session: &mut Session, stone: &ModelStone) -> Result<(), String> {
    let (view, stale) = {
        let state = session.state();
        (state.view(), state.stale_ids())
    };
    if !session.state().is_complete() && !session.state().is_resting() {
        refuses_records(session)?;
    }
    let heap = &session.vm.heap;
    for id in heap.ids_in_memory() {
        let Some(object) = heap.find(ObjectId(id)) else {
            continue;
        };
        if !heap.is_committed(object) || heap.is_dirty(object) || stale.contains(&id) {
            continue;
        }
        let here = heap.to_record(object).map_err(|other| {
            format!("object {id} is committed and refers to {other:?}, which has no id")
        })?;
        let mut bytes = Vec::new();
        here.encode(&mut bytes);
        match stone.record_at(id, view) {
            None => return Err(format!("object {id} is in memory and not in the stone")),
            Some(there) if there != bytes => {
                return Err(format!(
                    "object {id} of class {} is not as the view {view} shows it",
                    here.class
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// A session that does not have all that its view shows gives no record.
fn refuses_records(session: &mut Session) -> Result<(), String> {
    let mut record = Vec::new();
    let root = wellknown::PERSISTENT_ROOT;
    match session.vm.heap.host().record(root, &mut record) {
        Err(HostError::Incomplete) => Ok(()),
        other => Err(format!(
            "the view is not complete, and a fault answers {other:?}"
        )),
    }
}
