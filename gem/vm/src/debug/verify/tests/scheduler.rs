//! The scheduler's tables, broken by hand.

use super::{FIBER, JOINING, NEW, SLEEPING, WAITING, names};
use crate::debug::verify::scene::Scene;
use crate::processes::process::{PRIORITY_NORMAL, ProcessId, ProcessState};
use gem_heap::Oop;

#[test]
fn a_run_that_is_left_in_a_fibers_fiber_leaves_whole_tables() {
    let mut scene = Scene::new();
    let left = scene.send("nest");
    assert_eq!(left, Err(crate::VmExit::Internal("left".to_string())));
    scene.vm.verify_heap().unwrap();
    // The fiber between goes on with nil and ends; nobody waits for it any more.
    scene.vm.unwind_to(0);
    // This one switches from within the call itself: there is no frame to go back to.
    assert_eq!(scene.send("pass"), Ok(Oop::NIL));
    scene.vm.verify_heap().unwrap();
    assert_eq!(scene.vm.process_ids(), [ProcessId::MAIN]);
}

#[test]
fn a_run_queue_that_lies() {
    names(&["process 4 is in the run queue twice"], |vm| {
        let entry = vm.processes.ready[0];
        vm.processes.ready.push_back(entry)
    });
    names(&["process 1 is in the run queue and is Waiting"], |vm| {
        vm.processes.ready.push_back((PRIORITY_NORMAL, WAITING))
    });
    names(
        &["process 5 is in the run queue and is Ready and held"],
        |vm| vm.processes.ready.push_back((PRIORITY_NORMAL, FIBER)),
    );
    names(&["process 4 can run and is not in the run queue"], |vm| {
        vm.processes.ready.clear()
    });
    names(&["process 4", "at the place of another priority"], |vm| {
        vm.processes.get_mut(NEW).priority += 1
    });
    names(
        &["process 77 is in the run queue and does not exist"],
        |vm| vm.processes.ready.push_back((0, ProcessId(77))),
    );
}

#[test]
fn states_that_contradict_each_other() {
    names(&["process 1 is Running, and the main process runs"], |vm| {
        vm.processes.get_mut(WAITING).state = ProcessState::Running
    });
    names(
        &["the main process is Waiting, and the main process runs"],
        |vm| vm.processes.running().state = ProcessState::Waiting,
    );
    names(&["process 77 runs and does not exist"], |vm| {
        vm.processes.current = ProcessId(77)
    });
    names(
        &["the main process runs and has a second, parked stack"],
        |vm| vm.processes.running().frames = vm.exec.frames.clone(),
    );
    names(&["process 1 has begun and has no frame"], |vm| {
        vm.processes.get_mut(WAITING).frames.clear()
    });
    names(&["process 1 is to get a value in register"], |vm| {
        vm.processes.get_mut(WAITING).dst = Some(u16::MAX)
    });
    names(&["process 1, frame 0", "its code has"], |vm| {
        vm.processes.get_mut(WAITING).frames[0].pc = 900
    });
    names(&["process 4 is Ready and is said to wait"], |vm| {
        vm.processes.get_mut(NEW).parked = true
    });
    names(&["process 1 has ended, or its place is free"], |vm| {
        vm.processes.free.push(1)
    });
    names(&["free twice"], |vm| vm.processes.free.extend([1, 1]));
    names(&["process 2 has ended and still has a stack"], |vm| {
        vm.processes.get_mut(SLEEPING).state = ProcessState::Failed;
        vm.processes.free.push(SLEEPING.0);
    });
    names(&["process 4 is to be told of ephemerons"], |vm| {
        vm.processes.mourner = Some(NEW)
    });
}

#[test]
fn waits_that_nobody_ends() {
    names(&["process 1 waits and nobody knows for what"], |vm| {
        vm.processes.get_mut(WAITING).ticket = None
    });
    names(&["process 1", "a number that was not given"], |vm| {
        vm.processes.get_mut(WAITING).ticket = Some(99)
    });
    names(
        &["process 2 sleeps and the scheduler would wake it too late"],
        |vm| vm.processes.next_wake = None,
    );
    names(
        &["process 3 waits for the end of process 1, which does not know"],
        |vm| vm.processes.get_mut(WAITING).joiners.clear(),
    );
    names(
        &["process 1 would tell its end to process 3, which does not wait"],
        |vm| vm.processes.get_mut(JOINING).joining = None,
    );
    names(&["process 1 would tell its end to process 3 twice"], |vm| {
        let joiners = &mut vm.processes.get_mut(WAITING).joiners;
        joiners.push(joiners[0])
    });
    names(
        &["process 5 was resumed by process 1, which does not wait for it"],
        |vm| vm.processes.get_mut(FIBER).resumer = Some(WAITING),
    );
    names(
        &["process 1 waits for process 5, which it did not resume"],
        |vm| vm.processes.get_mut(WAITING).resumed = Some(FIBER),
    );
    names(&["process 4 is Ready while process 5 runs for it"], |vm| {
        vm.processes.get_mut(FIBER).resumer = Some(NEW);
        vm.processes.get_mut(NEW).resumed = Some(FIBER);
    });
}
