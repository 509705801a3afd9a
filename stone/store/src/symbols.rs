//! The canonical symbols: bytes to id, by a hash whose hits are checked against the record.
//!
//! A sealed file brings its pairs sorted and they are searched where they lie; what is interned
//! later stands in a map.

use bytes::Bytes;
use format::oop::ObjectId;
use format::record::{Body, Format, RECORD_FROZEN, Record};
use format::wellknown::SYMBOL;
use hashbrown::HashMap;

/// Bytes of one (hash, id) pair.
pub const PAIR_BYTES: usize = 16;

#[derive(Default)]
pub struct SymbolTable {
    sorted: Bytes,
    recent: HashMap<u64, Vec<u64>>,
    /// Interned since the last checkpoint.
    unsaved: Vec<(u64, u64)>,
    count: u64,
}

/// The hash by which symbols are found on disk. Part of the format.
pub fn symbol_hash(symbol: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(symbol)
}

/// The record of a symbol: frozen bytes of class Symbol.
pub fn symbol_record(id: u64, symbol: &[u8]) -> Bytes {
    let record = Record {
        id: ObjectId(id),
        class: SYMBOL,
        format: Format::Bytes,
        flags: RECORD_FROZEN,
        detail: 0,
        policy: 0,
        body: Body::Bytes(symbol.to_vec()),
        dynamic: Vec::new(),
    };
    let mut out = Vec::with_capacity(record.encoded_len());
    record.encode(&mut out);
    out.into()
}

fn pair(bytes: &[u8], i: usize) -> (u64, u64) {
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    (word(i * PAIR_BYTES), word(i * PAIR_BYTES + 8))
}

/// The pairs of a run.
pub fn pairs(bytes: &[u8]) -> impl Iterator<Item = (u64, u64)> + '_ {
    (0..bytes.len() / PAIR_BYTES).map(|i| pair(bytes, i))
}

/// The run of some pairs.
pub fn encode_pairs(pairs: &[(u64, u64)]) -> Bytes {
    let mut out = Vec::with_capacity(pairs.len() * PAIR_BYTES);
    for (hash, id) in pairs {
        out.extend_from_slice(&hash.to_le_bytes());
        out.extend_from_slice(&id.to_le_bytes());
    }
    out.into()
}

impl SymbolTable {
    /// Starts on sorted pairs that stay where they are.
    pub fn sorted(pairs: Bytes) -> SymbolTable {
        let count = (pairs.len() / PAIR_BYTES) as u64;
        SymbolTable {
            sorted: pairs,
            count,
            ..SymbolTable::default()
        }
    }

    /// Ids of symbols with this hash.
    pub fn candidates(&self, hash: u64) -> Vec<u64> {
        let mut out = self.recent.get(&hash).cloned().unwrap_or_default();
        let (mut low, mut high) = (0, self.sorted.len() / PAIR_BYTES);
        let end = high;
        while low < high {
            let middle = (low + high) / 2;
            if pair(&self.sorted, middle).0 < hash {
                low = middle + 1
            } else {
                high = middle
            }
        }
        while low < end && pair(&self.sorted, low).0 == hash {
            out.push(pair(&self.sorted, low).1);
            low += 1;
        }
        out
    }

    /// Adds a symbol that is on disk already.
    pub fn load(&mut self, hash: u64, id: u64) {
        self.recent.entry(hash).or_default().push(id);
        self.count += 1;
    }

    /// Adds a symbol that the next checkpoint must save.
    pub fn add(&mut self, hash: u64, id: u64) {
        self.load(hash, id);
        self.unsaved.push((hash, id));
    }

    pub fn unsaved(&self) -> &[(u64, u64)] {
        &self.unsaved
    }

    /// Of the first `count` unsaved pairs those with ids that `are` are on disk now.
    pub fn saved(&mut self, count: usize, are: impl Fn(u64) -> bool) {
        let mut at = 0;
        self.unsaved.retain(|(_, id)| {
            at += 1;
            at > count || !are(*id)
        });
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// All pairs, sorted.
    pub fn all(&self) -> Vec<(u64, u64)> {
        let mut out: Vec<_> = pairs(&self.sorted).collect();
        out.extend(
            self.recent
                .iter()
                .flat_map(|(hash, ids)| ids.iter().map(|id| (*hash, *id))),
        );
        out.sort_unstable();
        out
    }
}
