//! The stone as one value that many threads call: store, sequencer, log, and what orders them.
//!
//! Locks, in the order in which they may be taken: `group` (who leads), `log`, `core`. Reads
//! take none of them: a session's view stands in `views`, its objects in the store.

use crate::data_dir::{DataDir, random_id};
use crate::group::Group;
use hashbrown::HashMap;
use proto::service::StoneError;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use stone_store::entry::Entry;
use stone_store::extent::Position;
use stone_store::{RealDisk, Store, StoreError, Tranlog};
use stone_txn::error::stone_error;
use stone_txn::sequencer::Limits;
use stone_txn::session::Hold;
use stone_txn::{Fates, Ladder, Sequencer, SessionId};

/// What is behind the store.
pub enum Backing {
    /// Nothing: a `.dbf` that cannot be changed.
    ReadOnly,
    /// Memory; commits are as durable as the process.
    Memory,
    /// A data directory with its log.
    Durable {
        log: Box<Mutex<Tranlog>>,
        data: DataDir,
    },
}

/// What the sequencer's lock protects. Nobody reads a disk while he holds it.
pub(crate) struct Core {
    pub ladder: Ladder,
}

/// Backlog at which the keeper packs it into pages.
pub const BACKLOG_BYTES: u64 = 64 << 20;
/// Backlog at which commits wait for a checkpoint.
pub const BACKLOG_BYTES_MAX: u64 = 512 << 20;

pub struct Engine {
    pub(crate) store: Store,
    pub(crate) backing: Backing,
    pub(crate) core: Mutex<Core>,
    pub(crate) views: RwLock<HashMap<u64, u64>>,
    pub(crate) group: Mutex<Group>,
    pub(crate) group_moved: Condvar,
    pub(crate) poisoned: OnceLock<String>,
    pub(crate) stopping: AtomicBool,
    /// Ids below were leased before this process began, if at all.
    pub(crate) born: u64,
    /// Tells this process from others that served or will serve the repository.
    pub(crate) incarnation: u128,
    /// Held while a symbol is looked for and made, so that it is made once.
    pub(crate) symbols: Mutex<()>,
    pub(crate) name: String,
    pub(crate) sync_delay: Duration,
    /// Tells the keeper that there is something to do.
    pub(crate) keeper: Mutex<KeeperState>,
    pub(crate) keeper_moved: Condvar,
}

/// What a stone's process begins with.
pub struct Birth {
    pub incarnation: u128,
    /// What the log tells of commits.
    pub fates: Fates,
}

impl Birth {
    /// The birth of a stone that has no log.
    ///
    /// # Errors
    /// `Unavailable` when the operating system gives no random bytes.
    pub fn without_log() -> Result<Birth, StoneError> {
        Ok(Birth {
            incarnation: random_id()?,
            fates: Fates::default(),
        })
    }
}

#[derive(Default)]
pub(crate) struct KeeperState {
    pub wanted: bool,
    pub ended: bool,
    pub thread: Option<std::thread::JoinHandle<()>>,
}

impl Engine {
    pub fn new(name: &str, store: Store, backing: Backing, birth: Birth) -> Engine {
        let sequencer = Sequencer::new(store.head().seq, Limits::default());
        let ladder = Ladder::new(sequencer, birth.fates);
        Engine {
            born: store.next_id(),
            incarnation: birth.incarnation,
            symbols: Mutex::new(()),
            store,
            backing,
            core: Mutex::new(Core { ladder }),
            views: RwLock::new(HashMap::new()),
            group: Mutex::new(Group::default()),
            group_moved: Condvar::new(),
            poisoned: OnceLock::new(),
            stopping: AtomicBool::new(false),
            name: name.to_string(),
            sync_delay: sync_delay(),
            keeper: Mutex::new(KeeperState::default()),
            keeper_moved: Condvar::new(),
        }
    }

