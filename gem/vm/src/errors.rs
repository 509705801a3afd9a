//! How things go wrong inside the machine, and how each becomes an exception of the language.

use format::{ObjectId, Oop, wellknown};
use gem_heap::{HeapError, HostError};
use gem_model::{ModelError, Raise, RaiseClass};

/// Why a primitive or an instruction did not answer a value.
#[derive(Debug)]
pub enum Fail {
    /// Nothing visible happened: run the method's body.
    Fallback,
    /// Raise a new exception.
    Raise(Box<Raise>),
    /// Raise this exception object.
    Throw(Oop),
    /// The object memory refused, most often because an object that was not in memory cannot be had: see [`Heap::fault`](gem_heap::Heap::fault).
    Heap(HeapError),
    /// Frames were changed: the interpreter goes on with the top frame.
    Reenter,
    /// Leave the interpreter.
    Exit(VmExit),
    /// Execute this instruction, which a trap covers; the loop's locals are as the trap found them.
    Covered(gem_bytecode::Instr),
}

/// How the interpreter was left.
#[derive(Debug, Clone, PartialEq)]
pub enum VmExit {
    /// No handler took this exception. The frames of its process are still there.
    Unhandled(Oop),
    /// A debugger's trap, before the instruction that it covers. `Vm::resume` goes on.
    Trap,
    /// A fault of the machine itself.
    Internal(String),
}

impl From<ModelError> for Fail {
    fn from(error: ModelError) -> Fail {
        match error {
            ModelError::NeedsCode => Fail::Fallback,
            ModelError::Raise(raise) => Fail::Raise(raise),
            ModelError::Heap(e) => Fail::Heap(e),
        }
    }
}

impl From<HeapError> for Fail {
    fn from(e: HeapError) -> Fail {
        Fail::Heap(e)
    }
}

/// A failure that raises a well-known class with a message.
#[cold]
pub fn raise(class: ObjectId, message: impl Into<String>) -> Fail {
    raise_class(RaiseClass::Known(class), message)
}

/// A failure that raises with a message.
#[cold]
pub fn raise_class(class: RaiseClass, message: impl Into<String>) -> Fail {
    Fail::Raise(Raise::new(class, message))
}

/// Class and text of the exception for a heap error.
pub(crate) fn heap_error_class(e: &HeapError) -> (ObjectId, String) {
    match e {
        HeapError::Frozen(_) => (wellknown::INVARIANT_ERROR, String::new()),
        HeapError::Host(HostError::Revoked | HostError::Incomplete) => {
            (wellknown::TRANSACTION_REVOKED, e.to_string())
        }
        HeapError::Host(HostError::ReadOnly(_)) => (wellknown::TRANSACTION_ERROR, e.to_string()),
        HeapError::Host(_) | HeapError::NotAClass(_) => {
            (wellknown::REPOSITORY_ERROR, e.to_string())
        }
        HeapError::OutOfMemory { .. } => (
            wellknown::ALMOST_OUT_OF_MEMORY,
            format!("failed to allocate memory: {e}"),
        ),
        HeapError::Full { .. } | HeapError::CodesFull { .. } => {
            (wellknown::ALMOST_OUT_OF_MEMORY, e.to_string())
        }
        HeapError::Bounds => (wellknown::OFFSET_ERROR, e.to_string()),
    }
}
