//! A program that both machines run, and what is seen of it afterwards.

use crate::show;
use crate::text::assemble;
use format::wellknown;
use gem_bytecode::{Code, CodeKind, Instr, Literal, Op, verify};
use gem_heap::Oop;
use gem_vm::{VmExit, VmOptions};
use reference::{Call, DEPTH_MAX, ErrorKind, Library, Machine, Outcome, Unwind, Value};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use world::World;

/// Smalltalk globals and Ruby globals that are looked at when a program has ended.
const ASSOCIATIONS: [&str; 2] = ["A", "B"];
const GLOBALS: [&str; 2] = ["$a", "$b"];

/// Instructions of a text that is run under stress, too, and listed when it fails.
const SHORT: usize = 60;

/// Smalltalk globals that are there from the start.
const CLASSES: [&str; 3] = ["ZeroDivide", "Array", "Association"];

/// Variable of an exception of the reference machine.
pub const KIND: &str = "@kind";

#[derive(Clone)]
pub struct Program {
    environment: u8,
    codes: HashMap<String, Code>,
    methods: Vec<(&'static str, Code)>,
    main: Option<Code>,
}

/// What a program did.
pub struct Seen {
    pub text: String,
    /// Every opcode that was executed (reference) or stands in loaded code (real machine).
    pub ops: HashSet<Op>,
    /// The program asked what is up to each machine.
    pub vague: bool,
}

impl Program {
    pub fn smalltalk() -> Program {
        Program::of(0)
    }

    pub fn ruby() -> Program {
        Program::of(1)
    }

    fn of(environment: u8) -> Program {
        let mut program = Program {
            environment,
            codes: HashMap::new(),
            methods: Vec::new(),
            main: None,
        };
        // What the library of each language calls so.
        let values = ["value", "value:", "value:value:", "call", "call_1"];
        for (selector, arguments) in values.into_iter().zip([0, 1, 2, 0, 1]) {
            let parameters = format!("r{arguments}");
            program = program.primitive("ExecBlock", selector, &parameters, "value0");
        }
        program
            .primitive("Object", "boom", "", "boom")
            .primitive("Object", "collect", "", "collect")
            .primitive("Object", "throw:value:", "r2", "throw")
            .primitive("Object", "raise", "r1", "raise")
    }

    /// A code that later ones name as `&name`.
    pub fn block(mut self, name: &str, parameters: &str, text: &str) -> Program {
        let kind = CodeKind::Block;
        let code = assemble(
            "main",
            kind,
            self.environment,
            parameters,
            text,
            &self.codes,
        );
        self.codes.insert(name.to_string(), code);
        self
    }

    /// As `block`, of the kind that DefMethod or DefClass takes.
    pub fn code(mut self, name: &str, kind: CodeKind, parameters: &str, text: &str) -> Program {
        let code = assemble(name, kind, self.environment, parameters, text, &self.codes);
        self.codes.insert(name.to_string(), code);
        self
    }

    pub fn method(
        mut self,
        class: &'static str,
        name: &str,
        parameters: &str,
        text: &str,
    ) -> Program {
        let kind = CodeKind::Method;
        let code = assemble(name, kind, self.environment, parameters, text, &self.codes);
        self.methods.push((class, code));
        self
    }

    fn primitive(
        mut self,
        class: &'static str,
        name: &str,
        parameters: &str,
        primitive: &str,
    ) -> Program {
        self = self.method(class, name, parameters, "ReturnSelf");
        let (_, code) = self.methods.last_mut().expect("just pushed");
        code.primitive = Some(primitive.to_string());
        self
    }

    /// The text that runs, with an Association of two nils as self.
    pub fn main(mut self, text: &str) -> Program {
        let kind = CodeKind::Method;
        let code = assemble("main", kind, self.environment, "", text, &self.codes);
        self.main = Some(code);
        self
    }

    pub fn environment(&self) -> u8 {
        self.environment
    }

    /// A code named before.
    pub fn named(&self, name: &str) -> Code {
        self.codes[name].clone()
    }

