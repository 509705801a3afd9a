//! The write barrier: who changes a committed object puts it on the dirty list, and who may make an old object refer to a young one
//! leaves a note for the next young collection. Both happen on the first write only: the flag BARRIER says that a write must stop here.
//!
//! The note is the object itself (`remembered`), which is then scanned whole, or for an element of a large collection a card (`carded`).
//! A large collection keeps BARRIER, since the next write may be to another card; writes of immediates pass beside it.

use crate::error::{HeapError, HeapResult};
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, buffer_capacity, buffer_large_index, flags};
use format::Oop;

impl Heap {
    /// To be called before the first visible write to `object`.
    ///
    /// # Errors
    /// `Frozen`; an immediate is as good as frozen.
    #[inline(always)]
    pub fn write_barrier(&mut self, object: Oop) -> HeapResult<()> {
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Frozen(object));
        };
        if r.has(flags::BARRIER) {
            self.write_barrier_slow(r)
        } else {
            Ok(())
        }
    }

    #[cold]
    #[inline(never)]
    fn write_barrier_slow(&mut self, r: ObjectRef) -> HeapResult<()> {
        self.make_dirty(r)?;
        self.remember(r);
        r.clear(flags::BARRIER);
        debug_assert!(!self.is_old(r) || r.has(flags::REMEMBERED), "H4");
        debug_assert!(!r.has(flags::COMMITTED) || r.has(flags::DIRTY), "H4");
        Ok(())
    }

    /// To be called before element `i` of `r`, which is Indexed, becomes `value`.
    ///
    /// # Errors
    /// `Frozen`.
    #[inline(always)]
    pub(crate) fn element_barrier(&mut self, r: ObjectRef, i: usize, value: Oop) -> HeapResult<()> {
        let header = r.header();
        if header & flags::BARRIER != 0
            && (value.is_pointer() || header & (flags::COMMITTED | flags::FROZEN) != 0)
        {
            self.element_barrier_slow(r, i, value)
        } else {
            Ok(())
        }
    }

    #[cold]
    #[inline(never)]
    fn element_barrier_slow(&mut self, r: ObjectRef, i: usize, value: Oop) -> HeapResult<()> {
        self.make_dirty(r)?;
        if large_buffer(r).is_none() {
            self.remember(r);
            r.clear(flags::BARRIER);
        } else if value.is_pointer() {
            self.remember_element(r, i);
        }
        Ok(())
    }

    fn make_dirty(&mut self, r: ObjectRef) -> HeapResult<()> {
        if r.has(flags::FROZEN) {
            return Err(HeapError::Frozen(r.oop()));
        }
        if r.has(flags::COMMITTED) && !r.has(flags::DIRTY) {
            r.set(flags::DIRTY);
            self.dirty.push(r);
        }
        Ok(())
    }

    /// An old object may now refer to a young one.
    #[inline]
    pub(crate) fn remember(&mut self, r: ObjectRef) {
        if self.is_old(r) && !r.has(flags::REMEMBERED) {
            r.set(flags::REMEMBERED);
            self.remembered.push(r);
        }
    }

    /// Element `i` of an old object may now refer to a young one.
    pub(crate) fn remember_element(&mut self, r: ObjectRef, i: usize) {
        if !self.is_old(r) || r.has(flags::REMEMBERED) {
            return;
        }
        match large_buffer(r) {
            None => self.remember(r),
            Some(index) => {
                self.space.large.set_card(index, i);
                self.note_carded(r);
            }
        }
    }

    /// Gives `r` a larger buffer, which holds what the old one held. The young collection must find an old object's new buffer.
    pub(crate) fn replace_buffer(&mut self, r: ObjectRef, fresh: *mut u8) {
        let item = if r.kind() == Kind::Indexed { 8 } else { 1 };
        debug_assert!(
            buffer_capacity(fresh) >= r.len() * item,
            "a buffer got smaller"
        );
        if !self.is_old(r) {
            r.set_buffer(fresh);
            return;
        }
        match large_buffer(r) {
            Some(old) if r.kind() == Kind::Indexed => {
                let cards = self.space.large.take_cards(old);
                r.set_buffer(fresh);
                // A buffer only grows: what replaces a large one is large.
                if let Some(new) = large_buffer(r) {
                    self.space.large.put_cards(new, cards);
                }
                self.note_carded(r);
            }
            _ => {
                self.remember(r);
                r.set_buffer(fresh);
            }
        }
    }

    fn note_carded(&mut self, r: ObjectRef) {
        if !r.has(flags::CARDED) {
            r.set(flags::CARDED);
            self.carded.push(r);
        }
    }

    /// Whether `r` survived a collection: a young one leaves it alone.
    #[inline(always)]
    pub(crate) fn is_old(&self, r: ObjectRef) -> bool {
        r.header() & flags::MARK == self.mark_state
    }
}

/// Index in the large table of the buffer of `r`, when that is a large one.
#[inline]
pub(crate) fn large_buffer(r: ObjectRef) -> Option<usize> {
    if !matches!(r.kind(), Kind::Indexed | Kind::Bytes) || r.buffer().is_null() {
        return None;
    }
    buffer_large_index(r.buffer()).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use crate::layout::{ObjectRef, flags};
    use crate::testing::{Held, clock, heap};
    use format::Oop;

    #[test]
    fn an_old_large_array_keeps_what_was_stored_into_one_element() {
        let mut h = heap();
        let big = h.new_array(&[]).unwrap();
        h.resize(big, 50_000).unwrap();
        let roots = Held(vec![big]);
        h.collect(&roots, false, &mut clock);
        for i in [0, 7, 8, 511, 512, 49_999] {
            let young = h.new_string(format!("young {i}").as_bytes()).unwrap();
            h.set_element(big, i, young).unwrap();
        }
        assert!(ObjectRef::of(big).has(flags::BARRIER | flags::CARDED));
        assert!(!ObjectRef::of(big).has(flags::REMEMBERED));
        h.collect(&roots, false, &mut clock);
        h.verify(&roots).unwrap();
        assert_eq!(h.stats().survivors_last, 6);
        for _ in 0..10_000 {
            h.new_string(b"overwrites what was freed").unwrap();
        }
        for i in [0, 7, 8, 511, 512, 49_999] {
            let kept = h.element(big, i).unwrap();
            assert_eq!(h.bytes(kept), format!("young {i}").as_bytes());
        }
    }

    #[test]
    fn a_large_array_grows_without_being_scanned() {
        let mut h = heap();
        let big = h.new_array(&[]).unwrap();
        let roots = Held(vec![big]);
        for i in 0..30_000 {
            let young = h.new_string(format!("{i}").as_bytes()).unwrap();
            h.push(big, young).unwrap();
            if i % 997 == 0 {
                h.collect(&roots, false, &mut clock);
                h.verify(&roots).unwrap();
                assert!(h.stats().survivors_last < 1100, "{i}");
            }
        }
        for i in 0..30_000 {
            let kept = h.element(big, i).unwrap();
            assert_eq!(h.bytes(kept), format!("{i}").as_bytes());
        }
    }

    #[test]
    fn an_immediate_in_a_committed_array_makes_it_dirty() {
        let mut h = heap();
        let a = h.new_array(&[Oop::NIL; 3]).unwrap();
        h.ensure_id(a).unwrap();
        h.mark_committed(a);
        h.set_element(a, 1, Oop::TRUE).unwrap();
        assert_eq!(h.dirty_objects(), [a]);
        h.freeze(a);
        assert!(h.set_element(a, 1, Oop::FALSE).is_err());
    }
}
