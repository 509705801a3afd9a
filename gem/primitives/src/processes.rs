//! Green processes, fibers, semaphores, delays.

use crate::check::{Ask, Checked, ensure, fallback, int};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, ProcessId, ProcessState, Vm};
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
    semaphoreWait => semaphore_wait, "switches stacks";
    semaphoreWaitTimeout => semaphore_wait_timeout, "switches stacks";
    semaphoreWaitOver => semaphore_wait_over, "second half of a wait with a limit";
    semaphoreSignal => semaphore_signal, "changes the scheduler's queues";
    delayWait => delay_wait, "switches stacks";
    sleep => sleep, "switches stacks";
    fiberNew => fiber_new, "makes a stack";
    fiberResume => fiber_resume, "switches stacks";
    fiberYield => fiber_yield, "switches stacks";
}

/// Slots of a GsProcess.
mod slot {
    pub const IDENTITY: usize = 0;
    pub const PRIORITY: usize = 2;
    pub const BLOCK: usize = 3;
    pub const ARGUMENTS: usize = 4;
}

/// Slots of a Semaphore.
const SIGNALS: usize = 0;
const WAITERS: usize = 1;

/// Priority of a process whose slot is nil.
const PRIORITY_NORMAL: i64 = 15;

/// What the scheduler itself does not record.
#[derive(Default)]
struct Waiting {
    /// Processes that wait for a resume.
    suspended: HashSet<ProcessId>,
    /// Resumes of processes that did not wait.
    resumes: HashSet<ProcessId>,
    /// Which semaphore a process waits for, and with which ticket.
    semaphores: HashMap<ProcessId, u64>,
    tickets: u64,
}

/// The process that a GsProcess stands for.
fn process(vm: &mut Vm, args: Args) -> Checked<ProcessId> {
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
fn make(
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

fn semaphore(vm: &mut Vm, args: Args) -> PrimResult {
    vm.known_arg(args, 0, wellknown::SEMAPHORE)
}

/// Takes a signal if there is one.
fn take_signal(vm: &mut Vm, semaphore: Oop) -> Checked<bool> {
    let signals = vm
        .heap
        .slot(semaphore, SIGNALS)?
        .as_small_int()
        .unwrap_or(0);
    if signals > 0 {
        vm.heap
            .set_slot(semaphore, SIGNALS, Oop::small_int_wrapping(signals - 1))?;
    }
    Ok(signals > 0)
}

/// Puts the running process at the end of the queue. The queue holds pairs of process number and ticket.
fn enqueue(vm: &mut Vm, semaphore: Oop) -> Checked<()> {
    let mut queue = vm.heap.slot(semaphore, WAITERS)?;
    if !crate::check::is_indexed(&vm.heap, queue) {
        queue = vm.heap.new_array(&[])?;
        vm.heap.set_slot(semaphore, WAITERS, queue)?;
    }
    let id = vm.current_process();
    let waiting = vm.extensions.get::<Waiting>();
    waiting.tickets += 1;
    let ticket = waiting.tickets;
    waiting.semaphores.insert(id, ticket);
    vm.heap.push(queue, Oop::small_int_wrapping(id.0 as i64))?;
    vm.heap
        .push(queue, Oop::small_int_wrapping(ticket as i64))?;
    Ok(())
}

fn semaphore_wait(vm: &mut Vm, args: Args) -> PrimResult {
    let semaphore = semaphore(vm, args)?;
    if take_signal(vm, semaphore)? {
        return Ok(semaphore);
    }
    enqueue(vm, semaphore)?;
    crate::files::flush_standard(vm);
    vm.wait_process(None)
}

/// Answers true at once when there is a signal; else runs a stub that waits and then asks which of the two woke it.
fn semaphore_wait_timeout(vm: &mut Vm, args: Args) -> PrimResult {
    let semaphore = semaphore(vm, args)?;
    let limit = vm.index_arg(args, 1)?;
    if args.len() == 1 {
        if take_signal(vm, semaphore)? {
            return Ok(Oop::TRUE);
        }
        let stub = crate::process_stubs::wait_stub(vm)?;
        let limit = vm.arg(args, 1);
        return vm.tail_method(stub, semaphore, &[limit], Oop::NIL);
    }
    // Called by the stub.
    enqueue(vm, semaphore)?;
    crate::files::flush_standard(vm);
    let until = vm
        .clock()
        .saturating_add(Duration::from_millis(limit as u64));
    vm.wait_process(Some(until))
}

/// Whether the wait that just ended was ended by a signal.
fn semaphore_wait_over(vm: &mut Vm, args: Args) -> PrimResult {
    semaphore(vm, args)?;
    let id = vm.current_process();
    let expired = vm
        .extensions
        .get::<Waiting>()
        .semaphores
        .remove(&id)
        .is_some();
    Ok(Oop::from_bool(!expired))
}

fn semaphore_signal(vm: &mut Vm, args: Args) -> PrimResult {
    let semaphore = semaphore(vm, args)?;
    let queue = vm.heap.slot(semaphore, WAITERS)?;
    while crate::check::is_indexed(&vm.heap, queue) && vm.heap.size(queue) >= 2 {
        let (id, ticket) = (vm.heap.element(queue, 0)?, vm.heap.element(queue, 1)?);
        vm.heap.splice(queue, 0, 2, &[])?;
        let id = ProcessId(id.as_small_int().unwrap_or(-1) as u32);
        let waits = vm.extensions.get::<Waiting>();
        // Whoever gave up waiting has another ticket by now, or none.
        if waits.semaphores.get(&id).map(|&t| t as i64) == ticket.as_small_int() {
            waits.semaphores.remove(&id);
            vm.wake(id, semaphore);
            return Ok(semaphore);
        }
    }
    let signals = vm
        .heap
        .slot(semaphore, SIGNALS)?
        .as_small_int()
        .unwrap_or(0);
    vm.heap
        .set_slot(semaphore, SIGNALS, crate::check::small(signals + 1))?;
    Ok(semaphore)
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

fn fiber_new(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = if args.block.is_nil() {
        vm.closure_arg(args, 1)?
    } else {
        args.block
    };
    crate::check::closure(vm, closure)?;
    Ok(make(vm, args, closure, &[], true)?.0)
}

/// Values given to resume or yield: all arguments, a rest Array spread.
fn values(vm: &mut Vm, args: Args) -> Checked<Vec<Oop>> {
    Ok(vm
        .args_from(args, 1)
        .into_iter()
        .filter(|v| !v.is_undef())
        .collect())
}

fn fiber_resume(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    ensure(vm.is_fiber_alive(id) && id != vm.current_process())?;
    let values = values(vm, args)?;
    vm.extensions.get::<Waiting>().suspended.remove(&id);
    vm.resume_fiber(id, &values)
}

fn fiber_yield(vm: &mut Vm, args: Args) -> PrimResult {
    let values = values(vm, args)?;
    match vm.yield_fiber(&values) {
        // Nobody resumed this one: the body says so in the language's words.
        Err(Fail::Raise(_)) => fallback(),
        outcome => outcome,
    }
}
