//! Which version of an object a view sees: recent versions over the object table, in shards.
//!
//! Invariant 2: an object that stands in the overlay has there every version that a live view
//! can need, its place in the object table included. An object that does not has one version
//! for all live views, and the object table names it. Lookups hold the shard's lock over both
//! steps, so that a commit or a checkpoint cannot come between them.

use crate::error::StoreError;
use crate::extent::{Extent, Key};
use crate::place::Place;
use crate::table::{CHUNK_IDS, Chunk};
use hashbrown::HashMap;
use std::sync::{Mutex, RwLock, RwLockReadGuard};

const SHARDS: usize = 64;
/// Chunks that one shard keeps in memory: 64 * 256 * 8 KiB is 128 MiB at most.
const CHUNKS_PER_SHARD: usize = 256;

/// Versions of one object, oldest first in `older`.
#[derive(Debug)]
pub struct Versions {
    pub newest: (u64, Place),
    pub older: Vec<(u64, Place)>,
}

impl Versions {
    fn at(&self, view: u64) -> Place {
        if self.newest.0 <= view {
            return self.newest.1.clone();
        }
        let seen = self.older.iter().rev().find(|(seq, _)| *seq <= view);
        seen.map_or(Place::Absent, |(_, place)| place.clone())
    }

    /// Drops versions that no view from `oldest` on can see.
    fn trim(&mut self, oldest: u64) {
        if self.newest.0 <= oldest {
            self.older = Vec::new();
        } else if let Some(keep) = self.older.iter().rposition(|(seq, _)| *seq <= oldest) {
            self.older.drain(..keep);
        }
    }
}

#[derive(Default)]
struct Shard {
    recent: RwLock<HashMap<u64, Versions>>,
    /// `None`: the extent has no such chunk.
    chunks: Mutex<HashMap<u64, Option<Chunk>>>,
}

pub struct Overlay {
    shards: Vec<Shard>,
    chunks_per_shard: usize,
}

impl Default for Overlay {
    fn default() -> Self {
        Overlay {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            chunks_per_shard: CHUNKS_PER_SHARD,
        }
    }
}

/// A shard held for a run of lookups of neighbouring ids.
pub struct Lookup<'a> {
    overlay: &'a Overlay,
    extent: &'a dyn Extent,
    chunk_id: u64,
    recent: Option<RwLockReadGuard<'a, HashMap<u64, Versions>>>,
    chunk: Option<Chunk>,
    chunk_loaded: bool,
}

impl Overlay {
    fn shard(&self, chunk_id: u64) -> &Shard {
        &self.shards[chunk_id as usize % SHARDS]
    }

    /// Keeps no chunk in memory from now on.
    pub fn keep_no_chunks(&mut self) {
        self.chunks_per_shard = 0;
        for shard in &mut self.shards {
            shard.chunks = Mutex::default();
        }
    }

    /// Begins a run of lookups. It holds at most one shard's read lock.
    pub fn lookup<'a>(&'a self, extent: &'a dyn Extent) -> Lookup<'a> {
        Lookup {
            overlay: self,
            extent,
            chunk_id: 0,
            recent: None,
            chunk: None,
            chunk_loaded: false,
        }
    }

    pub(crate) fn chunk(
        &self,
        extent: &dyn Extent,
        chunk_id: u64,
    ) -> Result<Option<Chunk>, StoreError> {
        let mut chunks = self
            .shard(chunk_id)
            .chunks
            .lock()
            .expect("no panic while held");
        if let Some(chunk) = chunks.get(&chunk_id) {
            return Ok(chunk.clone());
        }
        let loaded = match extent.get(Key::Chunk(chunk_id))? {
            Some(bytes) => Some(Chunk::parse(chunk_id, bytes)?),
            None => None,
        };
        if self.chunks_per_shard == 0 {
            return Ok(loaded);
        }
        if chunks.len() >= self.chunks_per_shard
            && let Some(victim) = chunks.keys().next().copied()
        {
            chunks.remove(&victim);
        }
        chunks.insert(chunk_id, loaded.clone());
        Ok(loaded)
    }

    pub(crate) fn replace_chunk(&self, chunk_id: u64, chunk: Chunk) {
        let mut chunks = self
            .shard(chunk_id)
            .chunks
            .lock()
            .expect("no panic while held");
        if self.chunks_per_shard > 0 {
            chunks.insert(chunk_id, Some(chunk));
        }
    }

