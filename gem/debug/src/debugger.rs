//! The debugger of a session: runs code, and decides at each trap whether it stops.

use crate::breakpoints::Breakpoints;
use crate::stepping::{StepKind, Stepping};
use crate::stopped::{Stopped, Why};
use gem_vm::{Oop, Vm, VmExit};
use std::sync::atomic::Ordering;

/// What became of a run.
#[derive(Debug)]
pub enum Run {
    Value(Oop),
    Stopped(Stopped),
    /// The machine could not go on: why. The run has ended.
    Broken(String),
}

/// See the module text. Outside of its runs traps do nothing, so that it can use the machine to show objects.
#[derive(Default)]
pub struct Debugger {
    pub breakpoints: Breakpoints,
    step: Option<Stepping>,
}

impl Debugger {
    /// Runs something that begins on the frames the main process has now, until it ends or stops.
    pub fn run(&mut self, vm: &mut Vm, start: impl FnOnce(&mut Vm) -> Result<Oop, VmExit>) -> Run {
        let depth = vm.exec.frames.len();
        self.listen(vm, depth, start)
    }

    /// The process goes on; what failed answers `value`.
    pub fn proceed(&mut self, vm: &mut Vm, stopped: Stopped, value: Oop) -> Run {
        self.listen(vm, stopped.depth(), |vm| stopped.proceed(vm, value))
    }

    /// The code of a level starts again with the arguments it has.
    pub fn restart(&mut self, vm: &mut Vm, stopped: Stopped, level: usize) -> Run {
        self.listen(vm, stopped.depth(), |vm| stopped.restart(vm, level))
    }

    /// The process goes on to the next place.
    pub fn step(&mut self, vm: &mut Vm, stopped: Stopped, kind: StepKind) -> Run {
        self.step = Stepping::start(vm, &stopped, kind);
        self.proceed(vm, stopped, Oop::NIL)
    }

    fn listen(
        &mut self,
        vm: &mut Vm,
        depth: usize,
        start: impl FnOnce(&mut Vm) -> Result<Oop, VmExit>,
    ) -> Run {
        vm.exec.interrupted.store(false, Ordering::Relaxed);
        let before = std::mem::replace(&mut vm.debug.traps.listening, true);
        let mut outcome = start(vm);
        let run = loop {
            match outcome {
                Ok(value) => break Run::Value(value),
                Err(VmExit::Unhandled(exception)) => {
                    break Run::Stopped(Stopped::new(vm, depth, Why::Error(exception)));
                }
                Err(VmExit::Trap) => match self.reason(vm) {
                    Some(why) => break Run::Stopped(Stopped::new(vm, depth, why)),
                    None => outcome = vm.resume(depth, true),
                },
                Err(VmExit::Internal(text)) => {
                    vm.return_to_main();
                    vm.unwind_to(depth);
                    break Run::Broken(text);
                }
            }
        };
        self.step = None;
        // An interrupt that came too late is about a run that has ended.
        vm.exec.interrupted.store(false, Ordering::Relaxed);
        vm.clear_passing_traps();
        vm.debug.traps.listening = before;
        run
    }

    /// Why the process stops at the trap it ran into, if it does.
    fn reason(&mut self, vm: &mut Vm) -> Option<Why> {
        let frame = *vm.exec.frames.last()?;
        let at = frame.pc.saturating_sub(1);
        if vm.exec.interrupted.swap(false, Ordering::Relaxed) {
            return Some(Why::Interrupt);
        }
        let code = vm.frame_code(&frame)?;
        if let Some(number) = self.breakpoints.hit(code, at) {
            return Some(Why::Breakpoint(number));
        }
        let step = self.step.as_ref()?;
        let code = code.id();
        step.ends_at(vm, code, at).then_some(Why::Step)
    }
}
