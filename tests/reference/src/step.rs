//! One instruction.

use crate::run::Flow;
use crate::{Closure, Env, ErrorKind, Library, Machine, Unwind, Value};
use gem_bytecode::{Instr, Literal, Op};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

impl<L: Library> Machine<L> {
    pub(crate) fn step(&mut self) -> Result<Flow, Unwind> {
        let pc = self.top().pc;
        let i = self.instruction(pc);
        let op = i.op().expect("verified");
        self.executed.insert(op);
        let (a, b, c) = (i.a(), i.b(), i.c());
        if op.operands().send_follows {
            return self.fast(op, i, pc);
        }
        match op {
            Op::Nop => {}
            Op::Move => self.set(a, self.get(b)),
            Op::LoadLit => self.set(a, self.literal(b)),
            Op::LoadInt => self.set(a, Value::Int(i.imm().into())),
            Op::LoadNil => self.set(a, Value::Nil),
            Op::LoadTrue => self.set(a, Value::True),
            Op::LoadFalse => self.set(a, Value::False),
            Op::LoadUndef => self.set(a, Value::Undef),
            Op::LoadNils => (a..a + b).for_each(|r| self.set(r, Value::Nil)),

            Op::MakeEnv => self.make_env(a, b),
            Op::GetEnv => {
                let value = self.env_at(b).variables.borrow()[c as usize].clone();
                self.set(a, value);
            }
            Op::SetEnv => self.env_at(b).variables.borrow_mut()[c as usize] = self.get(a),
            Op::GetSlot => {
                let value = self.slots(&self.get(0)).slots.borrow()[b as usize].clone();
                self.set(a, value);
            }
            Op::SetSlot => self.slots(&self.get(0)).slots.borrow_mut()[b as usize] = self.get(a),
            Op::GetAssoc => {
                let name = self.association(b);
                let value = self.associations.get(&name).cloned();
                self.set(a, value.unwrap_or_default());
            }
            Op::SetAssoc => {
                let (name, value) = (self.association(b), self.get(a));
                self.associations.insert(name, value);
            }

            Op::Send | Op::SendSuper | Op::Yield => return Ok(Flow::Call(op, i)),

            Op::Identical | Op::NotIdentical => {
                let (left, right) = (self.get(b), self.get(c));
                self.vague |= is_boxed(&left) && is_boxed(&right);
                let same = left.same(&right);
                self.set(a, Value::bool(same == (op == Op::Identical)));
            }
            Op::Not => self.set(a, Value::bool(!self.get(b).is_truthy())),
            Op::IsNil => self.set(a, Value::bool(self.get(b).is_nil())),

            Op::Jump => return Ok(jump(pc, i)),
            Op::BranchTrue => return Ok(branch(self.get(a).is_truthy(), pc, i)),
            Op::BranchFalse => return Ok(branch(!self.get(a).is_truthy(), pc, i)),
            Op::BranchNil => return Ok(branch(self.get(a).is_nil(), pc, i)),
            Op::BranchNotNil => return Ok(branch(!self.get(a).is_nil(), pc, i)),
            Op::BranchUndef => return Ok(branch(is_undef(&self.get(a)), pc, i)),
            Op::BranchNotUndef => return Ok(branch(!is_undef(&self.get(a)), pc, i)),
            Op::BoolBranchTrue => return Ok(branch(self.boolean(a)?, pc, i)),
            Op::BoolBranchFalse => return Ok(branch(!self.boolean(a)?, pc, i)),

            Op::Return => return Ok(Flow::Return(self.get(a))),
            Op::ReturnSelf => return Ok(Flow::Return(self.get(0))),
            Op::ReturnHome => return Err(self.return_home(self.get(a))),
            Op::BreakBlock => return Err(self.break_block(self.get(a))),

            Op::MakeBlock => {
                let block = self.make_block(b, c);
                self.set(a, block);
            }
            Op::GetBlock => self.set(a, self.top().home.block.clone()),
            Op::BlockGiven => self.set(a, Value::bool(!self.top().home.block.is_nil())),
            Op::MakeBinding => {
                let binding = Value::Binding(Rc::new(self.binding()));
                self.set(a, binding);
            }

            Op::NewArray => self.set(a, Value::array((c..c + b).map(|r| self.get(r)).collect())),
            Op::ArrayPush => self.array(a).borrow_mut().push(self.get(b)),
            Op::ArrayConcat => {
                let more = self.elements(&self.get(b));
                self.array(a).borrow_mut().extend(more);
            }
            Op::ExpandArray => self.expand(a, b, c),
            Op::NewHash => self.set(a, Value::hash(vec![])),
            Op::NewRange | Op::NewRangeExclusive => {
                let exclusive = op == Op::NewRangeExclusive;
                let range = Rc::new((self.get(b), self.get(c), exclusive));
                self.set(a, Value::Range(range));
            }
            Op::NewString => {
                let Value::String(text) = self.literal(b) else {
                    panic!("a literal that is a String");
                };
                self.set(a, Value::string(&text.borrow()));
            }
            Op::StrConcat => {
                let text: String = (c..c + b).map(|r| self.part(&self.get(r))).collect();
                self.set(a, Value::string(&text));
            }

            Op::Reraise => return Err(Unwind::Raise(self.get(a))),
            Op::EndEnsure => match self.get(a) {
                Value::Nil => {}
                Value::Pending(left) => return Err((*left).clone()),
                _ => panic!("r{a} is no pending state"),
            },
            Op::GetErrInfo => self.set(a, self.error_info.clone()),
            Op::SetErrInfo => self.error_info = self.get(a),
            _ => return self.named_instruction(op, i),
        }
        Ok(Flow::Next)
    }

