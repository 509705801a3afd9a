//! Semaphores: signals counted, waiting processes in a queue.

use crate::check::{Ask, Checked};
use crate::macros::primitives;
use format::wellknown;
use gem_vm::{Args, Oop, PrimResult, ProcessId, Vm};
use std::time::Duration;

primitives! {
    semaphoreWait => semaphore_wait, "switches stacks";
    semaphoreWaitTimeout => semaphore_wait_timeout, "switches stacks";
    semaphoreSignal => semaphore_signal, "changes the scheduler's queues";
}

/// Slots of a Semaphore.
const SIGNALS: usize = 0;
const WAITERS: usize = 1;

fn semaphore(vm: &mut Vm, args: Args) -> PrimResult {
    vm.known_arg(args, 0, wellknown::SEMAPHORE)
}

/// Takes a signal if there is one.
fn take_signal(vm: &mut Vm, semaphore: Oop) -> Checked<bool> {
    let signals = vm
        .model
        .heap
        .slot(semaphore, SIGNALS)?
        .as_small_int()
        .unwrap_or(0);
    if signals > 0 {
        vm.model
            .heap
            .set_slot(semaphore, SIGNALS, Oop::small_int_wrapping(signals - 1))?;
    }
    Ok(signals > 0)
}

/// Puts the running process at the end of the queue. The queue holds pairs of process number and ticket.
fn enqueue(vm: &mut Vm, semaphore: Oop) -> Checked<()> {
    let mut queue = vm.model.heap.slot(semaphore, WAITERS)?;
    if !crate::check::is_indexed(&vm.model.heap, queue) {
        queue = vm.model.heap.new_array(&[])?;
        vm.model.heap.set_slot(semaphore, WAITERS, queue)?;
    }
    let (id, ticket) = (vm.current_process(), vm.new_ticket());
    vm.model
        .heap
        .push(queue, Oop::small_int_wrapping(id.0 as i64))?;
    vm.model
        .heap
        .push(queue, Oop::small_int_wrapping(ticket as i64))?;
    Ok(())
}

fn semaphore_wait(vm: &mut Vm, args: Args) -> PrimResult {
    let semaphore = semaphore(vm, args)?;
    if take_signal(vm, semaphore)? {
        return Ok(semaphore);
    }
    enqueue(vm, semaphore)?;
    crate::io::files::flush_standard(vm);
    vm.wait_process(None, Oop::NIL)
}

/// `semaphoreWaitTimeout(milliseconds)`: whether a signal came in that time.
fn semaphore_wait_timeout(vm: &mut Vm, args: Args) -> PrimResult {
    let semaphore = semaphore(vm, args)?;
    let limit = Duration::from_millis(vm.index_arg(args, 1)? as u64);
    if take_signal(vm, semaphore)? {
        return Ok(Oop::TRUE);
    }
    enqueue(vm, semaphore)?;
    crate::io::files::flush_standard(vm);
    let until = vm.clock().saturating_add(limit);
    vm.wait_process(Some(until), Oop::FALSE)
}

fn semaphore_signal(vm: &mut Vm, args: Args) -> PrimResult {
    let semaphore = semaphore(vm, args)?;
    signal(vm, semaphore)?;
    vm.after_wake(semaphore)
}

/// Wakes the first of the queue, or counts the signal.
fn signal(vm: &mut Vm, semaphore: Oop) -> Checked<()> {
    let queue = vm.model.heap.slot(semaphore, WAITERS)?;
    while crate::check::is_indexed(&vm.model.heap, queue) && vm.model.heap.size(queue) >= 2 {
        let (id, ticket) = (
            vm.model.heap.element(queue, 0)?,
            vm.model.heap.element(queue, 1)?,
        );
        vm.model.heap.splice(queue, 0, 2, &[])?;
        let id = ProcessId(id.as_small_int().unwrap_or(-1) as u32);
        let ticket = ticket.as_small_int().unwrap_or(-1) as u64;
        // Whoever gave up waiting, or was late, has another ticket by now, or none.
        if vm.waits_with(id, ticket) {
            vm.grant(id, semaphore);
            return Ok(());
        }
    }
    let signals = vm
        .model
        .heap
        .slot(semaphore, SIGNALS)?
        .as_small_int()
        .unwrap_or(0);
    Ok(vm
        .model
        .heap
        .set_slot(semaphore, SIGNALS, crate::check::small(signals + 1))?)
}

/// Something else is about to reach a process: a signal that it was given but has not seen goes to the next one.
pub(crate) fn give_up_waiting(vm: &mut Vm, id: ProcessId) -> Checked<()> {
    let target = vm.innermost(id);
    match vm.take_grant(target) {
        Some(semaphore) => signal(vm, semaphore),
        None => Ok(()),
    }
}
