//! topaz: the command line and debugger for administrators, over one or more sessions.
//!
//! Reading order: `topaz` (the engine), `command` (the table of commands), `commands` (what they do, a family a file),
//! `session` (what they need of a session), `gem` (a real session).
//!
//! Must not know: object memory, bytecode, the wire. They are behind `session::Session`.

pub mod command;
mod commands;
pub mod errors;
pub mod expectation;
pub mod gem;
pub mod input;
pub mod output;
pub mod session;
pub mod settings;
pub mod specification;
pub mod text;
pub mod topaz;

#[cfg(test)]
mod tests;
