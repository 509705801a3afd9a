//! What stands in the log, taken frame by frame: continues it, is new to the store, goes into it.
//!
//! All frames are looked at, those that the store has as well: they say which commits happened
//! and which ids were handed out. Must not know: files, torn tails.

use crate::entry::{Entry, after_epoch, decode};
use crate::error::StoreError;
use crate::extent::Position;
use crate::frame::{FrameHeader, Version, Writer, chain};
use crate::replay::{Replayed, Until};
use crate::store::Store;
use crate::tokens::{PastCommit, Tokens};
use crate::write_set::WriteSet;
use bytes::Bytes;
use std::path::Path;

/// The frame that was read last.
struct Tail {
    number: u64,
    /// Digest of all payloads, its own included.
    chain: u64,
    writer: Writer,
}

/// Goes through a log, frame by frame.
pub(crate) struct Reader<'a> {
    pub store: &'a Store,
    until: Until,
    /// Whether `until` was reached.
    stopped: bool,
    version: Version,
    tail: Option<Tail>,
    tokens: Tokens,
    /// The mark of ids, unless the log was closed after it.
    ids: u64,
    pub report: Replayed,
}

impl<'a> Reader<'a> {
    pub fn new(store: &'a Store, until: Until) -> Reader<'a> {
        Reader {
            store,
            until,
            stopped: false,
            version: Version::One,
            tail: None,
            tokens: Tokens::default(),
            ids: 0,
            report: Replayed::default(),
        }
    }

    pub fn finish(self) -> Replayed {
        self.store.raise_next_id(self.ids);
        let (commits_by_token, tokens_since) = self.tokens.finish(self.store.head().seq);
        Replayed {
            commits_by_token,
            tokens_since,
            ..self.report
        }
    }

    /// A segment begins: all its frames are of `version`.
    pub fn begin_segment(&mut self, version: Version, path: &Path) -> Result<(), StoreError> {
        if version < self.version {
            return Err(StoreError::Damaged(format!(
                "{} is of an older version than the segments before it",
                path.display()
            )));
        }
        self.version = version;
        Ok(())
    }

    /// Takes one whole frame: applies it if the store does not have it.
    pub fn frame(
        &mut self,
        header: &FrameHeader,
        payload: &Bytes,
        path: &Path,
    ) -> Result<(), StoreError> {
        self.check(header, path)?;
        let head = self.store.head();
        let after = Position {
            seq: head.seq,
            frame: header.number,
            chain: chain(header.chain, after_epoch(payload)),
        };
        if header.number == head.frame && after.chain != head.chain {
            return Err(elsewhere(header, head, path));
        }
        self.tail = Some(Tail {
            number: header.number,
            chain: after.chain,
            writer: header.writer,
        });
        self.report.last_frame = header.number;
        self.report.epoch = header.writer.epoch;
        let late = matches!(self.until, Until::TimeMs(limit) if header.time_ms > limit);
        let had = header.number <= head.frame;
        self.stopped |= late;
        if !self.stopped {
            self.report.closed_in_order = false;
        }
        let entries = decode(payload)?;
        if entries.iter().any(|entry| !says(entry, header.writer)) {
            return Err(StoreError::Damaged(format!(
                "{}: frame {} names another writer than its header",
                path.display(),
                header.number
            )));
        }
        if had {
            entries.iter().try_for_each(|entry| self.note(entry, path))
        } else if self.stopped {
            Ok(())
        } else {
            self.apply(&entries, payload, after, path)
        }
    }

    /// Whether a frame continues what was read, and the store.
    fn check(&self, header: &FrameHeader, path: &Path) -> Result<(), StoreError> {
        let head = self.store.head();
        let new = header.number.checked_sub(1) == Some(head.frame);
        // Frames may be missing that the store has: the log lost them, and a base that the
        // extent had them for took their place.
        let may_miss = header.number <= head.frame || new;
        let continues = match &self.tail {
            Some(tail) if header.number.checked_sub(1) == Some(tail.number) => {
                header.chain == tail.chain
            }
            Some(tail) => may_miss && header.number > tail.number,
            None => may_miss,
        };
        if !continues || (new && header.chain != head.chain) {
            return Err(elsewhere(header, head, path));
        }
        let before = self
            .tail
            .as_ref()
            .map_or_else(Writer::default, |t| t.writer);
        let writer = header.writer;
        if header.version != self.version
            || writer.epoch < before.epoch
            || (writer.epoch == before.epoch && self.tail.is_some() && writer != before)
            || (writer.epoch == 0 && header.version != Version::One)
        {
            return Err(StoreError::Damaged(format!(
                "{}: frame {} of epoch {} cannot follow what epoch {} wrote",
                path.display(),
                header.number,
                writer.epoch,
                before.epoch
            )));
        }
        Ok(())
    }

    /// Takes from an entry what the store does not keep.
    fn note(&mut self, entry: &Entry<'_>, path: &Path) -> Result<(), StoreError> {
        match *entry {
            Entry::Commit {
                seq,
                session,
                token,
                ..
            } => {
                let head = self.store.head().seq;
                if seq > head {
                    return Err(StoreError::Damaged(format!(
                        "{}: commit {seq} stands in a frame that ended with commit {head} at most",
                        path.display()
                    )));
                }
                self.tokens.note(PastCommit {
                    token,
                    seq,
                    session,
                });
            }
            Entry::Close { next_id } => {
                self.report.closed_in_order = true;
                if let Some(exact) = next_id {
                    self.store.raise_next_id(exact);
                    self.ids = 0;
                }
            }
            Entry::Ids { next_id } => self.ids = self.ids.max(next_id),
            Entry::Symbols { .. } | Entry::Epoch { .. } => {}
        }
        Ok(())
    }

    /// Applies a new frame, which ends at `next` with the commits it brings.
    fn apply(
        &mut self,
        entries: &[Entry<'_>],
        payload: &Bytes,
        mut next: Position,
        path: &Path,
    ) -> Result<(), StoreError> {
        let store = self.store;
        let head = store.head();
        // A point inside the frame: some of its commits, and the frame still to come.
        let inside = |seq| Position { seq, ..head };
        for entry in entries {
            match *entry {
                Entry::Symbols { next_id, records } => {
                    store.raise_next_id(next_id);
                    let set = WriteSet::parse(payload.slice_ref(records))?;
                    for written in set.written {
                        store.add_symbol(written.id, written.record)?;
                    }
                }
                Entry::Commit { seq, .. } if matches!(self.until, Until::Commit(limit) if seq > limit) =>
                {
                    // The frame's remaining commits are left out; this history ends here.
                    store.publish(inside(next.seq), None);
                    self.stopped = true;
                    return Ok(());
                }
                Entry::Commit {
                    seq,
                    root,
                    next_id,
                    records,
                    ..
                } => {
                    if seq.checked_sub(1) != Some(next.seq) {
                        return Err(StoreError::Damaged(format!(
                            "{}: commit {} follows commit {}",
                            path.display(),
                            seq,
                            next.seq
                        )));
                    }
                    store.raise_next_id(next_id);
                    store.add_commit(seq, seq, &WriteSet::parse(payload.slice_ref(records))?)?;
                    next.seq = seq;
                    self.report.commits += 1;
                    store.publish(inside(seq), (root != 0).then_some(root));
                    self.note(entry, path)?;
                }
                Entry::Close { .. } | Entry::Epoch { .. } | Entry::Ids { .. } => {
                    self.note(entry, path)?;
                }
            }
        }
        store.publish(next, None);
        Ok(())
    }
}

/// Whether what an entry says of the writer is what the frame's header says.
fn says(entry: &Entry<'_>, by: Writer) -> bool {
    match *entry {
        Entry::Epoch { epoch, writer } => Writer { epoch, id: writer } == by,
        _ => true,
    }
}

fn elsewhere(header: &FrameHeader, head: Position, path: &Path) -> StoreError {
    StoreError::Damaged(format!(
        "{}: frame {} does not continue this repository (which is at frame {})",
        path.display(),
        header.number,
        head.frame
    ))
}
