//! Moving stacks: out of the machine, into it, and what follows the end of a process.

use crate::errors::{Fail, VmExit};
use crate::exec::call::{Call, Current};
use crate::exec::frame::frame_flags;
use crate::exec::primitive::PrimResult;
use crate::exec::registers::Registers;
use crate::processes::process::{ProcessId, ProcessState};
use crate::vm::Vm;
use format::wellknown::slots::process;
use gem_heap::Oop;

impl Vm {
    /// Moves the running process, which is in a primitive, out of the machine. `wake` is the primitive's value.
    pub(crate) fn park(&mut self, state: ProcessState, wake: Oop) {
        let dst = self.exec.current.dst;
        self.park_at(state, wake, Some(dst));
    }

    fn park_at(&mut self, state: ProcessState, wake: Oop, dst: Option<u16>) {
        assert!(
            state != ProcessState::Running,
            "a parked process does not run"
        );
        assert!(self.exec.run_depth <= self.exec.frames.len());
        let atomic = std::mem::take(&mut self.processes.atomic);
        let me = self.processes.running();
        assert!(
            me.state == ProcessState::Running,
            "a process is parked twice"
        );
        assert!(me.frames.is_empty(), "a running process has a parked stack");
        std::mem::swap(&mut me.regs, &mut self.exec.regs);
        std::mem::swap(&mut me.frames, &mut self.exec.frames);
        me.error_info = std::mem::replace(&mut self.exec.error_info, Oop::NIL);
        me.run_depth = std::mem::replace(&mut self.exec.run_depth, 0);
        me.state = state;
        me.dst = dst;
        me.wake_value = wake;
        me.atomic = atomic;
        assert!(
            self.exec.frames.is_empty(),
            "a parked process left frames behind"
        );
    }

    /// Moves a parked process into the machine, then brings it what came for it meanwhile.
    pub(crate) fn run_process(&mut self, id: ProcessId) -> PrimResult {
        assert!(self.exec.frames.is_empty(), "two processes in the machine");
        debug_assert!(
            !self.processes.is_queued(id),
            "a process runs and is in line"
        );
        self.processes.current = id;
        self.processes.slice.begin();
        let p = self.processes.get_mut(id);
        assert!(!p.has_ended(), "an ended process runs");
        assert!(p.state != ProcessState::Running, "a process runs twice");
        assert!(p.run_depth <= p.frames.len());
        assert!(!p.started || id == ProcessId::MAIN || !p.frames.is_empty());
        std::mem::swap(&mut p.regs, &mut self.exec.regs);
        std::mem::swap(&mut p.frames, &mut self.exec.frames);
        self.exec.error_info = p.error_info;
        self.exec.run_depth = p.run_depth;
        debug_assert!(p.frames.is_empty());
        p.state = ProcessState::Running;
        p.granted = Oop::NIL;
        let value = std::mem::replace(&mut p.wake_value, Oop::NIL);
        let atomic = std::mem::take(&mut p.atomic);
        let event = p.events.pop_front();
        let started = std::mem::replace(&mut p.started, true);
        let (dst, argc) = (p.dst, p.argc);
        self.processes.atomic = atomic;
        if self.processes.get(id).object.is_pointer() {
            self.leave_stored(id)?;
        }
        if let Some(event) = event {
            return self.bring(event, dst.is_none());
        }
        if !started {
            return self.start_process(argc);
        }
        if self.exec.frames.len() <= self.exec.run_depth {
            // It waited in the call that began its run: the value is the run's.
            self.exec.finished = value;
        } else if let (Some(dst), Some(top)) = (dst, self.exec.frames.last()) {
            let at = top.base as usize + dst as usize;
            self.ensure_registers(at + 1);
            self.exec.regs.set(at, value);
        }
        Err(Fail::Reenter)
    }

    /// Pushes the first frame of a process.
    fn start_process(&mut self, argc: usize) -> PrimResult {
        assert!(
            argc < self.exec.regs.len(),
            "arguments beyond the registers"
        );
        debug_assert!(self.exec.frames.is_empty() && self.exec.run_depth == 0);
        self.exec.current = Current {
            base: 0,
            dst: 0,
            frame_flags: frame_flags::PROCESS,
        };
        let call = Call {
            selector: self.model.sym.call,
            environment: 1,
            base: 0,
            argc,
            site_flags: gem_bytecode::site_flags::RUBY,
            dst: 0,
            frame_flags: frame_flags::PROCESS,
            owner_above: None,
        };
        let closure = self.exec.regs.get(0);
        match self.call_closure(closure, &call, None, 0) {
            Ok(value) => self.process_finished(value).and(Err(Fail::Reenter)),
            Err(Fail::Reenter) => Err(Fail::Reenter),
            Err(other) => {
                let exception = self.exception_of(other).map_err(Fail::Exit)?;
                self.process_failed(exception).and(Err(Fail::Reenter))
            }
        }
    }

