//! A scene for the tests: a machine with a little of everything on its stacks, stopped in a primitive.
//!
//! The main process: `scene` (frame 0) calls `walk` (1), whose environment and block lie on the stack; `each` (2) yields to the block
//! (3), which calls the primitive `look`. Process 1 waits for a semaphore, 2 sleeps, 3 waits for the end of 1, 4 has not begun,
//! 5 is a fiber that yielded.

use crate::{Fail, PrimitiveRow, Vm, VmExit, VmOptions};
use format::ObjectId;
use format::wellknown::{self, slots};
use gem_bytecode::{Assembler, Code, CodeKind, Literal, Op, Params, encode, site_flags};
use gem_heap::{Heap, Host, HostError, Oop};
use gem_model::Visibility;
use std::time::Duration;

/// A repository without anything in it.
struct Nothing(u64);

impl Host for Nothing {
    fn record(&mut self, id: ObjectId, _: &mut Vec<u8>) -> Result<(), HostError> {
        Err(HostError::Missing(id))
    }
    fn lease_ids(&mut self) -> Result<std::ops::Range<u64>, HostError> {
        self.0 += 1000;
        Ok(4096 + self.0..5096 + self.0)
    }
}

/// What the primitive `look` does.
struct Look(Box<dyn FnMut(&mut Vm)>);

