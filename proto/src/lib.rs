//! The vocabulary every floor shares: oops, object records, page and file formats,
//! well-known objects, error numbers, limits, and the messages between `gem` and `stone`.
//!
//! Must not know: disks, the virtual machine; sockets and threads only in `client`.

pub mod client;
pub mod dbf;
pub mod errors;
pub mod limits;
pub mod messages;
pub mod oop;
pub mod page;
pub mod record;
pub mod service;
pub mod version;
pub mod wellknown;

pub use oop::{ObjectId, Oop};
pub use record::{Format, Record, RecordView};
