//! The tranlog: frames appended and synced; the durability point.
//!
//! ```text
//! segment  "MAGTLOG1", u64 number, then frames
//! frame    u32 magic, u32 crc32c of the rest, u64 payload bytes, u64 frame number,
//!          u64 chain before, u64 time (unix ms), payload
//! ```
//! One frame is one append and one sync: all the commits of a group. The next frame is written
//! only after the sync, so at most the last frame can be torn; a damaged frame with a good one
//! after it is damage and stops recovery (invariant 5). `chain` digests every payload so far: a
//! log that does not continue what it is replayed over is refused.
//!
//! After a failed sync, or a failed append that cannot be undone: poisoned, never retried.

use crate::disk::{Disk, DiskFile};
use crate::error::StoreError;
use crate::extent::Position;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const SEGMENT_MAGIC: &[u8; 8] = b"MAGTLOG1";
pub const SEGMENT_HEADER_BYTES: u64 = 16;
pub const FRAME_MAGIC: u32 = 0x4D46_7261;
pub const FRAME_HEADER_BYTES: usize = 40;
/// A new segment begins when the current one has this many bytes.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// The open end of the log.
pub struct Tranlog {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    file: Box<dyn DiskFile>,
    segment: u64,
    len: u64,
    position: Position,
    segment_bytes: u64,
    syncs: u64,
    poisoned: Option<String>,
}

/// The digest after a payload.
pub fn chain(before: u64, payload: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(payload, before)
}

pub fn segment_path(dir: &Path, segment: u64) -> PathBuf {
    dir.join(format!("tranlog-{segment:08}.log"))
}

/// The number in a segment's file name.
pub fn segment_number(path: &Path) -> Option<u64> {
    path.file_name()?
        .to_str()?
        .strip_prefix("tranlog-")?
        .strip_suffix(".log")?
        .parse()
        .ok()
}

impl Tranlog {
    /// Begins segment `segment` after `position`.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        segment: u64,
        position: Position,
    ) -> Result<Tranlog, StoreError> {
        let file = new_segment(&*disk, dir, segment)?;
        Ok(Tranlog {
            disk,
            dir: dir.to_path_buf(),
            file,
            segment,
            len: SEGMENT_HEADER_BYTES,
            position,
            segment_bytes: SEGMENT_BYTES,
            syncs: 0,
            poisoned: None,
        })
    }

    /// Makes segments end earlier, for tests.
    pub fn set_segment_bytes(&mut self, bytes: u64) {
        self.segment_bytes = bytes;
    }

    /// Where the log stands: end of the last durable frame.
    pub fn position(&self) -> Position {
        self.position
    }
    pub fn segment(&self) -> u64 {
        self.segment
    }
    pub fn syncs(&self) -> u64 {
        self.syncs
    }
    pub fn poisoned(&self) -> Option<&str> {
        self.poisoned.as_deref()
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        let earlier = self.disk.list(&self.dir).unwrap_or_default();
        earlier
            .iter()
            .filter(|path| segment_number(path).is_some_and(|n| n != self.segment))
            .filter_map(|path| self.disk.open(path).ok()?.len().ok())
            .sum::<u64>()
            + self.len
    }

    /// Appends one frame whose last commit is `seq` and returns when it is durable. `before_sync`
    /// runs between append and sync.
    ///
    /// # Errors
    /// `DiskFull`: nothing happened. Anything else: the log is poisoned.
    pub fn append(
        &mut self,
        payload: &[u8],
        seq: u64,
        now_ms: u64,
        before_sync: impl FnOnce(),
    ) -> Result<Position, StoreError> {
        if let Some(why) = &self.poisoned {
            return Err(StoreError::Poisoned(why.clone()));
        }
        assert!(seq >= self.position.seq, "commits are numbered upwards");
        if self.len >= self.segment_bytes {
            self.roll()?;
        }
        let mut frame = Vec::with_capacity(FRAME_HEADER_BYTES + payload.len());
        frame.extend_from_slice(&FRAME_MAGIC.to_le_bytes());
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        frame.extend_from_slice(&(self.position.frame + 1).to_le_bytes());
        frame.extend_from_slice(&self.position.chain.to_le_bytes());
        frame.extend_from_slice(&now_ms.to_le_bytes());
        frame.extend_from_slice(payload);
        let crc = crc32c::crc32c(&frame[8..]);
        frame[4..8].copy_from_slice(&crc.to_le_bytes());
        if let Err(error) = self.file.write_at(self.len, &frame) {
            return Err(self.undo_append(&error));
        }
        before_sync();
        if let Err(error) = self.file.sync() {
            return Err(self.poison(StoreError::io("sync", &self.path(), &error)));
        }
        self.syncs += 1;
        self.len += frame.len() as u64;
        self.position = Position {
            seq,
            frame: self.position.frame + 1,
            chain: chain(self.position.chain, payload),
        };
        Ok(self.position)
    }

    fn path(&self) -> PathBuf {
        segment_path(&self.dir, self.segment)
    }

    /// After a failed write: cut off what came of it, durably. A torn frame that stayed, or came
    /// back after a power cut, would be taken for damage once a good one or a segment follows.
    fn undo_append(&mut self, error: &std::io::Error) -> StoreError {
        let error = StoreError::io("append to", &self.path(), error);
        match self.file.truncate(self.len).and_then(|()| self.file.sync()) {
            Ok(()) if matches!(error, StoreError::DiskFull(_)) => error,
            _ => self.poison(error),
        }
    }

    fn poison(&mut self, error: StoreError) -> StoreError {
        self.poisoned = Some(error.to_string());
        error.poison()
    }

    /// Stops every later append: something else failed so that the log must not go on.
    pub fn poison_with(&mut self, why: &str) {
        self.poisoned.get_or_insert_with(|| why.to_string());
    }

    /// Begins the next segment. A full disk leaves the current one in use.
    ///
    /// # Errors
    /// `DiskFull`, or poisoned.
    pub fn roll(&mut self) -> Result<(), StoreError> {
        match new_segment(&*self.disk, &self.dir, self.segment + 1) {
            Ok(file) => {
                self.file = file;
                self.segment += 1;
                self.len = SEGMENT_HEADER_BYTES;
                Ok(())
            }
            Err(error @ StoreError::DiskFull(_)) => Err(error),
            Err(error) => Err(self.poison(error)),
        }
    }

    /// Removes segments before `segment`. The caller knows that a verified, synced `.dbf`
    /// covers them (invariant 3).
    ///
    /// # Errors
    /// Those of the disk.
    pub fn remove_before(&self, segment: u64) -> Result<(), StoreError> {
        let paths = self
            .disk
            .list(&self.dir)
            .map_err(|e| StoreError::io("list", &self.dir, &e))?;
        for path in paths {
            if segment_number(&path).is_some_and(|n| n < segment) {
                self.disk
                    .remove(&path)
                    .map_err(|e| StoreError::io("remove", &path, &e))?;
            }
        }
        Ok(())
    }
}

fn new_segment(disk: &dyn Disk, dir: &Path, segment: u64) -> Result<Box<dyn DiskFile>, StoreError> {
    let path = segment_path(dir, segment);
    let mut header = SEGMENT_MAGIC.to_vec();
    header.extend_from_slice(&segment.to_le_bytes());
    let make = || {
        let file = disk.create(&path)?;
        file.write_at(0, &header)?;
        file.sync()?;
        disk.sync_dir(dir)?;
        Ok(file)
    };
    make().map_err(|e| StoreError::io("create", &path, &e))
}
