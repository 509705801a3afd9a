//! What can go wrong in the object memory, and in the session around it when the memory asks for something.

use format::{ObjectId, Oop};

/// Why the world outside could not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    #[error("object {0} is not in the repository")]
    Missing(ObjectId),
    #[error("{0}")]
    Damaged(String),
    #[error("{0}")]
    Unavailable(String),
    #[error("the view of this session was revoked: abort the transaction and start again")]
    Revoked,
    /// The view has moved, and what it shows is not all here.
    #[error(
        "this session could not read all that other sessions have changed: abort the transaction and start again"
    )]
    Incomplete,
    #[error("{0}")]
    ReadOnly(String),
}

/// Why the heap could not do it. The machine turns each into an exception of the running language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeapError {
    #[error("the object is frozen")]
    Frozen(Oop),
    #[error("{0}")]
    Host(#[from] HostError),
    /// One request that the limit cannot hold; nothing was changed.
    #[error(
        "{} bytes at once are more than this session's memory has room for: ask for less, or give it more with MAGLEV_MEMORY=<MiB>",
        bytes
    )]
    OutOfMemory { bytes: u64 },
    /// Many small ones: what is live, the limit, and what of it this transaction changed, in bytes.
    #[error(
        "{} of the {} MiB of this session's memory hold objects that cannot be dropped, {} MiB of it changed objects of the repository; the rest is new and in use: \
         commit or abort the transaction, let go of objects, or start the session with a larger MAGLEV_MEMORY=<MiB>",
        live >> 20,
        limit >> 20,
        changed >> 20
    )]
    Full { live: u64, limit: u64, changed: u64 },
    /// Every number that loaded code can have is taken by code that something names.
    #[error(
        "{max} methods and blocks are loaded and in use, which is as many as a session can have: let go of procs, bindings and methods that evals made"
    )]
    CodesFull { max: usize },
    #[error("object {0} is no class")]
    NotAClass(ObjectId),
    #[error("index out of bounds")]
    Bounds,
}

pub type HeapResult<T> = Result<T, HeapError>;
