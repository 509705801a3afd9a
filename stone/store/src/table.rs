//! The object table in chunks: 1,024 consecutive ids each, the same bytes in sled and in a `.dbf`.
//!
//! ```text
//! offset 0   u32 crc32c of bytes 8 .. CHUNK_BYTES
//!        4   u32 zero
//!        8   u64 chunk id (object id / 1024)
//!       16   u64 * 1024: page id << 16 | slot, or 0
//! ```

use crate::error::StoreError;
use crate::place::Place;
use bytes::Bytes;

/// Ids of one chunk.
pub const CHUNK_IDS: u64 = 1024;
/// Bytes of one chunk.
pub const CHUNK_BYTES: usize = 16 + CHUNK_IDS as usize * 8;

/// One checked chunk, unchanging.
#[derive(Clone, Debug)]
pub struct Chunk {
    bytes: Bytes,
}

impl Chunk {
    /// Checks a chunk's bytes.
    ///
    /// # Errors
    /// `Damaged` when length, checksum or chunk id is wrong.
    pub fn parse(chunk_id: u64, bytes: Bytes) -> Result<Chunk, StoreError> {
        let damaged = |what| {
            Err(StoreError::Damaged(format!(
                "object table chunk {chunk_id} is damaged: {what}"
            )))
        };
        if bytes.len() != CHUNK_BYTES {
            return damaged("its length is wrong");
        }
        let crc = u32::from_le_bytes(bytes[..4].try_into().expect("four bytes"));
        if crc32c::crc32c(&bytes[8..]) != crc {
            return damaged("its checksum is wrong");
        }
        if u64::from_le_bytes(bytes[8..16].try_into().expect("eight bytes")) != chunk_id {
            return damaged("it belongs elsewhere");
        }
        Ok(Chunk { bytes })
    }

    /// The word of an id that belongs to this chunk.
    pub fn word(&self, id: u64) -> u64 {
        let at = 16 + (id % CHUNK_IDS) as usize * 8;
        u64::from_le_bytes(self.bytes[at..at + 8].try_into().expect("eight bytes"))
    }

    pub fn place(&self, id: u64) -> Place {
        Place::from_word(self.word(id))
    }

    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// A chunk being changed.
pub struct ChunkEdit {
    chunk_id: u64,
    bytes: Vec<u8>,
}

impl ChunkEdit {
    /// Begins with `old`, or with no object at all.
    pub fn new(chunk_id: u64, old: Option<&Chunk>) -> ChunkEdit {
        let bytes = match old {
            Some(chunk) => chunk.bytes.to_vec(),
            None => vec![0; CHUNK_BYTES],
        };
        ChunkEdit { chunk_id, bytes }
    }

    pub fn set(&mut self, id: u64, place: &Place) {
        assert_eq!(id / CHUNK_IDS, self.chunk_id, "the id belongs to the chunk");
        let at = 16 + (id % CHUNK_IDS) as usize * 8;
        self.bytes[at..at + 8].copy_from_slice(&place.to_word().to_le_bytes());
    }

    pub fn finish(mut self) -> Chunk {
        self.bytes[8..16].copy_from_slice(&self.chunk_id.to_le_bytes());
        let crc = crc32c::crc32c(&self.bytes[8..]);
        self.bytes[..4].copy_from_slice(&crc.to_le_bytes());
        Chunk {
            bytes: self.bytes.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_round_trips_and_notices_damage() {
        let mut edit = ChunkEdit::new(3, None);
        let place = Place::Packed { page: 77, slot: 5 };
        edit.set(3 * CHUNK_IDS + 9, &place);
        let chunk = edit.finish();
        assert_eq!(chunk.place(3 * CHUNK_IDS + 9), place);
        assert_eq!(chunk.place(3 * CHUNK_IDS + 8), Place::Absent);
        let mut bytes = chunk.bytes().to_vec();
        assert!(Chunk::parse(3, bytes.clone().into()).is_ok());
        assert!(Chunk::parse(4, bytes.clone().into()).is_err());
        bytes[100] ^= 1;
        assert!(Chunk::parse(3, bytes.into()).is_err());
    }
}
