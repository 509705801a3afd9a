//! Hash tables in Arrays, seen without faulting: an element that is still an object id is compared, hashed and copied as one.

use crate::error::{HeapError, HeapResult};
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef};
use format::Oop;

impl Heap {
    /// Element `i` (0-based) as it stands: may be an object id.
    ///
    /// # Errors
    /// `Bounds`.
    pub fn raw_element(&self, object: Oop, i: usize) -> HeapResult<Oop> {
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Bounds);
        };
        if r.kind() != Kind::Indexed || i >= r.len() {
            return Err(HeapError::Bounds);
        }
        // SAFETY: i is below len, and the buffer holds len oops.
        Ok(unsafe { *(r.buffer() as *mut Oop).add(i) })
    }

    /// Where `key` is in the table `object`, or the free place where it belongs: linear probing from its identity hash, in places of `step` elements.
    /// `None` when the table is full. Elements that are ids stay so, except beside a symbol whose id is not known here yet.
    ///
    /// # Errors
    /// As [`Heap::identity_hash`]; those of [`Heap::fault`], when the key is a symbol without an id and an element that it may be is not in memory yet.
    pub fn probe(&mut self, object: Oop, key: Oop, step: usize) -> HeapResult<Option<usize>> {
        let hash = self.identity_hash(key)?;
        let Some(id) = self.id_of(key).map(Oop::from_id) else {
            let found = |other: Oop| other == key || other.is_id();
            while let Some(at) = self.seek(object, hash, step, found) {
                if !self.raw_element(object, at)?.is_id() {
                    return Ok(Some(at));
                }
                self.fault_element(object, at)?;
            }
            return Ok(None);
        };
        Ok(self.seek(object, hash, step, |other| other == key || other == id))
    }

    /// The first free place for something with this hash.
    pub fn free_place(&self, object: Oop, hash: i64, step: usize) -> Option<usize> {
        self.seek(object, hash, step, |_| false)
    }

    fn seek(
        &self,
        object: Oop,
        hash: i64,
        step: usize,
        found: impl Fn(Oop) -> bool,
    ) -> Option<usize> {
        let r = ObjectRef::checked(object).filter(|r| r.kind() == Kind::Indexed)?;
        // A bucket has one element more, which counts its entries.
        let places = (r.len() & !1) / step;
        if !places.is_power_of_two() {
            return None;
        }
        let mut at = hash as usize & (places - 1);
        for _ in 0..places {
            // SAFETY: `at` is below places, so at * step is below len.
            let other = unsafe { *(r.buffer() as *mut Oop).add(at * step) };
            if other.is_nil() || found(other) {
                return Some(at * step);
            }
            at = (at + 1) & (places - 1);
        }
        None
    }

    /// Copies `count` elements of `from`, starting at `start`, over those of `object` at `at`. Stubs stay stubs.
    ///
    /// # Errors
    /// `Frozen`, `Bounds`.
    pub fn take_elements(
        &mut self,
        object: Oop,
        at: usize,
        count: usize,
        from: Oop,
        start: usize,
    ) -> HeapResult<()> {
        for i in 0..count {
            let value = self.raw_element(from, start + i)?;
            self.raw_element(object, at + i)?;
            let r = ObjectRef::of(object);
            self.element_barrier(r, at + i, value)?;
            // SAFETY: raw_element checked the bounds.
            unsafe { *(r.buffer() as *mut Oop).add(at + i) = value };
        }
        Ok(())
    }
}
