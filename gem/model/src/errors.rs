//! Why the model did not do what it was asked for.

use format::{ObjectId, Oop};
use gem_heap::HeapError;

/// See the module text.
#[derive(Debug)]
pub enum ModelError {
    /// It takes code of the program to decide, and nothing visible happened.
    NeedsCode,
    /// The program gets a new exception.
    Raise(Box<Raise>),
    /// The object memory refused, most often because an object that was not in memory cannot be had: see [`Heap::fault`](gem_heap::Heap::fault).
    Heap(HeapError),
}

/// An exception to be made.
#[derive(Debug)]
pub struct Raise {
    pub class: RaiseClass,
    pub message: String,
    pub receiver: Oop,
    pub selector: Oop,
    pub value: Oop,
}

/// Which class.
#[derive(Debug, Clone, Copy)]
pub enum RaiseClass {
    Known(ObjectId),
    Class(Oop),
}

impl Raise {
    /// An exception of a class with a message and nothing else.
    #[cold]
    pub fn new(class: RaiseClass, message: impl Into<String>) -> Box<Raise> {
        Box::new(Raise {
            class,
            message: message.into(),
            receiver: Oop::NIL,
            selector: Oop::NIL,
            value: Oop::NIL,
        })
    }
}

impl From<HeapError> for ModelError {
    fn from(e: HeapError) -> ModelError {
        ModelError::Heap(e)
    }
}

/// An error that raises a well-known class with a message.
#[cold]
pub(crate) fn raise(class: ObjectId, message: impl Into<String>) -> ModelError {
    ModelError::Raise(Raise::new(RaiseClass::Known(class), message))
}
