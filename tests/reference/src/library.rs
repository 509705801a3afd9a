//! What a language adds to the machine.

use crate::{Machine, Outcome, Value};

/// A call about to be made: what a send's window held.
#[derive(Clone, Default)]
pub struct Call {
    /// Of the selector: 0 Smalltalk, 1 Ruby.
    pub environment: u8,
    pub args: Vec<Value>,
    /// Not empty.
    pub keywords: Option<Vec<(Value, Value)>>,
    /// A closure or nil.
    pub block: Value,
    /// A send to super.
    pub upward: bool,
}

impl Call {
    pub fn new(environment: u8, args: Vec<Value>) -> Call {
        Call {
            environment,
            args,
            ..Call::default()
        }
    }

    /// An argument, nil when it is absent.
    pub fn arg(&self, index: usize) -> Value {
        self.args.get(index).cloned().unwrap_or_default()
    }
}

/// Why the machine raises. Each language has its own exceptions for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    NotUnderstood,
    WrongArguments,
    /// A condition of Smalltalk that is no Boolean.
    NotBoolean,
    /// `yield` without a block.
    NoBlock,
    /// ReturnHome to a frame that has returned.
    DeadHome,
    /// BreakBlock to a call that has ended.
    DeadCall,
    /// `throw` to a tag that nobody catches.
    UncaughtThrow,
    MissingConstant,
    MissingClassVariable,
    /// A module, class or superclass that is something else.
    NotModule,
    /// A block argument that is none.
    NotBlock,
    /// `super` outside of a method.
    NoMethodAround,
    TooDeep,
}

/// See the module text.
pub trait Library: Sized {
    /// What no method of the program answers. `None`: the receiver does not understand it.
    fn send(
        vm: &mut Machine<Self>,
        receiver: &Value,
        selector: &str,
        call: &Call,
    ) -> Option<Outcome>;

    /// The exception for an error of the machine.
    fn exception(vm: &mut Machine<Self>, kind: ErrorKind, text: &str) -> Value;

    /// A method's primitive. `None`: the method's code runs.
    fn primitive(
        _: &mut Machine<Self>,
        _name: &str,
        _receiver: &Value,
        _: &Call,
    ) -> Option<Outcome> {
        None
    }

    /// Whether the `on:` argument of a handler takes the exception.
    fn handles(_: &Machine<Self>, _filter: &Value, _exception: &Value) -> bool {
        false
    }

    /// Whether the library answers such a send.
    fn responds(_: &Machine<Self>, _receiver: &Value, _selector: &str) -> bool {
        false
    }

    /// How messages call a value, when not by the name of its class.
    fn name_of(_: &Value) -> Option<String> {
        None
    }

    /// Name of the class of a value that is neither an object nor a class.
    fn class_name(value: &Value) -> &'static str {
        match value {
            Value::Nil => "NilClass",
            Value::True | Value::False => "Boolean",
            Value::Int(_) => "Integer",
            Value::Float(_) => "Float",
            Value::Symbol(_) => "Symbol",
            Value::String(_) => "String",
            Value::Array(_) => "Array",
            Value::Hash(_) => "Hash",
            Value::Range(_) => "Range",
            Value::Closure(_) => "Proc",
            Value::Binding(_) => "Binding",
            _ => "Object",
        }
    }
}
