//! Setting traps, taking them away, and stopping at them.

use crate::codes::CodeId;
use crate::codes::code::{CacheEntry, CodeBlock};
use crate::errors::VmExit;
use crate::exec::interp;
use crate::processes::process::ProcessId;
use crate::vm::Vm;
use gem_bytecode::{Instr, Op};
use gem_heap::Oop;
use std::sync::atomic::Ordering;

impl CodeBlock {
    /// The instruction at `at`, whether or not a trap covers it.
    pub fn instruction(&self, at: usize) -> Option<Instr> {
        let found = self.instructions.get(at)?.get();
        if found.op_bits() != Op::Trap as u16 {
            return Some(found);
        }
        self.untrapped
            .get()
            .map_or(Some(found), |all| all.get(at).map(|i| i.get()))
    }

    /// Whether a trap may cover the instruction at `at`: not when it is the slow path of the one before.
    pub fn can_trap(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|i| self.instruction(i));
        let follows = before
            .and_then(Instr::op)
            .is_some_and(|op| op.operands().send_follows);
        at < self.instructions.len() && !follows
    }

    fn is_trapped(&self, at: usize) -> bool {
        let found = self.instructions.get(at).map(|i| i.get().op_bits());
        found == Some(Op::Trap as u16)
    }

    fn cover(&self, at: usize) {
        self.untrapped
            .get_or_init(|| self.instructions.iter().cloned().collect());
        self.instructions[at].set(Instr::abc(Op::Trap, 0, 0, 0));
    }

    fn uncover(&self, at: usize) {
        if self.is_trapped(at)
            && let Some(instruction) = self.instruction(at)
        {
            self.instructions[at].set(instruction);
        }
    }

    /// Whether the code is of the file with this name or this end of a name.
    pub fn is_of_file(&self, file: &str) -> bool {
        let before = self.file.strip_suffix(file);
        !file.is_empty() && before.is_some_and(|b| b.is_empty() || b.ends_with('/'))
    }

    /// Where the lines of the code begin: (instruction, line, column). Only places that a trap can stand on.
    pub fn places(&self) -> Vec<(u32, u32, u16)> {
        let columns = self.columns.iter().copied().chain(std::iter::repeat(0));
        let mut found: Vec<(u32, u32, u16)> = Vec::new();
        for (&(pc, line), column) in self.lines.iter().zip(columns) {
            if line == 0 || !self.can_trap(pc as usize) {
                continue;
            }
            match found.last_mut() {
                Some(last) if last.0 == pc => *last = (pc, line, column),
                _ => found.push((pc, line, column)),
            }
        }
        found
    }
}

impl Vm {
    /// A code with this name stays loaded until `release_code`.
    pub fn hold_code(&mut self, id: CodeId) {
        *self.debug.traps.named.entry(id).or_default() += 1;
    }

