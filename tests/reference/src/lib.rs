//! The reference machine: a small, slow, strict interpreter of compiled code. It does what `docs/bytecode.md` and the opcode table say
//! and nothing to help: a register above a send's window is destroyed, and whoever reads a destroyed or never written register has a
//! compiler to mend. For tests only: those of both compilers run programs on it, those of the machine compare the real one with it.
//!
//! Not a model for the real machine: it recurses and clones. Must not know: either language beyond the bytecode. What is a language's own
//! library comes from a `Library`.

mod bind;
mod classes;
mod defined;
mod fast;
mod frame;
mod library;
mod names;
mod run;
mod send;
mod signal;
mod step;
mod value;

pub use frame::Loaded;
pub use library::{Call, ErrorKind, Library};
pub use value::{Binding, Body, Class, Closure, Env, Home, Object, Outcome, Unwind, Value};

use frame::Frame;
use gem_bytecode::{Code, Op};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Frames above which a call is an error of the program.
pub const DEPTH_MAX: usize = 120;
/// Instructions after which a program counts as endless.
pub const STEPS_MAX: u64 = 5_000_000;

pub struct Machine<L> {
    /// What the language adds.
    pub kernel: L,
    /// No operator's fast path ever applies.
    pub slow: bool,
    pub object: Rc<Class>,
    /// Ruby's globals, with their `$`.
    pub globals: HashMap<String, Value>,
    /// Smalltalk's globals, class and pool variables (`Class.name`).
    pub associations: HashMap<String, Value>,
    /// `$!`
    pub error_info: Value,
    /// Every opcode that was executed.
    pub executed: HashSet<Op>,
    /// The program asked whether two Floats are one object, and they are no SmallDoubles: that is up to each machine.
    pub vague: bool,
    frames: Vec<Frame>,
    /// The calls under way that a `break` may end.
    calls: Vec<u64>,
    serial: u64,
    steps: u64,
}

impl<L: Library> Machine<L> {
    pub fn new(kernel: L, slow: bool) -> Machine<L> {
        let object = Rc::new(Class::new("Object", None));
        let itself = Value::Class(object.clone());
        object
            .constants
            .borrow_mut()
            .insert("Object".into(), itself);
        Machine {
            kernel,
            slow,
            object,
            globals: HashMap::new(),
            associations: HashMap::new(),
            error_info: Value::Nil,
            executed: HashSet::new(),
            vague: false,
            frames: Vec::new(),
            calls: Vec::new(),
            serial: 0,
            steps: 0,
        }
    }

    /// Makes `code` a method of the class, in the environment of its language.
    pub fn define(&mut self, class: &Rc<Class>, code: &Code) {
        let method = Body::Code(Loaded::new(code), self.top_scope());
        let key = (code.environment, code.name.clone());
        class.methods.borrow_mut().insert(key, method);
    }

    /// Runs a home code (a method that no class has, a script) to its end.
    ///
    /// # Errors
    /// What nobody handled; ensure bodies have run.
    pub fn run_code(&mut self, code: &Code, receiver: Value) -> Outcome {
        if self.frames.is_empty() {
            self.steps = 0;
        }
        let home = Home::new(&code.name, None, self.top_scope(), Value::Nil);
        self.run(Loaded::new(code), vec![receiver], Rc::new(home))
    }

    /// The lexical scope of code outside of all modules.
    pub fn top_scope(&self) -> Rc<Vec<Rc<Class>>> {
        Rc::new(vec![self.object.clone()])
    }

    fn number(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}
