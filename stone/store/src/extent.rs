//! The extent: where sealed pages, object table chunks and symbols are kept between checkpoints.
//!
//! The seam where another engine goes. An extent is never the commit point: what it loses, the
//! tranlog since the last `.dbf` has.

use crate::error::StoreError;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::RwLock;

/// What an extent finds values by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Meta,
    Page(u64),
    Chunk(u64),
    /// A run of (hash, id) pairs of symbols, 16 bytes each.
    Symbols(u64),
}

/// Puts that belong together; values never shrink to nothing, so there are no removals.
#[derive(Default)]
pub struct Batch {
    pub puts: Vec<(Key, Bytes)>,
    pub bytes: usize,
}

impl Batch {
    pub fn put(&mut self, key: Key, value: Bytes) {
        self.bytes += value.len() + 16;
        self.puts.push((key, value));
    }
}

/// A keeper of pages and chunks.
pub trait Extent: Send + Sync {
    /// # Errors
    /// `Damaged` or `Io`.
    fn get(&self, key: Key) -> Result<Option<Bytes>, StoreError>;
    /// # Errors
    /// Any failure leaves it open which puts happened.
    fn apply(&self, batch: Batch) -> Result<(), StoreError>;
    /// Returns when all that was applied is durable.
    ///
    /// # Errors
    /// As `apply`.
    fn sync(&self) -> Result<(), StoreError>;
    /// Ids of all chunks, ascending.
    ///
    /// # Errors
    /// As `get`.
    fn chunk_ids(&self) -> Result<Vec<u64>, StoreError>;
    /// The largest page id in use, 0 for none.
    ///
    /// # Errors
    /// As `get`.
    fn last_page_id(&self) -> Result<u64, StoreError>;
    /// Whether pages come with their checksum verified.
    fn verifies_pages(&self) -> bool {
        false
    }
    /// The (hash, id) pairs of all symbols, sorted, when the extent keeps them so.
    ///
    /// # Errors
    /// As `get`.
    fn sorted_symbols(&self) -> Result<Option<Bytes>, StoreError> {
        Ok(None)
    }
}

/// A point in the repository's history that ends a frame of the tranlog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Position {
    /// Last commit included.
    pub seq: u64,
    /// Last tranlog frame included.
    pub frame: u64,
    /// Digest of all frames up to here: logs that do not continue it belong elsewhere.
    pub chain: u64,
}

/// What an extent or a `.dbf` says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Meta {
    pub position: Position,
    pub next_id: u64,
    pub root: u64,
    pub symbol_count: u64,
    pub symbol_chunks: u64,
    /// `format::version::IMAGE` of the kernel that the repository was seeded with.
    pub image: u64,
}

/// 2: ends with the image's version. Version 1, of the first release, is read as image 1.
const META_VERSION: u64 = 2;
const META_BYTES: usize = 9 * 8;
const META_BYTES_1: usize = 8 * 8;

impl Meta {
    pub fn encode(&self) -> Bytes {
        let p = self.position;
        let words = [
            META_VERSION,
            p.seq,
            p.frame,
            p.chain,
            self.next_id,
            self.root,
            self.symbol_count,
            self.symbol_chunks,
            self.image,
        ];
        let mut out = Vec::with_capacity(META_BYTES + 4);
        words
            .iter()
            .for_each(|w| out.extend_from_slice(&w.to_le_bytes()));
        out.extend_from_slice(&crc32c::crc32c(&out).to_le_bytes());
        out.into()
    }

    /// # Errors
    /// `Damaged` when length, checksum or version is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Meta, StoreError> {
        let damaged = || StoreError::Damaged("the extent's description is damaged".into());
        let (len, version) = match bytes.len() {
            n if n == META_BYTES + 4 => (META_BYTES, META_VERSION),
            n if n == META_BYTES_1 + 4 => (META_BYTES_1, 1),
            _ => return Err(damaged()),
        };
        let crc = u32::from_le_bytes(bytes[len..].try_into().expect("four bytes"));
        let word =
            |i: usize| u64::from_le_bytes(bytes[i * 8..i * 8 + 8].try_into().expect("eight bytes"));
        if crc32c::crc32c(&bytes[..len]) != crc || word(0) != version {
            return Err(damaged());
        }
        Ok(Meta {
            position: Position {
                seq: word(1),
                frame: word(2),
                chain: word(3),
            },
            next_id: word(4),
            root: word(5),
            symbol_count: word(6),
            symbol_chunks: word(7),
            image: if version == 1 { 1 } else { word(8) },
        })
    }
}

/// An extent in memory.
#[derive(Default)]
pub struct MemoryExtent {
    values: RwLock<BTreeMap<Key, Bytes>>,
}

impl Extent for MemoryExtent {
    fn get(&self, key: Key) -> Result<Option<Bytes>, StoreError> {
        Ok(self
            .values
            .read()
            .expect("no panic while held")
            .get(&key)
            .cloned())
    }
    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        self.values
            .write()
            .expect("no panic while held")
            .extend(batch.puts);
        Ok(())
    }
    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }
    fn chunk_ids(&self) -> Result<Vec<u64>, StoreError> {
        let values = self.values.read().expect("no panic while held");
        let range = values.range(Key::Chunk(0)..=Key::Chunk(u64::MAX));
        Ok(range
            .map(|(key, _)| {
                if let Key::Chunk(id) = key {
                    *id
                } else {
                    unreachable!()
                }
            })
            .collect())
    }
    fn last_page_id(&self) -> Result<u64, StoreError> {
        let values = self.values.read().expect("no panic while held");
        let last = values.range(Key::Page(0)..=Key::Page(u64::MAX)).next_back();
        Ok(last.map_or(0, |(key, _)| {
            if let Key::Page(id) = key {
                *id
            } else {
                unreachable!()
            }
        }))
    }
}
