//! A machine without a repository, and methods that are nothing but a primitive.

use format::wellknown;
use gem_bytecode::Op;
use gem_heap::Oop;
use gem_vm::{VmExit, VmOptions};
use std::ops::{Deref, DerefMut};

/// What the bodies answer.
const FELL_BACK: i32 = -987_654;

pub struct World(world::World);

impl Deref for World {
    type Target = world::World;
    fn deref(&self) -> &world::World {
        &self.0
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut world::World {
        &mut self.0
    }
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
        let options = VmOptions::default();
        World(world::World::with_primitives(
            gem_primitives::TABLES,
            options,
        ))
    }

    /// Runs a primitive as a method of the receiver.
    pub fn call(&mut self, primitive: &str, receiver: Oop, args: &[Oop]) -> Did {
        let name = format!("{primitive}/{}", args.len());
        let selector = self.vm.model.heap.symbol(&name);
        let mut a = world::method(&name, args.len() as u16);
        a.code_mut().primitive = Some(primitive.to_string());
        let marker = a.temp();
        a.emit_imm(Op::LoadInt, marker, FELL_BACK);
        a.emit(Op::Return, marker, 0, 0);
        self.define(wellknown::OBJECT, &a.finish().unwrap());
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

    /// A String of bytes.
    pub fn binary(&mut self, bytes: &[u8]) -> Oop {
        let made = self.vm.model.heap.new_string(bytes).unwrap();
        self.vm.model.heap.set_detail(made, 1).unwrap();
        made
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
