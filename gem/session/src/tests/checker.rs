//! Compares what a session has in memory with what its stone says.

use super::dice_stone::DiceStone;
use crate::Session;
use format::{ObjectId, wellknown};
use gem_heap::HostError;

/// The last view that memory was of as a whole.
#[derive(Default)]
pub struct Whole {
    pub view: u64,
}

/// Every clean committed object is as its record at the session's view, unless it is known to be stale. While the session waits for what it could not read,
/// everything is as the view `whole` shows it, of which memory was last, apart from its own commits since.
pub fn check_memory(
    session: &mut Session,
    stone: &DiceStone,
    whole: &mut Whole,
) -> Result<(), String> {
    let state = session.state();
    let (view, stale) = (state.view(), state.stale_ids());
    let numbers = stone.numbers_of(state.session());
    let waits = !stale.is_empty();
    if !waits {
        whole.view = view;
    }
    check_fault(session, stone, whole, &numbers)?;
    let heap = &session.vm.model.heap;
    for id in heap.ids_in_memory() {
        let Some(object) = heap.find(ObjectId(id)) else {
            continue;
        };
        if !heap.is_committed(object) || heap.is_dirty(object) {
            continue;
        }
        let here = heap.to_record(object).map_err(|other| {
            format!("object {id} is committed and refers to {other:?}, which has no id")
        })?;
        let mut bytes = Vec::new();
        here.encode(&mut bytes);
        let class = here.class;
        if !stale.contains(&id) && stone.model.record_at(id, view).as_ref() != Some(&bytes) {
            return Err(format!(
                "object {id} of class {class} is not as the view {view} shows it"
            ));
        }
        if waits && stone.model.record_of(id, whole.view, &numbers).as_ref() != Some(&bytes) {
            return Err(format!(
                "object {id} of class {class} is not as the old view {} shows it",
                whole.view
            ));
        }
    }
    Ok(())
}

/// What a fault answers is as the session's view shows it, and as memory does.
fn check_fault(
    session: &mut Session,
    stone: &DiceStone,
    whole: &Whole,
    numbers: &[u64],
) -> Result<(), String> {
    let state = session.state();
    let (view, stale) = (state.view(), state.stale_ids());
    let root = wellknown::PERSISTENT_ROOT.0;
    for id in stale.iter().copied().take(2).chain([root]) {
        let mut record = Vec::new();
        match session
            .vm
            .model
            .heap
            .host()
            .record(ObjectId(id), &mut record)
        {
            Ok(()) => {
                let record = Some(record);
                if stone.model.record_at(id, view) != record {
                    return Err(format!("a fault answers {id} as the view {view} does not"));
                }
                if !stale.is_empty() && stone.model.record_of(id, whole.view, numbers) != record {
                    return Err(format!(
                        "a fault answers {id} as the old view {} does not",
                        whole.view
                    ));
                }
            }
            Err(HostError::ReadOnly(e)) => return Err(e),
            Err(_) => {}
        }
    }
    Ok(())
}
