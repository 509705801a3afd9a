//! The simulated stone: what `stone/server` builds around ladder, store and log, without threads and sockets.
//!
//! Must not know: the model, what clients want.

use crate::disk::SimDisk;
use crate::extent::SimExtent;
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;
use stone_store::entry::Entry;
use stone_store::extent::Position;
use stone_store::recovery::{Opened, base_path, bases, open};
use stone_store::replay::{Replayed, Until};
use stone_store::{Disk, Extent, MemoryExtent, Store, StoreError, Tranlog, WriteSet};
use stone_txn::sequencer::Limits;
use stone_txn::{Ask, Fates, Ladder, Round, Sequencer, Unlogged};

pub const DATA: &str = "/data";

pub struct Stone {
    pub store: Store,
    pub log: Tranlog,
    pub ladder: Ladder,
    /// Ids below were leased before it began, if at all.
    pub born: u64,
    /// No other stone has it.
    pub number: u64,
    pub limits: Limits,
}

/// What differs from stone to stone.
#[derive(Clone, Copy, Debug)]
pub struct Temper {
    pub limits: Limits,
    pub ids_ahead: u64,
    pub segment_bytes: u64,
    /// Whether it keeps the object table's chunks in memory.
    pub keeps_chunks: bool,
}

/// Makes `records` the repository's first commit, as a base on `disk`.
///
/// # Panics
/// When they are no records.
pub fn write_first_base(disk: &SimDisk, records: Bytes, root: Option<u64>) {
    let store = Store::open(Box::new(MemoryExtent::default())).expect("nothing to fail");
    let set = WriteSet::parse(records).expect("records");
    store.add_commit(1, 1, &set).expect("nothing to fail");
    store.settle_symbols(&set);
    if let Some(last) = set.written.last() {
        store.raise_next_id(last.id + 1);
    }
    let position = Position {
        seq: 1,
        ..Position::default()
    };
    store.publish(position, root);
    let path = base_path(Path::new(DATA), 1);
    store
        .write_dbf(disk, &path, position)
        .expect("a whole disk");
}

impl Stone {
    /// Recovers what disk and extent hold.
    pub fn open(
        disk: &SimDisk,
        extent: &SimExtent,
        number: u64,
        temper: Temper,
    ) -> Result<(Stone, Replayed), StoreError> {
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        let open_extent = |fresh: bool| -> Result<Box<dyn Extent>, StoreError> {
            if fresh {
                extent.clear();
            }
            Ok(Box::new(extent.reopen()))
        };
        // Its number is as good as random: no other writer of this world has it.
        let writer = u128::from(number);
        let opened = open(&disk, Path::new(DATA), &open_extent, Until::End, writer)?;
        let Opened {
            mut store,
            mut log,
            replayed,
            ..
        } = opened;
        if !temper.keeps_chunks {
            store.keep_no_chunks();
        }
        log.set_segment_bytes(temper.segment_bytes);
        let commits = replayed.commits_by_token.iter().map(|c| (c.token, c.seq));
        let fates = Fates::recovered(replayed.tokens_since, commits);
        let sequencer = Sequencer::new(store.head().seq, temper.limits);
        let mut ladder = Ladder::new(sequencer, fates);
        ladder.set_ids_ahead(temper.ids_ahead);
        let stone = Stone {
            born: store.next_id(),
            store,
            log,
            ladder,
            number,
            limits: temper.limits,
        };
        Ok((stone, replayed))
    }

    /// The first rung.
    pub fn decide(&mut self, asks: &[&Ask]) -> Round {
        self.ladder.decide(&self.store, asks)
    }

    /// The log's rung. A round that changes nothing does not touch it.
    pub fn make_durable(&mut self, round: &Round, time_ms: u64) -> Result<Position, Unlogged> {
        if round.payload.is_empty() {
            return Ok(self.store.head());
        }
        let appended = self.log.append(&round.payload, round.seq, time_ms, || ());
        Ok(appended?)
    }

    /// Packs the backlog. A failure poisons: what the extent holds is not known.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        let oldest = self.ladder.sequencer.oldest_reading();
        let done = self.store.checkpoint(oldest);
        if let Err(error) = &done {
            self.ladder.poison(&format!("a checkpoint failed: {error}"));
        }
        done.map(drop)
    }

    /// The first step to a new base, between rounds: a segment that begins with a mark of ids.
    pub fn renew_log(&mut self, time_ms: u64) -> Result<u64, StoreError> {
        let next_id = self.store.next_id();
        let mut payload = Vec::new();
        Entry::Ids { next_id }.encode(&mut payload);
        let position = self.log.renew(&payload, time_ms)?;
        self.store.publish(position, None);
        self.ladder.forget_marks();
        Ok(self.log.segment())
    }

    /// The next: the newest commit, pinned, becomes the base.
    pub fn write_base(&self, disk: &SimDisk, position: Position) -> Result<(), StoreError> {
        let path = base_path(Path::new(DATA), position.seq);
        self.store.write_dbf(disk, &path, position).map(drop)
    }

    /// The last: what the base covers goes.
    pub fn let_go(&self, disk: &SimDisk, segment: u64) -> Result<(), StoreError> {
        self.log.remove_before(segment)?;
        let mut all = bases(disk, Path::new(DATA))?;
        all.pop();
        for (_, path) in all {
            let removed = disk.remove(&path);
            removed.map_err(|e| StoreError::io("remove", &path, &e))?;
        }
        Ok(())
    }

    /// Ends the log in order, between rounds.
    pub fn close(&mut self, time_ms: u64) -> Result<(), StoreError> {
        let payload = self.ladder.closing(&self.store);
        let seq = self.log.position().seq;
        let position = self.log.append(&payload, seq, time_ms, || ())?;
        self.ladder.closed(&self.store);
        self.store.publish(position, None);
        self.checkpoint()
    }
}
