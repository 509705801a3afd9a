//! `return`, `break`, `next`, `redo`, `retry`, and leaving the structures between here and there.
//!
//! A jump that crosses an `ensure` goes through its body: it leaves a number behind, runs the body, and goes on by that number.

use crate::frame::{Control, Escape, FrameKind, Jump, JumpKind};
use crate::generator::Gen;
use gem_bytecode::Op;
use ruby_prism::{BreakNode, NextNode, Node, ReturnNode};

impl Gen<'_> {
    pub(crate) fn return_node(&mut self, node: &ReturnNode<'_>) {
        let value = self.jump_value(node.arguments());
        self.set_line(&node.as_node());
        self.return_value(value);
    }

    pub(crate) fn return_value(&mut self, value: u16) {
        let (kind, wraps) = (self.frame().kind, self.frame().wraps);
        match kind {
            FrameKind::Body if wraps => self.escape(Escape::Return, Some(value)),
            FrameKind::Method | FrameKind::Body | FrameKind::Lambda => {
                self.leave(Jump::RETURN, Some(value));
            }
            _ => {
                self.restore_all_errors();
                self.emit(Op::ReturnHome, value, 0, 0);
            }
        }
    }

    pub(crate) fn break_node(&mut self, node: &BreakNode<'_>) {
        let value = self.jump_value(node.arguments());
        self.set_line(&node.as_node());
        self.break_value(value, node.location().start());
    }

    pub(crate) fn break_value(&mut self, value: u16, offset: u32) {
        if let Some((floor, break_to, result)) = self.innermost_loop(|c| match c {
            Control::Loop {
                break_to, result, ..
            } => Some((*break_to, *result)),
            _ => None,
        }) {
            return self.leave(Jump::to(break_to, result, floor), Some(value));
        }
        let (kind, wraps) = (self.frame().kind, self.frame().wraps);
        match kind {
            FrameKind::Lambda => self.leave(Jump::RETURN, Some(value)),
            FrameKind::Block | FrameKind::Transparent => {
                self.restore_all_errors();
                self.emit(Op::BreakBlock, value, 0, 0);
            }
            FrameKind::Body if wraps => self.escape(Escape::Break, Some(value)),
            _ => self.fail(offset, "Can't escape from here with break"),
        }
    }

    pub(crate) fn next_node(&mut self, node: &NextNode<'_>) {
        self.set_line(&node.as_node());
        let value = node.arguments().map(|a| self.jump_value(Some(a)));
        self.next_value(value, node.location().start());
    }

    pub(crate) fn next_value(&mut self, value: Option<u16>, offset: u32) {
        if let Some((floor, next_to, _)) = self.innermost_loop(|c| match c {
            Control::Loop { next_to, .. } => Some((*next_to, None)),
            _ => None,
        }) {
            return self.leave(Jump::to(next_to, None, floor), None);
        }
        let value = value.unwrap_or_else(|| self.jump_value(None));
        let (kind, wraps) = (self.frame().kind, self.frame().wraps);
        match kind {
            FrameKind::Block | FrameKind::Transparent | FrameKind::Lambda => {
                self.leave(Jump::RETURN, Some(value));
            }
            FrameKind::Body if wraps => self.escape(Escape::Next, Some(value)),
            _ => self.fail(offset, "Can't escape from here with next"),
        }
    }

    pub(crate) fn redo_node(&mut self, node: &Node<'_>) {
        self.redo(node.location().start());
    }

    pub(crate) fn redo(&mut self, offset: u32) {
        if let Some((floor, redo_to, _)) = self.innermost_loop(|c| match c {
            Control::Loop { redo_to, .. } => Some((*redo_to, None)),
            _ => None,
        }) {
            return self.leave(Jump::to(redo_to, None, floor), None);
        }
        let (start, wraps) = (self.frame().body_start, self.frame().wraps);
        match start {
            Some(start) => self.leave(Jump::to(start, None, 0), None),
            None if wraps => self.escape(Escape::Redo, None),
            None => self.fail(offset, "Can't escape from here with redo"),
        }
    }

    pub(crate) fn retry_node(&mut self, node: &Node<'_>) {
        let controls = &self.frame().controls;
        let found = controls
            .iter()
            .enumerate()
            .rev()
            .find_map(|(i, c)| match c {
                Control::Retry(label) => Some((i, *label)),
                _ => None,
            });
        match found {
            Some((floor, label)) => self.leave(Jump::to(label, None, floor), None),
            None => self.fail(node.location().start(), "Invalid retry without rescue"),
        }
    }

    /// The innermost open loop: structures outside of it, and what `pick` says about it.
    fn innermost_loop(
        &mut self,
        pick: impl Fn(&Control) -> Option<(gem_bytecode::Label, Option<u16>)>,
    ) -> Option<(usize, gem_bytecode::Label, Option<u16>)> {
        let controls = &self.frame().controls;
        controls
            .iter()
            .enumerate()
            .rev()
            .find_map(|(i, c)| pick(c).map(|(label, result)| (i, label, result)))
    }

    /// Jumps out of every structure above `jump.floor`, running what must run on the way.
    pub(crate) fn leave(&mut self, jump: Jump, value: Option<u16>) {
        let mut restore = None;
        for at in (jump.floor..self.frame().controls.len()).rev() {
            match &mut self.frame().controls[at] {
                Control::ErrInfo(saved) => restore = Some(*saved),
                Control::Ensure(ensure) => {
                    let number = match ensure.jumps.iter().position(|j| *j == jump) {
                        Some(i) => i,
                        None => {
                            ensure.jumps.push(jump);
                            ensure.jumps.len() - 1
                        }
                    };
                    let (pending, which, keep, entry) =
                        (ensure.pending, ensure.which, ensure.value, ensure.entry);
                    self.restore_error(restore);
                    if let Some(v) = value {
                        self.move_to(keep, v);
                    }
                    self.load_int(which, number as i32 + 1);
                    self.emit(Op::LoadNil, pending, 0, 0);
                    return self.jump(entry);
                }
                Control::Loop { .. } | Control::Retry(_) => {}
            }
        }
        self.restore_error(restore);
        match (jump.kind, value) {
            (JumpKind::Return, v) => self.emit(Op::Return, v.unwrap_or(0), 0, 0),
            (JumpKind::To(label, result), v) => {
                if let (Some(to), Some(from)) = (result, v) {
                    self.move_to(to, from);
                }
                self.jump(label);
            }
        }
    }

    fn restore_error(&mut self, saved: Option<u16>) {
        if let Some(register) = saved {
            self.emit(Op::SetErrInfo, register, 0, 0);
        }
    }

    /// Before an unwinding return or break: `$!` as it was outside of all rescue clauses of this frame.
    fn restore_all_errors(&mut self) {
        let outermost = self.frame().controls.iter().find_map(|c| match c {
            Control::ErrInfo(saved) => Some(*saved),
            _ => None,
        });
        self.restore_error(outermost);
    }
}
