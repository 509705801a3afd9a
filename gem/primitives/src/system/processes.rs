//! Green processes: making, stopping, ending them, waiting for them, reaching into them.

use crate::check::{Ask, Checked, boolean, ensure, fallback};
use crate::macros::primitives;
use format::wellknown;
use format::wellknown::slots::process as slot;
use gem_vm::{Args, Oop, PRIORITY_NORMAL, PrimResult, ProcessId, Vm};
use std::time::Duration;

primitives! {
    currentProcess => current_process, "the machine knows which process runs";
    processNew => process_new, "makes a stack";
    processFork => process_fork, "makes a stack";
    processResume => process_resume, "changes the scheduler's queues";
    processSuspend => process_suspend, "switches stacks";
    processPark => process_park, "switches stacks";
    processUnpark => process_unpark, "changes the scheduler's queues";
    processYield => process_yield, "switches stacks";
    processTerminate => process_terminate, "unwinds another stack";
    processIsTerminated => process_is_terminated, "asks the scheduler";
    processIsSuspended => process_is_suspended, "asks the scheduler";
    processJoin => process_join, "switches stacks";
    processRaise => process_raise, "reaches another stack";
    processSetPriority => process_set_priority, "changes the scheduler's queues";
    processResumer => process_resumer, "asks the scheduler";
    processAtomic => process_atomic, "keeps the scheduler from switching";
    processSlice => process_slice, "tells the scheduler how long a slice is";
    processStack => process_stack, "reads another stack";
    delayWait => delay_wait, "switches stacks";
    sleep => sleep, "switches stacks";
}

/// The living process that a GsProcess stands for. One that was stored and not resumed since gets its stack back here.
pub(crate) fn process(vm: &mut Vm, args: Args) -> Checked<ProcessId> {
    let object = vm.known_arg(args, 0, wellknown::GS_PROCESS)?;
    match vm.living_process(object)? {
        Some(id) => Ok(id),
        None => fallback(),
    }
}

/// A GsProcess object for the class that is the receiver (any other receiver: GsProcess itself).
fn new_object(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let base = vm.model.known_class(wellknown::GS_PROCESS)?;
    let base = vm.model.heap.class_index(base)?;
    let mut class = base;
    if vm.model.is_module_like(receiver)? {
        let index = vm.model.heap.class_index(receiver)?;
        if vm.model.lookup_order(index, 1)?.contains(&base)
            || vm.model.lookup_order(index, 0)?.contains(&base)
        {
            class = index;
        }
    }
    Ok(vm.model.heap.instantiate(class))
}

fn current_process(vm: &mut Vm, args: Args) -> PrimResult {
    let id = vm.current_process();
    let object = vm.process_object(id);
    if !object.is_nil() {
        return Ok(object);
    }
    let object = new_object(vm, args)?;
    vm.set_process_object(id, object);
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
    if let Some(params) = crate::reflection::parameters::of_closure(vm, closure)? {
        let fixed = params.required as usize == params.registers() && !params.lenient;
        ensure(fiber || !fixed || params.required as usize == arguments.len())?;
    }
    let object = new_object(vm, args)?;
    let list = vm.model.heap.new_array(arguments)?;
    vm.model.heap.set_slot(object, slot::BLOCK, closure)?;
    vm.model.heap.set_slot(object, slot::ARGUMENTS, list)?;
    let id = vm.new_process(closure, arguments, object);
    vm.set_process_object(id, object);
    Ok((object, id))
}

