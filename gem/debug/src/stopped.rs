//! A process that stopped: which frames are its own, who receives in them, how it ends.

use gem_vm::{Frame, Location, Oop, Vm, VmExit};
use proto::wellknown::slots::method;

/// See the module text. Valid until the process goes on or is given up; the holder keeps `exception` alive.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    /// Frames below belong to whoever started the run.
    depth: usize,
    /// Frames of the machine when the process stopped: what runs above is the debugger's own.
    top: usize,
    exception: Oop,
}

impl Stopped {
    /// The process whose run began on `depth` frames and was left with `VmExit::Unhandled(exception)`.
    pub fn new(vm: &Vm, depth: usize, exception: Oop) -> Stopped {
        Stopped {
            depth,
            top: vm.frames.len(),
            exception,
        }
    }

    /// Why it stopped.
    pub fn exception(&self) -> Oop {
        self.exception
    }

    /// Number of its frames.
    pub fn levels(&self) -> usize {
        self.top.saturating_sub(self.depth)
    }

    /// Index in `vm.frames` of a level.
    pub(crate) fn index(&self, level: usize) -> Option<usize> {
        let inside = (1..=self.levels()).contains(&level);
        inside.then(|| self.top - level)
    }

    pub(crate) fn frame(&self, vm: &Vm, level: usize) -> Option<Frame> {
        self.index(level).and_then(|i| vm.frames.get(i)).copied()
    }

    /// Method, file and line of a level.
    pub fn location(&self, vm: &mut Vm, level: usize) -> Option<Location> {
        let frame = self.frame(vm, level)?;
        Some(vm.frame_location(&frame))
    }

    /// Self of a level.
    pub fn receiver(&self, vm: &mut Vm, level: usize) -> Option<Oop> {
        let index = self.index(level)?;
        vm.register(index, 0)
    }

    /// The GsNMethod that the code of a level was written in: a block's home.
    pub fn home_method(&self, vm: &mut Vm, level: usize) -> Option<Oop> {
        let index = self.index(level)?;
        let frame = *vm.frames.get(index)?;
        if frame.closure.is_nil() {
            return Some(frame.code.method);
        }
        let up = vm.frames.len().checked_sub(index + 1)?;
        let binding = vm.binding_of_frame(up).ok()?;
        vm.heap.slot(binding, gem_vm::binding::METHOD).ok()
    }

    /// Whether the code of a level is a text that was run, not a method of a class.
    pub fn is_doit(&self, vm: &mut Vm, level: usize) -> bool {
        let Some(home) = self.home_method(vm, level) else {
            return false;
        };
        let owner = vm.heap.slot(home, method::IN_CLASS).unwrap_or(Oop::NIL);
        owner.is_nil()
    }

    /// Frames of the machine below the process.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The process goes on: what failed answers `value`. Answers the value of the whole run.
    ///
    /// # Errors
    /// As `Vm::call`: when it stops again, `Stopped::new` takes it up with the same depth.
    pub fn proceed(self, vm: &mut Vm, value: Oop) -> Result<Oop, VmExit> {
        vm.unwind_to(self.top);
        vm.proceed(self.depth, value)
    }

    /// The code of `level` starts again with the arguments it has; inner frames end, their ensure bodies run.
    ///
    /// # Errors
    /// As `proceed`; `Internal` when there is no such level.
    pub fn restart(self, vm: &mut Vm, level: usize) -> Result<Oop, VmExit> {
        vm.unwind_to(self.top);
        let index = self
            .index(level)
            .ok_or_else(|| VmExit::Internal(format!("there is no frame {level}")))?;
        vm.restart_frame(self.depth, index)
    }

    /// Ends the process; its ensure bodies run.
    ///
    /// # Errors
    /// What an ensure body raised. The frames are gone all the same.
    pub fn give_up(self, vm: &mut Vm) -> Result<(), VmExit> {
        vm.unwind_to(self.top);
        let outcome = vm.abandon(self.depth);
        vm.unwind_to(self.depth);
        outcome
    }
}
