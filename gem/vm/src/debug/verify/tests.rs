//! One thing is broken by hand at a time; the verifier must name it.

mod scheduler;

use super::scene::Scene;
use super::stack::handlers_inside;
use crate::Vm;
use crate::exec::frame::frame_flags;
use crate::processes::process::{Event, ProcessId, ProcessState};
use gem_bytecode::{Handler, HandlerKind};
use gem_heap::{ObjectId, Oop};
use gem_model::Visibility;
use std::sync::{Arc, Mutex};

/// What ends a scene that was looked at: what was broken must not run.
struct Seen;

/// Plays the scene, breaks something at its height and answers what the verifier says. Nothing runs afterwards.
fn broken(mut breaks: impl FnMut(&mut Vm) + 'static) -> String {
    let said = Arc::new(Mutex::new(String::new()));
    let out = said.clone();
    let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = Scene::new().play(move |vm| {
            vm.verify_heap().unwrap();
            breaks(vm);
            let verdict = vm.verify_heap();
            *out.lock().unwrap() = verdict.map_or_else(|e| e, |n| format!("{n} objects"));
            std::panic::resume_unwind(Box::new(Seen));
        });
    }));
    let thrown = played.expect_err("the scene came to its height");
    if !thrown.is::<Seen>() {
        std::panic::resume_unwind(thrown);
    }
    let said = said.lock().unwrap();
    said.clone()
}

