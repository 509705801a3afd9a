//! Floats that need a box, and integers beyond 63 bits.

use crate::bytes::content_hash;
use crate::error::HeapResult;
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef};
use crate::shape::ShapeId;
use format::{ObjectId, Oop};
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

impl Heap {
    /// The Float of `value`: immediate when it can be.
    #[inline]
    pub fn new_float(&mut self, value: f64) -> Oop {
        match Oop::small_double(value) {
            Some(oop) => oop,
            None => {
                let object = self.allocate_raw(ShapeId::FLOAT, Kind::Raw, 1);
                // SAFETY: a Raw object with one inline word.
                unsafe { *(object.slot_ptr(0) as *mut u64) = value.to_bits() };
                object.oop()
            }
        }
    }

    /// The value of a Float of either kind.
    #[inline]
    pub fn float_value(&self, oop: Oop) -> Option<f64> {
        if oop.is_small_double() {
            return Some(oop.small_double_value());
        }
        if oop.is_pointer() && ObjectRef::of(oop).kind() == Kind::Raw {
            // SAFETY: Raw objects have at least one inline word.
            return Some(f64::from_bits(unsafe {
                *(ObjectRef::of(oop).slot_ptr(0) as *const u64)
            }));
        }
        None
    }

    /// The integer of `value`: small when it fits.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub fn new_integer(&mut self, value: &BigInt) -> HeapResult<Oop> {
        if let Some(small) = value.to_i64().and_then(Oop::small_int) {
            return Ok(small);
        }
        let (sign, bytes) = value.to_bytes_le();
        let object = self.new_bytes(ShapeId::LARGE_INTEGER, &bytes)?;
        let r = ObjectRef::of(object);
        r.set_word1(((sign == Sign::Minus) as u64) << 56);
        self.freeze(object);
        Ok(object)
    }

    /// The integer of an `i64`.
    ///
    /// # Errors
    /// `OutOfMemory`.
    #[inline]
    pub fn new_integer_i64(&mut self, value: i64) -> HeapResult<Oop> {
        match Oop::small_int(value) {
            Some(oop) => Ok(oop),
            None => self.new_integer(&BigInt::from(value)),
        }
    }

    /// The value of an integer of either kind.
    pub fn integer_value(&self, oop: Oop) -> Option<BigInt> {
        if let Some(small) = oop.as_small_int() {
            return Some(BigInt::from(small));
        }
        if self.is_large_integer(oop) {
            let sign = if self.detail(oop) == 1 {
                Sign::Minus
            } else {
                Sign::Plus
            };
            return Some(BigInt::from_bytes_le(sign, self.bytes(oop)));
        }
        None
    }

    pub fn is_large_integer(&self, oop: Oop) -> bool {
        oop.is_pointer() && ObjectRef::of(oop).shape_bits() == ShapeId::LARGE_INTEGER.0
    }

    /// The identity hash: a mixed function of the object id, stable across sessions. Takes an id from the lease.
    /// A symbol's id is the stone's to give, so its hash is that of its bytes.
    ///
    /// # Errors
    /// As [`Heap::ensure_id`], for an object that has no id yet.
    pub fn identity_hash(&mut self, oop: Oop) -> HeapResult<i64> {
        if self.is_symbol(oop) {
            return Ok(self.bytes_hash(oop));
        }
        let word = if oop.is_pointer() {
            Oop::from_id(self.ensure_id(oop)?).bits()
        } else {
            oop.bits()
        };
        Ok((mix(word) >> 3) as i64)
    }

    /// Hash of the object's bytes, equal for equal Strings in both languages.
    pub fn bytes_hash(&self, oop: Oop) -> i64 {
        (content_hash(self.bytes(oop)) >> 3) as i64
    }

    /// The object's id, taking one from the lease when it has none.
    ///
    /// # Errors
    /// Those of [`Host::lease_ids`](crate::Host::lease_ids), when the session has used up its ids and gets no more.
    pub fn ensure_id(&mut self, oop: Oop) -> HeapResult<ObjectId> {
        let r = ObjectRef::of(oop);
        if r.id_bits() != 0 {
            return Ok(ObjectId(r.id_bits()));
        }
        if self.lease.is_empty() {
            self.lease = self.host.lease_ids()?;
        }
        let id = self.lease.start;
        self.lease.start += 1;
        r.set_word1(r.word1() | id);
        Ok(ObjectId(id))
    }
}

/// The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014).
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
