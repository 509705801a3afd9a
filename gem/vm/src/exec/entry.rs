//! Entries from outside: a method is called, a message sent, and the interpreter runs until that has ended.

use crate::codes::code::CodeBlock;
use crate::errors::{Fail, VmExit};
use crate::exec::frame::{Frame, frame_flags};
use crate::exec::interp;
use crate::vm::Vm;
use gem_heap::Oop;

impl Vm {
    /// Runs a method (or script body) to its end and answers its value.
    ///
    /// # Errors
    /// `Unhandled` leaves the frames of the failed run in place for inspection; call `unwind_to` with the depth from before.
    pub fn call(&mut self, method: Oop, receiver: Oop, args: &[Oop]) -> Result<Oop, VmExit> {
        let code = self
            .loaded(method)
            .map_err(|e| VmExit::Internal(e.to_string()))?;
        self.enter(code, receiver, args, Oop::NIL, Oop::NIL, Oop::NIL)
    }

    /// Sends `selector` in `environment` and runs to the end.
    ///
    /// # Errors
    /// As `call`.
    pub fn send(
        &mut self,
        receiver: Oop,
        selector: Oop,
        args: &[Oop],
        environment: u8,
    ) -> Result<Oop, VmExit> {
        let depth = self.exec.frames.len();
        let base = self.free_base();
        self.ensure_registers(base + args.len() + 2);
        self.exec.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, a);
        }
        // A primitive may switch processes before there is a frame.
        let process = self.processes.current;
        let outer = std::mem::replace(&mut self.exec.run_depth, depth);
        let outcome = self.dispatch(crate::exec::call::Call {
            selector,
            environment,
            base,
            argc: args.len(),
            site_flags: if environment == 1 {
                gem_bytecode::site_flags::RUBY | gem_bytecode::site_flags::SELF_CALL
            } else {
                0
            },
            dst: 0,
            frame_flags: frame_flags::ENTRY,
            owner_above: None,
        });
        let begun = match outcome {
            Ok(value) => {
                self.exec.run_depth = outer;
                return Ok(value);
            }
            Err(Fail::Reenter) => Ok(()),
            Err(fail) => self.fail_in_entry(fail, depth),
        };
        if let Err(exit) = begun {
            self.exec.run_depth = outer;
            return Err(exit);
        }
        interp::run_begun(self, depth, process, outer)
    }

    fn fail_in_entry(&mut self, fail: Fail, depth: usize) -> Result<(), VmExit> {
        match fail {
            Fail::Exit(e) => Err(e),
            other => {
                let exception = self.exception_of(other)?;
                self.raise_from(exception, depth)
            }
        }
    }

    pub(crate) fn enter(
        &mut self,
        code: &'static CodeBlock,
        receiver: Oop,
        args: &[Oop],
        env: Oop,
        block: Oop,
        closure: Oop,
    ) -> Result<Oop, VmExit> {
        let depth = self.exec.frames.len();
        let base = self.free_base();
        assert!(
            args.len() <= u16::MAX as usize,
            "more arguments than a frame counts"
        );
        debug_assert!(!receiver.is_id() && !receiver.is_undef(), "H3");
        self.ensure_registers(base + code.registers as usize + args.len() + 8);
        self.exec.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, a);
        }
        for i in args.len()..code.params.registers() {
            self.exec.regs.set(base + 1 + i, Oop::UNDEF);
        }
        let flags = frame_flags::ENTRY
            | if code.kind == gem_bytecode::CodeKind::Body {
                frame_flags::DEFINEE_SELF
            } else {
                0
            };
        let pushed = self.exec.push(Frame {
            code,
            pc: 0,
            base: base as u32,
            dst: 0,
            flags,
            argc: args.len() as u16,
            serial: 0,
            env,
            block,
            closure,
        });
        if let Err(fail) = pushed {
            self.fail_in_entry(fail, depth)?;
        }
        interp::run(self, depth)
    }

    /// Drops the frames above `depth` without running anything (a debugger gives up; a failed request ends).
    pub fn unwind_to(&mut self, depth: usize) {
        self.exec.frames.truncate(depth);
    }
}
