//! Builds a `Code` instruction by instruction: labels, literal and call-site tables, registers.

use crate::code::{CallSite, Code, CodeKind, Handler, HandlerKind, Literal, Params};
use crate::{Instr, Op};

/// A jump target, bound once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(usize);

/// Which operand of an instruction a label patches.
enum Patch {
    Long(usize),
    Short(usize),
}

/// See the module text. Registers are handed out stack-wise by `temp` and `release_to`.
pub struct Assembler {
    code: Code,
    next_register: u16,
    labels: Vec<Option<u32>>,
    patches: Vec<(Label, Patch)>,
    handlers: Vec<(Label, Label, Label, HandlerKind, u16)>,
    line: u32,
    column: u16,
    overflow: bool,
}

impl Assembler {
    pub fn new(name: &str, kind: CodeKind, environment: u8, params: Params) -> Assembler {
        let first = 1 + params.registers() as u16;
        Assembler {
            code: Code {
                name: name.to_string(),
                kind,
                environment,
                params,
                registers: first,
                instructions: Vec::new(),
                literals: Vec::new(),
                sites: Vec::new(),
                handlers: Vec::new(),
                caches: 0,
                primitive: None,
                lines: Vec::new(),
                columns: Vec::new(),
                file: String::new(),
                source: String::new(),
                env_names: Vec::new(),
                local_names: Vec::new(),
            },
            next_register: first,
            labels: Vec::new(),
            patches: Vec::new(),
            handlers: Vec::new(),
            line: 0,
            column: 0,
            overflow: false,
        }
    }

    /// The code under construction (names, source, primitive may be set freely).
    pub fn code_mut(&mut self) -> &mut Code {
        &mut self.code
    }

    /// Position of the next instruction.
    pub fn pc(&self) -> u32 {
        self.code.instructions.len() as u32
    }

    /// Source line of the instructions that follow.
    pub fn set_line(&mut self, line: u32) {
        self.set_place(line, 0);
    }

    /// Source line and column of the instructions that follow: each change is a place that a debugger can stop at.
    pub fn set_place(&mut self, line: u32, column: u16) {
        self.line = line;
        self.column = column;
    }

    /// A fresh register on top of those in use.
    pub fn temp(&mut self) -> u16 {
        self.temps(1)
    }

    /// `n` fresh consecutive registers; answers the first.
    pub fn temps(&mut self, n: u16) -> u16 {
        let first = self.next_register;
        match first.checked_add(n) {
            Some(next) if (next as usize) < 60_000 => self.next_register = next,
            _ => self.overflow = true,
        }
        self.code.registers = self.code.registers.max(self.next_register);
        first
    }

    /// The register the next `temp` answers.
    pub fn mark(&self) -> u16 {
        self.next_register
    }

    /// Gives back every register from `mark` up.
    pub fn release_to(&mut self, mark: u16) {
        debug_assert!(mark <= self.next_register);
        self.next_register = mark;
    }

    pub fn emit(&mut self, op: Op, a: u16, b: u16, c: u16) -> u32 {
        self.push(Instr::abc(op, a, b, c))
    }

    pub fn emit_imm(&mut self, op: Op, a: u16, imm: i32) -> u32 {
        self.push(Instr::a_imm(op, a, imm))
    }

    /// Notes where the next instruction belongs, even when another place takes it over: a code begins with the place of its head.
    pub fn mark_place(&mut self) {
        let pc = self.pc();
        let code = &mut self.code;
        let last = code.lines.last().map(|&(_, line)| line);
        let column = code.columns.last().copied().unwrap_or(0);
        if last != Some(self.line) || column != self.column {
            code.lines.push((pc, self.line));
            code.columns.push(self.column);
        }
    }

