//! Sends, yields, calls of closures.

use crate::frame::Frame;
use crate::run::Flow;
use crate::{Binding, Body, Call, Class, Closure, ErrorKind, Home, Library, Loaded, Machine};
use crate::{Object, Outcome, Unwind, Value};
use gem_bytecode::{CodeKind, Instr, Op, Params, site_flags};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

impl<L: Library> Machine<L> {
    /// Send, SendSuper and Yield.
    pub(crate) fn send_instruction(&mut self, op: Op, i: Instr) -> Result<Flow, Unwind> {
        let site = self.site(i.b());
        let base = i.c();
        let has = |flag: u16| site.flags & flag != 0;
        assert!(base > 0, "a window over self");
        let receiver = match op {
            Op::Yield => Value::Nil,
            _ => self.get(base),
        };
        let mut call = Call::new(site.flags as u8 & 1, Vec::new());
        call.upward = op == Op::SendSuper;
        let mut next = base;
        let mut take = |vm: &Self| {
            next += 1;
            vm.get(next)
        };
        for _ in 0..site.argc {
            call.args.push(take(self));
        }
        if has(site_flags::SPLAT) {
            assert_eq!(site.argc, 1, "a splat is one Array");
            let all = self.elements(&call.args[0]);
            call.args = all;
        }
        if has(site_flags::KEYWORDS) {
            let Value::Hash(pairs) = take(self) else {
                panic!("keywords are no Hash");
            };
            call.keywords = Some(pairs.borrow().clone()).filter(|pairs| !pairs.is_empty());
        }
        let given = has(site_flags::BLOCK).then(|| take(self));
        let number = self.number();
        if let Some(given) = given {
            call.block = self.as_block(given)?;
        }
        if has(site_flags::LITERAL_BLOCK)
            && let Value::Closure(closure) = &call.block
        {
            closure.call.set(number);
        }
        if call.upward {
            assert!(receiver.same(&self.get(0)), "super is sent to self");
        }
        self.destroy_from(base);
        self.calls.push(number);
        let selector = self.name(site.selector);
        let outcome = self.perform(op, receiver, &selector, call);
        self.calls.pop();
        let value = match outcome {
            Err(Unwind::Break { call, value }) if call == number => value,
            other => other?,
        };
        self.set(i.a(), value);
        Ok(Flow::Next)
    }

    fn perform(&mut self, op: Op, receiver: Value, selector: &str, call: Call) -> Outcome {
        let home = self.top().home.clone();
        match op {
            Op::Yield => match &home.block {
                Value::Closure(closure) => self.invoke(closure, None, call),
                _ => Err(self.error(ErrorKind::NoBlock, "no block given (yield)")),
            },
            Op::SendSuper => {
                let Some(owner) = &home.owner else {
                    let text = "super called outside of method";
                    return Err(self.error(ErrorKind::NoMethodAround, text));
                };
                let selector = match call.environment {
                    // Ruby's super never names another selector than the running method's.
                    1 => &home.name,
                    _ => selector,
                };
                self.dispatch(receiver, selector, call, owner.superclass.clone())
            }
            _ => self.send_call(receiver, selector, call),
        }
    }

    /// A block argument as the callee gets it.
    fn as_block(&mut self, given: Value) -> Outcome {
        match given {
            Value::Symbol(symbol) => Ok(self.symbol_closure(symbol)),
            Value::Nil | Value::Closure(_) => Ok(given),
            other => {
                let class = self.class_of(&other);
                if self.find(&class, 1, "to_proc").is_none()
                    && !L::responds(self, &other, "to_proc")
                {
                    let text = "no implicit conversion into Proc";
                    return Err(self.error(ErrorKind::NotBlock, text));
                }
                self.send_call(other, "to_proc", Call::new(1, vec![]))
            }
        }
    }

    /// `&:symbol`
    fn symbol_closure(&self, symbol: Rc<str>) -> Value {
        let nothing = gem_bytecode::Assembler::new("", CodeKind::Block, 1, Params::default());
        let code = nothing.finish().expect("an empty code");
        Value::Closure(Rc::new(Closure {
            code: Loaded::new(&code),
            env: None,
            receiver: Value::Nil,
            home: Rc::new(Home::new("", None, self.top_scope(), Value::Nil)),
            lambda: Cell::new(true),
            returns_to: 0,
            call: Cell::new(0),
            symbol: Some(symbol),
        }))
    }

    /// A send with arguments only.
    ///
    /// # Errors
    /// What leaves the method.
    pub fn send(
        &mut self,
        environment: u8,
        receiver: Value,
        selector: &str,
        args: Vec<Value>,
    ) -> Outcome {
        self.send_call(receiver, selector, Call::new(environment, args))
    }

    /// # Errors
    /// What leaves the method.
    pub fn send_call(&mut self, receiver: Value, selector: &str, call: Call) -> Outcome {
        let class = self.class_of(&receiver);
        self.dispatch(receiver, selector, call, Some(class))
    }

    /// Looks for a method from `from` up, else in the library.
    fn dispatch(
        &mut self,
        receiver: Value,
        selector: &str,
        call: Call,
        from: Option<Rc<Class>>,
    ) -> Outcome {
        let found = from.and_then(|class| self.find(&class, call.environment, selector));
        match found {
            Some((Body::Undefined, _)) => self.not_understood(receiver, selector, call),
            Some((body, owner)) => self.execute(receiver, selector, call, body, owner),
            None => match L::send(self, &receiver, selector, &call) {
                Some(outcome) => outcome,
                None => self.not_understood(receiver, selector, call),
            },
        }
    }

