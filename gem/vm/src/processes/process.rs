//! Green processes and fibers: what the machine keeps of each. One of them runs; its stack is in the machine itself, the others' are
//! parked here. `switch` moves stacks in and out, `wakeups` says who waits for what, `events` brings exceptions and ends from one
//! process to another.

use crate::exec::frame::Frame;
use crate::exec::registers::Registers;
use crate::exec::visit_stack;
use crate::processes::slice::Slice;
use gem_heap::{Oop, References};
use std::collections::VecDeque;
use std::time::Duration;

/// Identity of a process within its gem while it lives. 0 is the main one; numbers of ended ones are given again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct ProcessId(pub u32);

impl ProcessId {
    /// The process that runs the session's requests. It never ends.
    pub const MAIN: ProcessId = ProcessId(0);
}

/// What a process does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProcessState {
    Running,
    /// Could run; with `held` not before a program resumes it.
    Ready,
    /// Waits for a semaphore, a join, an unpark.
    Waiting,
    /// Waits too, but only until the clock shows this.
    Sleeping(Duration),
    /// Ended by its last return or by a kill.
    Finished,
    /// Ended by an exception.
    Failed,
}

/// What reaches a process from outside, when it runs next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    Raise(Oop),
    Kill,
}

/// Priority of whoever did not ask for another.
pub const PRIORITY_NORMAL: i64 = 15;

/// A process that is not running.
pub(crate) struct Parked {
    pub regs: Registers,
    pub frames: Vec<Frame>,
    pub error_info: Oop,
    pub run_depth: usize,
    pub state: ProcessState,
    /// The GsProcess (or Fiber) object.
    pub object: Oop,
    /// Register of the top frame that gets the value it is woken with; `None` when it was stopped between two instructions.
    pub dst: Option<u16>,
    /// Arguments in the registers of one that has not started.
    pub argc: usize,
    /// For fibers: who resumed it, and (the other end) whom it resumed.
    pub resumer: Option<ProcessId>,
    pub resumed: Option<ProcessId>,
    /// Result, or the exception that ended it.
    pub outcome: Oop,
    /// Who waits for the end, and whether that one wants to know only that it came.
    pub joiners: Vec<(ProcessId, bool)>,
    /// Whom it waits for.
    pub joining: Option<ProcessId>,
    pub wake_value: Oop,
    /// What it gets when its time is over.
    pub timeout_value: Oop,
    /// The semaphore whose signal woke it, until it runs: a signal that its taker never saw goes back.
    pub granted: Oop,
    /// Which wait for a semaphore this is, while it lasts.
    pub ticket: Option<u64>,
    pub priority: i64,
    pub started: bool,
    pub held: bool,
    /// Stopped itself until somebody unparks it.
    pub parked: bool,
    /// An unpark came before the park.
    pub token: bool,
    pub events: VecDeque<Event>,
    /// Sections in which time slices do not end.
    pub atomic: u32,
    /// StoredFrame objects by the serial of the frame they show.
    pub stored: Vec<(u64, Oop)>,
}

impl Parked {
    fn new(object: Oop) -> Parked {
        Parked {
            regs: Registers::none(),
            frames: Vec::new(),
            error_info: Oop::NIL,
            run_depth: 0,
            state: ProcessState::Ready,
            object,
            dst: None,
            argc: 0,
            resumer: None,
            resumed: None,
            outcome: Oop::NIL,
            joiners: Vec::new(),
            joining: None,
            wake_value: Oop::NIL,
            timeout_value: Oop::NIL,
            granted: Oop::NIL,
            ticket: None,
            priority: PRIORITY_NORMAL,
            started: false,
            held: true,
            parked: false,
            token: false,
            events: VecDeque::new(),
            atomic: 0,
            stored: Vec::new(),
        }
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.state, ProcessState::Finished | ProcessState::Failed)
    }
}

/// All processes of a gem.
pub(crate) struct Scheduler {
    pub all: Vec<Parked>,
    /// Places of ended processes.
    pub free: Vec<u32>,
    pub current: ProcessId,
    /// Ready ones with their priorities: higher ones first, equal ones in the order they came.
    pub ready: VecDeque<(i64, ProcessId)>,
    /// When the first sleeper wakes.
    pub next_wake: Option<Duration>,
    /// Sections of the running process in which its time slice does not end.
    pub atomic: u32,
    /// How many waits for semaphores there were.
    pub tickets: u64,
    pub slice: Slice,
    /// The process that waits for ephemerons whose keys are gone.
    pub mourner: Option<ProcessId>,
}

impl Scheduler {
    pub fn new(slice: Slice) -> Scheduler {
        let mut main = Parked::new(Oop::NIL);
        main.state = ProcessState::Running;
        main.started = true;
        main.held = false;
        Scheduler {
            all: vec![main],
            free: Vec::new(),
            current: ProcessId::MAIN,
            ready: VecDeque::new(),
            next_wake: None,
            atomic: 0,
            tickets: 0,
            slice,
            mourner: None,
        }
    }