    /// The environment's own registers nobody may touch; the variables are kept beside them all the same.
    fn make_env(&mut self, first: u16, count: u16) {
        let frame = self.top_mut();
        assert!(!frame.made_env, "a second environment");
        if first != 0 {
            frame.reserved = first..first + count;
        }
        frame.made_env = true;
        frame.env = Some(Rc::new(Env {
            names: frame.code.code.env_names.clone(),
            variables: RefCell::new(vec![Value::Nil; count as usize]),
            parent: frame.env.take(),
        }));
    }

    fn make_block(&self, literal: u16, kind: u16) -> Value {
        let frame = self.top();
        assert!(
            frame.env.is_some(),
            "a block needs an environment around it"
        );
        Value::Closure(Rc::new(Closure {
            code: self.code_literal(literal),
            env: frame.env.clone(),
            receiver: self.get(0),
            home: frame.home.clone(),
            lambda: Cell::new(kind == 1),
            returns_to: frame.returns_to,
            call: Cell::new(0),
            symbol: None,
        }))
    }

    fn association(&self, literal: u16) -> String {
        match &self.top().code.code.literals[literal as usize] {
            Literal::Global(name) => name.clone(),
            Literal::ClassVariable { class, name } => format!("{class}.{name}"),
            other => panic!("{other:?} is no association"),
        }
    }

    fn boolean(&mut self, register: u16) -> Result<bool, Unwind> {
        match self.get(register) {
            Value::True => Ok(true),
            Value::False => Ok(false),
            _ => Err(self.error(ErrorKind::NotBoolean, "expected true or false")),
        }
    }

    fn array(&self, register: u16) -> Rc<RefCell<Vec<Value>>> {
        match self.get(register) {
            Value::Array(items) => items,
            _ => panic!("r{register} is no Array"),
        }
    }

    /// # Panics
    /// For anything but an Array.
    pub fn elements(&self, value: &Value) -> Vec<Value> {
        match value {
            Value::Array(items) => items.borrow().clone(),
            _ => panic!("elements of something that is no Array"),
        }
    }

    fn expand(&mut self, a: u16, b: u16, c: u16) {
        let Literal::Integer(shape) = &self.top().code.code.literals[c as usize] else {
            panic!("a shape is an integer");
        };
        let shape = u64::try_from(shape).expect("a shape");
        let (pre, splat, post) = (
            (shape & 0xffff) as usize,
            shape >> 16 & 1 == 1,
            (shape >> 32 & 0xffff) as usize,
        );
        let items = self.elements(&self.get(b));
        let at = |n: usize| items.get(n).cloned().unwrap_or_default();
        let mut values: Vec<Value> = (0..pre).map(at).collect();
        let mut next = pre.min(items.len());
        if splat {
            let count = items.len().saturating_sub(pre + post);
            values.push(Value::array(items[next..next + count].to_vec()));
            next += count;
        }
        values.extend((next..next + post).map(at));
        for (register, value) in (a..).zip(values) {
            self.set(register, value);
        }
    }

    /// A part of an interpolation.
    fn part(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.borrow().clone(),
            other => format!("#<{}>", self.real_class(other).name),
        }
    }
}

/// A Float that is an object.
fn is_boxed(value: &Value) -> bool {
    matches!(value, Value::Float(f) if !crate::fast::is_small(*f))
}

fn is_undef(value: &Value) -> bool {
    matches!(value, Value::Undef)
}

/// The target of a long jump.
fn jump(pc: usize, i: Instr) -> Flow {
    Flow::To((pc as i64 + 1 + i64::from(i.imm())) as usize)
}

fn branch(taken: bool, pc: usize, i: Instr) -> Flow {
    if taken { jump(pc, i) } else { Flow::Next }
}
