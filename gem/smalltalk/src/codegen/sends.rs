//! Message sends and cascades: receiver and arguments into a window of registers, then the call.

use super::Target;
use super::frame::CodeFrame;
use crate::analysis::assigned_in;
use crate::ast::{Expression, Kind, Message, Send};
use crate::control::Control;
use gem_bytecode::{Op, SELF, site_flags};

/// The receiver of a message.
#[derive(Clone, Copy)]
pub(super) enum Receiver<'e> {
    Expression(&'e Expression),
    /// Computed already, as in a cascade.
    Register(u16),
    Super,
}

impl CodeFrame<'_> {
    pub fn send(&mut self, send: &Send, target: Target) {
        if let Some(control) = Control::of(send) {
            return self.control(control, send, target);
        }
        let receiver = match send.receiver.kind {
            Kind::Super => Receiver::Super,
            _ => Receiver::Expression(&send.receiver),
        };
        self.message(receiver, &send.message, target);
    }

    pub fn cascade(&mut self, receiver: &Expression, messages: &[Message], target: Target) {
        let held = match receiver.kind {
            Kind::Super => Receiver::Super,
            _ => Receiver::Register(self.cascade_receiver(receiver, messages)),
        };
        for (i, message) in messages.iter().enumerate() {
            let mark = self.asm.mark();
            let last = i + 1 == messages.len();
            self.message(held, message, if last { target } else { Target::Effect });
            self.asm.release_to(mark);
        }
    }

    fn cascade_receiver(&mut self, receiver: &Expression, messages: &[Message]) -> u16 {
        let register = self.operand(receiver);
        let all = self.all;
        let mut arguments = messages.iter().flat_map(|m| &m.arguments);
        match self.variable_in(register) {
            Some(var) if arguments.any(|a| assigned_in(all, a, var)) => {
                let copy = self.asm.temp();
                self.copy(copy, register);
                copy
            }
            _ => register,
        }
    }

    pub fn message(&mut self, receiver: Receiver<'_>, message: &Message, target: Target) {
        if self.fast_message(receiver, message, target) {
            return;
        }
        let window = self.asm.temp();
        match receiver {
            Receiver::Expression(e) => self.expression(e, Target::Register(window)),
            Receiver::Register(register) => self.copy(window, register),
            Receiver::Super => self.copy(window, SELF),
        }
        for argument in &message.arguments {
            let slot = self.asm.temp();
            self.expression(argument, Target::Register(slot));
        }
        let op = match receiver {
            Receiver::Super => Op::SendSuper,
            _ => Op::Send,
        };
        let flags = if message.ruby { site_flags::RUBY } else { 0 };
        let site = self
            .asm
            .site(&message.selector, message.arguments.len() as u16, flags);
        let destination = CodeFrame::destination(target, window);
        self.at(message.position);
        self.asm.emit(op, destination, site, window);
        if let Target::Answer(op) = target {
            self.answer(op, destination);
        }
    }
}
