//! What the tests of the machine share: a repository without anything in it, its classes, methods made by hand.
#![allow(dead_code)]

use format::wellknown::{self, slots};
use gem_bytecode::{Assembler, Code, CodeKind, Literal, Op, Params, encode};
use gem_heap::{Heap, Host, HostError, ObjectId, Oop};
use gem_model::Visibility;
use gem_vm::{Fail, PrimitiveRow, Vm, VmOptions, raise};

/// A repository without anything in it: every object is made by the test.
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

const TABLE: &[PrimitiveRow] = &[
    PrimitiveRow {
        name: "value0",
        function: |vm, args| vm.tail_value(args),
        reason: "test",
    },
    PrimitiveRow {
        name: "collect",
        function: |vm, _| {
            vm.collect(true);
            Ok(Oop::NIL)
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "collectAndFallBack",
        function: |vm, _| {
            vm.collect(true);
            Err(Fail::Fallback)
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "boom",
        function: |_, _| Err(raise(wellknown::ZERO_DIVIDE, "divided by 0")),
        reason: "test",
    },
];

pub struct World {
    pub vm: Vm,
}

impl World {
    /// Every well-known class as an object, without metaclasses of their own.
    pub fn new(stress: bool) -> World {
        let options = VmOptions {
            verify: stress,
            ..VmOptions::default()
        };
        let mut world = World::with(options);
        world.vm.model.heap.set_stress(stress);
        world
    }

    pub fn with(options: VmOptions) -> World {
        let heap = Heap::new(Box::new(Nothing(0)), 256 << 20);
        let mut vm = Vm::new(heap, &[TABLE], options);
        for row in wellknown::CLASSES {
            let mut fields = [Oop::NIL; slots::behavior::COUNT];
            let fixed = wellknown::slot_count(row) as i64;
            fields[slots::behavior::FORMAT] =
                Oop::small_int(row.format as i64 | fixed << 8).unwrap();
            fields[slots::behavior::NAME] = vm.model.heap.symbol(row.name);
            fields[slots::behavior::FLAGS] = Oop::ZERO;
            let class = vm.model.heap.new_with_slots(wellknown::CLASS, &fields);
            vm.model.heap.set_id(class, row.id);
            vm.model.hold(class);
        }
        for row in wellknown::CLASSES {
            if let Some(up) = row.superclass {
                let up = vm
                    .model
                    .heap
                    .find(wellknown::class_named(up).unwrap().id)
                    .unwrap();
                let class = vm.model.heap.find(row.id).unwrap();
                vm.model
                    .heap
                    .set_slot(class, slots::behavior::SUPERCLASS, up)
                    .unwrap();
            }
        }
        World { vm }
    }

    fn literal(&mut self, literal: &Literal) -> Oop {
        match literal {
            Literal::Symbol(s) => self.vm.model.heap.symbol(s),
            Literal::Code(c) => self.method(c),
            Literal::String { bytes, .. } => self.vm.model.heap.new_string(bytes).unwrap(),
            other => panic!("literal {other:?} in a test"),
        }
    }

    pub fn method(&mut self, code: &Code) -> Oop {
        let literals: Vec<Oop> = code.literals.iter().map(|l| self.literal(l)).collect();
        let literals = self.vm.model.heap.new_array(&literals).unwrap();
        let bytes = self
            .vm
            .model
            .heap
            .new_bytes_of(wellknown::BYTE_ARRAY, &encode(code))
            .unwrap();
        let mut fields = [Oop::NIL; 10];
        fields[slots::method::SELECTOR] = self.vm.model.heap.symbol(&code.name);
        fields[slots::method::CODE] = bytes;
        fields[slots::method::LITERALS] = literals;
        fields[slots::method::FILE] = self.vm.model.heap.new_string(b"test").unwrap();
        fields[slots::method::FLAGS] = Oop::ZERO;
        self.vm
            .model
            .heap
            .new_with_slots(wellknown::GS_NMETHOD, &fields)
    }

    pub fn define(&mut self, class: ObjectId, code: &Code) {
        let method = self.method(code);
        let class = self.vm.model.known_class(class).unwrap();
        let selector = self.vm.model.heap.symbol(&code.name);
        self.vm
            .add_method(class, selector, method, 0, Visibility::Public)
            .unwrap();
    }
}

pub fn method(name: &str, arguments: u16) -> Assembler {
    Assembler::new(
        name,
        CodeKind::Method,
        0,
        Params {
            required: arguments,
            ..Params::default()
        },
    )
}

/// `value` on blocks, bound to the test's primitive.
pub fn block_value() -> Code {
    let mut a = method("value", 0);
    a.code_mut().primitive = Some("value0".to_string());
    a.emit(Op::ReturnSelf, 0, 0, 0);
    a.temps(4);
    a.finish().unwrap()
}
