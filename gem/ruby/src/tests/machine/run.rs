//! The loop over instructions, sends, unwinding.

use super::{Class, Closure, Env, Home, Machine, Method, Outcome, Unwind, V, arr, str, sym, truth};
use crate::compile_eval;
use gem_bytecode::{CallSite, Code, CodeKind, HandlerKind, Instr, Literal, Op, site_flags};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

struct Frame {
    code: Rc<Code>,
    regs: Vec<V>,
    home: Rc<Home>,
    env: Option<Rc<Env>>,
    id: usize,
    returns_to: usize,
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
    fn get(&self, r: u16) -> V {
        let v = self.regs[r as usize].clone();
        assert!(
            !matches!(v, V::Trash),
            "register {r} of {} is read but holds nothing\n{}",
            self.code.name,
            gem_bytecode::disassemble(&self.code)
        );
        v
    }
    fn set(&mut self, r: u16, v: V) {
        self.regs[r as usize] = v;
    }
    fn name(&self, literal: u16) -> &str {
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
            Op::Splat | Op::ToAry | Op::ToStr => vec![f.get(i.b())],
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

    fn send_instruction(&mut self, f: &mut Frame, op: Op, i: Instr) -> Result<(), Unwind> {
        let site: CallSite = f.code.sites[i.b() as usize];
        let base = i.c();
        let selector = f.name(site.selector).to_string();
        let mut next = base + 1;
        let mut take = || {
            next += 1;
            next - 1
        };
        let mut args: Vec<V> = (0..site.argc).map(|_| f.get(take())).collect();
        if site.flags & site_flags::SPLAT != 0 {
            args = self.items(&args[0]).borrow().clone();
        }
        let keywords = (site.flags & site_flags::KEYWORDS != 0).then(|| match f.get(take()) {
            V::Hash(pairs) => pairs.borrow().clone(),
            other => panic!("keywords are {}", self.inspect(&other)),
        });
        let mut block = V::Nil;
        if site.flags & site_flags::BLOCK != 0 {
            block = self.as_block(f.get(take()))?;
        }
        self.serial += 1;
        let number = self.serial;
        if site.flags & site_flags::LITERAL_BLOCK != 0
            && let V::Proc(p) = &block
        {
            p.breaks.set(number);
        }
        let receiver = if op == Op::Yield { V::Nil } else { f.get(base) };
        for r in base..f.regs.len() as u16 {
            f.set(r, V::Trash);
        }
        let call = Call {
            args,
            keywords,
            block,
        };
        let outcome = match op {
            Op::Yield => match f.home.block.clone() {
                V::Nil => Err(self.error("LocalJumpError", "no block given (yield)")),
                V::Proc(p) => self.invoke(&p, None, call),
                _ => panic!("a block"),
            },
            Op::SendSuper => {
                let above = f.home.owner.as_ref().and_then(|o| o.superclass.clone());
                assert_eq!(selector, f.home.name);
                self.dispatch(receiver, &selector, call, above)
            }
            _ if selector == "eval" && site.flags & site_flags::SELF_CALL != 0 => {
                self.eval(f, &call.args[0])
            }
            _ => {
                let class = self.class_of(&receiver);
                self.dispatch(receiver, &selector, call, Some(class))
            }
        };
        match outcome {
            Ok(v) => f.set(i.a(), v),
            Err(Unwind::Break(n, v)) if n == number => f.set(i.a(), v),
            Err(u) => return Err(u),
        }
        Ok(())
    }

    fn eval(&mut self, f: &Frame, source: &V) -> Outcome {
        let mut scopes = Vec::new();
        let mut env = f.env.clone();
        while let Some(e) = env {
            scopes.push(e.names.clone());
            env = e.parent.clone();
        }
        let code = compile_eval(self.text(source).as_bytes(), "(eval)", 1, &scopes);
        let code = code.map_err(|e| self.error("SyntaxError", &e.message))?;
        super::super::check(&code);
        assert_eq!(code.kind, CodeKind::Eval);
        self.run(
            &Rc::new(code),
            vec![f.get(0)],
            f.home.clone(),
            f.env.clone(),
            Some(f.returns_to),
        )
    }

    fn as_block(&mut self, v: V) -> Outcome {
        Ok(match v {
            V::Sym(s) => {
                let home = Rc::new(Home {
                    block: V::Nil,
                    name: String::new(),
                    owner: None,
                    cref: Rc::default(),
                    specials: RefCell::new([V::Nil, V::Nil]),
                });
                let code = Rc::new(super::super::script("1"));
                V::Proc(Rc::new(Closure {
                    code,
                    env: None,
                    receiver: V::Nil,
                    home,
                    lambda: Cell::new(true),
                    returns_to: 0,
                    breaks: Cell::new(0),
                    symbol: Some(s),
                }))
            }
            other => other,
        })
    }

    pub fn call_block(&mut self, block: &V, args: Vec<V>) -> Outcome {
        let V::Proc(p) = block else {
            return Err(self.error("LocalJumpError", "no block given"));
        };
        self.invoke(
            &p.clone(),
            None,
            Call {
                args,
                keywords: None,
                block: V::Nil,
            },
        )
    }

    /// Runs a closure, with another self (`define_method`) when one is given.
    pub fn invoke(&mut self, p: &Rc<Closure>, receiver: Option<V>, mut call: Call) -> Outcome {
        if let Some(name) = &p.symbol {
            let object = call.args.remove(0);
            return self.send(object, name, call.args);
        }
        let lambda = p.lambda.get();
        let receiver = receiver.unwrap_or_else(|| p.receiver.clone());
        let regs = self.bind(
            &p.code,
            receiver,
            call.args,
            call.keywords,
            call.block,
            lambda,
        )?;
        let (mut frame_returns, breaks) = (Some(p.returns_to), p.breaks.get());
        if lambda {
            frame_returns = None;
        }
        self.serial += 1;
        let own = self.serial + 1;
        self.serial = own - 1;
        match self.run(&p.code, regs, p.home.clone(), p.env.clone(), frame_returns) {
            // `run` numbers its frame next
            Err(Unwind::Break(id, v)) if id == own => {
                if lambda {
                    Ok(v)
                } else {
                    Err(Unwind::Break(breaks, v))
                }
            }
            other => other,
        }
    }

    fn define(&mut self, f: &mut Frame, op: Op, i: Instr) {
        let Literal::Code(code) = f.code.literals[i.b() as usize].clone() else {
            panic!("a code")
        };
        let name = f.name(i.c()).to_string();
        let cref = f.home.cref.clone();
        let owner = cref.last().unwrap().clone();
        let method = Method::Code(Rc::new(*code), cref, owner.clone());
        if op == Op::DefMethod {
            owner.methods.borrow_mut().insert(name.clone(), method);
        } else {
            match f.get(i.a()) {
                V::Class(k) => drop(k.singleton.borrow_mut().insert(name.clone(), method)),
                V::Obj(o) => drop(o.singleton.borrow_mut().insert(name.clone(), method)),
                _ => panic!("no singleton"),
            }
        }
        f.set(i.a(), sym(&name));
    }

    fn module_body(&mut self, f: &mut Frame, op: Op, i: Instr) -> Result<(), Unwind> {
        let Literal::Code(code) = f.code.literals[i.b() as usize].clone() else {
            panic!("a code")
        };
        let class = if op == Op::OpenSingleton {
            let V::Class(k) = f.get(i.c()) else {
                panic!("only classes here")
            };
            Rc::new(Class {
                name: k.name.clone(),
                superclass: None,
                methods: RefCell::default(),
                singleton: RefCell::default(),
                constants: RefCell::default(),
                variables: RefCell::default(),
            })
        } else {
            let scope = match f.get(i.c() + 1) {
                V::Class(scope) => scope,
                _ => f.home.cref.last().unwrap().clone(),
            };
            let superclass = if let V::Class(s) = f.get(i.c()) {
                s
            } else {
                self.object.clone()
            };
            let found = scope.constants.borrow().get(&code.name).cloned();
            match found {
                Some(V::Class(k)) => k,
                _ => self.new_class(&scope, &code.name, Some(superclass)),
            }
        };
        let mut cref = (*f.home.cref).clone();
        cref.push(class.clone());
        let home = Rc::new(Home {
            block: V::Nil,
            name: code.name.clone(),
            owner: None,
            cref: Rc::new(cref),
            specials: RefCell::new([V::Nil, V::Nil]),
        });
        let value = self.run(
            &Rc::new(*code),
            vec![V::Class(class.clone())],
            home,
            None,
            None,
        )?;
        if op == Op::OpenSingleton
            && let V::Class(k) = f.get(i.c())
        {
            k.singleton
                .borrow_mut()
                .extend(class.methods.borrow().clone());
        }
        for r in i.c()..f.regs.len() as u16 {
            f.set(r, V::Trash);
        }
        f.set(i.a(), value);
        Ok(())
    }

    fn defined(&mut self, f: &Frame, a: u16, name: &str, kind: u16) -> V {
        let word = |yes: bool, word: &str| if yes { str(word) } else { V::Nil };
        match kind {
            0 => word(
                !matches!(self.ivar(&f.get(0), name), V::Nil),
                "instance-variable",
            ),
            1 => word(self.globals.contains_key(name), "global-variable"),
            2 => word(
                self.constant(&f.home.cref.clone(), name).is_ok(),
                "constant",
            ),
            3 => word(
                f.home
                    .cref
                    .last()
                    .unwrap()
                    .variables
                    .borrow()
                    .contains_key(name),
                "class variable",
            ),
            4 => word(self.responds(&f.get(0), name), "method"),
            5 => word(!matches!(f.home.block, V::Nil), "yield"),
            6 => {
                let above = f.home.owner.as_ref().and_then(|o| o.superclass.clone());
                word(
                    above.is_some_and(|k| self.find(&k, name).is_some()),
                    "super",
                )
            }
            7 => word(self.constant_in(&f.get(a), name).is_ok(), "constant"),
            8 => word(self.responds(&f.get(a), name), "method"),
            _ => V::Nil,
        }
    }
}
