//! Green processes and fibers: stacks of their own, switched at safepoints and by primitives. One of them runs; its stack is in the machine itself.

use crate::errors::{Fail, VmExit, raise};
use crate::frame::{Frame, frame_flags};
use crate::primitive::PrimResult;
use crate::registers::Registers;
use crate::roots::visit_stack;
use crate::sends::{Call, Current};
use crate::vm::Vm;
use gem_heap::Oop;
use proto::wellknown;
use std::collections::VecDeque;
use std::time::Duration;

/// Slots of a GsProcess that the machine fills.
const RESULT: usize = 5;
const EXCEPTION: usize = 6;

/// Identity of a process within its gem. 0 is the first one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct ProcessId(pub u32);

/// What a process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessState {
    Running,
    Ready,
    /// Waits for a semaphore, a join, a resume.
    Waiting,
    /// Waits until the clock shows this.
    Sleeping(Duration),
    Finished,
    Failed,
}

/// A process that is not running.
struct Parked {
    regs: Registers,
    frames: Vec<Frame>,
    error_info: Oop,
    run_depth: usize,
    state: ProcessState,
    /// The GsProcess (or Fiber) object.
    object: Oop,
    /// Register of the top frame that gets the value it is woken with.
    dst: u16,
    /// For fibers: who resumed it.
    resumer: Option<ProcessId>,
    /// Result, or the exception that ended it.
    outcome: Oop,
    joiners: Vec<ProcessId>,
    wake_value: Oop,
    priority: i64,
    started: bool,
}

impl Parked {
    fn new(object: Oop) -> Parked {
        Parked {
            regs: Registers::small(),
            frames: Vec::new(),
            error_info: Oop::NIL,
            run_depth: 0,
            state: ProcessState::Waiting,
            object,
            dst: 0,
            resumer: None,
            outcome: Oop::NIL,
            joiners: Vec::new(),
            wake_value: Oop::NIL,
            priority: 0,
            started: false,
        }
    }
}

/// All processes of a gem.
pub(crate) struct Scheduler {
    all: Vec<Parked>,
    pub(crate) current: ProcessId,
    ready: VecDeque<ProcessId>,
}

impl Default for Scheduler {
    fn default() -> Self {
        let mut main = Parked::new(Oop::NIL);
        main.state = ProcessState::Running;
        main.started = true;
        Scheduler {
            all: vec![main],
            current: ProcessId(0),
            ready: VecDeque::new(),
        }
    }
}

impl Scheduler {
    /// Forgets what lies above the top frames of parked processes.
    pub(crate) fn clear_stale(&mut self) {
        for p in self.all.iter_mut().filter(|p| p.started) {
            let top = p
                .frames
                .last()
                .map_or(0, |f| f.base as usize + f.code.registers as usize);
            p.regs.clear_from(top);
        }
    }

    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        for p in &self.all {
            visit(p.object);
            visit(p.outcome);
            visit(p.wake_value);
            visit(p.error_info);
            visit_stack(&p.regs, &p.frames, visit);
            if !p.started {
                for &oop in p.regs.slice(0, p.dst as usize + 2) {
                    visit(oop);
                }
            }
        }
    }
}

impl Vm {
    pub fn current_process(&self) -> ProcessId {
        self.scheduler.current
    }

    /// The object that stands for a process, nil before one was set.
    pub fn process_object(&self, id: ProcessId) -> Oop {
        self.scheduler.all[id.0 as usize].object
    }

    pub fn set_process_object(&mut self, id: ProcessId, object: Oop) {
        self.scheduler.all[id.0 as usize].object = object;
    }

    pub fn process_state(&self, id: ProcessId) -> ProcessState {
        self.scheduler.all[id.0 as usize].state
    }

    /// The value (or exception) a process ended with.
    pub fn process_outcome(&self, id: ProcessId) -> Oop {
        self.scheduler.all[id.0 as usize].outcome
    }

    /// Every process: id and whether it can still run.
    pub fn process_ids(&self) -> Vec<ProcessId> {
        (0..self.scheduler.all.len() as u32)
            .map(ProcessId)
            .collect()
    }

    /// Frames of a process that does not run.
    pub fn parked_frames(&self, id: ProcessId) -> &[Frame] {
        if id == self.scheduler.current {
            &self.frames
        } else {
            &self.scheduler.all[id.0 as usize].frames
        }
    }