/// `processNew(block arguments)`
fn process_new(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 1)?;
    let arguments = match vm.given(args, 2) {
        Some(list) => {
            crate::check::indexed(vm, list)?;
            vm.model.heap.elements(list)?
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
    start(vm, object, id)
}

/// Lets a process run, with the priority its object says.
fn start(vm: &mut Vm, object: Oop, id: ProcessId) -> PrimResult {
    let priority = vm.model.heap.slot(object, slot::PRIORITY)?.as_small_int();
    vm.set_priority(id, priority.unwrap_or(PRIORITY_NORMAL));
    vm.resume_process(id, object)
}

fn process_resume(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let object = vm.receiver(args);
    start(vm, object, id)
}

fn process_suspend(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let object = vm.receiver(args);
    if id == vm.current_process() {
        crate::io::files::flush_standard(vm);
    }
    vm.hold_process(id, object)
}

/// A time from now, for an argument of `unit`s that can be absent or nil.
fn deadline(vm: &mut Vm, args: Args, unit: Duration) -> Checked<Option<Duration>> {
    let Some(limit) = vm.given(args, 1) else {
        return Ok(None);
    };
    let count = crate::check::index(limit)? as u64;
    let nanos = (unit.as_nanos() as u64).saturating_mul(count);
    Ok(Some(vm.clock().saturating_add(Duration::from_nanos(nanos))))
}

/// `processPark(nanoseconds or nil)`, whatever the receiver: stops the running process. true when an unpark came, nil when the time was over.
fn process_park(vm: &mut Vm, args: Args) -> PrimResult {
    let until = deadline(vm, args, Duration::from_nanos(1))?;
    crate::io::files::flush_standard(vm);
    vm.park_process(until)
}

fn process_unpark(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let id = vm.innermost(id);
    vm.unpark(id);
    Ok(vm.receiver(args))
}

fn process_yield(vm: &mut Vm, _: Args) -> PrimResult {
    vm.yield_process()
}

fn process_terminate(vm: &mut Vm, args: Args) -> PrimResult {
    let object = vm.known_arg(args, 0, wellknown::GS_PROCESS)?;
    let Some(id) = vm.living_process(object)? else {
        return Ok(object);
    };
    // The first process is the session: without it there is nothing to go back to.
    ensure(id != ProcessId::MAIN)?;
    crate::system::semaphores::give_up_waiting(vm, id)?;
    vm.kill_process(id)
}

fn process_is_terminated(vm: &mut Vm, args: Args) -> PrimResult {
    let object = vm.known_arg(args, 0, wellknown::GS_PROCESS)?;
    let living = vm.living_process(object)?;
    Ok(Oop::from_bool(living.is_none()))
}

fn process_is_suspended(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    Ok(Oop::from_bool(vm.is_process_held(id)))
}

/// `processJoin(milliseconds or nil)`: without a limit waits for the end, answers the result or raises what ended the process. With
/// one: whether the end came in that time.
fn process_join(vm: &mut Vm, args: Args) -> PrimResult {
    let object = vm.known_arg(args, 0, wellknown::GS_PROCESS)?;
    let until = deadline(vm, args, Duration::from_millis(1))?;
    match vm.living_process(object)? {
        Some(id) => {
            ensure(id != vm.current_process())?;
            crate::io::files::flush_standard(vm);
            vm.join_process(id, until)
        }
        None if until.is_some() => Ok(Oop::TRUE),
        None => match vm.model.heap.slot(object, slot::EXCEPTION)? {
            Oop::NIL => Ok(vm.model.heap.slot(object, slot::RESULT)?),
            exception => Err(gem_vm::Fail::Throw(exception)),
        },
    }
}

/// `processRaise(exception)`: in the running process as `raise`; in another when it runs next.
fn process_raise(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let exception = vm.known_arg(args, 1, wellknown::ABSTRACT_EXCEPTION)?;
    crate::system::semaphores::give_up_waiting(vm, id)?;
    vm.raise_in_process(id, exception)
}

/// `processSetPriority(n)`
fn process_set_priority(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let priority = vm.int_arg(args, 1)?;
    vm.set_priority(id, priority);
    vm.after_wake(Oop::NIL)
}

/// The process that waits for the value of the fiber that runs in this one, or nil.
fn process_resumer(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    match vm.process_resumer(id) {
        None => Ok(Oop::NIL),
        Some(resumer) => {
            let object = vm.process_object(resumer);
            if object.is_pointer() {
                return Ok(object);
            }
            let class = vm.model.known_class(wellknown::GS_PROCESS)?;
            let class = vm.model.heap.class_index(class)?;
            let object = vm.model.heap.instantiate(class);
            vm.set_process_object(resumer, object);
            Ok(object)
        }
    }
}

/// `processAtomic(bool)`: true begins, false ends a section of the running process in which its time slice does not end.
fn process_atomic(vm: &mut Vm, args: Args) -> PrimResult {
    if boolean(vm.arg(args, 1))? {
        vm.begin_atomic();
    } else {
        vm.end_atomic();
    }
    Ok(Oop::NIL)
}

/// `processSlice(safepoints or nil)`: slices of so many safepoints, or of time.
fn process_slice(vm: &mut Vm, args: Args) -> PrimResult {
    let safepoints = match vm.given(args, 1) {
        Some(count) => Some(u32::try_from(crate::check::int(count)?).or_else(|_| fallback())?),
        None => None,
    };
    vm.set_slice(safepoints);
    Ok(Oop::NIL)
}

/// Lines of a process's frames, innermost first.
fn process_stack(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    let pairs = vm.stack_pairs_of(id);
    crate::reflection::control::lines(vm, &pairs)
}

fn pause(vm: &mut Vm, time: Duration) -> PrimResult {
    crate::io::files::flush_standard(vm);
    let until = vm.clock().saturating_add(time);
    vm.wait_process(Some(until), Oop::NIL)
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
