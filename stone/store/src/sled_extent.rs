//! The extent on sled: one tree, keys with a one-letter prefix, pages of 16 KiB as values.
//!
//! sled's `flush` uses sync_file_range on Linux and is no durability, so `sync` fsyncs sled's
//! files itself. Even so nothing acknowledged rests on it (invariant 4): a sled directory that is
//! damaged or gone is rebuilt from the `.dbf` and the tranlogs. sled panics on some damage; that
//! panic is caught here and becomes `Damaged`.

use crate::error::{StoreError, is_disk_full};
use crate::extent::{Batch, Extent, Key};
use bytes::Bytes;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// sled's cache. Unbounded it grew to gigabytes under a bulk load.
const CACHE_BYTES: u64 = 64 << 20;

pub struct SledExtent {
    db: sled::Db,
    dir: PathBuf,
}

fn encode(key: Key) -> [u8; 9] {
    let (letter, number) = match key {
        Key::Meta => (b'm', 0),
        Key::Page(id) => (b'p', id),
        Key::Chunk(id) => (b'c', id),
        Key::Symbols(id) => (b's', id),
    };
    let mut out = [letter; 9];
    out[1..].copy_from_slice(&number.to_be_bytes());
    out
}

fn number(key: &[u8]) -> u64 {
    key.get(1..9).map_or(0, |n| {
        u64::from_be_bytes(n.try_into().expect("eight bytes"))
    })
}

fn guard<T>(job: impl FnOnce() -> Result<T, sled::Error>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(job)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(e))) if is_disk_full(&e) => {
            Err(StoreError::DiskFull(format!("the extent cannot grow: {e}")))
        }
        Ok(Err(sled::Error::Io(e))) => Err(StoreError::Io(format!("the extent: {e}"))),
        Ok(Err(e)) => Err(StoreError::Damaged(format!("the extent: {e}"))),
        Err(_) => Err(StoreError::Damaged(
            "the extent's engine gave up on its files".into(),
        )),
    }
}

impl SledExtent {
    /// Opens or makes the sled directory.
    ///
    /// # Errors
    /// `Damaged` when sled cannot make sense of it.
    pub fn open(dir: &Path) -> Result<SledExtent, StoreError> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None)
            .mode(sled::Mode::HighThroughput);
        let db = guard(|| config.open())?;
        Ok(SledExtent {
            db,
            dir: dir.to_path_buf(),
        })
    }

    fn sync_files(&self, dir: &Path) -> std::io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            if path.is_dir() {
                self.sync_files(&path)?;
            } else {
                match File::open(&path) {
                    Ok(file) => file.sync_all()?,
                    // sled replaces its snapshot files while we look.
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                    Err(e) => return Err(e),
                }
            }
        }
        File::open(dir)?.sync_all()
    }
}

impl Extent for SledExtent {
    fn get(&self, key: Key) -> Result<Option<Bytes>, StoreError> {
        Ok(guard(|| self.db.get(encode(key)))?.map(Bytes::from_owner))
    }

    fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let mut puts = sled::Batch::default();
        for (key, value) in &batch.puts {
            puts.insert(&encode(*key), value.as_ref());
        }
        guard(|| self.db.apply_batch(puts))
    }

    fn sync(&self) -> Result<(), StoreError> {
        guard(|| self.db.flush())?;
        self.sync_files(&self.dir)
            .map_err(|e| StoreError::io("sync", &self.dir, &e))
    }

    fn chunk_ids(&self) -> Result<Vec<u64>, StoreError> {
        guard(|| {
            self.db
                .scan_prefix(b"c")
                .keys()
                .map(|key| Ok(number(&key?)))
                .collect::<Result<_, _>>()
        })
    }

    fn last_page_id(&self) -> Result<u64, StoreError> {
        guard(|| {
            Ok(self
                .db
                .scan_prefix(b"p")
                .keys()
                .next_back()
                .transpose()?
                .map_or(0, |k| number(&k)))
        })
    }
}
