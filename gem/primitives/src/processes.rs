//! Green processes, fibers, semaphores, delays.

use crate::check::{Ask, Checked, ensure, fallback, int};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, ProcessId, ProcessState, Vm};
use proto::wellknown;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

primitives! {
    currentProcess => current_process, "the machine knows which process runs";
    processNew => process_new, "makes a stack";
    processFork => process_fork, "makes a stack";
    processResume => process_resume, "changes the scheduler's queues";
    processSuspend => process_suspend, "switches stacks";
    processYield => process_yield, "switches stacks";
    processTerminate => process_terminate, "drops a stack";
    processIsTerminated => process_is_terminated, "asks the scheduler";
    processJoin => process_join, "switches stacks";
    processJoined => process_joined, "second half of a join with a limit";
    processJoinPause => process_join_pause, "switches stacks";
    processRaise => process_raise, "reaches another stack";
    delayWait => delay_wait, "switches stacks";
    sleep => sleep, "switches stacks";
}

/// Slots of a GsProcess.
mod slot {
    pub const IDENTITY: usize = 0;
    pub const PRIORITY: usize = 2;
    pub const BLOCK: usize = 3;
    pub const ARGUMENTS: usize = 4;
}

/// Priority of a process whose slot is nil.
const PRIORITY_NORMAL: i64 = 15;

/// What the scheduler itself does not record.
#[derive(Default)]
pub(crate) struct Waiting {
    /// Processes that wait for a resume.
    pub suspended: HashSet<ProcessId>,
    /// Resumes of processes that did not wait.
    resumes: HashSet<ProcessId>,
    /// Which semaphore a process waits for, and with which ticket.
    pub semaphores: HashMap<ProcessId, u64>,
    pub tickets: u64,
}

/// The process that a GsProcess stands for.
pub(crate) fn process(vm: &mut Vm, args: Args) -> Checked<ProcessId> {
    let object = vm.known_arg(args, 0, wellknown::GS_PROCESS)?;
    let number = int(vm.heap.slot(object, slot::IDENTITY)?)?;
    let id = vm
        .process_ids()
        .into_iter()
        .find(|id| id.0 as i64 == number);
    match id {
        Some(id) if vm.process_object(id) == object => Ok(id),
        _ => fallback(),
    }
}

/// A GsProcess object for the class that is the receiver (any other receiver: GsProcess itself).
fn new_object(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let base = vm.known_class(wellknown::GS_PROCESS)?;
    let base = vm.heap.class_index(base)?;
    let mut class = base;
    if vm.is_module_like(receiver)? {
        let index = vm.heap.class_index(receiver)?;
        if vm.lookup_order(index, 1)?.contains(&base) || vm.lookup_order(index, 0)?.contains(&base)
        {
            class = index;
        }
    }
    Ok(vm.heap.instantiate(class))
}

fn enter(vm: &mut Vm, object: Oop, id: ProcessId) -> Checked<()> {
    vm.heap
        .set_slot(object, slot::IDENTITY, Oop::small_int_wrapping(id.0 as i64))?;
    vm.set_process_object(id, object);
    Ok(())
}

fn current_process(vm: &mut Vm, args: Args) -> PrimResult {
    let id = vm.current_process();
    let object = vm.process_object(id);
    if !object.is_nil() {
        return Ok(object);
    }
    let object = new_object(vm, args)?;
    enter(vm, object, id)?;
    Ok(object)
}

/// Makes a process of a closure; it waits for its first resume.
pub(crate) fn make(
    vm: &mut Vm,
    args: Args,
    closure: Oop,
    arguments: &[Oop],
    fiber: bool,
) -> Checked<(Oop, ProcessId)> {
    if let Some(params) = crate::parameters::of_closure(vm, closure)? {
        let fixed = params.required as usize == params.registers() && !params.lenient;
        ensure(fiber || !fixed || params.required as usize == arguments.len())?;
    }
    let object = new_object(vm, args)?;
    let list = vm.heap.new_array(arguments)?;
    vm.heap.set_slot(object, slot::BLOCK, closure)?;
    vm.heap.set_slot(object, slot::ARGUMENTS, list)?;
    let id = vm.new_process(closure, arguments, object)?;
    enter(vm, object, id)?;
    vm.extensions.get::<Waiting>().suspended.insert(id);
    Ok((object, id))
}

/// `processNew(block arguments)`
fn process_new(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 1)?;
    let arguments = match vm.given(args, 2) {
        Some(list) => {
            crate::check::indexed(vm, list)?;
            vm.heap.elements(list)?
        }
        None => Vec::new(),
    };
    Ok(make(vm, args, closure, &arguments, false)?.0)
}

