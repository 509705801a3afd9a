//! Keys of a RubyHash: hashes and equality that need no user code.

use crate::errors::Fail;
use crate::vm::Vm;
use gem_heap::{Kind, Oop, ShapeId};

/// What is known of a key.
#[derive(Clone, Copy, Debug)]
pub struct HashKey {
    pub key: Oop,
    pub hash: i64,
}

/// Hashes that programs see, and that tables hold: 0 ≤ h < 2^60.
pub(crate) const HASH_MASK: i64 = (1 << 60) - 1;
/// Arrays nested deeper than this are left to the language.
const NESTING_MAX: usize = 32;

impl Vm {
    /// The hash of a key without running user code.
    ///
    /// # Errors
    /// `Fallback` when the key defines its own `hash` or `eql?`.
    pub fn key_hash(&mut self, key: Oop) -> Result<HashKey, Fail> {
        let hash = self.system_hash(key, 0)? & HASH_MASK;
        Ok(HashKey { key, hash })
    }

    fn system_hash(&mut self, key: Oop, nesting: usize) -> Result<i64, Fail> {
        if !key.is_pointer() {
            Ok((gem_heap::mix(key.bits()) >> 3) as i64)
        } else {
            match self.model.heap.shape_of(key) {
                ShapeId::STRING | ShapeId::SYMBOL | ShapeId::LARGE_INTEGER => {
                    Ok(self.model.heap.bytes_hash(key))
                }
                ShapeId::FLOAT => {
                    let bits = self.model.heap.float_value(key).unwrap_or(0.0).to_bits();
                    Ok((gem_heap::mix(bits) >> 3) as i64)
                }
                _ => self.object_hash(key, nesting),
            }
        }
    }

    /// The hash of an Array whose elements need no user code; equal for Arrays that are `eql?`.
    ///
    /// # Errors
    /// `Fallback` when an element does, or when the nesting is deep or endless.
    pub fn array_hash(&mut self, array: Oop) -> Result<i64, Fail> {
        Ok(self.elements_hash(array, 0)? & HASH_MASK)
    }

    fn elements_hash(&mut self, array: Oop, nesting: usize) -> Result<i64, Fail> {
        if nesting > NESTING_MAX {
            return Err(Fail::Fallback);
        }
        let size = self.model.heap.size(array);
        let mut hash = gem_heap::mix(size as u64 ^ 0x5bd1_e995);
        for i in 0..size {
            let element = self.model.heap.element(array, i)?;
            let one = self.system_hash(element, nesting + 1)? & HASH_MASK;
            hash = gem_heap::mix(hash.rotate_left(5) ^ one as u64);
        }
        Ok((hash >> 3) as i64)
    }

    fn object_hash(&mut self, key: Oop, nesting: usize) -> Result<i64, Fail> {
        let class = self.model.heap.class_index_of(key);
        let symbol = self.model.heap.symbol("hash");
        let primitive = match self.lookup(class, symbol, 1)? {
            Some(entry) => self.loaded(entry.method)?.primitive_name.clone(),
            None => None,
        };
        match primitive.as_deref() {
            Some("identityHash") => Ok(self.model.heap.identity_hash(key)?),
            Some("stringHash") => Ok(self.model.heap.bytes_hash(key)),
            Some("valueHash") if self.model.heap.kind(key) == Kind::Indexed => {
                self.elements_hash(key, nesting)
            }
            _ => Err(Fail::Fallback),
        }
    }

    /// Whether two keys with equal hashes are the same key.
    pub(crate) fn same_key(&mut self, a: Oop, b: Oop, nesting: usize) -> Result<bool, Fail> {
        if a == b {
            return Ok(true);
        }
        if !a.is_pointer() || !b.is_pointer() {
            return Ok(false);
        }
        let (sa, sb) = (self.model.heap.shape_of(a), self.model.heap.shape_of(b));
        if sa == ShapeId::SYMBOL || sb == ShapeId::SYMBOL {
            return Ok(false);
        }
        if sa == ShapeId::FLOAT && sb == ShapeId::FLOAT {
            return Ok(self.model.heap.float_value(a) == self.model.heap.float_value(b));
        }
        if self.model.heap.is_bytes(a)
            && self.model.heap.is_bytes(b)
            && (sa == ShapeId::LARGE_INTEGER) == (sb == ShapeId::LARGE_INTEGER)
        {
            return Ok(self.model.heap.bytes(a) == self.model.heap.bytes(b)
                && (sa != ShapeId::LARGE_INTEGER
                    || self.model.heap.detail(a) == self.model.heap.detail(b)));
        }
        self.same_elements(a, b, nesting)
    }

    /// Whether two Arrays hold the same keys. Their hashes, which are equal, needed no user code, so neither does this.
    fn same_elements(&mut self, a: Oop, b: Oop, nesting: usize) -> Result<bool, Fail> {
        let indexed = |vm: &Vm, oop| vm.model.heap.kind(oop) == Kind::Indexed;
        if nesting > NESTING_MAX || !indexed(self, a) || !indexed(self, b) {
            return Ok(false);
        }
        let size = self.model.heap.size(a);
        if size != self.model.heap.size(b)
            || !self.hashes_elements(a)?
            || !self.hashes_elements(b)?
        {
            return Ok(false);
        }
        for i in 0..size {
            let (one, other) = (
                self.model.heap.element(a, i)?,
                self.model.heap.element(b, i)?,
            );
            if !self.same_key(one, other, nesting + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn hashes_elements(&mut self, array: Oop) -> Result<bool, Fail> {
        let class = self.model.heap.class_index_of(array);
        let symbol = self.model.heap.symbol("hash");
        let Some(entry) = self.lookup(class, symbol, 1)? else {
            return Ok(false);
        };
        let name = &self.loaded(entry.method)?.primitive_name;
        Ok(name.as_deref() == Some("valueHash"))
    }
}
