//! RubyHash: insertion-ordered hash table. Keys whose hash needs user code fail here and are handled in Ruby.
//!
//! `entries` is an Array of triples (hash, key, value), a deleted one has nil for its hash; `index` holds u32 buckets
//! (entry number + 1, 0 empty) once there are more than eight entries. A large Hash that was committed has another form: see `hash_large`.

use super::hash_keys::{HASH_MASK, HashKey};
use super::hash_large::{Large, damaged};
use crate::errors::ModelError;
use crate::model::Model;
use format::wellknown;
use format::wellknown::slots::hash;
use gem_heap::{Kind, Oop};

const SMALL: usize = 8;
const BY_IDENTITY: i64 = 1;
/// FLAGS: `ruby2_keywords` collected it.
const OF_KEYWORDS: i64 = 4;

impl Model {
    /// A new empty Hash.
    ///
    /// # Errors
    /// None that is known: nothing that it makes is large enough to be refused, and a new object takes every write.
    pub fn hash_new(&mut self) -> Result<Oop, ModelError> {
        let entries = self.heap.new_array(&[])?;
        let object = self.heap.new_wellknown(wellknown::RUBY_HASH);
        self.heap.set_slot(object, hash::ENTRIES, entries)?;
        self.heap.set_slot(object, hash::COUNT, Oop::ZERO)?;
        self.heap.set_slot(object, hash::FLAGS, Oop::ZERO)?;
        Ok(object)
    }

    /// Whether `oop` is laid out as a Hash.
    pub fn is_hash(&mut self, oop: Oop) -> bool {
        if !oop.is_pointer() {
            return false;
        }
        if self.heap.is_instance(oop, wellknown::RUBY_HASH) {
            return true;
        }
        let class = self.known_class(wellknown::RUBY_HASH);
        class.is_ok_and(|c| self.is_kind_of(oop, c).unwrap_or(false))
    }

    fn entries(&mut self, object: Oop) -> Result<Oop, ModelError> {
        let entries = self.heap.slot(object, hash::ENTRIES)?;
        if !entries.is_nil() {
            return Ok(entries);
        }
        // A subclass instance that was only allocated.
        let entries = self.heap.new_array(&[])?;
        self.heap.set_slot_quietly(object, hash::ENTRIES, entries);
        self.heap.set_slot_quietly(object, hash::COUNT, Oop::ZERO);
        self.heap.set_slot_quietly(object, hash::FLAGS, Oop::ZERO);
        Ok(entries)
    }

