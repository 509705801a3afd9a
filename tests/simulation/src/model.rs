//! What the repository ought to say: every commit, every version of every object, in maps.
//!
//! Must not know: the stone, sessions' views, what a disk does.

use crate::object::Object;
use format::limits::FIRST_FREE_ID;
use std::collections::{BTreeMap, BTreeSet};
use stone_store::{Existence, Standing};

/// A commit as the model sees it.
#[derive(Clone, Debug)]
pub struct Commit {
    pub seq: u64,
    pub session: u64,
    pub token: u128,
    pub root: Option<u64>,
    pub values: BTreeMap<u64, Object>,
}

/// Commits, of which the first `durable` happened; those after it climb the ladder.
#[derive(Clone, Debug, Default)]
pub struct Model {
    commits: Vec<Commit>,
    durable: usize,
    versions: BTreeMap<u64, Vec<(u64, Object)>>,
    tokens: BTreeMap<u128, u64>,
    /// Symbols that somebody was told of.
    pub symbols: BTreeMap<u64, String>,
}

impl Model {
    /// The next commit, decided.
    pub fn push(&mut self, commit: Commit) {
        assert_eq!(
            commit.seq,
            self.next_seq(),
            "commits are numbered without gaps"
        );
        for (id, object) in &commit.values {
            let versions = self.versions.entry(*id).or_default();
            versions.push((commit.seq, object.clone()));
        }
        self.commits.push(commit);
    }

    /// Everything pushed up to `seq` happened.
    pub fn publish(&mut self, seq: u64) -> Vec<Commit> {
        let new: Vec<Commit> = self.commits[self.durable..]
            .iter()
            .take_while(|c| c.seq <= seq)
            .cloned()
            .collect();
        for commit in &new {
            if commit.token != 0 {
                let before = self.tokens.insert(commit.token, commit.seq);
                assert_eq!(before, None, "a token is committed once");
            }
        }
        self.durable += new.len();
        assert_eq!(self.head(), seq, "there is such a commit");
        new
    }

    /// Takes the commits back that did not happen, or of which nobody knows.
    pub fn take_back(&mut self) -> Vec<Commit> {
        let gone = self.commits.split_off(self.durable);
        for commit in gone.iter().rev() {
            for id in commit.values.keys() {
                let versions = self.versions.get_mut(id).expect("pushed");
                assert_eq!(versions.pop().map(|v| v.0), Some(commit.seq));
                if versions.is_empty() {
                    self.versions.remove(id);
                }
            }
        }
        gone
    }

    pub fn head(&self) -> u64 {
        self.durable
            .checked_sub(1)
            .map_or(0, |n| self.commits[n].seq)
    }

    /// The number of the next commit that is decided.
    pub fn next_seq(&self) -> u64 {
        self.commits.last().map_or(0, |c| c.seq) + 1
    }

    pub fn commits(&self) -> &[Commit] {
        &self.commits[..self.durable]
    }

    /// The commit that bore a token.
    pub fn commit_of(&self, token: u128) -> Option<u64> {
        self.tokens.get(&token).copied()
    }

    pub fn root(&self) -> Option<u64> {
        self.commits().iter().rev().find_map(|c| c.root)
    }

    pub fn object(&self, id: u64, view: u64) -> Option<&Object> {
        let seen = self.versions.get(&id)?.iter().rev().find(|v| v.0 <= view);
        seen.map(|(_, object)| object)
    }

    /// The commit that wrote what `view` sees of an object.
    pub fn written_at(&self, id: u64, view: u64) -> Option<u64> {
        let seen = self.versions.get(&id)?.iter().rev().find(|v| v.0 <= view);
        seen.map(|(seq, _)| *seq)
    }

    /// Ids of the objects at `view`, symbols left out.
    pub fn ids(&self, view: u64) -> Vec<u64> {
        let there =
            |(id, versions): (&u64, &Vec<(u64, Object)>)| (versions[0].0 <= view).then_some(*id);
        self.versions.iter().filter_map(there).collect()
    }

    fn is_there(&self, id: u64) -> bool {
        self.object(id, self.head()).is_some() || self.symbols.contains_key(&id)
    }

    /// What the store ought to say of a commit before it queues.
    pub fn standing(
        &self,
        values: &BTreeMap<u64, Object>,
        also: impl Iterator<Item = u64>,
    ) -> Standing {
        let existence = |id: &u64| match self.is_there(*id) {
            true => Existence::There,
            false => Existence::Never,
        };
        let named = values.values().flat_map(Object::references).chain(also);
        let missing: BTreeSet<u64> = named
            .filter(|id| !self.is_there(*id) && !values.contains_key(id))
            .collect();
        Standing {
            written: values.keys().map(existence).collect(),
            missing: missing.into_iter().collect(),
        }
    }

    /// Whether a commit changed an object that older views have, or one of the reserved ids.
    fn changes(&self, commit: &Commit, id: u64) -> bool {
        id < FIRST_FREE_ID || self.object(id, commit.seq - 1).is_some()
    }

    /// The last commit of another session after `view` that changed `id`, also one that is still climbing.
    pub fn winner(&self, id: u64, view: u64, session: u64) -> Option<u64> {
        let later = self.commits.iter().rev().take_while(|c| c.seq > view);
        let mut others = later.filter(|c| c.session != session);
        let winner = others.find(|c| c.values.contains_key(&id) && self.changes(c, id))?;
        Some(winner.seq)
    }

    /// Ids that others than `session` changed, not merely created, from `from` until `to`.
    pub fn changed(&self, from: u64, to: u64, session: u64) -> Vec<u64> {
        let others = |c: &&Commit| c.seq > from && c.seq <= to && c.session != session;
        let ids: BTreeSet<u64> = self
            .commits
            .iter()
            .filter(others)
            .flat_map(|c| c.values.keys().filter(|id| self.changes(c, **id)))
            .copied()
            .collect();
        ids.into_iter().collect()
    }
}
