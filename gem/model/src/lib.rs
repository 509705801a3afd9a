//! The model: what needs no frame. Objects, classes and their methods, constants, globals, hash tables, symbol dictionaries.
//!
//! Must not know: frames, processes, loaded code, the interpreter. Whatever takes code of the program to decide is refused
//! (`ModelError::NeedsCode`), and the machine above runs that code. `&Heap` reads, `&mut Model` may fault objects in.

mod classes;
mod errors;
mod held;
mod model;
mod names;
mod selectors;
mod tables;

pub use classes::{ClassMeta, Classes, MethodEntry, MethodTable, Refinement, Visibility};
pub use errors::{ModelError, Raise, RaiseClass};
pub use model::{Model, ModelRoots};
pub use names::Globals;
pub use selectors::Selectors;
pub use tables::{HASH_MASK, HashKey};
