//! The frames of one process: where they lie, what they run, what they name.

use super::name;
use crate::exec::frame::{Frame, frame_flags};
use crate::exec::registers::Registers;
use crate::processes::process::ProcessId;
use crate::vm::Vm;
use format::wellknown;
use gem_bytecode::{CodeKind, Handler};
use gem_heap::{Kind, Oop, Verifier};
use hashbrown::HashMap;

/// All flags there are.
const KNOWN_FLAGS: u16 = frame_flags::ENTRY
    | frame_flags::KEEP_RECEIVER
    | frame_flags::HANDLER
    | frame_flags::RETRY_SEND
    | frame_flags::PROCESS
    | frame_flags::NEGATE
    | frame_flags::REDO
    | frame_flags::QUIET;

/// How far above its caller's registers a frame can begin: a conversion runs above the window of the send that needs it.
const GAP_MAX: usize = 8;

/// One process's stack.
pub(super) struct Stack<'a> {
    pub vm: &'a Vm,
    pub process: ProcessId,
    pub regs: &'a Registers,
    pub frames: &'a [Frame],
    /// Where its run of the interpreter begins.
    pub depth: usize,
}

/// First register above a frame.
pub(super) fn end_of(frame: &Frame) -> usize {
    frame.base as usize + frame.code.registers as usize
}

/// Handlers cover and jump to instructions that exist, and their registers do too.
pub(super) fn handlers_inside(
    handlers: &[Handler],
    count: usize,
    registers: u16,
) -> Result<(), String> {
    let inside = |h: &Handler| {
        h.start <= h.end
            && h.end as usize <= count
            && (h.target as usize) < count
            && h.reg < registers
    };
    match handlers.iter().position(|h| !inside(h)) {
        None => Ok(()),
        Some(n) => Err(format!(
            "its handler {n} leaves the code: {:?}",
            handlers[n]
        )),
    }
}

