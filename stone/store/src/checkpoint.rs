//! The checkpoint: loose records become pages of the extent.
//!
//! Pages are synced before the object table names them, the object table before the meta says
//! so. Until the meta is durable, recovery replays the log from the checkpoint before, which
//! finds the same objects again and puts them over whatever the table says by then.

use crate::error::StoreError;
use crate::extent::{Batch, Key, Meta};
use crate::place::Place;
use crate::store::Store;
use crate::symbols::encode_pairs;
use crate::table::{CHUNK_IDS, ChunkEdit};
use bytes::Bytes;
use format::page::{PAGE_RECORD_BYTES_MAX, PageBuilder, seal_big};
use std::sync::atomic::Ordering;

/// A batch is handed to the extent at this size.
const BATCH_BYTES: usize = 4 << 20;

/// What a checkpoint did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Checkpoint {
    pub seq: u64,
    pub packed_records: u64,
}

/// Packs records into pages in the order they come; the same for a checkpoint and a `.dbf`.
pub(crate) struct Packer<Sink> {
    builder: PageBuilder,
    pub places: Vec<Place>,
    pub next_page: u64,
    sink: Sink,
}

impl<Sink: FnMut(u64, Vec<u8>) -> Result<(), StoreError>> Packer<Sink> {
    pub fn new(next_page: u64, sink: Sink) -> Self {
        Packer {
            builder: PageBuilder::new(),
            places: Vec::new(),
            next_page,
            sink,
        }
    }

    /// Takes the next record; its place is `places[n]` after `finish`.
    pub fn push(&mut self, record: &[u8]) -> Result<(), StoreError> {
        if record.len() > PAGE_RECORD_BYTES_MAX {
            // A big run must not stand between a page's id and its records: close the page.
            self.close_page()?;
            let first = self.next_page;
            for page in seal_big(record, first) {
                (self.sink)(self.next_page, page)?;
                self.next_page += 1;
            }
            self.places.push(Place::Packed {
                page: first,
                slot: 0,
            });
            return Ok(());
        }
        let slot = match self.builder.push(record) {
            Some(slot) => slot,
            None => {
                self.close_page()?;
                self.builder.push(record).expect("an empty page takes it")
            }
        };
        self.places.push(Place::Packed {
            page: self.next_page,
            slot,
        });
        Ok(())
    }

    fn close_page(&mut self) -> Result<(), StoreError> {
        if self.builder.is_empty() {
            return Ok(());
        }
        let page = std::mem::take(&mut self.builder).seal(self.next_page);
        (self.sink)(self.next_page, page)?;
        self.next_page += 1;
        Ok(())
    }

    pub fn finish(mut self) -> Result<(Vec<Place>, u64), StoreError> {
        self.close_page()?;
        Ok((self.places, self.next_page))
    }
}

impl Store {
    /// Packs everything published so far. `oldest`: no live view is older. One at a time; commits
    /// go on beside it.
    ///
    /// # Errors
    /// Any failure leaves the extent's newest pages unknown: give the store up and recover.
    pub fn checkpoint(&self, oldest: u64) -> Result<Checkpoint, StoreError> {
        let mut last = self.checkpoint.lock().expect("no panic while held");
        let position = self.head();
        let mut loose = self.overlay.loose_until(position.seq);
        let mut unsaved = self
            .symbols
            .read()
            .expect("no panic while held")
            .unsaved()
            .to_vec();
        let seen = unsaved.len();
        let waiting = self.waiting_symbols();
        loose.retain(|(id, _, _)| !waiting.contains(id));
        unsaved.retain(|(_, id)| !waiting.contains(id));
        if loose.is_empty() && unsaved.is_empty() && position == last.position {
            self.overlay.sweep(oldest);
            return Ok(Checkpoint {
                seq: position.seq,
                packed_records: 0,
            });
        }
        let packed = self.pack(&loose)?;
        self.extent.sync()?;
        self.save_table(&packed)?;
        let mut meta = Meta {
            position,
            next_id: self.next_id(),
            root: self.root(),
            symbol_count: last.symbol_count + unsaved.len() as u64,
            symbol_chunks: last.symbol_chunks,
            image: last.image,
        };
        if !unsaved.is_empty() {
            let mut batch = Batch::default();
            batch.put(Key::Symbols(meta.symbol_chunks), encode_pairs(&unsaved));
            self.extent.apply(batch)?;
            meta.symbol_chunks += 1;
        }
        self.extent.sync()?;
        let mut batch = Batch::default();
        batch.put(Key::Meta, meta.encode());
        self.extent.apply(batch)?;
        self.extent.sync()?;
        self.overlay.settle(&packed, oldest);
        self.symbols
            .write()
            .expect("no panic while held")
            .saved(seen, |id| !waiting.contains(&id));
        self.shrink_backlog(loose.iter().map(|(_, _, r)| r.len() as u64).sum());
        *last = meta;
        Ok(Checkpoint {
            seq: position.seq,
            packed_records: loose.len() as u64,
        })
    }

    fn pack(&self, loose: &[(u64, u64, Bytes)]) -> Result<Vec<(u64, u64, Place)>, StoreError> {
        let mut batch = Batch::default();
        let mut packer = Packer::new(self.next_page_id.load(Ordering::Acquire), |id, page| {
            batch.put(Key::Page(id), page.into());
            if batch.bytes >= BATCH_BYTES {
                self.extent.apply(std::mem::take(&mut batch))?;
            }
            Ok(())
        });
        for (_, _, record) in loose {
            packer.push(record)?;
        }
        let (places, next_page) = packer.finish()?;
        if !batch.puts.is_empty() {
            self.extent.apply(batch)?;
        }
        self.next_page_id.store(next_page, Ordering::Release);
        Ok(loose
            .iter()
            .zip(places)
            .map(|((id, seq, _), place)| (*id, *seq, place))
            .collect())
    }

    fn save_table(&self, packed: &[(u64, u64, Place)]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        let mut chunks = Vec::new();
        for group in packed.chunk_by(|a, b| a.0 / CHUNK_IDS == b.0 / CHUNK_IDS) {
            let chunk_id = group[0].0 / CHUNK_IDS;
            let old = self.overlay.chunk(&*self.extent, chunk_id)?;
            let mut edit = ChunkEdit::new(chunk_id, old.as_ref());
            group.iter().for_each(|(id, _, place)| edit.set(*id, place));
            let chunk = edit.finish();
            batch.put(Key::Chunk(chunk_id), chunk.bytes().clone());
            chunks.push((chunk_id, chunk));
            if batch.bytes >= BATCH_BYTES {
                self.extent.apply(std::mem::take(&mut batch))?;
            }
        }
        if !batch.puts.is_empty() {
            self.extent.apply(batch)?;
        }
        // Readers find these objects in the overlay until `settle`, so the order does not show.
        chunks
            .into_iter()
            .for_each(|(id, chunk)| self.overlay.replace_chunk(id, chunk));
        Ok(())
    }
}
