//! The vocabulary every floor shares: oops, object records, page and file formats,
//! well-known objects, error numbers, limits, and the messages between `gem` and `stone`.
//!
//! Must not know: sockets, disks, threads, the virtual machine.

pub mod errors;
pub mod limits;
pub mod oop;
pub mod record;
pub mod wellknown;

pub use oop::{ObjectId, Oop};
pub use record::{Format, Record, RecordView};
