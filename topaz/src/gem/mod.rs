//! A real session behind `session::Session`.
//!
//! Objects that topaz knows stay alive in an Array that the machine holds. A stopped process keeps its frames; what topaz runs meanwhile runs above them.

mod breaks;
mod failures;
mod frames;
mod objects;
mod opening;
mod running;

pub use opening::Doors;

use crate::session::{
    BreakLine, Facts, Failure, FrameDetail, FrameLine, Language, Listing, MethodName, MethodText,
    Outcome, Part, Session, StepReach, Thread, Value,
};
use failures::{source_failure, stone_failure};
use gem_debug::{Debugger, StepKind, Stopped};
use gem_session::MethodPlace;
use gem_vm::{Oop, ProcessId, VmExit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// File name of texts that are run.
const DOIT: &str = "(executed code)";

/// See the module text.
pub struct Gem {
    inner: gem_session::Session,
    place: String,
    /// Array of the objects that topaz knows.
    kept: Oop,
    stopped: Option<Stopped>,
    /// The process that the stack commands look at, when that is another one.
    looked_at: Option<ProcessId>,
    debugger: Debugger,
    /// The language of what runs, or ran when the process stopped.
    language: Language,
    /// Its mode: whether classes and methods are made for everybody.
    persistent: bool,
    /// Nothing runs: Ctrl-C ends topaz.
    idle: Arc<AtomicBool>,
    /// The text that runs, or ran when the process stopped.
    text: String,
    ruby_started: bool,
}

impl Gem {
    /// # Errors
    /// No memory for the Array of known objects.
    pub fn new(
        mut inner: gem_session::Session,
        place: String,
        idle: Arc<AtomicBool>,
    ) -> Result<Gem, String> {
        let kept = inner
            .vm
            .model
            .heap
            .new_array(&[])
            .map_err(|e| e.to_string())?;
        inner.vm.model.hold(kept);
        gem_server::listen(&inner);
        Ok(Gem {
            inner,
            place,
            kept,
            stopped: None,
            looked_at: None,
            debugger: Debugger::default(),
            language: Language::Smalltalk,
            persistent: true,
            idle,
            text: String::new(),
            ruby_started: false,
        })
    }

    /// The word for an object, which from now on stays.
    fn value(&mut self, oop: Oop) -> Outcome<Value> {
        if oop.is_pointer() {
            self.inner
                .vm
                .model
                .heap
                .push(self.kept, oop)
                .map_err(|e| stone_failure(&e.into()))?;
        }
        Ok(Value(oop))
    }

    /// The process that stopped.
    fn stopped(&self) -> Outcome<Stopped> {
        self.stopped
            .ok_or_else(|| Failure::plain(2710, "Error", "no process is stopped"))
    }

    /// The process that is looked at.
    fn looked_at(&self) -> Option<Stopped> {
        let stopped = self.stopped?;
        Some(match self.looked_at {
            Some(process) => stopped.other(&self.inner.vm, process),
            None => stopped,
        })
    }
}

impl Drop for Gem {
    fn drop(&mut self) {
        // It may have been broken off while it ran.
        self.idle.store(true, Ordering::Relaxed);
    }
}

impl Session for Gem {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn execute(&mut self, language: Language, source: &str, keep: bool) -> Outcome<Value> {
        match language {
            Language::Smalltalk => self.smalltalk(source, keep),
            Language::Ruby => self.ruby(source, keep),
        }
    }

    fn send(
        &mut self,
        receiver: Value,
        selector: &str,
        arguments: &[Value],
        language: Language,
        keep: bool,
    ) -> Outcome<Value> {
        let selector = self.inner.vm.model.heap.symbol(selector);
        let arguments: Vec<Oop> = arguments.iter().map(|v| v.0).collect();
        if keep {
            self.text.clear();
            self.language = language;
            self.persistent = language == Language::Smalltalk;
        }
        self.run(keep, |vm| {
            vm.send(receiver.0, selector, &arguments, language.environment())
        })
    }

    fn compile(&mut self, method: &MethodText<'_>) -> Outcome<String> {
        let side = if method.class_side { " class" } else { "" };
        let class = format!("{}{side}", method.class);
        let value = self.smalltalk(&format!("{class}\n"), false).map_err(|f| {
            Failure::plain(f.number, f.class(), format!("no class {class}: {}", f.text))
        })?;
        let oop = value.0;
        if !objects::is_behavior(&self.inner.vm, oop) {
            return Err(Failure::plain(
                2094,
                "ArgumentTypeError",
                format!("{class} is no class"),
            ));
        }
        let place = MethodPlace {
            category: method.category,
            environment: method.environment,
            ..MethodPlace::of(oop)
        };
        let mode = std::mem::replace(&mut self.inner.vm.model.persistent_mode, true);
        let compiled = gem_session::compile_method_named(&mut self.inner.vm, method.source, &place);
        self.inner.vm.model.persistent_mode = mode;
        match compiled {
            Ok((selector, _)) => Ok(selector),
            Err(e) => Err(source_failure(&e, method.source)),
        }
    }

    fn commit(&mut self) -> Outcome<()> {
        match self.inner.commit() {
            Ok(_) => Ok(()),
            Err(e) => Err(stone_failure(&e)),
        }
    }

    fn abort(&mut self) -> Outcome<()> {
        self.inner.abort().map_err(|e| stone_failure(&e))
    }

    fn begin(&mut self) -> Outcome<()> {
        gem_session::begin(&mut self.inner.vm).map_err(|e| stone_failure(&e))
    }

    fn needs_commit(&mut self) -> bool {
        self.inner.needs_commit()
    }

    fn object(&mut self, oop: u64) -> Outcome<Value> {
        objects::by_id(self, oop)
    }

    fn facts(&mut self, value: Value) -> Outcome<Facts> {
        objects::facts(&mut self.inner.vm, value.0).map_err(|e| stone_failure(&e.into()))
    }

    fn part(&mut self, value: Value, index: usize) -> Outcome<Part> {
        let (name, oop) = objects::part(&mut self.inner.vm, value.0, index)
            .map_err(|e| stone_failure(&e.into()))?;
        let value = self.value(oop)?;
        Ok(Part { name, value })
    }

    fn print(&mut self, value: Value, language: Language) -> Outcome<String> {
        let selector = match language {
            Language::Smalltalk => "printString",
            Language::Ruby => "inspect",
        };
        let vm = &mut self.inner.vm;
        let depth = vm.exec.frames.len();
        let selector = vm.model.heap.symbol(selector);
        match vm.send(value.0, selector, &[], language.environment()) {
            Ok(text) => objects::text(vm, text)
                .ok_or_else(|| Failure::plain(2094, "ArgumentTypeError", "it is no String")),
            failed => {
                self.outcome(depth, failed)?;
                Ok(String::new())
            }
        }
    }

    fn is_true(&self, value: Value) -> bool {
        value.0 == Oop::TRUE
    }

    fn text(&mut self, value: Value) -> Option<String> {
        objects::text(&self.inner.vm, value.0)
    }

    fn is_immediate(&self, value: Value) -> bool {
        !value.0.is_pointer()
    }

    fn levels(&self) -> usize {
        self.looked_at().map_or(0, |stopped| stopped.levels())
    }

    fn frame_line(&mut self, level: usize) -> FrameLine {
        frames::line(self, level)
    }

    fn frame(&mut self, level: usize) -> Outcome<FrameDetail> {
        frames::detail(self, level)
    }

    fn listing(&mut self, level: usize) -> Outcome<Listing> {
        frames::listing(self, level)
    }

    fn set_variable(&mut self, level: usize, name: &str, value: Value) -> Outcome<()> {
        let stopped = self.looked_at().ok_or_else(|| frames::no_frame(level))?;
        stopped
            .set_variable(&mut self.inner.vm, level, name, value.0)
            .map_err(|e| Failure::plain(2710, "Error", format!("{name}: {e}")))
    }

    fn go_on(&mut self, value: Option<Value>) -> Outcome<Value> {
        let stopped = self.take_stopped()?;
        let value = value.map_or(Oop::NIL, |v| v.0);
        self.go(|debugger, vm| debugger.proceed(vm, stopped, value))
    }

    fn restart(&mut self, level: usize) -> Outcome<Value> {
        let stopped = self.stopped()?;
        if level == 0 || level > stopped.levels() {
            return Err(frames::no_frame(level));
        }
        self.take_stopped()?;
        self.go(|debugger, vm| debugger.restart(vm, stopped, level))
    }

    fn step(&mut self, step: StepReach) -> Outcome<Value> {
        let stopped = self.take_stopped()?;
        let kind = match step {
            StepReach::Over => StepKind::Over,
            StepReach::Into => StepKind::Into,
            StepReach::Thru => StepKind::Thru,
        };
        self.go(|debugger, vm| debugger.step(vm, stopped, kind))
    }

    fn run_language(&self) -> Language {
        self.language
    }

    fn frame_language(&mut self, level: usize) -> Language {
        let frame = self
            .looked_at()
            .and_then(|stopped| stopped.frame(&mut self.inner.vm, level));
        let code = frame.and_then(|frame| self.inner.vm.frame_code(&frame));
        match code.map(|code| code.environment) {
            Some(1) => Language::Ruby,
            _ => Language::Smalltalk,
        }
    }

    fn evaluate(&mut self, level: usize, language: Language, source: &str) -> Outcome<Value> {
        frames::evaluate(self, level, language, source)
    }

    fn break_method(&mut self, method: &MethodName, place: usize) -> Outcome<usize> {
        breaks::add_method(self, method, place)
    }

    fn break_line(&mut self, file: &str, line: u32) -> usize {
        let vm = &mut self.inner.vm;
        self.debugger.breakpoints.add_line(vm, file, line)
    }

    fn breaks(&self) -> Vec<BreakLine> {
        let all = self.debugger.breakpoints.list().iter();
        all.map(|b| BreakLine {
            number: b.number,
            label: b.label.clone(),
            enabled: b.enabled,
            hits: b.hits,
        })
        .collect()
    }

    fn break_delete(&mut self, number: Option<usize>) -> bool {
        let vm = &mut self.inner.vm;
        self.debugger.breakpoints.delete(vm, number)
    }

    fn break_enable(&mut self, number: Option<usize>, on: bool) -> bool {
        let vm = &mut self.inner.vm;
        self.debugger.breakpoints.enable(vm, number, on)
    }

    fn places(&mut self, method: &MethodName) -> Outcome<(Listing, Vec<(u32, u16)>)> {
        breaks::places(self, method)
    }

    fn threads(&mut self) -> Vec<Thread> {
        breaks::threads(self)
    }

    fn look_at(&mut self, number: Option<usize>) -> Outcome<()> {
        breaks::look_at(self, number)
    }

    fn give_up(&mut self) -> Outcome<()> {
        let Some(stopped) = self.stopped.take() else {
            return Ok(());
        };
        self.looked_at = None;
        match stopped.give_up(&mut self.inner.vm) {
            Ok(()) => Ok(()),
            Err(VmExit::Unhandled(exception)) => {
                let mut failure = failures::raised(&mut self.inner.vm, exception);
                failure
                    .text
                    .push_str(" (in an ensure block of the process that was given up)");
                Err(failure)
            }
            Err(other) => Err(Failure::plain(2710, "Error", failures::exit_text(&other))),
        }
    }

    fn cpu_time(&self) -> Duration {
        failures::cpu_time().unwrap_or(Duration::ZERO)
    }
}
