//! What one process does to another: raising an exception in it, ending it. Both reach the other process when it runs next, in its own
//! frames, so that its handlers and ensure bodies run where they were written.

use crate::errors::{Fail, VmExit};
use crate::exec::frame::frame_flags;
use crate::exec::primitive::PrimResult;
use crate::exec::unwind::Goal;
use crate::processes::process::{Event, ProcessId, ProcessState};
use crate::vm::Vm;
use gem_heap::Oop;

impl Vm {
    /// The fiber that runs on behalf of `id`, or `id` itself.
    pub fn innermost(&self, id: ProcessId) -> ProcessId {
        let mut at = id;
        while let Some(next) = self.processes.get(at).resumed {
            at = next;
        }
        at
    }

    /// Raises `exception` in a process: at once in the running one, in another when it runs next, which ends its waiting.
    ///
    /// # Errors
    /// For the running one, as `raise_exception`.
    pub fn raise_in_process(&mut self, id: ProcessId, exception: Oop) -> PrimResult {
        let target = self.innermost(id);
        if target == self.processes.current {
            return self.raise_exception(exception);
        }
        let p = self.processes.get_mut(target);
        if p.has_ended() {
            return Ok(Oop::NIL);
        }
        p.events.push_back(Event::Raise(exception));
        self.make_runnable(target);
        self.after_wake(Oop::NIL)
    }

    /// Ends a process, running the ensure bodies it is in, in its own frames. It runs them before the caller goes on, as far as they
    /// do not wait.
    ///
    /// # Errors
    /// For the running one, what an ensure body raised.
    pub fn kill_process(&mut self, id: ProcessId) -> PrimResult {
        let me = self.processes.current;
        let target = self.innermost(id);
        let mut at = target;
        while at != id {
            // Ending the fiber goes back to its resumer, which ends as well.
            let resumer = self.processes.get(at).resumer;
            let Some(resumer) = resumer else { break };
            self.processes
                .get_mut(resumer)
                .events
                .push_front(Event::Kill);
            at = resumer;
        }
        if target == me {
            return self.kill_running();
        }
        if self.processes.get(target).has_ended() {
            return Ok(Oop::NIL);
        }
        self.processes
            .get_mut(target)
            .events
            .push_front(Event::Kill);
        self.make_runnable(target);
        self.processes.dequeue(target);
        self.park(ProcessState::Ready, Oop::NIL);
        self.processes.enqueue(me, true);
        self.run_process(target)
    }

    /// Whether the main process, or a fiber on its behalf, is the running one.
    pub(crate) fn runs_for_main(&self) -> bool {
        self.innermost(ProcessId::MAIN) == self.processes.current
    }

    /// Raises in the main process as soon as it runs; that ends its waiting.
    pub(crate) fn send_to_main(&mut self, exception: Oop) {
        let target = self.innermost(ProcessId::MAIN);
        let p = self.processes.get_mut(target);
        p.events.push_back(Event::Raise(exception));
        self.make_runnable(target);
    }

    pub(crate) fn make_runnable(&mut self, id: ProcessId) {
        let p = self.processes.get_mut(id);
        let held = std::mem::take(&mut p.held);
        let waits = p.state != ProcessState::Ready;
        if waits {
            self.wake(id, Oop::NIL);
        } else if held {
            self.processes.enqueue(id, false);
        }
    }

    /// Gives the process that was just moved into the machine what came for it. `between`: it was stopped between two instructions.
    pub(crate) fn bring(&mut self, event: Event, between: bool) -> PrimResult {
        match event {
            Event::Raise(exception) => {
                self.exec.error_info = exception;
                let outcome = if between {
                    self.raise_between(exception)
                } else {
                    let depth = self.exec.run_depth;
                    self.raise_from(exception, depth)
                };
                self.settle_raise(outcome)
            }
            Event::Kill => {
                if between {
                    self.enter_next_instruction();
                }
                self.kill_running()
            }
        }
    }

    /// What follows a raise in the process that is in the machine now.
    fn settle_raise(&mut self, outcome: Result<(), VmExit>) -> PrimResult {
        match outcome {
            Ok(()) => Err(Fail::Reenter),
            Err(VmExit::Unhandled(e)) if self.processes.current != ProcessId::MAIN => {
                self.process_failed(e).and(Err(Fail::Reenter))
            }
            Err(exit) => Err(Fail::Exit(exit)),
        }
    }

    fn kill_running(&mut self) -> PrimResult {
        if self.exec.frames.len() <= self.exec.run_depth {
            // It had not begun.
            return self.process_finished(Oop::NIL).and(Err(Fail::Reenter));
        }
        self.unwind(Goal::Return {
            depth: self.exec.run_depth,
            value: Oop::NIL,
        })?;
        Err(Fail::Reenter)
    }

    /// A frame that stopped between two instructions counts as being in the next one, so that handlers around that one are found.
    fn enter_next_instruction(&mut self) {
        if let Some(top) = self.exec.frames.last_mut() {
            top.pc += 1;
        }
    }

    /// Raises between two instructions: a resumption executes the next one as if nothing had happened.
    pub(crate) fn raise_between(&mut self, exception: Oop) -> Result<(), VmExit> {
        let depth = self.exec.run_depth;
        if self.exec.frames.len() <= depth {
            return Err(VmExit::Unhandled(exception));
        }
        self.enter_next_instruction();
        let place = self.exec.frames.len() - 1;
        let outcome = self.raise_with(exception, depth, frame_flags::REDO);
        if outcome.is_err() && self.exec.frames.len() == place + 1 {
            self.exec.frames[place].pc -= 1;
            self.exec.stopped_between = true;
        }
        outcome
    }
}
