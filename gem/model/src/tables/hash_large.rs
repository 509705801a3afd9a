//! The large form of a RubyHash, which a commit gives to one of many entries: nothing in it is large, so that a change writes, and a look-up reads, a few small objects.
//!
//! `entries` is an Array of Arrays of chunks, Arrays of up to 128 triples. `index` is an Array of Arrays of buckets, ByteArrays: a word with the number
//! of cells in use, then a power of two of cells, probed linearly, each a u32 of the mixed hash and a u32 of the entry's number + 1 (0: empty). Buckets split one after the other
//! (linear hashing: Litwin, VLDB 1980); the hash in the cell decides, so that neither a split nor a miss reads entries.

use crate::errors::ModelError;
use crate::model::Model;
use format::wellknown;
use format::wellknown::slots::hash;
use gem_heap::{HeapError, HostError, Kind, Oop};

/// Entries from which on a commit makes the large form.
pub(crate) const LARGE_ENTRIES_MIN: usize = 2048;
/// Triples of a chunk.
const CHUNK: usize = 128;
/// Chunks or buckets of a middle Array.
const FAN: usize = 512;
/// Cells in use, on average, that a bucket has before the next one splits.
const BUCKET_FILL: usize = 192;
/// Fewest cells of a bucket.
const CELLS_MIN: usize = 128;
/// Bytes before the cells.
const HEAD: usize = 8;

/// The two trees.
#[derive(Clone, Copy)]
pub(crate) struct Large {
    pub entries: Oop,
    pub index: Oop,
}

