//! Views: how they move, what their movement tells, and when one is taken away.

use crate::sequencer::Sequencer;
use crate::session::{Hold, SessionId, TxnError};

/// A session's view has moved.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ViewMove {
    pub view: u64,
    /// Changed by others between the old view and this one, ascending.
    pub changed: Vec<u64>,
    /// The list is not known: anything may have changed.
    pub everything: bool,
}

impl Sequencer {
    /// The view that the session reads at, if it may still read there.
    ///
    /// # Errors
    /// `SessionGone`, `Revoked`, `Outside`.
    pub fn view(&self, id: SessionId) -> Result<u64, TxnError> {
        let session = self.session(id)?;
        match session.hold {
            Hold::Inside => Ok(session.view),
            Hold::Revoked => Err(TxnError::Revoked),
            Hold::Outside | Hold::Overtaken => Err(TxnError::Outside),
        }
    }

    /// Abort: moves the session to the newest durable commit.
    ///
    /// # Errors
    /// `SessionGone`; `Busy` while its commit is under way.
    pub fn refresh(&mut self, id: SessionId, outside: bool) -> Result<ViewMove, TxnError> {
        if self.session(id)?.committing {
            return Err(TxnError::Busy);
        }
        let moved = self.move_view(id)?;
        if outside {
            self.session_mut(id)?.hold = Hold::Outside;
        }
        Ok(moved)
    }

    pub(crate) fn move_view(&mut self, id: SessionId) -> Result<ViewMove, TxnError> {
        let to = self.durable;
        let limit = self.limits.changed_ids;
        let session = self
            .sessions
            .get_mut(&id)
            .ok_or(TxnError::SessionGone(id))?;
        let known = session.hold.pins();
        let from = std::mem::replace(&mut session.view, to);
        session.hold = Hold::Inside;
        let changed = if known {
            self.history.changed(from, to, id, limit)
        } else {
            None
        };
        self.forget_history();
        Ok(ViewMove {
            view: to,
            everything: changed.is_none(),
            changed: changed.unwrap_or_default(),
        })
    }

    /// No session wants to know of changes before this: what history must remember.
    pub fn oldest_view(&self) -> u64 {
        self.oldest(Hold::pins)
    }

    /// No view that anybody reads at is older than this: what the store must keep versions for. Sessions outside a transaction are not waited for.
    pub fn oldest_reading(&self) -> u64 {
        self.oldest(Hold::reads)
    }

    fn oldest(&self, counts: impl Fn(Hold) -> bool) -> u64 {
        let views = self
            .sessions
            .values()
            .filter(|s| counts(s.hold))
            .map(|s| s.view);
        views
            .chain(self.pins.iter().copied())
            .min()
            .unwrap_or(self.durable)
            .min(self.durable)
    }

    /// Keeps the newest durable commit readable (for a backup) until `unpin`.
    pub fn pin(&mut self) -> u64 {
        self.pins.push(self.durable);
        self.durable
    }

    pub fn unpin(&mut self, view: u64) {
        if let Some(at) = self.pins.iter().position(|pinned| *pinned == view) {
            self.pins.swap_remove(at);
        }
        self.forget_history();
    }

    pub(crate) fn forget_history(&mut self) {
        let oldest = self.oldest_view();
        if oldest > self.history.floor {
            self.history.forget(oldest);
        }
    }

    /// Takes the oldest views away while history is larger than the limit. Sessions outside a
    /// transaction lose nothing by it. Returns those whose transaction was revoked.
    pub fn enforce_history_limit(&mut self) -> Vec<SessionId> {
        self.forget_history();
        let mut revoked = Vec::new();
        while self.history.size() > self.limits.history_ids {
            let oldest = self
                .sessions
                .iter_mut()
                .filter(|(_, s)| s.hold.pins() && !s.committing);
            let Some((id, session)) = oldest.min_by_key(|(_, s)| s.view) else {
                break;
            };
            if session.view >= self.durable {
                break;
            }
            if session.hold == Hold::Inside {
                session.hold = Hold::Revoked;
                revoked.push(*id);
            } else {
                session.hold = Hold::Overtaken;
            }
            self.forget_history();
        }
        revoked
    }

    /// Takes away every view that is older than the newest commit: the store has no room for
    /// the versions they need.
    pub fn revoke_older_views(&mut self) -> Vec<SessionId> {
        let mut revoked = Vec::new();
        for (id, session) in &mut self.sessions {
            if session.hold.pins() && !session.committing && session.view < self.durable {
                let inside = session.hold == Hold::Inside;
                session.hold = if inside {
                    Hold::Revoked
                } else {
                    Hold::Overtaken
                };
                revoked.extend(inside.then_some(*id));
            }
        }
        self.forget_history();
        revoked
    }
}
