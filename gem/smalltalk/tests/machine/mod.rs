//! A small machine that runs what the compiler makes, to see that it means what the source says.
//!
//! It is strict where a real one is fast: registers start poisoned and are poisoned again above the base of every send, and
//! reading a poisoned one panics. In slow mode no fast path ever applies.
#![allow(dead_code)]

use gem_bytecode::{Code, CodeKind, HandlerKind, Instr, Literal, Op, verify};
use gem_smalltalk::{MethodOptions, Scope, Variable, compile_doit, compile_method};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

mod objects;
pub use objects::Value;

pub struct Env {
    pub variables: RefCell<Vec<Value>>,
    parent: Option<Rc<Env>>,
    home: u64,
}

pub struct Closure {
    pub code: Rc<Code>,
    env: Rc<Env>,
    receiver: Value,
}

pub enum Unwind {
    Home(u64, Value),
    Error(String),
    Throw(Value, Value),
}

pub struct Machine {
    pub slow: bool,
    pub methods: HashMap<String, Rc<Code>>,
    pub super_methods: HashMap<String, Rc<Code>>,
    pub globals: HashMap<String, Value>,
    pub log: String,
    next_home: u64,
    steps: u64,
}

/// Instance variables `a` and `b`, class variable `C`, and every other capitalized name a global.
pub struct Names;

impl Scope for Names {
    fn resolve(&self, name: &str) -> Option<Variable> {
        match name {
            "a" => Some(Variable::InstVar(0)),
            "b" => Some(Variable::InstVar(1)),
            "C" => Some(Variable::ClassVar {
                class: "Test".into(),
                name: "C".into(),
            }),
            _ if name.starts_with(char::is_uppercase) => Some(Variable::Global(name.into())),
            _ => None,
        }
    }
}

/// Verifies a code and its closures, and the rules about environments that the verifier leaves to compilers.
pub fn check(code: &Code) {
    verify(code, code.literals.len()).unwrap();
    let op = |i: &Instr| i.op().unwrap();
    let makes_blocks = code.instructions.iter().any(|i| op(i) == Op::MakeBlock);
    let first_use = code
        .instructions
        .iter()
        .position(|i| matches!(op(i), Op::MakeBlock | Op::GetEnv | Op::SetEnv));
    let made = code.instructions.iter().position(|i| op(i) == Op::MakeEnv);
    if code.kind != CodeKind::Block {
        assert!(
            !makes_blocks || made.is_some(),
            "a home without environment"
        );
    }
    if let (Some(made), Some(used)) = (made, first_use) {
        assert!(made < used, "an environment is used before it is made");
    }
    for (pc, i) in code.instructions.iter().enumerate() {
        assert!(code.line_at(pc as u32) > 0, "an instruction without line");
        if op(i).is_fused() {
            let branch = code.instructions[pc + 2];
            assert_eq!(op(&branch), Op::BoolBranchFalse);
            assert_eq!(branch.imm(), i.sc() as i32, "the slow path goes elsewhere");
        }
    }
    for literal in &code.literals {
        if let Literal::Code(inner) = literal {
            assert_eq!((inner.kind, &inner.name), (CodeKind::Block, &code.name));
            check(inner);
        }
    }
}

impl Machine {
    pub fn new(slow: bool) -> Machine {
        Machine {
            slow,
            methods: HashMap::new(),
            super_methods: HashMap::new(),
            globals: HashMap::new(),
            log: String::new(),
            next_home: 0,
            steps: 0,
        }
    }

    pub fn define(&mut self, source: &str) {
        let method = compile_method(source, &Names, &MethodOptions::default())
            .unwrap_or_else(|e| panic!("{}", e.with_caret(source)));
        check(&method.code);
        self.methods.insert(method.selector, Rc::new(method.code));
    }

