//! Frames of hand-assembled methods, stopped at an error.

mod stops;

use crate::{Stopped, VariableError, Why};
use format::wellknown;
use gem_bytecode::{Assembler, Code, CodeKind, Literal, Op, Params};
use gem_vm::{Oop, VmExit};
use world::World;

fn method(name: &str, parameters: &[&str]) -> Assembler {
    let params = Params {
        required: parameters.len() as u16,
        names: parameters.iter().map(ToString::to_string).collect(),
        ..Params::default()
    };
    Assembler::new(name, CodeKind::Method, 0, params)
}

/// boom, which a primitive answers with ZeroDivide.
fn boom() -> Code {
    world::primitive("boom", "boom")
}

/// inner: a  | t | t := 5. self boom
fn inner() -> Code {
    let mut a = method("inner:", &["a"]);
    let (t, window) = (a.temp(), a.temps(4));
    a.set_line(10);
    a.mark_place();
    a.set_line(12);
    a.emit_imm(Op::LoadInt, t, 5);
    a.set_line(13);
    a.emit(Op::Move, window, 0, 0);
    let site = a.site("boom", 0, 0);
    a.emit(Op::Send, window, site, window);
    a.emit(Op::ReturnSelf, 0, 0, 0);
    a.code_mut().local_names = vec![("t".to_string(), t)];
    a.code_mut().source = "inner: a\n\t| t |\n\tt := 5.\n\tself boom".to_string();
    a.finish().unwrap()
}

/// outer  | x | x := 7. [x. self inner: 3] value
fn outer() -> Code {
    let mut b = Assembler::new("outer", CodeKind::Block, 0, Params::default());
    let window = b.temps(4);
    b.set_line(3);
    b.emit(Op::Move, window, 0, 0);
    b.emit_imm(Op::LoadInt, window + 1, 3);
    let site = b.site("inner:", 1, 0);
    b.emit(Op::Send, window, site, window);
    b.emit(Op::Return, window, 0, 0);
    let mut a = method("outer", &[]);
    let window = a.temps(4);
    a.set_line(1);
    a.mark_place();
    a.set_line(2);
    a.emit(Op::MakeEnv, 0, 1, 0);
    a.emit_imm(Op::LoadInt, window, 7);
    a.emit(Op::SetEnv, window, 0, 0);
    let literal = a.literal(Literal::Code(Box::new(b.finish().unwrap())));
    a.emit(Op::MakeBlock, window, literal, 0);
    let site = a.site("value", 0, 0);
    a.emit(Op::Send, window, site, window);
    a.emit(Op::Return, window, 0, 0);
    a.code_mut().env_names = vec!["x".to_string()];
    a.code_mut().source = "outer\n\tx := 7.\n\t[ x. self inner: 3 ] value".to_string();
    a.finish().unwrap()
}