    /// A new process (or fiber) that will run `closure` with `args`; not ready yet.
    ///
    /// # Errors
    /// When the closure cannot be set up.
    pub fn new_process(
        &mut self,
        closure: Oop,
        args: &[Oop],
        object: Oop,
    ) -> Result<ProcessId, Fail> {
        let id = ProcessId(self.scheduler.all.len() as u32);
        let mut parked = Parked::new(object);
        parked.regs.set(0, closure);
        for (i, &a) in args.iter().enumerate() {
            if i + 2 > parked.regs.len() {
                parked.regs.grow(i + 8);
            }
            parked.regs.set(1 + i, a);
        }
        parked.wake_value = closure;
        parked.dst = args.len() as u16;
        self.scheduler.all.push(parked);
        Ok(id)
    }

    /// Makes a process ready to run; `value` is what it was waiting for.
    pub fn wake(&mut self, id: ProcessId, value: Oop) {
        let p = &mut self.scheduler.all[id.0 as usize];
        if matches!(
            p.state,
            ProcessState::Finished
                | ProcessState::Failed
                | ProcessState::Running
                | ProcessState::Ready
        ) {
            return;
        }
        if p.started {
            p.wake_value = value;
        }
        p.state = ProcessState::Ready;
        self.scheduler.ready.push_back(id);
    }

    pub fn set_priority(&mut self, id: ProcessId, priority: i64) {
        self.scheduler.all[id.0 as usize].priority = priority;
    }

    /// The running process lets others run (primitive `processYield`).
    pub fn yield_process(&mut self) -> PrimResult {
        let me = self.scheduler.current;
        let Some(next) = self.next_ready() else {
            return Ok(Oop::NIL);
        };
        self.park(ProcessState::Ready, Oop::NIL);
        self.scheduler.ready.push_back(me);
        self.run_process(next)
    }

    /// The running process waits until `wake` (or, with a time, until then).
    pub fn wait_process(&mut self, until: Option<Duration>) -> PrimResult {
        let state = until.map_or(ProcessState::Waiting, ProcessState::Sleeping);
        self.park(state, Oop::NIL);
        self.run_next()
    }

    /// Waits for the end of a process; answers its outcome.
    pub fn join_process(&mut self, id: ProcessId) -> PrimResult {
        let me = self.scheduler.current;
        let p = &mut self.scheduler.all[id.0 as usize];
        match p.state {
            ProcessState::Finished => Ok(p.outcome),
            ProcessState::Failed => Err(Fail::Throw(p.outcome)),
            _ if id == me => Err(raise(wellknown::ERROR, "a process cannot wait for itself")),
            _ => {
                p.joiners.push(me);
                self.wait_process(None)
            }
        }
    }

    /// Ends a process, running the ensure bodies it is in.
    pub fn kill_process(&mut self, id: ProcessId) -> PrimResult {
        let me = self.scheduler.current;
        if id != me {
            let p = &mut self.scheduler.all[id.0 as usize];
            match p.state {
                ProcessState::Finished | ProcessState::Failed => return Ok(Oop::NIL),
                _ if !p.started => {
                    p.state = ProcessState::Finished;
                    let joiners = std::mem::take(&mut p.joiners);
                    self.scheduler.ready.retain(|&r| r != id);
                    for j in joiners {
                        self.wake(j, Oop::NIL);
                    }
                    return Ok(Oop::NIL);
                }
                _ => {}
            }
            self.scheduler.ready.retain(|&r| r != id);
            self.park(ProcessState::Ready, Oop::NIL);
            self.scheduler.ready.push_front(me);
            match self.run_process(id) {
                Ok(_) | Err(Fail::Reenter) => {}
                Err(other) => return Err(other),
            }
        }
        self.unwind(crate::unwind::Goal::Return {
            depth: self.run_depth,
            value: Oop::NIL,
        })?;
        Err(Fail::Reenter)
    }

    /// Writes what a process ended with into its object, where programs look for it.
    fn note_outcome(&mut self, id: usize, slot: usize, value: Oop) {
        let object = self.scheduler.all[id].object;
        if object.is_pointer() && self.heap.is_instance(object, wellknown::GS_PROCESS) {
            self.heap.set_slot_quietly(object, slot, value);
        }
    }