    /// Runs a doit and shows its value, or the error that ended it.
    pub fn eval(&mut self, source: &str) -> String {
        let code = compile_doit(source, &Names, "test")
            .unwrap_or_else(|e| panic!("{}", e.with_caret(source)));
        check(&code);
        let object = Value::Object(Rc::new(RefCell::new(vec![Value::Nil, Value::Nil])));
        match self.run(&Rc::new(code), vec![object], None) {
            Ok(value) => value.show(),
            Err(Unwind::Error(message)) => format!("error: {message}"),
            Err(Unwind::Throw(..)) => "error: nobody catches".to_string(),
            Err(Unwind::Home(..)) => "error: dead home".to_string(),
        }
    }

    pub fn call(&mut self, closure: &Closure, args: &[Value]) -> Result<Value, Unwind> {
        let mut window = vec![closure.receiver.clone()];
        window.extend_from_slice(args);
        if closure.code.params.required as usize != args.len() {
            return Err(Unwind::Error("wrong number of arguments".into()));
        }
        self.run(&closure.code, window, Some(closure.env.clone()))
    }

    fn run(
        &mut self,
        code: &Rc<Code>,
        window: Vec<Value>,
        env: Option<Rc<Env>>,
    ) -> Result<Value, Unwind> {
        self.next_home += 1;
        let home = match &env {
            Some(env) => env.home,
            None => self.next_home,
        };
        let mut frame = Frame {
            code: code.clone(),
            registers: window,
            env,
            home,
            pending: Vec::new(),
        };
        frame
            .registers
            .resize(code.registers as usize, Value::Poison);
        let mut pc = 0;
        loop {
            self.steps += 1;
            assert!(self.steps < 1_000_000, "runs too long");
            match frame.step(self, &mut pc) {
                Ok(None) => {}
                Ok(Some(value)) => return Ok(value),
                Err(Unwind::Home(id, value)) if code.kind != CodeKind::Block && id == home => {
                    return Ok(value);
                }
                Err(unwind) => pc = frame.handle(self, pc - 1, unwind)?,
            }
        }
    }
}

struct Frame {
    code: Rc<Code>,
    registers: Vec<Value>,
    env: Option<Rc<Env>>,
    home: u64,
    pending: Vec<Unwind>,
}

impl Frame {
    fn get(&self, register: u16) -> Value {
        let value = &self.registers[register as usize];
        assert!(!matches!(value, Value::Poison), "r{register} was never set");
        value.clone()
    }

    fn set(&mut self, register: u16, value: Value) {
        self.registers[register as usize] = value;
    }

    fn env_at(&self, level: u16) -> Rc<Env> {
        let mut env = self.env.clone().expect("an environment");
        for _ in 0..level {
            env = env.parent.clone().expect("an outer environment");
        }
        env
    }

    fn association(&self, literal: u16) -> String {
        match &self.code.literals[literal as usize] {
            Literal::Global(name) => name.clone(),
            Literal::ClassVariable { class, name } => format!("{class}.{name}"),
            other => panic!("{other:?} is no association"),
        }
    }

    fn handle(&mut self, vm: &mut Machine, at: usize, unwind: Unwind) -> Result<usize, Unwind> {
        let code = self.code.clone();
        let covers = |h: &&gem_bytecode::Handler| (h.start as usize..h.end as usize).contains(&at);
        for h in code.handlers.iter().filter(covers) {
            match (h.kind, &unwind) {
                (HandlerKind::Ensure | HandlerKind::Curtail, _) => {
                    self.set(h.reg, Value::True);
                    self.pending.push(unwind);
                    return Ok(h.target as usize);
                }
                (HandlerKind::OnDo, Unwind::Error(m))
                    if self.get(h.reg).show() == format!("#{m}") =>
                {
                    let block = self.get(h.reg + 1);
                    let value = vm.send(block, "value:", &[Value::Symbol(m.clone())])?;
                    self.set(h.reg + 2, value);
                    return Ok(h.target as usize);
                }
                (HandlerKind::Catch, Unwind::Throw(tag, value)) if self.get(h.reg).same(tag) => {
                    self.set(h.reg + 1, value.clone());
                    return Ok(h.target as usize);
                }
                _ => {}
            }
        }
        Err(unwind)
    }

