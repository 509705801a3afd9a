//! Every version of every object that ever became durable, by id.
//!
//! Must not know: the stone.

use format::record::records;
use std::collections::BTreeMap;

/// A commit as it was asked for.
#[derive(Clone, Debug)]
pub struct Written {
    pub seq: u64,
    /// The session as its gem knows it.
    pub author: u64,
    /// Its records, one after the other.
    pub records: bytes::Bytes,
}

/// One version: commit, author, record.
type Version = (u64, u64, Vec<u8>);

#[derive(Debug, Default)]
pub struct Versions {
    of: BTreeMap<u64, Vec<Version>>,
    /// The newest commit.
    pub seq: u64,
}

impl Versions {
    /// A commit became durable.
    ///
    /// # Panics
    /// When it is not the one after the newest, or its records are damaged.
    pub fn add(&mut self, commit: &Written) {
        assert_eq!(commit.seq, self.seq + 1, "commits are in their order");
        self.seq = commit.seq;
        for record in records(&commit.records) {
            let record = record.expect("a commit's records are whole");
            let version = (commit.seq, commit.author, record.bytes().to_vec());
            self.of.entry(record.id().0).or_default().push(version);
        }
    }

    /// Somebody was told of a symbol: every view shows it.
    ///
    /// # Panics
    /// When it was another object before.
    pub fn told(&mut self, id: u64, record: &[u8]) {
        let versions = self.of.entry(id).or_default();
        match versions.first() {
            None => versions.push((0, 0, record.to_vec())),
            Some(known) => assert_eq!(known.2, record, "object {id} is one symbol for ever"),
        }
    }

    /// The record of `id` that a view of the commit `seq` shows.
    pub fn at(&self, id: u64, seq: u64) -> Option<&[u8]> {
        let mut shown = self.of.get(&id)?.iter().filter(|v| v.0 <= seq);
        Some(&shown.next_back()?.2)
    }

    /// What a gem whose memory shows the commit `whole` has of `id`: that, or what it committed itself since, as one of `authors`.
    pub fn known_to(&self, id: u64, whole: u64, authors: &[u64]) -> Option<&[u8]> {
        let versions = self.of.get(&id)?.iter();
        let mut known = versions.filter(|v| v.0 <= whole || authors.contains(&v.1));
        Some(&known.next_back()?.2)
    }

    /// The newest version of each object.
    pub fn newest(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.of
            .iter()
            .map(|(id, versions)| (*id, &versions.last().expect("one at least").2[..]))
    }
}
