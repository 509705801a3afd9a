//! The stone put together: store and sequencer behind threads, locks, sockets and the clock.
//!
//! Ways to a [`Stone`] in this process: [`embedded`], [`seed_new`], [`in_memory`], [`read_only`].
//! `proto::client::GrpcStone` is the way to one in another.

mod connection;
pub mod console;
pub mod data_dir;
mod engine;
mod group;
pub mod grpc;
mod keeper;
pub mod places;
mod requests;

pub use engine::Engine;

use data_dir::DataDir;
use engine::{Backing, Birth};
use proto::service::{Stone, StoneError};
use std::path::Path;
use std::sync::{Arc, Mutex};
use stone_store::dbf_extent::{DbfExtent, import};
use stone_store::{Extent, MemoryExtent, Store};
use stone_txn::Fates;
use stone_txn::error::stone_error;

/// An engine that shuts down in order when its last user lets go of it.
struct Embedded {
    engine: Arc<Engine>,
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.engine.shut_down();
    }
}

macro_rules! forward {
    ($($group:ident { $($(#[$doc:meta])* $name:ident: $request:ident => $reply:ident,)+ })+) => {
        impl Stone for Embedded {$($(
            fn $name(
                &self,
                request: proto::messages::$request,
            ) -> Result<proto::messages::$reply, StoneError> {
                self.engine.$name(request)
            }
        )+)+}
    };
}

proto::stone_requests!(forward);

/// Opens the stone of a data directory; a fresh one begins with `seed`'s content.
///
/// # Errors
/// `Refused` when another stone has the directory or there is nothing to seed from, `Damaged`
/// when what is there cannot be believed.
pub fn open_engine(
    name: &str,
    data_dir: &Path,
    seed: Option<&Path>,
) -> Result<Arc<Engine>, StoneError> {
    let data = DataDir::lock(data_dir)?;
    if data.is_fresh()? {
        let Some(seed) = seed else {
            return Err(StoneError::Refused(format!(
                "{} is empty and there is no image to seed it from; give --seed FILE.dbf",
                data_dir.display()
            )));
        };
        data.seed(Some(seed))?;
    }
    start_engine(name, data)
}

fn start_engine(name: &str, data: DataDir) -> Result<Arc<Engine>, StoneError> {
    let opened = data.open()?;
    let backing = Backing::Durable {
        log: Box::new(Mutex::new(opened.log)),
        data,
    };
    let birth = Birth {
        incarnation: data_dir::random_id()?,
        fates: Fates::recovered(
            opened.replayed.tokens_since,
            opened
                .replayed
                .commits_by_token
                .iter()
                .map(|commit| (commit.token, commit.seq)),
        ),
    };
    let engine = Arc::new(Engine::new(name, opened.store, backing, birth));
    keeper::start(&engine)
        .map_err(|e| StoneError::Unavailable(format!("cannot start a thread: {e}")))?;
    Ok(engine)
}

/// An embedded stone on a data directory. An empty or absent one is seeded from `seed`.
///
/// # Errors
/// `Refused` when another stone has the directory or there is nothing to seed from, `Damaged`
/// when what is there cannot be believed, `Unavailable` when it cannot be read.
pub fn embedded(data_dir: &Path, seed: Option<&Path>) -> Result<Arc<dyn Stone>, StoneError> {
    let engine = open_engine("embedded", data_dir, seed)?;
    Ok(Arc::new(Embedded { engine }))
}

/// An embedded stone on an empty data directory, with no object in it at all: where
/// image-builder begins. Leases start at `limits::FIRST_FREE_ID`.
///
/// # Errors
/// `Refused` when the directory is not empty.
pub fn seed_new(data_dir: &Path) -> Result<Arc<dyn Stone>, StoneError> {
    let data = DataDir::lock(data_dir)?;
    if !data.is_fresh()? {
        let text = format!("{} holds a repository already", data_dir.display());
        return Err(StoneError::Refused(text));
    }
    data.seed(None)?;
    Ok(Arc::new(Embedded {
        engine: start_engine("embedded", data)?,
    }))
}

/// A repository in memory only: no files, no durability, the same behaviour otherwise
/// (`backup` writes a real `.dbf`). Begins with `seed`'s objects, or with none.
///
/// # Errors
/// `Damaged` or `Unavailable` for a seed that cannot be read.
pub fn in_memory(seed: Option<&Path>) -> Result<Arc<dyn Stone>, StoneError> {
    let extent = MemoryExtent::default();
    if let Some(path) = seed {
        import(&DbfExtent::open(path).map_err(stone_error)?, &extent).map_err(stone_error)?;
    }
    Ok(Arc::new(memory_engine(Box::new(extent), Backing::Memory)?))
}

/// A `.dbf` file, mapped and read-only. Opens in about a millisecond whatever its size; page
/// checksums are verified when a page is first read. Commits answer `ReadOnly`; leases and
/// symbols work, in memory only.
///
/// # Errors
/// `Unavailable` when the file cannot be opened, `Damaged` when it is no repository.
pub fn read_only(dbf: &Path) -> Result<Arc<dyn Stone>, StoneError> {
    let extent = DbfExtent::open(dbf).map_err(stone_error)?;
    Ok(Arc::new(memory_engine(
        Box::new(extent),
        Backing::ReadOnly,
    )?))
}

fn memory_engine(extent: Box<dyn Extent>, backing: Backing) -> Result<Engine, StoneError> {
    let store = Store::open(extent).map_err(stone_error)?;
    Ok(Engine::new(
        "in memory",
        store,
        backing,
        Birth::without_log()?,
    ))
}