    /// A safepoint found that the time slice is over, or that somebody more important can run: switches when somebody can.
    pub(crate) fn switch_at_safepoint(&mut self, slice_over: bool) -> Result<(), Fail> {
        self.wake_sleepers();
        if self.processes.atomic > 0 {
            self.processes.slice.retry();
            return Ok(());
        }
        let me = self.processes.current;
        let mine = self.processes.running().priority;
        match self.processes.best() {
            Some(best) if best > mine => {
                self.park_at(ProcessState::Ready, Oop::NIL, None);
                self.processes.enqueue(me, true);
            }
            Some(best) if best == mine && slice_over => {
                self.park_at(ProcessState::Ready, Oop::NIL, None);
                self.processes.enqueue(me, false);
            }
            Some(_) => return Ok(()),
            None => {
                self.processes.slice.begin();
                if self.processes.next_wake.is_none() {
                    self.processes.slice.pause();
                }
                return Ok(());
            }
        }
        self.run_next().map(drop)
    }

    /// The bottom frame of the running process returned.
    pub(crate) fn process_finished(&mut self, value: Oop) -> Result<(), Fail> {
        self.process_ended(ProcessState::Finished, value)
    }

    /// An exception left the running process, which is not the main one: whoever waits for it gets the exception.
    pub(crate) fn process_failed(&mut self, exception: Oop) -> Result<(), Fail> {
        self.process_ended(ProcessState::Failed, exception)
    }

    fn process_ended(&mut self, state: ProcessState, outcome: Oop) -> Result<(), Fail> {
        let me = self.processes.current;
        assert!(me != ProcessId::MAIN, "the main process never ends");
        let failed = state == ProcessState::Failed;
        self.park(state, Oop::NIL);
        self.note_end(me, outcome, failed);
        let p = self.processes.get_mut(me);
        assert!(p.has_ended());
        p.regs = Registers::none();
        p.frames = Vec::new();
        let resumer = p.resumer.take();
        self.wake_joiners(me, outcome, failed);
        let back = resumer.filter(|&r| !self.processes.get(r).has_ended());
        let next = match back {
            Some(back) => self.return_to_resumer(back, outcome, failed),
            None => self.run_next(),
        };
        self.processes.give_back(me);
        match next {
            Ok(_) | Err(Fail::Reenter) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Writes into the object of an ended process what programs ask it for.
    fn note_end(&mut self, id: ProcessId, outcome: Oop, failed: bool) {
        let object = self.processes.get(id).object;
        let number = Oop::small_int_wrapping(id.0 as i64);
        if !object.is_pointer() || self.model.heap.raw_slot(object, process::IDENTITY) != number {
            // An abort gave the object another stack meanwhile.
            return;
        }
        let slot = if failed {
            process::EXCEPTION
        } else {
            process::RESULT
        };
        let ended = self.model.heap.symbol(process::TERMINATED);
        self.model
            .heap
            .set_slot_quietly(object, process::IDENTITY, Oop::NIL);
        for (slot, value) in [(slot, outcome), (process::STATE, ended)] {
            if self.model.heap.set_slot(object, slot, value).is_err() {
                // Frozen by the program: still the machine's own fields.
                self.model.heap.set_slot_quietly(object, slot, value);
            }
        }
    }

    /// Leaves the interpreter with the main process in the machine, whichever one ran, unless a debugger wants to see that one.
    pub(crate) fn settle_on_main(&mut self, exit: VmExit, process: ProcessId) -> VmExit {
        if process == ProcessId::MAIN && !self.debug.traps.listening {
            self.return_to_main();
        }
        exit
    }

    /// The process of `id` and the one in the machine change places, for a debugger to look at; the same call takes it back.
    /// Nothing may run in between.
    pub fn swap_process(&mut self, id: ProcessId) {
        if id != self.processes.current {
            let p = self.processes.get_mut(id);
            std::mem::swap(&mut p.regs, &mut self.exec.regs);
            std::mem::swap(&mut p.frames, &mut self.exec.frames);
        }
    }

    /// Ends the running process, unless that is the main one, without running anything, and takes up the main one, whatever that
    /// waits for.
    pub fn return_to_main(&mut self) {
        let me = self.processes.current;
        if me == ProcessId::MAIN {
            return;
        }
        self.park(ProcessState::Failed, Oop::NIL);
        let p = self.processes.get_mut(me);
        p.regs = Registers::none();
        p.frames = Vec::new();
        let resumer = p.resumer.take();
        self.note_end(me, Oop::NIL, true);
        // Main first, so that it is not among those who are told.
        let main = self.processes.get_mut(ProcessId::MAIN);
        main.events.clear();
        let resumed = main.resumed.take();
        main.held = false;
        main.dst = None;
        self.wake(ProcessId::MAIN, Oop::NIL);
        self.processes.dequeue(ProcessId::MAIN);
        self.wake_joiners(me, Oop::NIL, false);
        // Fibers between the main process and the one that ends: nobody waits for the value of the first, the last gets nil.
        if let Some(fiber) = resumed {
            self.processes.get_mut(fiber).resumer = None;
        }
        if let Some(resumer) = resumer.filter(|&r| r != ProcessId::MAIN) {
            self.processes.get_mut(resumer).resumed = None;
            self.wake(resumer, Oop::NIL);
        }
        // Without events the only answer is Reenter.
        let _ = self.run_process(ProcessId::MAIN);
        self.processes.give_back(me);
        assert!(self.processes.current == ProcessId::MAIN);
    }
}
