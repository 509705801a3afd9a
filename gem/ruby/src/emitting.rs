//! The small tools that all families use: registers, labels, literals, sends, lines, the first error.

use crate::error::SyntaxError;
use crate::frame::CodeFrame;
use crate::generator::{Gen, Goal, Want};
use gem_bytecode::{Label, Literal, Op, site_flags};
use ruby_prism::Node;

impl Gen<'_> {
    pub(crate) fn frame(&mut self) -> &mut CodeFrame {
        self.frames.last_mut().expect("a frame is open")
    }

    pub(crate) fn emit(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.frame().asm.emit(op, a, b, c);
    }

    pub(crate) fn temp(&mut self) -> u16 {
        self.frame().asm.temp()
    }

    pub(crate) fn temps(&mut self, n: u16) -> u16 {
        self.frame().asm.temps(n)
    }

    pub(crate) fn mark(&mut self) -> u16 {
        self.frame().asm.mark()
    }

    pub(crate) fn release(&mut self, mark: u16) {
        self.frame().asm.release_to(mark);
    }

    pub(crate) fn label(&mut self) -> Label {
        self.frame().asm.label()
    }

    pub(crate) fn bind(&mut self, label: Label) {
        self.frame().asm.bind(label);
        self.last_bound = self.frame().asm.pc();
    }

    pub(crate) fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    pub(crate) fn jump(&mut self, label: Label) {
        self.frame().asm.jump(Op::Jump, 0, label);
    }

    pub(crate) fn branch(&mut self, op: Op, register: u16, label: Label) {
        self.frame().asm.jump(op, register, label);
    }

    pub(crate) fn move_to(&mut self, to: u16, from: u16) {
        if to != from {
            self.emit(Op::Move, to, from, 0);
        }
    }

    /// The register a value is to be made in: the wanted one, or a fresh one.
    pub(crate) fn out(&mut self, want: Want) -> u16 {
        want.unwrap_or_else(|| self.temp())
    }

    /// A register to build a value in step by step: never a local, which the steps might read.
    pub(crate) fn workspace(&mut self, want: Want) -> u16 {
        match want {
            Some(r) if r >= self.frame().first_temp => r,
            _ => self.temp(),
        }
    }

    pub(crate) fn load_literal(&mut self, to: u16, literal: Literal) {
        let i = self.frame().push_literal(literal);
        self.emit(Op::LoadLit, to, i, 0);
    }

    pub(crate) fn load_symbol(&mut self, to: u16, name: &str) {
        let i = self.frame().symbol(name);
        self.emit(Op::LoadLit, to, i, 0);
    }

    pub(crate) fn load_int(&mut self, to: u16, value: i32) {
        self.frame().asm.emit_imm(Op::LoadInt, to, value);
    }

    /// nil as the value of a node that has none.
    pub(crate) fn nil(&mut self, goal: Goal) {
        match goal {
            Goal::Effect => {}
            Goal::Into(r) => self.emit(Op::LoadNil, r, 0, 0),
            Goal::Tail => {
                let r = self.temp();
                self.emit(Op::LoadNil, r, 0, 0);
                self.emit(Op::Return, r, 0, 0);
                self.release(r);
            }
        }
    }

    /// Calls a method whose receiver and arguments are in place from `base`.
    pub(crate) fn send(&mut self, want: Want, selector: &str, base: u16, argc: u16, flags: u16) {
        let site = self.frame().site(selector, argc, flags);
        self.emit(Op::Send, want.unwrap_or(base), site, base);
    }

    /// Calls a helper of the kernel through one shared site.
    pub(crate) fn send_helper(&mut self, to: u16, selector: &'static str, base: u16, argc: u16) {
        let site = self.frame().shared_site(selector, argc);
        self.emit(Op::Send, to, site, base);
    }

    /// The module `Kernel` in a fresh register: the receiver of helpers that belong to no object.
    pub(crate) fn kernel_base(&mut self) -> u16 {
        let base = self.temp();
        let name = self.frame().symbol("Kernel");
        self.emit(Op::GetConstTop, base, name, 0);
        base
    }

    // ---- places in the source ----

    pub(crate) fn line_of(&self, offset: u32) -> u32 {
        let index = self
            .line_starts
            .partition_point(|&s| s <= offset)
            .saturating_sub(1);
        self.first_line.saturating_add(index as u32)
    }

    pub(crate) fn set_line_at(&mut self, offset: u32) {
        let line = self.line_of(offset);
        self.frame().asm.set_line(line);
    }

    pub(crate) fn set_line(&mut self, node: &Node<'_>) {
        self.set_line_at(node.location().start());
    }

    /// Remembers the first error; the code made after it is never used.
    pub(crate) fn fail(&mut self, offset: u32, message: &str) {
        if self.error.is_none() {
            self.error = Some(SyntaxError::new(&self.file, self.line_of(offset), message));
        }
    }

    /// A call without receiver on `self` is marked so.
    pub(crate) fn self_flags(ignores_visibility: bool, variable: bool) -> u16 {
        let mut flags = 0;
        if ignores_visibility {
            flags |= site_flags::SELF_CALL;
        }
        if variable {
            flags |= site_flags::VARIABLE;
        }
        flags
    }
}
