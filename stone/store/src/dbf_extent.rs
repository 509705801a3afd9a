//! A `.dbf` file as an extent that nobody can write: mapped, opened in about a millisecond.

use crate::error::StoreError;
use crate::extent::{Batch, Extent, Key, Meta, Position};
use crate::map::map_file;
use crate::symbols::PAIR_BYTES;
use crate::table::CHUNK_BYTES;
use bytes::Bytes;
use format::dbf::DbfHeader;
use format::limits::PAGE_BYTES;
use format::page::PageView;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};

pub struct DbfExtent {
    path: PathBuf,
    file: Bytes,
    header: DbfHeader,
    /// One bit per page whose checksum was found right.
    verified: Vec<AtomicU8>,
}

impl DbfExtent {
    /// Maps the file and checks its header and directory.
    ///
    /// # Errors
    /// `Io` when it cannot be read, `Damaged` when it is no repository.
    pub fn open(path: &Path) -> Result<DbfExtent, StoreError> {
        let map = map_file(path).map_err(|e| StoreError::io("open", path, &e))?;
        DbfExtent::from_bytes(path, Bytes::from_owner(map))
    }

    /// The same for bytes in memory; `path` is named in errors.
    ///
    /// # Errors
    /// `Damaged`.
    pub fn from_bytes(path: &Path, file: Bytes) -> Result<DbfExtent, StoreError> {
        let header = DbfHeader::decode(&file, file.len() as u64)
            .map_err(|e| StoreError::Damaged(format!("cannot use {}: {e}", path.display())))?;
        let verified = (0..header.page_count / 8 + 1)
            .map(|_| AtomicU8::new(0))
            .collect();
        let extent = DbfExtent {
            path: path.to_path_buf(),
            file,
            header,
            verified,
        };
        let page = PAGE_BYTES as u64;
        let sections = [
            (
                page,
                header.page_count.checked_mul(page),
                header.table_offset,
            ),
            (
                header.table_offset,
                header.chunk_count.checked_mul(CHUNK_BYTES as u64),
                header.directory_offset,
            ),
            (
                header.directory_offset,
                header.chunk_count.checked_mul(8),
                header.symbols_offset,
            ),
            (
                header.symbols_offset,
                header.symbol_count.checked_mul(PAIR_BYTES as u64),
                header.file_bytes,
            ),
        ];
        for (start, bytes, end) in sections {
            if bytes.and_then(|n| start.checked_add(n)) != Some(end) {
                return Err(extent.damaged("its sections do not fit together"));
            }
        }
        if crc32c::crc32c(&extent.directory()) != header.checksums as u32 {
            return Err(extent.damaged("its directory's checksum is wrong"));
        }
        Ok(extent)
    }

    pub fn header(&self) -> &DbfHeader {
        &self.header
    }

    pub fn meta(&self) -> Meta {
        let h = &self.header;
        Meta {
            position: Position {
                seq: h.seq,
                frame: h.frame,
                chain: h.chain,
            },
            next_id: h.next_id,
            root: h.root,
            symbol_count: h.symbol_count,
            symbol_chunks: 0,
            image: h.image,
        }
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged(format!("{} is damaged: {what}", self.path.display()))
    }

    fn directory(&self) -> Bytes {
        self.file
            .slice(self.header.directory_offset as usize..self.header.symbols_offset as usize)
    }

    fn chunk_at(&self, i: u64) -> u64 {
        let at = (self.header.directory_offset + i * 8) as usize;
        u64::from_le_bytes(self.file[at..at + 8].try_into().expect("eight bytes"))
    }

    fn chunk(&self, chunk_id: u64) -> Option<Bytes> {
        let (mut low, mut high) = (0, self.header.chunk_count);
        while low < high {
            let middle = (low + high) / 2;
            if self.chunk_at(middle) < chunk_id {
                low = middle + 1
            } else {
                high = middle
            }
        }
        if low == self.header.chunk_count || self.chunk_at(low) != chunk_id {
            return None;
        }
        let at = self.header.table_offset as usize + low as usize * CHUNK_BYTES;
        Some(self.file.slice(at..at + CHUNK_BYTES))
    }

    fn page(&self, id: u64) -> Result<Option<Bytes>, StoreError> {
        if id == 0 || id > self.header.page_count {
            return Ok(None);
        }
        let at = id as usize * PAGE_BYTES;
        let bytes = self.file.slice(at..at + PAGE_BYTES);
        let (byte, bit) = (&self.verified[id as usize / 8], 1u8 << (id % 8));
        if byte.load(Ordering::Relaxed) & bit == 0 {
            PageView::parse(&bytes).map_err(|e| self.damaged(&e.to_string()))?;
            byte.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(Some(bytes))
    }
}

impl Extent for DbfExtent {
    fn get(&self, key: Key) -> Result<Option<Bytes>, StoreError> {
        match key {
            Key::Meta => Ok(Some(self.meta().encode())),
            Key::Page(id) => self.page(id),
            Key::Chunk(id) => Ok(self.chunk(id)),
            Key::Symbols(_) => Ok(None),
        }
    }
    fn apply(&self, _: Batch) -> Result<(), StoreError> {
        Err(StoreError::Io(format!(
            "{} is read-only",
            self.path.display()
        )))
    }
    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }
    fn chunk_ids(&self) -> Result<Vec<u64>, StoreError> {
        Ok((0..self.header.chunk_count)
            .map(|i| self.chunk_at(i))
            .collect())
    }
    fn last_page_id(&self) -> Result<u64, StoreError> {
        Ok(self.header.page_count)
    }
    fn verifies_pages(&self) -> bool {
        true
    }
    fn sorted_symbols(&self) -> Result<Option<Bytes>, StoreError> {
        let pairs = self.file.slice(self.header.symbols_offset as usize..);
        if crc32c::crc32c(&pairs) != (self.header.checksums >> 32) as u32 {
            return Err(self.damaged("its symbol table's checksum is wrong"));
        }
        Ok(Some(pairs))
    }
}

/// Copies a sealed file's content into an empty extent.
///
/// # Errors
/// `Damaged` when a page or chunk of the file is; those of the extent.
pub fn import(from: &DbfExtent, into: &dyn Extent) -> Result<Meta, StoreError> {
    let mut batch = Batch::default();
    let mut put = |key: Key, value: Bytes| {
        batch.put(key, value);
        if batch.bytes >= 4 << 20 {
            into.apply(std::mem::take(&mut batch))
        } else {
            Ok(())
        }
    };
    for id in 1..=from.header.page_count {
        let page = from.page(id)?.expect("counted by the header");
        put(Key::Page(id), page)?;
    }
    for id in from.chunk_ids()? {
        let chunk = from
            .chunk(id)
            .ok_or_else(|| from.damaged("its directory is out of order"))?;
        crate::table::Chunk::parse(id, chunk.clone())?;
        put(Key::Chunk(id), chunk)?;
    }
    let mut meta = from.meta();
    let symbols = from.sorted_symbols()?.unwrap_or_default();
    if !symbols.is_empty() {
        put(Key::Symbols(0), symbols)?;
        meta.symbol_chunks = 1;
    }
    into.apply(batch)?;
    into.sync()?;
    let mut last = Batch::default();
    last.put(Key::Meta, meta.encode());
    into.apply(last)?;
    into.sync()?;
    Ok(meta)
}
