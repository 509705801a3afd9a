//! The session table.

use crate::lease::Leases;
use std::fmt;

/// The number of a session; never used twice by one stone process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a session holds its view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// In a transaction: the view stays until commit or abort.
    Inside,
    /// Between transactions: it reads nothing, so versions and history may go on without it.
    Outside,
    /// Was inside, and held back more history than the limit.
    Revoked,
    /// Was outside, and history went on without it.
    Overtaken,
}

impl Hold {
    /// Whether the stone remembers what changed since the view.
    pub fn pins(self) -> bool {
        matches!(self, Hold::Inside | Hold::Outside)
    }

    /// Whether the session may read at its view: only then are the versions kept that it shows.
    pub fn reads(self) -> bool {
        self == Hold::Inside
    }
}

/// One logged-in session.
#[derive(Clone, Debug)]
pub struct Session {
    pub user: String,
    pub client: String,
    pub pid: u32,
    pub view: u64,
    pub hold: Hold,
    pub leases: Leases,
    pub commits: u64,
    /// A commit of this session was decided and is not yet durable.
    pub committing: bool,
    /// Ids of the objects that this commit creates, ascending.
    pub(crate) creating: Vec<u64>,
}

/// Why the sequencer refuses a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TxnError {
    #[error("session {0} is not logged in")]
    SessionGone(SessionId),
    #[error("the view was revoked")]
    Revoked,
    #[error("the session is outside a transaction")]
    Outside,
    #[error("a commit with this token was decided or given up before")]
    TokenUsed,
    #[error("the session's commit before this one has not ended")]
    Busy,
    #[error("{0} sessions are logged in already")]
    TooManySessions(usize),
}
