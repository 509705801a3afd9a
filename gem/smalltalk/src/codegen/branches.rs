//! Conditionals: what jumps where, and the values of the branches.

use super::Target;
use super::frame::CodeFrame;
use super::sends::Receiver;
use crate::analysis::mentions;
use crate::ast::{Block, Expression, Kind, Message, Send, Statement};
use crate::control::Control;
use gem_bytecode::{Label, Literal, Op};

/// The fused branch of a comparison.
fn comparison(selector: &str) -> Option<Op> {
    Some(match selector {
        "<" => Op::JumpUnlessLt,
        "<=" => Op::JumpUnlessLe,
        ">" => Op::JumpUnlessGt,
        ">=" => Op::JumpUnlessGe,
        "=" => Op::JumpUnlessEq,
        "~=" => Op::JumpUnlessNe,
        _ => return None,
    })
}

fn branch_on(sense: bool) -> Op {
    match sense {
        true => Op::BoolBranchTrue,
        false => Op::BoolBranchFalse,
    }
}

/// An argument that `Control::of` found to be a block.
fn block_at(message: &Message, index: usize) -> &Block {
    message.arguments[index]
        .as_block()
        .expect("control structures have literal blocks")
}

impl CodeFrame<'_> {
    pub fn control(&mut self, control: Control, send: &Send, target: Target) {
        let (receiver, message) = (&send.receiver, &send.message);
        match control {
            Control::If(true) => self.if_else(receiver, Some(block_at(message, 0)), None, target),
            Control::If(false) => self.if_else(receiver, None, Some(block_at(message, 0)), target),
            Control::IfElse(first) => {
                let (a, b) = (block_at(message, 0), block_at(message, 1));
                let (yes, no) = if first { (a, b) } else { (b, a) };
                self.if_else(receiver, Some(yes), Some(no), target);
            }
            Control::IfNil => self.if_nil(receiver, Some(block_at(message, 0)), None, target),
            Control::IfNotNil => self.if_nil(receiver, None, Some(block_at(message, 0)), target),
            Control::IfNilElse { nil_first } => {
                let (a, b) = (block_at(message, 0), block_at(message, 1));
                let (nil, other) = if nil_first { (a, b) } else { (b, a) };
                self.if_nil(receiver, Some(nil), Some(other), target);
            }
            Control::And => self.and_or(receiver, block_at(message, 0), false, target),
            Control::Or => self.and_or(receiver, block_at(message, 0), true, target),
            _ => self.repetition(control, send, target),
        }
    }

    /// Whether control does not come out of `block` when it is compiled towards `target`.
    fn leaves(block: Option<&Block>, target: Target) -> bool {
        matches!(target, Target::Answer(_)) || block.is_some_and(Block::returns)
    }

    fn if_else(
        &mut self,
        condition: &Expression,
        yes: Option<&Block>,
        no: Option<&Block>,
        target: Target,
    ) {
        let (otherwise, end) = (self.asm.label(), self.asm.label());
        if yes.is_none() && target == Target::Effect {
            self.branch(condition, true, end);
            self.branch_part(no, target);
            self.asm.bind(end);
            return;
        }
        self.branch(condition, false, otherwise);
        self.branch_part(yes, target);
        if no.is_some() || target != Target::Effect {
            if !Self::leaves(yes, target) {
                self.asm.jump(Op::Jump, 0, end);
            }
            self.asm.bind(otherwise);
            self.branch_part(no, target);
        } else {
            self.asm.bind(otherwise);
        }
        self.asm.bind(end);
    }

    /// A branch that is not written answers nil.
    fn branch_part(&mut self, block: Option<&Block>, target: Target) {
        match block {
            Some(block) => self.inline(block, target),
            None => self.nil(target),
        }
    }

    /// `and:` (short when false) and `or:` (short when true).
    fn and_or(&mut self, receiver: &Expression, block: &Block, short: bool, target: Target) {
        let (stop, end) = (self.asm.label(), self.asm.label());
        self.branch(receiver, short, stop);
        self.inline(block, target);
        if target == Target::Effect {
            self.asm.bind(stop);
            return;
        }
        if !Self::leaves(Some(block), target) {
            self.asm.jump(Op::Jump, 0, end);
        }
        self.asm.bind(stop);
        let literal = if short { Literal::True } else { Literal::False };
        self.literal(&literal, target);
        self.asm.bind(end);
    }

    fn if_nil(
        &mut self,
        receiver: &Expression,
        nil: Option<&Block>,
        other: Option<&Block>,
        target: Target,
    ) {
        if let (Some(block), None, Target::Register(register)) = (nil, other, target)
            && !self.variable_used(register, block)
        {
            // The receiver is the value already, unless it is nil.
            let end = self.asm.label();
            self.expression(receiver, target);
            self.asm.jump(Op::BranchNotNil, register, end);
            self.inline(block, target);
            self.asm.bind(end);
            return;
        }
        let held = self.nil_operand(receiver, other);
        let (no, end) = (self.asm.label(), self.asm.label());
        if other.is_none() && target == Target::Effect {
            self.asm.jump(Op::BranchNotNil, held, end);
            self.branch_part(nil, target);
            self.asm.bind(end);
            return;
        }
        self.asm.jump(Op::BranchNil, held, no);
        match other {
            Some(block) => self.inline(block, target),
            None => self.deliver(held, target),
        }
        if nil.is_some() || target != Target::Effect {
            if !Self::leaves(other, target) {
                self.asm.jump(Op::Jump, 0, end);
            }
            self.asm.bind(no);
            self.branch_part(nil, target);
        } else {
            self.asm.bind(no);
        }
        self.asm.bind(end);
    }

    /// The receiver of a test for nil: in the register of the block's argument, if it has one.
    fn nil_operand(&mut self, receiver: &Expression, other: Option<&Block>) -> u16 {
        let argument = other
            .filter(|b| !b.parameters.is_empty())
            .map(|b| self.all.blocks[b.id].variables[0]);
        match argument {
            Some(var) => {
                let register = self.registers[&var];
                self.expression(receiver, Target::Register(register));
                register
            }
            None => self.operand(receiver),
        }
    }

    /// Whether `register` belongs to a variable that `block` uses, so that it must not be set early.
    fn variable_used(&self, register: u16, block: &Block) -> bool {
        self.variable_in(register).is_some_and(|var| {
            block
                .statements
                .iter()
                .any(|s| mentions(self.all, s.expression(), var))
        })
    }

    /// Jumps to `label` when `e` is `sense`, else goes on.
    pub fn branch(&mut self, e: &Expression, sense: bool, label: Label) {
        let mark = self.asm.mark();
        match &e.kind {
            Kind::Literal(Literal::True | Literal::False) => {
                if matches!(e.kind, Kind::Literal(Literal::True)) == sense {
                    self.asm.jump(Op::Jump, 0, label);
                }
            }
            Kind::Send(send) => self.branch_on_send(e, send, sense, label),
            _ => self.branch_on_value(e, sense, label),
        }
        self.asm.release_to(mark);
    }

    fn branch_on_value(&mut self, e: &Expression, sense: bool, label: Label) {
        let register = self.operand(e);
        self.asm.jump(branch_on(sense), register, label);
    }

    fn branch_on_send(&mut self, e: &Expression, send: &Send, sense: bool, label: Label) {
        match Control::of(send) {
            Some(Control::And) => return self.branch_and_or(send, false, sense, label),
            Some(Control::Or) => return self.branch_and_or(send, true, sense, label),
            Some(_) => return self.branch_on_value(e, sense, label),
            None => {}
        }
        let message = &send.message;
        if message.ruby || matches!(send.receiver.kind, Kind::Super) {
            return self.branch_on_value(e, sense, label);
        }
        let arguments = &message.arguments;
        match message.selector.as_str() {
            "isNil" => self.branch_nil(send, sense, label),
            "notNil" => self.branch_nil(send, !sense, label),
            "==" if arguments[0].is_nil() => self.branch_nil(send, sense, label),
            "~~" if arguments[0].is_nil() => self.branch_nil(send, !sense, label),
            "==" | "~~" => {
                let left = self.stable_operand(&send.receiver, arguments);
                let right = self.operand(&arguments[0]);
                let same = self.asm.temp();
                self.at(message.position);
                self.asm.emit(Op::Identical, same, left, right);
                let jumps_when_same = sense == (message.selector == "==");
                let op = match jumps_when_same {
                    true => Op::BranchTrue,
                    false => Op::BranchFalse,
                };
                self.asm.jump(op, same, label);
            }
            selector => match comparison(selector) {
                Some(fused) if self.fused => {
                    let left =
                        self.receiver_operand(Receiver::Expression(&send.receiver), arguments);
                    let right = self.operand(&arguments[0]);
                    self.at(message.position);
                    self.branch_compare(fused, selector, (left, right), sense, label);
                }
                _ => self.branch_on_value(e, sense, label),
            },
        }
    }

    /// Jumps to `label` when the comparison of two registers is `sense`.
    pub fn branch_compare(
        &mut self,
        fused: Op,
        selector: &str,
        (left, right): (u16, u16),
        sense: bool,
        label: Label,
    ) {
        let mark = self.asm.mark();
        let window = self.asm.temps(2);
        let site = self.asm.site(selector, 1, 0);
        let miss = if sense { self.asm.label() } else { label };
        self.asm
            .jump_unless(fused, left, right, site, window, Op::BoolBranchFalse, miss);
        if sense {
            // No fused branch jumps when its comparison holds, and with a NaN the opposite comparison is not the opposite.
            self.asm.jump(Op::Jump, 0, label);
            self.asm.bind(miss);
        }
        self.asm.release_to(mark);
    }

    fn branch_nil(&mut self, send: &Send, sense: bool, label: Label) {
        let register = self.operand(&send.receiver);
        self.at(send.message.position);
        let op = match sense {
            true => Op::BranchNil,
            false => Op::BranchNotNil,
        };
        self.asm.jump(op, register, label);
    }

    fn branch_and_or(&mut self, send: &Send, short: bool, sense: bool, label: Label) {
        let block = block_at(&send.message, 0);
        if sense == short {
            self.branch(&send.receiver, sense, label);
            self.branch_block(block, sense, label);
        } else {
            let skip = self.asm.label();
            self.branch(&send.receiver, short, skip);
            self.branch_block(block, sense, label);
            self.asm.bind(skip);
        }
    }

    /// Compiles a block in line and branches on its value.
    pub fn branch_block(&mut self, block: &Block, sense: bool, label: Label) {
        self.start_inline(block);
        match block.statements.split_last() {
            Some((Statement::Expression(last), before)) if !block.returns() => {
                self.statements_for_effect(before);
                self.at(last.position);
                self.branch(last, sense, label);
            }
            Some(_) => self.statements(&block.statements, Target::Effect),
            None => {
                let register = self.asm.temp();
                self.asm.emit(Op::LoadNil, register, 0, 0);
                self.asm.jump(branch_on(sense), register, label);
                self.asm.release_to(register);
            }
        }
    }

    fn statements_for_effect(&mut self, statements: &[Statement]) {
        if !statements.is_empty() {
            self.statements(statements, Target::Effect);
        }
    }
}