    /// The reference machine with the program's methods.
    pub fn reference(&self) -> Reference {
        let mut vm = Machine::new(Bare, false);
        for row in wellknown::CLASSES {
            let above = row.superclass.map(|above| vm.named(above));
            if row.name != "Object" && row.name != "ProtoObject" {
                let above = above.filter(|above| above.name != "ProtoObject");
                vm.new_class(&vm.object, row.name, above);
            }
        }
        for (class, code) in &self.methods {
            check(code);
            vm.define(&vm.named(class), code);
        }
        Reference { vm }
    }

    /// The real machine with the program's methods.
    pub fn real(&self, stress: bool) -> Real {
        let mut w = World::with(VmOptions {
            frames_max: DEPTH_MAX,
            verify: stress,
            ..VmOptions::default()
        });
        w.vm.model.heap.set_stress(stress);
        for (class, code) in &self.methods {
            let row = wellknown::class_named(class).expect("a well-known class");
            w.define(row.id, code);
        }
        Real { w }
    }

    /// Runs on both machines; answers the opcodes that were seen.
    ///
    /// # Errors
    /// How they differ.
    pub fn compare(&self) -> Result<HashSet<Op>, String> {
        let main = self.main.as_ref().expect("a main text");
        let expected = self.reference().run(main);
        let mut ops = expected.ops;
        let is_short = main.instructions.len() < SHORT;
        for stress in [false, true] {
            // Collecting and verifying at each message takes its time.
            if stress && !is_short {
                continue;
            }
            let mut machine = self.real(stress);
            let real = machine.run(main);
            machine.verify();
            if real.text != expected.text {
                let listing = if is_short {
                    gem_bytecode::disassemble(main)
                } else {
                    String::new()
                };
                let differing = differing(&expected.text, &real.text);
                return Err(format!("stress {stress}: {differing}\n{listing}"));
            }
            ops.extend(real.ops);
        }
        Ok(ops)
    }
}

pub struct Reference {
    vm: Machine<Bare>,
}

impl Reference {
    /// Runs a text with an Association of two nils as self.
    pub fn run(&mut self, main: &Code) -> Seen {
        check(main);
        let vm = &mut self.vm;
        vm.globals.clear();
        vm.associations.clear();
        vm.error_info = Value::Nil;
        for name in CLASSES {
            let class = Value::Class(vm.named(name));
            vm.associations.insert(name.into(), class);
        }
        let receiver = Value::Object(vm.instance(vm.named(show::PAIR), 2));
        let result = match vm.run_code(main, receiver.clone()) {
            Ok(value) => show::expected(&value),
            Err(Unwind::Unhandled(e)) => format!("unhandled {}", show::expected(&e)),
            Err(_) => "control that leaves the program".into(),
        };
        let get = |table: &HashMap<String, Value>, name: &str| {
            show::expected(&table.get(name).cloned().unwrap_or_default())
        };
        let mut text = vec![result, show::expected(&receiver)];
        text.extend(ASSOCIATIONS.map(|name| get(&vm.associations, name)));
        text.extend(GLOBALS.map(|name| get(&vm.globals, name)));
        text.push(show::expected(&vm.error_info));
        Seen {
            text: text.join(" | "),
            ops: std::mem::take(&mut vm.executed),
            vague: std::mem::take(&mut vm.vague),
        }
    }
}

pub struct Real {
    w: World,
}

impl Real {
    /// As `Reference::run`.
    pub fn run(&mut self, main: &Code) -> Seen {
        let w = &mut self.w;
        let associations = ASSOCIATIONS.map(|name| w.association(name));
        let heap = &mut w.vm.model.heap;
        for association in associations {
            heap.set_slot(association, 1, Oop::NIL).expect("writable");
        }
        w.vm.exec.error_info = Oop::NIL;
        for name in CLASSES {
            let row = wellknown::class_named(name).expect("a well-known class");
            let (association, class) = (w.association(name), w.class(row.id));
            let heap = &mut w.vm.model.heap;
            heap.set_slot(association, 1, class).expect("writable");
        }
        let mark = w.vm.model.held();
        let class = w.vm.model.heap.wellknown_class(wellknown::ASSOCIATION);
        let receiver = w.vm.model.heap.instantiate(class);
        w.vm.model.hold(receiver);
        let method = w.method(main);
        w.vm.model.hold(method);
        let result = match w.vm.call(method, receiver, &[]) {
            Ok(value) => show::real(w, value),
            Err(VmExit::Unhandled(e)) => {
                let text = format!("unhandled {}", show::real(w, e));
                w.vm.abandon(0).expect("ensure bodies that do not raise");
                text
            }
            Err(other) => format!("{other:?}"),
        };
        let mut text = vec![result, show::real(w, receiver)];
        for association in associations {
            let value = w.vm.model.heap.slot(association, 1).unwrap();
            text.push(show::real(w, value));
        }
        for name in GLOBALS {
            let name = w.vm.model.heap.symbol(name);
            let value = w.vm.global(name);
            text.push(show::real(w, value));
        }
        let error = w.vm.exec.error_info;
        text.push(show::real(w, error));
        let loaded = w.vm.load_method(method).expect("it ran");
        let loaded = loaded.instructions.iter().map(Cell::get);
        let ops = loaded.filter_map(Instr::op).collect();
        w.vm.model.release(mark);
        Seen {
            text: text.join(" | "),
            ops,
            vague: false,
        }
    }

