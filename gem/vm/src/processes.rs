//! Green processes and fibers: those that do not run, who waits for what, and how the machine goes from one to the other.

pub(crate) mod asking;
pub(crate) mod events;
pub(crate) mod fiber;
pub(crate) mod process;
pub(crate) mod slice;
pub(crate) mod stored;
pub(crate) mod switch;
pub(crate) mod wakeups;
