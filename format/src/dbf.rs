//! The `.dbf` file: a sealed repository in one file.
//!
//! ```text
//! page 0                 header (below), zeros
//! pages 1 ..= n          sealed pages, in the order of the object ids in them
//! table                  object table chunks, ascending, 8,208 bytes each
//! directory              u64 chunk id per chunk, ascending
//! symbols                (u64 hash, u64 id) pairs, sorted
//! ```
//! Nothing in it depends on when, where or by whom it was written. Checksums: the header's and
//! the directory's are verified at open; each page's, each chunk's and the symbols' at first use.

use crate::limits::PAGE_BYTES;

pub const DBF_MAGIC: &[u8; 8] = b"MAGLEVDB";
/// 2: the header ends with the image's version. Version 1, of the first release, is read as image 1.
pub const DBF_VERSION: u32 = 2;
/// Bytes of the header that mean something.
pub const DBF_HEADER_BYTES: usize = 136;
/// The same in version 1.
const DBF_HEADER_BYTES_1: usize = 128;

/// The header's fields, in file order after magic (8), version (4) and crc32c (4, of the rest).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DbfHeader {
    pub file_bytes: u64,
    pub page_count: u64,
    pub table_offset: u64,
    pub chunk_count: u64,
    pub directory_offset: u64,
    pub symbols_offset: u64,
    pub symbol_count: u64,
    pub seq: u64,
    pub frame: u64,
    pub chain: u64,
    pub next_id: u64,
    pub root: u64,
    pub object_count: u64,
    /// crc32c of the directory, and of the symbols in the upper half.
    pub checksums: u64,
    /// `version::IMAGE` of the kernel in it.
    pub image: u64,
}

/// Why a file is no repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbfError {
    #[error("it is not a repository file")]
    Magic,
    #[error("its format is version {0}; this program reads version {DBF_VERSION}")]
    Version(u32),
    #[error("its header is damaged")]
    Header,
    #[error("it is cut short: {have} bytes where the header says {need}")]
    Truncated { have: u64, need: u64 },
    #[error("it is longer than its header says")]
    Longer,
}

impl DbfHeader {
    fn words(&self) -> [u64; 15] {
        [
            self.file_bytes,
            self.page_count,
            self.table_offset,
            self.chunk_count,
            self.directory_offset,
            self.symbols_offset,
            self.symbol_count,
            self.seq,
            self.frame,
            self.chain,
            self.next_id,
            self.root,
            self.object_count,
            self.checksums,
            self.image,
        ]
    }

    /// The first page of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(PAGE_BYTES);
        out.extend_from_slice(DBF_MAGIC);
        out.extend_from_slice(&DBF_VERSION.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        self.words()
            .iter()
            .for_each(|w| out.extend_from_slice(&w.to_le_bytes()));
        let crc = crc32c::crc32c(&out[16..DBF_HEADER_BYTES]);
        out[12..16].copy_from_slice(&crc.to_le_bytes());
        out.resize(PAGE_BYTES, 0);
        out
    }

    /// Checks the header at the start of a file of `file_bytes` bytes, every offset included.
    ///
    /// # Errors
    /// When the file is no repository, of another version, damaged or cut short.
    pub fn decode(start: &[u8], file_bytes: u64) -> Result<DbfHeader, DbfError> {
        if start.len() < 16 || &start[..8] != DBF_MAGIC {
            return Err(DbfError::Magic);
        }
        let version = u32::from_le_bytes(start[8..12].try_into().expect("four bytes"));
        let header_bytes = match version {
            1 => DBF_HEADER_BYTES_1,
            DBF_VERSION => DBF_HEADER_BYTES,
            _ => return Err(DbfError::Version(version)),
        };
        if start.len() < header_bytes {
            return Err(DbfError::Truncated {
                have: file_bytes,
                need: PAGE_BYTES as u64,
            });
        }
        let crc = u32::from_le_bytes(start[12..16].try_into().expect("four bytes"));
        if crc32c::crc32c(&start[16..header_bytes]) != crc {
            return Err(DbfError::Header);
        }
        let w = |i: usize| {
            u64::from_le_bytes(
                start[16 + i * 8..24 + i * 8]
                    .try_into()
                    .expect("eight bytes"),
            )
        };
        let header = DbfHeader {
            file_bytes: w(0),
            page_count: w(1),
            table_offset: w(2),
            chunk_count: w(3),
            directory_offset: w(4),
            symbols_offset: w(5),
            symbol_count: w(6),
            seq: w(7),
            frame: w(8),
            chain: w(9),
            next_id: w(10),
            root: w(11),
            object_count: w(12),
            checksums: w(13),
            image: if version == 1 { 1 } else { w(14) },
        };
        if file_bytes < header.file_bytes {
            return Err(DbfError::Truncated {
                have: file_bytes,
                need: header.file_bytes,
            });
        }
        if file_bytes > header.file_bytes {
            return Err(DbfError::Longer);
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_round_trips_and_notices_damage() {
        let header = DbfHeader {
            file_bytes: 99,
            page_count: 3,
            root: 3000,
            image: 7,
            ..Default::default()
        };
        let mut bytes = header.encode();
        assert_eq!(DbfHeader::decode(&bytes, 99), Ok(header));
        assert!(matches!(
            DbfHeader::decode(&bytes, 98),
            Err(DbfError::Truncated { .. })
        ));
        assert_eq!(DbfHeader::decode(&bytes, 100), Err(DbfError::Longer));
        for at in 0..DBF_HEADER_BYTES {
            bytes[at] ^= 1;
            assert!(DbfHeader::decode(&bytes, 99).is_err(), "byte {at}");
            bytes[at] ^= 1;
        }
    }

    #[test]
    fn a_header_of_the_first_release_is_read() {
        let header = DbfHeader {
            file_bytes: 99,
            root: 3000,
            image: 1,
            ..Default::default()
        };
        let mut bytes = header.encode();
        bytes[8..12].copy_from_slice(&1u32.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[16..DBF_HEADER_BYTES_1]);
        bytes[12..16].copy_from_slice(&crc.to_le_bytes());
        bytes[DBF_HEADER_BYTES_1..].fill(0);
        assert_eq!(DbfHeader::decode(&bytes, 99), Ok(header));
    }
}
