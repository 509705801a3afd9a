//! What became of commits whose answers were lost: committed, never happened, or forgotten.
//!
//! Every commit carries a token of 128 random bits. Asked for a token that it does not know, the stone strikes it off: from then on "never happened"
//! is true, because a commit that bears it and arrives later is refused.
//!
//! Must not know: the log, sessions.

use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;
use stone_store::tokens::TOKENS_MAX;

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Committed {
        seq: u64,
    },
    NeverHappened,
    Forgotten,
    /// The log failed while it took this commit: only a restart can tell.
    InDoubt,
}

/// See the module text.
#[derive(Debug, Default)]
pub struct Fates {
    committed: HashMap<u128, u64>,
    /// The same, oldest first.
    order: VecDeque<(u64, u128)>,
    /// Every commit after this one that had a token is in `committed`.
    since: u64,
    struck: HashSet<u128>,
    struck_order: VecDeque<u128>,
    /// Decided, and the log has not said yet whether it took them.
    in_doubt: HashSet<u128>,
}

impl Fates {
    /// What a log told: (token, commit) in order, complete for commits after `since`.
    pub fn recovered(since: u64, commits: impl IntoIterator<Item = (u128, u64)>) -> Fates {
        let mut fates = Fates {
            since,
            ..Fates::default()
        };
        for (token, seq) in commits {
            fates.remember(token, seq);
        }
        fates
    }

    /// Whether a commit with this token may be decided: it was neither decided before nor struck off.
    pub fn is_fresh(&self, token: u128) -> bool {
        !self.committed.contains_key(&token)
            && !self.struck.contains(&token)
            && !self.in_doubt.contains(&token)
    }

    /// A commit with this token was decided.
    pub fn decided(&mut self, token: u128) {
        if token != 0 {
            assert!(self.is_fresh(token), "a token is decided once");
            self.in_doubt.insert(token);
        }
    }

    /// The log has it.
    pub fn committed(&mut self, token: u128, seq: u64) {
        if token != 0 {
            self.in_doubt.remove(&token);
            self.remember(token, seq);
        }
    }

    /// The log does not have it, certainly.
    pub fn withdrawn(&mut self, token: u128) {
        self.in_doubt.remove(&token);
    }

    fn remember(&mut self, token: u128, seq: u64) {
        self.committed.insert(token, seq);
        self.order.push_back((seq, token));
        while self.order.len() > TOKENS_MAX
            && let Some((seq, token)) = self.order.pop_front()
        {
            self.committed.remove(&token);
            self.since = seq;
        }
    }

    /// The fate of a commit that was made at `view`. One that is not known, and would be if it had happened, is struck off.
    pub fn ask(&mut self, token: u128, view: u64) -> Fate {
        if let Some(&seq) = self.committed.get(&token) {
            return Fate::Committed { seq };
        }
        if self.in_doubt.contains(&token) {
            return Fate::InDoubt;
        }
        // A commit made at `view` has a greater number.
        if view < self.since && !self.struck.contains(&token) {
            return Fate::Forgotten;
        }
        if self.struck.insert(token) {
            self.struck_order.push_back(token);
            if self.struck_order.len() > TOKENS_MAX
                && let Some(oldest) = self.struck_order.pop_front()
            {
                self.struck.remove(&oldest);
            }
        }
        Fate::NeverHappened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_struck_off() {
        let mut fates = Fates::recovered(10, [(1, 11), (2, 12)]);
        assert_eq!(fates.ask(1, 10), Fate::Committed { seq: 11 });
        assert_eq!(fates.ask(9, 12), Fate::NeverHappened);
        assert!(!fates.is_fresh(9), "it may not happen any more");
        assert_eq!(
            fates.ask(9, 3),
            Fate::NeverHappened,
            "said once, said for good"
        );
        assert_eq!(fates.ask(8, 9), Fate::Forgotten);
        assert!(fates.is_fresh(8));
    }

    #[test]
    fn between_decided_and_logged_nobody_knows() {
        let mut fates = Fates::default();
        fates.decided(7);
        assert!(!fates.is_fresh(7));
        assert_eq!(fates.ask(7, 0), Fate::InDoubt);
        fates.withdrawn(7);
        assert!(fates.is_fresh(7));
        fates.decided(7);
        fates.committed(7, 1);
        assert_eq!(fates.ask(7, 0), Fate::Committed { seq: 1 });
    }

    #[test]
    fn memory_is_bounded_and_says_so() {
        let commits = (1..=TOKENS_MAX as u64 + 5).map(|n| (u128::from(n), n));
        let mut fates = Fates::recovered(0, commits);
        assert_eq!(fates.ask(5, 4), Fate::Forgotten);
        assert_eq!(fates.ask(6, 5), Fate::Committed { seq: 6 });
        assert_eq!(fates.ask(u128::MAX, 5), Fate::NeverHappened);
    }
}
