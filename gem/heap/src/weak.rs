//! References that do not keep their object alive.
//!
//! A weak reference has its referent in slot 0; when nothing else refers to it, the slot becomes nil. An ephemeron (Hayes, OOPSLA 1997) has a key in slot 0 and
//! what belongs to the key in the other slots: they are traced only while something else reaches the key. When nothing does, the ephemeron becomes
//! an ordinary object, which keeps the key once more, and is handed out by `take_mourning`: whoever gets it finalises.
//!
//! An object that is in the repository does not die with a session's memory: its reference turns into its id instead.

use crate::heap::Heap;
use crate::layout::{ObjectRef, flags};
use crate::marker::Marker;
use crate::roots::Roots;
use format::{ObjectId, Oop};

/// How many of the first slots of a weak object the tracing of the roots leaves out.
pub(crate) fn untraced_slots(r: ObjectRef) -> usize {
    if r.has(flags::EPHEMERON) {
        r.inline_slots()
    } else {
        1
    }
}

impl Heap {
    /// Makes slot 0 of `object` weak.
    pub fn make_weak(&mut self, object: Oop) {
        ObjectRef::of(object).set(flags::WEAK);
    }

    /// Makes `object` an ephemeron: slot 0 is its key.
    pub fn make_ephemeron(&mut self, object: Oop) {
        ObjectRef::of(object).set(flags::WEAK | flags::EPHEMERON);
    }

    /// Whether ephemerons wait for `take_mourning`.
    pub fn has_mourning(&self) -> bool {
        !self.mourning.is_empty()
    }

    /// The ephemerons whose keys nothing else referred to.
    pub fn take_mourning(&mut self) -> Vec<Oop> {
        std::mem::take(&mut self.mourning)
    }

    /// After the roots were traced: traces what belongs to living keys, until there is no more.
    pub(crate) fn trace_ephemerons(&mut self, roots: Option<&dyn Roots>, marker: &mut Marker) {
        let mut waiting: Vec<ObjectRef> = Vec::new();
        loop {
            let found = std::mem::take(&mut marker.weak);
            let (ephemerons, weak): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|r| r.has(flags::EPHEMERON));
            marker.plain_weak.extend(weak);
            waiting.extend(ephemerons);
            let before = waiting.len();
            let mut still = Vec::new();
            for r in waiting {
                if self.key_lives(r) {
                    self.mark_slots(r, 1, marker);
                } else {
                    still.push(r);
                }
            }
            waiting = still;
            if waiting.len() == before {
                break;
            }
            self.trace(roots, marker);
        }
        for r in waiting {
            r.clear(flags::WEAK | flags::EPHEMERON);
            self.mark_slots(r, 0, marker);
            self.mourning.push(r.oop());
        }
        self.trace(roots, marker);
        // What the dead keys reached may hold weak objects of its own: the next collection decides about those ephemerons.
        while !marker.weak.is_empty() {
            for r in std::mem::take(&mut marker.weak) {
                if r.has(flags::EPHEMERON) {
                    self.mark_slots(r, 0, marker);
                } else {
                    marker.plain_weak.push(r);
                }
            }
            self.trace(roots, marker);
        }
    }

    fn key_lives(&self, r: ObjectRef) -> bool {
        // SAFETY: an ephemeron has slot 0.
        let key = unsafe { *r.slot_ptr(0) };
        !key.is_pointer() || self.stays(r, key)
    }

    /// Whether what slot 0 of `r` refers to survives this collection, here or in the repository.
    fn stays(&self, r: ObjectRef, value: Oop) -> bool {
        let target = ObjectRef::of(value);
        if self.is_old(target) {
            return true;
        }
        if target.header() & (flags::COMMITTED | flags::DIRTY) != flags::COMMITTED {
            return false;
        }
        // SAFETY: weak objects have slot 0. The id finds the object again.
        unsafe { *r.slot_ptr(0) = Oop::from_id(ObjectId(target.id_bits())) };
        true
    }

    pub(crate) fn clear_weak(&mut self, marker: &Marker) {
        for &r in &marker.plain_weak {
            // SAFETY: weak references have their referent in slot 0.
            let value = unsafe { *r.slot_ptr(0) };
            if value.is_pointer() && !self.stays(r, value) {
                // SAFETY: as above.
                unsafe { *r.slot_ptr(0) = Oop::NIL };
            }
        }
    }

    fn mark_slots(&self, r: ObjectRef, from: usize, marker: &mut Marker) {
        for i in from..r.inline_slots() {
            // SAFETY: i is below inline_slots.
            unsafe { marker.field(r.slot_ptr(i)) };
        }
    }
}
