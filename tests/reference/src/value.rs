//! Values of both languages, and how control leaves frames.

use crate::frame::Loaded;
use gem_bytecode::Literal;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

#[derive(Clone, Default)]
pub enum Value {
    /// The mark of an absent argument.
    Undef,
    #[default]
    Nil,
    True,
    False,
    Int(i64),
    Float(f64),
    Symbol(Rc<str>),
    String(Rc<RefCell<String>>),
    /// A literal of a kind that the machine does not look into.
    Other(Rc<str>),
    Array(Rc<RefCell<Vec<Value>>>),
    Hash(Rc<RefCell<Vec<(Value, Value)>>>),
    Range(Rc<(Value, Value, bool)>),
    Closure(Rc<Closure>),
    Class(Rc<Class>),
    Object(Rc<Object>),
    Binding(Rc<Binding>),
    /// What an ensure body interrupts.
    Pending(Rc<Unwind>),
}

/// Control that leaves frames.
#[derive(Clone)]
pub enum Unwind {
    /// An exception that nobody has looked for a handler of yet: what a library or an instruction answers.
    Raise(Value),
    /// To the handler of that number in the frame.
    Handler {
        frame: u64,
        handler: usize,
        value: Value,
    },
    /// To the frame, which returns the value.
    Return { frame: u64, value: Value },
    /// To the call, whose value it becomes.
    Break { call: u64, value: Value },
    /// Nobody handles the exception: all frames go, and run their ensure bodies.
    Unhandled(Value),
}

pub type Outcome = Result<Value, Unwind>;

pub struct Class {
    pub name: String,
    pub superclass: Option<Rc<Class>>,
    pub is_module: bool,
    /// By environment and selector.
    pub methods: RefCell<HashMap<(u8, String), Body>>,
    pub constants: RefCell<HashMap<String, Value>>,
    pub variables: RefCell<HashMap<String, Value>>,
    pub ivars: RefCell<HashMap<String, Value>>,
    pub singleton: RefCell<Option<Rc<Class>>>,
    /// Whether this is the class of one object.
    pub of_one: bool,
}

impl Class {
    pub fn new(name: &str, superclass: Option<Rc<Class>>) -> Class {
        Class {
            name: name.into(),
            superclass,
            is_module: false,
            methods: RefCell::default(),
            constants: RefCell::default(),
            variables: RefCell::default(),
            ivars: RefCell::default(),
            singleton: RefCell::default(),
            of_one: false,
        }
    }

    /// This class and those above it.
    pub fn chain(self: &Rc<Class>) -> impl Iterator<Item = Rc<Class>> + use<> {
        std::iter::successors(Some(self.clone()), |class| class.superclass.clone())
    }
}

/// What a method is.
#[derive(Clone)]
pub enum Body {
    /// With the lexical scope of its definition.
    Code(Rc<Loaded>, Rc<Vec<Rc<Class>>>),
    /// `define_method`
    Closure(Rc<Closure>),
    /// The library's, under this name.
    Native(Rc<str>),
    /// `undef`: lookup ends here.
    Undefined,
}

pub struct Object {
    pub class: Rc<Class>,
    /// Declared variables.
    pub slots: RefCell<Vec<Value>>,
    pub ivars: RefCell<HashMap<String, Value>>,
    pub singleton: RefCell<Option<Rc<Class>>>,
}

pub struct Env {
    pub names: Vec<String>,
    pub variables: RefCell<Vec<Value>>,
    pub parent: Option<Rc<Env>>,
}

/// What blocks find of their home.
pub struct Home {
    /// The block given.
    pub block: Value,
    pub name: String,
    /// The class whose method it is.
    pub owner: Option<Rc<Class>>,
    /// Modules around the text, the innermost last.
    pub scope: Rc<Vec<Rc<Class>>>,
    /// `$~` and `$_`
    pub specials: RefCell<[Value; 2]>,
}

impl Home {
    pub fn new(
        name: &str,
        owner: Option<Rc<Class>>,
        scope: Rc<Vec<Rc<Class>>>,
        block: Value,
    ) -> Home {
        Home {
            block,
            name: name.to_string(),
            owner,
            scope,
            specials: RefCell::new([Value::Nil, Value::Nil]),
        }
    }

