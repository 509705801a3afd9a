//! The session around the object memory, as the memory sees it.

use crate::error::HostError;
use format::ObjectId;
use std::ops::Range;

/// What the object memory needs from the session around it.
pub trait Host {
    /// Puts the record of `id` at this session's view into `out`.
    ///
    /// # Errors
    /// See `HostError`.
    fn record(&mut self, id: ObjectId, out: &mut Vec<u8>) -> Result<(), HostError>;

    /// Fresh object ids for this session alone.
    ///
    /// # Errors
    /// See `HostError`.
    fn lease_ids(&mut self) -> Result<Range<u64>, HostError>;
}
