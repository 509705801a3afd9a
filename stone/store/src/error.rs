//! What can go wrong under the stone. A variant only where the caller acts differently.

use format::page::PageError;
use std::io;
use std::path::Path;

/// A failure of the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Nothing was written; trying again later may work.
    #[error("{0}")]
    DiskFull(String),
    /// A write or sync failed in a way that leaves it open what the disk holds: stop writing.
    #[error("{0}")]
    Poisoned(String),
    /// Bytes are not what was written there.
    #[error("{0}")]
    Damaged(String),
    /// The operating system refused.
    #[error("{0}")]
    Io(String),
}

impl StoreError {
    /// The error of an operation (`what`: "read", "write"...) on a file.
    pub fn io(what: &str, path: &Path, error: &io::Error) -> StoreError {
        let text = format!("cannot {what} {}: {error}", path.display());
        if is_disk_full(error) {
            StoreError::DiskFull(text)
        } else {
            StoreError::Io(text)
        }
    }

    /// The same failure, where it leaves the disk's content unknown.
    pub fn poison(self) -> StoreError {
        StoreError::Poisoned(self.to_string())
    }
}

/// Whether the operating system says that there is no room (disk, quota, file size limit).
pub fn is_disk_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

impl From<PageError> for StoreError {
    fn from(error: PageError) -> StoreError {
        StoreError::Damaged(error.to_string())
    }
}

impl From<format::record::RecordError> for StoreError {
    fn from(error: format::record::RecordError) -> StoreError {
        StoreError::Damaged(error.to_string())
    }
}
