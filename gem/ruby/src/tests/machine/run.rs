//! The loop over instructions, sends, unwinding.

use super::{Closure, Env, Home, Machine, Outcome, Unwind, V, arr, str, sym, truth};
use gem_bytecode::{Code, HandlerKind, Instr, Literal, Op};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub struct Frame {
    pub code: Rc<Code>,
    pub regs: Vec<V>,
    pub home: Rc<Home>,
    pub env: Option<Rc<Env>>,
    pub id: usize,
    pub returns_to: usize,
}

enum Flow {
    Next,
    To(usize),
    Return(V),
}

/// A call about to be made.
pub struct Call {
    pub args: Vec<V>,
    pub keywords: Option<Vec<(V, V)>>,
    pub block: V,
}

impl Frame {
    pub fn get(&self, r: u16) -> V {
        let v = self.regs[r as usize].clone();
        assert!(
            !matches!(v, V::Trash),
            "register {r} of {} is read but holds nothing\n{}",
            self.code.name,
            gem_bytecode::disassemble(&self.code)
        );
        v
    }
    pub fn set(&mut self, r: u16, v: V) {
        self.regs[r as usize] = v;
    }
    pub fn name(&self, literal: u16) -> &str {
        match &self.code.literals[literal as usize] {
            Literal::Symbol(s) => s,
            other => panic!("{other:?} is no name"),
        }
    }
    fn level(&self, level: u16) -> Rc<Env> {
        let mut env = self.env.clone().expect("an environment");
        for _ in 0..level {
            env = env.parent.clone().expect("an outer environment");
        }
        env
    }
}

impl Machine {
    /// Runs a code in a new frame whose first registers are given. `env` is a closure's environment.
    pub fn run(
        &mut self,
        code: &Rc<Code>,
        mut regs: Vec<V>,
        home: Rc<Home>,
        env: Option<Rc<Env>>,
        returns_to: Option<usize>,
    ) -> Outcome {
        self.depth += 1;
        assert!(self.depth < 200, "endless recursion");
        regs.resize(code.registers as usize, V::Trash);
        self.serial += 1;
        let id = self.serial;
        let mut frame = Frame {
            code: code.clone(),
            regs,
            home,
            env,
            id,
            returns_to: returns_to.unwrap_or(id),
        };
        let mut pc = 0;
        let result = loop {
            self.serial += 1;
            assert!(self.serial < 5_000_000, "endless loop");
            match self.step(&mut frame, pc) {
                Ok(Flow::Next) => pc += 1,
                Ok(Flow::To(to)) => pc = to,
                Ok(Flow::Return(v)) => break Ok(v),
                Err(unwind) => match self.handle(&mut frame, pc, unwind) {
                    Ok(to) => pc = to,
                    Err(Unwind::Return(to, v)) if to == id => break Ok(v),
                    Err(unwind) => break Err(unwind),
                },
            }
        };
        self.depth -= 1;
        result
    }

    fn handle(&mut self, f: &mut Frame, pc: usize, unwind: Unwind) -> Result<usize, Unwind> {
        for h in f.code.handlers.clone() {
            if pc < h.start as usize || pc >= h.end as usize {
                continue;
            }
            match (h.kind, &unwind) {
                (HandlerKind::Rescue, Unwind::Raise(e)) => f.set(h.reg, e.clone()),
                (HandlerKind::Ensure, _) => f.set(h.reg, V::Pending(Rc::new(unwind.clone()))),
                _ => continue,
            }
            return Ok(h.target as usize);
        }
        Err(unwind)
    }

    fn literal(&mut self, literal: &Literal) -> V {
        match literal {
            Literal::Nil => V::Nil,
            Literal::True => V::True,
            Literal::False => V::False,
            Literal::Integer(i) => V::Int(i.try_into().unwrap_or(i64::MAX)),
            Literal::String { bytes, .. } => str(&String::from_utf8_lossy(bytes)),
            Literal::Symbol(s) => sym(s),
            Literal::Array(items) => arr(items.iter().map(|i| self.literal(i)).collect()),
            Literal::Range {
                low,
                high,
                exclusive,
            } => V::Range(Rc::new((self.literal(low), self.literal(high), *exclusive))),
            other => sym(&format!("{other:?}")),
        }
    }

