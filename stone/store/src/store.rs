//! The repository's state in one value: extent, overlay, symbols, and how far commits have come.
//!
//! Committing is `stage` (invisible), then the log, then `publish` (the new head) or `withdraw`. The caller serialises
//! those; everything that reads may run at any time beside them.

use crate::error::StoreError;
use crate::extent::{Extent, Key, Meta, Position};
use crate::place::Place;
use crate::symbols::{SymbolTable, pairs, symbol_hash, symbol_record};
use crate::versions::Overlay;
use crate::write_set::WriteSet;
use bytes::Bytes;
use format::page::{PageKind, PageView};
use format::record::RecordView;
use format::wellknown::SYMBOL;
use hashbrown::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};

/// What is known of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    Never,
    There,
    Dead,
}

/// See `Store::standing`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Of the written ids, in their order.
    pub written: Vec<Existence>,
    /// Named ids that no object has, ascending.
    pub missing: Vec<u64>,
}

pub struct Store {
    image: u64,
    pub(crate) extent: Box<dyn Extent>,
    pub(crate) overlay: Overlay,
    pub(crate) symbols: RwLock<SymbolTable>,
    /// Symbols that the log does not have yet: no checkpoint and no `.dbf` may have them before it.
    waiting_symbols: RwLock<HashSet<u64>>,
    pub(crate) head: RwLock<Position>,
    pub(crate) next_id: AtomicU64,
    pub(crate) root: AtomicU64,
    pub(crate) next_page_id: AtomicU64,
    /// The meta of the last checkpoint; held while one runs.
    pub(crate) checkpoint: Mutex<Meta>,
    loose_bytes: AtomicU64,
}

impl Store {
    /// A store over what `extent` holds; an empty extent is an empty repository.
    ///
    /// # Errors
    /// Those of the extent.
    pub fn open(extent: Box<dyn Extent>) -> Result<Store, StoreError> {
        let meta = match extent.get(Key::Meta)? {
            Some(bytes) => Meta::decode(&bytes)?,
            None => Meta {
                next_id: format::limits::FIRST_FREE_ID,
                root: format::wellknown::REPOSITORY_ROOT.0,
                image: u64::from(format::version::IMAGE),
                ..Meta::default()
            },
        };
        let symbols = match extent.sorted_symbols()? {
            Some(sorted) => SymbolTable::sorted(sorted),
            None => load_symbols(&*extent, &meta)?,
        };
        let next_page_id = extent.last_page_id()? + 1;
        Ok(Store {
            image: meta.image,
            extent,
            overlay: Overlay::default(),
            symbols: RwLock::new(symbols),
            waiting_symbols: RwLock::default(),
            head: RwLock::new(meta.position),
            next_id: AtomicU64::new(meta.next_id),
            root: AtomicU64::new(meta.root),
            next_page_id: AtomicU64::new(next_page_id),
            checkpoint: Mutex::new(meta),
            loose_bytes: AtomicU64::new(0),
        })
    }

    /// Keeps no chunk of the object table in memory, so that each lookup asks the extent; for tests of an extent that fails.
    pub fn keep_no_chunks(&mut self) {
        self.overlay.keep_no_chunks();
    }

