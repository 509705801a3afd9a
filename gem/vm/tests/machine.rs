//! The machine on hand-assembled code: sends, blocks, returns through blocks, exceptions, deep recursion.

use format::wellknown::{self, slots};
use gem_bytecode::{Assembler, Code, CodeKind, HandlerKind, Literal, Op, Params};
use gem_heap::Oop;
use gem_vm::VmExit;
use world::{World, block_value, method};

/// fib: n ^n < 2 ifTrue: [1] ifFalse: [(self fib: n - 1) + (self fib: n - 2)]
fn fib() -> Code {
    let mut a = method("fib:", 1);
    let (t, u, w) = (a.temp(), a.temp(), a.temps(4));
    let two = a.temp();
    let other = a.label();
    a.emit_imm(Op::LoadInt, two, 2);
    let less = a.site("<", 1, 0);
    a.jump_unless(
        Op::JumpUnlessLt,
        1,
        two,
        less,
        w,
        Op::BoolBranchFalse,
        other,
    );
    a.emit_imm(Op::LoadInt, t, 1);
    a.emit(Op::Return, t, 0, 0);
    a.bind(other);
    let window = a.temps(8);
    for (dst, k) in [(t, 1), (u, 2)] {
        a.emit(Op::Move, window, 0, 0);
        let minus = a.site("-", 1, 0);
        a.with_send(Op::SubInt, window + 1, 1, k, window + 1, minus, window + 2);
        let site = a.site("fib:", 1, 0);
        a.emit(Op::Send, dst, site, window);
    }
    let plus = a.site("+", 1, 0);
    a.with_send(Op::Add, t, t, u, t, plus, window);
    a.emit(Op::Return, t, 0, 0);
    a.finish().unwrap()
}

#[test]
fn recursion_computes_fibonacci_numbers() {
    for stress in [false, true] {
        let mut w = World::new(stress);
        w.define(wellknown::OBJECT, &fib());
        let selector = w.vm.model.heap.symbol("fib:");
        let n = if stress { 12 } else { 25 };
        let value =
            w.vm.send(Oop::NIL, selector, &[Oop::small_int(n).unwrap()], 0)
                .unwrap();
        assert_eq!(
            value.as_small_int(),
            Some(if stress { 233 } else { 121_393 })
        );
        w.vm.verify_heap().unwrap();
    }
}

#[test]
fn endless_recursion_is_an_exception_and_the_machine_lives_on() {
    let mut w = World::new(false);
    let mut a = method("forever", 0);
    let window = a.temps(2);
    a.emit(Op::Move, window, 0, 0);
    let site = a.site("forever", 0, 0);
    a.emit(Op::Send, window, site, window);
    a.emit(Op::Return, window, 0, 0);
    w.define(wellknown::OBJECT, &a.finish().unwrap());
    let selector = w.vm.model.heap.symbol("forever");
    match w.vm.send(Oop::NIL, selector, &[], 0) {
        Err(VmExit::Unhandled(e)) => {
            assert!(
                w.vm.model
                    .heap
                    .is_instance(e, wellknown::ALMOST_OUT_OF_STACK)
            )
        }
        other => panic!("{other:?}"),
    }
    w.vm.abandon(0).unwrap();
    w.define(wellknown::OBJECT, &fib());
    let selector = w.vm.model.heap.symbol("fib:");
    let value =
        w.vm.send(Oop::NIL, selector, &[Oop::small_int(10).unwrap()], 0)
            .unwrap();
    assert_eq!(value.as_small_int(), Some(89));
}

#[test]
fn a_return_in_a_block_leaves_its_home_and_runs_ensure_bodies() {
    let mut w = World::new(true);
    w.define(wellknown::EXEC_BLOCK, &block_value());
    // ensured: aBlock  — evaluates the block, then stores 7 into its receiver's first element
    let mut a = method("run:", 1);
    let (pending, window) = (a.temp(), a.temps(3));
    let start = a.here();
    a.emit(Op::Move, window, 1, 0);
    let site = a.site("value", 0, 0);
    a.emit(Op::Send, window, site, window);
    let end = a.here();
    a.emit(Op::LoadNil, pending, 0, 0);
    let target = a.here();
    a.handler(start, end, target, HandlerKind::Ensure, pending);
    a.emit_imm(Op::LoadInt, window, 7);
    a.emit(Op::ArrayPush, 0, window, 0);
    a.emit(Op::EndEnsure, pending, 0, 0);
    a.emit(Op::ReturnSelf, 0, 0, 0);
    w.define(wellknown::ARRAY, &a.finish().unwrap());
    // outer  — self run: [^3]. ^4
    let mut b = Assembler::new("outer", CodeKind::Block, 0, Params::default());
    let r = b.temp();
    b.emit_imm(Op::LoadInt, r, 3);
    b.emit(Op::ReturnHome, r, 0, 0);
    let mut a = method("outer", 0);
    a.emit(Op::MakeEnv, 0, 0, 0);
    let window = a.temps(2);
    a.emit(Op::Move, window, 0, 0);
    let literal = a.literal(Literal::Code(Box::new(b.finish().unwrap())));
    a.emit(Op::MakeBlock, window + 1, literal, 0);
    let site = a.site("run:", 1, 0);
    a.emit(Op::Send, window, site, window);
    a.emit_imm(Op::LoadInt, window, 4);
    a.emit(Op::Return, window, 0, 0);
    w.define(wellknown::ARRAY, &a.finish().unwrap());
    let array = w.vm.model.heap.new_array(&[]).unwrap();
    w.vm.model.hold(array);
    let selector = w.vm.model.heap.symbol("outer");
    let value = w.vm.send(array, selector, &[], 0).unwrap();
    assert_eq!(value.as_small_int(), Some(3));
    assert_eq!(
        w.vm.model.heap.element(array, 0).unwrap().as_small_int(),
        Some(7)
    );
}

#[test]
fn a_rescue_table_catches_what_a_primitive_raises() {
    let mut w = World::new(true);
    w.define(wellknown::OBJECT, &world::primitive("boom", "boom"));
    let mut a = method("safe", 0);
    let (caught, window) = (a.temp(), a.temps(2));
    let start = a.here();
    a.emit(Op::Move, window, 0, 0);
    let site = a.site("boom", 0, 0);
    a.emit(Op::Send, window, site, window);
    let end = a.here();
    a.emit(Op::Return, window, 0, 0);
    let target = a.here();
    a.handler(start, end, target, HandlerKind::Rescue, caught);
    a.emit(Op::Return, caught, 0, 0);
    w.define(wellknown::OBJECT, &a.finish().unwrap());
    let selector = w.vm.model.heap.symbol("safe");
    let value = w.vm.send(Oop::TRUE, selector, &[], 0).unwrap();
    assert!(w.vm.model.heap.is_instance(value, wellknown::ZERO_DIVIDE));
    let text =
        w.vm.model
            .heap
            .slot(value, slots::exception::MESSAGE)
            .unwrap();
    assert_eq!(w.vm.model.heap.text(text), "divided by 0");
}
