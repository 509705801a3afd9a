//! What the repository ought to say: every version of every object in a map.

use std::collections::BTreeMap;

/// A commit as the model sees it.
#[derive(Clone, Debug)]
pub struct Change {
    pub seq: u64,
    pub session: u64,
    pub values: BTreeMap<u64, Vec<u8>>,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    changes: Vec<Change>,
}

impl Model {
    pub fn commit(&mut self, change: Change) {
        assert!(self.head() < change.seq);
        self.changes.push(change);
    }

    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter()
    }

    pub fn head(&self) -> u64 {
        self.changes.last().map_or(0, |c| c.seq)
    }

    /// The whole state at `view`.
    pub fn state(&self, view: u64) -> BTreeMap<u64, Vec<u8>> {
        let mut state = BTreeMap::new();
        for change in self.changes.iter().take_while(|c| c.seq <= view) {
            state.extend(change.values.clone());
        }
        state
    }

    pub fn value(&self, id: u64, view: u64) -> Option<&Vec<u8>> {
        self.changes
            .iter()
            .rev()
            .filter(|c| c.seq <= view)
            .find_map(|c| c.values.get(&id))
    }

    /// Whether a session with `view` that writes `ids` has lost to another.
    pub fn conflicts<'a>(
        &self,
        view: u64,
        session: u64,
        mut ids: impl Iterator<Item = &'a u64>,
    ) -> bool {
        let later = || {
            self.changes
                .iter()
                .filter(|c| c.seq > view && c.session != session)
        };
        ids.any(|id| later().any(|c| c.values.contains_key(id)))
    }

    /// Ids that others than `session` changed, not merely created, from `from` until `to`.
    pub fn changed(&self, from: u64, to: u64, session: u64) -> Vec<u64> {
        let between = self
            .changes
            .iter()
            .filter(|c| c.seq > from && c.seq <= to && c.session != session);
        let mut ids = Vec::new();
        for change in between {
            let before = change.seq - 1;
            ids.extend(
                change
                    .values
                    .keys()
                    .filter(|id| self.value(**id, before).is_some()),
            );
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}
