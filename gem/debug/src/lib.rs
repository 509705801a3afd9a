//! The debugger's eyes: the stack of a process that stopped at an unhandled exception, its frames, their variables, the source
//! that runs in them, and how the process goes on or ends.
//!
//! Must not know: terminals, sessions, files, either compiler. It reads the machine and changes what it is asked to.
//!
//! Levels count from 1, the innermost frame, as GemStone's topaz counts them.

mod listing;
mod stopped;
mod variables;

pub use listing::Listing;
pub use stopped::Stopped;
pub use variables::{Variable, VariableError};

#[cfg(test)]
mod tests;
