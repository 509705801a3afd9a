//! Sends, blocks, eval.

use super::run::{Call, Frame};
use super::{Closure, Home, Machine, Outcome, Unwind, V};
use crate::compile_eval;
use gem_bytecode::{CallSite, CodeKind, Instr, Op, site_flags};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

impl Machine {
    pub fn send_instruction(&mut self, f: &mut Frame, op: Op, i: Instr) -> Result<(), Unwind> {
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
}
