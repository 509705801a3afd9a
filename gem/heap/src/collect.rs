//! Garbage collection: mark-region with sticky mark bits. A young collection traces from roots and remembered objects and
//! leaves survivors of earlier collections alone (Demers et al., "Combining generational and conservative garbage collection", POPL 1990);
//! a full one takes the next mark state and traces everything.
//!
//! Under memory pressure a full collection also turns references to clean committed objects back into object ids, so that a session can
//! walk a graph larger than its memory.

use crate::barrier::large_buffer;
use crate::heap::Heap;
use crate::large::CARD_ITEMS;
use crate::layout::{Kind, ObjectRef, buffer_capacity, buffer_large_index, flags};
use crate::marker::Marker;
use crate::roots::Roots;
use crate::shape::ShapeId;
use format::Oop;
use std::time::Duration;

/// A full collection gives free memory back but for what the nursery takes, and for this part of what is live.
const RESERVE_PART: usize = 8;

impl Heap {
    /// Collects. `full` forces a full collection; otherwise the heap decides. `clock` is the caller's.
    pub fn collect(&mut self, roots: &dyn Roots, full: bool, clock: &mut dyn FnMut() -> Duration) {
        let used = self.stats.live_bytes + self.space.allocated;
        let plan = self.pressure.plan(used, full);
        if plan.idle {
            return;
        }
        let full = plan.full;
        let start = clock();
        self.assert_collectable();
        self.memos.clear();
        if full {
            self.begin_full();
        }
        let mut marker = Marker::new(self.mark_state, plan.drop_clean);
        self.mark_roots(roots, full, &mut marker);
        self.mark_remembered(&mut marker);
        let held = full.then_some(roots);
        self.trace(held, &mut marker);
        self.trace_ephemerons(held, &mut marker);
        self.clear_weak(&marker);
        assert!(
            marker.is_done(),
            "a collection sweeps while objects wait to be scanned"
        );
        self.forget_dead(full);
        self.finish(&plan, &marker);
        self.assert_collected();
        let took = clock().saturating_sub(start);
        if full {
            self.stats.full.record(took);
        } else {
            self.stats.young.record(took);
        }
    }

    /// What a collection relies on.
    fn assert_collectable(&self) {
        assert!(
            matches!(self.mark_state >> 62, 1..=3),
            "new objects count as marked"
        );
        assert!(self.dirty_marked <= self.dirty.len());
        let noted = |list: &[ObjectRef], flag| list.iter().all(|r| r.has(flag) && self.is_old(*r));
        debug_assert!(
            noted(&self.remembered, flags::REMEMBERED),
            "a note of a young object"
        );
        debug_assert!(
            noted(&self.carded, flags::CARDED),
            "cards of a young object"
        );
        debug_assert!(
            self.dirty
                .iter()
                .all(|r| r.has(flags::DIRTY) && r.has(flags::COMMITTED))
        );
    }

    /// What it leaves behind: no notes, nothing young, everything that is listed alive.
    fn assert_collected(&self) {
        assert!(self.remembered.is_empty() && self.carded.is_empty());
        assert!(self.young_ids.is_empty() && self.young_side.is_empty());
        assert!(self.young_roots.is_empty(), "new symbols were not marked");
        assert_eq!(
            self.dirty_marked,
            self.dirty.len(),
            "a changed object was not marked"
        );
        assert_eq!(self.space.allocated, 0);
        assert!(self.stats.live_bytes <= self.space.footprint());
        debug_assert!(
            self.dirty.iter().all(|r| self.is_old(*r)),
            "a changed object died"
        );
        debug_assert!(self.mourning.iter().all(|&o| self.is_old(ObjectRef::of(o))));
        debug_assert!(
            self.by_id.values().all(|r| self.is_old(*r)),
            "a dead object has an id"
        );
    }

    /// Nothing is marked any more; notes for the young collection are void.
    fn begin_full(&mut self) {
        let before = self.mark_state;
        self.mark_state = if self.mark_state == flags::MARK {
            flags::MARK_FIRST
        } else {
            self.mark_state + flags::MARK_FIRST
        };
        self.space.clear_all_marks();
        for r in std::mem::take(&mut self.remembered) {
            r.clear(flags::REMEMBERED);
        }
        for r in std::mem::take(&mut self.carded) {
            r.clear(flags::CARDED);
            if let Some(index) = large_buffer(r) {
                self.space.large.take_cards(index);
            }
        }
        self.dirty_marked = 0;
        assert!(self.mark_state != before && self.mark_state & flags::MARK != 0);
    }

    fn mark_roots(&mut self, roots: &dyn Roots, full: bool, marker: &mut Marker) {
        let young_roots = std::mem::take(&mut self.young_roots);
        if full {
            roots.visit_full(&mut |oop| marker.mark(oop));
            self.mark_symbols(roots.lasting_symbols(), marker);
            for info in &self.classes {
                marker.mark(info.class);
            }
        } else {
            roots.visit_young(&mut |oop| marker.mark(oop));
            for oop in young_roots {
                marker.mark(oop);
            }
        }
        for &oop in &self.mourning {
            marker.mark(oop);
        }
        for &r in &self.dirty[self.dirty_marked..] {
            marker.mark(r.oop());
        }
        self.dirty_marked = self.dirty.len();
    }

