//! What tests of the machine stand on: a machine over a repository without anything in it, the well-known classes, methods made by
//! hand. For tests only.
//!
//! Must not know: the compilers, the kernels of the languages, the primitives.

mod primitives;

use format::wellknown::{self, slots};
use gem_bytecode::{Assembler, Code, CodeKind, Literal, Op, Params, encode};
use gem_heap::{Heap, Host, HostError, ObjectId, Oop};
use gem_model::Visibility;
use gem_vm::{PrimitiveRow, Vm, VmExit, VmOptions};
use std::collections::HashMap;

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

pub struct World {
    pub vm: Vm,
    /// Associations of Smalltalk globals by name, made when a method names them.
    associations: HashMap<String, Oop>,
}

impl World {
    /// A machine with the few primitives of `world::primitives`. `stress`: collecting at every chance, verifying after each collection.
    pub fn new(stress: bool) -> World {
        let mut world = World::with(VmOptions {
            verify: stress,
            ..VmOptions::default()
        });
        world.vm.model.heap.set_stress(stress);
        world
    }

    /// Verifies the object memory after each collection.
    pub fn verified() -> World {
        World::with(VmOptions {
            verify: true,
            ..VmOptions::default()
        })
    }

    pub fn with(options: VmOptions) -> World {
        World::with_primitives(&[primitives::ROWS], options)
    }

    /// Every well-known class as an object, without metaclasses of their own.
    ///
    /// # Panics
    /// When the empty object memory has no room for them.
    pub fn with_primitives(tables: &[&[PrimitiveRow]], options: VmOptions) -> World {
        let heap = Heap::new(Box::new(Nothing(0)), 512 << 20);
        let mut vm = Vm::new(heap, tables, options);
        for row in wellknown::CLASSES {
            let mut fields = [Oop::NIL; slots::behavior::COUNT];
            let fixed = wellknown::slot_count(row) as i64;
            let format = row.format as i64 | fixed << 8;
            fields[slots::behavior::FORMAT] = Oop::small_int_wrapping(format);
            fields[slots::behavior::NAME] = vm.model.heap.symbol(row.name);
            fields[slots::behavior::FLAGS] = Oop::ZERO;
            let class = vm.model.heap.new_with_slots(wellknown::CLASS, &fields);
            vm.model.heap.set_id(class, row.id);
            vm.model.hold(class);
        }
        let heap = &mut vm.model.heap;
        for row in wellknown::CLASSES {
            let Some(up) = row.superclass.and_then(wellknown::class_named) else {
                continue;
            };
            let (up, class) = (heap.find(up.id), heap.find(row.id));
            let (up, class) = (up.expect("made above"), class.expect("made above"));
            heap.set_slot(class, slots::behavior::SUPERCLASS, up)
                .expect("a writable class");
        }
        let associations = HashMap::new();
        World { vm, associations }
    }

    /// The object of a literal.
    ///
    /// # Panics
    /// For kinds that no test uses.
    pub fn literal(&mut self, literal: &Literal) -> Oop {
        let heap = &mut self.vm.model.heap;
        match literal {
            Literal::Nil => Oop::NIL,
            Literal::True => Oop::TRUE,
            Literal::False => Oop::FALSE,
            Literal::Integer(n) => match i64::try_from(n).ok().and_then(Oop::small_int) {
                Some(small) => small,
                None => panic!("literal {n} in a test"),
            },
            Literal::Float(f) => heap.new_float(*f),
            Literal::Symbol(s) => heap.symbol(s),
            Literal::String { bytes, encoding } => {
                let made = heap.new_string(bytes).expect("room");
                heap.set_detail(made, *encoding as u8).expect("a String");
                heap.freeze(made);
                made
            }
            Literal::Array(items) => {
                let items: Vec<Oop> = items.iter().map(|i| self.literal(i)).collect();
                let made = self.array(&items);
                self.vm.model.heap.freeze(made);
                made
            }
            Literal::Code(code) => self.method(code),
            Literal::Global(name) => self.association(name),
            Literal::ClassVariable { class, name } => self.association(&format!("{class}.{name}")),
            other => panic!("literal {other:?} in a test"),
        }
    }

