//! Waiting and waking: who may run, who waits for a time, a join, an unpark; holding and resuming.

use crate::errors::{Fail, raise};
use crate::exec::primitive::PrimResult;
use crate::processes::process::{Event, ProcessId, ProcessState};
use crate::vm::Vm;
use format::wellknown;
use gem_heap::Oop;
use std::time::Duration;

impl Vm {
    /// Ends a process's waiting; `value` is what it was waiting for. Nothing happens to one that does not wait.
    pub fn wake(&mut self, id: ProcessId, value: Oop) {
        let p = self.processes.get_mut(id);
        if !matches!(p.state, ProcessState::Waiting | ProcessState::Sleeping(_)) {
            return;
        }
        debug_assert!(!value.is_undef() && !value.is_stack() && !value.is_id());
        p.wake_value = value;
        p.state = ProcessState::Ready;
        p.parked = false;
        p.ticket = None;
        let joined = p.joining.take();
        if !p.held {
            self.processes.enqueue(id, false);
            self.processes.slice.start();
        }
        if let Some(joined) = joined {
            self.processes.get_mut(joined).joiners.retain(|j| j.0 != id);
        }
    }

    /// Wakes a process with a semaphore's signal, which goes back to the semaphore should the process never see it.
    /// It gets the semaphore as the value or, when it waits only for a time, true.
    pub fn grant(&mut self, id: ProcessId, semaphore: Oop) {
        let limited = matches!(self.processes.get(id).state, ProcessState::Sleeping(_));
        self.wake(id, if limited { Oop::TRUE } else { semaphore });
        self.processes.get_mut(id).granted = semaphore;
    }

    /// The semaphore whose signal woke this process, when it has not run since.
    pub fn take_grant(&mut self, id: ProcessId) -> Option<Oop> {
        let granted = std::mem::replace(&mut self.processes.get_mut(id).granted, Oop::NIL);
        granted.is_pointer().then_some(granted)
    }

    /// The running process waits until `wake` or, with a time, until the clock shows that: then it gets `late`.
    pub fn wait_process(&mut self, until: Option<Duration>, late: Oop) -> PrimResult {
        self.begin_waiting(until, late);
        self.run_next()
    }

    fn begin_waiting(&mut self, until: Option<Duration>, late: Oop) {
        self.processes.running().timeout_value = late;
        match until {
            None => self.park(ProcessState::Waiting, Oop::NIL),
            Some(until) => {
                self.park(ProcessState::Sleeping(until), Oop::NIL);
                let next = self.processes.next_wake.map_or(until, |n| n.min(until));
                self.processes.next_wake = Some(next);
                self.processes.slice.start();
            }
        }
    }

    /// The running process stops until somebody unparks it (true), or until a time (nil).
    pub fn park_process(&mut self, until: Option<Duration>) -> PrimResult {
        let me = self.processes.running();
        if std::mem::take(&mut me.token) {
            return Ok(Oop::TRUE);
        }
        me.parked = true;
        self.wait_process(until, Oop::NIL)
    }

    /// Lets a parked process go on; one that is not parked will not stop at its next park.
    pub fn unpark(&mut self, id: ProcessId) {
        let p = self.processes.get_mut(id);
        if p.parked {
            self.wake(id, Oop::TRUE);
        } else if !p.has_ended() {
            p.token = true;
        }
    }

    /// Stops a process until `resume_process`, whatever it does or waits for.
    pub fn hold_process(&mut self, id: ProcessId, value: Oop) -> PrimResult {
        let p = self.processes.get_mut(id);
        p.held = true;
        if id == self.processes.current {
            self.park(ProcessState::Ready, value);
            return self.run_next();
        }
        self.processes.dequeue(id);
        Ok(value)
    }

    /// Lets a held process run. A process of a higher priority than the caller's runs at once.
    pub fn resume_process(&mut self, id: ProcessId, value: Oop) -> PrimResult {
        let p = self.processes.get_mut(id);
        if !std::mem::take(&mut p.held) {
            return Ok(value);
        }
        if p.state == ProcessState::Ready {
            self.processes.enqueue(id, false);
            self.processes.slice.start();
        }
        self.after_wake(value)
    }

    /// A primitive that woke others answers `value`; before that, those of higher priority run.
    pub fn after_wake(&mut self, value: Oop) -> PrimResult {
        let mine = self.processes.running().priority;
        if self.processes.best().is_none_or(|p| p <= mine) {
            return Ok(value);
        }
        let me = self.processes.current;
        self.park(ProcessState::Ready, value);
        self.processes.enqueue(me, true);
        self.run_next()
    }

