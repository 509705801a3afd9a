//! The debugger: the stack of a process that stopped, or of any other, its frames, their variables, the source that runs in
//! them; breakpoints and steps; how a process goes on or ends. `docs/debugger.md` shows it from outside.
//!
//! Must not know: terminals, sessions, files, either compiler. It reads the machine and changes what it is asked to.
//!
//! Reading order: `stopped`, `variables`, `listing` (looking), `debugger` (running), `breakpoints`, `stepping`.
//!
//! Levels count from 1, the innermost frame, as GemStone's topaz counts them.

mod breakpoints;
mod debugger;
mod listing;
mod stepping;
mod stopped;
mod variables;

pub use breakpoints::{Breakpoint, Breakpoints, StepPoint, step_points};
pub use debugger::{Debugger, Run};
pub use listing::Listing;
pub use stepping::StepKind;
pub use stopped::{Stopped, Why};
pub use variables::{Scope, Variable, VariableError};

#[cfg(test)]
mod tests;
