//! The line to the stone, and what becomes of it when it breaks: a new session takes the place of the old one and has its ids; where nobody committed
//! meanwhile it sees the same view, and the program notices nothing. Where somebody did, the transaction can only be aborted.
//!
//! Must not know: objects in memory, what is asked.

use crate::host::StoneLink;
use bytes::Bytes;
use proto::messages::{IdRange, LoginReply, LoginRequest, Resume};
use proto::service::StoneError;
use proto::version;
use std::time::Duration;

/// What a session has to say of itself when it logs in again.
pub struct Line {
    user: String,
    client: String,
    /// The stone's process that the session is known to.
    stone: Bytes,
    /// Ids leased so far, as far as the stone still grants them.
    leases: Vec<IdRange>,
    /// How long a commit whose answer was lost is asked for.
    pub patience: Duration,
}

impl Line {
    pub fn new(user: &str, client: &str, patience: Duration) -> Line {
        Line {
            user: user.to_string(),
            client: client.to_string(),
            stone: Bytes::new(),
            leases: Vec::new(),
            patience,
        }
    }

    /// The login of a session that has `resume` to tell of an earlier one.
    pub fn login(&self, resume: Option<Resume>) -> LoginRequest {
        LoginRequest {
            user: self.user.clone(),
            client: self.client.clone(),
            pid: std::process::id(),
            protocol: version::PROTOCOL,
            resume,
        }
    }

    /// Takes down who answered the login.
    ///
    /// # Errors
    /// `Refused` when the stone is of a version that this gem does not know.
    pub fn answered(&mut self, reply: &LoginReply) -> Result<(), StoneError> {
        version::check_stone(reply).map_err(StoneError::Refused)?;
        self.stone = reply.stone.clone();
        self.leases = reply.leases.clone();
        Ok(())
    }

    /// Takes down a lease.
    pub fn leased(&mut self, first: u64, count: u64) {
        match self.leases.last_mut() {
            Some(last) if last.first + last.count == first => last.count += count,
            _ => self.leases.push(IdRange { first, count }),
        }
    }

    fn resume(&self, session: u64) -> Resume {
        Resume {
            session,
            stone: self.stone.clone(),
            leases: self.leases.clone(),
        }
    }
}

/// Whether the stone does not know the session any more, or does not answer at all.
pub fn is_broken(e: &StoneError) -> bool {
    matches!(e, StoneError::Unavailable(_) | StoneError::SessionGone(_))
}

impl StoneLink {
    /// Logs in again. False when the stone has moved on: memory shows a view that cannot be read any more, and the transaction can only be aborted.
    ///
    /// # Errors
    /// What the stone says; the session is as broken as before.
    pub fn reconnect(&mut self) -> Result<bool, StoneError> {
        let request = self.line.login(Some(self.line.resume(self.session)));
        let reply = self.stone.login(request)?;
        self.line.answered(&reply)?;
        self.session = reply.session;
        // A rested session would have been told what changed when it went on.
        let same = reply.view == self.view && !self.resting;
        if !same {
            // Memory shows the old view still: the next move begins with all of it.
            self.stale.lost = true;
        }
        Ok(same)
    }

    /// Asks the stone; when the line is broken, once more over a new one, should that show the same view.
    ///
    /// # Errors
    /// What the stone says; `TransactionRevoked` when the line was broken and others committed meanwhile.
    pub fn ask<T>(
        &mut self,
        what: impl Fn(&StoneLink) -> Result<T, StoneError>,
    ) -> Result<T, StoneError> {
        self.ask_again(what, false)
    }

    /// The same for a question that moves the view, which any session may ask.
    ///
    /// # Errors
    /// What the stone says.
    pub fn ask_for_view<T>(
        &mut self,
        what: impl Fn(&StoneLink) -> Result<T, StoneError>,
    ) -> Result<T, StoneError> {
        self.ask_again(what, true)
    }

    fn ask_again<T>(
        &mut self,
        what: impl Fn(&StoneLink) -> Result<T, StoneError>,
        at_any_view: bool,
    ) -> Result<T, StoneError> {
        match what(self) {
            Err(e) if is_broken(&e) => match self.reconnect() {
                Ok(same) if same || at_any_view => what(self),
                Ok(_) => Err(StoneError::TransactionRevoked),
                Err(_) => Err(e),
            },
            answer => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_that_follow_each_other_are_one() {
        let mut line = Line::new("u", "c", Duration::ZERO);
        for (first, count) in [(100, 10), (110, 5), (300, 1)] {
            line.leased(first, count);
        }
        let ranges: Vec<_> = line.leases.iter().map(|r| (r.first, r.count)).collect();
        assert_eq!(ranges, [(100, 15), (300, 1)]);
    }
}
