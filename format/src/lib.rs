//! What an object is wherever it lies, in a page, in a log, in a gem's memory: oops, object records, page and file formats,
//! well-known objects, error numbers, and every limit. The vocabulary that all floors share.
//!
//! Must not know: disks, the virtual machine, messages, sockets, threads. Object memory stands on this crate alone, so what it
//! depends on everybody compiles: no wire, no runtime.

pub mod dbf;
pub mod errors;
pub mod limits;
pub mod oop;
pub mod page;
pub mod record;
pub mod version;
pub mod wellknown;

pub use oop::{ObjectId, Oop};
pub use record::{Format, Record, RecordView};
