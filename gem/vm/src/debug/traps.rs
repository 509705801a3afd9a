//! Traps: how a debugger gets control. A trap is an instruction put over another one in loaded code (never in stored code), so a
//! program without traps executes exactly the instructions that its compiler made, and nothing looks for breakpoints.
//!
//! Must not know: breakpoints, steps, why anybody wants to stop. Every trap leaves the interpreter with `VmExit::Trap` before the
//! covered instruction; whoever holds the machine decides and calls `resume`.
//!
//! An instruction with a fast path reads the Send behind it, so those Sends never get a trap: their instruction does.

use crate::codes::code::CodeBlock;
use crate::codes::{CodeId, Codes};
use hashbrown::{HashMap, HashSet};

/// What a debugger has set.
#[derive(Default)]
pub struct Traps {
    /// Traps stop, interrupts and errors of forked Smalltalk processes leave the machine. Off, everything runs as if there were no debugger.
    pub listening: bool,
    /// Wanted: a trap in whatever code runs next, from the next call or backward jump on.
    pub(crate) soon: bool,
    /// The next trap is the one that stopped: it lets its instruction run.
    pub(crate) pass: bool,
    /// Traps that stay: number of the code, instruction.
    pub(crate) lasting: HashSet<(u64, u32)>,
    /// Codes that somebody outside names, with how often.
    pub(crate) named: HashMap<CodeId, usize>,
    /// Codes with traps for one stop.
    pub(crate) passing: Vec<&'static CodeBlock>,
    /// File and line of traps for code that is not loaded yet too.
    pub(crate) lines: Vec<(String, u32)>,
}

impl Traps {
    /// Whether a trap of this stop lies in `code`, or somebody holds it by name.
    pub(crate) fn names(&self, code: &CodeBlock) -> bool {
        let id = code.id();
        self.named.contains_key(&id) || self.passing.iter().any(|c| c.id() == id)
    }

    /// Some codes have ended.
    pub(crate) fn forget_ended(&mut self, codes: &Codes) {
        self.lasting
            .retain(|&(number, _)| codes.get(number as usize).is_some());
    }
}
