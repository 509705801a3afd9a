//! The object memory of one gem: allocation, object layout, shapes, load and write barriers, faulting,
//! garbage collection, and turning objects into records and back.
//!
//! Must not know: bytecode, methods, languages, messages, sockets.
//!
//! Invariants (docs/invariants.md): H1 objects never move. H2 a collection happens only inside [`Heap::collect`], which only the
//! interpreter calls, at a safepoint: allocation never collects, so raw oops in Rust locals are safe. H3 registers and Rust locals never
//! hold an object id: only slots do, and every slot read goes through the load barrier. H4 every first change of an old,
//! committed or frozen object passes the write barrier.

mod access;
mod allocate;
mod barrier;
mod block;
mod body;
mod bytes;
mod class_info;
mod class_table;
mod collect;
mod dropped;
mod error;
mod export;
mod fault;
mod heap;
mod host;
mod identity;
mod ivars;
mod large;
mod layout;
mod marker;
mod memo;
mod numbers;
mod pressure;
mod refresh;
mod room;
mod roots;
mod sanitizer;
mod shape;
mod shape_table;
mod stats;
mod symbols;
mod tables;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod texts;
mod verify;
mod weak;

pub use bytes::content_hash;
pub use class_info::{ClassIndex, ClassInfo};
pub use error::{HeapError, HeapResult, HostError};
pub use format::{ObjectId, Oop};
pub use heap::Heap;
pub use host::Host;
pub use identity::Exchange;
pub use layout::{Kind, MAX_INLINE_SLOTS, ObjectRef, flags};
pub use memo::TextMemo;
pub use numbers::mix;
pub use pressure::Stress;
pub use refresh::{ReadyRefresh, Refreshed};
pub use roots::{References, Roots};
pub use shape::{IvarPlace, Shape, ShapeId, Template};
pub use stats::{GcStats, Histogram, Pauses};
pub use verify::Verifier;