    /// The association of a Smalltalk global.
    pub fn association(&mut self, name: &str) -> Oop {
        if let Some(&known) = self.associations.get(name) {
            return known;
        }
        let key = self.vm.model.heap.symbol(name);
        let fields = [key, Oop::NIL];
        let made = self
            .vm
            .model
            .heap
            .new_with_slots(wellknown::ASSOCIATION, &fields);
        self.vm.model.hold(made);
        self.associations.insert(name.to_string(), made);
        made
    }

    /// A method object that no class has.
    ///
    /// # Panics
    /// When the object memory is full.
    pub fn method(&mut self, code: &Code) -> Oop {
        let literals: Vec<Oop> = code.literals.iter().map(|l| self.literal(l)).collect();
        let heap = &mut self.vm.model.heap;
        let mut fields = [Oop::NIL; slots::method::FLAGS + 1];
        fields[slots::method::SELECTOR] = heap.symbol(&code.name);
        fields[slots::method::LITERALS] = heap.new_array(&literals).expect("room");
        fields[slots::method::CODE] = heap
            .new_bytes_of(wellknown::BYTE_ARRAY, &encode(code))
            .expect("room");
        fields[slots::method::FILE] = heap.new_string(b"test").expect("room");
        let source = code.source.as_bytes();
        fields[slots::method::SOURCE] = heap.new_string(source).expect("room");
        fields[slots::method::FLAGS] = Oop::ZERO;
        heap.new_with_slots(wellknown::GS_NMETHOD, &fields)
    }

    /// Makes `code` a method of the class, in the environment of its language.
    ///
    /// # Panics
    /// When the class takes no methods.
    pub fn define(&mut self, class: ObjectId, code: &Code) {
        let method = self.method(code);
        let class = self.class(class);
        self.define_in(class, method, code);
    }

    fn define_in(&mut self, class: Oop, method: Oop, code: &Code) {
        let heap = &mut self.vm.model.heap;
        heap.set_slot(method, slots::method::IN_CLASS, class)
            .expect("a new method");
        let selector = heap.symbol(&code.name);
        self.vm
            .add_method(
                class,
                selector,
                method,
                code.environment,
                Visibility::Public,
            )
            .expect("a class that takes methods");
    }

    /// Runs a text that nothing refers to afterwards.
    ///
    /// # Errors
    /// As `Vm::call`.
    pub fn doit(&mut self, code: &Code) -> Result<Oop, VmExit> {
        let method = self.method(code);
        self.vm.call(method, Oop::NIL, &[])
    }

    /// A Smalltalk message.
    ///
    /// # Panics
    /// When it does not end with a value.
    pub fn send(&mut self, receiver: Oop, selector: &str) -> Oop {
        let selector = self.vm.model.heap.symbol(selector);
        self.vm.send(receiver, selector, &[], 0).expect("a value")
    }

    /// A well-known class.
    ///
    /// # Panics
    /// For other ids.
    pub fn class(&mut self, id: ObjectId) -> Oop {
        self.vm.model.known_class(id).expect("a well-known class")
    }

    /// # Panics
    /// When the object memory is full, as all that make objects.
    pub fn string(&mut self, text: &str) -> Oop {
        let made = self.vm.model.heap.new_string(text.as_bytes());
        made.expect("room")
    }

    pub fn array(&mut self, values: &[Oop]) -> Oop {
        self.vm.model.heap.new_array(values).expect("room")
    }
}

/// A Smalltalk method with that many arguments.
pub fn method(name: &str, arguments: u16) -> Assembler {
    let params = Params {
        required: arguments,
        ..Params::default()
    };
    Assembler::new(name, CodeKind::Method, 0, params)
}

/// A method without arguments that is a primitive; its body answers self.
///
/// # Panics
/// Never: such a code is small.
pub fn primitive(name: &str, primitive: &str) -> Code {
    let mut a = method(name, 0);
    a.code_mut().primitive = Some(primitive.to_string());
    a.temps(4);
    a.emit(Op::ReturnSelf, 0, 0, 0);
    a.finish().expect("a small code")
}

/// `value` on blocks.
pub fn block_value() -> Code {
    primitive("value", "value0")
}
