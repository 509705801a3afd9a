//! Bindings and evaluation inside them.

use crate::errors::{Fail, VmExit};
use crate::exec::call::Current;
use crate::exec::frame::{Frame, frame_flags};
use crate::exec::primitive::PrimResult;
use crate::vm::Vm;
use format::wellknown;
use gem_heap::{HeapResult, Oop};

/// Slots of a RubyBinding.
pub mod binding {
    /// Innermost environment, or nil.
    pub const CONTEXT: usize = 0;
    pub const RECEIVER: usize = 1;
    /// GsNMethod of the home: lexical scope and, through its code, nothing else.
    pub const METHOD: usize = 2;
    /// Array of names of variables by environment, innermost first: Arrays of Symbols. Nil: as the code of the frame says.
    pub const NAMES: usize = 3;
    /// SmallInteger: where `def` goes, the DEFINEE bits of `frame_flags`.
    pub const DEFINEE: usize = 4;
    pub const COUNT: usize = 5;
}

impl Vm {
    /// A Binding of the frame `frames_up` above the one on top (0: the caller of a running primitive).
    ///
    /// # Errors
    /// As `settled_env` and `environment_names`; `OutOfMemory` for more variables than there is room for.
    pub fn binding_of_frame(&mut self, frames_up: usize) -> Result<Oop, Fail> {
        let Some(index) = self.exec.frames.len().checked_sub(1 + frames_up) else {
            return Ok(Oop::NIL);
        };
        let env = self.settled_env(self.exec.frames[index].env)?;
        let frame = self.exec.frames[index];
        let home = self.home_method_of(&frame);
        let names = self.environment_names(&frame)?;
        let lists = names
            .iter()
            .map(|list| self.symbol_array(list))
            .collect::<Result<Vec<_>, _>>()?;
        let lists = self.model.heap.new_array(&lists)?;
        let receiver = self.exec.regs.get(frame.base as usize);
        let definee = frame.flags & (frame_flags::DEFINEE_SELF | frame_flags::DEFINEE_SINGLETON);
        let definee = Oop::small_int_wrapping(definee as i64);
        Ok(self
            .model
            .heap
            .new_with_slots(wellknown::BINDING, &[env, receiver, home, lists, definee]))
    }

    fn symbol_array(&mut self, names: &[String]) -> Result<Oop, Fail> {
        let symbols: Vec<Oop> = names.iter().map(|n| self.model.heap.symbol(n)).collect();
        Ok(self.model.heap.new_array(&symbols)?)
    }

    /// Names of the variables in the environments a frame sees, innermost first.
    ///
    /// # Errors
    /// As `settled_env`; those of [`Heap::fault`](gem_heap::Heap::fault), when an environment or its method is not in memory yet; as `load_method` for that
    /// method, whose code has the names.
    pub fn environment_names(&mut self, frame: &Frame) -> Result<Vec<Vec<String>>, Fail> {
        let mut names = Vec::new();
        let mut env = self.settled_env(frame.env)?;
        if self.has_own_environment(&Frame { env, ..*frame })? {
            names.push(frame.code.env_names.clone());
            env = self
                .model
                .heap
                .slot(env, wellknown::slots::context::PARENT)?;
        }
        while env.is_pointer() {
            let method = self
                .model
                .heap
                .slot(env, wellknown::slots::context::METHOD)?;
            let list = if method.is_nil() {
                Vec::new()
            } else {
                self.loaded(method)?.env_names.clone()
            };
            names.push(list);
            env = self
                .model
                .heap
                .slot(env, wellknown::slots::context::PARENT)?;
        }
        Ok(names)
    }

    /// Whether the environment of a frame is its own: its code makes one, and has come to that.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the method that made the environment is not in memory yet.
    pub(crate) fn has_own_environment(&mut self, frame: &Frame) -> HeapResult<bool> {
        if !frame.code.has_env
            || !self
                .model
                .heap
                .is_instance(frame.env, wellknown::VARIABLE_CONTEXT)
        {
            return Ok(false);
        }
        let maker = self
            .model
            .heap
            .slot(frame.env, wellknown::slots::context::METHOD)?;
        Ok(maker == frame.code.method)
    }

    /// Runs `method` (of an eval) above the running process, with self `receiver` in the environment `env`, to its end.
    ///
    /// # Errors
    /// As `call`.
    pub fn run_eval(&mut self, method: Oop, env: Oop, receiver: Oop) -> Result<Oop, VmExit> {
        let code = self
            .loaded(method)
            .map_err(|e| VmExit::Internal(e.to_string()))?;
        self.enter(code, receiver, &[], env, Oop::NIL, Oop::NIL)
    }

    /// A primitive ends by running `method` (of an eval) in environment `env` with self `receiver`; `definee` are DEFINEE bits.
    pub fn tail_eval(&mut self, method: Oop, env: Oop, receiver: Oop, definee: u16) -> PrimResult {
        let Current {
            base,
            dst,
            frame_flags: flags,
        } = self.exec.current;
        let code = self.loaded(method)?;
        self.ensure_registers(base + code.registers as usize + 2);
        self.exec.regs.set(base, receiver);
        self.exec.push(Frame {
            code,
            pc: 0,
            base: base as u32,
            dst,
            flags: flags | definee,
            argc: 0,
            serial: 0,
            env,
            block: Oop::NIL,
            closure: Oop::NIL,
        })?;
        self.entered(code);
        Err(Fail::Reenter)
    }
}
