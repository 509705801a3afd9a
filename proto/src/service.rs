//! The stone as one synchronous service: what a gem may ask, and the ways it can fail.
//!
//! A stone in the same process, a read-only repository file and a stone behind gRPC all
//! implement [`Stone`]; the conformance tests run the same list against each of them.
//!
//! Must not know: transports, how a stone keeps its promises.

use crate::messages::*;

/// Every request of a stone, once: whoever makes something of all of them calls `stone_requests!(then)`, which gives the table to the macro `then`.
///
/// The groups say who may ask: `opening` begins a session and `ending` ends one, `of_sessions` names the session that asks, `of_anybody` needs none,
/// `of_operators` is for whoever looks after the repository, and after `closing` there is no stone.
#[macro_export]
macro_rules! stone_requests {
    ($then:ident) => {
        $then! {
            opening {
                /// Opens a session on the newest durable commit.
                login: LoginRequest => LoginReply,
            }
            ending {
                /// Ends a session; its view no longer pins history.
                logout: LogoutRequest => LogoutReply,
            }
            of_sessions {
                /// Reads objects as the session's view shows them. `request.view` must be the session's own.
                fault: FaultRequest => FaultReply,
                /// Gives the session ids for new objects.
                lease_ids: LeaseIdsRequest => LeaseIdsReply,
                /// The canonical symbol objects of these bytes, made when they are new.
                intern_symbols: InternSymbolsRequest => InternSymbolsReply,
                /// Makes the write set durable and visible, or says why not. Answers after the disk has it.
                commit: CommitRequest => CommitReply,
                /// Abort: moves the session to the newest durable commit. Also ends a revocation.
                refresh: RefreshRequest => ViewReply,
            }
            of_anybody {
                /// What became of a commit whose answer was lost. Waits for one that is under way.
                fate: FateRequest => FateReply,
            }
            of_operators {
                /// What the stone is and how it fares.
                status: StatusRequest => StatusReply,
                /// Who is logged in.
                sessions: SessionsRequest => SessionsReply,
                /// Packs recent commits into pages of the extent, so that recovery has less to replay.
                checkpoint: CheckpointRequest => CheckpointReply,
                /// Reads everything and reports what is wrong.
                audit: AuditRequest => AuditReply,
                /// Writes a `.dbf` file. The same commits give the same bytes.
                backup: BackupRequest => BackupReply,
            }
            closing {
                /// Ends the stone in order.
                stop: StopRequest => StopReply,
            }
        }
    };
}

