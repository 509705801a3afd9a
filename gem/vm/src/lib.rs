//! The virtual machine: frames, sends, the interpreter loop, argument binding, exceptions, processes.
//!
//! Must not know: the network, the repository's protocol, either compiler, files. It reaches the world through the primitives that
//! its owner passes in.

mod access;
mod args;
mod bind;
mod caches;
mod closures;
mod code;
mod code_check;
mod codes;
mod debug;
mod define;
mod errors;
mod escape;
mod eval;
mod events;
mod exec;
mod extensions;
mod fiber;
mod frame;
mod globals;
mod identity;
mod inspect;
mod interp;
mod load;
mod names;
mod operators;
mod ops;
mod primitive;
mod process;
mod profile;
mod refinements;
mod registers;
mod roots;
mod sends;
mod signal;
mod slice;
mod stored;
mod switch;
mod targets;
mod trace;
mod traps;
mod unwind;
mod verify;
mod vm;
mod wakeups;

pub use args::Args;
pub use closures::{
    DEFINED_METHOD, DEFINEE_SELF, DEFINEE_SINGLETON, FROM_METHOD, FROM_SYMBOL, LAMBDA,
};
pub use code::CodeBlock;
pub use codes::CodeId;
pub use debug::Debug;
pub use errors::{Fail, VmExit, raise, raise_class};
pub use eval::binding;
pub use exec::Exec;
pub use extensions::Extensions;
pub use frame::{Frame, frame_flags};
pub use gem_heap::{Heap, HeapError, HeapResult, Oop, ShapeId, Stress};
pub use primitive::{PrimResult, PrimitiveFn, PrimitiveRow};
pub use process::{PRIORITY_NORMAL, ProcessId, ProcessState};
pub use profile::{ProfileResult, Tally};
pub use stored::NotStorable;
pub use targets::{NEVER_MADE, NOT_MADE_BY_RUBY};
pub use trace::Location;
pub use traps::Traps;
pub use vm::{Vm, VmOptions};
