//! A small, slow, strict interpreter of compiled code, to run programs with. It does what `docs/bytecode.md` says and nothing to
//! help: registers above a send's window are destroyed, and reading a destroyed or never written register is an error.
//!
//! Not a model for the real machine: it recurses and clones.

mod bind;
mod builtins;
mod collections;
mod definitions;
mod library;
mod objects;
mod run;
mod sends;

use gem_bytecode::Code;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

#[derive(Clone)]
pub enum V {
    /// What a register holds that nobody may read.
    Trash,
    Undef,
    Nil,
    True,
    False,
    Int(i64),
    Sym(Rc<str>),
    Str(Rc<RefCell<String>>),
    Arr(Rc<RefCell<Vec<V>>>),
    Hash(Rc<RefCell<Vec<(V, V)>>>),
    Range(Rc<(V, V, bool)>),
    Proc(Rc<Closure>),
    Class(Rc<Class>),
    Obj(Rc<Obj>),
    Pending(Rc<Unwind>),
}

/// Control that leaves frames.
#[derive(Clone)]
pub enum Unwind {
    Raise(V),
    /// To the frame with this number, which returns the value.
    Return(usize, V),
    /// To the call with this number, whose value it becomes.
    Break(usize, V),
}

pub type Outcome = Result<V, Unwind>;

pub struct Class {
    pub name: String,
    pub superclass: Option<Rc<Class>>,
    pub methods: RefCell<HashMap<String, Method>>,
    pub singleton: RefCell<HashMap<String, Method>>,
    pub constants: RefCell<HashMap<String, V>>,
    pub variables: RefCell<HashMap<String, V>>,
}

impl Class {
    pub fn plain(name: &str, superclass: Option<Rc<Class>>) -> Class {
        Class {
            name: name.into(),
            superclass,
            methods: RefCell::default(),
            singleton: RefCell::default(),
            constants: RefCell::default(),
            variables: RefCell::default(),
        }
    }
}

#[derive(Clone)]
pub enum Method {
    Code(Rc<Code>, Rc<Vec<Rc<Class>>>, Rc<Class>),
    Proc(Rc<Closure>),
    Undefined,
    Reader(String),
    Writer(String),
}

pub struct Obj {
    pub class: Rc<Class>,
    pub ivars: RefCell<HashMap<String, V>>,
    pub singleton: RefCell<HashMap<String, Method>>,
}

pub struct Env {
    pub names: Vec<String>,
    pub vars: RefCell<Vec<V>>,
    pub parent: Option<Rc<Env>>,
}

/// What blocks find of their home.
pub struct Home {
    pub block: V,
    pub name: String,
    pub owner: Option<Rc<Class>>,
    pub cref: Rc<Vec<Rc<Class>>>,
    pub specials: RefCell<[V; 2]>,
}

pub struct Closure {
    pub code: Rc<Code>,
    pub env: Option<Rc<Env>>,
    pub receiver: V,
    pub home: Rc<Home>,
    pub lambda: Cell<bool>,
    /// The frame that `return` leaves.
    pub returns_to: usize,
    /// The call that `break` ends.
    pub breaks: Cell<usize>,
    /// `&:symbol`
    pub symbol: Option<Rc<str>>,
}

pub struct Machine {
    pub out: String,
    pub object: Rc<Class>,
    pub globals: HashMap<String, V>,
    pub once: HashMap<String, V>,
    pub at_exit: Vec<V>,
    pub err_info: V,
    pub serial: usize,
    pub depth: usize,
}

pub fn str(text: &str) -> V {
    V::Str(Rc::new(RefCell::new(text.to_string())))
}

pub fn sym(text: &str) -> V {
    V::Sym(text.into())
}

pub fn arr(items: Vec<V>) -> V {
    V::Arr(Rc::new(RefCell::new(items)))
}

pub fn truth(value: bool) -> V {
    if value { V::True } else { V::False }
}

impl V {
    pub fn truthy(&self) -> bool {
        !matches!(self, V::Nil | V::False)
    }

    pub fn same(&self, other: &V) -> bool {
        match (self, other) {
            (V::Nil, V::Nil) | (V::True, V::True) | (V::False, V::False) | (V::Undef, V::Undef) => {
                true
            }
            (V::Int(a), V::Int(b)) => a == b,
            (V::Sym(a), V::Sym(b)) => a == b,
            (V::Str(a), V::Str(b)) => Rc::ptr_eq(a, b),
            (V::Arr(a), V::Arr(b)) => Rc::ptr_eq(a, b),
            (V::Hash(a), V::Hash(b)) => Rc::ptr_eq(a, b),
            (V::Proc(a), V::Proc(b)) => Rc::ptr_eq(a, b),
            (V::Class(a), V::Class(b)) => Rc::ptr_eq(a, b),
            (V::Obj(a), V::Obj(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Runs a script and answers what it printed, with the exception that ended it at the end.
pub fn output(source: &str) -> String {
    let code = super::script(source);
    let mut machine = Machine::new();
    let main = V::Obj(machine.instance(machine.object.clone()));
    let cref = Rc::new(vec![machine.object.clone()]);
    let home = Rc::new(Home {
        block: V::Nil,
        name: "<main>".into(),
        owner: None,
        cref,
        specials: RefCell::new([V::Nil, V::Nil]),
    });
    let mut outcome = machine.run(&Rc::new(code), vec![main], home, None, None);
    while let (Ok(_), Some(block)) = (&outcome, machine.at_exit.pop()) {
        outcome = machine.call_block(&block, vec![]);
    }
    match outcome {
        Ok(_) => {}
        Err(Unwind::Raise(e)) => {
            let text = machine.describe(&e);
            machine.out.push_str(&format!("raised {text}\n"));
        }
        Err(Unwind::Return(..)) => machine.out.push_str("lost return\n"),
        Err(Unwind::Break(..)) => machine.out.push_str("lost break\n"),
    }
    machine.out
}
