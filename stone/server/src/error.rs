//! The store's and the sequencer's errors as the service's.

use proto::service::StoneError;
use stone_store::StoreError;
use stone_txn::TxnError;

pub fn stone_error(error: StoreError) -> StoneError {
    match error {
        StoreError::DiskFull(text) => StoneError::DiskFull(text),
        StoreError::Poisoned(text) => StoneError::Poisoned(text),
        StoreError::Damaged(text) => StoneError::Damaged(text),
        StoreError::Io(text) => StoneError::Unavailable(text),
    }
}

pub fn txn_error(error: TxnError) -> StoneError {
    match error {
        TxnError::SessionGone(id) => StoneError::SessionGone(id.0),
        TxnError::Revoked => StoneError::TransactionRevoked,
        TxnError::Busy => StoneError::BadRequest(error.to_string()),
        TxnError::TooManySessions(_) => StoneError::Refused(error.to_string()),
    }
}

/// Either, on the way through the sequencer.
pub enum DecideError {
    Txn(TxnError),
    Store(StoreError),
}

impl From<TxnError> for DecideError {
    fn from(error: TxnError) -> Self {
        DecideError::Txn(error)
    }
}

impl From<DecideError> for StoneError {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Txn(error) => txn_error(error),
            DecideError::Store(error) => stone_error(error),
        }
    }
}
