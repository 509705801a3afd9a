//! What the stone ought to decide of each ask of a round, from the model alone.

use crate::client::{About, Draft, Job};
use crate::model::Commit;
use crate::world::World;
use format::limits::FIRST_FREE_ID;
use proto::messages::RejectReason;
use proto::service::StoneError;
use stone_txn::Ask;
use stone_txn::session::Hold;

/// What is foreseen of an ask.
#[derive(Clone, Debug)]
pub enum Verdict {
    Accept {
        seq: u64,
    },
    /// Ids and the commits that won.
    Conflict(Vec<(u64, u64)>),
    Reject(RejectReason, Vec<u64>),
    Refuse(StoneError),
    /// No commit; answered when the log has the round.
    Note,
}

impl World {
    /// Goes through a round's asks in their order. Accepted commits climb in the model from here on.
    pub(crate) fn foresee(&mut self, jobs: &[Job]) -> Vec<Verdict> {
        let poisoned = self.poisoned.clone().map(StoneError::Poisoned);
        let mut verdicts = Vec::with_capacity(jobs.len());
        for job in jobs {
            verdicts.push(match (&job.about, &job.ask, &poisoned) {
                (_, Ask::Fate { token, view }, _) => {
                    self.tokens.ask(*token, *view, &self.model);
                    Verdict::Note
                }
                (_, _, Some(why)) => Verdict::Refuse(why.clone()),
                (About::Commit(draft), ..) => self.foresee_commit(draft),
                _ => Verdict::Note,
            });
        }
        verdicts
    }

    fn foresee_commit(&mut self, draft: &Draft) -> Verdict {
        let refused = |text: &str| Verdict::Refuse(StoneError::BadRequest(text.into()));
        if !self.tokens.is_fresh(draft.token, &self.model) {
            return refused("the token");
        }
        let Some(seat) = self.seats.live.get(&draft.session) else {
            return Verdict::Refuse(StoneError::SessionGone(draft.session));
        };
        match seat.hold {
            Hold::Inside => {}
            Hold::Outside | Hold::Overtaken => {
                return Verdict::Refuse(StoneError::OutsideTransaction);
            }
            Hold::Revoked => return Verdict::Refuse(StoneError::TransactionRevoked),
        }
        if seat.creating.is_some() {
            return refused("busy");
        }
        let is_stranger = |id: &&u64| **id >= FIRST_FREE_ID && !seat.ids.contains(id);
        let strangers: Vec<u64> = draft.created.iter().filter(is_stranger).copied().collect();
        if !strangers.is_empty() {
            return Verdict::Reject(RejectReason::IdNotLeased, strangers);
        }
        let (view, session) = (seat.view, draft.session);
        let winner = |id: &u64| Some((*id, self.model.winner(*id, view, session)?));
        let ids = draft.values.keys().chain(&draft.depends_on);
        let lost: Vec<(u64, u64)> = ids.filter_map(winner).collect();
        if !lost.is_empty() {
            return Verdict::Conflict(lost);
        }
        if !draft.missing.is_empty() {
            return Verdict::Reject(RejectReason::DeadReference, draft.missing.clone());
        }
        self.accept(draft)
    }

    fn accept(&mut self, draft: &Draft) -> Verdict {
        let seat = self.seats.live.get_mut(&draft.session).expect("looked at");
        seat.creating = Some(draft.created.clone());
        let seq = self.model.next_seq();
        self.model.push(Commit {
            seq,
            session: draft.session,
            token: draft.token,
            root: draft.root,
            values: draft.values.clone(),
        });
        if draft.token != 0 {
            self.tokens.climbing.insert(draft.token);
        }
        Verdict::Accept { seq }
    }
}
