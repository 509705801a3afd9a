//! Reading the tranlog back: its segments in order, damage told from a torn tail.

use crate::disk::{Disk, DiskFile, read_all};
use crate::error::StoreError;
use crate::frame::{Frame, SEGMENT_HEADER_BYTES, Version};
use crate::reader::Reader;
use crate::store::Store;
use crate::tokens::PastCommit;
use crate::tranlog::segment_number;
use bytes::Bytes;
use std::path::{Path, PathBuf};

/// Replay packs what it has read at this size, so that a long log fits in memory.
const REPLAY_BACKLOG_BYTES: u64 = 256 << 20;

/// Where replay must stop early, for `restore --until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    End,
    Commit(u64),
    TimeMs(u64),
}

/// What replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    pub commits: u64,
    /// Number of the last segment there is, 0 for none.
    pub last_segment: u64,
    /// Bytes of an append that a crash cut off; nobody was told that it happened.
    pub torn_bytes: u64,
    pub closed_in_order: bool,
    /// Number of the last whole frame there is, 0 for none.
    pub last_frame: u64,
    /// The highest epoch there is, 0 for none.
    pub epoch: u64,
    /// Commits that bore a token, in order, also those that the store had before.
    pub commits_by_token: Vec<PastCommit>,
    /// Every commit after this one that bore a token is in `commits_by_token`.
    pub tokens_since: u64,
}

/// The segments of a log directory, by number.
///
/// # Errors
/// Those of the disk.
pub fn segments(disk: &dyn Disk, dir: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let paths = disk
        .list(dir)
        .map_err(|e| StoreError::io("list", dir, &e))?;
    let mut out: Vec<_> = paths
        .into_iter()
        .filter_map(|p| Some((segment_number(&p)?, p)))
        .collect();
    out.sort();
    Ok(out)
}

/// Replays over `store` every frame after its head. Cuts a torn tail off when `repair` says so.
///
/// # Errors
/// `Damaged` when a frame in the middle is damaged or missing, or the log belongs elsewhere.
pub fn replay(
    store: &Store,
    disk: &dyn Disk,
    dir: &Path,
    until: Until,
    repair: bool,
) -> Result<Replayed, StoreError> {
    let segments = segments(disk, dir)?;
    for pair in segments.windows(2) {
        if pair[1].0 != pair[0].0 + 1 {
            return Err(StoreError::Damaged(format!(
                "tranlog segment {} is missing in {}",
                pair[0].0 + 1,
                dir.display()
            )));
        }
    }
    let mut reader = Reader::new(store, until);
    for (i, (number, path)) in segments.iter().enumerate() {
        reader.report.last_segment = *number;
        let file = disk
            .open(path)
            .map_err(|e| StoreError::io("open", path, &e))?;
        let bytes = read_all(&*file).map_err(|e| StoreError::io("read", path, &e))?;
        let last = i + 1 == segments.len();
        if last && never_began(&bytes, *number) {
            reader.report.last_segment = number - 1;
            if repair {
                let removed = disk.remove(path).and_then(|()| disk.sync_dir(dir));
                removed.map_err(|e| StoreError::io("remove", path, &e))?;
            }
            break;
        }
        let end = read_segment(&mut reader, &bytes.into(), *number, path, last)?;
        if repair && reader.report.torn_bytes > 0 {
            cut(&*file, end, path)?;
        }
    }
    Ok(reader.finish())
}

/// A last segment whose header did not become durable before a crash: nothing was appended.
fn never_began(bytes: &[u8], number: u64) -> bool {
    bytes.len() <= SEGMENT_HEADER_BYTES && Version::of_segment(bytes, number).is_none()
}

/// Reads one segment; answers where its last whole frame ends.
fn read_segment(
    reader: &mut Reader<'_>,
    bytes: &Bytes,
    number: u64,
    path: &Path,
    last: bool,
) -> Result<usize, StoreError> {
    let version = Version::of_segment(bytes, number).ok_or_else(|| {
        StoreError::Damaged(format!("{} is damaged at its start", path.display()))
    })?;
    reader.begin_segment(version, path)?;
    let mut at = SEGMENT_HEADER_BYTES;
    while at < bytes.len() {
        let Some(frame) = Frame::at(bytes, at) else {
            if !last || Frame::follows(bytes, at + 1, reader.report.last_frame) {
                return Err(StoreError::Damaged(format!(
                    "{} is damaged at byte {at}, and whole frames follow",
                    path.display()
                )));
            }
            reader.report.torn_bytes = (bytes.len() - at) as u64;
            break;
        };
        at = frame.payload.end;
        let payload = bytes.slice(frame.payload);
        reader.frame(&frame.header, &payload, path)?;
        if reader.store.backlog_bytes() > REPLAY_BACKLOG_BYTES {
            reader.store.checkpoint(reader.store.head().seq)?;
        }
    }
    Ok(at)
}

fn cut(file: &dyn DiskFile, end: usize, path: &Path) -> Result<(), StoreError> {
    let cut = file.truncate(end as u64).and_then(|()| file.sync());
    cut.map_err(|e| StoreError::io("truncate", path, &e))
}

#[cfg(test)]
mod tests;
