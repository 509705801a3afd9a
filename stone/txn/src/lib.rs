//! The sequencer: who sees what, who may commit, who gets which ids; and the ladder that commits climb to the log. Plain state machines.
//!
//! Must not know: sockets, disks, clocks, threads. Of a record it knows its id and its class; what exists it is told with the commit.

pub mod conflict;
pub mod error;
pub mod fate;
pub mod history;
pub mod ladder;
pub mod lease;
pub mod request;
pub mod sequencer;
pub mod session;
pub mod view;
pub mod wire;

pub use conflict::{Decision, Proposal};
pub use fate::{Fate, Fates};
pub use ladder::{Answer, Ask, CommitAsk, Ladder, Round, Unlogged};
pub use request::{Interned, Lease, Wanted, intern};
pub use sequencer::Sequencer;
pub use session::{SessionId, TxnError};
pub use view::ViewMove;