    /// Fiber resume: runs `id` until it yields or ends; the primitive answers what it yields.
    pub fn resume_fiber(&mut self, id: ProcessId, args: &[Oop]) -> PrimResult {
        let me = self.scheduler.current;
        let p = &mut self.scheduler.all[id.0 as usize];
        if matches!(p.state, ProcessState::Finished | ProcessState::Failed) {
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
        p.resumer = Some(me);
        let value = match args {
            [] => Oop::NIL,
            [one] => *one,
            many => self.heap.new_array(many)?,
        };
        let p = &mut self.scheduler.all[id.0 as usize];
        if p.started {
            p.wake_value = value;
        } else {
            p.dst = args.len() as u16;
            if args.len() + 2 > p.regs.len() {
                p.regs.grow(args.len() + 8);
            }
            for (i, &a) in args.iter().enumerate() {
                p.regs.set(1 + i, a);
            }
        }
        self.park(ProcessState::Waiting, Oop::NIL);
        self.run_process(id)
    }

    /// Fiber yield: the resumer's `resume` answers the values.
    pub fn yield_fiber(&mut self, args: &[Oop]) -> PrimResult {
        let me = self.scheduler.current.0 as usize;
        let Some(back) = self.scheduler.all[me].resumer.take() else {
            return Err(raise(wellknown::ERROR, "can't yield from root fiber"));
        };
        let value = match args {
            [] => Oop::NIL,
            [one] => *one,
            many => self.heap.new_array(many)?,
        };
        self.park(ProcessState::Waiting, Oop::NIL);
        self.scheduler.all[back.0 as usize].wake_value = value;
        self.run_process(back)
    }

    pub fn is_fiber_alive(&self, id: ProcessId) -> bool {
        !matches!(
            self.scheduler.all[id.0 as usize].state,
            ProcessState::Finished | ProcessState::Failed
        )
    }

    /// Moves the running process out of the machine.
    fn park(&mut self, state: ProcessState, wake: Oop) {
        let dst = self.current.dst;
        let me = &mut self.scheduler.all[self.scheduler.current.0 as usize];
        std::mem::swap(&mut me.regs, &mut self.regs);
        std::mem::swap(&mut me.frames, &mut self.frames);
        me.error_info = std::mem::replace(&mut self.error_info, Oop::NIL);
        me.run_depth = std::mem::replace(&mut self.run_depth, 0);
        me.state = state;
        me.dst = dst;
        me.wake_value = wake;
    }

    /// Moves a parked process into the machine.
    fn run_process(&mut self, id: ProcessId) -> PrimResult {
        self.scheduler.current = id;
        let p = &mut self.scheduler.all[id.0 as usize];
        std::mem::swap(&mut p.regs, &mut self.regs);
        std::mem::swap(&mut p.frames, &mut self.frames);
        self.error_info = p.error_info;
        self.run_depth = p.run_depth;
        p.state = ProcessState::Running;
        let value = std::mem::replace(&mut p.wake_value, Oop::NIL);
        if !p.started {
            p.started = true;
            let argc = p.dst as usize;
            self.current = Current {
                base: 0,
                dst: 0,
                frame_flags: frame_flags::PROCESS,
            };
            let selector = self.sym.call;
            let call = Call {
                selector,
                environment: 1,
                base: 0,
                argc,
                site_flags: gem_bytecode::site_flags::RUBY,
                dst: 0,
                frame_flags: frame_flags::PROCESS,
                owner_above: None,
            };
            let closure = if value.is_nil() {
                self.regs.get(0)
            } else {
                value
            };
            return match self.call_closure(closure, &call, None, 0) {
                Ok(value) => self.process_finished(value).and(Err(Fail::Reenter)),
                other => other,
            };
        }
        let dst = p.dst;
        if let Some(top) = self.frames.last() {
            let at = top.base as usize + dst as usize;
            self.ensure_registers(at + 1);
            self.regs.set(at, value);
        }
        Err(Fail::Reenter)
    }

    fn next_ready(&mut self) -> Option<ProcessId> {
        self.wake_sleepers();
        let best = self
            .scheduler
            .ready
            .iter()
            .map(|id| self.scheduler.all[id.0 as usize].priority)
            .max()?;
        let at = self
            .scheduler
            .ready
            .iter()
            .position(|id| self.scheduler.all[id.0 as usize].priority == best)?;
        self.scheduler.ready.remove(at)
    }

    fn wake_sleepers(&mut self) {
        let now = self.clock();
        for i in 0..self.scheduler.all.len() {
            if let ProcessState::Sleeping(until) = self.scheduler.all[i].state
                && until <= now
            {
                self.wake(ProcessId(i as u32), Oop::NIL);
            }
        }
    }

    /// Runs whoever can run, sleeping until the first sleeper wakes when nobody can.
    fn run_next(&mut self) -> PrimResult {
        loop {
            if let Some(next) = self.next_ready() {
                return self.run_process(next);
            }
            let wake_at = self.scheduler.all.iter().filter_map(|p| match p.state {
                ProcessState::Sleeping(until) => Some(until),
                _ => None,
            });
            let Some(first) = wake_at.min() else {
                return Err(Fail::Exit(VmExit::Deadlock));
            };
            std::thread::sleep(
                first
                    .saturating_sub(self.clock())
                    .min(Duration::from_millis(100)),
            );
            if self.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
                self.interrupt_wait();
            }
        }
    }

