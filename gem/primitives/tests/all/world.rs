//! A machine without a repository, and methods that are nothing but a primitive.

use format::wellknown::{self, slots};
use gem_bytecode::{Assembler, CodeKind, Op, Params, encode};
use gem_heap::{Heap, Host, HostError, ObjectId, Oop};
use gem_model::Visibility;
use gem_vm::{Vm, VmExit, VmOptions};

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

/// What the bodies answer.
const FELL_BACK: i32 = -987_654;

pub struct World {
    pub vm: Vm,
}

/// What a primitive did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Did {
    Answer(Oop),
    /// The body of the method ran.
    FellBack,
    /// This exception.
    Raised(Oop),
}

impl World {
    pub fn new() -> World {
        let heap = Heap::new(Box::new(Nothing(0)), 512 << 20);
        let mut vm = Vm::new(heap, gem_primitives::TABLES, VmOptions::default());
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
            let Some(up) = row.superclass else { continue };
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
        World { vm }
    }

    /// Runs a primitive as a method of the receiver.
    pub fn call(&mut self, primitive: &str, receiver: Oop, args: &[Oop]) -> Did {
        let name = format!("{primitive}/{}", args.len());
        let selector = self.vm.model.heap.symbol(&name);
        let params = Params {
            required: args.len() as u16,
            ..Params::default()
        };
        let mut a = Assembler::new(&name, CodeKind::Method, 0, params);
        a.code_mut().primitive = Some(primitive.to_string());
        let marker = a.temp();
        a.emit_imm(Op::LoadInt, marker, FELL_BACK);
        a.emit(Op::Return, marker, 0, 0);
        let code = a.finish().unwrap();
        let heap = &mut self.vm.model.heap;
        let mut fields = [Oop::NIL; 10];
        fields[slots::method::SELECTOR] = selector;
        fields[slots::method::CODE] = heap
            .new_bytes_of(wellknown::BYTE_ARRAY, &encode(&code))
            .unwrap();
        fields[slots::method::LITERALS] = heap.new_array(&[]).unwrap();
        fields[slots::method::FILE] = heap.new_string(b"test").unwrap();
        fields[slots::method::FLAGS] = Oop::ZERO;
        let method = heap.new_with_slots(wellknown::GS_NMETHOD, &fields);
        let class = self.vm.model.known_class(wellknown::OBJECT).unwrap();
        self.vm
            .add_method(class, selector, method, 0, Visibility::Public)
            .unwrap();
        match self.vm.send(receiver, selector, args, 0) {
            Ok(value) if value == self.int(FELL_BACK.into()) => Did::FellBack,
            Ok(value) => Did::Answer(value),
            Err(VmExit::Unhandled(exception)) => {
                self.vm.unwind_to(0);
                Did::Raised(exception)
            }
            Err(other) => panic!("{primitive}: {other:?}"),
        }
    }

    /// The answer of a primitive that has one.
    pub fn value(&mut self, primitive: &str, receiver: Oop, args: &[Oop]) -> Oop {
        match self.call(primitive, receiver, args) {
            Did::Answer(value) => value,
            other => panic!("{primitive}: {other:?}, errno {:?}", self.errno()),
        }
    }

    pub fn errno(&mut self) -> Option<i64> {
        match self.call("lastErrno", Oop::NIL, &[]) {
            Did::Answer(value) => value.as_small_int(),
            _ => None,
        }
    }

    pub fn class(&mut self, id: ObjectId) -> Oop {
        self.vm.model.known_class(id).unwrap()
    }

    pub fn string(&mut self, text: &str) -> Oop {
        self.vm.model.heap.new_string(text.as_bytes()).unwrap()
    }

    /// A String of bytes.
    pub fn binary(&mut self, bytes: &[u8]) -> Oop {
        let made = self.vm.model.heap.new_string(bytes).unwrap();
        self.vm.model.heap.set_detail(made, 1).unwrap();
        made
    }

    pub fn array(&mut self, values: &[Oop]) -> Oop {
        self.vm.model.heap.new_array(values).unwrap()
    }

    pub fn int(&self, value: i64) -> Oop {
        Oop::small_int(value).unwrap()
    }

    pub fn text(&self, oop: Oop) -> String {
        self.vm.model.heap.text(oop)
    }

    /// Any value as a test shows it.
    pub fn show(&mut self, oop: Oop) -> String {
        if oop.is_nil() {
            return "nil".into();
        }
        if let Some(n) = self.vm.model.heap.integer_value(oop) {
            return n.to_string();
        }
        if let Some(f) = self.vm.model.heap.float_value(oop) {
            return format!("{f:?}");
        }
        if self.vm.model.heap.is_bytes(oop) {
            return format!("{:?}", self.text(oop));
        }
        if oop.is_pointer() && self.vm.model.heap.kind(oop) == gem_heap::Kind::Indexed {
            let all = self.vm.model.heap.elements(oop).unwrap();
            let shown: Vec<String> = all.into_iter().map(|e| self.show(e)).collect();
            return format!("[{}]", shown.join(", "));
        }
        format!("{oop:?}")
    }
}