    pub(crate) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(|broken| {
            // A panic while deciding: what it left is not to be believed.
            self.poison("an internal error while deciding a commit");
            broken.into_inner()
        })
    }

    /// Stops all writing from now on.
    pub(crate) fn poison(&self, why: &str) {
        if self.poisoned.set(why.to_string()).is_ok() {
            tracing::error!("the stone stops writing: {why}");
        }
    }

    pub(crate) fn check_writable(&self) -> Result<(), StoneError> {
        if matches!(self.backing, Backing::ReadOnly) {
            return Err(StoneError::ReadOnly);
        }
        if let Some(why) = self.poisoned.get() {
            return Err(StoneError::Poisoned(why.clone()));
        }
        if self.stopping.load(Ordering::Acquire) {
            return Err(StoneError::Unavailable("the stone is stopping".into()));
        }
        Ok(())
    }

    /// Whether the repository can change. One in memory has no log and marks its ids all the same, so that the same commits give the same file.
    pub(crate) fn changes(&self) -> bool {
        !matches!(self.backing, Backing::ReadOnly)
    }

    /// The view at which a session reads.
    pub(crate) fn view_of(&self, session: u64) -> Result<u64, StoneError> {
        match self
            .views
            .read()
            .expect("no panic while held")
            .get(&session)
        {
            Some(&REVOKED) => Err(StoneError::TransactionRevoked),
            Some(&OUTSIDE) => Err(StoneError::OutsideTransaction),
            Some(view) => Ok(*view),
            None => Err(StoneError::SessionGone(session)),
        }
    }

    pub(crate) fn set_view(&self, session: u64, view: u64) {
        self.views
            .write()
            .expect("no panic while held")
            .insert(session, view);
    }

    /// Copies into `views` what the sequencer says now of sessions it may have revoked.
    pub(crate) fn mirror_views(&self, core: &Core) {
        let mut views = self.views.write().expect("no panic while held");
        for (id, session) in core.ladder.sequencer.sessions() {
            views.insert(
                id.0,
                match session.hold {
                    Hold::Inside => session.view,
                    Hold::Outside | Hold::Overtaken => OUTSIDE,
                    Hold::Revoked => REVOKED,
                },
            );
        }
    }

    /// Keeps the newest commit readable while `job` reads it.
    pub(crate) fn with_pinned<T>(&self, job: impl FnOnce(Position) -> T) -> T {
        let position = {
            let mut core = self.core();
            core.ladder.sequencer.pin();
            self.store.head()
        };
        let result = job(position);
        self.core().ladder.sequencer.unpin(position.seq);
        result
    }

    /// Packs the backlog into pages.
    pub(crate) fn run_checkpoint(&self) -> Result<stone_store::checkpoint::Checkpoint, StoneError> {
        self.check_writable()?;
        self.checkpoint_unchecked()
    }

    fn checkpoint_unchecked(&self) -> Result<stone_store::checkpoint::Checkpoint, StoneError> {
        if let Backing::Durable { data, .. } = &self.backing {
            data.check_room(self.store.backlog_bytes())?;
        }
        let oldest = self.core().ladder.sequencer.oldest_reading();
        self.store.checkpoint(oldest).map_err(|error| {
            let why = format!(
                "a checkpoint failed: {error}; restart the stone, nothing acknowledged is lost"
            );
            self.poison(&why);
            StoneError::Poisoned(why)
        })
    }

    /// Writes a new base when the logs have outgrown it, and lets go of what it covers.
    pub(crate) fn rotate_base(&self) -> Result<(), StoneError> {
        let Backing::Durable { log, data } = &self.backing else {
            return Ok(());
        };
        if !data.logs_outgrew_base(log.lock().expect("no panic while held").bytes()) {
            return Ok(());
        }
        let segment = self.exclusive(|| {
            let mut log = log.lock().expect("no panic while held");
            // Marks of leased ids in the segments that will go are made again in this one.
            let next_id = self.store.next_id();
            let mut payload = Vec::new();
            Entry::Ids { next_id }.encode(&mut payload);
            self.store.publish(log.renew(&payload, now_ms())?, None);
            self.core().ladder.forget_marks();
            Ok::<_, StoreError>(log.segment())
        });
        let segment = segment.map_err(stone_error)?;
        self.with_pinned(|position| {
            self.store
                .write_dbf(&RealDisk, &data.base(position.seq), position)
        })
        .map_err(stone_error)?;
        // The extent too must not need the segments that go.
        self.run_checkpoint()?;
        log.lock()
            .expect("no panic while held")
            .remove_before(segment)
            .map_err(stone_error)?;
        data.remove_old_bases().map_err(stone_error)
    }

    /// Ends the stone in order: the backlog into pages, the log closed.
    pub fn shut_down(&self) {
        self.stopping.store(true, Ordering::Release);
        let keeper = {
            let mut keeper = self.keeper.lock().expect("no panic while held");
            keeper.ended = true;
            self.keeper_moved.notify_all();
            keeper.thread.take()
        };
        // It holds the engine, and with it the directory's lock.
        if let Some(keeper) = keeper
            && keeper.join().is_err()
        {
            self.poison("the keeper failed inside");
        }
        let Backing::Durable { log, .. } = &self.backing else {
            return;
        };
        if self.poisoned.get().is_some() {
            return;
        }
        self.exclusive(|| {
            let mut log = log.lock().expect("no panic while held");
            let payload = self.core().ladder.closing(&self.store);
            let seq = log.position().seq;
            match log.append(&payload, seq, now_ms(), || ()) {
                Ok(position) => {
                    self.core().ladder.closed(&self.store);
                    self.store.publish(position, None);
                }
                Err(error) => return self.poison(&error.to_string()),
            }
            if let Err(error) = self.checkpoint_unchecked() {
                tracing::warn!("no last checkpoint: {error}");
            }
        });
    }

    pub(crate) fn log(&self) -> Option<MutexGuard<'_, Tranlog>> {
        match &self.backing {
            Backing::Durable { log, .. } => Some(log.lock().unwrap_or_else(|e| e.into_inner())),
            _ => None,
        }
    }

    pub fn data_dir(&self) -> Option<&Path> {
        match &self.backing {
            Backing::Durable { data, .. } => Some(data.path()),
            _ => None,
        }
    }

    pub(crate) fn revoke_older_views(&self) {
        let mut core = self.core();
        for SessionId(id) in core.ladder.sequencer.revoke_older_views() {
            tracing::warn!("session {id}: its view was revoked to let go of old versions");
        }
        self.mirror_views(&core);
    }
}

/// Stands in `views` for a view that was taken away.
pub(crate) const REVOKED: u64 = u64::MAX;
/// Stands there for the view of a session outside a transaction, at which nothing can be read.
pub(crate) const OUTSIDE: u64 = u64::MAX - 1;

/// `MAGLEV_SYNC_DELAY_MS` adds a sleep to every sync of the tranlog, so that benchmarks compare
/// grouping and not disks.
fn sync_delay() -> Duration {
    let ms = std::env::var("MAGLEV_SYNC_DELAY_MS")
        .ok()
        .and_then(|text| text.parse().ok());
    Duration::from_millis(ms.unwrap_or(0))
}

pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64)
}
