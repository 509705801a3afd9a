//! What recent commits changed: as far back as a live view needs to know.

use crate::session::SessionId;
use hashbrown::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// One commit, its changed ids ascending. Objects it created are not named: no older view can
/// have them.
#[derive(Clone, Debug)]
pub struct CommitRecord {
    pub seq: u64,
    pub session: SessionId,
    pub user: Arc<str>,
    pub ids: Arc<[u64]>,
    /// What `last` said before, to take an undurable commit back.
    before: Vec<Option<u64>>,
}

/// Commits after `floor`, and by id the last of them that changed it.
#[derive(Debug, Default)]
pub struct History {
    commits: VecDeque<CommitRecord>,
    last: HashMap<u64, u64>,
    ids: usize,
    /// Commits up to here are forgotten.
    pub floor: u64,
}

impl History {
    pub fn new(floor: u64) -> History {
        History {
            floor,
            ..History::default()
        }
    }

    /// The last remembered commit that changed `id`.
    pub fn last_change(&self, id: u64) -> Option<&CommitRecord> {
        let seq = *self.last.get(&id)?;
        self.get(seq)
    }

    fn get(&self, seq: u64) -> Option<&CommitRecord> {
        let at = self.commits.partition_point(|commit| commit.seq < seq);
        self.commits.get(at).filter(|commit| commit.seq == seq)
    }

    pub fn push(&mut self, seq: u64, session: SessionId, user: Arc<str>, ids: Vec<u64>) {
        debug_assert!(self.commits.back().is_none_or(|last| last.seq < seq));
        let before = ids.iter().map(|id| self.last.insert(*id, seq)).collect();
        self.ids += ids.len();
        self.commits.push_back(CommitRecord {
            seq,
            session,
            user,
            ids: ids.into(),
            before,
        });
    }

    /// Takes back the commits after `seq`.
    pub fn pop_after(&mut self, seq: u64) {
        while self.commits.back().is_some_and(|commit| commit.seq > seq) {
            let commit = self.commits.pop_back().expect("looked at above");
            self.ids -= commit.ids.len();
            for (id, before) in commit.ids.iter().zip(commit.before) {
                match before.filter(|seq| *seq > self.floor) {
                    Some(seq) => self.last.insert(*id, seq),
                    None => self.last.remove(id),
                };
            }
        }
    }

    /// Forgets commits up to `seq`.
    pub fn forget(&mut self, seq: u64) {
        while self.commits.front().is_some_and(|commit| commit.seq <= seq) {
            let commit = self.commits.pop_front().expect("looked at above");
            self.ids -= commit.ids.len();
            for id in commit.ids.iter() {
                if self.last.get(id) == Some(&commit.seq) {
                    self.last.remove(id);
                }
            }
        }
        self.floor = self.floor.max(seq);
    }

    /// Ids that commits in (`from`, `to`] of others than `session` changed, ascending. `None`:
    /// not known any more, or more than `limit`.
    pub fn changed(
        &self,
        from: u64,
        to: u64,
        session: SessionId,
        limit: usize,
    ) -> Option<Vec<u64>> {
        if from < self.floor {
            return None;
        }
        let mut out = Vec::new();
        let start = self.commits.partition_point(|commit| commit.seq <= from);
        for commit in self
            .commits
            .range(start..)
            .take_while(|commit| commit.seq <= to)
        {
            if commit.session != session {
                out.extend_from_slice(&commit.ids);
                if out.len() > limit.saturating_mul(2) {
                    return None;
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        (out.len() <= limit).then_some(out)
    }

    /// Number of ids remembered, repeated ones counted.
    pub fn size(&self) -> usize {
        self.ids + self.commits.len()
    }
}