    fn step(&mut self, f: &mut Frame, pc: usize) -> Result<Flow, Unwind> {
        let i = f.code.instructions[pc];
        let op = i.op().expect("verified");
        let (a, b, c) = (i.a(), i.b(), i.c());
        if op.operands().send_follows {
            return self.fast_path(f, pc, i);
        }
        let long = |pc: usize| Flow::To((pc as i64 + 1 + i64::from(i.imm())) as usize);
        let branch = |taken: bool| if taken { long(pc) } else { Flow::Next };
        match op {
            Op::Nop => {}
            Op::Move => f.set(a, f.get(b)),
            Op::LoadLit => {
                let v = self.literal(&f.code.literals[b as usize].clone());
                f.set(a, v);
            }
            Op::NewString => {
                let v = self.literal(&f.code.literals[b as usize].clone());
                f.set(a, v);
            }
            Op::LoadInt => f.set(a, V::Int(i64::from(i.imm()))),
            Op::LoadNil => f.set(a, V::Nil),
            Op::LoadTrue => f.set(a, V::True),
            Op::LoadFalse => f.set(a, V::False),
            Op::LoadUndef => f.set(a, V::Undef),
            Op::LoadNils => (a..a + b).for_each(|r| f.set(r, V::Nil)),
            Op::MakeEnv => {
                let vars = RefCell::new(vec![V::Nil; b as usize]);
                f.env = Some(Rc::new(Env {
                    names: f.code.env_names.clone(),
                    vars,
                    parent: f.env.take(),
                }));
            }
            Op::GetEnv => {
                let v = f.level(b).vars.borrow()[c as usize].clone();
                f.set(a, v);
            }
            Op::SetEnv => f.level(b).vars.borrow_mut()[c as usize] = f.get(a),
            Op::GetIvar => {
                let v = self.ivar(&f.get(0), f.name(b));
                f.set(a, v);
            }
            Op::SetIvar => self.set_ivar(&f.get(0), f.name(b), f.get(a)),
            Op::GetConst => {
                let v = self.constant(&f.home.cref.clone(), f.name(b))?;
                f.set(a, v);
            }
            Op::GetConstTop => {
                let v = self.constant_in(&V::Class(self.object.clone()), f.name(b))?;
                f.set(a, v);
            }
            Op::GetConstIn => {
                let v = self.constant_in(&f.get(c), f.name(b))?;
                f.set(a, v);
            }
            Op::SetConst => {
                let module = if c == gem_bytecode::CREF {
                    V::Class(f.home.cref.last().unwrap().clone())
                } else {
                    f.get(c)
                };
                let V::Class(module) = module else {
                    return Err(self.error("TypeError", "no class/module"));
                };
                module
                    .constants
                    .borrow_mut()
                    .insert(f.name(b).to_string(), f.get(a));
            }
            Op::GetGlobal => {
                let v = self.globals.get(f.name(b)).cloned().unwrap_or(V::Nil);
                f.set(a, v);
            }
            Op::SetGlobal => drop(self.globals.insert(f.name(b).to_string(), f.get(a))),
            Op::GetClassVar => {
                let found = f
                    .home
                    .cref
                    .last()
                    .unwrap()
                    .variables
                    .borrow()
                    .get(f.name(b))
                    .cloned();
                let name = f.name(b).to_string();
                f.set(a, found.ok_or_else(|| self.error("NameError", &name))?);
            }
            Op::SetClassVar => {
                let name = f.name(b).to_string();
                f.home
                    .cref
                    .last()
                    .unwrap()
                    .variables
                    .borrow_mut()
                    .insert(name, f.get(a));
            }
            Op::Defined => {
                let v = self.defined(f, a, f.name(b).to_string().as_str(), c);
                f.set(a, v);
            }
            Op::GetDefinee => f.set(a, V::Class(f.home.cref.last().unwrap().clone())),
            Op::GetSpecial => {
                let v = f.home.specials.borrow()[b as usize].clone();
                f.set(a, v);
            }
            Op::SetSpecial => f.home.specials.borrow_mut()[b as usize] = f.get(a),
            Op::NthRef => f.set(a, V::Nil),
            Op::Send | Op::SendSuper | Op::Yield => self.send_instruction(f, op, i)?,
            Op::Identical => f.set(a, truth(f.get(b).same(&f.get(c)))),
            Op::Not => f.set(a, truth(!f.get(b).truthy())),
            Op::Jump => return Ok(long(pc)),
            Op::BranchTrue => return Ok(branch(f.get(a).truthy())),
            Op::BranchFalse => return Ok(branch(!f.get(a).truthy())),
            Op::BranchNil => return Ok(branch(matches!(f.get(a), V::Nil))),
            Op::BranchNotNil => return Ok(branch(!matches!(f.get(a), V::Nil))),
            Op::BranchUndef => return Ok(branch(matches!(f.get(a), V::Undef))),
            Op::BranchNotUndef => return Ok(branch(!matches!(f.get(a), V::Undef))),
            Op::Return => return Ok(Flow::Return(f.get(a))),
            Op::ReturnHome => return Err(Unwind::Return(f.returns_to, f.get(a))),
            Op::BreakBlock => return Err(Unwind::Break(f.id, f.get(a))),
            Op::MakeBlock => {
                let Literal::Code(code) = &f.code.literals[b as usize] else {
                    panic!("a code")
                };
                let closure = Closure {
                    code: Rc::new((**code).clone()),
                    env: f.env.clone(),
                    receiver: f.get(0),
                    home: f.home.clone(),
                    lambda: Cell::new(c == 1),
                    returns_to: f.returns_to,
                    breaks: Cell::new(0),
                    symbol: None,
                };
                assert!(f.env.is_some(), "a block needs an environment around it");
                f.set(a, V::Proc(Rc::new(closure)));
            }
            Op::GetBlock => f.set(a, f.home.block.clone()),
            Op::BlockGiven => f.set(a, truth(!matches!(f.home.block, V::Nil))),
            Op::NewArray => f.set(a, arr((c..c + b).map(|r| f.get(r)).collect())),
            Op::ArrayPush => self.items(&f.get(a)).borrow_mut().push(f.get(b)),
            Op::ArrayConcat => {
                let more = self.items(&f.get(b)).borrow().clone();
                self.items(&f.get(a)).borrow_mut().extend(more);
            }
            Op::ExpandArray => self.expand(f, a, b, c),
            Op::NewHash => f.set(a, V::Hash(Rc::default())),
            Op::NewRange => f.set(a, V::Range(Rc::new((f.get(b), f.get(c), false)))),
            Op::NewRangeExclusive => f.set(a, V::Range(Rc::new((f.get(b), f.get(c), true)))),
            Op::StrConcat => {
                let text: String = (c..c + b).map(|r| self.text(&f.get(r))).collect();
                f.set(a, str(&text));
            }
            Op::Reraise => return Err(Unwind::Raise(f.get(a))),
            Op::EndEnsure => {
                if let V::Pending(unwind) = f.get(a) {
                    return Err((*unwind).clone());
                }
            }
            Op::GetErrInfo => f.set(a, self.err_info.clone()),
            Op::SetErrInfo => self.err_info = f.get(a),
            Op::DefMethod | Op::DefSingleton => self.define(f, op, i),
            Op::DefClass | Op::DefModule | Op::OpenSingleton => self.module_body(f, op, i)?,
            other => panic!("{other:?} is not expected in Ruby"),
        }
        Ok(Flow::Next)
    }

