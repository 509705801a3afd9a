//! How much memory there is, how much of it is in use, and what a request for more is told.

use crate::error::{HeapError, HeapResult};
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, buffer_capacity};
use crate::pressure::Stress;

impl Heap {
    /// Whether the interpreter should collect at its next safepoint.
    #[inline(always)]
    pub fn wants_collection(&self) -> bool {
        self.space.allocated >= self.pressure.nursery
    }

    /// To be told when the session's view has moved.
    pub fn transaction_began(&mut self) {
        self.pressure.transaction_began();
    }

    /// To be asked after a collection.
    ///
    /// # Errors
    /// `Full` when even dropping all clean objects left nearly nothing: once when memory is nearly full, each time when it is over the limit.
    pub fn check_shortage(&mut self) -> HeapResult<()> {
        match self.pressure.take_shortage() {
            None => Ok(()),
            Some(live) => Err(HeapError::Full {
                live: live as u64,
                limit: self.pressure.limit as u64,
                changed: self.dirty_bytes() as u64,
            }),
        }
    }

    /// Bytes taken from the system for objects.
    pub fn footprint(&self) -> usize {
        self.space.footprint()
    }

    /// Most bytes of object memory.
    pub fn limit(&self) -> usize {
        self.pressure.limit
    }

    /// Bytes between two young collections at the moment.
    pub fn nursery_bytes(&self) -> usize {
        self.pressure.nursery
    }

    /// Bytes handed out since this heap began.
    pub fn allocated_bytes(&self) -> u64 {
        self.stats.allocated_bytes + self.space.allocated as u64
    }

    /// Collect at every safepoint (tests).
    pub fn set_stress(&mut self, on: bool) {
        self.set_stress_mode(if on { Stress::Collect } else { Stress::Off });
    }

    /// Collect more than is needed, to find bugs of the machine.
    pub fn set_stress_mode(&mut self, stress: Stress) {
        self.pressure.set_stress(stress);
    }

    /// Another limit from now on.
    pub fn set_limit(&mut self, bytes: usize) {
        self.pressure.set_limit(bytes);
    }

    /// Committed objects that this transaction changed.
    pub fn dirty_count(&self) -> usize {
        self.dirty.len()
    }

    /// Bytes that they take.
    pub fn dirty_bytes(&self) -> usize {
        self.dirty.iter().map(|r| object_and_buffer_bytes(*r)).sum()
    }

    /// Bytes that `object` takes, with its buffer; 0 for one that is no object in memory.
    pub fn bytes_of(&self, object: format::Oop) -> usize {
        if object.is_pointer() {
            object_and_buffer_bytes(ObjectRef::of(object))
        } else {
            0
        }
    }

    /// Refuses a request that the limit cannot hold.
    pub(crate) fn check_room(&self, bytes: u64) -> HeapResult<()> {
        let limit = self.pressure.limit as u64;
        if bytes > limit || self.space.footprint() as u64 + bytes > limit + limit / 4 {
            return Err(HeapError::OutOfMemory { bytes });
        }
        Ok(())
    }
}

fn object_and_buffer_bytes(r: ObjectRef) -> usize {
    let buffer = match r.kind() {
        Kind::Indexed | Kind::Bytes => buffer_capacity(r.buffer()),
        Kind::Slots | Kind::Raw => 0,
    };
    r.size_bytes() + buffer
}
