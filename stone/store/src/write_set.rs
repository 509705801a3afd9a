//! The checked write set of one commit.

use crate::error::StoreError;
use bytes::Bytes;
use format::limits::FIRST_FREE_ID;
use format::record::records;

/// One record of a write set.
#[derive(Clone, Debug)]
pub struct Written {
    pub id: u64,
    pub class: u64,
    pub record: Bytes,
}

/// Records of one commit, each id once, all parsed.
#[derive(Clone, Debug, Default)]
pub struct WriteSet {
    pub bytes: Bytes,
    /// By ascending ids.
    pub written: Vec<Written>,
    /// Every id that the records refer to, their classes and the names of dynamic variables included; ascending, without the
    /// well-known ones. Taken from the records and from nothing else: a session says what it likes, and an object that
    /// a commit refers to must not be taken for garbage.
    pub named: Vec<u64>,
}

impl WriteSet {
    /// Checks concatenated records. The records share the buffer.
    ///
    /// # Errors
    /// `Damaged` when a record does not parse or an id stands twice.
    pub fn parse(bytes: Bytes) -> Result<WriteSet, StoreError> {
        let mut written = Vec::new();
        let mut named = Vec::new();
        let mut at = 0;
        for record in records(&bytes) {
            let record = record?;
            let end = at + record.bytes().len();
            written.push(Written {
                id: record.id().0,
                class: record.class().0,
                record: bytes.slice(at..end),
            });
            named.extend(
                record
                    .references()
                    .map(|id| id.0)
                    .filter(|id| *id >= FIRST_FREE_ID),
            );
            at = end;
        }
        named.sort_unstable();
        named.dedup();
        if !written.is_sorted_by(|a, b| a.id < b.id) {
            written.sort_by_key(|w| w.id);
            if let Some(pair) = written.windows(2).find(|p| p[0].id == p[1].id) {
                return Err(StoreError::Damaged(format!(
                    "object {} is written twice",
                    pair[0].id
                )));
            }
        }
        Ok(WriteSet {
            bytes,
            written,
            named,
        })
    }

    /// Ids of the records, ascending.
    pub fn ids(&self) -> impl Iterator<Item = u64> + '_ {
        self.written.iter().map(|w| w.id)
    }
}