    fn step(&mut self, vm: &mut Machine, pc: &mut usize) -> Result<Option<Value>, Unwind> {
        let i = self.code.instructions[*pc];
        let op = i.op().unwrap();
        *pc += 1;
        if op.operands().send_follows {
            return self.fast(vm, op, i, pc).map(|()| None);
        }
        let (a, b, c) = (i.a(), i.b(), i.c());
        let jump = |pc: &mut usize| *pc = (*pc as i64 + i.imm() as i64) as usize;
        match op {
            Op::Move => self.set(a, self.get(b)),
            Op::LoadLit => self.set(a, Value::of(&self.code.literals[b as usize])),
            Op::LoadInt => self.set(a, Value::Int(i.imm() as i64)),
            Op::LoadNil => self.set(a, Value::Nil),
            Op::LoadTrue => self.set(a, Value::True),
            Op::LoadFalse => self.set(a, Value::False),
            Op::LoadNils => (a..a + b).for_each(|r| self.set(r, Value::Nil)),
            Op::MakeEnv => {
                self.env = Some(Rc::new(Env {
                    variables: RefCell::new(vec![Value::Nil; b as usize]),
                    parent: self.env.take(),
                    home: self.home,
                }));
            }
            Op::GetEnv => {
                let value = self.env_at(b).variables.borrow()[c as usize].clone();
                self.set(a, value);
            }
            Op::SetEnv => self.env_at(b).variables.borrow_mut()[c as usize] = self.get(a),
            Op::GetSlot => self.set(a, self.get(0).slots().borrow()[b as usize].clone()),
            Op::SetSlot => self.get(0).slots().borrow_mut()[b as usize] = self.get(a),
            Op::GetAssoc => {
                let name = self.association(b);
                self.set(a, vm.globals.get(&name).cloned().unwrap_or(Value::Nil));
            }
            Op::SetAssoc => {
                vm.globals.insert(self.association(b), self.get(a));
            }
            Op::Send | Op::SendSuper => self.send(vm, op == Op::SendSuper, a, b, c)?,
            Op::Identical => self.set(a, Value::of_bool(self.get(b).same(&self.get(c)))),
            Op::NotIdentical => self.set(a, Value::of_bool(!self.get(b).same(&self.get(c)))),
            Op::Not => self.set(a, Value::of_bool(!self.get(b).is_true()?)),
            Op::IsNil => self.set(a, Value::of_bool(matches!(self.get(b), Value::Nil))),
            Op::Jump => jump(pc),
            Op::BranchNil if matches!(self.get(a), Value::Nil) => jump(pc),
            Op::BranchNotNil if !matches!(self.get(a), Value::Nil) => jump(pc),
            Op::BoolBranchTrue | Op::BranchTrue if self.get(a).is_true()? => jump(pc),
            Op::BoolBranchFalse | Op::BranchFalse if !self.get(a).is_true()? => jump(pc),
            Op::BranchNil | Op::BranchNotNil => {}
            Op::BoolBranchTrue | Op::BranchTrue | Op::BoolBranchFalse | Op::BranchFalse => {}
            Op::Return => return Ok(Some(self.get(a))),
            Op::ReturnSelf => return Ok(Some(self.get(0))),
            Op::ReturnHome => return Err(Unwind::Home(self.home, self.get(a))),
            Op::MakeBlock => {
                let Literal::Code(code) = &self.code.literals[b as usize] else {
                    panic!("a block without code")
                };
                let closure = Closure {
                    code: Rc::new((**code).clone()),
                    env: self.env_at(0),
                    receiver: self.get(0),
                };
                self.set(a, Value::Closure(Rc::new(closure)));
            }
            Op::NewArray => {
                let elements = (c..c + b).map(|r| self.get(r)).collect();
                self.set(a, Value::array(elements));
            }
            Op::ArrayConcat => {
                let more = self.get(b).slots().borrow().clone();
                self.get(a).slots().borrow_mut().extend(more);
            }
            Op::EndEnsure => {
                if !matches!(self.get(a), Value::Nil) {
                    return Err(self.pending.pop().expect("something pending"));
                }
            }
            other => panic!("{other:?} is not for Smalltalk"),
        }
        Ok(None)
    }