fn stopped() -> (World, Stopped) {
    let mut w = World::new(false);
    for code in [boom(), inner(), outer()] {
        w.define(wellknown::OBJECT, &code);
    }
    w.define(wellknown::EXEC_BLOCK, &world::block_value());
    let selector = w.vm.model.heap.symbol("outer");
    match w.vm.send(Oop::TRUE, selector, &[], 0) {
        Err(VmExit::Unhandled(e)) => {
            w.vm.model.hold(e);
            let stopped = Stopped::new(&w.vm, 0, Why::Error(e));
            (w, stopped)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn frames_show_method_line_receiver_and_variables() {
    let (mut w, stopped) = stopped();
    assert_eq!(stopped.levels(), 3);
    let labels: Vec<String> = (1..=3)
        .map(|l| stopped.location(&mut w.vm, l).unwrap().label)
        .collect();
    assert!(
        labels[0].ends_with("inner:")
            && labels[1].starts_with("block in")
            && labels[2].ends_with("outer"),
        "{labels:?}"
    );
    assert_eq!(stopped.location(&mut w.vm, 1).unwrap().line, 13);
    for level in 1..=3 {
        assert_eq!(stopped.receiver(&mut w.vm, level), Some(Oop::TRUE));
    }
    let small = |n| Oop::small_int(n);
    let names = |w: &mut World, l| -> Vec<(String, Option<Oop>)> {
        stopped
            .variables(&mut w.vm, l)
            .into_iter()
            .map(|v| (v.name, v.value))
            .collect()
    };
    assert_eq!(
        names(&mut w, 1),
        [("a".to_string(), small(3)), ("t".to_string(), small(5))]
    );
    assert_eq!(names(&mut w, 2), [("x".to_string(), small(7))]);
    assert_eq!(names(&mut w, 3), [("x".to_string(), small(7))]);
    assert_eq!(stopped.location(&mut w.vm, 4), None);
    assert_eq!(stopped.location(&mut w.vm, 0), None);
    assert!(stopped.variables(&mut w.vm, 4).is_empty());
    assert_eq!(w.vm.exec.frames.len(), 3);
}

#[test]
fn looking_changes_nothing_and_survives_a_collection() {
    let (mut w, stopped) = stopped();
    let before = stopped.variables(&mut w.vm, 1);
    w.vm.collect(true);
    assert_eq!(stopped.variables(&mut w.vm, 1), before);
    w.vm.verify_heap().unwrap();
}

#[test]
fn variables_can_be_set() {
    let (mut w, stopped) = stopped();
    stopped.set_variable(&mut w.vm, 2, "x", Oop::NIL).unwrap();
    assert_eq!(stopped.variables(&mut w.vm, 3)[0].value, Some(Oop::NIL));
    let unknown = stopped.set_variable(&mut w.vm, 2, "nope", Oop::NIL);
    assert_eq!(unknown, Err(VariableError::Unknown));
    stopped.set_variable(&mut w.vm, 1, "t", Oop::TRUE).unwrap();
    let t = &stopped.variables(&mut w.vm, 1)[1];
    assert_eq!((t.name.as_str(), t.value), ("t", Some(Oop::TRUE)));
}

#[test]
fn listings_know_the_line_that_runs() {
    let (mut w, stopped) = stopped();
    let listing = stopped.listing(&mut w.vm, 1).unwrap();
    assert_eq!((listing.first_line, listing.current_line), (10, 13));
    let block = stopped.listing(&mut w.vm, 2).unwrap();
    assert!(block.text.starts_with("outer\n"));
    assert_eq!((block.first_line, block.current_line), (1, 3));
}

#[test]
fn giving_up_ends_the_process_and_the_machine_lives_on() {
    let (mut w, stopped) = stopped();
    stopped.give_up(&mut w.vm).unwrap();
    assert!(w.vm.exec.frames.is_empty());
    let selector = w.vm.model.heap.symbol("outer");
    assert!(w.vm.send(Oop::TRUE, selector, &[], 0).is_err());
}

/// twice: a  | t | t := a. ^ t + self boom — with the sum left out: answers what boom answers.
fn answers_boom() -> Code {
    let mut a = method("answer:", &["a"]);
    let (t, window) = (a.temp(), a.temps(4));
    a.emit(Op::MakeEnv, 0, 1, 0);
    a.emit(Op::SetEnv, 1, 0, 0);
    a.emit(Op::Move, window, 0, 0);
    let site = a.site("boom", 0, 0);
    a.emit(Op::Send, t, site, window);
    a.emit(Op::Return, t, 0, 0);
    a.finish().unwrap()
}

fn stopped_in_answer() -> (World, Stopped) {
    let mut w = World::new(false);
    for code in [boom(), answers_boom()] {
        w.define(wellknown::OBJECT, &code);
    }
    let selector = w.vm.model.heap.symbol("answer:");
    let exit = w.vm.send(Oop::TRUE, selector, &[Oop::FALSE], 0);
    let Err(VmExit::Unhandled(e)) = exit else {
        panic!("{exit:?}");
    };
    w.vm.model.hold(e);
    let stopped = Stopped::new(&w.vm, 0, Why::Error(e));
    (w, stopped)
}

#[test]
fn a_process_goes_on_with_a_value() {
    let (mut w, stopped) = stopped_in_answer();
    let value = stopped
        .proceed(&mut w.vm, Oop::small_int_wrapping(42))
        .unwrap();
    assert_eq!(value.as_small_int(), Some(42));
    assert!(w.vm.exec.frames.is_empty());
}

#[test]
fn a_frame_starts_again_and_stops_again() {
    let (mut w, stopped) = stopped_in_answer();
    assert!(matches!(
        stopped.restart(&mut w.vm, 1),
        Err(VmExit::Unhandled(_))
    ));
    let again = Stopped::new(&w.vm, stopped.depth(), stopped.why());
    assert_eq!(again.levels(), 1);
    assert_eq!(again.variables(&mut w.vm, 1)[0].value, Some(Oop::FALSE));
    assert!(again.restart(&mut w.vm, 2).is_err());
    let value = again.proceed(&mut w.vm, Oop::NIL).unwrap();
    assert!(value.is_nil() && w.vm.exec.frames.is_empty());
}

#[test]
fn an_outer_frame_starts_again() {
    let (mut w, stopped) = stopped();
    assert!(stopped.restart(&mut w.vm, 3).is_err());
    assert_eq!(w.vm.exec.frames.len(), 3);
    let again = Stopped::new(&w.vm, 0, stopped.why());
    assert_eq!(again.location(&mut w.vm, 1).unwrap().line, 13);
    again.give_up(&mut w.vm).unwrap();
    w.vm.verify_heap().unwrap();
}
