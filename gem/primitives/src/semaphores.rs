//! Semaphores: signals counted, waiting processes in a queue.

use crate::check::{Ask, Checked};
use crate::macros::primitives;
use crate::processes::Waiting;
use gem_vm::{Args, Oop, PrimResult, ProcessId, Vm};
use proto::wellknown;
use std::time::Duration;

primitives! {
    semaphoreWait => semaphore_wait, "switches stacks";
    semaphoreWaitTimeout => semaphore_wait_timeout, "switches stacks";
    semaphoreWaitOver => semaphore_wait_over, "second half of a wait with a limit";
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
