//! Reading the tranlog back: frames after a position, damage told from a torn tail.

use crate::disk::{Disk, read_all};
use crate::entry::{Entry, decode};
use crate::error::StoreError;
use crate::extent::Position;
use crate::store::Store;
use crate::tranlog::{
    FRAME_HEADER_BYTES, FRAME_MAGIC, SEGMENT_HEADER_BYTES, SEGMENT_MAGIC, chain, segment_number,
};
use crate::write_set::WriteSet;
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    pub commits: u64,
    /// Number of the last segment there is, 0 for none.
    pub last_segment: u64,
    /// Bytes of an append that a crash cut off; nobody was told that it happened.
    pub torn_bytes: u64,
    pub closed_in_order: bool,
    /// Number of the last whole frame there is, 0 for none.
    pub last_frame: u64,
}

struct Frame {
    number: u64,
    chain: u64,
    time_ms: u64,
    payload: std::ops::Range<usize>,
}

fn frame_at(bytes: &[u8], at: usize) -> Option<Frame> {
    let header = bytes.get(at..at.checked_add(FRAME_HEADER_BYTES)?)?;
    let word = |i: usize| u64::from_le_bytes(header[i..i + 8].try_into().expect("eight bytes"));
    if header[..4] != FRAME_MAGIC.to_le_bytes() {
        return None;
    }
    let start = at + FRAME_HEADER_BYTES;
    let end = start.checked_add(usize::try_from(word(8)).ok()?)?;
    let crc = u32::from_le_bytes(header[4..8].try_into().expect("four bytes"));
    if crc32c::crc32c(bytes.get(at + 8..end)?) != crc {
        return None;
    }
    Some(Frame {
        number: word(16),
        chain: word(24),
        time_ms: word(32),
        payload: start..end,
    })
}

/// Whether a whole frame begins anywhere after `at`: then what stands at `at` is damage.
fn frame_follows(bytes: &[u8], at: usize) -> bool {
    let magic = FRAME_MAGIC.to_le_bytes();
    let mut from = at;
    while let Some(found) = bytes
        .get(from..)
        .and_then(|rest| rest.windows(4).position(|w| w == magic))
    {
        if frame_at(bytes, from + found).is_some() {
            return true;
        }
        from += found + 1;
    }
    false
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
    let mut report = Replayed::default();
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
    let mut stopped = false;
    for (i, (number, path)) in segments.iter().enumerate() {
        report.last_segment = *number;
        let file = disk
            .open(path)
            .map_err(|e| StoreError::io("open", path, &e))?;
        let bytes = read_all(&*file).map_err(|e| StoreError::io("read", path, &e))?;
        let bytes = Bytes::from(bytes);
        let last = i + 1 == segments.len();
        if last && never_began(&bytes, *number) {
            report.last_segment = number - 1;
            if repair {
                let removed = disk.remove(path).and_then(|()| disk.sync_dir(dir));
                removed.map_err(|e| StoreError::io("remove", path, &e))?;
            }
            break;
        }
        let mut at = segment_start(&bytes, *number, path)?;
        while at < bytes.len() {
            let Some(frame) = frame_at(&bytes, at) else {
                if !last || frame_follows(&bytes, at + 1) {
                    return Err(StoreError::Damaged(format!(
                        "{} is damaged at byte {at}, and whole frames follow",
                        path.display()
                    )));
                }
                report.torn_bytes = (bytes.len() - at) as u64;
                if repair {
                    let cut = file.truncate(at as u64).and_then(|()| file.sync());
                    cut.map_err(|e| StoreError::io("truncate", path, &e))?;
                }
                break;
            };
            at = frame.payload.end;
            report.last_frame = frame.number;
            let past = matches!(until, Until::TimeMs(limit) if frame.time_ms > limit);
            stopped = stopped || past;
            if !stopped {
                stopped = !replay_frame(store, &bytes, &frame, path, until, &mut report)?;
            }
            if store.backlog_bytes() > REPLAY_BACKLOG_BYTES {
                store.checkpoint(store.head().seq)?;
            }
        }
    }
    Ok(report)
}

fn segment_header(number: u64) -> Vec<u8> {
    let mut header = SEGMENT_MAGIC.to_vec();
    header.extend_from_slice(&number.to_le_bytes());
    header
}

/// A last segment whose header did not become durable before a crash: nothing was appended.
fn never_began(bytes: &[u8], number: u64) -> bool {
    bytes.len() <= SEGMENT_HEADER_BYTES as usize && bytes != segment_header(number)
}

fn segment_start(bytes: &[u8], number: u64, path: &Path) -> Result<usize, StoreError> {
    let len = SEGMENT_HEADER_BYTES as usize;
    if bytes.get(..len) != Some(&segment_header(number)[..]) {
        return Err(StoreError::Damaged(format!(
            "{} is damaged at its start",
            path.display()
        )));
    }
    Ok(len)
}

/// Applies one frame if it is new. `Ok(false)`: `until` was reached inside.
fn replay_frame(
    store: &Store,
    bytes: &Bytes,
    frame: &Frame,
    path: &Path,
    until: Until,
    report: &mut Replayed,
) -> Result<bool, StoreError> {
    let head = store.head();
    if frame.number <= head.frame {
        return Ok(true);
    }
    if frame.number != head.frame + 1 || frame.chain != head.chain {
        return Err(StoreError::Damaged(format!(
            "{}: frame {} does not continue this repository (which is at frame {})",
            path.display(),
            frame.number,
            head.frame
        )));
    }
    let payload = bytes.slice(frame.payload.clone());
    let mut next = Position {
        seq: head.seq,
        frame: frame.number,
        chain: chain(frame.chain, &payload),
    };
    report.closed_in_order = false;
    for entry in decode(&payload)? {
        match entry {
            Entry::Close => report.closed_in_order = true,
            Entry::Symbols { next_id, records } => {
                store.raise_next_id(next_id);
                let set = WriteSet::parse(payload.slice_ref(records))?;
                for written in set.written {
                    store.add_symbol(written.id, written.record)?;
                }
            }
            Entry::Commit {
                seq,
                root,
                next_id,
                records,
                ..
            } => {
                if matches!(until, Until::Commit(limit) if seq > limit) {
                    // The frame's remaining commits are left out; this history ends here.
                    store.publish(
                        Position {
                            frame: head.frame,
                            chain: head.chain,
                            ..next
                        },
                        None,
                    );
                    return Ok(false);
                }
                if seq != next.seq + 1 {
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
                report.commits += 1;
                if root != 0 {
                    store.publish(
                        Position {
                            frame: head.frame,
                            chain: head.chain,
                            ..next
                        },
                        Some(root),
                    );
                }
            }
        }
    }
    store.publish(next, None);
    Ok(true)
}
