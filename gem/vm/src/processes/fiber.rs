//! Fibers: processes that run only while somebody waits for their next value.

use crate::errors::raise;
use crate::exec::primitive::PrimResult;
use crate::processes::process::{Event, ProcessId, ProcessState, set_arguments};
use crate::vm::Vm;
use format::wellknown;
use gem_heap::Oop;

impl Vm {
    /// Runs `id` until it yields or ends; the primitive answers what it yields.
    ///
    /// # Errors
    /// Raises Error for a fiber that has ended or runs already; `OutOfMemory` for more `args` than there is room for.
    pub fn resume_fiber(&mut self, id: ProcessId, args: &[Oop]) -> PrimResult {
        let me = self.processes.current;
        let p = self.processes.get(id);
        if p.has_ended() {
            return Err(raise(
                wellknown::ERROR,
                "attempt to resume a terminated fiber",
            ));
        }
        if id == me || p.resumer.is_some() {
            return Err(raise(
                wellknown::ERROR,
                "attempt to resume a resumed fiber (double resume)",
            ));
        }
        let value = self.one_value(args)?;
        let priority = self.processes.running().priority;
        let p = self.processes.get_mut(id);
        p.resumer = Some(me);
        p.priority = priority;
        p.held = false;
        if p.started {
            p.wake_value = value;
        } else {
            let closure = p.regs.get(0);
            set_arguments(p, closure, args);
        }
        self.processes.running().resumed = Some(id);
        self.park(ProcessState::Waiting, Oop::NIL);
        self.run_process(id)
    }

    /// The resumer's `resume` answers the values.
    ///
    /// # Errors
    /// Raises Error when nobody resumed the running process; `OutOfMemory` for more `args` than there is room for.
    pub fn yield_fiber(&mut self, args: &[Oop]) -> PrimResult {
        let value = self.one_value(args)?;
        let Some(back) = self.processes.running().resumer.take() else {
            return Err(raise(wellknown::ERROR, "can't yield from root fiber"));
        };
        self.processes.running().held = true;
        self.park(ProcessState::Ready, Oop::NIL);
        self.return_to_resumer(back, value, false)
    }

    fn one_value(&mut self, args: &[Oop]) -> PrimResult {
        Ok(match args {
            [] => Oop::NIL,
            [one] => *one,
            many => self.model.heap.new_array(many)?,
        })
    }

    /// Goes on with the process that waits for a fiber's value. Should that one be suspended, others run until it is resumed.
    pub(crate) fn return_to_resumer(
        &mut self,
        back: ProcessId,
        value: Oop,
        failed: bool,
    ) -> PrimResult {
        let p = self.processes.get_mut(back);
        debug_assert!(p.resumed.is_some(), "a value for who did not resume");
        debug_assert!(!p.has_ended());
        p.resumed = None;
        p.wake_value = value;
        if failed {
            p.events.push_back(Event::Raise(value));
        }
        if p.held {
            p.state = ProcessState::Ready;
            return self.run_next();
        }
        self.run_process(back)
    }

    /// Whether a process has not ended.
    pub fn is_fiber_alive(&self, id: ProcessId) -> bool {
        !self.processes.get(id).has_ended()
    }
}
