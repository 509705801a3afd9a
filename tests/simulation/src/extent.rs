//! An extent in memory that keeps a prefix of what was not synced when the power goes.

use crate::dice::Dice;
use bytes::Bytes;
use std::sync::{Arc, Mutex};
use stone_store::extent::{Batch, Key};
use stone_store::{Extent, MemoryExtent, StoreError};

#[derive(Default)]
struct State {
    synced: Vec<(Key, Bytes)>,
    unsynced: Vec<(Key, Bytes)>,
    fail: bool,
    fail_reads: bool,
}

/// Clones share the same content; each opening reads it anew.
#[derive(Clone, Default)]
pub struct SimExtent {
    state: Arc<Mutex<State>>,
    now: Arc<MemoryExtent>,
}

impl SimExtent {
    pub fn reopen(&self) -> SimExtent {
        let now = MemoryExtent::default();
        let mut batch = Batch::default();
        let state = self.state.lock().expect("one thread");
        state
            .synced
            .iter()
            .chain(&state.unsynced)
            .for_each(|(k, v)| batch.put(*k, v.clone()));
        now.apply(batch).expect("memory");
        SimExtent {
            state: self.state.clone(),
            now: Arc::new(now),
        }
    }

    pub fn fail(&self, fail: bool) {
        self.state.lock().expect("one thread").fail = fail;
    }

    pub fn fail_reads(&self, fail: bool) {
        self.state.lock().expect("one thread").fail_reads = fail;
    }

    /// Nothing fails any more.
    pub fn calm(&self) {
        self.fail(false);
        self.fail_reads(false);
    }

    pub fn cut_power(&self, dice: &mut Dice) {
        self.calm();
        let mut state = self.state.lock().expect("one thread");
        let kept = dice.below(state.unsynced.len() as u64 + 1) as usize;
        state.unsynced.truncate(kept);
    }

    pub fn clear(&self) {
        *self.state.lock().expect("one thread") = State::default();
    }
}

impl Extent for SimExtent {
    fn get(&self, key: Key) -> Result<Option<Bytes>, StoreError> {
        if self.state.lock().expect("one thread").fail_reads {
            return Err(StoreError::Io("the simulated read failed".into()));
        }
        self.now.get(key)
    }
    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut state = self.state.lock().expect("one thread");
        if state.fail {
            return Err(StoreError::Io("the simulated extent failed".into()));
        }
        state.unsynced.extend(batch.puts.iter().cloned());
        drop(state);
        self.now.apply(batch)
    }
    fn sync(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock().expect("one thread");
        if state.fail {
            return Err(StoreError::Io("the simulated extent failed".into()));
        }
        let unsynced = std::mem::take(&mut state.unsynced);
        state.synced.extend(unsynced);
        Ok(())
    }
    fn chunk_ids(&self) -> Result<Vec<u64>, StoreError> {
        self.now.chunk_ids()
    }
    fn last_page_id(&self) -> Result<u64, StoreError> {
        self.now.last_page_id()
    }
}