    fn push(&mut self, instr: Instr) -> u32 {
        let pc = self.pc();
        self.mark_place();
        self.code.instructions.push(instr);
        pc
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    pub fn bind(&mut self, label: Label) {
        debug_assert!(self.labels[label.0].is_none(), "label bound twice");
        self.labels[label.0] = Some(self.pc());
    }

    /// A label bound here.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    /// `Jump` or a branch on `reg` to `label`.
    pub fn jump(&mut self, op: Op, reg: u16, label: Label) {
        let at = self.emit_imm(op, reg, 0) as usize;
        self.patches.push((label, Patch::Long(at)));
    }

    /// A fused compare-and-branch with its slow path: jumps to `label` unless `left op right`.
    /// `branch` is the branch the slow path takes on the Send's result (BranchFalse or BoolBranchFalse).
    #[allow(clippy::too_many_arguments)]
    pub fn jump_unless(
        &mut self,
        op: Op,
        left: u16,
        right: u16,
        site: u16,
        window: u16,
        branch: Op,
        label: Label,
    ) {
        debug_assert!(op.is_fused());
        let at = self.emit(op, left, right, 0) as usize;
        self.patches.push((label, Patch::Short(at)));
        self.emit(Op::Send, window, site, window);
        self.jump(branch, window, label);
    }

    /// An instruction with a fast path, and the Send that is its slow path.
    #[allow(clippy::too_many_arguments)]
    pub fn with_send(&mut self, op: Op, a: u16, b: u16, c: u16, dst: u16, site: u16, window: u16) {
        debug_assert!(op.operands().send_follows && !op.is_fused());
        self.emit(op, a, b, c);
        self.emit(Op::Send, dst, site, window);
    }

    /// The index of `literal`, shared with an equal one (code literals never are).
    pub fn literal(&mut self, literal: Literal) -> u16 {
        let shareable = !matches!(literal, Literal::Code(_) | Literal::Float(_));
        if shareable && let Some(i) = self.code.literals.iter().position(|l| *l == literal) {
            return i as u16;
        }
        if self.code.literals.len() >= u16::MAX as usize {
            self.overflow = true;
            return 0;
        }
        self.code.literals.push(literal);
        (self.code.literals.len() - 1) as u16
    }

    pub fn symbol(&mut self, name: &str) -> u16 {
        self.literal(Literal::Symbol(name.to_string()))
    }

    /// A call site of its own (each has its own inline cache).
    pub fn site(&mut self, selector: &str, argc: u16, flags: u16) -> u16 {
        let selector = self.symbol(selector);
        if self.code.sites.len() >= u16::MAX as usize {
            self.overflow = true;
            return 0;
        }
        self.code.sites.push(CallSite {
            selector,
            argc,
            flags,
        });
        (self.code.sites.len() - 1) as u16
    }

    /// A fresh inline cache index.
    pub fn cache(&mut self) -> u16 {
        let i = self.code.caches;
        self.code.caches = i.saturating_add(1);
        self.overflow |= i == u16::MAX;
        i
    }

    /// Declares a handler over `start..end`. Call for inner ranges before outer ones.
    pub fn handler(
        &mut self,
        start: Label,
        end: Label,
        target: Label,
        kind: HandlerKind,
        reg: u16,
    ) {
        self.handlers.push((start, end, target, kind, reg));
    }

    /// Resolves labels and answers the code.
    ///
    /// # Errors
    /// A sentence when the code is too large for the instruction format.
    pub fn finish(mut self) -> Result<Code, String> {
        if self.overflow {
            return Err("too many registers, literals or calls in one method".to_string());
        }
        let target = |labels: &[Option<u32>], l: Label| labels[l.0].expect("every label is bound");
        for (label, patch) in &self.patches {
            let to = target(&self.labels, *label) as i64;
            match *patch {
                Patch::Long(at) => {
                    let old = self.code.instructions[at];
                    let op = old.op().expect("assembled");
                    self.code.instructions[at] =
                        Instr::a_imm(op, old.a(), (to - at as i64 - 1) as i32);
                }
                Patch::Short(at) => {
                    let offset = to - at as i64 - 3;
                    let old = self.code.instructions[at];
                    let op = old.op().expect("assembled");
                    match i16::try_from(offset) {
                        Ok(short) => {
                            self.code.instructions[at] =
                                Instr::abc(op, old.a(), old.b(), short as u16)
                        }
                        Err(_) => {
                            return Err(
                                "a loop or condition in this method is too long".to_string()
                            );
                        }
                    }
                }
            }
        }
        for (start, end, to, kind, reg) in &self.handlers {
            self.code.handlers.push(Handler {
                start: target(&self.labels, *start),
                end: target(&self.labels, *end),
                target: target(&self.labels, *to),
                kind: *kind,
                reg: *reg,
            });
        }
        Ok(self.code)
    }
}