#[track_caller]
fn names(words: &[&str], breaks: impl FnMut(&mut Vm) + 'static) {
    let said = broken(breaks);
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

/// Writes past the assertions of `Registers::set`.
fn poke(vm: &mut Vm, frame: usize, register: usize, value: Oop) {
    let at = vm.exec.frames[frame].base as usize + register;
    poke_at(&mut vm.exec.regs, at, value);
}

fn poke_at(regs: &mut crate::exec::registers::Registers, at: usize, value: Oop) {
    let mut i = 0;
    regs.each_mut(&mut |oop| {
        if i == at {
            *oop = value;
        }
        i += 1;
    });
}

fn number_of_block(vm: &Vm) -> u32 {
    vm.exec.frames[3].code.number.get() as u32
}

const SOME_ID: Oop = Oop::from_id(ObjectId(5000));
const WAITING: ProcessId = ProcessId(1);
const SLEEPING: ProcessId = ProcessId(2);
const JOINING: ProcessId = ProcessId(3);
const NEW: ProcessId = ProcessId(4);
const FIBER: ProcessId = ProcessId(5);

#[test]
fn the_scene_is_whole_and_plays_to_its_end() {
    let said = broken(|vm| {
        assert_eq!(vm.exec.frames.len(), 4);
        assert_eq!(vm.exec.frames[1].env, Oop::stack_env(1));
        assert!(vm.exec.frames[2].block.is_stack() && vm.exec.frames[3].closure.is_stack());
        let states = [WAITING, SLEEPING, JOINING, NEW, FIBER].map(|id| vm.process_state(id));
        assert!(matches!(states[1], ProcessState::Sleeping(_)));
        let expected = [ProcessState::Waiting, ProcessState::Ready];
        assert_eq!([states[0], states[3]], expected);
        assert_eq!([states[2], states[4]], expected);
    });
    assert!(said.ends_with(" objects"), "{said}");
    assert_eq!(Scene::new().play(|_| {}).unwrap(), Oop::NIL);
}

#[test]
fn specials_of_parked_frames_stay_when_old_ones_go() {
    let _ = broken(|vm| {
        vm.exec.serial += 2;
        let (waits, gone) = (vm.exec.serial - 1, vm.exec.serial);
        vm.processes.get_mut(WAITING).frames[0].serial = waits;
        vm.exec.specials.push((waits, false, Oop::TRUE));
        vm.exec.specials.extend([(gone, false, Oop::NIL); 64]);
        vm.set_special_of(2, false, Oop::FALSE).unwrap();
        let kept: Vec<Oop> = vm.exec.specials.iter().map(|s| s.2).collect();
        assert_eq!(kept, [Oop::TRUE, Oop::FALSE]);
    });
}

#[test]
fn frames_that_lie_wrongly() {
    names(
        &["the main process, frame 2 (each at ", "its base is"],
        |vm| vm.exec.frames[2].base = vm.exec.frames[1].base,
    );
    names(&["frame 2", "its base is"], |vm| {
        vm.exec.frames[2].base += 100
    });
    names(&["frame 3", "are more than the stack's"], |vm| {
        vm.exec.frames[3].base = 1 << 20
    });
    names(&["frame 3", "its code has 3 instructions"], |vm| {
        vm.exec.frames[3].pc = 3
    });
    names(&["frame 1", "its code has"], |vm| {
        vm.exec.frames[1].pc = 900
    });
    names(&["frame 2", "its value goes to register"], |vm| {
        vm.exec.frames[2].dst = u16::MAX
    });
    names(&["its run begins at frame 99 of 4"], |vm| {
        vm.exec.run_depth = 99
    });
}

#[test]
fn frames_that_are_not_what_they_say() {
    names(&["frame 2", "code's number 0"], |vm| {
        vm.exec.frames[2].code.number.set(0)
    });
    names(&["frame 1", "are not all known"], |vm| {
        vm.exec.frames[1].flags |= 1 << 15
    });
    names(&["frame 1", "only the bottom"], |vm| {
        vm.exec.frames[1].flags |= frame_flags::PROCESS
    });
    names(&["frame 0", "its value goes nowhere"], |vm| {
        vm.exec.frames[0].flags = 0
    });
    names(
        &[
            "frame 2",
            "serial 1 is also that of the main process, frame 0",
        ],
        |vm| vm.exec.frames[2].serial = vm.exec.frames[0].serial,
    );
    names(
        &["serial 1 is also that of the main process, frame 0"],
        |vm| vm.processes.get_mut(WAITING).frames[0].serial = vm.exec.frames[0].serial,
    );
    names(&["frame 2", "given were"], |vm| {
        vm.exec.frames[2].serial = 999
    });
}

#[test]
fn a_handler_outside_of_its_code() {
    let good = Handler {
        start: 1,
        end: 4,
        target: 5,
        kind: HandlerKind::Rescue,
        reg: 2,
    };
    assert_eq!(handlers_inside(&[good], 6, 3), Ok(()));
    for bad in [
        Handler { start: 5, ..good },
        Handler { end: 7, ..good },
        Handler { target: 6, ..good },
        Handler { reg: 3, ..good },
    ] {
        let wrong = handlers_inside(&[good, bad], 6, 3).unwrap_err();
        assert!(wrong.contains("its handler 1 leaves the code"), "{wrong}");
    }
}

#[test]
fn environments_that_name_nothing() {
    names(
        &["frame 1", "its environment", "frame 3, which is not below"],
        |vm| vm.exec.frames[1].env = Oop::stack_env(3),
    );
    names(
        &[
            "frame 3",
            "its environment",
            "frame 2, which has none of its own",
        ],
        |vm| vm.exec.frames[3].env = Oop::stack_env(2),
    );
    names(&["frame 3", "which has none of its own"], |vm| {
        vm.exec.frames[1].env = Oop::NIL
    });
    names(&["frame 3", "its environment", "is a block"], |vm| {
        vm.exec.frames[3].env = Oop::stack_block(1, number_of_block(vm))
    });
    names(
        &["frame 0", "its environment", "is no VariableContext"],
        |vm| vm.exec.frames[0].env = vm.model.heap.new_string(b"x").unwrap(),
    );
    names(
        &["frame 1", "register 1", "a variable that blocks share"],
        |vm| poke(vm, 1, 1, Oop::UNDEF),
    );
}

#[test]
fn blocks_that_name_nothing() {
    names(
        &["frame 2", "its block", "frame 2, which is not below"],
        |vm| vm.exec.frames[2].block = Oop::stack_block(2, number_of_block(vm)),
    );
    names(
        &["frame 2", "its block", "code 65535, which is no block"],
        |vm| vm.exec.frames[2].block = Oop::stack_block(1, 0xFFFF),
    );
    names(&["frame 2", "its block", "which is no block"], |vm| {
        let method = vm.exec.frames[1].code.number.get() as u32;
        vm.exec.frames[2].block = Oop::stack_block(1, method)
    });
    names(&["frame 2", "its block", "is an environment"], |vm| {
        vm.exec.frames[2].block = Oop::stack_env(1)
    });
    names(&["frame 2", "its block", "is no object in memory"], |vm| {
        vm.exec.frames[2].block = Oop::UNDEF
    });
    names(&["frame 2", "its block", "is no ExecBlock"], |vm| {
        vm.exec.frames[2].block = vm.model.heap.new_string(b"x").unwrap()
    });
    names(&["frame 3", "its closure", "a block of other code"], |vm| {
        let waits = vm.processes.get(WAITING).frames[0].code.number.get();
        vm.exec.frames[3].closure = Oop::stack_block(1, waits as u32)
    });
    names(&["frame 3", "its closure", "runs without one"], |vm| {
        vm.exec.frames[3].closure = Oop::NIL
    });
}

#[test]
fn registers_with_what_they_may_not_hold() {
    names(&["frame 1", "register 0", "the id of an object"], |vm| {
        poke(vm, 1, 0, SOME_ID)
    });
    names(&["frame 3", "register 1", "the id of an object"], |vm| {
        poke(vm, 3, 1, SOME_ID)
    });
    let elsewhere = Scene::new();
    let outside = elsewhere
        .vm
        .model
        .heap
        .find(format::wellknown::CLASS)
        .unwrap();
    names(
        &[
            "frame 2",
            "register 0",
            "points outside of the object memory",
        ],
        move |vm| poke(vm, 2, 0, outside),
    );
    names(
        &["frame 2", "register 0", "the mark of an absent argument"],
        |vm| poke(vm, 2, 0, Oop::UNDEF),
    );
    names(
        &["frame 0", "register 0", "frame 3, which is not below"],
        |vm| poke(vm, 0, 0, Oop::stack_block(3, number_of_block(vm))),
    );
    names(
        &["process 2, frame 0", "register 0", "the id of an object"],
        |vm| poke_at(&mut vm.processes.get_mut(SLEEPING).regs, 0, SOME_ID),
    );
    names(&["process 4, register 0 before its start"], |vm| {
        poke_at(&mut vm.processes.get_mut(NEW).regs, 0, Oop::UNDEF)
    });
    names(&["process 4: 5000 arguments in 256 registers"], |vm| {
        vm.processes.get_mut(NEW).argc = 5000
    });
}

/// Freed memory is filled in debug builds only, and the address sanitizer lets nobody read it.
#[cfg(all(debug_assertions, not(maglev_asan)))]
#[test]
fn a_register_with_an_object_that_was_freed() {
    names(&["frame 1", "register 0", "was freed"], |vm| {
        let texts: Vec<Oop> = (0..1000)
            .map(|_| vm.model.heap.new_string(&[b'x'; 200]).unwrap())
            .collect();
        vm.collect(true);
        poke(vm, 1, 0, texts[500]);
    });
}

#[test]
fn references_that_the_machine_holds_beside_stacks() {
    names(&["handle ", "has left the registers"], |vm| {
        vm.model.hold(Oop::UNDEF)
    });
    names(&["handle ", "the id of an object"], |vm| {
        vm.model.hold(SOME_ID)
    });
    names(&["the main process, its $!", "id of an object"], |vm| {
        vm.exec.error_info = SOME_ID
    });
    names(&["a special variable is of frame serial 999"], |vm| {
        vm.exec.specials.push((999, false, Oop::NIL))
    });
    names(&["special variable of frame 1", "id of an object"], |vm| {
        vm.exec.specials.push((1, false, SOME_ID))
    });
    names(&["a default visibility is of frame serial 999"], |vm| {
        vm.exec.visibilities.push((999, Visibility::Private, false))
    });
    names(&["global variable $x", "has left the registers"], |vm| {
        let name = vm.model.heap.symbol("$x");
        vm.model.globals.values.insert(name, Oop::stack_env(0));
    });
    names(&["the value of the last run"], |vm| {
        vm.exec.finished = SOME_ID
    });
    names(&["process 1, its value to wake with"], |vm| {
        vm.processes.get_mut(WAITING).wake_value = Oop::UNDEF
    });
    names(&["process 1, an exception on its way"], |vm| {
        let events = &mut vm.processes.get_mut(WAITING).events;
        events.push_back(Event::Raise(SOME_ID))
    });
    names(&["process 1, a stored frame"], |vm| {
        vm.processes.get_mut(WAITING).stored.push((1, SOME_ID))
    });
    names(&["a reference into the stack", "element 0"], |vm| {
        let array = vm.model.heap.new_array(&[Oop::stack_env(1)]).unwrap();
        vm.model.hold(array);
    });
}
