//! How long code lives: as long as something names it, and no longer.

mod world;

use gem_bytecode::{Assembler, Code, CodeKind, HandlerKind, Literal, Op, Params};
use gem_heap::Oop;
use gem_vm::{VmExit, VmOptions};
use proto::wellknown;
use world::{World, block_value, method};

fn int(n: i64) -> Oop {
    Oop::small_int_wrapping(n)
}

/// `^n`
fn answering(name: &str, n: i16) -> Code {
    let mut a = method(name, 0);
    let r = a.temp();
    a.emit_imm(Op::LoadInt, r, n);
    a.emit(Op::Return, r, 0, 0);
    a.finish().unwrap()
}

/// `[n]`, as a block.
fn block_of(n: i16) -> Code {
    let mut b = Assembler::new("block", CodeKind::Block, 0, Params::default());
    let r = b.temp();
    b.emit_imm(Op::LoadInt, r, n);
    b.emit(Op::Return, r, 0, 0);
    b.finish().unwrap()
}

/// `^[n]`
fn making_block(n: i16) -> Code {
    let mut a = method("block", 0);
    let r = a.temp();
    let literal = a.literal(Literal::Code(Box::new(block_of(n))));
    a.emit(Op::MakeBlock, r, literal, 0);
    a.emit(Op::Return, r, 0, 0);
    a.finish().unwrap()
}

/// A method whose body is this primitive, then `^n`.
fn primitive(name: &str, primitive: &str, n: i16) -> Code {
    let mut code = answering(name, n);
    code.primitive = Some(primitive.to_string());
    code
}

/// `self selector. ^n`, the argument of the send being a block when there is one.
fn sending(selector: &str, n: i16) -> Code {
    let mut a = method("sending", 0);
    let window = a.temps(4);
    a.emit(Op::Move, window, 0, 0);
    let site = a.site(selector, 0, 0);
    a.emit(Op::Send, window, site, window);
    a.emit_imm(Op::LoadInt, window, n);
    a.emit(Op::Return, window, 0, 0);
    a.finish().unwrap()
}

impl World {
    fn verified() -> World {
        World::with(VmOptions {
            verify: true,
            ..VmOptions::default()
        })
    }

    /// Runs a text that nothing refers to afterwards.
    fn doit(&mut self, code: &Code) -> Result<Oop, VmExit> {
        let method = self.method(code);
        self.vm.call(method, Oop::NIL, &[])
    }

    fn send(&mut self, receiver: Oop, selector: &str) -> Oop {
        let selector = self.vm.heap.symbol(selector);
        self.vm.send(receiver, selector, &[], 0).unwrap()
    }
}

#[test]
fn doits_end_and_their_numbers_are_used_again() {
    let mut w = World::with(VmOptions {
        codes_max: 1000,
        ..VmOptions::default()
    });
    for i in 0..20_000 {
        let n = (i % 1000) as i16;
        assert_eq!(w.doit(&answering("doit", n)).unwrap(), int(n as i64));
        assert!(w.vm.codes_loaded() <= 1000);
    }
    w.vm.collect(true);
    assert_eq!(w.vm.codes_loaded(), 0);
}

#[test]
fn a_text_that_runs_survives_the_collections_it_makes() {
    let mut w = World::verified();
    w.define(wellknown::OBJECT, &primitive("collect", "collect", 0));
    assert_eq!(w.doit(&sending("collect", 5)).unwrap(), int(5));
    w.vm.collect(true);
    // The method that a class holds.
    assert_eq!(w.vm.codes_loaded(), 1);
}

#[test]
fn a_primitive_falls_back_to_its_own_code_after_a_collection() {
    let mut w = World::verified();
    // Nothing refers to the method but the call that runs it.
    let code = primitive("gone", "collectAndFallBack", 7);
    assert_eq!(w.doit(&code).unwrap(), int(7));
    w.vm.collect(true);
    w.vm.collect(true);
    let code = primitive("gone", "collectAndFallBack", 8);
    assert_eq!(w.doit(&code).unwrap(), int(8));
}

#[test]
fn a_block_lives_as_long_as_somebody_holds_it() {
    let mut w = World::verified();
    w.define(wellknown::EXEC_BLOCK, &block_value());
    let block = w.doit(&making_block(11)).unwrap();
    let mark = w.vm.held();
    w.vm.hold(block);
    for round in 0..3 {
        w.vm.collect(true);
        // The numbers and places of what ended go to these.
        for n in 0..50 {
            w.doit(&making_block(n)).unwrap();
        }
        assert_eq!(w.send(block, "value"), int(11), "round {round}");
    }
    w.vm.release(mark);
    w.vm.collect(true);
    // `value` is left.
    assert_eq!(w.vm.codes_loaded(), 1);
}

#[test]
fn caches_forget_code_that_ended() {
    let mut w = World::verified();
    w.define(wellknown::OBJECT, &sending("other", 1));
    for n in 0..20 {
        w.define(wellknown::OBJECT, &answering("other", n));
        assert_eq!(w.send(Oop::TRUE, "sending"), int(1));
        assert_eq!(w.send(Oop::TRUE, "other"), int(n as i64));
        w.vm.collect(true);
        assert_eq!(w.vm.codes_loaded(), 2);
    }
}

#[test]
fn too_many_codes_are_an_error_that_a_program_handles() {
    let max = 40;
    let mut w = World::with(VmOptions {
        codes_max: max,
        verify: true,
        ..VmOptions::default()
    });
    w.define(wellknown::EXEC_BLOCK, &block_value());
    let mark = w.vm.held();
    let mut failed = None;
    for n in 0..100 {
        match w.doit(&making_block(n)) {
            Ok(block) => w.vm.hold(block),
            Err(VmExit::Unhandled(e)) => {
                failed = Some(e);
                break;
            }
            Err(VmExit::Internal(text)) => {
                assert!(text.contains("in use"), "{text}");
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
        w.vm.collect(true);
    }
    if let Some(e) = failed {
        assert!(w.vm.heap.is_instance(e, wellknown::ALMOST_OUT_OF_MEMORY));
        w.vm.abandon(0).unwrap();
    }
    assert!((max - 2..=max).contains(&w.vm.codes_loaded()));
    // Every number is taken by code in use; a method that catches the error runs in the reserve.
    let mut a = method("safe", 0);
    let (caught, window) = (a.temp(), a.temps(2));
    let start = a.here();
    let literal = a.literal(Literal::Code(Box::new(making_block(1))));
    a.emit(Op::MakeBlock, window, literal, 0);
    let end = a.here();
    a.emit(Op::Return, window, 0, 0);
    let target = a.here();
    a.handler(start, end, target, HandlerKind::Rescue, caught);
    a.emit(Op::Return, caught, 0, 0);
    let safe = a.finish().unwrap();
    w.doit(&safe).unwrap();
    w.vm.release(mark);
    w.vm.collect(true);
    assert_eq!(w.vm.codes_loaded(), 0);
    assert_eq!(w.doit(&answering("doit", 3)).unwrap(), int(3));
}
