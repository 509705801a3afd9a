//! Reading the tranlog back: its segments in order, damage told from a torn tail.

use crate::disk::{Disk, DiskFile, read_all};
use crate::error::StoreError;
use crate::frame::{LogFrame, SEGMENT_HEADER_BYTES, Version};
use crate::reader::Reader;
use crate::store::Store;
use crate::tokens::PastCommit;
use crate::tranlog::segment_number;
use bytes::Bytes;
use std::ops::Range;
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
    let mut segments = segments(disk, dir)?;
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
    if let Some((number, path)) = segments.last()
        && never_began(&read(disk, path)?.1, *number)
    {
        // The log went on in the segment before, if there was no room for this one: that is the last.
        reader.report.last_segment = number - 1;
        if repair {
            let removed = disk.remove(path).and_then(|()| disk.sync_dir(dir));
            removed.map_err(|e| StoreError::io("remove", path, &e))?;
        }
        segments.pop();
    }
    for (i, (number, path)) in segments.iter().enumerate() {
        reader.report.last_segment = *number;
        let (file, bytes) = read(disk, path)?;
        let last = i + 1 == segments.len();
        let whole = read_segment(&mut reader, &bytes, *number, path, last)?;
        if repair && last {
            let settled = settle(&*file, &bytes, whole).and_then(|()| disk.sync_dir(dir));
            settled.map_err(|e| StoreError::io("settle", path, &e))?;
        }
    }
    Ok(reader.finish())
}

fn read(disk: &dyn Disk, path: &Path) -> Result<(Box<dyn DiskFile>, Bytes), StoreError> {
    let file = disk
        .open(path)
        .map_err(|e| StoreError::io("open", path, &e))?;
    let bytes = read_all(&*file).map_err(|e| StoreError::io("read", path, &e))?;
    Ok((file, bytes.into()))
}

/// A last segment whose header did not become durable before a crash: nothing was appended.
fn never_began(bytes: &[u8], number: u64) -> bool {
    bytes.len() <= SEGMENT_HEADER_BYTES && Version::of_segment(bytes, number).is_none()
}

/// Reads one segment; answers where its last whole frame is, or its header when it has none.
fn read_segment(
    reader: &mut Reader<'_>,
    bytes: &Bytes,
    number: u64,
    path: &Path,
    last: bool,
) -> Result<Range<usize>, StoreError> {
    let version = Version::of_segment(bytes, number).ok_or_else(|| {
        StoreError::Damaged(format!("{} is damaged at its start", path.display()))
    })?;
    reader.begin_segment(version, path)?;
    let mut at = SEGMENT_HEADER_BYTES;
    let mut whole = 0..at;
    while at < bytes.len() {
        let Some(frame) = LogFrame::at(bytes, at) else {
            if !last || LogFrame::follows(bytes, at + 1, reader.report.last_frame) {
                return Err(StoreError::Damaged(format!(
                    "{} is damaged at byte {at}, and whole frames follow",
                    path.display()
                )));
            }
            reader.report.torn_bytes = (bytes.len() - at) as u64;
            break;
        };
        whole = at..frame.payload.end;
        at = whole.end;
        let payload = bytes.slice(frame.payload);
        reader.frame(&frame.header, &payload, path)?;
        if reader.store.backlog_bytes() > REPLAY_BACKLOG_BYTES {
            reader.store.checkpoint(reader.store.head().seq)?;
        }
    }
    Ok(whole)
}

/// Makes durable what was read from the last segment, and cuts off what is torn. A process that ended in an append leaves a frame that can be read and
/// that the next power cut takes away; after a failed sync the system may even think that it is clean. So it is written once more. Only a segment's last
/// frame can be like that: the next one is appended when it is durable.
fn settle(file: &dyn DiskFile, bytes: &Bytes, whole: Range<usize>) -> std::io::Result<()> {
    if whole.end < bytes.len() {
        file.truncate(whole.end as u64)?;
    }
    file.write_at(whole.start as u64, &bytes[whole])?;
    file.sync()
}

#[cfg(test)]
mod tests;