    /// Whether somebody waits for the end of a process: a join, or the resumer of a fiber.
    pub(crate) fn is_awaited(&self, id: ProcessId) -> bool {
        let p = &self.scheduler.all[id.0 as usize];
        p.resumer.is_some() || !p.joiners.is_empty()
    }

    /// The process of `id` and the one in the machine change places, for a debugger to look at; the same call takes it back.
    /// Nothing may run in between.
    pub fn swap_process(&mut self, id: ProcessId) {
        if id != self.scheduler.current {
            let p = &mut self.scheduler.all[id.0 as usize];
            std::mem::swap(&mut p.regs, &mut self.regs);
            std::mem::swap(&mut p.frames, &mut self.frames);
        }
    }

    /// A debugger ends the running process, unless that is the main one, and takes up the main one, whatever that waits for.
    pub fn return_to_main(&mut self) {
        let main = ProcessId(0);
        if self.process_state(main) == ProcessState::Running {
            return;
        }
        let me = self.scheduler.current;
        if self.process_state(me) == ProcessState::Running {
            self.park(ProcessState::Failed, Oop::NIL);
            let p = &mut self.scheduler.all[me.0 as usize];
            p.regs = Registers::small();
            p.frames = Vec::new();
            p.resumer = None;
        }
        self.scheduler.ready.retain(|&id| id != main && id != me);
        for p in &mut self.scheduler.all {
            p.joiners.retain(|&id| id != main);
        }
        self.scheduler.current = main;
        let p = &mut self.scheduler.all[0];
        p.state = ProcessState::Running;
        std::mem::swap(&mut p.regs, &mut self.regs);
        std::mem::swap(&mut p.frames, &mut self.frames);
        self.error_info = p.error_info;
        self.run_depth = p.run_depth;
    }

    /// Ctrl-C while everybody waits: the main process stops waiting, and finds the interrupt at its next safepoint.
    fn interrupt_wait(&mut self) {
        let main = ProcessId(0);
        for p in &mut self.scheduler.all {
            p.joiners.retain(|&id| id != main);
        }
        self.wake(main, Oop::NIL);
        self.attention
            .store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// The bottom frame of the running process returned.
    pub(crate) fn process_finished(&mut self, value: Oop) -> Result<(), Fail> {
        let me = self.scheduler.current.0 as usize;
        self.note_outcome(me, RESULT, value);
        let back = self.scheduler.all[me].resumer.take();
        self.park(ProcessState::Finished, Oop::NIL);
        let p = &mut self.scheduler.all[me];
        p.outcome = value;
        p.regs = Registers::small();
        p.frames = Vec::new();
        let joiners = std::mem::take(&mut p.joiners);
        for j in joiners {
            self.wake(j, value);
        }
        let outcome = match back {
            Some(back) => {
                self.scheduler.all[back.0 as usize].wake_value = value;
                self.run_process(back)
            }
            None => self.run_next(),
        };
        match outcome {
            Ok(_) | Err(Fail::Reenter) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// An exception left the running process, which is not the main one: it fails, and whoever waits for it gets the exception.
    pub(crate) fn process_failed(&mut self, exception: Oop) -> Result<(), Fail> {
        let me = self.scheduler.current.0 as usize;
        self.note_outcome(me, EXCEPTION, exception);
        let back = self.scheduler.all[me].resumer.take();
        self.park(ProcessState::Failed, Oop::NIL);
        let p = &mut self.scheduler.all[me];
        p.outcome = exception;
        p.regs = Registers::small();
        p.frames = Vec::new();
        let joiners = std::mem::take(&mut p.joiners);
        let waiting = back.into_iter().chain(joiners).next();
        match waiting {
            Some(id) => match self.run_process(id) {
                Err(Fail::Reenter) | Ok(_) => Err(Fail::Throw(exception)),
                Err(other) => Err(other),
            },
            None => match self.run_next() {
                Err(Fail::Reenter) | Ok(_) => Ok(()),
                Err(other) => Err(other),
            },
        }
    }
}