    fn execute(
        &mut self,
        receiver: Value,
        selector: &str,
        call: Call,
        body: Body,
        owner: Rc<Class>,
    ) -> Outcome {
        match body {
            Body::Code(code, scope) => {
                let registers = self.bind(&code.code, receiver.clone(), &call, false)?;
                if let Some(primitive) = &code.code.primitive
                    && let Some(outcome) = L::primitive(self, primitive, &receiver, &call)
                {
                    return outcome;
                }
                let home = Home::new(selector, Some(owner), scope, call.block);
                self.run(code, registers, Rc::new(home))
            }
            Body::Closure(closure) => {
                closure.lambda.set(true);
                self.invoke(&closure, Some(receiver), call)
            }
            Body::Native(name) => {
                let outcome = L::send(self, &receiver, &name, &call);
                outcome.expect("the library knows its own methods")
            }
            Body::Undefined => unreachable!("lookup ended there"),
        }
    }

    /// Sends `doesNotUnderstand:` or `method_missing` when the program has such a method.
    fn not_understood(&mut self, receiver: Value, selector: &str, mut call: Call) -> Outcome {
        let class = self.class_of(&receiver);
        let asked = ["doesNotUnderstand:", "method_missing"][call.environment as usize];
        if self.find(&class, call.environment, asked).is_none() {
            let name = L::name_of(&receiver).unwrap_or_else(|| class.name.clone());
            let text = format!("{name} does not understand {selector}");
            return Err(self.error(ErrorKind::NotUnderstood, &text));
        }
        let name = Value::symbol(selector);
        if call.environment == 0 {
            let slots = vec![name, Value::array(std::mem::take(&mut call.args))];
            call.args.push(Value::Object(Rc::new(Object {
                class: self.named("Message"),
                slots: RefCell::new(slots),
                ivars: RefCell::default(),
                singleton: RefCell::default(),
            })));
        } else {
            call.args.insert(0, name);
        }
        self.send_call(receiver, asked, call)
    }

    /// # Errors
    /// What leaves the block; a break of it ends the call that the block was given to.
    pub fn call_block(&mut self, block: &Value, args: Vec<Value>) -> Outcome {
        match block {
            Value::Closure(closure) => self.invoke(closure, None, Call::new(1, args)),
            _ => Err(self.error(ErrorKind::NoBlock, "no block given")),
        }
    }

    /// Runs a closure, with another self (`define_method`) when one is given.
    ///
    /// # Errors
    /// What leaves the block.
    pub fn invoke(
        &mut self,
        closure: &Rc<Closure>,
        receiver: Option<Value>,
        mut call: Call,
    ) -> Outcome {
        if let Some(symbol) = &closure.symbol {
            if call.args.is_empty() {
                return Err(self.error(ErrorKind::WrongArguments, "no receiver given"));
            }
            let receiver = call.args.remove(0);
            call.environment = 1;
            return self.send_call(receiver, symbol, call);
        }
        let frame = self.closure_frame(closure, receiver, call)?;
        self.run_frame(frame)
    }

    /// Runs a handler block for the handler of that number in the frame at that index.
    pub(crate) fn invoke_handling(
        &mut self,
        closure: &Rc<Closure>,
        call: Call,
        handling: (usize, usize),
    ) -> Outcome {
        let mut frame = self.closure_frame(closure, None, call)?;
        frame.handling = Some(handling);
        self.run_frame(frame)
    }

    fn closure_frame(
        &mut self,
        closure: &Rc<Closure>,
        receiver: Option<Value>,
        call: Call,
    ) -> Result<Frame, Unwind> {
        let lambda = closure.lambda.get();
        let receiver = receiver.unwrap_or_else(|| closure.receiver.clone());
        let registers = self.bind(&closure.code.code, receiver, &call, lambda)?;
        let id = self.number();
        Ok(Frame {
            code: closure.code.clone(),
            registers: registers.into_iter().map(Some).collect(),
            reserved: 0..0,
            pc: 0,
            env: closure.env.clone(),
            made_env: false,
            home: closure.home.clone(),
            id,
            returns_to: if lambda { id } else { closure.returns_to },
            closure: Some(closure.clone()),
            handling: None,
        })
    }

    /// ReturnHome.
    pub(crate) fn return_home(&mut self, value: Value) -> Unwind {
        let frame = self.top().returns_to;
        if self.frames.iter().any(|f| f.id == frame) {
            return Unwind::Return { frame, value };
        }
        self.error(ErrorKind::DeadHome, "unexpected return")
    }

    /// BreakBlock.
    pub(crate) fn break_block(&mut self, value: Value) -> Unwind {
        let frame = self.top();
        match frame.closure.clone().filter(|c| !c.lambda.get()) {
            None => Unwind::Return {
                frame: frame.id,
                value,
            },
            Some(closure) if self.calls.contains(&closure.call.get()) => Unwind::Break {
                call: closure.call.get(),
                value,
            },
            Some(_) => self.error(ErrorKind::DeadCall, "break from proc-closure"),
        }
    }

    /// A Binding of the running frame: for a library, of the frame that sent.
    pub fn binding(&self) -> Binding {
        let frame = self.top();
        Binding {
            receiver: self.get(0),
            env: frame.env.clone(),
            home: frame.home.clone(),
            returns_to: frame.returns_to,
        }
    }
}
