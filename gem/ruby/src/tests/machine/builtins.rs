//! As much of a class library as the programs need.

use super::run::Call;
use super::{Class, Home, Machine, Method, Obj, Outcome, Unwind, V, arr, str, sym, truth};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

const CLASSES: [(&str, &str); 22] = [
    ("Kernel", "Object"),
    ("Exception", "Object"),
    ("StandardError", "Exception"),
    ("ArgumentError", "StandardError"),
    ("TypeError", "StandardError"),
    ("NameError", "StandardError"),
    ("NoMethodError", "NameError"),
    ("RuntimeError", "StandardError"),
    ("LocalJumpError", "StandardError"),
    ("SyntaxError", "Exception"),
    ("NoMatchingPatternError", "StandardError"),
    ("NoMatchingPatternKeyError", "NoMatchingPatternError"),
    ("Integer", "Object"),
    ("String", "Object"),
    ("Symbol", "Object"),
    ("Array", "Object"),
    ("Hash", "Object"),
    ("Range", "Object"),
    ("Proc", "Object"),
    ("Class", "Object"),
    ("NilClass", "Object"),
    ("Boolean", "Object"),
];

impl Machine {
    pub fn new() -> Machine {
        let object = Rc::new(Class::plain("Object", None));
        object
            .constants
            .borrow_mut()
            .insert("Object".into(), V::Class(object.clone()));
        let mut machine = Machine {
            out: String::new(),
            object: object.clone(),
            globals: HashMap::new(),
            once: HashMap::new(),
            at_exit: vec![],
            err_info: V::Nil,
            serial: 0,
            depth: 0,
        };
        for (name, above) in CLASSES {
            let above = machine.named(above);
            machine.new_class(&object, name, Some(above));
        }
        machine
    }

    pub fn new_class(
        &mut self,
        scope: &Rc<Class>,
        name: &str,
        superclass: Option<Rc<Class>>,
    ) -> Rc<Class> {
        let class = Rc::new(Class::plain(name, superclass));
        let constant = V::Class(class.clone());
        scope.constants.borrow_mut().insert(name.into(), constant);
        class
    }

    pub fn named(&self, name: &str) -> Rc<Class> {
        match self.object.constants.borrow().get(name) {
            Some(V::Class(k)) => k.clone(),
            _ => panic!("no class {name}"),
        }
    }

    pub fn instance(&self, class: Rc<Class>) -> Rc<Obj> {
        Rc::new(Obj {
            class,
            ivars: RefCell::default(),
            singleton: RefCell::default(),
        })
    }

    pub fn error(&mut self, class: &str, message: &str) -> Unwind {
        let e = self.instance(self.named(class));
        e.ivars.borrow_mut().insert("@message".into(), str(message));
        self.err_info = V::Obj(e.clone());
        Unwind::Raise(V::Obj(e))
    }

    pub fn send(&mut self, receiver: V, name: &str, args: Vec<V>) -> Outcome {
        let class = self.class_of(&receiver);
        self.dispatch(
            receiver,
            name,
            Call {
                args,
                keywords: None,
                block: V::Nil,
            },
            Some(class),
        )
    }

    pub fn dispatch(
        &mut self,
        receiver: V,
        name: &str,
        call: Call,
        class: Option<Rc<Class>>,
    ) -> Outcome {
        let own = class
            .as_ref()
            .is_some_and(|k| Rc::ptr_eq(k, &self.class_of(&receiver)));
        let method = if own {
            self.singleton_method(&receiver, name)
        } else {
            None
        };
        let method = method.or_else(|| class.and_then(|k| self.find(&k, name)));
        match method {
            Some(Method::Code(code, cref, owner)) => {
                let regs = self.bind(
                    &code,
                    receiver,
                    call.args,
                    call.keywords,
                    call.block.clone(),
                    false,
                )?;
                let home = Rc::new(Home {
                    block: call.block,
                    name: code.name.clone(),
                    owner: Some(owner),
                    cref,
                    specials: RefCell::new([V::Nil, V::Nil]),
                });
                self.run(&code, regs, home, None, None)
            }
            Some(Method::Proc(p)) => {
                p.lambda.set(true);
                self.invoke(&p, Some(receiver), call)
            }
            Some(Method::Reader(ivar)) => Ok(self.ivar(&receiver, &ivar)),
            Some(Method::Writer(ivar)) => {
                self.set_ivar(&receiver, &ivar, call.args[0].clone());
                Ok(str("the writer's own value"))
            }
            Some(Method::Undefined) => {
                Err(self.error("NoMethodError", &format!("undefined method {name}")))
            }
            None => self.builtin(receiver, name, call),
        }
    }