/// `processFork(block)`: as `processNew`, ready to run.
fn process_fork(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = if args.block.is_nil() {
        vm.closure_arg(args, 1)?
    } else {
        args.block
    };
    crate::check::closure(vm, closure)?;
    let (object, id) = make(vm, args, closure, &[], false)?;
    start(vm, object, id)?;
    Ok(object)
}

/// Lets a suspended process run, with the priority its object says.
fn start(vm: &mut Vm, object: Oop, id: ProcessId) -> Checked<()> {
    let priority = vm.heap.slot(object, slot::PRIORITY)?.as_small_int();
    vm.set_priority(id, priority.unwrap_or(PRIORITY_NORMAL));
    vm.extensions.get::<Waiting>().suspended.remove(&id);
    vm.wake(id, object);
    Ok(())
}

fn ended(vm: &Vm, id: ProcessId) -> bool {
    matches!(
        vm.process_state(id),
        ProcessState::Finished | ProcessState::Failed
    )
}

fn process_resume(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let object = vm.receiver(args);
    ensure(!ended(vm, id))?;
    if vm.extensions.get::<Waiting>().suspended.contains(&id) {
        start(vm, object, id)?;
    } else {
        vm.extensions.get::<Waiting>().resumes.insert(id);
    }
    Ok(object)
}

/// Only the running process can suspend itself; others go on until they wait by themselves.
fn process_suspend(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let object = vm.receiver(args);
    ensure(id == vm.current_process())?;
    if vm.extensions.get::<Waiting>().resumes.remove(&id) {
        return Ok(object);
    }
    vm.extensions.get::<Waiting>().suspended.insert(id);
    crate::files::flush_standard(vm);
    vm.wait_process(None)
}

fn process_yield(vm: &mut Vm, _: Args) -> PrimResult {
    vm.yield_process()
}

fn process_terminate(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let object = vm.receiver(args);
    if ended(vm, id) {
        return Ok(object);
    }
    // The first process is the program: without it there is nothing to go back to.
    ensure(id.0 != 0)?;
    let waiting = vm.extensions.get::<Waiting>();
    waiting.suspended.remove(&id);
    waiting.semaphores.remove(&id);
    vm.kill_process(id)?;
    Ok(object)
}

fn process_is_terminated(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    Ok(Oop::from_bool(ended(vm, id)))
}

/// Without argument: waits for the end, answers the result. With milliseconds (or nil for no limit): true when the process has ended in that time.
fn process_join(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    ensure(id != vm.current_process())?;
    if args.is_empty() {
        crate::files::flush_standard(vm);
        return vm.join_process(id);
    }
    let limit = match vm.given(args, 1) {
        Some(limit) => {
            let limit = Duration::from_millis(crate::check::index(limit)? as u64);
            let until = vm.clock().saturating_add(limit).as_nanos();
            crate::check::small(i64::try_from(until).unwrap_or(i64::MAX >> 2))
        }
        None => Oop::NIL,
    };
    let object = vm.receiver(args);
    let stub = crate::process_stubs::join_stub(vm)?;
    vm.tail_method(stub, object, &[limit], Oop::NIL)
}

/// For the stub: true when the process has ended, false when the clock is past the argument, else nil.
fn process_joined(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let until = vm.index_arg(args, 1)? as u128;
    if ended(vm, id) {
        return Ok(Oop::TRUE);
    }
    Ok(if vm.clock().as_nanos() >= until {
        Oop::FALSE
    } else {
        Oop::NIL
    })
}

/// For the stub: lets others run for a moment.
fn process_join_pause(vm: &mut Vm, _: Args) -> PrimResult {
    pause(vm, Duration::from_millis(1))
}

fn process_raise(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let exception = vm.known_arg(args, 1, wellknown::ABSTRACT_EXCEPTION)?;
    ensure(id == vm.current_process())?;
    vm.error_info = exception;
    vm.raise_exception(exception)
}

fn pause(vm: &mut Vm, time: Duration) -> PrimResult {
    crate::files::flush_standard(vm);
    let until = vm.clock().saturating_add(time);
    vm.wait_process(Some(until))
}

/// `delayWait(milliseconds)`
fn delay_wait(vm: &mut Vm, args: Args) -> PrimResult {
    let time = Duration::from_millis(vm.index_arg(args, 1)? as u64);
    pause(vm, time)
}

/// `sleep(nanoseconds)`
fn sleep(vm: &mut Vm, args: Args) -> PrimResult {
    let time = Duration::from_nanos(vm.index_arg(args, 1)? as u64);
    pause(vm, time)
}
