//! A machine without a repository: the well-known classes, methods made by the test.

use format::wellknown::{self, slots};
use gem_bytecode::{Assembler, Code, CodeKind, Literal, Op, Params, encode};
use gem_heap::{Heap, Host, HostError, ObjectId, Oop};
use gem_model::Visibility;
use gem_vm::{PrimitiveRow, Vm, VmOptions, raise};
use std::sync::atomic::Ordering;

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
        name: "interrupt",
        function: |vm, _| {
            vm.exec.interrupted.store(true, Ordering::Relaxed);
            vm.exec.attention.store(true, Ordering::Relaxed);
            Ok(Oop::NIL)
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
    pub fn new() -> World {
        let heap = Heap::new(Box::new(Nothing(0)), 256 << 20);
        let mut vm = Vm::new(heap, &[TABLE], VmOptions::default());
        for row in wellknown::CLASSES {
            let mut fields = [Oop::NIL; slots::behavior::COUNT];
            let fixed = wellknown::slot_count(row) as i64;
            fields[slots::behavior::FORMAT] =
                Oop::small_int_wrapping(row.format as i64 | fixed << 8);
            fields[slots::behavior::NAME] = vm.model.heap.symbol(row.name);
            fields[slots::behavior::FLAGS] = Oop::ZERO;
            let class = vm.model.heap.new_with_slots(wellknown::CLASS, &fields);
            vm.model.heap.set_id(class, row.id);
            vm.model.hold(class);
        }
        for row in wellknown::CLASSES {
            let up = row.superclass.and_then(wellknown::class_named);
            if let Some(up) = up.and_then(|up| vm.model.heap.find(up.id))
                && let Some(class) = vm.model.heap.find(row.id)
            {
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
            other => panic!("literal {other:?} in a test"),
        }
    }

    pub fn method(&mut self, code: &Code) -> Oop {
        let literals: Vec<Oop> = code.literals.iter().map(|l| self.literal(l)).collect();
        let heap = &mut self.vm.model.heap;
        let mut fields = [Oop::NIL; 10];
        fields[slots::method::SELECTOR] = heap.symbol(&code.name);
        fields[slots::method::LITERALS] = heap.new_array(&literals).unwrap();
        fields[slots::method::CODE] = heap
            .new_bytes_of(wellknown::BYTE_ARRAY, &encode(code))
            .unwrap();
        fields[slots::method::FILE] = heap.new_string(b"test").unwrap();
        fields[slots::method::SOURCE] = heap.new_string(code.source.as_bytes()).unwrap();
        fields[slots::method::FLAGS] = Oop::ZERO;
        heap.new_with_slots(wellknown::GS_NMETHOD, &fields)
    }

    pub fn define(&mut self, class: ObjectId, code: &Code) {
        let method = self.method(code);
        let class = self.vm.model.known_class(class).unwrap();
        let selector = self.vm.model.heap.symbol(&code.name);
        self.vm
            .add_method(class, selector, method, 0, Visibility::Public)
            .unwrap();
    }

    /// `value` on blocks.
    pub fn block_value() -> Code {
        let mut a = Assembler::new("value", CodeKind::Method, 0, Params::default());
        a.code_mut().primitive = Some("value0".to_string());
        a.emit(Op::ReturnSelf, 0, 0, 0);
        a.temps(4);
        a.finish().unwrap()
    }
}
