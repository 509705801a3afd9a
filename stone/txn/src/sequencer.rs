//! The one place that orders commits.
//!
//! The ladder of a commit: `decide` (accepted, in memory) → the log is synced → `publish`
//! (durable, visible) → `settle` (the session's view moves). If the log refuses: `roll_back`.

use crate::history::History;
use crate::session::{Hold, Session, SessionId, TxnError};
use crate::view::ViewMove;
use crate::{conflict::Decision, lease::Leases};
use format::limits;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Limits that tests make small.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub sessions: usize,
    pub changed_ids: usize,
    pub history_ids: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            sessions: limits::SESSIONS_MAX,
            changed_ids: limits::CHANGED_IDS_MAX,
            history_ids: limits::HISTORY_IDS_MAX,
        }
    }
}

/// Ended sessions whose leases are remembered.
const ENDED_MAX: usize = limits::SESSIONS_MAX;

/// The state of all sessions and recent commits.
pub struct Sequencer {
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    pub(crate) history: History,
    pub(crate) pins: Vec<u64>,
    pub(crate) durable: u64,
    pub(crate) limits: Limits,
    decided: u64,
    next_session: u64,
    /// Leases of sessions that ended lately, should they resume; oldest first.
    ended: VecDeque<(SessionId, Leases)>,
    pub commit_count: u64,
    pub conflict_count: u64,
}

impl Sequencer {
    /// A sequencer over a repository whose newest commit is `seq`.
    pub fn new(seq: u64, limits: Limits) -> Sequencer {
        Sequencer {
            sessions: BTreeMap::new(),
            history: History::new(seq),
            pins: Vec::new(),
            durable: seq,
            limits,
            decided: seq,
            next_session: 1,
            ended: VecDeque::new(),
            commit_count: 0,
            conflict_count: 0,
        }
    }

    /// The newest durable commit.
    pub fn durable(&self) -> u64 {
        self.durable
    }
    /// The newest decided commit.
    pub fn decided(&self) -> u64 {
        self.decided
    }
    pub fn sessions(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.sessions.iter().map(|(id, session)| (*id, session))
    }

    pub(crate) fn session(&self, id: SessionId) -> Result<&Session, TxnError> {
        self.sessions.get(&id).ok_or(TxnError::SessionGone(id))
    }
    pub(crate) fn session_mut(&mut self, id: SessionId) -> Result<&mut Session, TxnError> {
        self.sessions.get_mut(&id).ok_or(TxnError::SessionGone(id))
    }

    /// Opens a session on the newest durable commit.
    ///
    /// # Errors
    /// `TooManySessions`.
    pub fn login(
        &mut self,
        user: &str,
        client: &str,
        pid: u32,
    ) -> Result<(SessionId, u64), TxnError> {
        if self.sessions.len() >= self.limits.sessions {
            return Err(TxnError::TooManySessions(self.sessions.len()));
        }
        let id = SessionId(self.next_session);
        self.next_session += 1;
        let session = Session {
            user: user.to_string(),
            client: client.to_string(),
            pid,
            view: self.durable,
            hold: Hold::Inside,
            leases: Leases::default(),
            commits: 0,
            committing: false,
            creating: Vec::new(),
        };
        self.sessions.insert(id, session);
        Ok((id, self.durable))
    }

    /// Ends a session. A commit of it that was decided goes on.
    ///
    /// # Errors
    /// `SessionGone`.
    pub fn logout(&mut self, id: SessionId) -> Result<(), TxnError> {
        let mut session = self.sessions.remove(&id).ok_or(TxnError::SessionGone(id))?;
        // Should its commit be rolled back after all, the ids are lost: nothing else is.
        session.leases.strike(&session.creating);
        self.ended.push_back((id, session.leases));
        if self.ended.len() > ENDED_MAX {
            self.ended.pop_front();
        }
        self.forget_history();
        Ok(())
    }

