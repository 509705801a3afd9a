//! Reading and writing slots and elements, through the load barrier and the write barrier (`barrier`); copies. Instance variables are in `ivars`.

use crate::allocate::{BUFFER_BYTES_MIN, GROWN_BYTES_MIN};
use crate::error::{HeapError, HeapResult};
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, buffer_capacity, flags};
use crate::shape::ShapeId;
use format::Oop;
use format::limits::OBJECT_ELEMENTS_MAX;

impl Heap {
    /// Slot `i` of `object`, faulted in when it held an object id.
    ///
    /// # Errors
    /// `Bounds` when `object` has no such slot; those of [`Heap::fault`] when its value is not in memory yet.
    #[inline]
    pub fn slot(&mut self, object: Oop, i: usize) -> HeapResult<Oop> {
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Bounds);
        };
        if i >= r.inline_slots() {
            return Err(HeapError::Bounds);
        }
        // SAFETY: i is below inline_slots.
        let value = unsafe { *r.slot_ptr(i) };
        if value.is_id() {
            self.fault_slot(object, i)
        } else {
            Ok(value)
        }
    }

    /// The slow path of the load barrier for inline slots.
    ///
    /// # Errors
    /// Those of [`Heap::fault`].
    #[cold]
    #[inline(never)]
    pub fn fault_slot(&mut self, object: Oop, i: usize) -> HeapResult<Oop> {
        let r = ObjectRef::of(object);
        assert!(i < r.inline_slots());
        // SAFETY: checked.
        let value = unsafe { *r.slot_ptr(i) };
        let Some(id) = value.as_id() else {
            return Ok(value);
        };
        let target = self.fault(id)?;
        self.remember(r);
        // SAFETY: as above; objects do not move (H1).
        unsafe { *r.slot_ptr(i) = target };
        Ok(target)
    }

    /// Slot `i` as it stands: may be an object id. For walks that must not fault.
    pub fn raw_slot(&self, object: Oop, i: usize) -> Oop {
        let r = ObjectRef::of(object);
        assert!(i < r.inline_slots());
        // SAFETY: checked.
        unsafe { *r.slot_ptr(i) }
    }

    /// Writes slot `i`.
    ///
    /// # Errors
    /// `Frozen`, or `Bounds`.
    #[inline]
    pub fn set_slot(&mut self, object: Oop, i: usize, value: Oop) -> HeapResult<()> {
        debug_assert!(!value.is_id(), "H3");
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Bounds);
        };
        if i >= r.inline_slots() {
            return Err(HeapError::Bounds);
        }
        self.write_barrier(object)?;
        // SAFETY: checked.
        unsafe { *r.slot_ptr(i) = value };
        Ok(())
    }

    /// Writes slot `i` without regard to frozenness and without making the object dirty: transient caches and the machine's own fields
    /// of objects that are not committed as such (a frame's environment, a signalled exception).
    pub fn set_slot_quietly(&mut self, object: Oop, i: usize, value: Oop) {
        let r = ObjectRef::of(object);
        assert!(i < r.inline_slots());
        self.remember(r);
        // SAFETY: checked.
        unsafe { *r.slot_ptr(i) = value };
    }

    /// Number of elements of an Indexed object, of bytes of a Bytes object, else 0.
    #[inline]
    pub fn size(&self, object: Oop) -> usize {
        let Some(r) = ObjectRef::checked(object) else {
            return 0;
        };
        match r.kind() {
            Kind::Indexed | Kind::Bytes => r.len(),
            _ => 0,
        }
    }

    /// Element `i` (0-based) of an Indexed object.
    ///
    /// # Errors
    /// `Bounds` when `object` has no such element; those of [`Heap::fault`] when the element is not in memory yet.
    #[inline]
    pub fn element(&mut self, object: Oop, i: usize) -> HeapResult<Oop> {
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Bounds);
        };
        if r.kind() != Kind::Indexed || i >= r.len() {
            return Err(HeapError::Bounds);
        }
        // SAFETY: i is below len, and the buffer holds len oops.
        let value = unsafe { *(r.buffer() as *mut Oop).add(i) };
        if value.is_id() {
            self.fault_element(object, i)
        } else {
            Ok(value)
        }
    }

    /// The same for elements.
    ///
    /// # Errors
    /// Those of [`Heap::fault`].
    #[cold]
    #[inline(never)]
    pub fn fault_element(&mut self, object: Oop, i: usize) -> HeapResult<Oop> {
        let r = ObjectRef::of(object);
        assert!(r.kind() == Kind::Indexed && i < r.len());
        // SAFETY: checked.
        let value = unsafe { *(r.buffer() as *mut Oop).add(i) };
        let Some(id) = value.as_id() else {
            return Ok(value);
        };
        let target = self.fault(id)?;
        self.remember_element(r, i);
        // SAFETY: faulting other objects does not change this one.
        unsafe { *(r.buffer() as *mut Oop).add(i) = target };
        Ok(target)
    }

    /// All elements of an Indexed object, faulted.
    ///
    /// # Errors
    /// Those of [`Heap::fault`], for the first element that is not in memory and cannot be had; `Bounds` for an object that is made of bytes.
    pub fn elements(&mut self, object: Oop) -> HeapResult<Vec<Oop>> {
        (0..self.size(object))
            .map(|i| self.element(object, i))
            .collect()
    }

    /// Writes element `i` (0-based, below the size).
    ///
    /// # Errors
    /// `Frozen` or `Bounds`.
    #[inline]
    pub fn set_element(&mut self, object: Oop, i: usize, value: Oop) -> HeapResult<()> {
        debug_assert!(!value.is_id(), "H3");
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Bounds);
        };
        if r.kind() != Kind::Indexed || i >= r.len() {
            return Err(HeapError::Bounds);
        }
        self.element_barrier(r, i, value)?;
        // SAFETY: checked.
        unsafe { *(r.buffer() as *mut Oop).add(i) = value };
        Ok(())
    }

    /// Changes the number of elements; new ones are nil. Grows capacity by half.
    ///
    /// # Errors
    /// `Frozen`, `OutOfMemory`, or `Bounds` for an object without elements.
    pub fn resize(&mut self, object: Oop, size: usize) -> HeapResult<()> {
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Bounds);
        };
        if r.kind() != Kind::Indexed {
            return Err(HeapError::Bounds);
        }
        self.write_barrier(object)?;
        let old = r.len();
        self.reserve(r, size, 8)?;
        if size > old {
            let buffer = r.buffer() as *mut Oop;
            for i in old..size {
                // SAFETY: reserve made room for `size` oops.
                unsafe { *buffer.add(i) = Oop::NIL };
            }
        }
        r.set_len(size);
        Ok(())
    }

    /// Makes room for `size` items of `item` bytes.
    pub(crate) fn reserve(&mut self, r: ObjectRef, size: usize, item: usize) -> HeapResult<()> {
        let needed = size as u64 * item as u64;
        let capacity = buffer_capacity(r.buffer());
        if needed <= capacity as u64 {
            return Ok(());
        }
        if size as u64 > OBJECT_ELEMENTS_MAX {
            return Err(HeapError::OutOfMemory { bytes: needed });
        }
        let least = if item == 8 {
            GROWN_BYTES_MIN
        } else {
            BUFFER_BYTES_MIN
        };
        let wanted = if capacity == 0 {
            needed.max(least as u64)
        } else {
            needed.max(capacity as u64 * 3 / 2 + 16)
        };
        if wanted > 1 << 20 {
            self.check_room(wanted)?;
        }
        let fresh = self
            .space
            .allocate_buffer(wanted as usize)
            .ok_or(HeapError::OutOfMemory { bytes: wanted })?;
        let used = r.len() * item;
        if used > 0 {
            // SAFETY: both buffers hold at least `used` bytes and are distinct.
            unsafe { std::ptr::copy_nonoverlapping(r.buffer(), fresh, used) };
        }
        self.replace_buffer(r, fresh);
        Ok(())
    }

    /// A buffer for `size` items of `item` bytes.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub(crate) fn new_buffer(&mut self, size: usize, item: usize) -> HeapResult<*mut u8> {
        let bytes = (size as u64 * item as u64).max(BUFFER_BYTES_MIN as u64);
        if size as u64 > OBJECT_ELEMENTS_MAX {
            return Err(HeapError::OutOfMemory { bytes });
        }
        if bytes > 1 << 20 {
            self.check_room(bytes)?;
        }
        self.space
            .allocate_buffer(bytes as usize)
            .ok_or(HeapError::OutOfMemory { bytes })
    }

    /// Drops all elements of an Indexed object, frozen or not, and keeps the room for them: for lists of the machine's own. Cannot fail.
    pub fn drop_elements(&mut self, object: Oop) {
        let r = ObjectRef::of(object);
        assert!(r.kind() == Kind::Indexed);
        r.clear(flags::FROZEN);
        let written = self.write_barrier(object);
        assert!(written.is_ok(), "only frozen objects refuse");
        r.set_len(0);
    }

    /// Appends an element.
    ///
    /// # Errors
    /// As `resize`.
    #[inline]
    pub fn push(&mut self, object: Oop, value: Oop) -> HeapResult<()> {
        let Some(r) = ObjectRef::checked(object) else {
            return Err(HeapError::Bounds);
        };
        if r.kind() != Kind::Indexed {
            return Err(HeapError::Bounds);
        }
        let n = r.len();
        self.element_barrier(r, n, value)?;
        if (n + 1) * 8 > buffer_capacity(r.buffer()) {
            self.reserve(r, n + 1, 8)?;
        }
        // SAFETY: there is room for n + 1 oops.
        unsafe { *(r.buffer() as *mut Oop).add(n) = value };
        r.set_len(n + 1);
        Ok(())
    }

    /// Removes `count` elements at `at` and puts `values` in their place.
    ///
    /// # Errors
    /// As `resize`; `Bounds` when `at + count` is beyond the size.
    pub fn splice(
        &mut self,
        object: Oop,
        at: usize,
        count: usize,
        values: &[Oop],
    ) -> HeapResult<()> {
        let old = self.size(object);
        if at.checked_add(count).is_none_or(|end| end > old) {
            return Err(HeapError::Bounds);
        }
        let size = old - count + values.len();
        if size > old {
            self.resize(object, size)?;
        } else {
            self.write_barrier(object)?;
        }
        let r = ObjectRef::of(object);
        let buffer = r.buffer() as *mut Oop;
        if !buffer.is_null() {
            // SAFETY: both ranges lie within max(old, size) elements of the buffer.
            unsafe {
                std::ptr::copy(
                    buffer.add(at + count),
                    buffer.add(at + values.len()),
                    old - at - count,
                );
                std::ptr::copy_nonoverlapping(values.as_ptr(), buffer.add(at), values.len());
            }
        }
        r.set_len(size);
        Ok(())
    }

    /// A new instance of the well-known Array class.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub fn new_array(&mut self, values: &[Oop]) -> HeapResult<Oop> {
        Ok(self.allocate_with(ShapeId::ARRAY, values)?.oop())
    }

    /// No more changes to `object` (until `thaw`, which only the machine uses).
    pub fn freeze(&mut self, object: Oop) {
        if object.is_pointer() {
            let r = ObjectRef::of(object);
            if !r.has(flags::FROZEN) {
                if r.has(flags::COMMITTED) && !r.has(flags::DIRTY) {
                    r.set(flags::DIRTY);
                    self.dirty.push(r);
                }
                r.set(flags::FROZEN | flags::BARRIER);
            }
        }
    }

    pub fn is_frozen(&self, object: Oop) -> bool {
        !object.is_pointer() || ObjectRef::of(object).has(flags::FROZEN)
    }

    /// What follows the slots of an object; an immediate has neither slots nor anything else.
    pub fn kind(&self, object: Oop) -> Kind {
        ObjectRef::checked(object).map_or(Kind::Slots, ObjectRef::kind)
    }

    pub fn inline_slots(&self, object: Oop) -> usize {
        ObjectRef::checked(object).map_or(0, ObjectRef::inline_slots)
    }

    /// A copy of `object`: same class (not its singleton), slots, elements, instance variables; not frozen.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub fn shallow_copy(&mut self, object: Oop) -> HeapResult<Oop> {
        if !object.is_pointer() {
            return Ok(object);
        }
        let r = ObjectRef::of(object);
        let shape = ShapeId(r.shape_bits());
        // SAFETY (both): the buffer holds len items, and nothing moves or frees it while the copy is made (H1, H2).
        let copy = match r.kind() {
            Kind::Indexed if !r.is_empty() => {
                let items =
                    unsafe { std::slice::from_raw_parts(r.buffer() as *const Oop, r.len()) };
                self.allocate_with(shape, items)?
            }
            Kind::Bytes if !r.is_empty() => {
                let items = unsafe { std::slice::from_raw_parts(r.buffer(), r.len()) };
                self.allocate_with(shape, items)?
            }
            _ => ObjectRef::of(self.allocate(shape)),
        };
        for i in 0..r.inline_slots() {
            // SAFETY: both have inline_slots slots. An id copied from slot to slot stays a stub (H3 holds).
            unsafe { *copy.slot_ptr(i) = *r.slot_ptr(i) };
        }
        copy.set_word1((r.detail() as u64) << 56);
        if r.has(flags::SIDE)
            && let Some(pairs) = self.side.get(&object.bits()).cloned()
        {
            copy.set(flags::SIDE);
            self.young_side.push(copy.oop().bits());
            self.side.insert(copy.oop().bits(), pairs);
        }
        Ok(copy.oop())
    }
}

impl Heap {
    /// Moves an object to a shape that the caller knows to follow its own by one instance variable.
    #[inline(always)]
    pub fn change_shape(&mut self, object: Oop, shape: ShapeId) {
        let r = ObjectRef::of(object);
        debug_assert_eq!(self.shape(shape).inline_slots as usize, r.inline_slots());
        self.set_shape(r, shape);
    }
}

impl Heap {
    /// Sets the first slots of an object that was just allocated: no barrier.
    #[inline(always)]
    pub fn initialise(&mut self, object: Oop, values: &[Oop]) {
        let r = ObjectRef::of(object);
        assert!(values.len() <= r.inline_slots() && !r.has(flags::BARRIER));
        for (i, &value) in values.iter().enumerate() {
            // SAFETY: i is below inline_slots.
            unsafe { *r.slot_ptr(i) = value };
        }
    }

    /// The shape of instances of a well-known Slots class with `slots` slots in all (environments).
    pub fn shape_with_slots(&mut self, class: format::ObjectId, slots: usize) -> ShapeId {
        let class = self.wellknown_class(class);
        self.root_shape_with(class, slots as u16)
    }
}