    fn expand(&mut self, f: &mut Frame, a: u16, b: u16, c: u16) {
        let Literal::Integer(shape) = &f.code.literals[c as usize] else {
            panic!("a shape")
        };
        let shape: i64 = shape.try_into().unwrap();
        let (pre, splat, post) = (
            (shape & 0xffff) as usize,
            (shape >> 16 & 1) as usize,
            (shape >> 32) as usize,
        );
        let items = self.items(&f.get(b)).borrow().clone();
        let at = |i: usize| items.get(i).cloned().unwrap_or(V::Nil);
        let mut values: Vec<V> = (0..pre).map(at).collect();
        let rest_end = items.len().saturating_sub(post).max(pre.min(items.len()));
        let middle = items.get(pre..rest_end).unwrap_or_default().to_vec();
        let next = if splat == 1 { pre + middle.len() } else { pre };
        if splat == 1 {
            values.push(arr(middle));
        }
        values.extend((next..next + post).map(at));
        for (k, v) in values.into_iter().enumerate() {
            f.set(a + k as u16, v);
        }
    }

    /// Fast paths are never taken: the Send that follows decides, with the operands copied into its window.
    fn fast_path(&mut self, f: &mut Frame, pc: usize, i: Instr) -> Result<Flow, Unwind> {
        let op = i.op().unwrap();
        let send = f.code.instructions[pc + 1];
        let base = send.c();
        let done = match (op, f.get(if op.is_fused() { i.a() } else { i.b() })) {
            (Op::Splat, V::Arr(items)) => Some(arr(items.borrow().clone())),
            (Op::Splat, V::Nil) => Some(arr(vec![])),
            (Op::ToAry, v @ V::Arr(_)) | (Op::ToStr, v @ V::Str(_)) => Some(v),
            _ => None,
        };
        if let Some(v) = done {
            f.set(send.a(), v);
            return Ok(Flow::To(pc + 2));
        }
        let operands: Vec<V> = match op {
            Op::Splat | Op::ToAry | Op::ToStr | Op::Size => vec![f.get(i.b())],
            Op::AddInt | Op::SubInt => vec![f.get(i.b()), V::Int(i64::from(i.sc()))],
            Op::Aset => vec![f.get(i.b()), f.get(i.c()), f.get(i.a())],
            _ if op.is_fused() => vec![f.get(i.a()), f.get(i.b())],
            _ => vec![f.get(i.b()), f.get(i.c())],
        };
        for (k, v) in operands.into_iter().enumerate() {
            f.set(base + k as u16, v);
        }
        Ok(Flow::Next)
    }
}
