//! What a debugger does with a process that stopped: its registers, going on, running a frame again.
//!
//! Frames are named by their index in `Vm::frames`. Everything here expects that the process stopped (`VmExit::Unhandled`,
//! `VmExit::Trap`) and that nothing of the debugger's own lies above it. `depth` is always that of the main process's run.

use crate::codes::CodeId;
use crate::codes::code::CodeBlock;
use crate::errors::{Fail, VmExit};
use crate::exec::frame::{Frame, frame_flags};
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::context;
use gem_bytecode::CodeKind;
use gem_heap::{HeapError, HeapResult, Oop};

impl Vm {
    /// Register `register` of frame `index`; `None` when there is no such register, or nothing in it.
    pub fn register(&self, index: usize, register: u16) -> Option<Oop> {
        let at = self.register_place(index, register)?;
        let value = self.exec.regs.get(at);
        (!value.is_undef()).then_some(value)
    }

    /// Changes a register; answers whether there is one.
    pub fn set_register(&mut self, index: usize, register: u16, value: Oop) -> bool {
        match self.register_place(index, register) {
            Some(at) => {
                self.exec.regs.set(at, value);
                true
            }
            None => false,
        }
    }

    fn register_place(&self, index: usize, register: u16) -> Option<usize> {
        let frame = self.exec.frames.get(index)?;
        let at = frame.base as usize + register as usize;
        (register < frame.code.registers && at < self.exec.regs.len()).then_some(at)
    }

    /// The process that stopped goes on: the instruction that failed answers `value`. Runs until the frame at `depth` returns.
    ///
    /// # Errors
    /// As `call`.
    pub fn proceed(&mut self, depth: usize, value: Oop) -> Result<Oop, VmExit> {
        if self.exec.frames.len() <= depth && self.processes.current.0 == 0
            || self.exec.frames.is_empty()
        {
            return Ok(value);
        }
        let top = self.exec.frames.len() - 1;
        let frame = &self.exec.frames[top];
        let failed = (frame.pc as usize)
            .checked_sub(1)
            .and_then(|at| frame.code.instruction(at));
        if !std::mem::take(&mut self.exec.stopped_between)
            && let Some(instruction) = failed
            && instruction
                .op()
                .is_some_and(|op| op.operands().kinds[0] == b'W')
        {
            self.set_register(top, instruction.a(), value);
        }
        self.resume(depth, false)
    }

    /// Frame `index` starts again with the arguments it has; the frames above it end, and their ensure bodies run. Then as `proceed`.
    ///
    /// # Errors
    /// What an ensure body raised; as `call`.
    pub fn restart_frame(&mut self, depth: usize, index: usize) -> Result<Oop, VmExit> {
        let below = self.processes.current.0 == 0 && index < depth;
        if below || index >= self.exec.frames.len() {
            return Err(VmExit::Internal(format!(
                "there is no frame {index} to restart"
            )));
        }
        if let Some(above) = self.exec.frames.get_mut(index + 1) {
            // A handler block that is dropped answers nobody.
            above.flags &= !frame_flags::HANDLER;
        }
        self.abandon(index + 1)?;
        let outer = self
            .environment_around(index)
            .map_err(|e| VmExit::Internal(e.to_string()))?;
        let frame = &mut self.exec.frames[index];
        frame.pc = 0;
        frame.env = outer;
        self.resume(depth, false)
    }

    /// The environment that a frame was entered with: without the one that its own MakeEnv made.
    fn environment_around(&mut self, index: usize) -> Result<Oop, HeapError> {
        let frame = self.exec.frames[index];
        if frame.env == Oop::stack_env(index as u32) {
            return self.env_around(&frame).map_err(|fail| match fail {
                Fail::Heap(e) => e,
                _ => HeapError::Bounds,
            });
        }
        if self.has_own_environment(&frame)? {
            self.model.heap.slot(frame.env, context::PARENT)
        } else {
            Ok(frame.env)
        }
    }

    /// The running process, which is not the main one, leaves the interpreter when its bottom frame returns, instead of letting others run.
    pub fn detach_process(&mut self) {
        if let Some(bottom) = self.exec.frames.first_mut() {
            bottom.flags &= !frame_flags::PROCESS;
            bottom.flags |= frame_flags::ENTRY;
        }
    }

    /// The frame of the method that the block in frame `index` was written in, as long as it lives; a method's own frame.
    pub fn home_frame(&mut self, index: usize) -> Option<usize> {
        let mut index = index;
        loop {
            let closure = self.exec.frames.get(index)?.closure;
            if closure.is_nil() {
                return Some(index);
            }
            index = self.creator_frame(closure)?;
        }
    }

    /// The codes of the blocks written in a code, and of those in them.
    ///
    /// # Errors
    /// As `load_method`, for each block that was not loaded yet.
    pub fn blocks_in(&mut self, id: CodeId) -> HeapResult<Vec<CodeId>> {
        let mut found = Vec::new();
        let mut open: Vec<_> = self.codes.named(id).into_iter().collect();
        while let Some(code) = open.pop() {
            for literal in code.literals.iter().map(std::cell::Cell::get) {
                if !self.model.heap.is_instance(literal, wellknown::GS_NMETHOD) {
                    continue;
                }
                let inner = self.loaded(literal)?;
                if inner.kind == CodeKind::Block {
                    found.push(inner.id());
                    open.push(inner);
                }
            }
        }
        Ok(found)
    }

    /// The code of a frame; `None` when the frame is a copy whose process has gone on and whose code has ended.
    pub fn frame_code(&self, frame: &Frame) -> Option<&CodeBlock> {
        self.codes.holds(frame.code).then_some(frame.code)
    }

    /// Its name.
    pub fn frame_code_id(&self, frame: &Frame) -> Option<CodeId> {
        let code = self.frame_code(frame)?;
        Some(code.id())
    }

    /// The language of the code that runs: 0 Smalltalk, 1 Ruby; `None` when none does.
    pub fn running_environment(&self) -> Option<u8> {
        self.exec.frames.last().map(|frame| frame.code.environment)
    }
}
