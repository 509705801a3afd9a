//! The tranlog: frames appended and synced; the durability point. The bytes: [`crate::frame`].
//!
//! One frame is one append and one sync: all the commits of a group. The next frame is written
//! only after the sync, so at most the last frame can be torn; a damaged frame with a good one
//! after it is damage and stops recovery (invariant 5). `chain` digests every payload so far (but not who wrote): a
//! log that does not continue what it is replayed over is refused. A log has one writer, whose
//! epoch is higher than that of all before it; the first frame of each segment says who it is.
//!
//! After a failed sync, or a failed append that cannot be undone: poisoned, never retried.

use crate::disk::{Disk, DiskFile};
use crate::entry::{Entry, after_epoch};
use crate::error::StoreError;
use crate::extent::Position;
use crate::frame::{FrameHeader, SEGMENT_HEADER_BYTES, Version};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use crate::frame::{Writer, chain};

/// What is written; older versions are only read.
const VERSION: Version = Version::Two;
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
    writer: Writer,
    /// Whether a frame of this segment says who writes.
    announced: bool,
    segment_bytes: u64,
    syncs: u64,
    poisoned: Option<String>,
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
    /// Begins segment `segment` after `position`. `writer` has a higher epoch than all frames
    /// before, and a random id that no other writer has.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        segment: u64,
        position: Position,
        writer: Writer,
    ) -> Result<Tranlog, StoreError> {
        assert!(writer.epoch > 0, "epochs begin with 1");
        let file = new_segment(&*disk, dir, segment)?;
        Ok(Tranlog {
            disk,
            dir: dir.to_path_buf(),
            file,
            segment,
            len: SEGMENT_HEADER_BYTES as u64,
            position,
            writer,
            announced: false,
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
    pub fn writer(&self) -> Writer {
        self.writer
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
    /// runs between append and sync. A segment's first frame begins with the `Epoch` entry.
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
        let announcement = self.announcement();
        let header = FrameHeader {
            version: VERSION,
            number: self.position.frame + 1,
            chain: self.position.chain,
            time_ms: now_ms,
            writer: self.writer,
        };
        let frame = header.frame(&[&announcement, payload]);
        if let Err(error) = self.file.write_at(self.len, &frame) {
            return Err(self.undo_append(&error));
        }
        before_sync();
        if let Err(error) = self.file.sync() {
            return Err(self.poison(StoreError::io("sync", &self.path(), &error)));
        }
        self.syncs += 1;
        self.len += frame.len() as u64;
        self.announced = true;
        let payload = &frame[VERSION.frame_header_bytes()..];
        self.position = Position {
            seq,
            frame: header.number,
            chain: chain(header.chain, after_epoch(payload)),
        };
        Ok(self.position)
    }

    /// The entry that says who writes, unless this segment has it.
    fn announcement(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.announced {
            let Writer { epoch, id: writer } = self.writer;
            Entry::Epoch { epoch, writer }.encode(&mut out);
        }
        out
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

    /// Begins the next segment with a frame of `payload`, which repeats what the log must not
    /// forget when the segments before go: the mark of ids. Who writes is said without it.
    ///
    /// # Errors
    /// As `append`; the new segment may be there.
    pub fn renew(&mut self, payload: &[u8], now_ms: u64) -> Result<Position, StoreError> {
        if self.poisoned.is_none() {
            self.roll()?;
        }
        self.append(payload, self.position.seq, now_ms, || ())
    }

    /// Begins the next segment. A full disk leaves the current one in use.
    fn roll(&mut self) -> Result<(), StoreError> {
        match new_segment(&*self.disk, &self.dir, self.segment + 1) {
            Ok(file) => {
                self.file = file;
                self.segment += 1;
                self.len = SEGMENT_HEADER_BYTES as u64;
                self.announced = false;
                Ok(())
            }
            Err(error @ StoreError::DiskFull(_)) => Err(error),
            Err(error) => Err(self.poison(error)),
        }
    }

    /// Removes segments before `segment`, which a frame of `renew` began. The caller knows that
    /// a verified, synced `.dbf` covers them (invariant 3).
    ///
    /// # Errors
    /// Those of the disk.
    pub fn remove_before(&self, segment: u64) -> Result<(), StoreError> {
        assert!(
            segment < self.segment || self.announced,
            "what stays says which epoch this is"
        );
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
    let header = VERSION.segment_header(segment);
    let failed = |e: std::io::Error| StoreError::io("create", &path, &e);
    let file = disk.create(&path).map_err(failed)?;
    file.write_at(0, &header).map_err(failed)?;
    // A whole header of which nobody knows whether it stays: the segment before must not go on, full disk or not.
    let synced = file.sync().and_then(|()| disk.sync_dir(dir));
    synced.map_err(|e| failed(e).poison())?;
    Ok(file)
}