    pub fn get(&self, id: ProcessId) -> &Parked {
        &self.all[id.0 as usize]
    }

    pub fn get_mut(&mut self, id: ProcessId) -> &mut Parked {
        &mut self.all[id.0 as usize]
    }

    pub fn running(&mut self) -> &mut Parked {
        &mut self.all[self.current.0 as usize]
    }

    pub fn ids(&self) -> impl Iterator<Item = ProcessId> + use<> {
        (0..self.all.len() as u32).map(ProcessId)
    }

    /// A place for a process, that of an ended one when there is one.
    pub fn add(&mut self, object: Oop) -> ProcessId {
        let parked = Parked::new(object);
        match self.free.pop() {
            Some(at) => {
                assert!(
                    self.all[at as usize].has_ended(),
                    "the place of a living process"
                );
                self.all[at as usize] = parked;
                ProcessId(at)
            }
            None => {
                self.all.push(parked);
                ProcessId(self.all.len() as u32 - 1)
            }
        }
    }

    /// The place of an ended process can be given again: nobody names it any more.
    pub fn give_back(&mut self, id: ProcessId) {
        assert!(id != ProcessId::MAIN && self.get(id).has_ended());
        debug_assert!(!self.free.contains(&id.0), "a place is given back twice");
        let p = self.get_mut(id);
        assert!(
            p.frames.is_empty() && p.regs.len() == 0,
            "an ended process has a stack"
        );
        p.object = Oop::NIL;
        p.outcome = Oop::NIL;
        p.stored = Vec::new();
        self.free.push(id.0);
    }

    /// Puts a process in line, behind (or before) those of its priority.
    pub fn enqueue(&mut self, id: ProcessId, first: bool) {
        debug_assert!(!self.is_queued(id), "a process is put in line twice");
        let p = self.get(id);
        debug_assert!(p.state == ProcessState::Ready && !p.held);
        let priority = p.priority;
        let entry = (priority, id);
        if first {
            let at = self.ready.iter().position(|e| e.0 <= priority);
            self.ready.insert(at.unwrap_or(self.ready.len()), entry);
        } else if self.ready.back().is_none_or(|e| e.0 >= priority) {
            self.ready.push_back(entry);
        } else {
            let at = self.ready.iter().position(|e| e.0 < priority);
            self.ready.insert(at.unwrap_or(self.ready.len()), entry);
        }
    }

    /// Whether a process is in line.
    pub fn is_queued(&self, id: ProcessId) -> bool {
        self.ready.iter().any(|e| e.1 == id)
    }

    pub fn dequeue(&mut self, id: ProcessId) {
        self.ready.retain(|e| e.1 != id);
    }

    /// Highest priority in line.
    pub fn best(&self) -> Option<i64> {
        self.ready.front().map(|e| e.0)
    }

    pub fn pop(&mut self) -> Option<ProcessId> {
        self.ready.pop_front().map(|e| e.1)
    }

    /// Forgets what lies above the top frames of parked processes.
    pub fn clear_stale(&mut self) {
        for p in self.all.iter_mut().filter(|p| p.started) {
            let top = p
                .frames
                .last()
                .map_or(0, |f| f.base as usize + f.code.registers as usize);
            p.regs.clear_from(top);
        }
    }

    /// Registers and frames of the processes that do not run.
    pub fn parked(&self) -> impl Iterator<Item = (&Registers, &[Frame])> {
        self.all.iter().map(|p| (&p.regs, p.frames.as_slice()))
    }
}

/// What the processes that do not run refer to.
impl References for Scheduler {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        for p in &self.all {
            visit(p.object);
            visit(p.outcome);
            visit(p.wake_value);
            visit(p.timeout_value);
            visit(p.granted);
            visit(p.error_info);
            visit_stack(&p.regs, &p.frames, visit);
            for event in &p.events {
                if let Event::Raise(exception) = event {
                    visit(*exception);
                }
            }
            for stored in &p.stored {
                visit(stored.1);
            }
            if !p.started {
                for &oop in p.regs.slice(0, p.argc + 1) {
                    visit(oop);
                }
            }
        }
    }

    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        for p in &mut self.all {
            p.regs.each_mut(change);
            p.frames.iter_mut().for_each(|f| f.each_mut(change));
            change(&mut p.object);
            change(&mut p.outcome);
            change(&mut p.wake_value);
            change(&mut p.timeout_value);
            change(&mut p.granted);
            change(&mut p.error_info);
            for event in &mut p.events {
                if let Event::Raise(exception) = event {
                    change(exception);
                }
            }
            p.stored.iter_mut().for_each(|stored| change(&mut stored.1));
        }
    }
}

/// Puts closure and arguments where the first frame of a process will look for them.
pub(crate) fn set_arguments(parked: &mut Parked, closure: Oop, args: &[Oop]) {
    if args.len() + 2 > parked.regs.len() {
        parked.regs.grow(args.len() + 8);
    }
    parked.regs.set(0, closure);
    for (i, &a) in args.iter().enumerate() {
        parked.regs.set(1 + i, a);
    }
    parked.argc = args.len();
}
