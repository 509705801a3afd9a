//! Loops in line. The way back is always a `Jump`, where the machine looks whether it is wanted elsewhere.
//!
//! A body whose variables are captured is a closure, made before the loop and called in each round.

use super::Target;
use super::fast::small_number;
use super::frame::CodeFrame;
use crate::ast::{Block, Expression, Kind, Send};
use crate::control::Control;
use gem_bytecode::{Label, Op};

/// A loop's condition or body.
#[derive(Clone, Copy)]
enum Part<'b> {
    Inline(&'b Block),
    /// The register of the closure.
    Called(u16),
}

/// What a counting loop adds in each round.
#[derive(Clone, Copy)]
enum Increment {
    Small(i16),
    Register(u16),
}

impl CodeFrame<'_> {
    pub fn repetition(&mut self, control: Control, send: &Send, target: Target) {
        let receiver = &send.receiver;
        let arguments = &send.message.arguments;
        let argument = |i: usize| arguments.get(i).and_then(Expression::as_block);
        match control {
            Control::While(sense) => self.while_loop(receiver, sense, argument(0), target),
            Control::WhileAlone(sense) => self.while_loop(receiver, sense, None, target),
            Control::Repeat => self.endless(receiver, target),
            Control::To => self.count(receiver, &arguments[0], None, argument(1), target),
            Control::ToBy { down } => {
                let step = Some((&arguments[1], down));
                self.count(receiver, &arguments[0], step, argument(2), target);
            }
            Control::Times => self.times(receiver, argument(0), target),
            _ => unreachable!("conditionals are compiled elsewhere"),
        }
    }

    fn part<'b>(&mut self, block: &'b Block) -> Part<'b> {
        if !self.all.blocks[block.id].real {
            return Part::Inline(block);
        }
        let register = self.asm.temp();
        self.closure(block, register);
        Part::Called(register)
    }

    /// Runs a part for its effect.
    fn round(&mut self, part: Part<'_>, argument: Option<u16>) {
        match part {
            Part::Inline(block) => self.inline(block, Target::Effect),
            Part::Called(closure) => {
                let mark = self.asm.mark();
                self.call(closure, argument);
                self.asm.release_to(mark);
            }
        }
    }

    /// Sends `value` or `value:` to a closure; answers the register of the result.
    fn call(&mut self, closure: u16, argument: Option<u16>) -> u16 {
        let window = self.asm.temps(2);
        self.copy(window, closure);
        if let Some(argument) = argument {
            self.copy(window + 1, argument);
        }
        let site = match argument {
            Some(_) => self.asm.site("value:", 1, 0),
            None => self.asm.site("value", 0, 0),
        };
        self.asm.emit(Op::Send, window, site, window);
        window
    }

    fn while_loop(
        &mut self,
        condition: &Expression,
        sense: bool,
        body: Option<&Block>,
        target: Target,
    ) {
        let condition = condition
            .as_block()
            .expect("a loop has a literal condition");
        let test = self.part(condition);
        let body = body.map(|b| self.part(b));
        let (top, exit) = (self.asm.here(), self.asm.label());
        self.at(condition.position);
        match test {
            Part::Inline(block) => self.branch_block(block, !sense, exit),
            Part::Called(closure) => {
                let mark = self.asm.mark();
                let result = self.call(closure, None);
                let op = match sense {
                    true => Op::BoolBranchFalse,
                    false => Op::BoolBranchTrue,
                };
                self.asm.jump(op, result, exit);
                self.asm.release_to(mark);
            }
        }
        if let Some(body) = body {
            self.round(body, None);
        }
        self.asm.jump(Op::Jump, 0, top);
        self.asm.bind(exit);
        self.nil(target);
    }

    fn endless(&mut self, body: &Expression, target: Target) {
        let body = self.part(body.as_block().expect("a loop has a literal body"));
        let top = self.asm.here();
        self.round(body, None);
        self.asm.jump(Op::Jump, 0, top);
        // Never reached, but what follows may rely on a value being there.
        self.nil(target);
    }

    fn count(
        &mut self,
        start: &Expression,
        limit: &Expression,
        step: Option<(&Expression, bool)>,
        body: Option<&Block>,
        target: Target,
    ) {
        let body = body.expect("a loop has a literal body");
        let real = self.all.blocks[body.id].real;
        let counter = match real {
            true => self.asm.temp(),
            false => self.registers[&self.all.blocks[body.id].variables[0]],
        };
        let kept = self.kept_receiver(start, counter, target);
        let limit = self.loop_limit(limit, body);
        let (step, down) = match step {
            None => (Increment::Small(1), false),
            Some((e, down)) => match small_number(e) {
                Some(n) => (Increment::Small(n), down),
                None => (Increment::Register(self.operand(e)), down),
            },
        };
        let body_part = self.part(body);
        let (top, exit) = (self.asm.here(), self.asm.label());
        self.at(body.position);
        self.loop_test(counter, limit, down, exit);
        self.round(body_part, real.then_some(counter));
        self.at(body.position);
        self.advance(counter, step);
        self.asm.jump(Op::Jump, 0, top);
        self.asm.bind(exit);
        self.loop_value(start, kept, target);
    }

    fn times(&mut self, receiver: &Expression, body: Option<&Block>, target: Target) {
        let body = body.expect("a loop has a literal body");
        let limit = self.loop_limit(receiver, body);
        let counter = self.asm.temp();
        self.asm.emit_imm(Op::LoadInt, counter, 1);
        let body_part = self.part(body);
        let (top, exit) = (self.asm.here(), self.asm.label());
        self.at(body.position);
        self.loop_test(counter, limit, false, exit);
        self.round(body_part, None);
        self.at(body.position);
        self.advance(counter, Increment::Small(1));
        self.asm.jump(Op::Jump, 0, top);
        self.asm.bind(exit);
        self.deliver(limit, target);
    }

    /// Sets the counter; answers the register that keeps the receiver when it is wanted as the loop's value.
    fn kept_receiver(&mut self, start: &Expression, counter: u16, target: Target) -> Option<u16> {
        if target == Target::Effect || matches!(start.kind, Kind::Literal(_) | Kind::SelfRef) {
            self.expression(start, Target::Register(counter));
            return None;
        }
        let kept = self.asm.temp();
        self.expression(start, Target::Register(kept));
        self.copy(counter, kept);
        Some(kept)
    }

    fn loop_value(&mut self, start: &Expression, kept: Option<u16>, target: Target) {
        match kept {
            Some(register) => self.deliver(register, target),
            None if target == Target::Effect => {}
            None => self.expression(start, target),
        }
    }

    /// The limit, in a register that the body does not change.
    fn loop_limit(&mut self, limit: &Expression, body: &Block) -> u16 {
        let register = self.operand(limit);
        let all = self.all;
        match self.variable_in(register) {
            Some(var)
                if body
                    .statements
                    .iter()
                    .any(|s| crate::analysis::assigned_in(all, s.expression(), var)) =>
            {
                let copy = self.asm.temp();
                self.copy(copy, register);
                copy
            }
            _ => register,
        }
    }

    /// Leaves the loop when the counter is past the limit.
    fn loop_test(&mut self, counter: u16, limit: u16, down: bool, exit: Label) {
        let (fused, plain, selector) = match down {
            true => (Op::JumpUnlessGe, Op::Ge, ">="),
            false => (Op::JumpUnlessLe, Op::Le, "<="),
        };
        if self.fused {
            return self.branch_compare(fused, selector, (counter, limit), false, exit);
        }
        let window = self.asm.temps(2);
        let site = self.asm.site(selector, 1, 0);
        self.asm
            .with_send(plain, window, counter, limit, window, site, window);
        self.asm.jump(Op::BoolBranchFalse, window, exit);
        self.asm.release_to(window);
    }

    fn advance(&mut self, counter: u16, step: Increment) {
        let window = self.asm.temps(2);
        let site = self.asm.site("+", 1, 0);
        let (op, operand) = match step {
            Increment::Small(n) => (Op::AddInt, n as u16),
            Increment::Register(register) => (Op::Add, register),
        };
        self.asm
            .with_send(op, counter, counter, operand, counter, site, window);
        self.asm.release_to(window);
    }
}
