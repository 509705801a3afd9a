//! Records of the repository that this gem has fetched and not needed yet: sealed pages, and single records in blocks as they came.
//!
//! An index says where the record of an object lies. Only current records are indexed, and a record that others superseded leaves
//! the index when the view moves; so whatever the index names is true at the session's view.
//!
//! Must not know: the stone, which objects are in memory.

use crate::survival::Kept;
use bytes::Bytes;
use format::page::{PageError, PageView};
use format::record::RecordView;
use hashbrown::HashMap;
use proto::messages::FaultedPage;

/// Where a record lies.
#[derive(Clone, Copy)]
struct Extract {
    block: u32,
    at: u32,
    len: u32,
}

/// A page, or the loose records of one reply.
struct Block {
    bytes: Bytes,
    ids: Vec<u64>,
    /// Used since the clock's hand last came by.
    used: bool,
}

/// See the module text.
pub struct PageCache {
    blocks: Vec<Option<Block>>,
    free: Vec<u32>,
    index: HashMap<u64, Extract>,
    bytes: usize,
    bytes_max: usize,
    hand: usize,
    /// The kernel, where it is kept; never evicted.
    kept: Option<Kept>,
}

impl PageCache {
    /// An empty cache that keeps about `bytes_max` bytes of records.
    pub fn new(bytes_max: usize) -> PageCache {
        PageCache {
            blocks: Vec::new(),
            free: Vec::new(),
            index: HashMap::new(),
            bytes: 0,
            bytes_max,
            hand: 0,
            kept: None,
        }
    }

    /// Bytes of the pages and records kept.
    pub fn bytes(&self) -> usize {
        self.bytes + self.kept.as_ref().map_or(0, Kept::bytes)
    }

    pub fn contains(&self, id: u64) -> bool {
        self.index.contains_key(&id) || self.kept.as_ref().is_some_and(|k| k.contains(id))
    }

    /// Keeps these records until the view moves away from them.
    pub fn keep(&mut self, kept: Kept) {
        self.kept = Some(kept);
    }

    /// Whether `keep` was called since nothing was known to be true.
    pub fn has_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// Appends the record of `id` to `out`; false when it is not here.
    pub fn copy_record(&mut self, id: u64, out: &mut Vec<u8>) -> bool {
        let Some(place) = self.index.get(&id) else {
            return self.kept.as_ref().is_some_and(|k| k.copy_record(id, out));
        };
        let Some(block) = &mut self.blocks[place.block as usize] else {
            return false;
        };
        block.used = true;
        let at = place.at as usize;
        out.extend_from_slice(&block.bytes[at..at + place.len as usize]);
        true
    }

    /// Takes a page in: its current records become findable.
    ///
    /// # Errors
    /// When the page is damaged.
    pub fn add_page(&mut self, faulted: &FaultedPage) -> Result<(), PageError> {
        let page = PageView::parse(&faulted.page)?;
        let start = faulted.page.as_ptr() as usize;
        let mut found = Vec::with_capacity(faulted.current_slots.len());
        for &slot in &faulted.current_slots {
            let record = page.record(slot as usize)?;
            let at = record.bytes().as_ptr() as usize - start;
            found.push((record.id().0, at, record.bytes().len()));
        }
        self.add_block(faulted.page.clone(), &found);
        Ok(())
    }

