//! The sealed page: 16 KiB of records that never change again.
//!
//! ```text
//! offset 0   u32  crc32c of bytes 4 .. PAGE_BYTES
//!        4   u8   kind             1 records, 2 head of a big object, 3 continuation
//!        5   u8   version          1
//!        6   u16  slot count       kind 1; else 0
//!        8   u64  page id
//!       16   u64  total            kind 2: bytes of the whole encoded record
//!                                  kind 3: number of this page in its run (1, 2, ...)
//!       24   records (each a multiple of 8 bytes), or bytes of the big record
//!       end  u16 offset/8 of slot n, counted back from the end of the page (kind 1)
//! ```
//! A record that does not fit one page takes a run of pages with consecutive ids: a head, then
//! continuations; only the head is named by the object table (slot 0).
//!
//! Must not know: disks, caches, which records are current.

use crate::limits::PAGE_BYTES;
use crate::record::{RecordError, RecordView};

/// Bytes before the first record.
pub const PAGE_HEADER_BYTES: usize = 24;
/// Bytes of a big record that one page of its run holds.
pub const PAGE_PAYLOAD_BYTES: usize = PAGE_BYTES - PAGE_HEADER_BYTES;
/// The longest record that still stands in a page with others (or alone).
pub const PAGE_RECORD_BYTES_MAX: usize = PAGE_PAYLOAD_BYTES - 8;

const VERSION: u8 = 1;

/// What a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PageKind {
    Records = 1,
    BigHead = 2,
    BigRest = 3,
}

