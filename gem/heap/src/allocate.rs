//! Allocation. The path of a small object: one comparison, the bump of a cursor, and stores; `Space::allocate_slow` finds the next free lines.

use crate::block::LARGE_BYTES;
use crate::class_info::ClassIndex;
use crate::error::HeapResult;
use crate::heap::Heap;
use crate::layout::{BUFFER_HEADER_BYTES, Kind, ObjectRef, buffer_header};
use crate::shape::{ShapeId, Template};
use format::{ObjectId, Oop};

/// Smallest buffer.
pub(crate) const BUFFER_BYTES_MIN: usize = 16;
/// Smallest buffer of an Array that grows element by element: four of them.
pub(crate) const GROWN_BYTES_MIN: usize = 32;

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

    /// An object of `shape`, which has a buffer, with these items in it: object and buffer lie one behind the other.
    ///
    /// # Errors
    /// `OutOfMemory`.
    #[inline]
    pub(crate) fn allocate_with<T: Copy>(
        &mut self,
        shape: ShapeId,
        items: &[T],
    ) -> HeapResult<ObjectRef> {
        let template = self.shapes[shape.0 as usize].template;
        debug_assert!(template.buffer != 0);
        let used = size_of_val(items);
        if used == 0 {
            return Ok(ObjectRef::of(self.allocate_template(template)));
        }
        let capacity = used.next_multiple_of(8).max(BUFFER_BYTES_MIN);
        let bytes = template.bytes as usize;
        let total = bytes + BUFFER_HEADER_BYTES + capacity;
        if total > LARGE_BYTES {
            return self.allocate_with_large(template, items);
        }
        let at = self.space.allocate(total);
        // SAFETY: `at` has `total` bytes: the object, the buffer's header, and room for the items.
        unsafe {
            fill(at, template);
            let header = at.add(bytes);
            *(header as *mut u64) = buffer_header(capacity, 0);
            let payload = header.add(BUFFER_HEADER_BYTES);
            std::ptr::copy_nonoverlapping(items.as_ptr() as *const u8, payload, used);
            *(at as *mut [u64; 2]).byte_add(template.buffer as usize * 8) =
                [payload as u64, items.len() as u64];
        }
        Ok(ObjectRef(at as *mut u64))
    }

    #[cold]
    #[inline(never)]
    fn allocate_with_large<T: Copy>(
        &mut self,
        template: Template,
        items: &[T],
    ) -> HeapResult<ObjectRef> {
        let r = ObjectRef::of(self.allocate_template(template));
        self.reserve(r, items.len(), size_of::<T>())?;
        // SAFETY: reserved.
        unsafe {
            std::ptr::copy_nonoverlapping(
                items.as_ptr() as *const u8,
                r.buffer(),
                size_of_val(items),
            );
        }
        r.set_len(items.len());
        Ok(r)
    }

    /// An object of a shape whose kind and slots are these.
    #[inline(always)]
    pub(crate) fn allocate_raw(&mut self, shape: ShapeId, kind: Kind, slots: usize) -> ObjectRef {
        ObjectRef::of(self.allocate_template(Template::of(shape, kind, slots)))
    }

    /// A new instance of a class, without elements.
    #[inline(always)]
    pub fn instantiate(&mut self, class: ClassIndex) -> Oop {
        let shape = self.root_shape(class);
        self.allocate(shape)
    }

    /// A new instance of a well-known class, without elements.
    pub fn new_wellknown(&mut self, id: ObjectId) -> Oop {
        let class = self.wellknown_class(id);
        self.instantiate(class)
    }

    /// An object of a well-known Slots class with these slots (as many inline slots as given).
    pub fn new_with_slots(&mut self, id: ObjectId, slots: &[Oop]) -> Oop {
        let class = self.wellknown_class(id);
        let shape = self.root_shape_with(class, slots.len() as u16);
        let object = self.allocate(shape);
        for (i, &v) in slots.iter().enumerate() {
            // SAFETY: the shape has slots.len() inline slots, and the object is new (no barrier).
            unsafe { *ObjectRef::of(object).slot_ptr(i) = v };
        }
        object
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
            *pair = [Oop::NIL.bits(); 2];
            pair = pair.add(1);
        }
    }
    ObjectRef(at as *mut u64).oop()
}
