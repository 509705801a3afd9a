//! What primitives and the debugger ask of processes, and making new ones.

use crate::exec::frame::Frame;
use crate::exec::registers::Registers;
use crate::processes::process::*;
use crate::vm::Vm;
use format::wellknown::slots::process;
use gem_heap::{HeapError, Oop};

impl Vm {
    /// The running process is the one that a collection wakes when it found ephemerons whose keys are gone.
    pub fn wait_for_mourning(&mut self) {
        self.processes.mourner = Some(self.processes.current);
    }

    pub fn current_process(&self) -> ProcessId {
        self.processes.current
    }

    /// The object that stands for a process, nil before one was set.
    pub fn process_object(&self, id: ProcessId) -> Oop {
        self.processes.get(id).object
    }

    /// Makes `object` stand for the process.
    pub fn set_process_object(&mut self, id: ProcessId, object: Oop) {
        self.processes.get_mut(id).object = object;
        let number = Oop::small_int_wrapping(id.0 as i64);
        self.model
            .heap
            .set_slot_quietly(object, process::IDENTITY, number);
    }

    /// The living process that `object` stands for.
    ///
    /// # Errors
    /// `Bounds` when `object` is no process. Those of [`Heap::fault`](gem_heap::Heap::fault) only for a damaged one: the number of a process is an immediate.
    pub fn process_of(&mut self, object: Oop) -> Result<Option<ProcessId>, HeapError> {
        let number = self
            .model
            .heap
            .slot(object, process::IDENTITY)?
            .as_small_int();
        Ok(number
            .and_then(|n| u32::try_from(n).ok())
            .filter(|&n| (n as usize) < self.processes.all.len())
            .map(ProcessId)
            .filter(|&id| {
                let p = self.processes.get(id);
                p.object == object && !p.has_ended()
            }))
    }

    pub fn process_state(&self, id: ProcessId) -> ProcessState {
        self.processes.get(id).state
    }

    /// Whether a program stopped the process (or did not start it yet): only a resume lets it run.
    pub fn is_process_held(&self, id: ProcessId) -> bool {
        self.processes.get(id).held
    }

    /// Whether the process stopped itself until an unpark.
    pub fn is_process_parked(&self, id: ProcessId) -> bool {
        self.processes.get(id).parked
    }

    /// The running process is about to wait for a semaphore: the number of that wait.
    pub fn new_ticket(&mut self) -> u64 {
        self.processes.tickets += 1;
        let ticket = self.processes.tickets;
        self.processes.running().ticket = Some(ticket);
        ticket
    }

    /// Whether the process is still in the wait with this number.
    pub fn waits_with(&self, id: ProcessId, ticket: u64) -> bool {
        (id.0 as usize) < self.processes.all.len() && self.processes.get(id).ticket == Some(ticket)
    }

    /// (GsNMethod, pc) of the frames of a process, as `stack_pairs`.
    pub fn stack_pairs_of(&self, id: ProcessId) -> Vec<Oop> {
        if id == self.processes.current {
            return self.stack_pairs(0);
        }
        Self::pairs_of(&self.processes.get(id).frames, 0)
    }

    /// Time slices of so many safepoints, or (`None`) of time.
    pub fn set_slice(&mut self, safepoints: Option<u32>) {
        self.processes.slice.count(safepoints);
    }

    /// The processes that can still run.
    pub fn process_ids(&self) -> Vec<ProcessId> {
        self.processes
            .ids()
            .filter(|&id| !self.processes.get(id).has_ended())
            .collect()
    }

    /// Frames of a process.
    pub fn parked_frames(&self, id: ProcessId) -> &[Frame] {
        if id == self.processes.current {
            &self.exec.frames
        } else {
            &self.processes.get(id).frames
        }
    }

    /// Whether somebody waits for the end of a process: a join, or the resumer of a fiber.
    pub(crate) fn is_awaited(&self, id: ProcessId) -> bool {
        let p = self.processes.get(id);
        p.resumer.is_some() || !p.joiners.is_empty()
    }

    /// Who resumed the fiber that runs in this process.
    pub fn process_resumer(&self, id: ProcessId) -> Option<ProcessId> {
        self.processes.get(id).resumer
    }

    /// A new process (or fiber) that will run `closure` with `args`; held until it is resumed.
    pub fn new_process(&mut self, closure: Oop, args: &[Oop], object: Oop) -> ProcessId {
        let id = self.processes.add(object);
        let parked = self.processes.get_mut(id);
        parked.regs = Registers::small();
        set_arguments(parked, closure, args);
        id
    }

    pub fn set_priority(&mut self, id: ProcessId, priority: i64) {
        let p = self.processes.get_mut(id);
        p.priority = priority;
        if p.state == ProcessState::Ready && !p.held {
            self.processes.dequeue(id);
            self.processes.enqueue(id, false);
        }
    }

    /// The running process keeps the time slice until the matching `end_atomic`: what it does then is one step for other processes,
    /// unless it waits.
    pub fn begin_atomic(&mut self) {
        self.processes.atomic += 1;
    }

    pub fn end_atomic(&mut self) {
        self.processes.atomic = self.processes.atomic.saturating_sub(1);
    }
}
