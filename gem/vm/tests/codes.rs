//! How long code lives: as long as something names it, and no longer.

use format::wellknown::{self, slots};
use gem_bytecode::{Assembler, Code, CodeKind, HandlerKind, Literal, Op, Params};
use gem_heap::Oop;
use gem_vm::{FROM_METHOD, LAMBDA, VmOptions};
use world::{World, block_value, method};

fn int(n: i64) -> Oop {
    Oop::small_int_wrapping(n)
}

/// `^n`
fn answering(name: &str, n: i32) -> Code {
    let mut a = method(name, 0);
    let r = a.temp();
    a.emit_imm(Op::LoadInt, r, n);
    a.emit(Op::Return, r, 0, 0);
    a.finish().unwrap()
}

/// `[n]`, as a block.
fn block_of(n: i32) -> Code {
    let mut b = Assembler::new("block", CodeKind::Block, 0, Params::default());
    let r = b.temp();
    b.emit_imm(Op::LoadInt, r, n);
    b.emit(Op::Return, r, 0, 0);
    b.finish().unwrap()
}

/// `^[n]`
fn making_block(n: i32) -> Code {
    let mut a = method("block", 0);
    let r = a.temp();
    let literal = a.literal(Literal::Code(Box::new(block_of(n))));
    a.emit(Op::MakeBlock, r, literal, 0);
    a.emit(Op::Return, r, 0, 0);
    a.finish().unwrap()
}

/// A method whose body is this primitive, then `^n`.
fn primitive(name: &str, primitive: &str, n: i32) -> Code {
    let mut code = answering(name, n);
    code.primitive = Some(primitive.to_string());
    code
}

/// `self selector. ^n`, the argument of the send being a block when there is one.
fn sending(selector: &str, n: i32) -> Code {
    let mut a = method("sending", 0);
    let window = a.temps(4);
    a.emit(Op::Move, window, 0, 0);
    let site = a.site(selector, 0, 0);
    a.emit(Op::Send, window, site, window);
    a.emit_imm(Op::LoadInt, window, n);
    a.emit(Op::Return, window, 0, 0);
    a.finish().unwrap()
}

#[test]
fn doits_end_and_their_numbers_are_used_again() {
    let mut w = World::with(VmOptions {
        codes_max: 1000,
        ..VmOptions::default()
    });
    for i in 0..20_000 {
        let n = i % 1000;
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
    w.define(wellknown::EXEC_BLOCK, &block_value());
    for n in 0..20 {
        // Nothing refers to the method but the call that runs it: its receiver takes the closure's place.
        let code = primitive("gone", "collectAndFallBack", n);
        let gone = w.method(&code);
        let flags = int(FROM_METHOD | LAMBDA);
        let fields = [gone, Oop::NIL, Oop::TRUE, flags, Oop::NIL];
        let closure =
            w.vm.model
                .heap
                .new_with_slots(wellknown::EXEC_BLOCK, &fields);
        assert_eq!(w.send(closure, "value"), int(n as i64));
    }
}

#[test]
fn a_block_lives_as_long_as_somebody_holds_it() {
    let mut w = World::verified();
    w.define(wellknown::EXEC_BLOCK, &block_value());
    let block = w.doit(&making_block(11)).unwrap();
    let mark = w.vm.model.held();
    w.vm.model.hold(block);
    for round in 0..3 {
        w.vm.collect(true);
        // The numbers and places of what ended go to these.
        for n in 0..50 {
            w.doit(&making_block(n)).unwrap();
        }
        assert_eq!(w.send(block, "value"), int(11), "round {round}");
    }
    w.vm.model.release(mark);
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
    // Makes a block whose code is not loaded yet; answers what that raises.
    let mut a = method("safe", 0);
    let (caught, window) = (a.temp(), a.temps(2));
    let start = a.here();
    let literal = a.literal(Literal::Code(Box::new(block_of(1))));
    a.emit(Op::MakeBlock, window, literal, 0);
    let end = a.here();
    a.emit(Op::Return, window, 0, 0);
    let target = a.here();
    a.handler(start, end, target, HandlerKind::Rescue, caught);
    a.emit(Op::Return, caught, 0, 0);
    let safe = w.method(&a.finish().unwrap());
    w.vm.model.hold(safe);
    w.vm.load_method(safe).unwrap();
    let mark = w.vm.model.held();
    let mut held = Vec::new();
    while w.vm.codes_loaded() < max {
        let n = held.len() as i32;
        let one = w.method(&answering("one", n));
        w.vm.model.hold(one);
        held.push(one);
        assert_eq!(w.vm.call(one, Oop::NIL, &[]).unwrap(), int(n as i64));
    }
    let error = w.vm.call(safe, Oop::NIL, &[]).unwrap();
    assert!(
        w.vm.model
            .heap
            .is_instance(error, wellknown::ALMOST_OUT_OF_MEMORY)
    );
    let text =
        w.vm.model
            .heap
            .slot(error, slots::exception::MESSAGE)
            .unwrap();
    let text = w.vm.model.heap.text(text);
    assert!(text.starts_with("40 methods and blocks"), "{text}");
    // Whoever handled it has a little room, and all that was loaded is as it was.
    assert_eq!(w.doit(&answering("doit", 99)).unwrap(), int(99));
    for (n, &one) in held.iter().enumerate() {
        assert_eq!(w.vm.call(one, Oop::NIL, &[]).unwrap(), int(n as i64));
    }
    w.vm.model.release(mark);
    w.vm.collect(true);
    assert_eq!(w.vm.codes_loaded(), 1);
    let block = w.vm.call(safe, Oop::NIL, &[]).unwrap();
    assert!(w.vm.model.heap.is_instance(block, wellknown::EXEC_BLOCK));
}