    /// Number of pairs.
    ///
    /// # Errors
    /// `Bounds` when `object` is no Hash. Those of [`Heap::fault`](gem_heap::Heap::fault) only for a damaged one: the number is an immediate.
    pub fn hash_count(&mut self, object: Oop) -> Result<usize, ModelError> {
        Ok(self
            .heap
            .slot(object, hash::COUNT)?
            .as_small_int()
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0))
    }

    fn hash_flags(&mut self, object: Oop) -> Result<i64, ModelError> {
        Ok(self
            .heap
            .slot(object, hash::FLAGS)?
            .as_small_int()
            .unwrap_or(0))
    }

    fn identity_key(&mut self, key: Oop) -> Result<HashKey, ModelError> {
        let hash = self.heap.identity_hash(key)? & HASH_MASK;
        Ok(HashKey { key, hash })
    }

    fn prepared(&mut self, object: Oop, key: Oop) -> Result<(HashKey, bool), ModelError> {
        let identity = self.hash_flags(object)? & BY_IDENTITY != 0;
        let key = if identity {
            self.identity_key(key)?
        } else {
            self.key_hash(key)?
        };
        Ok((key, identity))
    }

    fn find_entry(
        &mut self,
        object: Oop,
        key: HashKey,
        identity: bool,
    ) -> Result<Option<usize>, ModelError> {
        let entries = self.entries(object)?;
        let index = self.heap.slot(object, hash::INDEX)?;
        let wanted = Oop::small_int_wrapping(key.hash);
        if index.is_pointer() && self.heap.kind(index) == Kind::Indexed {
            return self.find_in_large(Large { entries, index }, key, identity);
        }
        if index.is_nil() {
            for e in 0..self.heap.size(entries) / 3 {
                if self.heap.element(entries, e * 3)? == wanted {
                    let other = self.heap.element(entries, e * 3 + 1)?;
                    if if identity {
                        other == key.key
                    } else {
                        self.same_key(key.key, other, 0)?
                    } {
                        return Ok(Some(e));
                    }
                }
            }
            return Ok(None);
        }
        let buckets = self.buckets(index)?;
        let mut at = key.hash as usize & (buckets - 1);
        for _ in 0..buckets {
            let entry = bucket(self.heap.bytes(index), at);
            if entry == 0 {
                return Ok(None);
            }
            let e = entry as usize - 1;
            if self.heap.element(entries, e * 3)? == wanted {
                let other = self.heap.element(entries, e * 3 + 1)?;
                if if identity {
                    other == key.key
                } else {
                    self.same_key(key.key, other, 0)?
                } {
                    return Ok(Some(e));
                }
            }
            at = (at + 1) & (buckets - 1);
        }
        Err(damaged())
    }

    /// Buckets of an index, a power of two.
    fn buckets(&self, index: Oop) -> Result<usize, ModelError> {
        let buckets = self.heap.bytes(index).len() / 4;
        if buckets.is_power_of_two() {
            Ok(buckets)
        } else {
            Err(damaged())
        }
    }

    fn find_in_large(
        &mut self,
        large: Large,
        key: HashKey,
        identity: bool,
    ) -> Result<Option<usize>, ModelError> {
        self.large_find(large, key.hash, |model, e| {
            let other = model.large_entry(large, e, 1)?;
            if identity {
                Ok(other == key.key)
            } else {
                model.same_key(key.key, other, 0)
            }
        })
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// `NeedsCode` when the key needs user code; `Bounds` when `object` is no Hash; those of [`Heap::fault`](gem_heap::Heap::fault), when its tables, a key of
    /// the same hash or the value are not in memory yet; `Damaged` also when the tables do not fit together.
    pub fn hash_get(&mut self, object: Oop, key: Oop) -> Result<Option<Oop>, ModelError> {
        let (key, identity) = self.prepared(object, key)?;
        self.hash_get_prepared(object, key, identity)
    }

    fn hash_get_prepared(
        &mut self,
        object: Oop,
        key: HashKey,
        identity: bool,
    ) -> Result<Option<Oop>, ModelError> {
        match self.find_entry(object, key, identity)? {
            Some(e) => Ok(Some(self.entry_part(object, e, 2)?)),
            None => Ok(None),
        }
    }

    /// Part `k` of entry `e`, which exists: hash, key or value.
    fn entry_part(&mut self, object: Oop, e: usize, k: usize) -> Result<Oop, ModelError> {
        if let Some(large) = self.hash_large(object)? {
            return self.large_entry(large, e, k);
        }
        let entries = self.entries(object)?;
        Ok(self.heap.element(entries, e * 3 + k)?)
    }

    fn set_entry_part(
        &mut self,
        object: Oop,
        e: usize,
        k: usize,
        value: Oop,
    ) -> Result<(), ModelError> {
        if let Some(large) = self.hash_large(object)? {
            return self.large_set(large, e, k, value);
        }
        let entries = self.entries(object)?;
        Ok(self.heap.set_element(entries, e * 3 + k, value)?)
    }

    /// Number of the entry of `key`, or `None`.
    ///
    /// # Errors
    /// `NeedsCode` when the key needs user code; as `hash_get`.
    pub fn hash_find(&mut self, object: Oop, key: Oop) -> Result<Option<usize>, ModelError> {
        let (key, identity) = self.prepared(object, key)?;
        self.find_entry(object, key, identity)
    }

    /// Whether keys are compared by identity.
    ///
    /// # Errors
    /// As `hash_count`.
    pub fn hash_by_identity(&mut self, object: Oop) -> Result<bool, ModelError> {
        Ok(self.hash_flags(object)? & BY_IDENTITY != 0)
    }

    /// Sets the value of entry number `e`, which is live.
    ///
    /// # Errors
    /// `Frozen`; `Bounds` when there is no such entry; those of [`Heap::fault`](gem_heap::Heap::fault), when the table of entries is not in memory yet.
    pub fn hash_entry_set_value(
        &mut self,
        object: Oop,
        e: usize,
        value: Oop,
    ) -> Result<(), ModelError> {
        self.changeable(object)?;
        self.set_entry_part(object, e, 2, value)
    }

    /// To be called before a change. The large form says itself what of it changed: there the Hash need not be written with every entry.
    fn changeable(&mut self, object: Oop) -> Result<(), ModelError> {
        if self.heap.is_frozen(object) {
            return Err(gem_heap::HeapError::Frozen(object).into());
        }
        if self.hash_large(object)?.is_none() {
            self.heap.write_barrier(object)?;
        }
        Ok(())
    }

    /// Removes every entry.
    ///
    /// # Errors
    /// `Frozen` when the Hash or its table is; those of [`Heap::fault`](gem_heap::Heap::fault), when the table is not in memory yet.
    pub fn hash_clear(&mut self, object: Oop) -> Result<(), ModelError> {
        self.heap.write_barrier(object)?;
        let entries = self.entries(object)?;
        self.heap.resize(entries, 0)?;
        self.heap.set_slot(object, hash::COUNT, Oop::ZERO)?;
        Ok(self.heap.set_slot(object, hash::INDEX, Oop::NIL)?)
    }

    /// A copy of `keywords` that a splat makes keywords again.
    ///
    /// # Errors
    /// As `hash_dup`.
    pub fn hash_of_keywords(&mut self, keywords: Oop) -> Result<Oop, ModelError> {
        let copy = self.hash_dup(keywords)?;
        let flags = self.hash_flags(copy)? | OF_KEYWORDS;
        self.heap
            .set_slot(copy, hash::FLAGS, Oop::small_int_wrapping(flags))?;
        Ok(copy)
    }

    /// Whether `ruby2_keywords` collected this Hash.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), only for a damaged Hash: its flags are an immediate.
    pub fn is_hash_of_keywords(&mut self, object: Oop) -> Result<bool, ModelError> {
        Ok(object.is_pointer()
            && self.heap.is_instance(object, wellknown::RUBY_HASH)
            && self.hash_flags(object)? & OF_KEYWORDS != 0)
    }

    /// A plain Hash with the same entries and the same way of comparing keys.
    ///
    /// # Errors
    /// `OutOfMemory` when the copies of the tables find no room; those of [`Heap::fault`](gem_heap::Heap::fault), when the tables are not in memory yet.
    pub fn hash_entries_copy(&mut self, object: Oop) -> Result<Oop, ModelError> {
        let (fresh, index) = self.copied_tables(object)?;
        let count = self.hash_count(object)?;
        let flags = self.hash_flags(object)? & BY_IDENTITY;
        let copy = self.heap.new_wellknown(wellknown::RUBY_HASH);
        let small = |n: i64| Oop::small_int_wrapping(n);
        self.heap.set_slot(copy, hash::ENTRIES, fresh)?;
        self.heap.set_slot(copy, hash::INDEX, index)?;
        self.heap.set_slot(copy, hash::COUNT, small(count as i64))?;
        self.heap.set_slot(copy, hash::FLAGS, small(flags))?;
        Ok(copy)
    }

    /// Copies of `entries` and `index`.
    fn copied_tables(&mut self, object: Oop) -> Result<(Oop, Oop), ModelError> {
        if let Some(large) = self.hash_large(object)? {
            return Ok((
                self.large_copy_tree(large.entries)?,
                self.large_copy_tree(large.index)?,
            ));
        }
        let entries = self.entries(object)?;
        let index = self.heap.slot(object, hash::INDEX)?;
        Ok((
            self.heap.shallow_copy(entries)?,
            self.heap.shallow_copy(index)?,
        ))
    }

    /// Stores a pair.
    ///
    /// # Errors
    /// `NeedsCode` when the key needs user code; `Frozen`; as `hash_get` and `hash_append`.
    pub fn hash_store(&mut self, object: Oop, key: Oop, value: Oop) -> Result<(), ModelError> {
        let (key, identity) = self.prepared(object, key)?;
        self.changeable(object)?;
        if let Some(e) = self.find_entry(object, key, identity)? {
            return self.set_entry_part(object, e, 2, value);
        }
        self.hash_append(object, key, value)
    }

    /// Appends a pair whose key is known to be absent; `hash` may come from user code.
    ///
    /// # Errors
    /// `Frozen`; `OutOfMemory` when the tables cannot grow; those of [`Heap::fault`](gem_heap::Heap::fault), when they are not in memory yet.
    pub fn hash_append(&mut self, object: Oop, key: HashKey, value: Oop) -> Result<(), ModelError> {
        self.heap.write_barrier(object)?;
        if let Some(large) = self.hash_large(object)? {
            let count = self.hash_count(object)? + 1;
            self.heap
                .set_slot(object, hash::COUNT, Oop::small_int_wrapping(count as i64))?;
            let triple = [Oop::small_int_wrapping(key.hash), key.key, value];
            return self.large_append(object, large, &triple, count);
        }
        let entries = self.entries(object)?;
        self.heap.push(entries, Oop::small_int_wrapping(key.hash))?;
        self.heap.push(entries, key.key)?;
        self.heap.push(entries, value)?;
        let count = self.hash_count(object)? + 1;
        self.heap
            .set_slot(object, hash::COUNT, Oop::small_int_wrapping(count as i64))?;
        let total = self.heap.size(entries) / 3;
        let index = self.heap.slot(object, hash::INDEX)?;
        let buckets = if index.is_nil() {
            0
        } else {
            self.heap.size(index) / 4
        };
        if total > SMALL && total * 4 > buckets * 3 {
            self.hash_reindex(object)?;
        } else if buckets > 0 {
            let bytes = self.heap.bytes_mut(index)?;
            if !insert_bucket(bytes, key.hash, total - 1) {
                self.hash_reindex(object)?;
            }
        }
        Ok(())
    }

    /// Drops deleted entries and builds the index anew.
    ///
    /// # Errors
    /// `Frozen`; `OutOfMemory` when the new index finds no room; those of [`Heap::fault`](gem_heap::Heap::fault), when the entries are not in memory yet.
    pub fn hash_reindex(&mut self, object: Oop) -> Result<(), ModelError> {
        let entries = self.entries(object)?;
        let count = self.hash_count(object)?;
        if self.heap.size(entries) / 3 > count {
            let mut kept = Vec::with_capacity(count * 3);
            let all = self.heap.elements(entries)?;
            for triple in all.chunks_exact(3).filter(|t| !t[0].is_nil()) {
                kept.extend_from_slice(triple);
            }
            let size = self.heap.size(entries);
            self.heap.splice(entries, 0, size, &kept)?;
        }
        let total = self.heap.size(entries) / 3;
        if total <= SMALL {
            self.heap.set_slot(object, hash::INDEX, Oop::NIL)?;
            return Ok(());
        }
        let buckets = (total * 2).next_power_of_two().max(32);
        let mut bytes = vec![0u8; buckets * 4];
        for e in 0..total {
            if let Some(h) = self.heap.element(entries, e * 3)?.as_small_int() {
                insert_bucket(&mut bytes, h, e);
            }
        }
        let index = self.heap.slot(object, hash::INDEX)?;
        let index = if index.is_nil() {
            self.heap.new_bytes_of(wellknown::BYTE_ARRAY, &[])?
        } else {
            index
        };
        self.heap.set_bytes(index, &bytes)?;
        self.heap.set_slot(object, hash::INDEX, index)?;
        Ok(())
    }

    /// Removes `key`; answers its value.
    ///
    /// # Errors
    /// `NeedsCode` when the key needs user code; `Frozen`; as `hash_get`.
    pub fn hash_delete(&mut self, object: Oop, key: Oop) -> Result<Option<Oop>, ModelError> {
        let (key, identity) = self.prepared(object, key)?;
        self.heap.write_barrier(object)?;
        match self.find_entry(object, key, identity)? {
            Some(e) => self.hash_delete_entry(object, e).map(Some),
            None => Ok(None),
        }
    }

    /// Removes entry number `e`; answers its value.
    ///
    /// # Errors
    /// `Frozen`; those of [`Heap::fault`](gem_heap::Heap::fault), when the value or the tables are not in memory yet; `Damaged` also when a large Hash has no
    /// index.
    pub fn hash_delete_entry(&mut self, object: Oop, e: usize) -> Result<Oop, ModelError> {
        self.heap.write_barrier(object)?;
        let value = self.entry_part(object, e, 2)?;
        if let Some(large) = self.hash_large(object)?
            && let Some(hash) = self.entry_part(object, e, 0)?.as_small_int()
        {
            self.large_index_remove(large, hash, e)?;
        }
        for k in 0..3 {
            self.set_entry_part(object, e, k, Oop::NIL)?;
        }
        let entries = self.entries(object)?;
        let count = self.hash_count(object)?.saturating_sub(1);
        self.heap
            .set_slot(object, hash::COUNT, Oop::small_int_wrapping(count as i64))?;
        if count == 0 {
            self.heap.resize(entries, 0)?;
            self.heap.set_slot(object, hash::INDEX, Oop::NIL)?;
        }
        Ok(value)
    }

    /// Entries including deleted ones.
    ///
    /// # Errors
    /// `Bounds` when `object` is no Hash; those of [`Heap::fault`](gem_heap::Heap::fault), when the table of entries, or the end of a large one, is not in
    /// memory yet.
    pub fn hash_entry_count(&mut self, object: Oop) -> Result<usize, ModelError> {
        if let Some(large) = self.hash_large(object)? {
            return self.large_total(large);
        }
        let entries = self.entries(object)?;
        Ok(self.heap.size(entries) / 3)
    }

    /// Key and value of entry `e`, or `None` when it was deleted or does not exist.
    ///
    /// # Errors
    /// `Bounds` when `object` is no Hash; those of [`Heap::fault`](gem_heap::Heap::fault), when the table of entries, the key or the value is not in memory
    /// yet.
    pub fn hash_entry(&mut self, object: Oop, e: usize) -> Result<Option<(Oop, Oop)>, ModelError> {
        if self.hash_large(object)?.is_some() {
            if e >= self.hash_entry_count(object)? || self.entry_part(object, e, 0)?.is_nil() {
                return Ok(None);
            }
            return Ok(Some((
                self.entry_part(object, e, 1)?,
                self.entry_part(object, e, 2)?,
            )));
        }
        let entries = self.entries(object)?;
        if e * 3 + 2 >= self.heap.size(entries) || self.heap.element(entries, e * 3)?.is_nil() {
            return Ok(None);
        }
        Ok(Some((
            self.heap.element(entries, e * 3 + 1)?,
            self.heap.element(entries, e * 3 + 2)?,
        )))
    }

    /// All pairs in insertion order.
    ///
    /// # Errors
    /// `Bounds` when `object` is no Hash; those of [`Heap::fault`](gem_heap::Heap::fault), for the first part, key or value that is not in memory and cannot be
    /// had.
    pub fn hash_pairs(&mut self, object: Oop) -> Result<Vec<(Oop, Oop)>, ModelError> {
        let all = match self.hash_large(object)? {
            Some(large) => self.large_triples(large)?,
            None => {
                let entries = self.entries(object)?;
                self.heap.elements(entries)?
            }
        };
        Ok(all
            .chunks_exact(3)
            .filter(|t| !t[0].is_nil())
            .map(|t| (t[1], t[2]))
            .collect())
    }

    /// A copy with its own table (default and default proc too).
    ///
    /// # Errors
    /// As `hash_entries_copy`.
    pub fn hash_dup(&mut self, object: Oop) -> Result<Oop, ModelError> {
        let copy = self.heap.shallow_copy(object)?;
        self.hash_unshare(copy)?;
        Ok(copy)
    }

    /// Gives a shallow copy its own entries and index.
    ///
    /// # Errors
    /// As `hash_entries_copy`.
    pub fn hash_unshare(&mut self, copy: Oop) -> Result<(), ModelError> {
        let (entries, index) = self.copied_tables(copy)?;
        self.heap.set_slot(copy, hash::ENTRIES, entries)?;
        self.heap.set_slot(copy, hash::INDEX, index)?;
        Ok(())
    }

    /// Entry numbers whose stored hash is `hash`, from entry `from` on: for keys compared by user code.
    ///
    /// # Errors
    /// `Bounds` when `object` is no Hash; those of [`Heap::fault`](gem_heap::Heap::fault), when the tables are not in memory yet; `Damaged` also when they do
    /// not fit together.
    pub fn hash_find_by_hash(
        &mut self,
        object: Oop,
        hash: i64,
        from: usize,
    ) -> Result<Option<usize>, ModelError> {
        if let Some(large) = self.hash_large(object)? {
            let mut first: Option<usize> = None;
            self.large_find(large, hash, |_, e| {
                if e >= from {
                    first = Some(first.map_or(e, |f| f.min(e)));
                }
                Ok(false)
            })?;
            return Ok(first);
        }
        let entries = self.entries(object)?;
        let wanted = Oop::small_int_wrapping(hash);
        let index = self.heap.slot(object, hash::INDEX)?;
        if index.is_nil() {
            for e in from..self.heap.size(entries) / 3 {
                if self.heap.element(entries, e * 3)? == wanted {
                    return Ok(Some(e));
                }
            }
            return Ok(None);
        }
        // Entries of one hash lie along the buckets in the order of their numbers.
        let buckets = self.buckets(index)?;
        let mut at = hash as usize & (buckets - 1);
        for _ in 0..buckets {
            let entry = bucket(self.heap.bytes(index), at);
            if entry == 0 {
                return Ok(None);
            }
            let e = entry as usize - 1;
            if e >= from && self.heap.element(entries, e * 3)? == wanted {
                return Ok(Some(e));
            }
            at = (at + 1) & (buckets - 1);
        }
        Err(damaged())
    }
}

/// Bucket `at` of an index: number of an entry + 1, or 0.
fn bucket(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at * 4..][..4].try_into().expect("four bytes"))
}

/// Enters an entry into an index; false when that is none, or has no free bucket.
fn insert_bucket(bytes: &mut [u8], hash: i64, entry: usize) -> bool {
    let buckets = bytes.len() / 4;
    if !buckets.is_power_of_two() {
        return false;
    }
    let from = hash as usize & (buckets - 1);
    let free = (0..buckets)
        .map(|i| (from + i) & (buckets - 1))
        .find(|&at| bucket(bytes, at) == 0);
    if let Some(at) = free {
        bytes[at * 4..][..4].copy_from_slice(&(entry as u32 + 1).to_le_bytes());
    }
    free.is_some()
}
