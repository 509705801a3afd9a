//! The data directory of a stone: its lock, its seed, its base files.

use proto::service::StoneError;
use rustix::fs::{FlockOperation, flock};
use rustix::rand::GetRandomFlags;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stone_store::dbf_extent::{DbfExtent, import};
use stone_store::recovery::{Opened, base_path, bases, open, tranlog_dir};
use stone_store::replay::Until;
use stone_store::sled_extent::SledExtent;
use stone_store::{Disk, Extent, MemoryExtent, RealDisk, Store, StoreError};
use stone_txn::error::stone_error;

/// Logs smaller than this never cause a new base.
const LOGS_BYTES_MIN: u64 = 256 << 20;
/// Room that a checkpoint must leave on the disk.
const ROOM_BYTES: u64 = 32 << 20;

/// A locked data directory.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Locks the directory, making it when it is absent.
    ///
    /// # Errors
    /// `Refused` when a stone has it.
    pub fn lock(path: &Path) -> Result<DataDir, StoneError> {
        let failed = |what: &str, e: &dyn std::fmt::Display| {
            StoneError::Unavailable(format!("cannot {what} {}: {e}", path.display()))
        };
        std::fs::create_dir_all(path).map_err(|e| failed("create", &e))?;
        let lock = path.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock)
            .map_err(|e| failed("lock", &e))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            return Err(StoneError::Refused(format!(
                "{} is in use by another stone (pid {})",
                path.display(),
                pid.trim()
            )));
        }
        file.set_len(0).map_err(|e| failed("lock", &e))?;
        write!(file, "{}", std::process::id()).map_err(|e| failed("lock", &e))?;
        let path = path.canonicalize().map_err(|e| failed("find", &e))?;
        Ok(DataDir { path, _lock: file })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn base(&self, seq: u64) -> PathBuf {
        base_path(&self.path, seq)
    }

    /// Whether a stone has ever begun here.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn is_fresh(&self) -> Result<bool, StoneError> {
        let bases = bases(&RealDisk, &self.path).map_err(stone_error)?;
        Ok(bases.is_empty() && !tranlog_dir(&self.path).exists() && !self.extent_dir().exists())
    }

    fn extent_dir(&self) -> PathBuf {
        self.path.join("extent")
    }

    /// Makes a fresh directory's base from a seed (`None`: from nothing).
    ///
    /// # Errors
    /// `Damaged` when the seed is; `DiskFull`.
    pub fn seed(&self, seed: Option<&Path>) -> Result<(), StoneError> {
        let extent: Box<dyn Extent> = match seed {
            Some(path) => Box::new(DbfExtent::open(path).map_err(stone_error)?),
            None => Box::new(MemoryExtent::default()),
        };
        let store = Store::open(extent).map_err(stone_error)?;
        let head = store.head();
        store
            .write_dbf(&RealDisk, &self.base(head.seq), head)
            .map_err(stone_error)?;
        Ok(())
    }

    /// Recovers what is in the directory.
    ///
    /// # Errors
    /// `Damaged` when it cannot be believed.
    pub fn open(&self) -> Result<Opened, StoneError> {
        let dir = self.extent_dir();
        let open_extent = |fresh: bool| -> Result<Box<dyn Extent>, StoreError> {
            if fresh && dir.exists() {
                // Kept for whoever wants to know why, until the next time.
                let aside = self.path.join("extent.damaged");
                let _ = std::fs::remove_dir_all(&aside);
                std::fs::rename(&dir, &aside).map_err(|e| StoreError::io("set aside", &dir, &e))?;
            }
            Ok(Box::new(SledExtent::open(&dir)?))
        };
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let writer = random_id()?;
        let opened = open(&disk, &self.path, &open_extent, Until::End, writer);
        let opened = opened.map_err(stone_error)?;
        if let Some(why) = &opened.rebuilt {
            tracing::info!("the extent was rebuilt from the base and the logs: {why}");
        }
        Ok(opened)
    }

    /// Refuses early what would leave the extent half written.
    pub(crate) fn check_room(&self, bytes: u64) -> Result<(), StoneError> {
        let Ok(disk) = rustix::fs::statvfs(&self.path) else {
            return Ok(());
        };
        let free = disk.f_bavail * disk.f_frsize;
        if free < bytes.saturating_mul(2) + ROOM_BYTES {
            let text = format!("{} bytes are left for {}", free, self.path.display());
            return Err(StoneError::DiskFull(text));
        }
        Ok(())
    }

    pub(crate) fn logs_outgrew_base(&self, log_bytes: u64) -> bool {
        let base = bases(&RealDisk, &self.path)
            .ok()
            .and_then(|mut all| all.pop());
        let base = base
            .and_then(|(_, path)| path.metadata().ok())
            .map_or(0, |m| m.len());
        log_bytes > LOGS_BYTES_MIN.max(base * 2)
    }

    pub(crate) fn remove_old_bases(&self) -> Result<(), StoreError> {
        let mut all = bases(&RealDisk, &self.path)?;
        all.pop();
        for (_, path) in all {
            std::fs::remove_file(&path).map_err(|e| StoreError::io("remove", &path, &e))?;
        }
        Ok(())
    }
}

/// A number that nobody had before and nobody will have again.
///
/// # Errors
/// `Unavailable` when the operating system gives no random bytes.
pub(crate) fn random_id() -> Result<u128, StoneError> {
    let mut bytes = [0; 16];
    let mut filled = 0;
    while filled < bytes.len() {
        filled += rustix::rand::getrandom(&mut bytes[filled..], GetRandomFlags::empty())
            .map_err(|e| StoneError::Unavailable(format!("the system gives no random: {e}")))?;
    }
    Ok(u128::from_le_bytes(bytes))
}

/// Makes `data` (fresh) from a `.dbf` and the logs since it, up to `until`.
///
/// # Errors
/// `Refused` when `data` is not fresh; `Damaged` when file or logs are.
pub fn restore(
    dbf: &Path,
    data: &Path,
    logs: Option<&Path>,
    until: Until,
) -> Result<u64, StoneError> {
    let data = DataDir::lock(data)?;
    if !data.is_fresh()? {
        return Err(StoneError::Refused(format!(
            "{} holds a repository already; restore into an empty directory",
            data.path().display()
        )));
    }
    let file = DbfExtent::open(dbf).map_err(stone_error)?;
    let extent = MemoryExtent::default();
    import(&file, &extent).map_err(stone_error)?;
    let store = Store::open(Box::new(extent)).map_err(stone_error)?;
    if let Some(logs) = logs {
        stone_store::replay::replay(&store, &RealDisk, logs, until, false).map_err(stone_error)?;
    }
    if let Until::Commit(limit) = until
        && store.head().seq < limit
    {
        return Err(StoneError::Refused(format!(
            "the logs end at commit {}, before commit {limit}",
            store.head().seq
        )));
    }
    let head = store.head();
    store
        .write_dbf(&RealDisk, &data.base(head.seq), head)
        .map_err(stone_error)?;
    Ok(head.seq)
}
