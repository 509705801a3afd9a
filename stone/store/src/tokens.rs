//! Which commits happened, by token: what a log can say to a gem that lost its connection in a commit.
//!
//! Must not know: frames, who asks.

use std::collections::VecDeque;

/// Tokens remembered, by a log's reader and by the stone that runs; older ones are forgotten.
pub const TOKENS_MAX: usize = 1_000_000;

/// A commit that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastCommit {
    pub token: u128,
    pub seq: u64,
    pub session: u64,
}

/// The commits noted since the last gap.
#[derive(Default)]
pub(crate) struct Tokens {
    noted: VecDeque<PastCommit>,
    since: u64,
    last: Option<u64>,
}

impl Tokens {
    /// Notes the next commit. After a gap in the numbers nothing before it counts.
    pub fn note(&mut self, commit: PastCommit) {
        let before = commit.seq.saturating_sub(1);
        if self.last != Some(before) {
            self.noted.clear();
            self.since = before;
        }
        self.last = Some(commit.seq);
        if commit.token == 0 {
            return;
        }
        if self.noted.len() == TOKENS_MAX
            && let Some(oldest) = self.noted.pop_front()
        {
            self.since = oldest.seq;
        }
        self.noted.push_back(commit);
    }

    /// What was noted, and the commit after which nothing is missing, in a repository that is at
    /// commit `head`.
    pub fn finish(self, head: u64) -> (Vec<PastCommit>, u64) {
        if self.last == Some(head) {
            (self.noted.into(), self.since)
        } else {
            (Vec::new(), head)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(seqs: impl Iterator<Item = u64>) -> Tokens {
        let mut tokens = Tokens::default();
        seqs.for_each(|seq| {
            tokens.note(PastCommit {
                token: u128::from(seq % 3),
                seq,
                session: 1,
            })
        });
        tokens
    }

    fn seqs((commits, since): (Vec<PastCommit>, u64)) -> (Vec<u64>, u64) {
        (commits.iter().map(|c| c.seq).collect(), since)
    }

    #[test]
    fn a_gap_forgets_what_was_before() {
        assert_eq!(seqs(noted(4..8).finish(7)), (vec![4, 5, 7], 3));
        assert_eq!(seqs(noted((1..5).chain(7..9)).finish(8)), (vec![7, 8], 6));
        assert_eq!(seqs(noted(1..5).finish(9)), (vec![], 9));
        assert_eq!(seqs(noted(0..0).finish(9)), (vec![], 9));
    }

    #[test]
    fn only_the_newest_are_kept() {
        let last = 2 * TOKENS_MAX as u64;
        let (commits, since) = noted(1..last + 1).finish(last);
        assert_eq!(commits.len(), TOKENS_MAX);
        assert_eq!(
            since,
            commits[0].seq - if commits[0].seq % 3 == 1 { 2 } else { 1 }
        );
    }
}
