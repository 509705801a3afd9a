//! One session: a machine over a stone. Login, faults, commit and abort, installing what the compilers make,
//! classes from definitions, the two languages' entry points, and the first objects of a repository.
//!
//! Must not know: how a stone is reached or started, command lines, terminals.
//!
//! Reading order: `session`, `host`, `cache` and `survival` (objects come in), `commit`, `symbols`, `abort`, `walk`, `persistable`, `view`, `stale` (objects go out and
//! change under us), `line` and `fate` (the stone goes away), `install` and `scope` (compiled code becomes objects), `smalltalk`, `ruby`, `define`, `genesis`, `scan` (walks over the whole repository), `primitives`.

mod abort;
mod cache;
mod commit;
mod define;
mod encode;
mod error;
mod eval;
mod fate;
mod frame_text;
mod genesis;
mod guard;
mod host;
mod install;
mod line;
mod literals;
mod path;
mod persistable;
mod prefetch;
mod primitives;
mod replay;
mod replay_log;
mod report;
mod ruby;
mod ruby_text;
mod scan;
mod scope;
mod session;
mod smalltalk;
mod stale;
mod state;
mod survival;
mod symbol_list;
mod symbols;
mod transaction;
mod view;
mod walk;

pub use abort::{abort, begin, rest, resume};
pub use commit::{Committed, commit};
pub use define::{NewClass, define_class, make_class};
pub use error::SessionError;
pub use fate::{Outcome, Token};
pub use frame_text::{compile_ruby_in_frame, compile_smalltalk_in_frame};
pub use gem_primitives::flush_output;
pub use gem_vm::Stress;
pub use genesis::create_first_objects;
pub use guard::{InternalError, discard, guarded, quiet_panics};
pub use path::describe;
pub use persistable::Refusal;
pub use report::{ConflictReport, ConflictRow};
pub use ruby::RubyEnd;
pub use ruby_text::{check_ruby, is_ruby_unfinished, ruby_data_offset};
pub use session::{LoginOptions, Session};
pub use smalltalk::{MethodPlace, compile_method, compile_method_named};
pub use state::SessionState;
pub use survival::KERNEL_IDS_END;
pub use symbol_list::{global_association, global_at, global_at_put};
pub use transaction::needs_commit;

#[cfg(test)]
mod tests;