macro_rules! service {
    (
        opening { $(#[$login_doc:meta])* $login:ident: $login_request:ident => $login_reply:ident, }
        ending { $(#[$logout_doc:meta])* $logout:ident: $logout_request:ident => $logout_reply:ident, }
        of_sessions { $($(#[$own_doc:meta])* $own:ident: $own_request:ident => $own_reply:ident,)+ }
        of_anybody { $($(#[$any_doc:meta])* $any:ident: $any_request:ident => $any_reply:ident,)+ }
        of_operators { $($(#[$job_doc:meta])* $job:ident: $job_request:ident => $job_reply:ident,)+ }
        closing { $(#[$stop_doc:meta])* $stop:ident: $stop_request:ident => $stop_reply:ident, }
    ) => {
        /// A repository that sessions log in to. Every method may block.
        ///
        /// Order that a gem keeps: `login`; then any number of `fault`, `lease_ids`, `intern_symbols`;
        /// `commit` or `refresh` move the view and name the ids that others changed; `logout`.
        /// After an answer to `commit` that was lost: `login` with `resume`, then `fate`.
        ///
        /// A stone that nobody looks after, such as one in a test, refuses what operators ask without saying so method by method.
        pub trait Stone: Send + Sync {
            $(#[$login_doc])*
            fn $login(&self, request: $login_request) -> Result<$login_reply, StoneError>;
            $(#[$logout_doc])*
            fn $logout(&self, request: $logout_request) -> Result<$logout_reply, StoneError>;
            $($(#[$own_doc])*
            fn $own(&self, request: $own_request) -> Result<$own_reply, StoneError>;)+
            $($(#[$any_doc])*
            fn $any(&self, request: $any_request) -> Result<$any_reply, StoneError>;)+
            $($(#[$job_doc])*
            fn $job(&self, _request: $job_request) -> Result<$job_reply, StoneError> {
                no_operator(stringify!($job))
            })+
            $(#[$stop_doc])*
            fn $stop(&self, _request: $stop_request) -> Result<$stop_reply, StoneError> {
                no_operator(stringify!($stop))
            }
        }
    };
}

stone_requests!(service);

fn no_operator<T>(request: &str) -> Result<T, StoneError> {
    let text = format!("this stone has no operator who could ask for {request}");
    Err(StoneError::Refused(text))
}

/// Why a stone did not do what it was asked. A lost race is no error: see [`CommitReply`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoneError {
    /// Log in again; uncommitted work is lost.
    #[error("the session {0} does not exist any more")]
    SessionGone(u64),
    /// Abort (`refresh`) and redo the transaction.
    #[error(
        "the transaction's view was revoked because it held back too much history; abort and try again"
    )]
    TransactionRevoked,
    /// The session said that it rests: it must refresh before it reads or commits.
    #[error("the session is outside a transaction: it must begin one before it reads")]
    OutsideTransaction,
    /// A read-only repository: nothing can be committed.
    #[error("this repository is read-only: start a stone with `stone start`, or give --data DIR")]
    ReadOnly,
    /// Nothing of the request was written; free some space and try again.
    #[error("the disk is full: {0}")]
    DiskFull(String),
    /// The stone stopped writing after a failed write or sync. Restart it.
    #[error("the stone has stopped writing: {0}")]
    Poisoned(String),
    /// Bytes on disk are not what was written there.
    #[error("the repository is damaged: {0}")]
    Damaged(String),
    /// No stone answers, or it went away.
    #[error("{0}")]
    Unavailable(String),
    /// The request makes no sense; a mistake in the gem.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// The job could not be done now, with the reason: sessions are logged in, a file exists.
    #[error("{0}")]
    Refused(String),
}

impl StoneError {
    /// The number and the text under which the error travels.
    pub fn to_detail(&self) -> ErrorDetail {
        let (kind, message, ids) = match self {
            StoneError::SessionGone(id) => (1, String::new(), vec![*id]),
            StoneError::TransactionRevoked => (2, String::new(), vec![]),
            StoneError::ReadOnly => (3, String::new(), vec![]),
            StoneError::DiskFull(m) => (4, m.clone(), vec![]),
            StoneError::Poisoned(m) => (5, m.clone(), vec![]),
            StoneError::Damaged(m) => (6, m.clone(), vec![]),
            StoneError::Unavailable(m) => (7, m.clone(), vec![]),
            StoneError::BadRequest(m) => (8, m.clone(), vec![]),
            StoneError::Refused(m) => (9, m.clone(), vec![]),
            StoneError::OutsideTransaction => (10, String::new(), vec![]),
        };
        ErrorDetail { kind, message, ids }
    }

    /// The error of a detail; one from a newer stone becomes `Unavailable` with its text.
    pub fn from_detail(detail: ErrorDetail) -> StoneError {
        let ErrorDetail { kind, message, ids } = detail;
        match kind {
            1 => StoneError::SessionGone(ids.first().copied().unwrap_or(0)),
            2 => StoneError::TransactionRevoked,
            3 => StoneError::ReadOnly,
            4 => StoneError::DiskFull(message),
            5 => StoneError::Poisoned(message),
            6 => StoneError::Damaged(message),
            8 => StoneError::BadRequest(message),
            9 => StoneError::Refused(message),
            10 => StoneError::OutsideTransaction,
            _ => StoneError::Unavailable(message),
        }
    }
}

impl From<StoneError> for tonic::Status {
    fn from(error: StoneError) -> tonic::Status {
        use prost::Message;
        let code = match &error {
            StoneError::SessionGone(_) => tonic::Code::Unauthenticated,
            StoneError::TransactionRevoked => tonic::Code::Aborted,
            StoneError::DiskFull(_) => tonic::Code::ResourceExhausted,
            StoneError::Damaged(_) => tonic::Code::DataLoss,
            StoneError::Unavailable(_) => tonic::Code::Unavailable,
            StoneError::BadRequest(_) => tonic::Code::InvalidArgument,
            StoneError::ReadOnly
            | StoneError::OutsideTransaction
            | StoneError::Poisoned(_)
            | StoneError::Refused(_) => tonic::Code::FailedPrecondition,
        };
        let detail = error.to_detail().encode_to_vec();
        tonic::Status::with_details(code, error.to_string(), detail.into())
    }
}

impl From<tonic::Status> for StoneError {
    fn from(status: tonic::Status) -> StoneError {
        use prost::Message;
        match ErrorDetail::decode(status.details()) {
            Ok(detail) if detail.kind != 0 => StoneError::from_detail(detail),
            _ => {
                StoneError::Unavailable(format!("the stone does not answer: {}", status.message()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_survives_the_wire() {
        let m = || "because".to_string();
        for error in [
            StoneError::SessionGone(7),
            StoneError::TransactionRevoked,
            StoneError::ReadOnly,
            StoneError::DiskFull(m()),
            StoneError::Poisoned(m()),
            StoneError::Damaged(m()),
            StoneError::Unavailable(m()),
            StoneError::BadRequest(m()),
            StoneError::Refused(m()),
            StoneError::OutsideTransaction,
        ] {
            let status = tonic::Status::from(error.clone());
            assert_eq!(StoneError::from(status), error);
        }
    }
}
