//! Why a session could not do what it was asked, in words for the person who asked.

use crate::fate::Token;
use crate::persistable::Refusal;
use crate::report::ConflictReport;
use gem_model::ModelError;
use gem_vm::{Fail, HeapError, VmExit};
use proto::service::StoneError;

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Stone(#[from] StoneError),
    #[error(transparent)]
    Heap(#[from] HeapError),
    /// Something on the way to the commit may not be stored.
    #[error("{0}")]
    NotPersistable(Box<Refusal>),
    /// Others committed the same objects.
    #[error("{0}")]
    Conflict(Box<ConflictReport>),
    /// Only reduced-conflict objects stood in the way: send the messages of the replay log, then commit again.
    #[error("{0}")]
    Replay(Box<ConflictReport>),
    /// The stone refused the write set.
    #[error("the commit was refused: {0}")]
    Rejected(String),
    /// A commit failed before; the transaction can only be aborted.
    #[error("an earlier commit of this transaction failed: abort it, then do the work again")]
    AbortNeeded,
    /// The view has moved, and not all that changed could be read.
    #[error(
        "nothing can be committed, because this session could not read all that other sessions have changed: abort the transaction, then do the work again"
    )]
    Incomplete,
    /// The line to the stone broke while it was asked to commit, and what became of that is not known.
    #[error(
        "the connection to the stone broke during the commit, and whether it happened is not known ({why}); its fate can be asked by the token {}",
        token.text()
    )]
    OutcomeUnknown { token: Token, why: String },
    /// The line to the stone broke, the commit did not happen, and others committed meanwhile.
    #[error(
        "the connection to the stone broke and the commit did not happen: abort the transaction, then do the work again"
    )]
    LineBroke,
    /// A source text does not compile.
    #[error("{file}:{line}:{column}: {message}")]
    Compile {
        file: String,
        line: u32,
        column: u32,
        message: String,
    },
    /// A class definition that cannot be had.
    #[error("{0}")]
    Definition(String),
    /// The machine stopped.
    #[error("{0}")]
    Exit(String),
}

impl SessionError {
    /// A mistake that a compiler found.
    pub(crate) fn smalltalk(file: &str, e: &gem_smalltalk::CompileError) -> SessionError {
        SessionError::Compile {
            file: file.to_string(),
            line: e.line,
            column: e.column,
            message: e.message.clone(),
        }
    }

    /// The error of a failed machine operation outside of running code.
    pub(crate) fn fail(fail: Fail) -> SessionError {
        match fail {
            Fail::Heap(e) => SessionError::Heap(e),
            Fail::Raise(r) => SessionError::Definition(r.message),
            Fail::Exit(VmExit::Internal(e)) => SessionError::Exit(e),
            other => SessionError::Exit(format!("{other:?}")),
        }
    }
}

impl From<ModelError> for SessionError {
    fn from(error: ModelError) -> SessionError {
        Fail::from(error).into()
    }
}

impl From<Fail> for SessionError {
    fn from(fail: Fail) -> SessionError {
        SessionError::fail(fail)
    }
}
