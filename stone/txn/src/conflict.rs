//! Deciding a commit: leases, write-write conflicts, dependencies, dead references.

use crate::sequencer::Sequencer;
use crate::session::{SessionId, TxnError};
use format::limits::FIRST_FREE_ID;
use proto::messages::{CommitRejected, Conflict, RejectReason};
use std::sync::Arc;
use stone_store::write_set::Written;
use stone_store::{Existence, Standing, WriteSet};

/// A record of a commit as far as the sequencer must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    pub id: u64,
    pub class: u64,
    /// What the repository said of the id when the commit queued.
    pub was: Existence,
}

/// A commit as far as the sequencer must know it.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// Ids ascending.
    pub written: Vec<Write>,
    pub depends_on: Vec<u64>,
    /// Ids that the records refer to and that no object has, ascending.
    pub missing: Vec<u64>,
    /// By which its fate is asked; 0 for none.
    pub token: u128,
}

impl Proposal {
    /// The proposal of a write set, of which the store said `standing`.
    pub fn new(set: &WriteSet, standing: Standing, depends_on: Vec<u64>, token: u128) -> Proposal {
        assert_eq!(set.written.len(), standing.written.len());
        let write = |(written, was): (&Written, Existence)| Write {
            id: written.id,
            class: written.class,
            was,
        };
        Proposal {
            written: set
                .written
                .iter()
                .zip(standing.written)
                .map(write)
                .collect(),
            depends_on,
            missing: standing.missing,
            token,
        }
    }
}

/// What became of it. Accepted commits are durable only after `publish`.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    Accepted {
        seq: u64,
    },
    Conflict {
        conflicts: Vec<Conflict>,
        winning_user: String,
    },
    Rejected(CommitRejected),
    /// No commit: there was nothing to decide.
    Noted,
}

/// At most so many conflicts or ids are named in one reply.
const NAMED_MAX: usize = 1000;

pub(crate) fn rejection(
    reason: RejectReason,
    message: String,
    mut ids: Vec<u64>,
) -> CommitRejected {
    ids.truncate(NAMED_MAX);
    CommitRejected {
        reason: reason as i32,
        message,
        ids,
    }
}

fn rejected(reason: RejectReason, message: String, ids: Vec<u64>) -> Decision {
    Decision::Rejected(rejection(reason, message, ids))
}

impl Sequencer {
    /// Decides a commit against everything decided so far.
    ///
    /// # Errors
    /// `SessionGone`, `Revoked`, `Outside`, `Busy`.
    pub fn decide(&mut self, id: SessionId, proposal: &Proposal) -> Result<Decision, TxnError> {
        let view = self.view(id)?;
        if self.session(id)?.committing {
            return Err(TxnError::Busy);
        }
        if let Some(refusal) = self.check_ids(id, proposal)? {
            return Ok(refusal);
        }
        if let Some(lost) = self.check_conflicts(id, view, proposal) {
            return Ok(lost);
        }
        if !proposal.missing.is_empty() {
            let message = format!("{} referenced objects do not exist", proposal.missing.len());
            let dead = proposal.missing.clone();
            return Ok(rejected(RejectReason::DeadReference, message, dead));
        }
        // A new object needs no mark: nobody older can have it. Reserved ids anyone may create.
        let (changed, created): (Vec<&Write>, Vec<&Write>) = proposal
            .written
            .iter()
            .partition(|w| w.was == Existence::There || w.id < FIRST_FREE_ID);
        let ids = |writes: Vec<&Write>| writes.into_iter().map(|w| w.id).collect();
        Ok(Decision::Accepted {
            seq: self.accept(id, ids(changed), ids(created)),
        })
    }

    /// Objects that are gone stay gone, and new ones bear ids that the session was leased and has not used.
    fn check_ids(&self, id: SessionId, proposal: &Proposal) -> Result<Option<Decision>, TxnError> {
        let leases = &self.session(id)?.leases;
        let gather = |wrong: &dyn Fn(&Write) -> bool| -> Vec<u64> {
            let written = proposal.written.iter();
            written.filter(|w| wrong(w)).map(|w| w.id).collect()
        };
        let dead = gather(&|w| w.was == Existence::Dead);
        if !dead.is_empty() {
            let message = format!("{} written objects do not exist any more", dead.len());
            return Ok(Some(rejected(RejectReason::DeadReference, message, dead)));
        }
        let strangers = gather(&|w| {
            w.was == Existence::Never && w.id >= FIRST_FREE_ID && !leases.contains(w.id)
        });
        if strangers.is_empty() {
            return Ok(None);
        }
        let message = format!(
            "{} new objects have ids that this session was not leased, or has used",
            strangers.len()
        );
        Ok(Some(rejected(
            RejectReason::IdNotLeased,
            message,
            strangers,
        )))
    }

    fn check_conflicts(
        &self,
        session: SessionId,
        view: u64,
        proposal: &Proposal,
    ) -> Option<Decision> {
        let mut conflicts = Vec::new();
        let mut winning_user: Option<Arc<str>> = None;
        let depends = proposal.depends_on.iter().map(|id| (*id, 0, true));
        let writes = proposal.written.iter().map(|w| (w.id, w.class, false));
        for (id, class_id, read_dependency) in writes.chain(depends) {
            if let Some(winner) = self.history.last_change(id)
                && winner.seq > view
                && winner.session != session
            {
                winning_user.get_or_insert_with(|| winner.user.clone());
                conflicts.push(Conflict {
                    id,
                    class_id,
                    winning_session: winner.session.0,
                    winning_seq: winner.seq,
                    read_dependency,
                });
                if conflicts.len() == NAMED_MAX {
                    break;
                }
            }
        }
        let winning_user = winning_user?.to_string();
        Some(Decision::Conflict {
            conflicts,
            winning_user,
        })
    }
}