fn tag_of(hash: i64) -> u32 {
    gem_heap::mix(hash as u64) as u32
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// The bytes of a bucket with these cells and room for more.
fn bucket_bytes(cells: &[(u32, u32)]) -> Vec<u8> {
    let mut capacity = CELLS_MIN;
    while capacity * 3 < (cells.len() + 1) * 4 {
        capacity *= 2;
    }
    let mut bytes = vec![0; HEAD + capacity * 8];
    bytes[..4].copy_from_slice(&(cells.len() as u32).to_le_bytes());
    for &(tag, entry) in cells {
        let mut at = home(tag, capacity);
        while word(&bytes, HEAD + at * 8 + 4) != 0 {
            at = (at + 1) & (capacity - 1);
        }
        set_cell(&mut bytes, at, (tag, entry));
    }
    bytes
}

fn home(tag: u32, capacity: usize) -> usize {
    tag.rotate_left(9) as usize & (capacity - 1)
}

fn set_cell(bytes: &mut [u8], at: usize, (tag, entry): (u32, u32)) {
    bytes[HEAD + at * 8..][..4].copy_from_slice(&tag.to_le_bytes());
    bytes[HEAD + at * 8 + 4..][..4].copy_from_slice(&entry.to_le_bytes());
}

fn cell(bytes: &[u8], at: usize) -> (u32, u32) {
    (word(bytes, HEAD + at * 8), word(bytes, HEAD + at * 8 + 4))
}

fn cells(bytes: &[u8]) -> Vec<(u32, u32)> {
    (0..bytes.len().saturating_sub(HEAD) / 8)
        .map(|at| cell(bytes, at))
        .filter(|c| c.1 != 0)
        .collect()
}

/// Cells of a bucket: a power of two, as `home` needs it.
fn capacity_of(bytes: &[u8]) -> Result<usize, ModelError> {
    let capacity = bytes.len().saturating_sub(HEAD) / 8;
    if capacity.is_power_of_two() {
        Ok(capacity)
    } else {
        Err(damaged())
    }
}

/// The parts of a Hash do not fit together: the repository is damaged, or a program reached into them.
pub fn damaged() -> ModelError {
    let text = "the parts of this Hash do not fit together".to_string();
    ModelError::Heap(HeapError::Host(HostError::Damaged(text)))
}

/// Bucket number of a tag among `count` buckets.
fn bucket_number(tag: u32, count: usize) -> usize {
    let low = 1usize << count.ilog2();
    let i = tag as usize & (2 * low - 1);
    if i >= count { i - low } else { i }
}

impl Model {
    /// The trees of a Hash that has the large form.
    pub(crate) fn hash_large(&mut self, object: Oop) -> Result<Option<Large>, ModelError> {
        let index = self.heap.slot(object, hash::INDEX)?;
        if index.is_nil() || self.heap.kind(index) != Kind::Indexed {
            return Ok(None);
        }
        let entries = self.heap.slot(object, hash::ENTRIES)?;
        Ok(Some(Large { entries, index }))
    }

    /// Gives a Hash of many entries the large form: before a commit writes it. Entries keep their numbers.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when a key or value is not in memory yet; `OutOfMemory` when the large form finds no room, or there are
    /// more entries than it can number. The Hash is as it was then.
    pub fn hash_enlarge(&mut self, object: Oop) -> Result<(), ModelError> {
        let entries = self.heap.slot(object, hash::ENTRIES)?;
        if entries.is_nil()
            || self.hash_large(object)?.is_some()
            || self.heap.size(entries) / 3 < LARGE_ENTRIES_MIN
            || self.heap.is_frozen(object)
        {
            return Ok(());
        }
        let all = self.heap.elements(entries)?;
        let made = self.large_of(&all)?;
        self.heap.set_slot(object, hash::ENTRIES, made.entries)?;
        Ok(self.heap.set_slot(object, hash::INDEX, made.index)?)
    }

    /// The large form of triples; those of deleted entries have nil for their hash.
    fn large_of(&mut self, triples: &[Oop]) -> Result<Large, ModelError> {
        let large = Large {
            entries: self.heap.new_array(&[])?,
            index: self.heap.new_array(&[])?,
        };
        let mut count = 0;
        for triple in triples.chunks_exact(3) {
            let e = self.large_push(large, triple)?;
            if let Some(hash) = triple[0].as_small_int() {
                count += 1;
                self.large_index_add(large, hash, e, count)?;
            }
        }
        Ok(large)
    }

    /// Leaf number `i` of a tree.
    fn leaf(&mut self, tree: Oop, i: usize) -> Result<Oop, ModelError> {
        let middle = self.heap.element(tree, i / FAN)?;
        Ok(self.heap.element(middle, i % FAN)?)
    }

    fn leaf_count(&mut self, tree: Oop) -> Result<usize, ModelError> {
        match self.heap.size(tree) {
            0 => Ok(0),
            n => {
                let last = self.heap.element(tree, n - 1)?;
                Ok((n - 1) * FAN + self.heap.size(last))
            }
        }
    }

    fn leaf_add(&mut self, tree: Oop, leaf: Oop) -> Result<(), ModelError> {
        let count = self.leaf_count(tree)?;
        if count.is_multiple_of(FAN) {
            let middle = self.heap.new_array(&[leaf])?;
            return Ok(self.heap.push(tree, middle)?);
        }
        let middle = self.heap.element(tree, count / FAN)?;
        Ok(self.heap.push(middle, leaf)?)
    }

    /// Entries, deleted ones included.
    pub(crate) fn large_total(&mut self, large: Large) -> Result<usize, ModelError> {
        match self.leaf_count(large.entries)? {
            0 => Ok(0),
            n => {
                let last = self.leaf(large.entries, n - 1)?;
                Ok((n - 1) * CHUNK + self.heap.size(last) / 3)
            }
        }
    }

    /// Part `k` of entry `e`: 0 hash, 1 key, 2 value.
    pub(crate) fn large_entry(
        &mut self,
        large: Large,
        e: usize,
        k: usize,
    ) -> Result<Oop, ModelError> {
        let chunk = self.leaf(large.entries, e / CHUNK)?;
        Ok(self.heap.element(chunk, e % CHUNK * 3 + k)?)
    }

    pub(crate) fn large_set(
        &mut self,
        large: Large,
        e: usize,
        k: usize,
        value: Oop,
    ) -> Result<(), ModelError> {
        let chunk = self.leaf(large.entries, e / CHUNK)?;
        Ok(self.heap.set_element(chunk, e % CHUNK * 3 + k, value)?)
    }

    /// Appends a triple; answers its number.
    fn large_push(&mut self, large: Large, triple: &[Oop]) -> Result<usize, ModelError> {
        let e = self.large_total(large)?;
        if e.is_multiple_of(CHUNK) {
            let chunk = self.heap.new_array(triple)?;
            self.leaf_add(large.entries, chunk)?;
            return Ok(e);
        }
        let chunk = self.leaf(large.entries, e / CHUNK)?;
        for &part in triple {
            self.heap.push(chunk, part)?;
        }
        Ok(e)
    }

    /// The first entry with this hash that `found` accepts.
    pub(crate) fn large_find(
        &mut self,
        large: Large,
        hash: i64,
        mut found: impl FnMut(&mut Model, usize) -> Result<bool, ModelError>,
    ) -> Result<Option<usize>, ModelError> {
        let tag = tag_of(hash);
        let count = self.leaf_count(large.index)?;
        if count == 0 {
            return Ok(None);
        }
        let bucket = self.leaf(large.index, bucket_number(tag, count))?;
        let capacity = capacity_of(self.heap.bytes(bucket))?;
        let mut at = home(tag, capacity);
        for _ in 0..capacity {
            // What compares keys may have faulted, but runs no code: the bucket is as it was.
            let (other, entry) = cell(self.heap.bytes(bucket), at);
            if entry == 0 {
                return Ok(None);
            }
            let e = entry as usize - 1;
            if other == tag
                && self.large_entry(large, e, 0)?.as_small_int() == Some(hash)
                && found(self, e)?
            {
                return Ok(Some(e));
            }
            at = (at + 1) & (capacity - 1);
        }
        Err(damaged())
    }

    /// Enters entry `e` into the index, which then has `total` cells in use.
    fn large_index_add(
        &mut self,
        large: Large,
        hash: i64,
        e: usize,
        total: usize,
    ) -> Result<(), ModelError> {
        let too_many = |_| ModelError::Heap(gem_heap::HeapError::OutOfMemory { bytes: 0 });
        let number = u32::try_from(e + 1).map_err(too_many)?;
        let tag = tag_of(hash);
        let mut count = self.leaf_count(large.index)?;
        if count == 0 {
            let first = self
                .heap
                .new_bytes_of(wellknown::BYTE_ARRAY, &bucket_bytes(&[]))?;
            self.leaf_add(large.index, first)?;
            count = 1;
        }
        let bucket = self.leaf(large.index, bucket_number(tag, count))?;
        let bytes = self.heap.bytes_mut(bucket)?;
        let capacity = capacity_of(bytes)?;
        let used = word(bytes, 0) as usize + 1;
        if used * 4 > capacity * 3 {
            let mut all = cells(bytes);
            all.push((tag, number));
            self.heap.set_bytes(bucket, &bucket_bytes(&all))?;
        } else {
            let from = home(tag, capacity);
            let free = (0..capacity).map(|i| (from + i) & (capacity - 1));
            let at = free.into_iter().find(|&at| cell(bytes, at).1 == 0);
            let at = at.ok_or_else(damaged)?;
            set_cell(bytes, at, (tag, number));
            bytes[..4].copy_from_slice(&(used as u32).to_le_bytes());
        }
        if total > count * BUCKET_FILL {
            self.large_split(large, count)?;
        }
        Ok(())
    }

    /// The next bucket in turn gives about half of its cells to a new one.
    fn large_split(&mut self, large: Large, count: usize) -> Result<(), ModelError> {
        let number = count - (1usize << count.ilog2());
        let bucket = self.leaf(large.index, number)?;
        let (stay, go): (Vec<_>, Vec<_>) = cells(self.heap.bytes(bucket))
            .into_iter()
            .partition(|c| bucket_number(c.0, count + 1) == number);
        self.heap.set_bytes(bucket, &bucket_bytes(&stay))?;
        let fresh = self
            .heap
            .new_bytes_of(wellknown::BYTE_ARRAY, &bucket_bytes(&go))?;
        self.leaf_add(large.index, fresh)
    }

    /// Takes entry `e` with this hash out of the index.
    pub(crate) fn large_index_remove(
        &mut self,
        large: Large,
        hash: i64,
        e: usize,
    ) -> Result<(), ModelError> {
        let tag = tag_of(hash);
        let count = self.leaf_count(large.index)?;
        if count == 0 {
            return Err(damaged());
        }
        let bucket = self.leaf(large.index, bucket_number(tag, count))?;
        let kept: Vec<_> = cells(self.heap.bytes(bucket))
            .into_iter()
            .filter(|c| c.1 as usize != e + 1)
            .collect();
        Ok(self.heap.set_bytes(bucket, &bucket_bytes(&kept))?)
    }

    /// Appends a pair that is known to be absent; the Hash has `count` live entries then.
    pub(crate) fn large_append(
        &mut self,
        object: Oop,
        large: Large,
        triple: &[Oop; 3],
        count: usize,
    ) -> Result<(), ModelError> {
        let e = self.large_push(large, triple)?;
        let hash = triple[0].as_small_int().unwrap_or(0);
        self.large_index_add(large, hash, e, count)?;
        // Deleted entries go when they are more than the others.
        if e > count * 2 + LARGE_ENTRIES_MIN * 4 {
            let mut live = self.large_triples(large)?;
            live = live
                .chunks_exact(3)
                .filter(|t| !t[0].is_nil())
                .flatten()
                .copied()
                .collect();
            let made = self.large_of(&live)?;
            self.heap.set_slot(object, hash::ENTRIES, made.entries)?;
            self.heap.set_slot(object, hash::INDEX, made.index)?;
        }
        Ok(())
    }

    /// All triples, in order.
    pub(crate) fn large_triples(&mut self, large: Large) -> Result<Vec<Oop>, ModelError> {
        let mut all = Vec::new();
        for i in 0..self.leaf_count(large.entries)? {
            let chunk = self.leaf(large.entries, i)?;
            all.extend(self.heap.elements(chunk)?);
        }
        Ok(all)
    }

    /// A copy of a tree: the leaves are copies too.
    pub(crate) fn large_copy_tree(&mut self, tree: Oop) -> Result<Oop, ModelError> {
        let copy = self.heap.new_array(&[])?;
        for i in 0..self.leaf_count(tree)? {
            let leaf = self.leaf(tree, i)?;
            let leaf = self.heap.shallow_copy(leaf)?;
            self.leaf_add(copy, leaf)?;
        }
        Ok(copy)
    }
}