const TABLE: &[PrimitiveRow] = &[
    PrimitiveRow {
        name: "look",
        function: |vm, args| {
            if let Some(mut look) = vm.exec.extensions.take::<Look>() {
                (look.0)(vm);
            }
            Ok(vm.receiver(args))
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "fork",
        function: |vm, args| {
            let closure = vm.arg(args, 1);
            let id = vm.new_process(closure, &[], Oop::NIL);
            vm.resume_process(id, Oop::NIL)
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "fiber",
        function: |vm, args| {
            let closure = vm.arg(args, 1);
            let id = vm.new_process(closure, &[], Oop::NIL);
            vm.resume_fiber(id, &[])
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "pass",
        function: |vm, _| vm.yield_process(),
        reason: "test",
    },
    PrimitiveRow {
        name: "wait",
        function: |vm, _| {
            vm.new_ticket();
            vm.wait_process(None, Oop::NIL)
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "rest",
        function: |vm, _| vm.wait_process(Some(Duration::from_secs(3600)), Oop::NIL),
        reason: "test",
    },
    PrimitiveRow {
        name: "join",
        function: |vm, _| vm.join_process(crate::ProcessId(1), None),
        reason: "test",
    },
    PrimitiveRow {
        name: "leave",
        function: |_, _| Err(Fail::Exit(VmExit::Internal("left".to_string()))),
        reason: "test",
    },
    PrimitiveRow {
        name: "give",
        function: |vm, _| vm.yield_fiber(&[]),
        reason: "test",
    },
];

pub(super) struct Scene {
    pub vm: Vm,
}

impl Scene {
    pub fn new() -> Scene {
        let heap = Heap::new(Box::new(Nothing(0)), 64 << 20);
        let mut scene = Scene {
            vm: Vm::new(heap, &[TABLE], VmOptions::default()),
        };
        scene.make_classes();
        for (selector, arguments) in [
            ("look", 0),
            ("fork:", 1),
            ("fiber:", 1),
            ("pass", 0),
            ("wait", 0),
            ("rest", 0),
            ("join", 0),
            ("leave", 0),
            ("give", 0),
        ] {
            let mut a = method(selector, arguments);
            a.code_mut().primitive = Some(selector.trim_end_matches(':').to_string());
            a.temps(4);
            a.emit(Op::ReturnSelf, 0, 0, 0);
            scene.define(a);
        }
        scene.define(each());
        scene.define(walk());
        scene.define(main());
        scene.define(nested("nest", "deeper"));
        scene.define(nested("deeper", "leave"));
        scene
    }

    fn make_classes(&mut self) {
        for row in wellknown::CLASSES {
            let mut fields = [Oop::NIL; slots::behavior::COUNT];
            let fixed = wellknown::slot_count(row) as i64;
            fields[slots::behavior::FORMAT] =
                Oop::small_int(row.format as i64 | fixed << 8).unwrap();
            fields[slots::behavior::NAME] = self.vm.model.heap.symbol(row.name);
            fields[slots::behavior::FLAGS] = Oop::ZERO;
            let class = self.vm.model.heap.new_with_slots(wellknown::CLASS, &fields);
            self.vm.model.heap.set_id(class, row.id);
            self.vm.model.hold(class);
        }
        for row in wellknown::CLASSES {
            if let Some(up) = row.superclass {
                let up = wellknown::class_named(up).unwrap().id;
                let up = self.vm.model.heap.find(up).unwrap();
                let class = self.vm.model.heap.find(row.id).unwrap();
                let heap = &mut self.vm.model.heap;
                heap.set_slot(class, slots::behavior::SUPERCLASS, up)
                    .unwrap();
            }
        }
    }

    fn method(&mut self, code: &Code) -> Oop {
        let literals: Vec<Oop> = code
            .literals
            .iter()
            .map(|literal| match literal {
                Literal::Symbol(s) => self.vm.model.heap.symbol(s),
                Literal::Code(c) => self.method(c),
                other => panic!("literal {other:?} in a test"),
            })
            .collect();
        let heap = &mut self.vm.model.heap;
        let mut fields = [Oop::NIL; 10];
        fields[slots::method::SELECTOR] = heap.symbol(&code.name);
        fields[slots::method::CODE] = heap
            .new_bytes_of(wellknown::BYTE_ARRAY, &encode(code))
            .unwrap();
        fields[slots::method::LITERALS] = heap.new_array(&literals).unwrap();
        fields[slots::method::FILE] = heap.new_string(b"test").unwrap();
        fields[slots::method::FLAGS] = Oop::ZERO;
        heap.new_with_slots(wellknown::GS_NMETHOD, &fields)
    }

    fn define(&mut self, assembler: Assembler) {
        let code = assembler.finish().unwrap();
        let method = self.method(&code);
        let class = self.vm.model.known_class(wellknown::OBJECT).unwrap();
        let selector = self.vm.model.heap.symbol(&code.name);
        self.vm
            .add_method(class, selector, method, 0, Visibility::Public)
            .unwrap();
    }

    /// Runs the scene with `look` at its height.
    pub fn play(mut self, look: impl FnMut(&mut Vm) + 'static) -> Result<Oop, VmExit> {
        self.vm.exec.extensions.insert(Look(Box::new(look)));
        self.send("scene")
    }

    pub fn send(&mut self, selector: &str) -> Result<Oop, VmExit> {
        let selector = self.vm.model.heap.symbol(selector);
        self.vm.send(Oop::TRUE, selector, &[], 0)
    }
}

fn method(name: &str, arguments: u16) -> Assembler {
    let params = Params {
        required: arguments,
        ..Params::default()
    };
    Assembler::new(name, CodeKind::Method, 0, params)
}

/// A block `[self selector]`.
fn block(home: &str, selector: &str) -> Literal {
    let mut b = Assembler::new(home, CodeKind::Block, 0, Params::default());
    let window = b.temps(2);
    let site = b.site(selector, 0, 0);
    b.emit(Op::Move, window, 0, 0);
    b.emit(Op::Send, window, site, window);
    b.emit(Op::Return, window, 0, 0);
    Literal::Code(Box::new(b.finish().unwrap()))
}

/// each — yields once.
fn each() -> Assembler {
    let mut a = method("each", 0);
    let window = a.temps(2);
    let site = a.site("call", 0, 0);
    a.emit(Op::Yield, window, site, window);
    a.emit(Op::Return, window, 0, 0);
    a
}

/// name — self fiber: [self inner]
fn nested(name: &str, inner: &str) -> Assembler {
    let mut a = method(name, 0);
    let window = a.temps(2);
    a.emit(Op::MakeEnv, 0, 0, 0);
    let literal = a.literal(block(name, inner));
    let fiber = a.site("fiber:", 1, 0);
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::MakeBlock, window + 1, literal, 0);
    a.emit(Op::Send, window, fiber, window);
    a.emit(Op::Return, window, 0, 0);
    a
}

/// walk — self each [self look], with a variable on the stack.
fn walk() -> Assembler {
    let mut a = method("walk", 0);
    let variable = a.temp();
    let window = a.temps(2);
    a.emit(Op::MakeEnv, variable, 1, 0);
    let look = a.literal(block("walk", "look"));
    let site = a.site("each", 0, site_flags::BLOCK | site_flags::LITERAL_BLOCK);
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::MakeBlock, window + 1, look, 2);
    a.emit(Op::Send, window, site, window);
    a.emit(Op::GetEnv, window, 0, 0);
    a.emit(Op::Return, window, 0, 0);
    a
}

/// scene — forks what waits, lets it wait, forks what has not begun, runs a fiber, walks.
fn main() -> Assembler {
    let mut a = method("scene", 0);
    let window = a.temps(2);
    a.emit(Op::MakeEnv, 0, 0, 0);
    let (fork, fiber) = (a.site("fork:", 1, 0), a.site("fiber:", 1, 0));
    let (pass, walk) = (a.site("pass", 0, 0), a.site("walk", 0, 0));
    let start = |a: &mut Assembler, what: &str, how: u16| {
        let literal = a.literal(block("scene", what));
        a.emit(Op::Move, window, 0, 0);
        a.emit(Op::MakeBlock, window + 1, literal, 0);
        a.emit(Op::Send, window, how, window);
    };
    for what in ["wait", "rest", "join"] {
        start(&mut a, what, fork);
    }
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Send, window, pass, window);
    start(&mut a, "wait", fork);
    start(&mut a, "give", fiber);
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Send, window, walk, window);
    a.emit(Op::Return, window, 0, 0);
    a
}