    /// Takes loose records in, one after the other in `bytes`. Answers how many there were.
    ///
    /// # Errors
    /// When a record is damaged.
    pub fn add_loose(&mut self, bytes: &Bytes) -> Result<usize, PageError> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let record = RecordView::parse(&bytes[at..])?;
            found.push((record.id().0, at, record.bytes().len()));
            at += record.bytes().len();
        }
        self.add_block(bytes.clone(), &found);
        Ok(found.len())
    }

    fn add_block(&mut self, bytes: Bytes, found: &[(u64, usize, usize)]) {
        if found.is_empty() {
            return;
        }
        self.bytes += bytes.len();
        let number = self.free.pop().unwrap_or_else(|| {
            self.blocks.push(None);
            (self.blocks.len() - 1) as u32
        });
        for &(id, at, len) in found {
            let place = Extract {
                block: number,
                at: at as u32,
                len: len as u32,
            };
            self.index.insert(id, place);
        }
        self.blocks[number as usize] = Some(Block {
            bytes,
            ids: found.iter().map(|f| f.0).collect(),
            used: true,
        });
        self.evict(number);
    }

    /// Drops blocks that were not used lately (the clock algorithm) until the rest fits; never `keep`, which just came.
    fn evict(&mut self, keep: u32) {
        let mut steps = self.blocks.len() * 2;
        while self.bytes > self.bytes_max && steps > 0 {
            steps -= 1;
            self.hand = (self.hand + 1) % self.blocks.len();
            let number = self.hand as u32;
            match &mut self.blocks[self.hand] {
                Some(block) if number != keep && block.used => block.used = false,
                Some(_) if number != keep => self.drop_block(number),
                _ => {}
            }
        }
    }

    fn drop_block(&mut self, number: u32) {
        let Some(block) = self.blocks[number as usize].take() else {
            return;
        };
        self.bytes -= block.bytes.len();
        for id in block.ids {
            if self.index.get(&id).is_some_and(|p| p.block == number) {
                self.index.remove(&id);
            }
        }
        self.free.push(number);
    }

    /// The record of `id` is no longer true.
    pub fn forget(&mut self, id: u64) {
        self.index.remove(&id);
        if let Some(kept) = &mut self.kept {
            kept.strike(id);
        }
    }

    /// Nothing here is known to be true any more.
    pub fn clear(&mut self) {
        *self = PageCache::new(self.bytes_max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use format::page::PageBuilder;
    use format::record::{Body, Record};
    use format::{Format, ObjectId};

    fn record(id: u64) -> Vec<u8> {
        let mut out = Vec::new();
        let record = Record {
            id: ObjectId(id),
            class: ObjectId(45),
            format: Format::Bytes,
            flags: 0,
            detail: 0,
            policy: 0,
            body: Body::Bytes(vec![1; 100]),
            dynamic: vec![],
        };
        record.encode(&mut out);
        out
    }

    fn page(number: u64, ids: &[u64]) -> FaultedPage {
        let mut builder = PageBuilder::new();
        for &id in ids {
            builder.push(&record(id)).expect("room");
        }
        FaultedPage {
            page_id: number,
            page: builder.seal(number).into(),
            current_slots: (0..ids.len() as u32).collect(),
        }
    }

    #[test]
    fn what_was_superseded_is_not_found() {
        let mut cache = PageCache::new(1 << 20);
        let mut faulted = page(1, &[5, 6, 7]);
        faulted.current_slots = vec![0, 2];
        cache.add_page(&faulted).unwrap();
        assert!(cache.contains(5) && !cache.contains(6) && cache.contains(7));
        cache.forget(7);
        let mut out = Vec::new();
        assert!(!cache.copy_record(7, &mut out) && cache.copy_record(5, &mut out));
        assert_eq!(out, record(5));
    }

    #[test]
    fn the_cache_keeps_its_bound_and_what_is_used() {
        let mut cache = PageCache::new(10 * 16384);
        for n in 0..100 {
            cache.add_page(&page(n, &[1000 + n, 2000 + n])).unwrap();
            assert!(cache.bytes <= 10 * 16384);
            assert!(cache.contains(1000 + n));
        }
        assert_eq!(cache.index.len(), 20);
    }

    #[test]
    fn a_damaged_page_is_refused() {
        let mut faulted = page(1, &[5]);
        let mut bytes = faulted.page.to_vec();
        bytes[100] ^= 1;
        faulted.page = bytes.into();
        assert!(PageCache::new(1 << 20).add_page(&faulted).is_err());
    }
}
