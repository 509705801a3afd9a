//! Breakpoints, steps and interrupts.

use super::{boom, inner, method, outer};
use crate::{Debugger, Run, StepKind, Stopped, Why, step_points};
use format::wellknown;
use gem_bytecode::{Code, Op};
use gem_vm::{Oop, VmExit};
use world::World;

/// sum: a  | t | t := self twice: a. t := t + 1. ^ t    (lines 21 to 23)
fn sum() -> Code {
    let mut a = method("sum:", &["a"]);
    let (t, window) = (a.temp(), a.temps(4));
    a.set_place(21, 1);
    a.emit(Op::Move, window, 0, 0);
    a.emit(Op::Move, window + 1, 1, 0);
    let site = a.site("twice:", 1, 0);
    a.set_place(21, 9);
    a.emit(Op::Send, t, site, window);
    a.set_place(22, 6);
    let plus = a.site("+", 1, 0);
    a.with_send(Op::AddInt, t, t, 1, t, plus, window);
    a.set_place(23, 1);
    a.emit(Op::Return, t, 0, 0);
    a.code_mut().local_names = vec![("t".to_string(), t)];
    a.finish().unwrap()
}

/// twice: n  ^ n + n    (line 31)
fn twice() -> Code {
    let mut a = method("twice:", &["n"]);
    let window = a.temps(4);
    a.set_place(31, 4);
    let plus = a.site("+", 1, 0);
    a.with_send(Op::Add, window, 1, 1, window, plus, window);
    a.set_place(31, 1);
    a.emit(Op::Return, window, 0, 0);
    a.finish().unwrap()
}

/// forever: go  [go] whileTrue: [self interrupt]
fn forever() -> Code {
    let mut a = method("forever:", &["go"]);
    let window = a.temps(4);
    a.set_place(41, 1);
    let (start, end) = (a.here(), a.label());
    a.jump(Op::BranchFalse, 1, end);
    a.set_place(41, 20);
    a.emit(Op::Move, window, 0, 0);
    let site = a.site("interrupt", 0, 0);
    a.emit(Op::Send, window, site, window);
    a.jump(Op::Jump, 0, start);
    a.bind(end);
    a.emit(Op::ReturnSelf, 0, 0, 0);
    a.finish().unwrap()
}

fn interrupt() -> Code {
    world::primitive("interrupt", "interrupt")
}

struct Rig {
    world: World,
    debugger: Debugger,
}

impl Rig {
    fn new() -> Rig {
        let mut world = World::new(false);
        for code in [
            boom(),
            inner(),
            outer(),
            sum(),
            twice(),
            forever(),
            interrupt(),
        ] {
            world.define(wellknown::OBJECT, &code);
        }
        world.define(wellknown::EXEC_BLOCK, &world::block_value());
        Rig {
            world,
            debugger: Debugger::default(),
        }
    }

    fn method(&mut self, selector: &str) -> Oop {
        let vm = &mut self.world.vm;
        let selector = vm.model.heap.symbol(selector);
        let class = vm.model.heap.class_index_of(Oop::TRUE);
        vm.model.lookup(class, selector, 0).unwrap().unwrap().method
    }

    fn send(&mut self, selector: &str, args: &[Oop]) -> Run {
        let selector = self.world.vm.model.heap.symbol(selector);
        self.debugger.run(&mut self.world.vm, |vm| {
            vm.send(Oop::TRUE, selector, args, 0)
        })
    }

    /// Where a process stopped: label and line.
    #[track_caller]
    fn stopped(&mut self, run: Run) -> (Stopped, String, u32) {
        let Run::Stopped(stopped) = run else {
            panic!("{run:?}");
        };
        let at = stopped.location(&mut self.world.vm, 1).unwrap();
        (stopped, at.label, at.line)
    }

    fn break_at(&mut self, selector: &str, number: usize) -> usize {
        let method = self.method(selector);
        let points = step_points(&mut self.world.vm, method).unwrap();
        let point = points[number - 1];
        self.debugger
            .breakpoints
            .add_method(&mut self.world.vm, selector.to_string(), &point)
    }
}

fn int(n: i64) -> Oop {
    Oop::small_int_wrapping(n)
}