    /// Takes back one `hold_code`.
    pub fn release_code(&mut self, id: CodeId) {
        if let Some(count) = self.debug.traps.named.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                self.debug.traps.named.remove(&id);
            }
        }
    }

    /// Puts a trap over an instruction until `remove_trap`, or until the code ends: a trap does not keep it. Answers whether one can be there.
    pub fn set_trap(&mut self, id: CodeId, at: u32) -> bool {
        self.codes
            .named(id)
            .is_some_and(|code| self.set_trap_in(code, at))
    }

    fn set_trap_in(&mut self, code: &'static CodeBlock, at: u32) -> bool {
        if !code.can_trap(at as usize) {
            return false;
        }
        code.cover(at as usize);
        self.debug.traps.lasting.insert((code.number.get(), at));
        self.forget_shortcuts(code);
        true
    }

    /// Call sites may read and write instance variables without running the methods that do. From now on they run `code`.
    fn forget_shortcuts(&self, code: &'static CodeBlock) {
        let calls = |entry: &CacheEntry| entry.code.get().is_some_and(|c| std::ptr::eq(c, code));
        for site in self.codes.iter().flat_map(|c| c.sites.iter()) {
            if site.entries.iter().any(calls) {
                site.flush();
            }
        }
    }

    /// Takes away what `set_trap` did.
    pub fn remove_trap(&mut self, id: CodeId, at: u32) {
        if let Some(code) = self.codes.named(id) {
            self.remove_trap_in(code, at);
        }
    }

    fn remove_trap_in(&mut self, code: &'static CodeBlock, at: u32) {
        if self.debug.traps.lasting.remove(&(code.number.get(), at)) {
            code.uncover(at as usize);
            self.forget_shortcuts(code);
        }
    }

    /// Traps on the first instruction of every place of a code, until `clear_passing_traps`.
    pub fn trap_places(&mut self, id: CodeId) {
        let Some(code) = self.codes.named(id) else {
            return;
        };
        for (at, ..) in code.places() {
            code.cover(at as usize);
        }
        self.debug.traps.passing.push(code);
    }

    /// Traps on every instruction of `code`, until `clear_passing_traps`.
    fn trap_everywhere(&mut self, code: &'static CodeBlock) {
        for at in (0..code.instructions.len()).filter(|&at| code.can_trap(at)) {
            code.cover(at);
        }
        self.debug.traps.passing.push(code);
    }

    /// The next code that is entered or jumps backward gets traps everywhere, and so on until `clear_passing_traps`.
    pub fn trap_soon(&mut self) {
        self.debug.traps.soon = true;
        self.exec.attention.store(true, Ordering::Relaxed);
    }

    /// Takes away all traps but the lasting ones.
    pub fn clear_passing_traps(&mut self) {
        self.debug.traps.soon = false;
        for code in std::mem::take(&mut self.debug.traps.passing) {
            let number = code.number.get();
            for at in 0..code.instructions.len() {
                if !self.debug.traps.lasting.contains(&(number, at as u32)) {
                    code.uncover(at);
                }
            }
        }
    }

    /// Traps wherever a line of a file begins, in loaded code and in code that is loaded later. Answers how many there are now.
    pub fn trap_line(&mut self, file: &str, line: u32) -> usize {
        self.debug.traps.lines.push((file.to_string(), line));
        let codes: Vec<_> = self.codes.iter().collect();
        codes
            .into_iter()
            .filter(|code| self.trap_line_in(code, file, line))
            .count()
    }

    /// Takes away what `trap_line` did.
    pub fn remove_line_traps(&mut self, file: &str, line: u32) {
        self.debug
            .traps
            .lines
            .retain(|(f, l)| (f.as_str(), *l) != (file, line));
        let codes: Vec<_> = self.codes.iter().collect();
        for code in codes {
            if let Some(at) = line_start(code, file, line) {
                self.remove_trap_in(code, at);
            }
        }
    }

    fn trap_line_in(&mut self, code: &'static CodeBlock, file: &str, line: u32) -> bool {
        line_start(code, file, line).is_some_and(|at| self.set_trap_in(code, at))
    }

    /// Code was loaded: sets the traps that wait for it.
    pub(crate) fn trap_loaded(&mut self, code: &'static CodeBlock) {
        for (file, line) in self.debug.traps.lines.clone() {
            self.trap_line_in(code, &file, line);
        }
    }

    /// Code was entered.
    #[inline(always)]
    pub(crate) fn entered(&mut self, code: &'static CodeBlock) {
        if self.debug.traps.soon {
            self.trap_everywhere(code);
        }
    }

    /// At a safepoint: sets the traps that are wanted. An interrupt wants some too when a debugger listens; answers whether it did.
    pub(crate) fn traps_requested(&mut self) -> bool {
        let interrupted =
            self.debug.traps.listening && self.exec.interrupted.load(Ordering::Relaxed);
        self.debug.traps.soon |= interrupted;
        if self.debug.traps.soon {
            self.exec.attention.store(true, Ordering::Relaxed);
            if let Some(code) = self.exec.frames.last().map(|f| f.code) {
                self.trap_everywhere(code);
            }
        }
        interrupted
    }

    /// A waiting process is to go on because of an interrupt: a debugger that listens gets it before it does anything.
    pub(crate) fn trap_if_listening(&mut self, process: ProcessId) {
        let frames = &self.processes.get(process).frames;
        let code = frames.last().map(|f| f.code);
        if let Some(code) = code.filter(|_| self.debug.traps.listening) {
            self.trap_everywhere(code);
        }
    }

    /// What a trap does: `Some` is the covered instruction, which is to run at once; `None`: the machine stops.
    pub(crate) fn trapped(&mut self, code: &'static CodeBlock, at: usize) -> Option<Instr> {
        let pass = std::mem::take(&mut self.debug.traps.pass);
        let covered = code.instruction(at);
        covered.filter(|_| pass || !self.debug.traps.listening)
    }

    /// Goes on with a process that stopped: after a trap (`trapped`) with the covered instruction, else with the next one.
    /// Runs until the frame of the main process at `depth` returns.
    ///
    /// # Errors
    /// As `call`.
    pub fn resume(&mut self, depth: usize, trapped: bool) -> Result<Oop, VmExit> {
        self.debug.traps.pass = false;
        if trapped && let Some(frame) = self.exec.frames.last_mut() {
            frame.pc = frame.pc.saturating_sub(1);
            self.debug.traps.pass = frame.code.is_trapped(frame.pc as usize);
        }
        interp::go_on(self, depth, ProcessId(0))
    }

    /// Whether an error that nobody handles ends only its process, so that the run of `process` goes on.
    pub(crate) fn fails_alone(&self, process: ProcessId) -> bool {
        if self.processes.current == process {
            return false;
        }
        let smalltalk = self
            .exec
            .frames
            .first()
            .is_some_and(|f| f.code.environment == 0);
        !(self.debug.traps.listening && smalltalk && !self.is_awaited(self.processes.current))
    }
}

/// The first instruction of a line in code of a file.
fn line_start(code: &CodeBlock, file: &str, line: u32) -> Option<u32> {
    if !code.is_of_file(file) {
        return None;
    }
    let place = code.places().into_iter().find(|p| p.1 == line);
    place.map(|(at, ..)| at)
}
