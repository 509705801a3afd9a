//! The virtual machine: frames, sends, the interpreter loop, argument binding, exceptions, processes.
//!
//! Must not know: the network, the repository's protocol, either compiler, files. It reaches the world through the primitives that
//! its owner passes in.

mod codes;
mod debug;
mod errors;
mod exec;
mod identity;
mod options;
mod processes;
mod roots;
mod vm;

pub use codes::CodeId;
pub use codes::code::CodeBlock;
pub use codes::targets::{NEVER_MADE, NOT_MADE_BY_RUBY};
pub use debug::Debug;
pub use debug::profile::{ProfileResult, Tally};
pub use debug::trace::Location;
pub use debug::traps::Traps;
pub use errors::{Fail, VmExit, raise, raise_class};
pub use exec::Exec;
pub use exec::args::Args;
pub use exec::block_flags::{
    DEFINED_METHOD, DEFINEE_SELF, DEFINEE_SINGLETON, FROM_METHOD, FROM_SYMBOL, LAMBDA,
};
pub use exec::eval::binding;
pub use exec::extensions::Extensions;
pub use exec::frame::{Frame, frame_flags};
pub use exec::primitive::{PrimResult, PrimitiveFn, PrimitiveRow};
pub use gem_heap::{Heap, HeapError, HeapResult, Oop, ShapeId, Stress};
pub use options::VmOptions;
pub use processes::process::{PRIORITY_NORMAL, ProcessId, ProcessState};
pub use processes::stored::NotStorable;
pub use vm::Vm;
