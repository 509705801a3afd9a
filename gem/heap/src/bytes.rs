//! Objects made of bytes: Strings, Symbols, ByteArrays, LargeIntegers.

use crate::error::{HeapError, HeapResult};
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, flags};
use crate::shape::ShapeId;
use format::{ObjectId, Oop};

impl Heap {
    /// The bytes of an object; empty for objects that have none. The borrow ends before anything can allocate.
    #[inline]
    pub fn bytes(&self, object: Oop) -> &[u8] {
        if !object.is_pointer() {
            return &[];
        }
        let r = ObjectRef::of(object);
        if r.kind() != Kind::Bytes || r.is_empty() {
            return &[];
        }
        // SAFETY: the buffer holds len bytes and cannot move or be freed while `self` is borrowed (H1, H2).
        unsafe { std::slice::from_raw_parts(r.buffer(), r.len()) }
    }

    pub fn is_bytes(&self, object: Oop) -> bool {
        object.is_pointer() && ObjectRef::of(object).kind() == Kind::Bytes
    }

    /// Whether all bytes are below 128. Remembered until they change.
    pub fn is_ascii(&self, object: Oop) -> bool {
        if !self.is_bytes(object) {
            return false;
        }
        let r = ObjectRef::of(object);
        if r.has(flags::ASCII) {
            return true;
        }
        let ascii = self.bytes(object).is_ascii();
        if ascii {
            r.set(flags::ASCII);
        }
        ascii
    }

    /// The caller changed bytes and knows that all of them are below 128.
    pub fn remember_ascii(&mut self, object: Oop) {
        debug_assert!(self.bytes(object).is_ascii());
        ObjectRef::of(object).set(flags::ASCII);
    }

    /// The bytes for change, after the write barrier.
    ///
    /// # Errors
    /// `Frozen`, or `Bounds` when the object has no bytes.
    pub fn bytes_mut(&mut self, object: Oop) -> HeapResult<&mut [u8]> {
        if !self.is_bytes(object) {
            return Err(HeapError::Bounds);
        }
        self.write_barrier(object)?;
        self.forget_text(object);
        let r = ObjectRef::of(object);
        r.clear(flags::ASCII);
        if r.is_empty() {
            return Ok(&mut []);
        }
        // SAFETY: as `bytes`, and `self` is borrowed mutably.
        Ok(unsafe { std::slice::from_raw_parts_mut(r.buffer(), r.len()) })
    }

    /// Changes the number of bytes; new ones are 0.
    ///
    /// # Errors
    /// `Frozen`, `OutOfMemory`, `Bounds`.
    pub fn resize_bytes(&mut self, object: Oop, size: usize) -> HeapResult<()> {
        if !self.is_bytes(object) {
            return Err(HeapError::Bounds);
        }
        self.write_barrier(object)?;
        self.forget_text(object);
        let r = ObjectRef::of(object);
        let old = r.len();
        r.clear(flags::ASCII);
        self.reserve(r, size, 1)?;
        if size > old {
            // SAFETY: reserve made room for `size` bytes.
            unsafe { std::ptr::write_bytes(r.buffer().add(old), 0, size - old) };
        }
        r.set_len(size);
        Ok(())
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// As `resize_bytes`.
    pub fn append_bytes(&mut self, object: Oop, tail: &[u8]) -> HeapResult<()> {
        if !self.is_bytes(object) {
            return Err(HeapError::Bounds);
        }
        self.write_barrier(object)?;
        let memo = self.text_memo(object);
        let r = ObjectRef::of(object);
        let old = r.len();
        if !tail.is_ascii() {
            r.clear(flags::ASCII);
        }
        self.reserve(r, old + tail.len(), 1)?;
        if !tail.is_empty() {
            // SAFETY: reserved; `tail` is no part of this heap's buffers, whose borrow would exclude `&mut self`.
            unsafe {
                std::ptr::copy_nonoverlapping(tail.as_ptr(), r.buffer().add(old), tail.len())
            };
        }
        r.set_len(old + tail.len());
        if let Some(memo) = memo {
            self.extend_text(object, memo, tail.len());
        }
        Ok(())
    }

    /// Appends the bytes of `other` (may be `object` itself).
    ///
    /// # Errors
    /// As `resize_bytes`.
    pub fn append_bytes_of(&mut self, object: Oop, other: Oop) -> HeapResult<()> {
        if !self.is_bytes(object) || !self.is_bytes(other) {
            return Err(HeapError::Bounds);
        }
        self.write_barrier(object)?;
        let memo = self.text_memo(object);
        let (r, o) = (ObjectRef::of(object), ObjectRef::of(other));
        let (old, more) = (r.len(), o.len());
        if !self.is_ascii(other) {
            r.clear(flags::ASCII);
        }
        self.reserve(r, old + more, 1)?;
        if more > 0 {
            // SAFETY: the target range starts after the source's bytes even when both are one object.
            unsafe { std::ptr::copy_nonoverlapping(o.buffer(), r.buffer().add(old), more) };
        }
        r.set_len(old + more);
        if let Some(memo) = memo {
            self.extend_text(object, memo, more);
        }
        Ok(())
    }

    /// Replaces all bytes.
    ///
    /// # Errors
    /// As `resize_bytes`.
    pub fn set_bytes(&mut self, object: Oop, bytes: &[u8]) -> HeapResult<()> {
        self.resize_bytes(object, bytes.len())?;
        if !bytes.is_empty() {
            // SAFETY: just resized; `bytes` does not alias (see append_bytes).
            unsafe {
                std::ptr::copy_nonoverlapping(
                    bytes.as_ptr(),
                    ObjectRef::of(object).buffer(),
                    bytes.len(),
                )
            };
        }
        Ok(())
    }

    /// A new instance of a class of format Bytes.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub fn new_bytes(&mut self, shape: ShapeId, bytes: &[u8]) -> HeapResult<Oop> {
        Ok(self.allocate_with(shape, bytes)?.oop())
    }

    /// A new UTF-8 String.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub fn new_string(&mut self, bytes: &[u8]) -> HeapResult<Oop> {
        self.new_bytes(ShapeId::STRING, bytes)
    }

    /// A new instance of a well-known class of format Bytes.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub fn new_bytes_of(&mut self, class: ObjectId, bytes: &[u8]) -> HeapResult<Oop> {
        let class = self.wellknown_class(class);
        let shape = self.root_shape(class);
        self.new_bytes(shape, bytes)
    }

    /// Encoding of a String (format::wellknown::encoding), sign of a LargeInteger.
    pub fn detail(&self, object: Oop) -> u8 {
        ObjectRef::of(object).detail()
    }

    /// Sets the detail byte.
    ///
    /// # Errors
    /// `Frozen`.
    pub fn set_detail(&mut self, object: Oop, detail: u8) -> HeapResult<()> {
        self.write_barrier(object)?;
        let r = ObjectRef::of(object);
        r.set_word1(r.id_bits() | (detail as u64) << 56);
        Ok(())
    }

    /// The bytes as text, invalid parts replaced. For messages and names.
    pub fn text(&self, object: Oop) -> String {
        String::from_utf8_lossy(self.bytes(object)).into_owned()
    }
}

/// The hash of equal bytes, the same in both languages and in every gem.
pub fn content_hash(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}
