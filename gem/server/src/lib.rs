//! The program `gem`: where a session lives, and Ruby's, Smalltalk's and irb's command lines.
//!
//! Must not know: object memory, bytecode, how a stone stores.
//!
//! Reading order: `place`, `memory` and `open` (a session), `command` (dispatch), `ruby_options`, `ruby_program`, `ruby_command`,
//! `smalltalk_command`, `irb`.

mod command;
mod interrupt;
mod irb;
mod memory;
mod open;
mod place;
mod ruby_command;
mod ruby_options;
mod ruby_program;
mod smalltalk_command;

pub use command::run;
pub use interrupt::{end_while_idle, listen};
pub use irb::{Conversation, Input};
pub use open::{open_session, run_smalltalk};
pub use place::SessionPlace;
pub use stone_server::console;