    fn builtin(&mut self, receiver: V, name: &str, call: Call) -> Outcome {
        if let Some(outcome) = self.on_kind(&receiver, name, &call) {
            return outcome;
        }
        let args = call.args;
        let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
        Ok(match name {
            "p" => {
                for a in &args {
                    let line = self.inspect(a) + "\n";
                    self.out.push_str(&line);
                }
                if args.len() > 1 { arr(args) } else { arg(0) }
            }
            "raise" => return Err(self.raise(&args)),
            "lambda" | "proc" => {
                if let (V::Proc(p), "lambda") = (&call.block, name) {
                    p.lambda.set(true);
                }
                call.block
            }
            "loop" => loop {
                self.call_block(&call.block, vec![])?;
            },
            "__method__" | "__parser_warning" | "__verbose_parser_warning" => V::Nil,
            "!" => truth(!receiver.truthy()),
            "==" | "===" | "equal?" => truth(self.equal(&receiver, &arg(0))),
            "!=" => truth(!self.send(receiver, "==", args)?.truthy()),
            "=~" => V::Nil,
            "nil?" => truth(matches!(receiver, V::Nil)),
            "class" => V::Class(self.class_of(&receiver)),
            "inspect" => str(&self.inspect(&receiver)),
            "to_s" => str(&self.text(&receiver)),
            "is_a?" => match arg(0) {
                V::Class(k) => truth(self.is_a(&receiver, &k)),
                _ => V::False,
            },
            "respond_to?" => truth(self.responds(&receiver, &self.text(&arg(0)))),
            "instance_variable_get" => self.ivar(&receiver, &self.text(&arg(0))),
            "send" | "__send__" => {
                let rest = args[1..].to_vec();
                let class = self.class_of(&receiver);
                return self.dispatch(
                    receiver,
                    &self.text(&args[0]),
                    Call {
                        args: rest,
                        keywords: call.keywords,
                        block: call.block,
                    },
                    Some(class),
                );
            }
            "instance_eval" => match &call.block {
                V::Proc(p) => {
                    return self.invoke(
                        &p.clone(),
                        Some(receiver.clone()),
                        Call {
                            args: vec![receiver],
                            keywords: None,
                            block: V::Nil,
                        },
                    );
                }
                _ => V::Nil,
            },
            "__splat" if matches!(receiver, V::Range(_)) || self.responds(&receiver, "to_a") => {
                self.send(receiver, "to_a", vec![])?
            }
            "__to_ary_multi" if self.responds(&receiver, "to_ary") => {
                self.send(receiver, "to_ary", vec![])?
            }
            "__splat" | "__to_ary_multi" => arr(vec![receiver]),
            "initialize" => V::Nil,
            "private" | "public" | "module_function" => arg(0),
            "message" => self.ivar(&receiver, "@message"),
            _ => {
                return Err(self.error(
                    "NoMethodError",
                    &format!("undefined method {name} for {}", self.inspect(&receiver)),
                ));
            }
        })
    }

