//! The reference machine with as much of Ruby's library as the programs need.

mod builtins;
mod collections;
mod library;
mod objects;
mod raising;

use reference::{Call, ErrorKind, Library, Outcome, Unwind, Value as V};
use std::collections::HashMap;

#[derive(Default)]
pub struct Kernel {
    /// What the program printed.
    out: String,
    once: HashMap<String, V>,
    at_exit: Vec<V>,
}

pub type Machine = reference::Machine<Kernel>;

const CLASSES: [(&str, &str); 22] = [
    ("Kernel", "Object"),
    ("Exception", "Object"),
    ("StandardError", "Exception"),
    ("ArgumentError", "StandardError"),
    ("TypeError", "StandardError"),
    ("NameError", "StandardError"),
    ("NoMethodError", "NameError"),
    ("RuntimeError", "StandardError"),
    ("LocalJumpError", "StandardError"),
    ("SyntaxError", "Exception"),
    ("NoMatchingPatternError", "StandardError"),
    ("NoMatchingPatternKeyError", "NoMatchingPatternError"),
    ("Integer", "Object"),
    ("String", "Object"),
    ("Symbol", "Object"),
    ("Array", "Object"),
    ("Hash", "Object"),
    ("Range", "Object"),
    ("Proc", "Object"),
    ("Class", "Object"),
    ("NilClass", "Object"),
    ("Boolean", "Object"),
];

impl Library for Kernel {
    fn send(vm: &mut Machine, receiver: &V, name: &str, call: &Call) -> Option<Outcome> {
        if let Some(ivar) = name.strip_prefix(ACCESSOR) {
            return Some(Ok(match ivar.strip_suffix('=') {
                Some(ivar) => {
                    vm.set_ivar(receiver, ivar, call.arg(0));
                    V::string("the writer's own value")
                }
                None => vm.ivar(receiver, ivar).unwrap_or_default(),
            }));
        }
        on_kind(vm, receiver, name, call).or_else(|| builtin(vm, receiver, name, call))
    }

    fn exception(vm: &mut Machine, kind: ErrorKind, text: &str) -> V {
        let class = match kind {
            ErrorKind::NotUnderstood => "NoMethodError",
            ErrorKind::WrongArguments => "ArgumentError",
            ErrorKind::NoBlock | ErrorKind::DeadHome | ErrorKind::DeadCall => "LocalJumpError",
            ErrorKind::MissingConstant | ErrorKind::MissingClassVariable => "NameError",
            ErrorKind::NotModule | ErrorKind::NotBlock => "TypeError",
            ErrorKind::NoMethodAround => "RuntimeError",
            ErrorKind::NotBoolean | ErrorKind::UncaughtThrow => panic!("{kind:?} is not Ruby's"),
            ErrorKind::TooDeep => panic!("endless recursion"),
        };
        raising::exception(vm, class, text)
    }

    fn responds(_: &Machine, receiver: &V, name: &str) -> bool {
        const KNOWN: [&str; 12] = [
            "p", "puts", "raise", "+", "-", "to_s", "[]", "size", "class", "new", "each", "==",
        ];
        KNOWN.contains(&name) && !receiver.is_nil()
    }
}

use builtins::{builtin, on_kind};

/// Before the name of the variable that a native method reads or, with `=` at its end, writes.
const ACCESSOR: &str = "attribute ";

/// Runs a script and answers what it printed, with the exception that ended it at the end. `slow`: without any operator's fast path.
pub fn output(source: &str, slow: bool) -> String {
    let mut vm = Machine::new(Kernel::default(), slow);
    for (name, above) in CLASSES {
        vm.new_class(&vm.object, name, Some(vm.named(above)));
    }
    let main = V::Object(vm.instance(vm.object.clone(), 0));
    let mut outcome = vm.run_code(&super::script(source), main);
    while let (Ok(_), Some(block)) = (&outcome, vm.kernel.at_exit.pop()) {
        outcome = vm.call_block(&block, vec![]);
    }
    let end = match outcome {
        Ok(_) => String::new(),
        Err(Unwind::Unhandled(e)) => format!("raised {}\n", objects::describe(&vm, &e)),
        Err(_) => "control that leaves the program\n".to_string(),
    };
    vm.kernel.out + &end
}
