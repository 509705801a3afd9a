//! A frame and its registers.

use crate::{Closure, Env, Home, Machine, Value};
use gem_bytecode::{CallSite, Code, Handler, Instr, Literal, disassemble};
use std::ops::Range;
use std::rc::Rc;

/// A code with the objects of its literals.
pub struct Loaded {
    pub code: Code,
    literals: Vec<Value>,
    codes: Vec<Option<Rc<Loaded>>>,
}

impl Loaded {
    pub fn new(code: &Code) -> Rc<Loaded> {
        let inner = |literal: &Literal| match literal {
            Literal::Code(inner) => Some(Loaded::new(inner)),
            _ => None,
        };
        Rc::new(Loaded {
            literals: code.literals.iter().map(Value::of).collect(),
            codes: code.literals.iter().map(inner).collect(),
            code: code.clone(),
        })
    }

    pub(crate) fn name(&self, literal: u16) -> &str {
        match &self.code.literals[literal as usize] {
            Literal::Symbol(name) => name,
            other => panic!("{other:?} is no name"),
        }
    }
}

pub(crate) struct Frame {
    pub code: Rc<Loaded>,
    /// `None`: never written, or destroyed.
    pub registers: Vec<Option<Value>>,
    /// Registers that are the frame's environment.
    pub reserved: Range<u16>,
    /// The instruction that is executed.
    pub pc: usize,
    pub env: Option<Rc<Env>>,
    pub made_env: bool,
    pub home: Rc<Home>,
    pub id: u64,
    /// The frame that ReturnHome leaves.
    pub returns_to: u64,
    pub closure: Option<Rc<Closure>>,
    /// Of a handler block: index of the frame with the handler that runs, and the handler's number.
    pub handling: Option<(usize, usize)>,
}

impl Frame {
    /// The handlers that cover the instruction that is executed, inner ones first.
    pub fn covering(&self) -> Vec<(usize, Handler)> {
        let handlers = self.code.code.handlers.iter().copied().enumerate();
        let covers = |h: &Handler| (h.start as usize..h.end as usize).contains(&self.pc);
        handlers.filter(|(_, h)| covers(h)).collect()
    }
}

/// The running frame.
impl<L> Machine<L> {
    pub(crate) fn top(&self) -> &Frame {
        self.frames.last().expect("a frame")
    }

    pub(crate) fn top_mut(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a frame")
    }

    pub(crate) fn get(&self, register: u16) -> Value {
        let frame = self.top();
        match &frame.registers[register as usize] {
            Some(value) if !frame.reserved.contains(&register) => value.clone(),
            _ => panic!(
                "r{register} is read at {} and holds nothing\n{}",
                frame.pc,
                disassemble(&frame.code.code)
            ),
        }
    }

    pub(crate) fn set(&mut self, register: u16, value: Value) {
        let frame = self.top_mut();
        assert!(
            !frame.reserved.contains(&register),
            "r{register} belongs to the environment and is written at {}\n{}",
            frame.pc,
            disassemble(&frame.code.code)
        );
        frame.registers[register as usize] = Some(value);
    }

    /// What a callee's frame does to the registers of its caller.
    pub(crate) fn destroy_from(&mut self, base: u16) {
        let frame = self.top_mut();
        assert!(
            frame.reserved.end <= base,
            "a window over the environment at {}\n{}",
            frame.pc,
            disassemble(&frame.code.code)
        );
        frame.registers[base as usize..].fill_with(|| None);
    }

    pub(crate) fn instruction(&self, at: usize) -> Instr {
        self.top().code.code.instructions[at]
    }

    pub(crate) fn literal(&self, literal: u16) -> Value {
        let code = &self.top().code;
        let is_code = code.codes[literal as usize].is_some();
        assert!(!is_code, "a code is no value");
        code.literals[literal as usize].clone()
    }

    pub(crate) fn code_literal(&self, literal: u16) -> Rc<Loaded> {
        let code = self.top().code.codes[literal as usize].clone();
        code.expect("a literal that is a code")
    }

    pub(crate) fn name(&self, literal: u16) -> String {
        self.top().code.name(literal).to_string()
    }

    pub(crate) fn site(&self, site: u16) -> CallSite {
        self.top().code.code.sites[site as usize]
    }

    /// The environment `level` levels out.
    pub(crate) fn env_at(&self, level: u16) -> Rc<Env> {
        let frame = self.top();
        let makes_env = |i: &Instr| i.op() == Some(gem_bytecode::Op::MakeEnv);
        assert!(
            frame.made_env || !frame.code.code.instructions.iter().any(makes_env),
            "an environment is used before it is made"
        );
        let mut env = frame.env.clone().expect("an environment");
        for _ in 0..level {
            env = env.parent.clone().expect("an outer environment");
        }
        env
    }
}
