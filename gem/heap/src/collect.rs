//! Garbage collection: mark-region with sticky mark bits. A young collection traces from roots and remembered objects and
//! leaves survivors of earlier collections alone (Demers et al., "Combining generational and conservative garbage collection", POPL 1990);
//! a full one takes the next mark state and traces everything.
//!
//! Under memory pressure a full collection also turns references to clean committed objects back into object ids, so that a session can
//! walk a graph larger than its memory.

use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, buffer_capacity, buffer_large_index, flags};
use crate::shape::ShapeId;
use proto::{ObjectId, Oop};
use std::time::Duration;

/// Who holds references from outside the heap.
pub trait Roots {
    /// Calls `visit` with every oop held (immediates may be passed too).
    fn visit(&self, visit: &mut dyn FnMut(Oop));
}

/// Figures of the collector.
#[derive(Clone, Debug, Default)]
pub struct GcStats {
    pub young: u64,
    pub full: u64,
    pub young_time: Duration,
    pub full_time: Duration,
    pub young_pause_max: Duration,
    /// Bytes live after the last collection, by lines.
    pub live_bytes: usize,
    /// Objects copied in from the repository.
    pub faults: u64,
    /// References turned back into ids.
    pub stubs: u64,
}

struct Marker {
    stack: Vec<ObjectRef>,
    weak: Vec<ObjectRef>,
    drop_clean: bool,
    stubs: u64,
}

impl Heap {
    /// Collects. `full` forces a full collection; otherwise the heap decides. `started` and `elapsed` come from the caller's clock.
    pub fn collect(&mut self, roots: &dyn Roots, full: bool, clock: &mut dyn FnMut() -> Duration) {
        let start = clock();
        let pressure = self.space.footprint() > self.limit_bytes / 5 * 4;
        let grown = self.stats.live_bytes > self.live_after_full * 2 + (64 << 20);
        let full = full || pressure || grown;
        let mut marker = Marker {
            stack: Vec::new(),
            weak: Vec::new(),
            drop_clean: full && pressure,
            stubs: 0,
        };
        if full {
            self.mark_state = if self.mark_state == flags::MARK {
                flags::MARK_FIRST
            } else {
                self.mark_state + flags::MARK_FIRST
            };
            self.space.clear_all_marks();
            for r in std::mem::take(&mut self.remembered) {
                r.clear(flags::REMEMBERED);
            }
        }
        self.mark_roots(roots, &mut marker);
        for r in std::mem::take(&mut self.remembered) {
            r.clear(flags::REMEMBERED);
            marker.stack.push(r);
        }
        while let Some(r) = marker.stack.pop() {
            self.scan(r, &mut marker);
        }
        self.clear_weak(&marker);
        self.forget_dead(full);
        self.stats.live_bytes = self.space.sweep();
        self.stats.stubs += marker.stubs;
        let took = clock().saturating_sub(start);
        if full {
            self.live_after_full = self.stats.live_bytes;
            self.stats.full += 1;
            self.stats.full_time += took;
        } else {
            self.stats.young += 1;
            self.stats.young_time += took;
            self.stats.young_pause_max = self.stats.young_pause_max.max(took);
        }
    }

    fn mark_roots(&mut self, roots: &dyn Roots, marker: &mut Marker) {
        let state = self.mark_state;
        roots.visit(&mut |oop| marker.mark(oop, state));
        for &oop in self.symbols.values() {
            marker.mark(oop, state);
        }
        for info in &self.classes {
            marker.mark(info.class, state);
        }
        for &r in &self.dirty {
            marker.mark(r.oop(), state);
        }
    }