/// Why bytes are not a page, or not the one that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    #[error("a page is {0} bytes long, not {PAGE_BYTES}")]
    Length(usize),
    #[error("page {0} is damaged: its checksum is wrong")]
    Checksum(u64),
    #[error("page {page} is damaged: {what}")]
    Damaged { page: u64, what: &'static str },
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Collects records into one page.
pub struct PageBuilder {
    bytes: Vec<u8>,
    /// Where each record starts, in words.
    offsets: Vec<u16>,
}

impl Default for PageBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl PageBuilder {
    pub fn new() -> Self {
        let mut bytes = Vec::with_capacity(PAGE_BYTES);
        bytes.resize(PAGE_HEADER_BYTES, 0);
        PageBuilder {
            bytes,
            offsets: Vec::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Appends an encoded record and returns its slot, or `None` when the page is full.
    pub fn push(&mut self, record: &[u8]) -> Option<u16> {
        assert!(record.len().is_multiple_of(8), "records are whole words");
        let need = self.bytes.len() + record.len() + (self.offsets.len() + 1) * 2;
        if need > PAGE_BYTES {
            return None;
        }
        self.offsets.push((self.bytes.len() / 8) as u16);
        self.bytes.extend_from_slice(record);
        Some((self.offsets.len() - 1) as u16)
    }

    /// Closes the page under its id.
    pub fn seal(self, page_id: u64) -> Vec<u8> {
        let mut bytes = self.bytes;
        bytes.resize(PAGE_BYTES, 0);
        for (slot, offset) in self.offsets.iter().enumerate() {
            let entry = PAGE_BYTES - (slot + 1) * 2;
            bytes[entry..entry + 2].copy_from_slice(&offset.to_le_bytes());
        }
        finish(
            &mut bytes,
            PageKind::Records,
            self.offsets.len() as u16,
            page_id,
            0,
        );
        bytes
    }
}

/// The run of pages of one big record, ids from `first_page_id`.
pub fn seal_big(record: &[u8], first_page_id: u64) -> Vec<Vec<u8>> {
    record
        .chunks(PAGE_PAYLOAD_BYTES)
        .enumerate()
        .map(|(i, chunk)| {
            let mut bytes = vec![0; PAGE_BYTES];
            bytes[PAGE_HEADER_BYTES..PAGE_HEADER_BYTES + chunk.len()].copy_from_slice(chunk);
            let (kind, total) = if i == 0 {
                (PageKind::BigHead, record.len() as u64)
            } else {
                (PageKind::BigRest, i as u64)
            };
            finish(&mut bytes, kind, 0, first_page_id + i as u64, total);
            bytes
        })
        .collect()
}

/// Number of pages that a record of `bytes` takes when it is big.
pub fn big_page_count(bytes: u64) -> u64 {
    bytes.div_ceil(PAGE_PAYLOAD_BYTES as u64)
}

fn finish(bytes: &mut [u8], kind: PageKind, slots: u16, page_id: u64, total: u64) {
    bytes[4] = kind as u8;
    bytes[5] = VERSION;
    bytes[6..8].copy_from_slice(&slots.to_le_bytes());
    bytes[8..16].copy_from_slice(&page_id.to_le_bytes());
    bytes[16..24].copy_from_slice(&total.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[4..]);
    bytes[..4].copy_from_slice(&crc.to_le_bytes());
}

/// A checked view of one page.
#[derive(Clone, Copy, Debug)]
pub struct PageView<'a> {
    bytes: &'a [u8],
}

impl<'a> PageView<'a> {
    /// Checks length, checksum and header.
    ///
    /// # Errors
    /// When any of them is wrong.
    pub fn parse(bytes: &'a [u8]) -> Result<PageView<'a>, PageError> {
        let view = PageView::parse_verified(bytes)?;
        let crc = u32::from_le_bytes(bytes[..4].try_into().expect("four bytes"));
        if crc32c::crc32c(&bytes[4..]) != crc {
            return Err(PageError::Checksum(view.page_id()));
        }
        Ok(view)
    }

    /// The same for bytes whose checksum was verified before: checks length and header.
    ///
    /// # Errors
    /// When one of them is wrong.
    pub fn parse_verified(bytes: &'a [u8]) -> Result<PageView<'a>, PageError> {
        if bytes.len() != PAGE_BYTES {
            return Err(PageError::Length(bytes.len()));
        }
        let view = PageView { bytes };
        let page = view.page_id();
        if bytes[5] != VERSION {
            return Err(PageError::Damaged {
                page,
                what: "its version is unknown",
            });
        }
        if !(1..=3).contains(&bytes[4]) {
            return Err(PageError::Damaged {
                page,
                what: "its kind is unknown",
            });
        }
        if view.slot_count() * 2 > PAGE_PAYLOAD_BYTES {
            return Err(PageError::Damaged {
                page,
                what: "it claims too many slots",
            });
        }
        Ok(view)
    }

    pub fn kind(&self) -> PageKind {
        match self.bytes[4] {
            1 => PageKind::Records,
            2 => PageKind::BigHead,
            _ => PageKind::BigRest,
        }
    }

    pub fn page_id(&self) -> u64 {
        u64::from_le_bytes(self.bytes[8..16].try_into().expect("eight bytes"))
    }

    pub fn slot_count(&self) -> usize {
        u16::from_le_bytes([self.bytes[6], self.bytes[7]]) as usize
    }

    /// Bytes of the big record whose head this is; place in the run of a continuation.
    pub fn total(&self) -> u64 {
        u64::from_le_bytes(self.bytes[16..24].try_into().expect("eight bytes"))
    }

    /// This page's part of a big record (the last page's is padded).
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[PAGE_HEADER_BYTES..]
    }

    fn slot_offset(&self, slot: usize) -> Result<usize, PageError> {
        let page = self.page_id();
        if slot >= self.slot_count() {
            return Err(PageError::Damaged {
                page,
                what: "it has no such slot",
            });
        }
        let entry = PAGE_BYTES - (slot + 1) * 2;
        let at = u16::from_le_bytes([self.bytes[entry], self.bytes[entry + 1]]) as usize * 8;
        if !(PAGE_HEADER_BYTES..PAGE_BYTES).contains(&at) {
            return Err(PageError::Damaged {
                page,
                what: "a slot points outside",
            });
        }
        Ok(at)
    }

    /// The record in `slot`, checked.
    ///
    /// # Errors
    /// When there is no such slot or its record is damaged.
    pub fn record(&self, slot: usize) -> Result<RecordView<'a>, PageError> {
        Ok(RecordView::parse(&self.bytes[self.slot_offset(slot)?..])?)
    }

    /// The id of the record in `slot`, without checking the record.
    ///
    /// # Errors
    /// When there is no such slot.
    pub fn record_id(&self, slot: usize) -> Result<u64, PageError> {
        let at = self.slot_offset(slot)?;
        match self.bytes.get(at..at + 8) {
            Some(word) => Ok(u64::from_le_bytes(word.try_into().expect("eight bytes"))),
            None => Err(PageError::Damaged {
                page: self.page_id(),
                what: "a record is cut short",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oop::ObjectId;
    use crate::record::{Body, Format, Record};

    fn record(id: u64, bytes: usize) -> Vec<u8> {
        let mut out = Vec::new();
        Record {
            id: ObjectId(id),
            class: ObjectId(17),
            format: Format::Bytes,
            flags: 0,
            detail: 0,
            policy: 0,
            body: Body::Bytes(vec![id as u8; bytes]),
            dynamic: vec![],
        }
        .encode(&mut out);
        out
    }

    #[test]
    fn a_page_gives_back_its_records() {
        let mut builder = PageBuilder::new();
        let mut n = 0;
        while builder
            .push(&record(n + 1, (n as usize * 13) % 300))
            .is_some()
        {
            n += 1;
        }
        assert!(n > 50);
        let bytes = builder.seal(7);
        let page = PageView::parse(&bytes).unwrap();
        assert_eq!((page.page_id(), page.slot_count() as u64), (7, n));
        for slot in 0..n as usize {
            assert_eq!(page.record(slot).unwrap().id().0, slot as u64 + 1);
            assert_eq!(page.record_id(slot).unwrap(), slot as u64 + 1);
        }
        assert!(page.record(n as usize).is_err());
    }

    #[test]
    fn a_full_page_record_fits_and_one_more_word_does_not() {
        let largest = PAGE_RECORD_BYTES_MAX - crate::record::RECORD_HEADER_BYTES;
        assert_eq!(PageBuilder::new().push(&record(1, largest)), Some(0));
        assert_eq!(PageBuilder::new().push(&record(1, largest + 1)), None);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let mut builder = PageBuilder::new();
        builder.push(&record(1, 100)).unwrap();
        let mut bytes = builder.seal(1);
        for at in (0..PAGE_BYTES).step_by(37) {
            bytes[at] ^= 4;
            assert!(PageView::parse(&bytes).is_err(), "byte {at}");
            bytes[at] ^= 4;
        }
        assert!(PageView::parse(&bytes[1..]).is_err());
    }

    #[test]
    fn a_big_record_is_a_run_of_pages() {
        let big = record(9, 3 * PAGE_BYTES);
        let pages = seal_big(&big, 100);
        assert_eq!(pages.len() as u64, big_page_count(big.len() as u64));
        let mut joined = Vec::new();
        for (i, bytes) in pages.iter().enumerate() {
            let page = PageView::parse(bytes).unwrap();
            assert_eq!(page.page_id(), 100 + i as u64);
            joined.extend_from_slice(page.payload());
        }
        assert_eq!(&joined[..big.len()], &big[..]);
    }
}