    pub fn verify(&mut self) {
        self.w.vm.verify_heap().expect("a sound object memory");
    }
}

/// The words that differ, with the number of each.
pub fn differing(expected: &str, real: &str) -> String {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (words(expected), words(real));
    let mut found: Vec<String> = ours
        .iter()
        .zip(&theirs)
        .enumerate()
        .filter(|(_, (ours, theirs))| ours != theirs)
        .map(|(n, (ours, theirs))| format!("word {n} is {theirs}, not {ours}"))
        .collect();
    if ours.len() != theirs.len() || ours.len() < 30 {
        found = vec![format!("{real}\nand not {expected}")];
    }
    found.truncate(8);
    found.join("; ")
}

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

/// Verifies a code and those in it.
fn check(code: &Code) {
    if let Err(e) = verify(code, code.literals.len()) {
        panic!("{e}\n{}", gem_bytecode::disassemble(code));
    }
    for literal in &code.literals {
        if let Literal::Code(inner) = literal {
            check(inner);
        }
    }
}

/// The library of a bare machine: four primitives.
pub struct Bare;

impl Library for Bare {
    fn send(_: &mut Machine<Bare>, _: &Value, _: &str, _: &Call) -> Option<Outcome> {
        None
    }

    fn exception(vm: &mut Machine<Bare>, kind: ErrorKind, _: &str) -> Value {
        exception(vm, &format!("{kind:?}"))
    }

    fn primitive(
        vm: &mut Machine<Bare>,
        name: &str,
        receiver: &Value,
        call: &Call,
    ) -> Option<Outcome> {
        Some(match (name, receiver) {
            ("value0", Value::Closure(closure)) => vm.invoke(closure, None, call.clone()),
            ("collect", _) => Ok(Value::Nil),
            ("boom", _) => Err(Unwind::Raise(exception(vm, "ZeroDivide"))),
            ("throw", _) => Err(vm.throw(&call.arg(0), call.arg(1))),
            ("raise", _) => {
                vm.error_info = call.arg(0);
                Err(Unwind::Raise(call.arg(0)))
            }
            _ => return None,
        })
    }

    fn handles(vm: &Machine<Bare>, filter: &Value, exception: &Value) -> bool {
        match filter {
            // All that are raised here are of one class there.
            Value::Class(class) => vm.is_a(exception, class),
            Value::Array(all) => all.borrow().iter().any(|f| Self::handles(vm, f, exception)),
            _ => false,
        }
    }

    fn class_name(value: &Value) -> &'static str {
        match value {
            Value::Nil => "UndefinedObject",
            Value::True => "True",
            Value::False => "False",
            Value::Int(_) => "SmallInteger",
            Value::Float(_) => "SmallDouble",
            Value::Symbol(_) => "Symbol",
            Value::String(_) => "String",
            Value::Array(_) => "Array",
            Value::Hash(_) => "RubyHash",
            Value::Range(_) => "Range",
            Value::Closure(_) => "ExecBlock",
            _ => "Object",
        }
    }
}

fn exception(vm: &mut Machine<Bare>, kind: &str) -> Value {
    let e = Value::Object(vm.instance(vm.named("ZeroDivide"), 0));
    vm.set_ivar(&e, KIND, Value::symbol(kind));
    e
}
