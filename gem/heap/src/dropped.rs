//! Which objects were in memory before and were dropped, so that coming back can be counted.
//!
//! One bit for each of the last bits of an id: exact while the repository has fewer objects than bits, a little too many beyond.

use format::ObjectId;

/// Bits, of which 2 MiB are made when the first object is dropped.
const BITS: usize = 1 << 24;

/// See the module text.
#[derive(Default)]
pub(crate) struct DroppedIds {
    words: Vec<u64>,
}

impl DroppedIds {
    /// The object with this id leaves memory.
    pub fn insert(&mut self, id: u64) {
        if self.words.is_empty() {
            self.words = vec![0; BITS / 64];
        }
        let bit = id as usize % BITS;
        self.words[bit / 64] |= 1 << (bit % 64);
    }

    /// Whether it was here before; forgets it.
    pub fn remove(&mut self, id: ObjectId) -> bool {
        let bit = id.0 as usize % BITS;
        let Some(word) = self.words.get_mut(bit / 64) else {
            return false;
        };
        let was = *word >> (bit % 64) & 1 == 1;
        *word &= !(1 << (bit % 64));
        was
    }
}
