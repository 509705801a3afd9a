//! The one instruction set of the virtual machine, the compiled form both compilers produce,
//! and its encoding, verification and listing.
//!
//! Must not know: the heap, the interpreter, either language's syntax.
//!
//! `docs/bytecode.md` explains the register and calling conventions.

mod assembler;
mod code;
mod disassemble;
mod encode;
mod instr;
mod liveness;
mod op;
mod verify;

pub use assembler::{Assembler, Label};
pub use code::{
    CallSite, Code, CodeKind, Handler, HandlerKind, KeyRest, Literal, Params, camel_case,
    site_flags,
};
pub use disassemble::disassemble;
pub use encode::{DecodeError, decode, encode, primitive_of};
pub use instr::Instr;
pub use liveness::{LiveSet, Liveness};
pub use op::{Op, Operands};
pub use verify::{VerifyError, verify};

/// Register 0 of every frame holds the receiver.
pub const SELF: u16 = 0;
/// In `SetConst`, "the innermost lexical module" instead of a register.
pub const CREF: u16 = u16::MAX;
/// Environment of Smalltalk methods.
pub const ENV_SMALLTALK: u8 = 0;
/// Environment of Ruby methods.
pub const ENV_RUBY: u8 = 1;
