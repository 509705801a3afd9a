//! The stone put together: store and sequencer behind threads, locks, sockets and the clock.
//!
//! Three ways to a [`Stone`] in this process; `proto::client::GrpcStone` is the fourth.

use proto::service::{Stone, StoneError};
use std::path::Path;
use std::sync::Arc;

/// An embedded stone on a data directory. An empty or absent one is seeded from `seed`.
///
/// # Errors
/// `Refused` when another stone has the directory or there is nothing to seed from, `Damaged`
/// when what is there cannot be believed, `Unavailable` when it cannot be read.
pub fn embedded(data_dir: &Path, seed: Option<&Path>) -> Result<Arc<dyn Stone>, StoneError> {
    let _ = (data_dir, seed);
    Err(StoneError::Unavailable("not built yet".into()))
}

/// An embedded stone on an empty data directory, with no object in it at all: where
/// image-builder begins. Leases start at `limits::FIRST_FREE_ID`.
///
/// # Errors
/// `Refused` when the directory is not empty.
pub fn seed_new(data_dir: &Path) -> Result<Arc<dyn Stone>, StoneError> {
    let _ = data_dir;
    Err(StoneError::Unavailable("not built yet".into()))
}

/// An empty repository in memory only: no files, no durability, the same behaviour otherwise
/// (`backup` writes a real `.dbf`). With `seed`, starts from that file's objects.
///
/// # Errors
/// `Damaged` or `Unavailable` for a seed that cannot be read.
pub fn in_memory(seed: Option<&Path>) -> Result<Arc<dyn Stone>, StoneError> {
    let _ = seed;
    Err(StoneError::Unavailable("not built yet".into()))
}

/// A `.dbf` file, mapped and read-only. Opens in about a millisecond whatever its size; page
/// checksums are verified when a page is first read. Commits answer `ReadOnly`.
///
/// # Errors
/// `Unavailable` when the file cannot be opened, `Damaged` when it is no repository.
pub fn read_only(dbf: &Path) -> Result<Arc<dyn Stone>, StoneError> {
    let _ = dbf;
    Err(StoneError::Unavailable("not built yet".into()))
}
