//! Messages with an instruction of their own: arithmetic, comparison, `at:`, identity, tests for nil.

use super::Target;
use super::frame::CodeFrame;
use super::sends::Receiver;
use crate::ast::{Expression, Kind, Message};
use gem_bytecode::{Literal, Op};

/// The instruction that tries a message with one argument before it is sent.
fn one_argument(selector: &str) -> Option<Op> {
    Some(match selector {
        "+" => Op::Add,
        "-" => Op::Sub,
        "*" => Op::Mul,
        "//" => Op::IntDiv,
        "\\\\" => Op::Mod,
        "<" => Op::Lt,
        "<=" => Op::Le,
        ">" => Op::Gt,
        ">=" => Op::Ge,
        "=" => Op::Eq,
        "~=" => Op::Ne,
        "bitAnd:" => Op::BitAnd,
        "bitOr:" => Op::BitOr,
        "bitXor:" => Op::BitXor,
        "at:" => Op::At,
        _ => return None,
    })
}

/// The operand of `AddInt` and `SubInt`.
pub(super) fn small_number(e: &Expression) -> Option<i16> {
    match &e.kind {
        Kind::Literal(Literal::Integer(i)) => i16::try_from(i).ok(),
        _ => None,
    }
}

impl CodeFrame<'_> {
    /// Compiles `message` with its own instruction, if it has one.
    pub fn fast_message(
        &mut self,
        receiver: Receiver<'_>,
        message: &Message,
        target: Target,
    ) -> bool {
        if message.ruby || matches!(receiver, Receiver::Super) {
            return false;
        }
        match message.selector.as_str() {
            "isNil" | "notNil" => self.nil_test(receiver, message, target),
            "==" | "~~" => self.identity(receiver, message, target),
            "at:put:" => self.at_put(receiver, message, target),
            "size" => self.size(receiver, message, target),
            selector => match one_argument(selector) {
                Some(op) => self.operation(op, receiver, message, target),
                None => return false,
            },
        }
        true
    }

    /// The receiver in a register that keeps it while the arguments are computed.
    pub fn receiver_operand(&mut self, receiver: Receiver<'_>, arguments: &[Expression]) -> u16 {
        match receiver {
            Receiver::Expression(e) => self.stable_operand(e, arguments),
            Receiver::Register(register) => register,
            Receiver::Super => unreachable!("messages to super are always sent"),
        }
    }

    fn operation(&mut self, op: Op, receiver: Receiver<'_>, message: &Message, target: Target) {
        let left = self.receiver_operand(receiver, &message.arguments);
        let argument = &message.arguments[0];
        let (op, right) = match (op, small_number(argument)) {
            (Op::Add, Some(n)) => (Op::AddInt, n as u16),
            (Op::Sub, Some(n)) => (Op::SubInt, n as u16),
            _ => (op, self.operand(argument)),
        };
        let window = self.asm.temps(2);
        let site = self.asm.site(&message.selector, 1, 0);
        let destination = CodeFrame::destination(target, window);
        self.at(message.position);
        self.asm
            .with_send(op, destination, left, right, destination, site, window);
        if let Target::Answer(op) = target {
            self.answer(op, destination);
        }
    }

    fn at_put(&mut self, receiver: Receiver<'_>, message: &Message, target: Target) {
        let object = self.receiver_operand(receiver, &message.arguments);
        let index = self.stable_operand(&message.arguments[0], &message.arguments[1..]);
        let value = self.operand(&message.arguments[1]);
        let window = self.asm.temps(3);
        let site = self.asm.site(&message.selector, 2, 0);
        let destination = CodeFrame::destination(target, window);
        self.at(message.position);
        self.asm
            .with_send(Op::AtPut, value, object, index, destination, site, window);
        if let Target::Answer(op) = target {
            self.answer(op, destination);
        }
    }

    fn size(&mut self, receiver: Receiver<'_>, message: &Message, target: Target) {
        let object = self.receiver_operand(receiver, &[]);
        let window = self.asm.temp();
        let site = self.asm.site(&message.selector, 0, 0);
        let destination = CodeFrame::destination(target, window);
        self.at(message.position);
        self.asm
            .with_send(Op::Size, destination, object, 0, destination, site, window);
        if let Target::Answer(op) = target {
            self.answer(op, destination);
        }
    }

    fn nil_test(&mut self, receiver: Receiver<'_>, message: &Message, target: Target) {
        let operand = self.receiver_operand(receiver, &[]);
        self.at(message.position);
        self.is_nil(operand, message.selector == "notNil", target);
    }

    /// Whether `operand` is nil, or with `negate` is not.
    fn is_nil(&mut self, operand: u16, negate: bool, target: Target) {
        if target == Target::Effect {
            return;
        }
        let scratch = self.asm.temp();
        let destination = CodeFrame::destination(target, scratch);
        self.asm.emit(Op::IsNil, destination, operand, 0);
        if negate {
            self.asm.emit(Op::Not, destination, destination, 0);
        }
        self.deliver(destination, target);
    }

    fn identity(&mut self, receiver: Receiver<'_>, message: &Message, target: Target) {
        let negate = message.selector == "~~";
        let left = self.receiver_operand(receiver, &message.arguments);
        if message.arguments[0].is_nil() {
            self.at(message.position);
            return self.is_nil(left, negate, target);
        }
        let right = self.operand(&message.arguments[0]);
        if target == Target::Effect {
            return;
        }
        let op = if negate {
            Op::NotIdentical
        } else {
            Op::Identical
        };
        let scratch = self.asm.temp();
        let destination = CodeFrame::destination(target, scratch);
        self.at(message.position);
        self.asm.emit(op, destination, left, right);
        self.deliver(destination, target);
    }
}