    fn send(
        &mut self,
        vm: &mut Machine,
        up: bool,
        a: u16,
        site: u16,
        base: u16,
    ) -> Result<(), Unwind> {
        let site = self.code.sites[site as usize];
        let Literal::Symbol(selector) = self.code.literals[site.selector as usize].clone() else {
            panic!("a selector that is no symbol")
        };
        let receiver = self.get(base);
        let args: Vec<Value> = (1..=site.argc).map(|k| self.get(base + k)).collect();
        self.registers[base as usize..].fill(Value::Poison);
        let result = match (up, site.flags) {
            (true, _) => {
                assert!(receiver.same(&self.get(0)), "super is sent to self");
                vm.send_super(receiver, &selector, &args)
            }
            (_, 0) => vm.send(receiver, &selector, &args),
            _ => Ok(Value::Symbol(format!("ruby {selector}/{}", site.argc))),
        }?;
        self.set(a, result);
        Ok(())
    }

    /// An instruction with a fast path; the Send behind it is either skipped or prepared.
    fn fast(&mut self, vm: &mut Machine, op: Op, i: Instr, pc: &mut usize) -> Result<(), Unwind> {
        let next = self.code.instructions[*pc];
        let (dst, base) = (next.a(), next.c());
        let operands = match op {
            Op::AddInt | Op::SubInt => vec![self.get(i.b()), Value::Int(i.sc() as i64)],
            Op::AtPut => vec![self.get(i.b()), self.get(i.c()), self.get(i.a())],
            Op::Size => vec![self.get(i.b())],
            _ if op.is_fused() => vec![self.get(i.a()), self.get(i.b())],
            _ => vec![self.get(i.b()), self.get(i.c())],
        };
        if op != Op::AtPut && !op.is_fused() {
            assert_eq!(i.a(), dst, "a fast path with another destination");
        }
        let numbers = matches!(operands[..], [Value::Int(_), Value::Int(_), ..]);
        if vm.slow || !numbers || op == Op::AtPut {
            for (k, value) in operands.into_iter().enumerate() {
                self.set(base + k as u16, value);
            }
            return Ok(());
        }
        let selector = match op {
            Op::Add | Op::AddInt => "+",
            Op::Sub | Op::SubInt => "-",
            Op::Mul => "*",
            Op::IntDiv => "//",
            Op::Mod => "\\\\",
            Op::Lt | Op::JumpUnlessLt => "<",
            Op::Le | Op::JumpUnlessLe => "<=",
            Op::Gt | Op::JumpUnlessGt => ">",
            Op::Ge | Op::JumpUnlessGe => ">=",
            Op::Eq | Op::JumpUnlessEq => "=",
            Op::Ne | Op::JumpUnlessNe => "~=",
            Op::BitAnd => "bitAnd:",
            Op::BitOr => "bitOr:",
            Op::BitXor => "bitXor:",
            other => panic!("{other:?} is not for Smalltalk"),
        };
        let result = vm.send(operands[0].clone(), selector, &operands[1..])?;
        if !op.is_fused() {
            self.set(dst, result);
            *pc += 1;
        } else if result.is_true()? {
            *pc += 2;
        } else {
            *pc = (*pc as i64 + 2 + i.sc() as i64) as usize;
        }
        Ok(())
    }
}
