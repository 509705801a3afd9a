//! Deciding a commit: leases, write-write conflicts, dependencies, dead references.

use crate::sequencer::Sequencer;
use crate::session::{SessionId, TxnError};
use proto::limits::FIRST_FREE_ID;
use proto::messages::{CommitRejected, Conflict, RejectReason};
use std::sync::Arc;

/// A commit as far as the sequencer must know it.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// (id, class id) of every record, ids ascending.
    pub written: Vec<(u64, u64)>,
    pub depends_on: Vec<u64>,
    pub newly_referenced: Vec<u64>,
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
}

/// At most so many conflicts or ids are named in one reply.
const NAMED_MAX: usize = 1000;

fn rejected(reason: RejectReason, message: String, mut ids: Vec<u64>) -> Decision {
    ids.truncate(NAMED_MAX);
    Decision::Rejected(CommitRejected {
        reason: reason as i32,
        message,
        ids,
    })
}

impl Sequencer {
    /// Decides a commit against everything decided so far. `exist` says of ascending ids whether
    /// they exist in the published state.
    ///
    /// # Errors
    /// `SessionGone`, `Revoked`, `Busy`, and what `exist` fails with.
    pub fn decide<E: From<TxnError>>(
        &mut self,
        id: SessionId,
        proposal: &Proposal,
        exist: impl Fn(&[u64]) -> Result<Vec<bool>, E>,
    ) -> Result<Decision, E> {
        let view = self.view(id)?;
        if self.session(id)?.committing {
            return Err(TxnError::Busy.into());
        }
        let written: Vec<u64> = proposal.written.iter().map(|(id, _)| *id).collect();
        let there = exist(&written)?;
        if let Some(refusal) = self.check_leases(id, &written, &there)? {
            return Ok(refusal);
        }
        if let Some(lost) = self.check_conflicts(id, view, proposal) {
            return Ok(lost);
        }
        let dead = self.dead_references(proposal, &written, &exist)?;
        if !dead.is_empty() {
            let message = format!("{} referenced objects do not exist", dead.len());
            return Ok(rejected(RejectReason::DeadReference, message, dead));
        }
        // A new object needs no mark: nobody older can have it. Reserved ids anyone may create.
        let changed = written
            .iter()
            .zip(&there)
            .filter(|(id, there)| **there || **id < FIRST_FREE_ID)
            .map(|(id, _)| *id);
        Ok(Decision::Accepted {
            seq: self.accept(id, changed.collect()),
        })
    }

    fn check_leases(
        &self,
        id: SessionId,
        written: &[u64],
        there: &[bool],
    ) -> Result<Option<Decision>, TxnError> {
        let leases = &self.session(id)?.leases;
        let stranger = |id: u64| id >= FIRST_FREE_ID && !leases.contains(id);
        let new = written
            .iter()
            .zip(there)
            .filter(|(_, there)| !**there)
            .map(|(id, _)| *id);
        let strangers: Vec<u64> = new.filter(|id| stranger(*id)).collect();
        if strangers.is_empty() {
            return Ok(None);
        }
        let message = format!(
            "{} new objects have ids that this session did not lease",
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
        let writes = proposal
            .written
            .iter()
            .map(|(id, class)| (*id, *class, false));
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

    fn dead_references<E>(
        &self,
        proposal: &Proposal,
        written: &[u64],
        exist: &impl Fn(&[u64]) -> Result<Vec<bool>, E>,
    ) -> Result<Vec<u64>, E> {
        let mut ids = proposal.newly_referenced.clone();
        ids.sort_unstable();
        ids.dedup();
        ids.retain(|id| written.binary_search(id).is_err());
        let there = exist(&ids)?;
        Ok(ids
            .into_iter()
            .zip(there)
            .filter(|(_, there)| !there)
            .map(|(id, _)| id)
            .collect())
    }
}