    /// Gives `id` the leases of `old`, a session of this stone that ended or ends now: those in `claimed`, as (first, count).
    ///
    /// # Errors
    /// `SessionGone` when there is no session `id`.
    pub fn take_over(
        &mut self,
        id: SessionId,
        old: SessionId,
        claimed: &[(u64, u64)],
    ) -> Result<Vec<(u64, u64)>, TxnError> {
        if self.sessions.contains_key(&old) && old != id {
            self.logout(old)?;
        }
        let Some(at) = self.ended.iter().position(|(ended, _)| *ended == old) else {
            return Ok(Vec::new());
        };
        let leases = self.ended.remove(at).expect("found above").1;
        let own = claimed
            .iter()
            .flat_map(|&(first, count)| leases.within(first, count))
            .collect();
        self.grant(id, own)
    }

    /// Gives `id` the leases that it had from this stone before its restart, as far as it claims them: ids below `born`, which this process never leased,
    /// and which no other session has claimed.
    ///
    /// # Errors
    /// As `take_over`.
    pub fn adopt(
        &mut self,
        id: SessionId,
        claimed: &[(u64, u64)],
        born: u64,
    ) -> Result<Vec<(u64, u64)>, TxnError> {
        let others = || self.sessions.iter().filter(|(other, _)| **other != id);
        let free = claimed.iter().copied().filter(|&(first, count)| {
            first >= limits::FIRST_FREE_ID
                && first.checked_add(count).is_some_and(|end| end <= born)
                && !others().any(|(_, session)| session.leases.meets(first, count))
        });
        let free = free.collect();
        self.grant(id, free)
    }

    fn grant(
        &mut self,
        id: SessionId,
        ranges: Vec<(u64, u64)>,
    ) -> Result<Vec<(u64, u64)>, TxnError> {
        let session = self.session_mut(id)?;
        ranges
            .iter()
            .for_each(|&(first, count)| session.leases.add(first, count));
        Ok(ranges)
    }

    /// The session has been given ids.
    ///
    /// # Errors
    /// `SessionGone`.
    pub fn lease(&mut self, id: SessionId, first: u64, count: u64) -> Result<(), TxnError> {
        self.session_mut(id)?.leases.add(first, count);
        Ok(())
    }

    pub(crate) fn accept(&mut self, id: SessionId, changed: Vec<u64>, created: Vec<u64>) -> u64 {
        self.decided += 1;
        let session = self.sessions.get_mut(&id).expect("the caller looked it up");
        assert!(!session.committing, "one commit of a session at a time");
        session.committing = true;
        session.creating = created;
        let user: Arc<str> =
            format!("{} ({}, pid {})", session.user, session.client, session.pid).into();
        self.history.push(self.decided, id, user, changed);
        self.decided
    }

    /// Everything decided up to `seq` is durable and visible.
    pub fn publish(&mut self, seq: u64) {
        assert!(
            seq >= self.durable && seq <= self.decided,
            "durable follows decided"
        );
        self.commit_count += seq - self.durable;
        self.durable = seq;
    }

    /// The log did not take the decided commits: they never happened.
    pub fn roll_back(&mut self) {
        self.history.pop_after(self.durable);
        self.decided = self.durable;
        for session in self.sessions.values_mut() {
            session.committing = false;
            session.creating = Vec::new();
        }
    }

    /// Ends a session's commit after `publish`, or after it lost.
    ///
    /// # Errors
    /// `SessionGone`: it logged out meanwhile.
    pub fn settle(&mut self, id: SessionId, decision: &Decision) -> Result<ViewMove, TxnError> {
        if let Decision::Accepted { seq } = decision {
            assert!(*seq <= self.durable, "published before it is settled");
        }
        let session = self.session_mut(id)?;
        match decision {
            Decision::Accepted { .. } => {
                session.committing = false;
                // The ids are objects now. Should one be gone some day, its id must not come back.
                let created = std::mem::take(&mut session.creating);
                session.leases.strike(&created);
                session.commits += 1;
            }
            Decision::Conflict { .. } => self.conflict_count += 1,
            Decision::Rejected(_) | Decision::Noted => {
                let view = session.view;
                return Ok(ViewMove {
                    view,
                    ..ViewMove::default()
                });
            }
        }
        self.move_view(id)
    }
}

#[cfg(test)]
mod tests;
