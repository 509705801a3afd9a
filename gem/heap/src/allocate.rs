//! Allocation. The path of a small object: one comparison, the bump of a cursor, and stores; `Space::allocate_slow` finds the next free lines.

use crate::block::{LARGE_BYTES, LINE_BYTES};
use crate::heap::Heap;
use crate::layout::{HEADER_BYTES, Kind, ObjectRef, header_word, object_bytes};
use crate::shape::ShapeId;
use proto::Oop;

/// What a new small object of one shape looks like. Fixed for the shape's life, so an inline cache may keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    header: u64,
    /// A multiple of 16, at most a line.
    bytes: u32,
}

impl Heap {
    /// The template of `shape`; `None` for objects with a buffer, raw words or more slots than a line holds, which `allocate` makes.
    pub fn template(&self, shape: ShapeId) -> Option<Template> {
        let s = &self.shapes[shape.0 as usize];
        let kind = self.classes[s.class.0 as usize].kind;
        let slots = s.inline_slots as usize;
        let bytes = object_bytes(kind, slots);
        (kind == Kind::Slots && bytes <= LINE_BYTES).then(|| Template {
            header: header_word(shape.0, kind, slots),
            bytes: bytes as u32,
        })
    }

    /// A new object: slots nil, no flags, no id.
    #[inline(always)]
    pub fn allocate_small(&mut self, template: Template) -> Oop {
        let bytes = template.bytes as usize;
        let at = self.space.allocate(bytes) as *mut [u64; 2];
        // SAFETY: `at` has `bytes` bytes, which is a multiple of 16 and at least the header's. The word behind an odd number of slots is
        // padding, which may hold anything.
        unsafe {
            *at = [template.header, 0];
            let end = at.byte_add(bytes);
            let mut pair = at.add(1);
            while pair < end {
                *pair = [Oop::NIL.0; 2];
                pair = pair.add(1);
            }
        }
        ObjectRef(at as *mut u64).oop()
    }

    /// Allocates an object of `shape`: inline slots nil, no elements.
    #[inline(always)]
    pub fn allocate(&mut self, shape: ShapeId) -> Oop {
        let s = &self.shapes[shape.0 as usize];
        let slots = s.inline_slots as usize;
        let kind = self.classes[s.class.0 as usize].kind;
        self.allocate_raw(shape, kind, slots).oop()
    }

    #[inline(always)]
    pub(crate) fn allocate_raw(&mut self, shape: ShapeId, kind: Kind, slots: usize) -> ObjectRef {
        let bytes = object_bytes(kind, slots);
        let at = if bytes <= LARGE_BYTES {
            self.space.allocate(bytes) as *mut u64
        } else {
            self.allocate_huge(bytes)
        };
        // SAFETY: `at` has object_bytes(kind, slots) bytes: header, slots, and for buffers two more words.
        unsafe {
            *at = header_word(shape.0, kind, slots);
            *at.add(1) = 0;
            let first = at.add(HEADER_BYTES / 8);
            for i in 0..slots {
                *first.add(i) = Oop::NIL.0;
            }
            if matches!(kind, Kind::Indexed | Kind::Bytes) {
                *first.add(slots) = 0;
                *first.add(slots + 1) = 0;
            }
        }
        ObjectRef(at)
    }

    /// An object too large for a block lives in a large buffer of its own.
    #[cold]
    #[inline(never)]
    fn allocate_huge(&mut self, bytes: usize) -> *mut u64 {
        self.space
            .allocate_buffer(bytes)
            .expect("memory for an object with many slots") as *mut u64
    }
}
