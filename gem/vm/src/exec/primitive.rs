//! How a primitive looks to the machine.

use crate::{Args, Fail, Vm};
use format::Oop;

/// `Ok(value)`: done. `Err(Fail::Fallback)`: nothing visible happened, run the method's body. Other failures raise or reenter.
pub type PrimResult = Result<Oop, Fail>;

/// A primitive. `args` names the receiver (0) and the bound parameters (1 ..= count) in the register stack.
///
/// A primitive does all its checks, faults and allocations before its first visible write, and never runs
/// bytecode itself: to call something it asks the machine (`Vm::tail_send`, `Vm::tail_block`, …) and answers what that answers.
pub type PrimitiveFn = fn(&mut Vm, Args) -> PrimResult;

/// A row of a primitive table: name (lower camel case), function, and why it is not written in Smalltalk or Ruby.
#[derive(Clone, Copy)]
pub struct PrimitiveRow {
    pub name: &'static str,
    pub function: PrimitiveFn,
    pub reason: &'static str,
}
