//! The session around the object memory, as the memory sees it.

use crate::error::HostError;
use format::ObjectId;
use std::ops::Range;

/// What the object memory needs from the session around it.
pub trait Host {
    /// Puts the record of `id` at this session's view into `out`.
    ///
    /// # Errors
    /// `Missing`, `Damaged`, `Unavailable`, `Revoked` or `Incomplete`; `Heap::fault` says when.
    fn record(&mut self, id: ObjectId, out: &mut Vec<u8>) -> Result<(), HostError>;

    /// Fresh object ids for this session alone.
    ///
    /// # Errors
    /// `Unavailable` when the stone does not answer and the session has put no ids by for that; `Damaged` when it leases ids that there cannot be; `Revoked`.
    fn lease_ids(&mut self) -> Result<Range<u64>, HostError>;
}