    fn raise(&mut self, args: &[V]) -> Unwind {
        match args {
            [] => match self.err_info.clone() {
                V::Nil => self.error("RuntimeError", "unhandled exception"),
                e => Unwind::Raise(e),
            },
            [s @ V::Str(_)] => {
                let text = self.text(s);
                self.error("RuntimeError", &text)
            }
            [V::Class(k), rest @ ..] => {
                let message = rest.first().map_or(k.name.clone(), |m| self.text(m));
                let e = self.instance(k.clone());
                e.ivars
                    .borrow_mut()
                    .insert("@message".into(), str(&message));
                self.err_info = V::Obj(e.clone());
                Unwind::Raise(V::Obj(e))
            }
            [e, ..] => {
                self.err_info = e.clone();
                Unwind::Raise(e.clone())
            }
        }
    }

    /// Methods that depend on the kind of the receiver; `None` when it has no such method.
    fn on_kind(&mut self, receiver: &V, name: &str, call: &Call) -> Option<Outcome> {
        let args = &call.args;
        let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
        let block = &call.block;
        Some(Ok(match (receiver, name) {
            (
                V::Int(a),
                "+" | "-" | "*" | "/" | "%" | "<" | "<=" | ">" | ">=" | "&" | "|" | "<<",
            ) => {
                let V::Int(b) = arg(0) else {
                    return Some(Err(self.error("TypeError", "no number")));
                };
                match name {
                    "+" => V::Int(a + b),
                    "-" => V::Int(a - b),
                    "*" => V::Int(a * b),
                    "/" => V::Int(a.div_euclid(b)),
                    "%" => V::Int(a.rem_euclid(b)),
                    "&" => V::Int(a & b),
                    "|" => V::Int(a | b),
                    "<<" => V::Int(a << b),
                    "<" => truth(*a < b),
                    "<=" => truth(*a <= b),
                    ">" => truth(*a > b),
                    _ => truth(*a >= b),
                }
            }
            (V::Int(n), "times") => {
                for i in 0..*n {
                    if let Err(u) = self.call_block(block, vec![V::Int(i)]) {
                        return Some(Err(u));
                    }
                }
                receiver.clone()
            }
            (V::Int(n), "**") => match arg(0) {
                V::Int(e) => V::Int(n.pow(e as u32)),
                _ => return None,
            },
            (V::Int(n), "-@") => V::Int(-n),
            (V::Range(r), "each" | "to_a" | "map") => {
                let (V::Int(low), V::Int(high)) = (&r.0, &r.1) else {
                    return None;
                };
                let items: Vec<V> = (*low..high + i64::from(!r.2)).map(V::Int).collect();
                if name == "to_a" {
                    return Some(Ok(arr(items)));
                }
                match self.each(items, block) {
                    Ok(values) if name == "map" => arr(values),
                    Ok(_) => receiver.clone(),
                    Err(u) => return Some(Err(u)),
                }
            }
            (V::Range(r), "===") => match (&r.0, &r.1, arg(0)) {
                (V::Int(low), V::Int(high), V::Int(i)) => {
                    truth(*low <= i && if r.2 { i < *high } else { i <= *high })
                }
                (V::Int(low), V::Nil, V::Int(i)) => truth(*low <= i),
                _ => V::False,
            },
            (V::Str(s), "+") => str(&(s.borrow().clone() + &self.text(&arg(0)))),
            (V::Str(s), "<<") => {
                let more = self.text(&arg(0));
                s.borrow_mut().push_str(&more);
                receiver.clone()
            }
            (V::Str(s), "size") => V::Int(s.borrow().len() as i64),
            (V::Str(s), "to_sym") => sym(&s.borrow()),
            (V::Sym(_), "to_proc") => receiver.clone(),
            (V::Proc(p), "call" | "()" | "yield" | "[]" | "===") => {
                let call = Call {
                    args: args.clone(),
                    keywords: call.keywords.clone(),
                    block: block.clone(),
                };
                return Some(self.invoke(p, None, call));
            }
            (V::Proc(p), "lambda?") => truth(p.lambda.get()),
            (V::Class(k), _) => return self.on_class(&k.clone(), receiver, name, call),
            (V::Arr(items), _) => return self.on_array(&items.clone(), receiver, name, call),
            (V::Hash(pairs), _) => return self.on_hash(&pairs.clone(), receiver, name, call),
            _ => return None,
        }))
    }
}