    fn scan(&mut self, r: ObjectRef, marker: &mut Marker) {
        let state = self.mark_state;
        let bytes = r.size_bytes();
        if bytes > crate::block::LARGE_BYTES {
            self.space.mark_large(buffer_large_index(r.0 as *mut u8));
        } else {
            self.space.mark_lines(r.0 as *mut u8, bytes);
        }
        r.set(flags::BARRIER);
        let kind = r.kind();
        if matches!(kind, Kind::Slots | Kind::Indexed) {
            let skip = if r.has(WEAK) {
                marker.weak.push(r);
                1
            } else {
                0
            };
            for i in skip..r.inline_slots() {
                // SAFETY: i is below inline_slots.
                unsafe { marker.field(r.slot_ptr(i), state) };
            }
        }
        if matches!(kind, Kind::Indexed | Kind::Bytes) && !r.buffer().is_null() {
            let buffer = r.buffer();
            match buffer_large_index(buffer) {
                0 => self.space.mark_lines(
                    buffer.wrapping_sub(crate::layout::BUFFER_HEADER_BYTES),
                    buffer_capacity(buffer) + crate::layout::BUFFER_HEADER_BYTES,
                ),
                large => self.space.mark_large(large),
            }
            if kind == Kind::Indexed {
                for i in 0..r.len() {
                    // SAFETY: i is below len.
                    unsafe { marker.field((buffer as *mut Oop).add(i), state) };
                }
            }
        }
        if r.has(flags::SIDE)
            && let Some(pairs) = self.side.get(&r.oop().0)
        {
            for &(name, value) in pairs {
                marker.mark(name, state);
                marker.mark(value, state);
            }
        }
        let class = self.shapes[ShapeId(r.shape_bits()).0 as usize].class;
        marker.mark(self.classes[class.0 as usize].class, state);
    }

    fn clear_weak(&mut self, marker: &Marker) {
        for &r in &marker.weak {
            // SAFETY: weak references have their referent in slot 0.
            let value = unsafe { *r.slot_ptr(0) };
            if value.is_pointer() && !self.survives(ObjectRef::of(value)) {
                // SAFETY: as above.
                unsafe { *r.slot_ptr(0) = Oop::NIL };
            }
        }
    }

    fn survives(&self, r: ObjectRef) -> bool {
        r.header() & flags::MARK == self.mark_state
    }

    /// Drops table entries of objects that died. Runs before their memory is reused.
    fn forget_dead(&mut self, full: bool) {
        let state = self.mark_state;
        let alive = |r: ObjectRef| r.header() & flags::MARK == state;
        if full {
            self.by_id.retain(|_, r| alive(*r));
        } else {
            for id in std::mem::take(&mut self.young_ids) {
                if self.by_id.get(&id).is_some_and(|r| !alive(*r)) {
                    self.by_id.remove(&id);
                }
            }
        }
        self.young_ids.clear();
        self.side
            .retain(|&address, _| alive(ObjectRef(address as *mut u64)));
    }

    /// Makes slot 0 of `object` weak.
    pub fn make_weak(&mut self, object: Oop) {
        ObjectRef::of(object).set(WEAK);
    }
}

/// Header flag: slot 0 does not keep its referent alive.
const WEAK: u64 = 1 << 60;

impl Marker {
    #[inline(always)]
    fn mark(&mut self, oop: Oop, state: u64) {
        if oop.is_pointer() && oop.0 != 0 {
            let r = ObjectRef(oop.0 as *mut u64);
            let header = r.header();
            if header & flags::MARK != state {
                r.set_header((header & !flags::MARK) | state);
                self.stack.push(r);
            }
        }
    }

    /// # Safety
    /// `field` is a slot of a live object.
    #[inline(always)]
    unsafe fn field(&mut self, field: *mut Oop, state: u64) {
        // SAFETY: the caller's promise.
        let value = unsafe { *field };
        if !value.is_pointer() || value.0 == 0 {
            return;
        }
        let r = ObjectRef(value.0 as *mut u64);
        let header = r.header();
        if header & flags::MARK == state {
            return;
        }
        if self.drop_clean
            && header & (flags::COMMITTED | flags::DIRTY | flags::PINNED) == flags::COMMITTED
        {
            self.stubs += 1;
            // SAFETY: as above. The object stays if something else marks it; the id finds it then.
            unsafe { *field = Oop::from_id(ObjectId(r.id_bits())) };
            return;
        }
        r.set_header((header & !flags::MARK) | state);
        self.stack.push(r);
    }
}
