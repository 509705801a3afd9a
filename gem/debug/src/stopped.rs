//! A process that stopped, or another one that waits: which frames are its own, who receives in them, how it goes on or ends.

use format::wellknown::slots::method;
use gem_bytecode::CodeKind;
use gem_vm::{CodeId, Frame, Location, Oop, ProcessId, Vm, VmExit};

/// Why a process is where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// An exception that nobody handled; the holder keeps it alive.
    Error(Oop),
    /// A breakpoint: its number.
    Breakpoint(usize),
    /// A step has ended.
    Step,
    /// A person asked for it.
    Interrupt,
    /// It did not stop: another process runs, or did when that one stopped.
    Waiting,
}

/// See the module text. Valid until the process goes on or is given up.
#[derive(Clone, Copy, Debug)]
pub struct Stopped {
    process: ProcessId,
    /// Frames of the main process below the run.
    depth: usize,
    /// Frames of this process below those that are shown.
    base: usize,
    /// Frames of the process when it stopped: what runs above is the debugger's own.
    top: usize,
    why: Why,
}

impl Stopped {
    /// The running process. The run began on `depth` frames of the main process.
    pub fn new(vm: &Vm, depth: usize, why: Why) -> Stopped {
        let process = vm.current_process();
        Stopped {
            process,
            depth,
            base: if process == ProcessId(0) { depth } else { 0 },
            top: vm.exec.frames.len(),
            why,
        }
    }

    /// A process that does not run, to be looked at while `self` stands.
    pub fn other(&self, vm: &Vm, process: ProcessId) -> Stopped {
        if process == self.process {
            return *self;
        }
        Stopped {
            process,
            depth: self.depth,
            base: if process == ProcessId(0) {
                self.depth
            } else {
                0
            },
            top: vm.parked_frames(process).len(),
            why: Why::Waiting,
        }
    }

    pub fn process(&self) -> ProcessId {
        self.process
    }

    /// Why it stopped.
    pub fn why(&self) -> Why {
        self.why
    }

    /// Frames of the main process below the run.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Number of its frames.
    pub fn levels(&self) -> usize {
        self.top.saturating_sub(self.base)
    }

    /// Does something while this process lies in the machine.
    pub(crate) fn looking<T>(&self, vm: &mut Vm, look: impl FnOnce(&mut Vm) -> T) -> T {
        vm.swap_process(self.process);
        let seen = look(vm);
        vm.swap_process(self.process);
        seen
    }

    /// Index of a level in the frames of its process.
    pub(crate) fn index(&self, level: usize) -> Option<usize> {
        let inside = (1..=self.levels()).contains(&level);
        inside.then(|| self.top - level)
    }

    /// The frame of a level.
    pub fn frame(&self, vm: &mut Vm, level: usize) -> Option<Frame> {
        let index = self.index(level)?;
        self.looking(vm, |vm| vm.exec.frames.get(index).copied())
    }

    /// Method, file and line of a level.
    pub fn location(&self, vm: &mut Vm, level: usize) -> Option<Location> {
        let frame = self.frame(vm, level)?;
        vm.frame_location(&frame)
    }

    /// Self of a level.
    pub fn receiver(&self, vm: &mut Vm, level: usize) -> Option<Oop> {
        let index = self.index(level)?;
        self.looking(vm, |vm| vm.register(index, 0))
    }

    /// The GsNMethod that the code of a level was written in: a block's home.
    pub fn home_method(&self, vm: &mut Vm, level: usize) -> Option<Oop> {
        let index = self.index(level)?;
        self.looking(vm, |vm| {
            let up = vm.exec.frames.len().checked_sub(index + 1)?;
            Some(vm.home_method_at(up)).filter(|home| home.is_pointer())
        })
    }

    /// Whether the code of a level is a text that was run, not a method of a class.
    pub fn is_doit(&self, vm: &mut Vm, level: usize) -> bool {
        let Some(home) = self.home_method(vm, level) else {
            return false;
        };
        let owner = vm
            .model
            .heap
            .slot(home, method::IN_CLASS)
            .unwrap_or(Oop::NIL);
        owner.is_nil()
    }

    /// Whether a level runs a Ruby script or class body.
    pub fn is_body(&self, vm: &mut Vm, level: usize) -> bool {
        let frame = self.frame(vm, level);
        let code = frame.as_ref().and_then(|frame| vm.frame_code(frame));
        code.is_some_and(|code| code.kind == CodeKind::Body)
    }

    /// The code that runs innermost, and the instruction it stopped at.
    pub(crate) fn at(&self, vm: &mut Vm) -> Option<(CodeId, u32)> {
        let frame = self.frame(vm, 1)?;
        Some((vm.frame_code_id(&frame)?, frame.pc.saturating_sub(1)))
    }

    /// The process goes on. What failed answers `value`; after any other stop nothing waits for it. Answers the value of the whole run.
    ///
    /// # Errors
    /// As `Vm::call`.
    pub(crate) fn proceed(self, vm: &mut Vm, value: Oop) -> Result<Oop, VmExit> {
        self.drop_own(vm)?;
        match self.why {
            Why::Error(_) => vm.proceed(self.depth, value),
            _ => vm.resume(self.depth, true),
        }
    }

    /// The code of `level` starts again with the arguments it has; inner frames end, their ensure bodies run.
    ///
    /// # Errors
    /// As `proceed`; `Internal` when there is no such level.
    pub(crate) fn restart(self, vm: &mut Vm, level: usize) -> Result<Oop, VmExit> {
        self.drop_own(vm)?;
        let index = self
            .index(level)
            .ok_or_else(|| VmExit::Internal(format!("there is no frame {level}")))?;
        vm.restart_frame(self.depth, index)
    }

    /// Ends the process, and the main one when that is another: the whole run. Their ensure bodies run.
    ///
    /// # Errors
    /// What an ensure body raised. The frames are gone all the same.
    pub fn give_up(self, vm: &mut Vm) -> Result<(), VmExit> {
        self.drop_own(vm)?;
        let mut outcome = Ok(());
        if self.process != ProcessId(0) {
            vm.detach_process();
            outcome = vm.abandon(0);
            vm.unwind_to(0);
            vm.return_to_main();
        }
        let main = vm.abandon(self.depth);
        vm.unwind_to(self.depth);
        vm.exec.error_info = Oop::NIL;
        outcome.and(main)
    }

    /// Drops what the debugger ran above the process.
    fn drop_own(&self, vm: &mut Vm) -> Result<(), VmExit> {
        if vm.current_process() != self.process || self.why == Why::Waiting {
            let text =
                "only the process that stopped can go on; thread without a number goes back to it";
            return Err(VmExit::Internal(text.to_string()));
        }
        vm.unwind_to(self.top);
        Ok(())
    }
}
