//! The repository on disk: pages, object table, symbols, tranlog, checkpoint, recovery, `.dbf`.
//!
//! Must not know: sessions, conflicts, messages, sockets, clocks, threads. Files go through [`Disk`], so
//! that a simulation owns them; time comes in as a number. Invariants: `docs/invariants.md`.

pub mod audit;
pub mod checkpoint;
pub mod dbf_extent;
pub mod dbf_writer;
pub mod disk;
pub mod entry;
pub mod error;
pub mod extent;
pub mod fault;
pub mod frame;
mod map;
pub mod place;
mod reader;
pub mod recovery;
pub mod replay;
pub mod sled_extent;
pub mod store;
pub mod symbols;
pub mod table;
pub mod tokens;
pub mod tranlog;
pub mod versions;
pub mod write_set;

pub use disk::{Disk, DiskFile, RealDisk};
pub use error::StoreError;
pub use extent::{Extent, MemoryExtent, Meta};
pub use place::Place;
pub use store::{Existence, Standing, Store};
pub use tranlog::{Tranlog, Writer};
pub use write_set::WriteSet;
