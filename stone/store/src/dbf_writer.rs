//! Writing a `.dbf`: the newest commit, packed anew in the order of ids.
//!
//! Written under another name, read back and audited, synced, and only then renamed: a `.dbf`
//! under its own name is whole.

use crate::checkpoint::Packer;
use crate::dbf_extent::DbfExtent;
use crate::disk::{Disk, DiskFile, read_all};
use crate::error::StoreError;
use crate::extent::Position;
use crate::place::Place;
use crate::store::Store;
use crate::symbols::encode_pairs;
use crate::table::{CHUNK_BYTES, CHUNK_IDS, ChunkEdit};
use format::dbf::DbfHeader;
use format::limits::PAGE_BYTES;
use std::path::Path;

/// Writes are gathered to this size.
const WRITE_BYTES: usize = 1 << 20;

struct Output<'a> {
    file: &'a dyn DiskFile,
    path: &'a Path,
    at: u64,
    waiting: Vec<u8>,
}

impl Output<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= WRITE_BYTES {
            self.flush()
        } else {
            Ok(())
        }
    }
    fn flush(&mut self) -> Result<(), StoreError> {
        let written = self.file.write_at(self.at, &self.waiting);
        written.map_err(|e| StoreError::io("write", self.path, &e))?;
        self.at += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }
    fn offset(&self) -> u64 {
        self.at + self.waiting.len() as u64
    }
}

impl Store {
    /// Every id that may name an object at some view, ascending, chunk by chunk.
    pub(crate) fn id_chunks(&self) -> Result<Vec<u64>, StoreError> {
        // The overlay first: a checkpoint may move an id from it to the extent in between.
        let mut chunks: Vec<u64> = self.overlay.ids().iter().map(|id| id / CHUNK_IDS).collect();
        chunks.extend(self.extent.chunk_ids()?);
        chunks.sort_unstable();
        chunks.dedup();
        Ok(chunks)
    }

    /// Ids and places of the objects of one chunk at `view`.
    pub(crate) fn chunk_places(
        &self,
        chunk_id: u64,
        view: u64,
    ) -> Result<Vec<(u64, Place)>, StoreError> {
        let mut lookup = self.overlay.lookup(&*self.extent);
        let mut out = Vec::new();
        for id in chunk_id * CHUNK_IDS..(chunk_id + 1) * CHUNK_IDS {
            match lookup.place(id, view)? {
                Place::Absent | Place::Dead => {}
                place => out.push((id, place)),
            }
        }
        Ok(out)
    }

    /// Writes the state at `position` (a view that the caller keeps alive) to `path`, verified
    /// and synced, replacing what was there.
    ///
    /// # Errors
    /// `DiskFull` and `Io` leave no file; `Damaged` when the repository or what was written is.
    pub fn write_dbf(
        &self,
        disk: &dyn Disk,
        path: &Path,
        position: Position,
    ) -> Result<DbfHeader, StoreError> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".part");
        let part = path.with_file_name(name);
        let header = self.write_part(disk, &part, position).inspect_err(|_| {
            let _ = disk.remove(&part);
        })?;
        let dir = path
            .parent()
            .filter(|d| !d.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let renamed = disk.rename(&part, path).and_then(|()| disk.sync_dir(dir));
        renamed.map_err(|e| StoreError::io("rename", &part, &e))?;
        Ok(header)
    }

    fn write_part(
        &self,
        disk: &dyn Disk,
        part: &Path,
        position: Position,
    ) -> Result<DbfHeader, StoreError> {
        let file = disk
            .create(part)
            .map_err(|e| StoreError::io("create", part, &e))?;
        let header = self.write_sections(&*file, part, position)?;
        file.sync().map_err(|e| StoreError::io("sync", part, &e))?;
        let written = read_all(&*file).map_err(|e| StoreError::io("read back", part, &e))?;
        let copy = DbfExtent::from_bytes(part, written.into())?;
        if *copy.header() != header {
            return Err(StoreError::Damaged(format!(
                "{} reads back differently",
                part.display()
            )));
        }
        let report = Store::open(Box::new(copy))?.verify_bytes()?;
        if let Some(problem) = report {
            return Err(StoreError::Damaged(format!(
                "{}: {problem}",
                part.display()
            )));
        }
        Ok(header)
    }

    fn write_sections(
        &self,
        file: &dyn DiskFile,
        path: &Path,
        position: Position,
    ) -> Result<DbfHeader, StoreError> {
        let mut out = Output {
            file,
            path,
            at: 0,
            waiting: Vec::new(),
        };
        out.put(&vec![0; PAGE_BYTES])?;
        let mut header = DbfHeader {
            seq: position.seq,
            frame: position.frame,
            chain: position.chain,
            next_id: self.next_id(),
            root: self.root(),
            image: self.image(),
            ..DbfHeader::default()
        };
        let mut ids = Vec::new();
        let mut packer = Packer::new(1, |_, page: Vec<u8>| out.put(&page));
        for chunk_id in self.id_chunks()? {
            let places = self.chunk_places(chunk_id, position.seq)?;
            let waiting = self.waiting_symbols();
            for (id, place) in places.into_iter().filter(|(id, _)| !waiting.contains(id)) {
                let record = self
                    .record_at(id, &place)?
                    .expect("the place is not absent");
                packer.push(&record)?;
                ids.push(id);
            }
        }
        let (places, next_page) = packer.finish()?;
        header.object_count = ids.len() as u64;
        header.page_count = next_page - 1;
        header.table_offset = out.offset();
        let mut directory = Vec::new();
        let placed: Vec<(u64, Place)> = ids.into_iter().zip(places).collect();
        for group in placed.chunk_by(|a, b| a.0 / CHUNK_IDS == b.0 / CHUNK_IDS) {
            let chunk_id = group[0].0 / CHUNK_IDS;
            let mut edit = ChunkEdit::new(chunk_id, None);
            group.iter().for_each(|(id, place)| edit.set(*id, place));
            out.put(edit.finish().bytes())?;
            directory.extend_from_slice(&chunk_id.to_le_bytes());
        }
        header.chunk_count = directory.len() as u64 / 8;
        header.directory_offset = out.offset();
        debug_assert_eq!(
            header.directory_offset,
            header.table_offset + header.chunk_count * CHUNK_BYTES as u64
        );
        out.put(&directory)?;
        header.symbols_offset = out.offset();
        let exists = |id: u64| placed.binary_search_by_key(&id, |(id, _)| *id).is_ok();
        let mut symbols = self.symbols.read().expect("no panic while held").all();
        // A symbol interned after `position` was taken is not in the pages.
        symbols.retain(|(_, id)| exists(*id));
        let symbols_bytes = encode_pairs(&symbols);
        out.put(&symbols_bytes)?;
        header.symbol_count = symbols.len() as u64;
        header.file_bytes = out.offset();
        header.checksums =
            crc32c::crc32c(&directory) as u64 | (crc32c::crc32c(&symbols_bytes) as u64) << 32;
        out.flush()?;
        let written = file.write_at(0, &header.encode());
        written.map_err(|e| StoreError::io("write", path, &e))?;
        Ok(header)
    }
}
