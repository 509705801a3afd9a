//! Keys of a RubyHash: hashes and equality that need no user code.

use crate::classes::HashBy;
use crate::errors::ModelError;
use crate::model::Model;
use gem_heap::{Kind, Oop, ShapeId};

/// What is known of a key.
#[derive(Clone, Copy, Debug)]
pub struct HashKey {
    pub key: Oop,
    pub hash: i64,
}

/// Hashes that programs see, and that tables hold: 0 ≤ h < 2^60.
pub const HASH_MASK: i64 = (1 << 60) - 1;
/// Arrays nested deeper than this are left to the language.
const NESTING_MAX: usize = 32;

impl Model {
    /// The hash of a key without running user code.
    ///
    /// # Errors
    /// `NeedsCode` when the key defines its own `hash` or `eql?`; as `lookup` for `hash`, and as [`Heap::identity_hash`](gem_heap::Heap::identity_hash) when
    /// the key hashes by identity.
    pub fn key_hash(&mut self, key: Oop) -> Result<HashKey, ModelError> {
        let hash = self.system_hash(key, 0)? & HASH_MASK;
        Ok(HashKey { key, hash })
    }

    fn system_hash(&mut self, key: Oop, nesting: usize) -> Result<i64, ModelError> {
        if !key.is_pointer() {
            Ok((gem_heap::mix(key.bits()) >> 3) as i64)
        } else {
            match self.heap.shape_of(key) {
                ShapeId::STRING | ShapeId::SYMBOL | ShapeId::LARGE_INTEGER => {
                    Ok(self.heap.bytes_hash(key))
                }
                ShapeId::FLOAT => {
                    let bits = self.heap.float_value(key).unwrap_or(0.0).to_bits();
                    Ok((gem_heap::mix(bits) >> 3) as i64)
                }
                _ => self.object_hash(key, nesting),
            }
        }
    }

    /// The hash of an Array whose elements need no user code; equal for Arrays that are `eql?`.
    ///
    /// # Errors
    /// `NeedsCode` when an element does, or when the nesting is deep or endless; as `key_hash` for each element; those of
    /// [`Heap::fault`](gem_heap::Heap::fault), when one is not in memory yet.
    pub fn array_hash(&mut self, array: Oop) -> Result<i64, ModelError> {
        Ok(self.elements_hash(array, 0)? & HASH_MASK)
    }

    fn elements_hash(&mut self, array: Oop, nesting: usize) -> Result<i64, ModelError> {
        if nesting > NESTING_MAX {
            return Err(ModelError::NeedsCode);
        }
        let size = self.heap.size(array);
        let mut hash = gem_heap::mix(size as u64 ^ 0x5bd1_e995);
        for i in 0..size {
            let element = self.heap.element(array, i)?;
            let one = self.system_hash(element, nesting + 1)? & HASH_MASK;
            hash = gem_heap::mix(hash.rotate_left(5) ^ one as u64);
        }
        Ok((hash >> 3) as i64)
    }

    fn object_hash(&mut self, key: Oop, nesting: usize) -> Result<i64, ModelError> {
        match self.hash_by(key)? {
            HashBy::Identity => Ok(self.heap.identity_hash(key)?),
            HashBy::Bytes => Ok(self.heap.bytes_hash(key)),
            HashBy::Elements if self.heap.kind(key) == Kind::Indexed => {
                self.elements_hash(key, nesting)
            }
            _ => Err(ModelError::NeedsCode),
        }
    }

    /// How the hash of an object comes about.
    fn hash_by(&mut self, key: Oop) -> Result<HashBy, ModelError> {
        let class = self.heap.class_index_of(key);
        let known = self.classes.metas.get(class.0 as usize);
        if let Some(by) = known.and_then(|meta| meta.as_ref()?.hash_by) {
            return Ok(by);
        }
        let primitive = match self.lookup(class, self.sym.hash, 1)? {
            Some(entry) => self.primitive_of(entry.method)?,
            None => None,
        };
        let by = match primitive.as_deref() {
            Some("identityHash") => HashBy::Identity,
            Some("stringHash") => HashBy::Bytes,
            Some("valueHash") => HashBy::Elements,
            _ => HashBy::Code,
        };
        self.meta(class)?.hash_by = Some(by);
        Ok(by)
    }

    /// Methods called `hash` may be others now.
    pub(crate) fn forget_hashing(&mut self) {
        for meta in self.classes.metas.iter_mut().flatten() {
            meta.hash_by = None;
        }
    }

    /// Whether two keys with equal hashes are the same key.
    pub fn same_key(&mut self, a: Oop, b: Oop, nesting: usize) -> Result<bool, ModelError> {
        if a == b {
            return Ok(true);
        }
        if !a.is_pointer() || !b.is_pointer() {
            return Ok(false);
        }
        let (sa, sb) = (self.heap.shape_of(a), self.heap.shape_of(b));
        if sa == ShapeId::SYMBOL || sb == ShapeId::SYMBOL {
            return Ok(false);
        }
        if sa == ShapeId::FLOAT && sb == ShapeId::FLOAT {
            return Ok(self.heap.float_value(a) == self.heap.float_value(b));
        }
        if self.heap.is_bytes(a)
            && self.heap.is_bytes(b)
            && (sa == ShapeId::LARGE_INTEGER) == (sb == ShapeId::LARGE_INTEGER)
        {
            return Ok(self.heap.bytes(a) == self.heap.bytes(b)
                && (sa != ShapeId::LARGE_INTEGER || self.heap.detail(a) == self.heap.detail(b)));
        }
        self.same_elements(a, b, nesting)
    }

    /// Whether two Arrays hold the same keys. Their hashes, which are equal, needed no user code, so neither does this.
    fn same_elements(&mut self, a: Oop, b: Oop, nesting: usize) -> Result<bool, ModelError> {
        let indexed = |model: &Model, oop| model.heap.kind(oop) == Kind::Indexed;
        if nesting > NESTING_MAX || !indexed(self, a) || !indexed(self, b) {
            return Ok(false);
        }
        let size = self.heap.size(a);
        if size != self.heap.size(b) || !self.hashes_elements(a)? || !self.hashes_elements(b)? {
            return Ok(false);
        }
        for i in 0..size {
            let (one, other) = (self.heap.element(a, i)?, self.heap.element(b, i)?);
            if !self.same_key(one, other, nesting + 1)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn hashes_elements(&mut self, array: Oop) -> Result<bool, ModelError> {
        Ok(self.hash_by(array)? == HashBy::Elements)
    }
}
