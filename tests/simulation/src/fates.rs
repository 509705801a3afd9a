//! What was said of commits whose answers were lost, and what may be said.
//!
//! Must not know: the stone.

use crate::model::Model;
use std::collections::BTreeSet;
use stone_txn::Fate;

#[derive(Debug, Default)]
pub struct Tokens {
    /// The stone that runs knows all tokens of commits after this one.
    pub horizon: u64,
    /// Said of this stone: it never happened.
    struck: BTreeSet<u128>,
    /// Said of any stone.
    never: BTreeSet<u128>,
    /// Decided in the round that climbs.
    pub climbing: BTreeSet<u128>,
    /// In a frame of which nobody knows whether the log has it.
    pub in_doubt: BTreeSet<u128>,
}

impl Tokens {
    /// Another stone runs, whose log tells of commits after `horizon`.
    pub fn restart(&mut self, horizon: u64) {
        self.horizon = horizon;
        self.struck.clear();
        self.climbing.clear();
        self.in_doubt.clear();
    }

    fn is_open(&self, token: u128) -> bool {
        self.climbing.contains(&token) || self.in_doubt.contains(&token)
    }

    /// Whether a commit may bear this token.
    pub fn is_fresh(&self, token: u128, model: &Model) -> bool {
        let known = model.commit_of(token).is_some_and(|seq| seq > self.horizon);
        token == 0 || !(known || self.struck.contains(&token) || self.is_open(token))
    }

    /// What the stone ought to say of a token, which is struck off by that when it is not known.
    pub fn ask(&mut self, token: u128, view: u64, model: &Model) -> Fate {
        match model.commit_of(token) {
            Some(seq) if seq > self.horizon => return Fate::Committed { seq },
            _ if self.is_open(token) => return Fate::InDoubt,
            _ => {}
        }
        if !self.struck.contains(&token) && view < self.horizon {
            return Fate::Forgotten;
        }
        self.struck.insert(token);
        Fate::NeverHappened
    }

    /// A client was told a fate.
    pub fn said(&mut self, token: u128, fate: Fate) {
        match fate {
            Fate::NeverHappened => drop(self.never.insert(token)),
            Fate::Committed { .. } => {
                assert!(!self.never.contains(&token), "a fate does not change");
            }
            Fate::Forgotten | Fate::InDoubt => {}
        }
    }

    /// A commit is durable.
    pub fn committed(&self, token: u128) {
        assert!(
            !self.never.contains(&token),
            "what never happened, happened: token {token:x}"
        );
    }
}
