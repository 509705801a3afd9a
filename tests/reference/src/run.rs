//! The loop over instructions, and what happens to control that leaves frames.

use crate::frame::Frame;
use crate::{Binding, DEPTH_MAX, ErrorKind, Home, Library, Loaded, Machine};
use crate::{Outcome, STEPS_MAX, Unwind, Value};
use gem_bytecode::{HandlerKind, Instr, Op};
use std::rc::Rc;

pub(crate) enum Flow {
    Next,
    To(usize),
    Return(Value),
    /// A send, which the loop makes itself: the frames of Rust that it recurses through stay small.
    Call(Op, Instr),
}

impl<L: Library> Machine<L> {
    /// Runs a home code in a new frame whose first registers are given.
    ///
    /// # Errors
    /// What leaves the frame otherwise than by a return.
    ///
    /// # Panics
    /// When the code breaks a rule of the bytecode, or the program is endless.
    pub fn run(&mut self, code: Rc<Loaded>, registers: Vec<Value>, home: Rc<Home>) -> Outcome {
        let id = self.number();
        let frame = Frame {
            registers: registers.into_iter().map(Some).collect(),
            reserved: 0..0,
            pc: 0,
            env: None,
            made_env: false,
            home,
            id,
            returns_to: id,
            closure: None,
            handling: None,
            code,
        };
        self.run_frame(frame)
    }

    /// Runs the code of an eval in the frame that `binding` is of.
    ///
    /// # Errors
    /// As `run`.
    pub fn evaluate(&mut self, code: Rc<Loaded>, binding: &Binding) -> Outcome {
        let frame = Frame {
            registers: vec![Some(binding.receiver.clone())],
            reserved: 0..0,
            pc: 0,
            env: binding.env.clone(),
            made_env: false,
            home: binding.home.clone(),
            id: self.number(),
            returns_to: binding.returns_to,
            closure: None,
            handling: None,
            code,
        };
        self.run_frame(frame)
    }

    pub(crate) fn run_frame(&mut self, mut frame: Frame) -> Outcome {
        if self.frames.len() >= DEPTH_MAX {
            return Err(self.error(ErrorKind::TooDeep, "stack level too deep"));
        }
        let wanted = frame.code.code.registers as usize;
        assert!(frame.registers.len() <= wanted, "parameters outside");
        frame.registers.resize(wanted, None);
        self.frames.push(frame);
        let result = loop {
            self.steps += 1;
            assert!(self.steps < STEPS_MAX, "an endless program");
            let step = match self.step() {
                Ok(Flow::Call(op, i)) => self.send_instruction(op, i),
                other => other,
            };
            let left = match step {
                Ok(Flow::Call(..)) => unreachable!("the send has been made"),
                Ok(Flow::Next) => {
                    self.top_mut().pc += 1;
                    continue;
                }
                Ok(Flow::To(pc)) => {
                    self.top_mut().pc = pc;
                    continue;
                }
                Ok(Flow::Return(value)) => break Ok(value),
                Err(unwind) => unwind,
            };
            let left = match left {
                Unwind::Raise(exception) => self.signal(exception),
                other => other,
            };
            let id = self.top().id;
            match self.take(left) {
                Ok(pc) => self.top_mut().pc = pc,
                Err(Unwind::Return { frame, value }) if frame == id => break Ok(value),
                Err(left) => break Err(left),
            }
        };
        self.frames.pop();
        result
    }

    /// Where the running frame goes on when control would leave it: at an ensure body, or at the handler that is meant.
    fn take(&mut self, left: Unwind) -> Result<usize, Unwind> {
        let goal = match &left {
            Unwind::Handler { frame, handler, .. } if *frame == self.top().id => Some(*handler),
            _ => None,
        };
        for (index, h) in self.top().covering() {
            if goal.is_some_and(|goal| index >= goal) {
                break;
            }
            if matches!(h.kind, HandlerKind::Ensure | HandlerKind::Curtail) {
                self.set(h.reg, Value::Pending(Rc::new(left)));
                return Ok(h.target as usize);
            }
        }
        let Unwind::Handler { handler, value, .. } = &left else {
            return Err(left);
        };
        if goal.is_none() {
            return Err(left);
        }
        let h = self.top().code.code.handlers[*handler];
        let register = match h.kind {
            HandlerKind::OnDo => h.reg + 2,
            HandlerKind::Catch => h.reg + 1,
            _ => h.reg,
        };
        self.set(register, value.clone());
        Ok(h.target as usize)
    }
}
