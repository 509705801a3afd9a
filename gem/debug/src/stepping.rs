//! Steps: from a place to the next one.

use crate::stopped::Stopped;
use gem_vm::{CodeId, ProcessId, Vm};
use std::collections::HashSet;

/// How far a step goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// To the next place of the frame, or of one further out when it ends.
    Over,
    /// Also into what the frame calls.
    Into,
    /// As over, but also into the blocks that were written in the frame's method.
    Thru,
}

/// A step on its way.
pub(crate) struct Stepping {
    kind: StepKind,
    process: ProcessId,
    /// Frames of the process, the stepping one on top.
    depth: usize,
    code: CodeId,
    /// Code of a Ruby program, not of the image's libraries.
    of_program: bool,
    at: u32,
    line: u32,
    /// Index of the frame of the method that the code was written in.
    home: Option<usize>,
}

impl Stepping {
    /// Sets the traps for a step of the process that stopped; `None` when it has no frames.
    pub fn start(vm: &mut Vm, stopped: &Stopped, kind: StepKind) -> Option<Stepping> {
        let (code, at) = stopped.at(vm)?;
        let depth = stopped.index(1)? + 1;
        let home = vm.home_frame(depth - 1);
        let mut trapped: HashSet<CodeId> = HashSet::new();
        let frames = vm.exec.frames[..depth].iter();
        let mut codes: Vec<CodeId> = frames.filter_map(|f| vm.frame_code_id(f)).collect();
        if kind == StepKind::Thru
            && let Some(home) = home
        {
            let home = vm.frame_code_id(&vm.exec.frames[home])?;
            codes.extend(vm.blocks_in(home).unwrap_or_default());
        }
        codes.retain(|c| trapped.insert(*c));
        for code in codes {
            vm.trap_places(code);
        }
        if kind == StepKind::Into {
            vm.trap_soon();
        }
        let block = vm.code(code)?;
        Some(Stepping {
            kind,
            process: stopped.process(),
            depth,
            code,
            of_program: block.environment == 1 && !block.kernel,
            at,
            line: block.place_before(at + 1).0,
            home,
        })
    }

    /// Whether the step ends at this trap.
    pub fn ends_at(&self, vm: &mut Vm, id: CodeId, at: u32) -> bool {
        if vm.current_process() != self.process {
            return false;
        }
        let Some(code) = vm.code(id) else {
            return false;
        };
        let smalltalk = code.environment == 0;
        let Some((_, line, _)) = code.places().into_iter().find(|p| p.0 == at) else {
            return false;
        };
        // Steps of a Ruby program pass through the kernel: `each` is a method like any other there.
        if self.of_program && code.kernel {
            return false;
        }
        let depth = vm.exec.frames.len();
        if depth > self.depth {
            return match self.kind {
                StepKind::Over => false,
                StepKind::Into => true,
                StepKind::Thru => self.home.is_some() && vm.home_frame(depth - 1) == self.home,
            };
        }
        // Smalltalk's places are messages; Ruby's are lines, which loops may come back to.
        depth < self.depth || id != self.code || smalltalk || line != self.line || at <= self.at
    }
}
