//! The bodies of the instructions, by family. Each takes the machine, the loop's locals and the instruction; what is not the
//! fast path is in a cold function.

pub(crate) mod arithmetic;
pub(crate) mod arrays;
pub(crate) mod calls;
pub(crate) mod comparison;
pub(crate) mod definitions;
pub(crate) mod exceptions;
pub(crate) mod jumps;
pub(crate) mod moves;
pub(crate) mod names;
pub(crate) mod strings;
pub(crate) mod traps;
pub(crate) mod variables;
pub(crate) mod windows;

use crate::errors::Fail;

/// `Ok`: go on with the next instruction. `Err`: the loop's locals are read again, or an exception is raised.
pub(crate) type Step = Result<(), Fail>;
