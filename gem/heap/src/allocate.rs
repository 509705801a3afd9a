//! Allocation. The path of a small object: one comparison, the bump of a cursor, and stores; `Space::allocate_slow` finds the next free lines.

use crate::block::LARGE_BYTES;
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, header_word, object_bytes};
use crate::shape::ShapeId;
use proto::Oop;

/// What a new object of one shape looks like. Fixed for the shape's life, so an inline cache may keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    header: u64,
    /// A multiple of 16.
    bytes: u32,
    /// Word of the buffer pointer, which its length follows; 0 when there is no buffer.
    buffer: u32,
}

impl Template {
    pub(crate) fn of(shape: ShapeId, kind: Kind, slots: usize) -> Template {
        let buffer = match kind {
            Kind::Indexed | Kind::Bytes => 2 + slots as u32,
            Kind::Slots | Kind::Raw => 0,
        };
        Template {
            header: header_word(shape.0, kind, slots),
            bytes: object_bytes(kind, slots) as u32,
            buffer,
        }
    }

    /// Whether `allocate_small` makes it: slots and nothing else, and not so many that they need memory of their own.
    pub fn is_small(self) -> bool {
        self.buffer == 0 && self.bytes as usize <= LARGE_BYTES
    }
}

impl Heap {
    /// The template of `shape` when `allocate_small` makes such objects.
    pub fn template(&self, shape: ShapeId) -> Option<Template> {
        Some(self.shapes[shape.0 as usize].template).filter(|t| t.is_small())
    }

    /// A new object of a template that is small: slots nil, no flags, no id. Twenty machine instructions for an object of two slots.
    #[inline(always)]
    pub fn allocate_small(&mut self, template: Template) -> Oop {
        debug_assert!(template.is_small());
        let at = self.space.allocate(template.bytes as usize);
        // SAFETY: `at` has that many bytes.
        unsafe { fill(at, template) }
    }

    /// Allocates an object of `shape`: inline slots nil, no elements.
    #[inline(always)]
    pub fn allocate(&mut self, shape: ShapeId) -> Oop {
        let template = self.shapes[shape.0 as usize].template;
        self.allocate_template(template)
    }

    #[inline(always)]
    fn allocate_template(&mut self, template: Template) -> Oop {
        let bytes = template.bytes as usize;
        let at = if bytes <= LARGE_BYTES {
            self.space.allocate(bytes)
        } else {
            self.allocate_huge(bytes)
        };
        // SAFETY: `at` has `bytes` bytes, and the two words of a buffer lie within them.
        unsafe {
            let object = fill(at, template);
            if template.buffer != 0 {
                *(at as *mut [u64; 2]).byte_add(template.buffer as usize * 8) = [0, 0];
            }
            object
        }
    }

    /// An object of a shape whose kind and slots are these.
    #[inline(always)]
    pub(crate) fn allocate_raw(&mut self, shape: ShapeId, kind: Kind, slots: usize) -> ObjectRef {
        ObjectRef::of(self.allocate_template(Template::of(shape, kind, slots)))
    }

    /// An object too large for a block lives in a large buffer of its own.
    #[cold]
    #[inline(never)]
    fn allocate_huge(&mut self, bytes: usize) -> *mut u8 {
        self.space
            .allocate_buffer(bytes)
            .expect("memory for an object with many slots")
    }
}

/// Writes the header and nil into everything behind it. The word behind an odd number of slots is padding, which may hold anything.
///
/// # Safety
/// `at` has `template.bytes` bytes, aligned to 8.
#[inline(always)]
unsafe fn fill(at: *mut u8, template: Template) -> Oop {
    let first = at as *mut [u64; 2];
    // SAFETY: the caller's promise; `bytes` is a multiple of 16 and at least the header's.
    unsafe {
        *first = [template.header, 0];
        let end = first.byte_add(template.bytes as usize);
        let mut pair = first.add(1);
        while pair < end {
            *pair = [Oop::NIL.0; 2];
            pair = pair.add(1);
        }
    }
    ObjectRef(at as *mut u64).oop()
}