    pub fn module(&self) -> Rc<Class> {
        self.scope.last().expect("a scope has a module").clone()
    }
}

pub struct Closure {
    pub code: Rc<Loaded>,
    pub env: Option<Rc<Env>>,
    pub receiver: Value,
    pub home: Rc<Home>,
    pub lambda: Cell<bool>,
    /// The frame that ReturnHome leaves.
    pub returns_to: u64,
    /// The call that BreakBlock ends, 0 for none.
    pub call: Cell<u64>,
    /// `&:symbol`: what is sent to the first argument.
    pub symbol: Option<Rc<str>>,
}

/// What code that runs in a frame later needs of it.
pub struct Binding {
    pub receiver: Value,
    pub env: Option<Rc<Env>>,
    pub home: Rc<Home>,
    pub returns_to: u64,
}

impl Binding {
    /// Names of the variables by environment, the innermost first.
    pub fn names(&self) -> Vec<Vec<String>> {
        let outward = |env: &Rc<Env>| env.parent.clone();
        std::iter::successors(self.env.clone(), outward)
            .map(|env| env.names.clone())
            .collect()
    }
}

impl Value {
    /// The object of a literal.
    pub fn of(literal: &Literal) -> Value {
        match literal {
            Literal::Nil => Value::Nil,
            Literal::True => Value::True,
            Literal::False => Value::False,
            Literal::Integer(i) => match i64::try_from(i) {
                Ok(small) => Value::Int(small),
                Err(_) => Value::Other(i.to_string().into()),
            },
            Literal::Float(f) => Value::Float(*f),
            Literal::Symbol(s) => Value::symbol(s),
            Literal::String { bytes, .. } => Value::string(&String::from_utf8_lossy(bytes)),
            Literal::Array(items) => Value::array(items.iter().map(Value::of).collect()),
            Literal::Range {
                low,
                high,
                exclusive,
            } => Value::Range(Rc::new((Value::of(low), Value::of(high), *exclusive))),
            other => Value::Other(format!("{other:?}").into()),
        }
    }

    pub fn bool(truth: bool) -> Value {
        if truth { Value::True } else { Value::False }
    }

    pub fn symbol(name: &str) -> Value {
        Value::Symbol(name.into())
    }

    pub fn string(text: &str) -> Value {
        Value::String(Rc::new(RefCell::new(text.to_string())))
    }

    pub fn array(items: Vec<Value>) -> Value {
        Value::Array(Rc::new(RefCell::new(items)))
    }

    pub fn hash(pairs: Vec<(Value, Value)>) -> Value {
        Value::Hash(Rc::new(RefCell::new(pairs)))
    }

    /// Neither nil nor false.
    pub fn is_truthy(&self) -> bool {
        !matches!(self, Value::Nil | Value::False)
    }

    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    /// Whether both are one object.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Symbol(a), Value::Symbol(b)) | (Value::Other(a), Value::Other(b)) => a == b,
            (Value::String(a), Value::String(b)) => Rc::ptr_eq(a, b),
            (Value::Array(a), Value::Array(b)) => Rc::ptr_eq(a, b),
            (Value::Hash(a), Value::Hash(b)) => Rc::ptr_eq(a, b),
            (Value::Range(a), Value::Range(b)) => Rc::ptr_eq(a, b),
            (Value::Closure(a), Value::Closure(b)) => Rc::ptr_eq(a, b),
            (Value::Class(a), Value::Class(b)) => Rc::ptr_eq(a, b),
            (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
            (Value::Binding(a), Value::Binding(b)) => Rc::ptr_eq(a, b),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other) && self.is_single(),
        }
    }

    /// Whether the kind has one value only.
    fn is_single(&self) -> bool {
        matches!(self, Value::Undef | Value::Nil | Value::True | Value::False)
    }

    /// Whether both are the same key of a Hash: numbers, symbols and strings by what they say, all others by identity.
    pub fn same_key(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::String(a), Value::String(b)) => *a.borrow() == *b.borrow(),
            _ => self.same(other),
        }
    }
}
