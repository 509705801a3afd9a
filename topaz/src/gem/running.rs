//! Running texts, and what becomes of a run that does not end: its process stops and stays, or ends.

use super::failures::{self, source_failure};
use super::{DOIT, Gem};
use crate::session::{Failure, Language, Outcome, Value};
use gem_debug::{Debugger, Run, Stopped, Why};
use gem_session::RubyEnd;
use gem_vm::{Oop, Vm, VmExit};
use std::sync::atomic::Ordering;

/// Numbers of the events that stop a process without an error, as GemStone has them.
const STEP: i64 = 6002;
const INTERRUPT: i64 = 6003;
const BREAKPOINT: i64 = 6005;

impl Gem {
    /// Runs something new. With `keep` it may stop, and stays for the stack commands; else an error ends it.
    pub(super) fn run(
        &mut self,
        keep: bool,
        start: impl FnOnce(&mut Vm) -> Result<Oop, VmExit>,
    ) -> Outcome<Value> {
        if keep {
            return self.go(|debugger, vm| debugger.run(vm, start));
        }
        let depth = self.inner.vm.exec.frames.len();
        let (handled, mark) = (self.inner.vm.exec.error_info, self.inner.vm.model.held());
        self.inner.vm.model.hold(handled);
        self.idle.store(false, Ordering::Relaxed);
        let result = start(&mut self.inner.vm);
        self.idle.store(true, Ordering::Relaxed);
        let outcome = self.outcome(depth, result);
        self.inner.vm.exec.error_info = handled;
        self.inner.vm.model.release(mark);
        outcome
    }

    /// Lets the debugger run something that may stop.
    pub(super) fn go(&mut self, run: impl FnOnce(&mut Debugger, &mut Vm) -> Run) -> Outcome<Value> {
        self.idle.store(false, Ordering::Relaxed);
        let mode = std::mem::replace(&mut self.inner.vm.model.persistent_mode, self.persistent);
        let ended = run(&mut self.debugger, &mut self.inner.vm);
        self.persistent = std::mem::replace(&mut self.inner.vm.model.persistent_mode, mode);
        self.idle.store(true, Ordering::Relaxed);
        match ended {
            Run::Value(oop) => self.value(oop),
            Run::Stopped(stopped) => Err(self.stopped_at(stopped)?),
            Run::Broken(text) => Err(Failure::plain(2710, "Error", text)),
        }
    }

    /// The process that stopped, which is about to go on.
    pub(super) fn take_stopped(&mut self) -> Outcome<Stopped> {
        let stopped = self.stopped()?;
        self.stopped = None;
        self.looked_at = None;
        Ok(stopped)
    }

    /// Keeps a process that stopped, and tells why it did.
    fn stopped_at(&mut self, stopped: Stopped) -> Outcome<Failure> {
        let mut failure = match stopped.why() {
            Why::Error(exception) => {
                self.value(exception)?;
                self.failure_of(exception)
            }
            Why::Breakpoint(number) => {
                let text = format!("breakpoint {number} at {}", self.place_of(&stopped));
                Failure::plain(BREAKPOINT, "Breakpoint", text)
            }
            Why::Step => {
                Failure::plain(STEP, "Step", format!("step to {}", self.place_of(&stopped)))
            }
            Why::Interrupt | Why::Waiting => {
                let text = format!("interrupted at {}", self.place_of(&stopped));
                Failure::plain(INTERRUPT, "Break", text)
            }
        };
        failure.halt = matches!(stopped.why(), Why::Breakpoint(_) | Why::Step);
        failure.stopped = stopped.levels() > 0 && failure.class() != "SystemExit";
        if failure.stopped {
            self.stopped = Some(stopped);
        } else if let Err(e) = stopped.give_up(&mut self.inner.vm) {
            failure.text.push_str(&format!(
                "\nan ensure block failed too: {}",
                failures::exit_text(&e)
            ));
        }
        Ok(failure)
    }

    fn failure_of(&mut self, exception: Oop) -> Failure {
        match self.language {
            Language::Smalltalk => failures::raised(&mut self.inner.vm, exception),
            Language::Ruby => {
                let end = self.inner.explain(exception);
                failures::ruby_end(&mut self.inner.vm, end)
            }
        }
    }

    /// `Foo>>bar (line 3)`
    fn place_of(&mut self, stopped: &Stopped) -> String {
        let line = super::frames::line_of(self, stopped, 1);
        match (line.file.as_str(), line.line) {
            (_, 0) => line.label,
            ("", number) => format!("{} (line {number})", line.label),
            (file, number) => format!("{} ({file}:{number})", line.label),
        }
    }

    /// The value of a run that began on `depth` frames and has ended in any case, or its failure.
    pub(super) fn outcome(&mut self, depth: usize, result: Result<Oop, VmExit>) -> Outcome<Value> {
        match result {
            Ok(oop) => self.value(oop),
            Err(VmExit::Unhandled(exception)) => {
                self.value(exception)?;
                let mut failure = self.failure_of(exception);
                let vm = &mut self.inner.vm;
                let ended = vm.abandon(depth);
                vm.unwind_to(depth);
                if let Err(e) = ended {
                    failure.text.push_str(&format!(
                        "\nan ensure block failed too: {}",
                        failures::exit_text(&e)
                    ));
                }
                Err(failure)
            }
            Err(other) => {
                self.inner.vm.unwind_to(depth);
                Err(Failure::plain(2710, "Error", failures::exit_text(&other)))
            }
        }
    }

    pub(super) fn smalltalk(&mut self, source: &str, keep: bool) -> Outcome<Value> {
        if keep {
            self.text = source.to_string();
            self.language = Language::Smalltalk;
            self.persistent = true;
        }
        let method = self
            .inner
            .prepare_smalltalk(source, DOIT)
            .map_err(|e| source_failure(&e, source))?;
        // What an administrator makes is for everybody, once it is committed.
        let mode = std::mem::replace(&mut self.inner.vm.model.persistent_mode, true);
        let outcome = self.run(keep, |vm| vm.call(method, Oop::NIL, &[]));
        self.inner.vm.model.persistent_mode = mode;
        outcome
    }

    pub(super) fn ruby(&mut self, source: &str, keep: bool) -> Outcome<Value> {
        if !self.ruby_started {
            self.inner
                .start_ruby("topaz", &[])
                .map_err(|end| failures::ruby_end(&mut self.inner.vm, end))?;
            self.ruby_started = true;
        }
        let prepared = self.inner.prepare_ruby(source.as_bytes(), DOIT, 1);
        let (method, main) =
            prepared.map_err(|end: RubyEnd| failures::ruby_end(&mut self.inner.vm, end))?;
        if keep {
            self.text = source.to_string();
            self.language = Language::Ruby;
            self.persistent = false;
        }
        let outcome = self.run(keep, |vm| vm.call(method, main, &[]));
        // What the text wrote comes before its value.
        let _ = gem_session::flush_output(&mut self.inner.vm);
        outcome
    }
}