    /// The newest published commit and where the log stood then.
    pub fn head(&self) -> Position {
        *self.head.read().expect("no panic while held")
    }
    pub fn root(&self) -> u64 {
        self.root.load(Ordering::Acquire)
    }
    pub fn next_id(&self) -> u64 {
        self.next_id.load(Ordering::Acquire)
    }
    /// `format::version::IMAGE` of the kernel in it.
    pub fn image(&self) -> u64 {
        self.image
    }
    pub fn page_count(&self) -> u64 {
        self.next_page_id.load(Ordering::Acquire) - 1
    }
    pub fn symbol_count(&self) -> u64 {
        self.symbols.read().expect("no panic while held").count()
    }
    /// Bytes committed since the last checkpoint, about.
    pub fn backlog_bytes(&self) -> u64 {
        self.loose_bytes.load(Ordering::Relaxed)
    }
    pub(crate) fn shrink_backlog(&self, bytes: u64) {
        let _ = self
            .loose_bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| {
                Some(now.saturating_sub(bytes))
            });
    }
    /// Number and bytes of records that are not in a page.
    pub fn loose_size(&self) -> (u64, u64) {
        self.overlay.loose_size()
    }
    pub fn checkpoint_seq(&self) -> u64 {
        // A checkpoint that runs now has not ended: the last one's number is in the extent.
        match self.checkpoint.try_lock() {
            Ok(meta) => meta.position.seq,
            Err(_) => match self.extent.get(Key::Meta) {
                Ok(Some(bytes)) => Meta::decode(&bytes).map_or(0, |meta| meta.position.seq),
                _ => 0,
            },
        }
    }

    /// Takes `count` ids that no object has had. `None` when the id space is used up.
    pub fn take_ids(&self, count: u64) -> Option<u64> {
        self.next_id
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |first| {
                first
                    .checked_add(count)
                    .filter(|end| *end <= format::limits::OBJECT_ID_MAX)
            })
            .ok()
    }

    /// Ids below `next` are taken (said by a log).
    pub fn raise_next_id(&self, next: u64) {
        self.next_id.fetch_max(next, Ordering::AcqRel);
    }

    /// Whether the object exists at `view`.
    ///
    /// # Errors
    /// Those of reading the object table.
    pub fn exists(&self, id: u64, view: u64) -> Result<bool, StoreError> {
        let place = self.overlay.lookup(&*self.extent).place(id, view)?;
        Ok(place.is_there())
    }

    /// Of ascending `ids`: whether each exists at `view`.
    ///
    /// # Errors
    /// Those of reading the object table.
    pub fn exist(&self, ids: &[u64], view: u64) -> Result<Vec<bool>, StoreError> {
        let mut lookup = self.overlay.lookup(&*self.extent);
        ids.iter()
            .map(|id| Ok(lookup.place(*id, view)?.is_there()))
            .collect()
    }

    /// What the newest published state says of the ids that a commit writes and names, `also` included. Reads the object table, so it is asked before
    /// the commit queues: nobody else may create the ids of its session's lease, and what a commit may name at all exists already.
    ///
    /// # Errors
    /// Those of reading the object table.
    pub fn standing(
        &self,
        set: &WriteSet,
        also: impl IntoIterator<Item = u64>,
    ) -> Result<Standing, StoreError> {
        let head = self.head().seq;
        let mut lookup = self.overlay.lookup(&*self.extent);
        let mut standing = Standing::default();
        for id in set.ids() {
            standing.written.push(match lookup.place(id, head)? {
                Place::Absent => Existence::Never,
                Place::Dead => Existence::Dead,
                Place::Packed { .. } | Place::Loose(_) => Existence::There,
            });
        }
        for id in set.named.iter().copied().chain(also) {
            let created = set
                .written
                .binary_search_by_key(&id, |w| w.id)
                .is_ok_and(|at| standing.written[at] == Existence::Never);
            if !created && !lookup.place(id, head)?.is_there() {
                standing.missing.push(id);
            }
        }
        standing.missing.sort_unstable();
        standing.missing.dedup();
        Ok(standing)
    }

    /// The encoded record of an object at `view`.
    ///
    /// # Errors
    /// Those of reading pages.
    pub fn record(&self, id: u64, view: u64) -> Result<Option<Bytes>, StoreError> {
        let place = self.overlay.lookup(&*self.extent).place(id, view)?;
        self.record_at(id, &place)
    }

    pub(crate) fn record_at(&self, id: u64, place: &Place) -> Result<Option<Bytes>, StoreError> {
        match place {
            Place::Absent | Place::Dead => Ok(None),
            Place::Loose(record) => Ok(Some(record.clone())),
            Place::Packed { page, slot } => {
                let bytes = self.page(*page)?;
                let view = PageView::parse_verified(&bytes)?;
                if view.kind() != PageKind::Records {
                    return self.big_record(id, *page, &bytes).map(Some);
                }
                let record = view.record(*slot as usize)?;
                if record.id().0 != id {
                    return Err(wrong_object(id, *page));
                }
                Ok(Some(bytes.slice_ref(record.bytes())))
            }
        }
    }

    /// A page's bytes, its checksum verified.
    pub(crate) fn page(&self, page: u64) -> Result<Bytes, StoreError> {
        self.page_if_there(page)?
            .ok_or_else(|| StoreError::Damaged(format!("page {page} is missing")))
    }

    pub(crate) fn page_if_there(&self, page: u64) -> Result<Option<Bytes>, StoreError> {
        let Some(bytes) = self.extent.get(Key::Page(page))? else {
            return Ok(None);
        };
        let view = if self.extent.verifies_pages() {
            PageView::parse_verified(&bytes)?
        } else {
            PageView::parse(&bytes)?
        };
        if view.page_id() != page {
            return Err(StoreError::Damaged(format!(
                "page {page} holds page {}",
                view.page_id()
            )));
        }
        Ok(Some(bytes))
    }

    pub(crate) fn big_record(&self, id: u64, page: u64, head: &Bytes) -> Result<Bytes, StoreError> {
        let view = PageView::parse_verified(head)?;
        if view.kind() != PageKind::BigHead {
            return Err(wrong_object(id, page));
        }
        let total = view.total();
        let mut out = Vec::new();
        out.extend_from_slice(view.payload());
        for i in 1..format::page::big_page_count(total) {
            let bytes = self.page(page + i)?;
            let rest = PageView::parse_verified(&bytes)?;
            if rest.kind() != PageKind::BigRest || rest.total() != i {
                return Err(StoreError::Damaged(format!(
                    "page {} is not part of object {id}",
                    page + i
                )));
            }
            out.extend_from_slice(rest.payload());
        }
        out.truncate(total as usize);
        if RecordView::parse(&out)?.id().0 != id {
            return Err(wrong_object(id, page));
        }
        Ok(out.into())
    }

    /// Adds a commit of the log.
    ///
    /// # Errors
    /// As `stage`; the store must then be given up.
    pub fn add_commit(&self, seq: u64, oldest: u64, set: &WriteSet) -> Result<(), StoreError> {
        self.stage(seq, oldest, set)?;
        self.settle_symbols(set);
        Ok(())
    }

    /// Adds a commit's records before the log has them, invisible to every view until `publish`. All that can fail is
    /// done here: after it a commit that became durable only has to be published. `oldest`: no view that reads is older.
    ///
    /// # Errors
    /// Those of reading the object table, or of a well-known symbol that is none; then nothing was added.
    pub fn stage(&self, seq: u64, oldest: u64, set: &WriteSet) -> Result<(), StoreError> {
        assert!(seq > self.head().seq, "commit {seq} is published already");
        for written in set.written.iter().filter(|w| w.class == SYMBOL.0) {
            symbol_text(&written.record)?;
        }
        let places = set
            .written
            .iter()
            .map(|w| (w.id, Place::Loose(w.record.clone())));
        if let Err(error) = self.overlay.add(&*self.extent, seq, oldest, places) {
            self.overlay.withdraw(seq, set.ids());
            return Err(error);
        }
        self.loose_bytes
            .fetch_add(set.bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Takes a staged commit back: the log did not take it.
    pub fn withdraw(&self, seq: u64, set: &WriteSet) {
        assert!(seq > self.head().seq, "commit {seq} is published");
        self.overlay.withdraw(seq, set.ids());
        self.shrink_backlog(set.bytes.len() as u64);
    }

    /// A staged commit became durable: its well-known symbols are findable.
    pub fn settle_symbols(&self, set: &WriteSet) {
        for written in set.written.iter().filter(|w| w.class == SYMBOL.0) {
            self.enter_symbol(
                symbol_text(&written.record).expect("checked by `stage`"),
                written.id,
            );
        }
    }

    /// Makes everything up to `position` visible to new views.
    pub fn publish(&self, position: Position, root: Option<u64>) {
        if let Some(root) = root {
            self.root.store(root, Ordering::Release);
        }
        let mut head = self.head.write().expect("no panic while held");
        assert!(
            position.seq >= head.seq && position.frame >= head.frame,
            "the head only advances"
        );
        *head = position;
    }

    /// The id of a symbol that exists.
    ///
    /// # Errors
    /// Those of reading the symbol's record.
    pub fn find_symbol(&self, symbol: &[u8]) -> Result<Option<u64>, StoreError> {
        let ids = self
            .symbols
            .read()
            .expect("no panic while held")
            .candidates(symbol_hash(symbol));
        for id in ids {
            if let Some(record) = self.record(id, u64::MAX)?
                && RecordView::parse(&record)?.byte_body() == symbol
            {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Makes a symbol that does not exist yet; visible at every view. The caller serialises this. `has_log`: it puts the record into the log
    /// before any commit that can name it, and until `symbols_logged` neither a checkpoint nor a `.dbf` holds the symbol. A stone that began with it there
    /// would answer it, and a rebuild from base and log would forget it.
    ///
    /// # Errors
    /// Those of reading the object table. `Ok(None)`: no ids are left.
    pub fn make_symbol(
        &self,
        symbol: &[u8],
        has_log: bool,
    ) -> Result<Option<(u64, Bytes)>, StoreError> {
        let Some(id) = self.take_ids(1) else {
            return Ok(None);
        };
        let record = symbol_record(id, symbol);
        if has_log {
            let mut waiting = self.waiting_symbols.write().expect("no panic while held");
            waiting.insert(id);
        }
        self.add_symbol(id, record.clone())?;
        Ok(Some((id, record)))
    }

    /// The log has these symbols. Said before the position of their frame is published: a checkpoint of that position holds them.
    pub fn symbols_logged(&self, ids: impl Iterator<Item = u64>) {
        let mut waiting = self.waiting_symbols.write().expect("no panic while held");
        ids.for_each(|id| _ = waiting.remove(&id));
    }

    /// Symbols that a checkpoint or a `.dbf` leaves out; to be asked after it has read what there is.
    pub(crate) fn waiting_symbols(&self) -> HashSet<u64> {
        self.waiting_symbols
            .read()
            .expect("no panic while held")
            .clone()
    }

    /// Adds a symbol's record unless it is there.
    ///
    /// # Errors
    /// Those of reading the object table.
    pub fn add_symbol(&self, id: u64, record: Bytes) -> Result<(), StoreError> {
        if self.exists(id, u64::MAX)? {
            return Ok(());
        }
        self.overlay.add(
            &*self.extent,
            0,
            0,
            std::iter::once((id, Place::Loose(record.clone()))),
        )?;
        self.loose_bytes
            .fetch_add(record.len() as u64, Ordering::Relaxed);
        self.enter_symbol(symbol_text(&record)?, id);
        Ok(())
    }

    fn enter_symbol(&self, text: &[u8], id: u64) {
        let hash = symbol_hash(text);
        let mut symbols = self.symbols.write().expect("no panic while held");
        if !symbols.candidates(hash).contains(&id) {
            symbols.add(hash, id);
        }
    }
}

/// The characters of a symbol's record.
fn symbol_text(record: &Bytes) -> Result<&[u8], StoreError> {
    let view = RecordView::parse(record)?;
    if view.format() != format::record::Format::Bytes {
        return Err(StoreError::Damaged(format!(
            "symbol {} is not made of bytes",
            view.id()
        )));
    }
    Ok(view.byte_body())
}

fn wrong_object(id: u64, page: u64) -> StoreError {
    StoreError::Damaged(format!(
        "page {page} does not hold object {id}, as the object table says"
    ))
}

fn load_symbols(extent: &dyn Extent, meta: &Meta) -> Result<SymbolTable, StoreError> {
    let mut table = SymbolTable::default();
    for chunk in 0..meta.symbol_chunks {
        let bytes = extent.get(Key::Symbols(chunk))?.ok_or_else(|| {
            StoreError::Damaged(format!("symbols {chunk} are missing from the extent"))
        })?;
        pairs(&bytes).for_each(|(hash, id)| table.load(hash, id));
    }
    Ok(table)
}