impl Stack<'_> {
    /// Checks every frame. `serials`: those of the processes before; they are unique in a gem.
    pub fn verify(
        &self,
        memory: &Verifier,
        serials: &mut HashMap<u64, String>,
    ) -> Result<(), String> {
        if self.depth > self.frames.len() {
            return Err(format!(
                "{}: its run begins at frame {} of {}",
                name(self.process),
                self.depth,
                self.frames.len()
            ));
        }
        for (i, frame) in self.frames.iter().enumerate() {
            let checked = self
                .code(frame)
                .and_then(|()| self.place(i, frame))
                .and_then(|()| self.position(i, frame))
                .and_then(|()| self.flags(i, frame))
                .and_then(|()| self.references(i, frame, memory));
            checked.map_err(|wrong| self.at(i, &wrong))?;
            self.serial(i, frame, serials)?;
        }
        Ok(())
    }

    /// A sentence about frame `i`.
    pub fn at(&self, i: usize, wrong: &str) -> String {
        let frame = &self.frames[i];
        format!(
            "{}, frame {i} ({} at {}): {wrong}",
            name(self.process),
            frame.code.name,
            frame.pc
        )
    }

    fn code(&self, frame: &Frame) -> Result<(), String> {
        let number = frame.code.number.get();
        let known = self.vm.code_with_number(number);
        if !known.is_some_and(|code| std::ptr::eq(code, frame.code)) {
            return Err(format!("its code's number {number} is not that code's"));
        }
        Ok(())
    }

    /// Bases rise, windows hold all registers, the value has a place to go to.
    fn place(&self, i: usize, frame: &Frame) -> Result<(), String> {
        let base = frame.base as usize;
        if end_of(frame) > self.regs.len() {
            return Err(format!(
                "its registers {base} to {} are more than the stack's {}",
                end_of(frame),
                self.regs.len()
            ));
        }
        let Some(below) = i.checked_sub(1).map(|below| &self.frames[below]) else {
            return Ok(());
        };
        if base <= below.base as usize || base > end_of(below) + GAP_MAX {
            return Err(format!(
                "its base is {base}, that of the frame below {} with {} registers",
                below.base, below.code.registers
            ));
        }
        let target = below.base as usize + frame.dst as usize;
        if frame.flags & frame_flags::ENTRY == 0 && target >= self.regs.len() {
            return Err(format!(
                "its value goes to register {target}, which is none"
            ));
        }
        Ok(())
    }

    /// The next instruction exists; of a frame below another one it may be the end, when it stopped before its last instruction.
    fn position(&self, i: usize, frame: &Frame) -> Result<(), String> {
        let count = frame.code.instructions.len();
        let top = i + 1 == self.frames.len();
        if frame.pc as usize >= count + !top as usize {
            return Err(format!("its code has {count} instructions"));
        }
        handlers_inside(&frame.code.handlers, count, frame.code.registers)?;
        Ok(())
    }

    fn flags(&self, i: usize, frame: &Frame) -> Result<(), String> {
        let flags = frame.flags;
        if flags & !KNOWN_FLAGS != 0 {
            return Err(format!("its flags {flags:#x} are not all known"));
        }
        let bottom = flags & frame_flags::PROCESS != 0;
        if bottom && (i != 0 || self.process == ProcessId::MAIN) {
            return Err("only the bottom of a forked process can be marked as one".to_string());
        }
        if i == 0 && flags & (frame_flags::ENTRY | frame_flags::PROCESS) == 0 {
            return Err("it is the lowest one and its value goes nowhere".to_string());
        }
        Ok(())
    }

    fn serial(
        &self,
        i: usize,
        frame: &Frame,
        serials: &mut HashMap<u64, String>,
    ) -> Result<(), String> {
        if frame.serial == 0 {
            return Ok(());
        }
        if frame.serial > self.vm.exec.serial {
            let given = self.vm.exec.serial;
            let wrong = format!("its serial is {}, given were {given}", frame.serial);
            return Err(self.at(i, &wrong));
        }
        let here = format!("{}, frame {i}", name(self.process));
        match serials.insert(frame.serial, here) {
            None => Ok(()),
            Some(other) => {
                let wrong = format!("its serial {} is also that of {other}", frame.serial);
                Err(self.at(i, &wrong))
            }
        }
    }

    fn references(&self, i: usize, frame: &Frame, memory: &Verifier) -> Result<(), String> {
        self.environment(i, frame, memory)
            .map_err(|wrong| format!("its environment: {wrong}"))?;
        self.block(i, frame, memory)
            .map_err(|wrong| format!("its block: {wrong}"))?;
        self.closure(i, frame, memory)
            .map_err(|wrong| format!("its closure: {wrong}"))?;
        memory
            .reference(frame.code.method)
            .map_err(|wrong| format!("its method: {wrong}"))
    }

    /// On the stack: that of this or of a lower frame, whose own it is, or was until it became an object.
    fn environment(&self, i: usize, frame: &Frame, memory: &Verifier) -> Result<(), String> {
        let env = frame.env;
        if !env.is_stack() {
            return self.instance(env, wellknown::VARIABLE_CONTEXT, memory);
        }
        let owner = env.stack_frame();
        if env.stack_code() != 0 {
            return Err(format!("{env:?} is a block"));
        }
        let Some(named) = self.frames.get(owner).filter(|_| owner <= i) else {
            return Err(format!("{env:?} names frame {owner}, which is not below"));
        };
        let itself = named.env == env;
        if named.code.env_register == 0 || !itself && !named.env.is_pointer() {
            return Err(format!(
                "{env:?} names frame {owner}, which has none of its own"
            ));
        }
        let last = named.code.env_register as usize + named.code.env_variables as usize;
        if last > named.code.registers as usize {
            return Err(format!(
                "the variables of frame {owner} leave its registers"
            ));
        }
        Ok(())
    }

    fn block(&self, i: usize, frame: &Frame, memory: &Verifier) -> Result<(), String> {
        if frame.block.is_stack() {
            return self.stack_block(i, frame.block).map(drop);
        }
        if frame.flags & frame_flags::HANDLER != 0 {
            // The exception.
            return self.object(frame.block, memory);
        }
        self.instance(frame.block, wellknown::EXEC_BLOCK, memory)
    }

    fn closure(&self, i: usize, frame: &Frame, memory: &Verifier) -> Result<(), String> {
        let closure = frame.closure;
        if closure.is_stack() {
            let code = self.stack_block(i, closure)?;
            if !std::ptr::eq(code, frame.code) {
                return Err(format!("{closure:?} is a block of other code"));
            }
            return Ok(());
        }
        if closure.is_nil() && frame.code.kind == CodeKind::Block {
            return Err("a block runs without one".to_string());
        }
        self.instance(closure, wellknown::EXEC_BLOCK, memory)
    }

    /// A block on the stack names a lower frame, which made it, and the code of a block.
    pub fn stack_block(
        &self,
        above: usize,
        block: Oop,
    ) -> Result<&'static crate::CodeBlock, String> {
        let (owner, number) = (block.stack_frame(), block.stack_code());
        if number == 0 {
            return Err(format!("{block:?} is an environment"));
        }
        if owner >= above {
            return Err(format!("{block:?} names frame {owner}, which is not below"));
        }
        match self.vm.code_with_number(number as u64) {
            Some(code) if code.kind == CodeKind::Block => Ok(code),
            _ => Err(format!("{block:?} names code {number}, which is no block")),
        }
    }

    fn object(&self, oop: Oop, memory: &Verifier) -> Result<(), String> {
        if !oop.is_pointer() {
            return Err(format!("{oop:?} is no object in memory"));
        }
        memory.reference(oop)
    }

    /// nil or an instance of a class or of one below it, as far as its slots tell.
    fn instance(&self, oop: Oop, class: format::ObjectId, memory: &Verifier) -> Result<(), String> {
        if oop.is_nil() {
            return Ok(());
        }
        self.object(oop, memory)?;
        let row = &wellknown::CLASSES[wellknown::position(class)];
        let (kind, slots) = (
            self.vm.model.heap.kind(oop),
            self.vm.model.heap.inline_slots(oop),
        );
        if kind != Kind::Slots || slots < wellknown::slot_count(row) {
            return Err(format!("{oop:?} is no {}", row.name));
        }
        Ok(())
    }
}
