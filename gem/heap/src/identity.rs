//! Identity changes hands (`become:`): references to one object become references to another, in memory and, through the ids, in the repository.
//!
//! An id belongs to the references, not to the body. So the bodies stay where they are, references in memory are rewritten, and the two objects exchange
//! their ids: what is stored in the repository as a reference to an id finds the other body from now on.

use crate::barrier::large_buffer;
use crate::error::HeapResult;
use crate::heap::Heap;
use crate::layout::{ID_MASK, Kind, ObjectRef, flags};
use format::Oop;

/// Which references are rewritten.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    pub one: Oop,
    pub other: Oop,
    /// Whether references to `other` become references to `one` as well.
    pub both: bool,
}

impl Exchange {
    /// What stands where `oop` stood.
    #[inline]
    pub fn of(self, oop: Oop) -> Oop {
        if oop == self.one {
            self.other
        } else if self.both && oop == self.other {
            self.one
        } else {
            oop
        }
    }
}

impl Heap {
    /// Rewrites the references that `object` holds: `new_of` answers what stands where its argument stood. The record stays the same, so the object does not
    /// become dirty: the ids move as well.
    pub fn rewrite_references(&mut self, object: Oop, new_of: &dyn Fn(Oop) -> Oop) {
        let r = ObjectRef::of(object);
        let field = |place: &mut Oop| {
            let new = new_of(*place);
            std::mem::replace(place, new) != new
        };
        let mut changed = false;
        if matches!(r.kind(), Kind::Slots | Kind::Indexed) {
            for i in 0..r.inline_slots() {
                // SAFETY: i is below inline_slots.
                changed |= field(unsafe { &mut *r.slot_ptr(i) });
            }
        }
        if r.kind() == Kind::Indexed {
            for i in 0..r.len() {
                // SAFETY: i is below len, and the buffer holds len oops.
                if field(unsafe { &mut *(r.buffer() as *mut Oop).add(i) }) {
                    self.remember_element(r, i);
                }
            }
        }
        if r.has(flags::SIDE) {
            for pair in self.side.get_mut(&object.bits()).into_iter().flatten() {
                changed |= field(&mut pair.1);
            }
        }
        if changed {
            self.remember(r);
        }
    }

    /// Objects that may hold references although nobody refers to them any more: what has an id can be found by it again, what was changed will be committed,
    /// and an ephemeron waits to be handed out.
    pub fn unrooted_objects(&self) -> Vec<Oop> {
        let known = self.by_id.values().chain(&self.dirty).map(|r| r.oop());
        known.chain(self.mourning.iter().copied()).collect()
    }

    /// The same for what the heap itself refers to.
    pub fn rewrite_own_references(&mut self, new_of: &dyn Fn(Oop) -> Oop) {
        self.mourning.iter_mut().for_each(|m| *m = new_of(*m));
    }

    /// The roots of the machine were rewritten: the next young collection must find what stands there now.
    pub fn roots_exchanged(&mut self, objects: impl IntoIterator<Item = Oop>) {
        self.young_roots.extend(objects);
    }

    /// Exchanges the ids of two objects, and with them whether they are in the repository. Those that are now are dirty.
    pub fn exchange_ids(&mut self, one: Oop, other: Oop) {
        let (a, b) = (ObjectRef::of(one), ObjectRef::of(other));
        let (id_a, id_b) = (a.id_bits(), b.id_bits());
        let known = |id: u64| id != 0 && self.by_id.contains_key(&id);
        let (known_a, known_b) = (known(id_a), known(id_b));
        let (stored_a, stored_b) = (a.has(flags::COMMITTED), b.has(flags::COMMITTED));
        self.dirty.retain(|&r| r != a && r != b);
        self.dirty_marked = 0;
        for (r, id, known, stored) in [(a, id_b, known_b, stored_b), (b, id_a, known_a, stored_a)] {
            r.set_word1((r.word1() & !ID_MASK) | id);
            r.clear(flags::DIRTY | flags::COMMITTED);
            if known {
                self.by_id.insert(id, r);
                self.young_ids.push((id, r));
            }
            if stored {
                r.set(flags::COMMITTED | flags::DIRTY);
                self.dirty.push(r);
            }
        }
    }

    /// Whether two objects can exchange their bodies where they lie.
    pub fn same_layout(&self, one: Oop, other: Oop) -> bool {
        let (a, b) = (ObjectRef::of(one), ObjectRef::of(other));
        a.kind() == b.kind()
            && a.inline_slots() == b.inline_slots()
            && [a, b]
                .iter()
                .all(|r| !r.has(flags::SIDE) && large_buffer(*r).is_none())
    }

    /// Exchanges class, slots and elements of two objects of the same layout: no reference has to be rewritten.
    ///
    /// # Errors
    /// `Frozen`.
    pub fn exchange_bodies(&mut self, one: Oop, other: Oop) -> HeapResult<()> {
        assert!(self.same_layout(one, other));
        self.write_barrier(one)?;
        self.write_barrier(other)?;
        let (a, b) = (ObjectRef::of(one), ObjectRef::of(other));
        let words = a.size_bytes() / 8;
        for i in 2..words {
            // SAFETY: both objects have as many words; what follows the ids is slots, buffer and length.
            unsafe { std::ptr::swap(a.0.add(i), b.0.add(i)) };
        }
        let of_body = 0xFFFF_FFFF | flags::ASCII | flags::WEAK | flags::EPHEMERON;
        let (head_a, head_b) = (a.header(), b.header());
        a.set_header((head_a & !of_body) | (head_b & of_body));
        b.set_header((head_b & !of_body) | (head_a & of_body));
        let (id_a, id_b) = (a.word1(), b.word1());
        a.set_word1((id_a & ID_MASK) | (id_b & !ID_MASK));
        b.set_word1((id_b & ID_MASK) | (id_a & !ID_MASK));
        self.remember(a);
        self.remember(b);
        Ok(())
    }
}