    /// Adds versions of ascending ids, invisible to views before `seq`.
    pub fn add(
        &self,
        extent: &dyn Extent,
        seq: u64,
        oldest: u64,
        places: impl Iterator<Item = (u64, Place)>,
    ) -> Result<(), StoreError> {
        let mut places = places.peekable();
        while let Some((first, _)) = places.peek() {
            let chunk_id = first / CHUNK_IDS;
            let mut recent = self
                .shard(chunk_id)
                .recent
                .write()
                .expect("no panic while held");
            let chunk = self.chunk(extent, chunk_id)?;
            while let Some((id, place)) = places.next_if(|(id, _)| id / CHUNK_IDS == chunk_id) {
                if let Some(versions) = recent.get_mut(&id) {
                    let old = std::mem::replace(&mut versions.newest, (seq, place));
                    versions.older.push(old);
                    versions.trim(oldest);
                } else {
                    let older = match chunk.as_ref().map_or(Place::Absent, |c| c.place(id)) {
                        Place::Absent => Vec::new(),
                        base => vec![(0, base)],
                    };
                    assert!(
                        !matches!(older[..], [(_, Place::Dead)]),
                        "object {id} is dead and written"
                    );
                    recent.insert(
                        id,
                        Versions {
                            newest: (seq, place),
                            older,
                        },
                    );
                }
            }
        }
        Ok(())
    }

    /// Takes back the versions that `add` made for commit `seq`, which nobody has seen.
    pub fn withdraw(&self, seq: u64, ids: impl Iterator<Item = u64>) {
        for id in ids {
            let shard = self.shard(id / CHUNK_IDS);
            let mut recent = shard.recent.write().expect("no panic while held");
            let Some(versions) = recent.get_mut(&id).filter(|v| v.newest.0 == seq) else {
                continue;
            };
            match versions.older.pop() {
                Some(before) => versions.newest = before,
                None => drop(recent.remove(&id)),
            }
        }
    }

    /// Loose records as of commit `seq`, for a checkpoint: (id, version's seq, record).
    pub fn loose_until(&self, seq: u64) -> Vec<(u64, u64, bytes::Bytes)> {
        let mut out = Vec::new();
        for shard in &self.shards {
            for (id, versions) in shard.recent.read().expect("no panic while held").iter() {
                let newest = std::iter::once(&versions.newest);
                let seen = newest
                    .chain(versions.older.iter().rev())
                    .find(|(s, _)| *s <= seq);
                if let Some((s, Place::Loose(record))) = seen {
                    out.push((*id, *s, record.clone()));
                }
            }
        }
        out.sort_unstable_by_key(|(id, _, _)| *id);
        out
    }

    /// Names the page places of versions that a checkpoint has packed, then sweeps.
    pub fn settle(&self, packed: &[(u64, u64, Place)], oldest: u64) {
        for (id, seq, place) in packed {
            let shard = self.shard(id / CHUNK_IDS);
            let mut recent = shard.recent.write().expect("no panic while held");
            if let Some(versions) = recent.get_mut(id) {
                if versions.newest.0 == *seq {
                    versions.newest.1 = place.clone();
                }
                for version in &mut versions.older {
                    if version.0 == *seq {
                        version.1 = place.clone();
                    }
                }
            }
        }
        self.sweep(oldest);
    }

    /// Drops versions that no view from `oldest` on needs.
    pub fn sweep(&self, oldest: u64) {
        for shard in &self.shards {
            shard
                .recent
                .write()
                .expect("no panic while held")
                .retain(|_, versions| {
                    versions.trim(oldest);
                    let settled = matches!(versions.newest.1, Place::Packed { .. });
                    !(settled && versions.newest.0 <= oldest)
                });
        }
    }

    /// Number and bytes of loose records.
    pub fn loose_size(&self) -> (u64, u64) {
        let mut size = (0, 0);
        for shard in &self.shards {
            for versions in shard.recent.read().expect("no panic while held").values() {
                for (_, place) in versions.older.iter().chain([&versions.newest]) {
                    if let Place::Loose(record) = place {
                        size.0 += 1;
                        size.1 += record.len() as u64;
                    }
                }
            }
        }
        size
    }

    /// Ids in the overlay, sorted.
    pub fn ids(&self) -> Vec<u64> {
        let mut ids = Vec::new();
        for shard in &self.shards {
            ids.extend(
                shard
                    .recent
                    .read()
                    .expect("no panic while held")
                    .keys()
                    .copied(),
            );
        }
        ids.sort_unstable();
        ids
    }
}

impl Lookup<'_> {
    /// The object's place at `view`.
    ///
    /// # Errors
    /// Those of reading the object table.
    pub fn place(&mut self, id: u64, view: u64) -> Result<Place, StoreError> {
        let chunk_id = id / CHUNK_IDS;
        if self.recent.is_none() || self.chunk_id != chunk_id {
            self.recent = None;
            let shard = self.overlay.shard(chunk_id);
            self.recent = Some(shard.recent.read().expect("no panic while held"));
            self.chunk_id = chunk_id;
            self.chunk_loaded = false;
        }
        let recent = self.recent.as_ref().expect("set above");
        if !recent.is_empty()
            && let Some(versions) = recent.get(&id)
        {
            return Ok(versions.at(view));
        }
        if !self.chunk_loaded {
            self.chunk = self.overlay.chunk(self.extent, chunk_id)?;
            self.chunk_loaded = true;
        }
        Ok(self
            .chunk
            .as_ref()
            .map_or(Place::Absent, |chunk| chunk.place(id)))
    }
}
