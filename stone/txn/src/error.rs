//! The store's and the sequencer's errors as the service's.

use crate::session::TxnError;
use proto::service::StoneError;
use stone_store::StoreError;

/// The store's failure as a gem is told.
pub fn stone_error(error: StoreError) -> StoneError {
    match error {
        StoreError::DiskFull(text) => StoneError::DiskFull(text),
        StoreError::Poisoned(text) => StoneError::Poisoned(text),
        StoreError::Damaged(text) => StoneError::Damaged(text),
        StoreError::Io(text) => StoneError::Unavailable(text),
    }
}

/// The sequencer's refusal as a gem is told.
pub fn txn_error(error: TxnError) -> StoneError {
    match error {
        TxnError::SessionGone(id) => StoneError::SessionGone(id.0),
        TxnError::Revoked => StoneError::TransactionRevoked,
        TxnError::Outside => StoneError::OutsideTransaction,
        TxnError::Busy | TxnError::TokenUsed => StoneError::BadRequest(error.to_string()),
        TxnError::TooManySessions(_) => StoneError::Refused(error.to_string()),
    }
}