    /// The running process lets others of its priority run.
    pub fn yield_process(&mut self) -> PrimResult {
        self.wake_sleepers();
        let me = self.processes.current;
        let mine = self.processes.running().priority;
        if self.processes.best().is_none_or(|p| p < mine) {
            return Ok(Oop::NIL);
        }
        self.park(ProcessState::Ready, Oop::NIL);
        self.processes.enqueue(me, false);
        self.run_next()
    }

    /// Waits for the end of a process. Without a time answers its result (or raises what ended it); with one, whether the end came.
    pub fn join_process(&mut self, id: ProcessId, until: Option<Duration>) -> PrimResult {
        let me = self.processes.current;
        if id == me {
            return Err(raise(wellknown::ERROR, "a process cannot wait for itself"));
        }
        let p = self.processes.get_mut(id);
        assert!(!p.has_ended(), "a join of a process that has ended");
        p.joiners.push((me, until.is_some()));
        self.processes.running().joining = Some(id);
        self.wait_process(until, Oop::FALSE)
    }

    /// Tells those who wait for the end of a process.
    pub(crate) fn wake_joiners(&mut self, id: ProcessId, outcome: Oop, failed: bool) {
        let joiners = std::mem::take(&mut self.processes.get_mut(id).joiners);
        for (joiner, only_whether) in joiners {
            if failed && !only_whether {
                let p = self.processes.get_mut(joiner);
                p.events.push_back(Event::Raise(outcome));
            }
            self.wake(joiner, if only_whether { Oop::TRUE } else { outcome });
        }
    }

    /// Wakes everybody whose time is over.
    pub(crate) fn wake_sleepers(&mut self) {
        let Some(next) = self.processes.next_wake else {
            return;
        };
        let now = self.clock();
        if next > now {
            return;
        }
        let mut first: Option<Duration> = None;
        let mut due = Vec::new();
        for id in self.processes.ids() {
            if let ProcessState::Sleeping(until) = self.processes.get(id).state {
                if until <= now {
                    due.push((until, id));
                } else {
                    first = Some(first.map_or(until, |f| f.min(until)));
                }
            }
        }
        due.sort_by_key(|d| d.0);
        self.processes.next_wake = first;
        for (_, id) in due {
            let late = self.processes.get(id).timeout_value;
            self.wake(id, late);
        }
    }

    /// Runs whoever can run, sleeping until the first sleeper wakes when nobody can.
    pub(crate) fn run_next(&mut self) -> PrimResult {
        loop {
            self.wake_sleepers();
            if let Some(next) = self.processes.pop() {
                return self.run_process(next);
            }
            let Some(first) = self.processes.next_wake else {
                return self.deadlock();
            };
            if self
                .exec
                .interrupted
                .load(std::sync::atomic::Ordering::Relaxed)
            {
                self.interrupt_wait();
                continue;
            }
            let rest = first.saturating_sub(self.clock());
            std::thread::sleep(rest.min(Duration::from_millis(100)));
        }
    }

    /// Everybody waits for somebody else: the main process gets an error that says who waits.
    fn deadlock(&mut self) -> PrimResult {
        let waiting: Vec<String> = self
            .process_ids()
            .into_iter()
            .map(|id| self.describe_waiting(id))
            .collect();
        let text = format!(
            "No live threads left. Deadlock? every process waits for another one: {}. Something must signal, resume or terminate one of them before all wait",
            waiting.join("; ")
        );
        let exception = self.exception_of(raise(wellknown::DEADLOCK, text));
        let exception = exception.map_err(Fail::Exit)?;
        self.send_to_main(exception);
        self.run_next()
    }

    fn describe_waiting(&self, id: ProcessId) -> String {
        let name = match id {
            ProcessId::MAIN => "the main process".to_string(),
            other => format!("process {}", other.0),
        };
        let p = self.processes.get(id);
        let why = match (p.held, p.joining, p.resumed) {
            (true, ..) => "is suspended".to_string(),
            (_, Some(other), _) => format!("waits for the end of process {}", other.0),
            (_, _, Some(other)) => format!("waits for fiber {}", other.0),
            _ if p.parked => "stopped until it is woken".to_string(),
            _ if p.ticket.is_some() => "waits for a semaphore".to_string(),
            _ if p.resumer.is_none() && p.state == ProcessState::Ready => "can run".to_string(),
            _ => "waits".to_string(),
        };
        format!("{name} {why}")
    }

    /// Ctrl-C while everybody waits: the main process stops waiting, and finds the interrupt at its next safepoint.
    fn interrupt_wait(&mut self) {
        let main = self.innermost(ProcessId::MAIN);
        self.make_runnable(main);
        self.trap_if_listening(main);
        self.exec
            .attention
            .store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