#[track_caller]
fn value(run: Run) -> Option<i64> {
    match run {
        Run::Value(value) => value.as_small_int(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn step_points_are_the_places_of_a_method_and_its_blocks() {
    let mut rig = Rig::new();
    let method = rig.method("sum:");
    let points = step_points(&mut rig.world.vm, method).unwrap();
    let places: Vec<_> = points.iter().map(|p| (p.line, p.column)).collect();
    assert_eq!(places, [(21, 1), (21, 9), (22, 6), (23, 1)]);
    let method = rig.method("outer");
    let points = step_points(&mut rig.world.vm, method).unwrap();
    assert_eq!(points.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn a_breakpoint_stops_and_the_process_goes_on() {
    let mut rig = Rig::new();
    let number = rig.break_at("sum:", 3);
    let run = rig.send("sum:", &[int(5)]);
    let (stopped, label, line) = rig.stopped(run);
    assert_eq!(stopped.why(), Why::Breakpoint(number));
    assert!(label.ends_with("sum:") && line == 22, "{label} {line}");
    let t = &stopped.variables(&mut rig.world.vm, 1)[1];
    assert_eq!((t.name.as_str(), t.value), ("t", Some(int(10))));
    let run = rig.debugger.proceed(&mut rig.world.vm, stopped, Oop::NIL);
    assert_eq!(value(run), Some(11));
    assert_eq!(rig.debugger.breakpoints.list()[0].hits, 1);
    assert!(rig.world.vm.exec.frames.is_empty());
}

#[test]
fn breakpoints_can_be_switched_off_and_deleted() {
    let mut rig = Rig::new();
    let first = rig.break_at("sum:", 1);
    let second = rig.break_at("sum:", 1);
    let breakpoints = &mut rig.debugger.breakpoints;
    assert!(breakpoints.enable(&mut rig.world.vm, Some(first), false));
    let run = rig.send("sum:", &[int(1)]);
    let (stopped, ..) = rig.stopped(run);
    assert_eq!(stopped.why(), Why::Breakpoint(second));
    stopped.give_up(&mut rig.world.vm).unwrap();
    let breakpoints = &mut rig.debugger.breakpoints;
    assert!(breakpoints.delete(&mut rig.world.vm, Some(second)));
    assert!(!breakpoints.delete(&mut rig.world.vm, Some(second)));
    assert_eq!(value(rig.send("sum:", &[int(1)])), Some(3));
    let breakpoints = &mut rig.debugger.breakpoints;
    assert!(breakpoints.enable(&mut rig.world.vm, None, true));
    assert!(matches!(rig.send("sum:", &[int(1)]), Run::Stopped(_)));
    assert!(rig.debugger.breakpoints.delete(&mut rig.world.vm, None));
    assert!(rig.debugger.breakpoints.list().is_empty());
}

#[test]
fn a_line_breakpoint_waits_for_code_that_is_not_loaded() {
    let mut rig = Rig::new();
    let vm = &mut rig.world.vm;
    rig.debugger.breakpoints.add_line(vm, "test", 31);
    let run = rig.send("sum:", &[int(5)]);
    let (stopped, label, line) = rig.stopped(run);
    assert!(label.ends_with("twice:") && line == 31, "{label} {line}");
    let run = rig.debugger.proceed(&mut rig.world.vm, stopped, Oop::NIL);
    assert_eq!(value(run), Some(11));
}

/// Steps until the run ends; answers where each one stopped.
fn walk(rig: &mut Rig, selector: &str, kind: StepKind) -> Vec<String> {
    rig.break_at(selector, 1);
    let args: &[Oop] = if selector.ends_with(':') {
        &[Oop::ZERO]
    } else {
        &[]
    };
    let mut run = rig.send(selector, args);
    let mut places = Vec::new();
    while let Run::Stopped(stopped) = run {
        if let Why::Error(_) = stopped.why() {
            places.push("error".to_string());
            stopped.give_up(&mut rig.world.vm).unwrap();
            break;
        }
        let at = stopped.location(&mut rig.world.vm, 1).unwrap();
        let label = at.label.rsplit(">>").next().unwrap_or_default().to_string();
        places.push(format!("{label} {}:{}", at.line, at.column));
        run = rig.debugger.step(&mut rig.world.vm, stopped, kind);
    }
    places
}

#[test]
fn steps_go_over_calls_or_into_them() {
    let over = walk(&mut Rig::new(), "sum:", StepKind::Over);
    assert_eq!(over, ["sum: 21:1", "sum: 21:9", "sum: 22:6", "sum: 23:1"]);
    let into = walk(&mut Rig::new(), "sum:", StepKind::Into);
    assert_eq!(
        into,
        [
            "sum: 21:1",
            "sum: 21:9",
            "twice: 31:4",
            "twice: 31:1",
            "sum: 22:6",
            "sum: 23:1"
        ]
    );
}

#[test]
fn a_step_thru_stops_in_the_blocks_of_the_method_only() {
    let thru = walk(&mut Rig::new(), "outer", StepKind::Thru);
    assert_eq!(thru, ["outer 2:0", "block in outer 3:0", "error"]);
    let over = walk(&mut Rig::new(), "outer", StepKind::Over);
    assert_eq!(over, ["outer 2:0", "error"]);
}

#[test]
fn an_interrupt_leaves_a_process_that_can_go_on() {
    let mut rig = Rig::new();
    let run = rig.send("forever:", &[Oop::TRUE]);
    let (stopped, label, _) = rig.stopped(run);
    assert_eq!(stopped.why(), Why::Interrupt);
    assert!(label.ends_with("forever:"), "{label}");
    let vm = &mut rig.world.vm;
    stopped.set_variable(vm, 1, "go", Oop::FALSE).unwrap();
    assert!(matches!(
        rig.debugger.proceed(vm, stopped, Oop::NIL),
        Run::Value(_)
    ));
    // Without a debugger it is an exception.
    let selector = vm.model.heap.symbol("forever:");
    let exit = vm.send(Oop::TRUE, selector, &[Oop::TRUE], 0);
    assert!(matches!(exit, Err(VmExit::Unhandled(_))), "{exit:?}");
}

#[test]
fn code_without_traps_is_what_the_compiler_made() {
    let mut rig = Rig::new();
    let method = rig.method("sum:");
    let made = sum().instructions;
    let loaded = |rig: &mut Rig| -> Vec<_> {
        let code = rig.world.vm.load_method(method).unwrap();
        code.instructions.iter().map(std::cell::Cell::get).collect()
    };
    assert_eq!(loaded(&mut rig), made);
    let number = rig.break_at("sum:", 3);
    let trapped = loaded(&mut rig);
    let differing = trapped.iter().zip(&made).filter(|(a, b)| a != b).count();
    assert_eq!(differing, 1, "{trapped:?}");
    let breakpoints = &mut rig.debugger.breakpoints;
    breakpoints.delete(&mut rig.world.vm, Some(number));
    assert_eq!(loaded(&mut rig), made);
    walk(&mut rig, "sum:", StepKind::Into);
    rig.debugger.breakpoints.delete(&mut rig.world.vm, None);
    assert_eq!(loaded(&mut rig), made);
}

#[test]
fn a_breakpoint_keeps_its_code_until_it_is_deleted() {
    let mut rig = Rig::new();
    // A text that no class holds.
    let method = rig.world.method(&sum());
    let vm = &mut rig.world.vm;
    let points = step_points(vm, method).unwrap();
    let breakpoints = &mut rig.debugger.breakpoints;
    let number = breakpoints.add_method(vm, "text".to_string(), &points[2]);
    breakpoints.enable(vm, Some(number), false);
    vm.collect(true);
    breakpoints.enable(vm, Some(number), true);
    vm.collect(true);
    let code = vm.code_id(method).unwrap();
    let run = rig
        .debugger
        .run(vm, |vm| vm.call(method, Oop::TRUE, &[int(4)]));
    let (stopped, _, line) = rig.stopped(run);
    assert_eq!((stopped.why(), line), (Why::Breakpoint(number), 22));
    let vm = &mut rig.world.vm;
    vm.collect(true);
    match rig.debugger.proceed(vm, stopped, Oop::NIL) {
        Run::Value(value) => assert_eq!(value, int(9)),
        other => panic!("{other:?}"),
    }
    assert!(vm.code(code).is_some());
    rig.debugger.breakpoints.delete(vm, Some(number));
    vm.collect(true);
    assert!(vm.code(code).is_none());
}
