//! The sequencer: who sees what, who may commit, who gets which ids. A plain state machine.
//!
//! Must not know: sockets, disks, clocks, threads, what is in a record. What exists in the
//! repository it asks through a closure.

pub mod conflict;
pub mod history;
pub mod lease;
pub mod sequencer;
pub mod session;
pub mod view;

pub use conflict::{Decision, Proposal};
pub use sequencer::Sequencer;
pub use session::{SessionId, TxnError};
pub use view::ViewMove;
