//! Compares what a session has in memory with what its stone says.

use super::model_stone::ModelStone;
use crate::Session;
use gem_heap::HostError;
use proto::{ObjectId, wellknown};

/// The last view that memory was of as a whole, and the numbers that the session has had at the stone.
#[derive(Default)]
pub struct Whole {
    pub view: u64,
    pub numbers: Vec<u64>,
}

/// Every clean committed object is as its record at the session's view, unless it is known to be stale. While the session waits for what it could not read,
/// everything is as the view `whole` shows it, of which memory was last, apart from its own commits since.
pub fn check_memory(
    session: &mut Session,
    stone: &ModelStone,
    whole: &mut Whole,
) -> Result<(), String> {
    let state = session.state();
    let (view, stale) = (state.view(), state.stale_ids());
    let number = state.session();
    if !whole.numbers.contains(&number) {
        whole.numbers.push(number);
    }
    let waits = !stale.is_empty();
    if !waits {
        whole.view = view;
    }
    check_fault(session, stone, whole)?;
    let heap = &session.vm.heap;
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
        if !stale.contains(&id) && stone.record_at(id, view).as_ref() != Some(&bytes) {
            return Err(format!(
                "object {id} of class {class} is not as the view {view} shows it"
            ));
        }
        if waits && stone.record_of(id, whole.view, &whole.numbers).as_ref() != Some(&bytes) {
            return Err(format!(
                "object {id} of class {class} is not as the old view {} shows it",
                whole.view
            ));
        }
    }
    Ok(())
}

/// What a fault answers is as the session's view shows it, and as memory does.
fn check_fault(session: &mut Session, stone: &ModelStone, whole: &Whole) -> Result<(), String> {
    let state = session.state();
    let (view, stale) = (state.view(), state.stale_ids());
    let root = wellknown::PERSISTENT_ROOT.0;
    for id in stale.iter().copied().take(2).chain([root]) {
        let mut record = Vec::new();
        match session.vm.heap.host().record(ObjectId(id), &mut record) {
            Ok(()) => {
                let record = Some(record);
                if stone.record_at(id, view) != record {
                    return Err(format!("a fault answers {id} as the view {view} does not"));
                }
                if !stale.is_empty() && stone.record_of(id, whole.view, &whole.numbers) != record {
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