    /// Old objects that may refer to young ones. A full collection has none.
    fn mark_remembered(&mut self, marker: &mut Marker) {
        for r in std::mem::take(&mut self.remembered) {
            r.clear(flags::REMEMBERED);
            marker.push(r);
        }
        for r in std::mem::take(&mut self.carded) {
            r.clear(flags::CARDED);
            self.scan_cards(r, marker);
        }
    }

    /// The elements of `r` whose cards are set.
    fn scan_cards(&mut self, r: ObjectRef, marker: &mut Marker) {
        let Some(index) = large_buffer(r) else {
            return;
        };
        self.space.large.mark(index);
        let cards = self.space.large.take_cards(index);
        for (word, &bits) in cards.iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                let first = (word * 64 + bits.trailing_zeros() as usize) * CARD_ITEMS;
                bits &= bits - 1;
                for i in first..(first + CARD_ITEMS).min(r.len()) {
                    // SAFETY: i is below len.
                    unsafe { marker.field((r.buffer() as *mut Oop).add(i)) };
                }
            }
        }
    }

    /// Traces until nothing is left to trace and the roots of a full collection hold nothing more for what lives.
    pub(crate) fn trace(&mut self, roots: Option<&dyn Roots>, marker: &mut Marker) {
        self.drain(marker);
        let Some(roots) = roots else { return };
        let state = self.mark_state;
        let lives =
            |oop: Oop| oop.is_pointer() && ObjectRef::of(oop).header() & flags::MARK == state;
        while roots.visit_held(&lives, &mut |oop| marker.mark(oop)) {
            self.drain(marker);
        }
    }

    /// Traces until nothing is left to trace.
    pub(crate) fn drain(&mut self, marker: &mut Marker) {
        while let Some(r) = marker.pop() {
            self.scan(r, marker);
        }
    }

    /// Sweeps and takes stock.
    fn finish(&mut self, plan: &crate::pressure::Plan, marker: &Marker) {
        let before = self.stats.live_bytes;
        self.stats.allocated_bytes += self.space.allocated as u64;
        let reserve = self.pressure.nursery + before / RESERVE_PART;
        let live = self.space.sweep(plan.full, reserve);
        self.stats.live_bytes = live;
        self.stats.stubs += marker.stubs;
        if plan.full {
            self.pressure.after_full(live, plan.drop_clean);
        } else {
            let kept = live.saturating_sub(before);
            self.stats.promoted_bytes += kept as u64;
            self.stats.survivors += marker.marked;
            self.stats.survivors_last = marker.marked;
            self.pressure.after_young(kept);
        }
    }

    fn scan(&mut self, r: ObjectRef, marker: &mut Marker) {
        debug_assert!(self.is_old(r), "{:?} is scanned without a mark", r.oop());
        let bytes = r.size_bytes();
        if bytes > crate::block::LARGE_BYTES {
            self.space.mark_large(buffer_large_index(r.0 as *mut u8));
        } else {
            self.space.mark_lines(r.0 as *mut u8, bytes);
        }
        r.set(flags::BARRIER);
        let kind = r.kind();
        if matches!(kind, Kind::Slots | Kind::Indexed) {
            // What slot 0 of a weak object refers to is looked at in the end; the rest of an ephemeron depends on it.
            let skip = if r.has(flags::WEAK) {
                marker.weak.push(r);
                crate::weak::untraced_slots(r)
            } else {
                0
            };
            for i in skip..r.inline_slots() {
                // SAFETY: i is below inline_slots.
                unsafe { marker.field(r.slot_ptr(i)) };
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
                    unsafe { marker.field((buffer as *mut Oop).add(i)) };
                }
            }
        }
        if r.has(flags::SIDE)
            && let Some(pairs) = self.side.get(&r.oop().bits())
        {
            for &(name, value) in pairs {
                marker.mark(name);
                marker.mark(value);
            }
        }
        let class = self.shapes[ShapeId(r.shape_bits()).0 as usize].class;
        marker.mark(self.classes[class.0 as usize].class);
    }

    /// Drops table entries of objects that died. Runs before their memory is reused.
    fn forget_dead(&mut self, full: bool) {
        let state = self.mark_state;
        let alive = |r: ObjectRef| r.header() & flags::MARK == state;
        if full {
            self.forget_dead_symbols();
            let (dropped, stats) = (&mut self.dropped, &mut self.stats);
            self.by_id.retain(|&id, r| {
                let stays = alive(*r);
                if !stays && r.has(flags::COMMITTED) {
                    dropped.insert(id);
                    stats.dropped += 1;
                }
                stays
            });
            let len = self.by_id.len();
            if self.by_id.capacity() > len * 4 + 4096 {
                self.by_id.shrink_to(len * 2);
            }
            self.side
                .retain(|&address, _| alive(ObjectRef(address as *mut u64)));
        } else {
            for &(id, r) in &self.young_ids {
                if !alive(r) && self.by_id.get(&id) == Some(&r) {
                    self.by_id.remove(&id);
                }
            }
            for address in std::mem::take(&mut self.young_side) {
                if !alive(ObjectRef(address as *mut u64)) {
                    self.side.remove(&address);
                }
            }
        }
        self.young_ids.clear();
        self.young_side.clear();
    }
}
