//! Opening a data directory: base `.dbf`, extent, tranlogs.
//!
//! ```text
//! DATA/base-COMMIT.dbf      a verified, synced .dbf; what everything can be rebuilt from
//! DATA/tranlogs/            segments since that base
//! DATA/extent/              sled; may be deleted while the stone is stopped
//! ```

use crate::dbf_extent::{DbfExtent, import};
use crate::disk::{Disk, DiskFile, read_all};
use crate::error::StoreError;
use crate::extent::{Extent, Key};
use crate::replay::{Replayed, Until, replay};
use crate::store::Store;
use crate::tranlog::{Tranlog, Writer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Makes the extent of a directory; `fresh` removes what is there first.
pub type OpenExtent<'a> = &'a dyn Fn(bool) -> Result<Box<dyn Extent>, StoreError>;

/// An opened data directory.
pub struct Opened {
    pub store: Store,
    pub log: Tranlog,
    pub replayed: Replayed,
    /// Why the extent was rebuilt from the base, when it was.
    pub rebuilt: Option<String>,
}

pub fn tranlog_dir(data: &Path) -> PathBuf {
    data.join("tranlogs")
}

pub fn base_path(data: &Path, seq: u64) -> PathBuf {
    data.join(format!("base-{seq:012}.dbf"))
}

/// The base files of a data directory, oldest first.
///
/// # Errors
/// Those of the disk.
pub fn bases(disk: &dyn Disk, data: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let paths = disk
        .list(data)
        .map_err(|e| StoreError::io("list", data, &e))?;
    let number = |path: &PathBuf| -> Option<u64> {
        path.file_name()?
            .to_str()?
            .strip_prefix("base-")?
            .strip_suffix(".dbf")?
            .parse()
            .ok()
    };
    let mut out: Vec<_> = paths
        .into_iter()
        .filter_map(|p| Some((number(&p)?, p)))
        .collect();
    out.sort();
    Ok(out)
}

fn open_base(disk: &dyn Disk, path: &Path) -> Result<DbfExtent, StoreError> {
    let file: Box<dyn DiskFile> = disk
        .open(path)
        .map_err(|e| StoreError::io("open", path, &e))?;
    let bytes = read_all(&*file).map_err(|e| StoreError::io("read", path, &e))?;
    DbfExtent::from_bytes(path, bytes.into())
}

/// Opens the data directory: extent, else base; then the log from there. The log goes on in a
/// new segment and a new epoch, written by `writer`, a number that no writer had before.
///
/// # Errors
/// `Damaged` when what is there cannot be believed. Nothing is changed before the log was read
/// except the extent, which is rebuilt when it cannot be used.
pub fn open(
    disk: &Arc<dyn Disk>,
    data: &Path,
    open_extent: OpenExtent<'_>,
    until: Until,
    writer: u128,
) -> Result<Opened, StoreError> {
    let logs = tranlog_dir(data);
    disk.create_dir(&logs)
        .map_err(|e| StoreError::io("create", &logs, &e))?;
    let (store, rebuilt) = match open_extent(false).and_then(usable) {
        Ok(Some(store)) if store.head().frame < newest_base_frame(&**disk, data)? => {
            drop(store);
            let why = "the extent is older than the base".to_string();
            (rebuild(&**disk, data, open_extent)?, Some(why))
        }
        Ok(Some(store)) => (store, None),
        Ok(None) => (
            rebuild(&**disk, data, open_extent)?,
            Some("there was no usable extent".to_string()),
        ),
        Err(error) => (
            rebuild(&**disk, data, open_extent)?,
            Some(error.to_string()),
        ),
    };
    let replayed = replay(&store, &**disk, &logs, until, true)?;
    let head = store.head();
    if replayed.last_frame < head.frame && newest_base_frame(&**disk, data)? < head.frame {
        // The log has lost what the extent still has. A new base takes the log's place before
        // anything is appended, so that a rebuild never meets the gap.
        tracing::warn!("the tranlog ends before the last checkpoint; writing a new base");
        store.write_dbf(&**disk, &base_path(data, head.seq), head)?;
    }
    let writer = Writer {
        epoch: replayed.epoch.checked_add(1).ok_or_else(|| {
            StoreError::Damaged(format!("{} has had its last epoch", logs.display()))
        })?,
        id: writer,
    };
    let segment = replayed.last_segment + 1;
    let log = Tranlog::create(disk.clone(), &logs, segment, store.head(), writer)?;
    Ok(Opened {
        store,
        log,
        replayed,
        rebuilt,
    })
}

fn newest_base_frame(disk: &dyn Disk, data: &Path) -> Result<u64, StoreError> {
    match bases(disk, data)?.pop() {
        // The segments before it may be gone, but a base that cannot be read is no reason to
        // give up an extent that can.
        Some((_, path)) => Ok(open_base(disk, &path).map_or(0, |base| base.header().frame)),
        None => Ok(0),
    }
}

fn usable(extent: Box<dyn Extent>) -> Result<Option<Store>, StoreError> {
    match extent.get(Key::Meta)? {
        Some(_) => Store::open(extent).map(Some),
        None => Ok(None),
    }
}

fn rebuild(disk: &dyn Disk, data: &Path, open_extent: OpenExtent<'_>) -> Result<Store, StoreError> {
    let Some((_, path)) = bases(disk, data)?.pop() else {
        return Err(StoreError::Damaged(format!(
            "{} has no base .dbf to start from",
            data.display()
        )));
    };
    let base = open_base(disk, &path)?;
    let extent = open_extent(true)?;
    import(&base, &*extent)?;
    Store::open(extent)
}
