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
        let empty = |name: &str| Class {
            name: name.into(),
            superclass: None,
            methods: RefCell::default(),
            singleton: RefCell::default(),
            constants: RefCell::default(),
            variables: RefCell::default(),
        };
        let object = Rc::new(empty("Object"));
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
        let class = Rc::new(Class {
            name: name.into(),
            superclass,
            methods: RefCell::default(),
            singleton: RefCell::default(),
            constants: RefCell::default(),
            variables: RefCell::default(),
        });
        scope
            .constants
            .borrow_mut()
            .insert(name.into(), V::Class(class.clone()));
        class
    }

    fn named(&self, name: &str) -> Rc<Class> {
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

    pub fn class_of(&self, v: &V) -> Rc<Class> {
        self.named(match v {
            V::Obj(o) => return o.class.clone(),
            V::Nil => "NilClass",
            V::True | V::False => "Boolean",
            V::Int(_) => "Integer",
            V::Sym(_) => "Symbol",
            V::Str(_) => "String",
            V::Arr(_) => "Array",
            V::Hash(_) => "Hash",
            V::Range(_) => "Range",
            V::Proc(_) => "Proc",
            V::Class(_) => "Class",
            V::Trash | V::Undef | V::Pending(_) => panic!("not an object"),
        })
    }

    pub fn ivar(&self, v: &V, name: &str) -> V {
        match v {
            V::Obj(o) => o.ivars.borrow().get(name).cloned().unwrap_or(V::Nil),
            V::Class(k) => k.variables.borrow().get(name).cloned().unwrap_or(V::Nil),
            _ => V::Nil,
        }
    }

    pub fn set_ivar(&mut self, v: &V, name: &str, value: V) {
        match v {
            V::Obj(o) => drop(o.ivars.borrow_mut().insert(name.into(), value)),
            V::Class(k) => drop(k.variables.borrow_mut().insert(name.into(), value)),
            _ => panic!("no instance variables"),
        }
    }

    pub fn constant(&mut self, cref: &[Rc<Class>], name: &str) -> Outcome {
        for class in cref.iter().rev() {
            if let Some(v) = class.constants.borrow().get(name) {
                return Ok(v.clone());
            }
        }
        self.constant_in(&V::Class(cref.last().unwrap().clone()), name)
    }

    pub fn constant_in(&mut self, module: &V, name: &str) -> Outcome {
        let mut at = match module {
            V::Class(k) => Some(k.clone()),
            _ => return Err(self.error("TypeError", "not a class/module")),
        };
        while let Some(k) = at {
            if let Some(v) = k.constants.borrow().get(name) {
                return Ok(v.clone());
            }
            at = k.superclass.clone();
        }
        Err(self.error("NameError", &format!("uninitialized constant {name}")))
    }

    pub fn items(&self, v: &V) -> Rc<RefCell<Vec<V>>> {
        match v {
            V::Arr(items) => items.clone(),
            other => panic!("{} is no Array", self.inspect(other)),
        }
    }

    pub fn text(&self, v: &V) -> String {
        match v {
            V::Str(s) => s.borrow().clone(),
            V::Sym(s) => s.to_string(),
            V::Nil => String::new(),
            other => self.inspect(other),
        }
    }

    pub fn describe(&self, e: &V) -> String {
        format!(
            "{}: {}",
            self.class_of(e).name,
            self.text(&self.ivar(e, "@message"))
        )
    }

    pub fn inspect(&self, v: &V) -> String {
        let list = |items: &[V]| {
            items
                .iter()
                .map(|i| self.inspect(i))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match v {
            V::Trash => "trash".into(),
            V::Undef => "undef".into(),
            V::Pending(_) => "pending".into(),
            V::Nil => "nil".into(),
            V::True => "true".into(),
            V::False => "false".into(),
            V::Int(i) => i.to_string(),
            V::Sym(s) if s.contains(' ') => format!(":{s:?}"),
            V::Sym(s) => format!(":{s}"),
            V::Str(s) => format!("{:?}", s.borrow()),
            V::Arr(items) => format!("[{}]", list(&items.borrow())),
            V::Hash(pairs) => {
                let text: Vec<String> = pairs
                    .borrow()
                    .iter()
                    .map(|(k, v)| format!("{}=>{}", self.inspect(k), self.inspect(v)))
                    .collect();
                format!("{{{}}}", text.join(", "))
            }
            V::Range(r) => format!(
                "{}{}{}",
                self.inspect(&r.0),
                if r.2 { "..." } else { ".." },
                self.inspect(&r.1)
            ),
            V::Proc(_) => "proc".into(),
            V::Class(k) => k.name.clone(),
            V::Obj(o) if self.is_a(v, &self.named("Exception")) => format!(
                "#<{}: {}>",
                o.class.name,
                self.text(&self.ivar(v, "@message"))
            ),
            V::Obj(o) => format!("#<{}>", o.class.name),
        }
    }

    fn is_a(&self, v: &V, class: &Rc<Class>) -> bool {
        let mut at = Some(self.class_of(v));
        while let Some(k) = at {
            if Rc::ptr_eq(&k, class) {
                return true;
            }
            at = k.superclass.clone();
        }
        false
    }

    fn equal(&self, a: &V, b: &V) -> bool {
        match (a, b) {
            (V::Str(x), V::Str(y)) => *x.borrow() == *y.borrow(),
            (V::Arr(x), V::Arr(y)) => {
                let (x, y) = (x.borrow(), y.borrow());
                x.len() == y.len() && x.iter().zip(y.iter()).all(|(p, q)| self.equal(p, q))
            }
            (V::Hash(_), V::Hash(_)) | (V::Range(_), V::Range(_)) => {
                self.inspect(a) == self.inspect(b)
            }
            _ => a.same(b),
        }
    }

    pub fn find(&self, class: &Rc<Class>, name: &str) -> Option<Method> {
        let mut at = Some(class.clone());
        while let Some(k) = at {
            if let Some(m) = k.methods.borrow().get(name) {
                return Some(m.clone());
            }
            at = k.superclass.clone();
        }
        None
    }

    fn singleton_method(&self, v: &V, name: &str) -> Option<Method> {
        match v {
            V::Obj(o) => o.singleton.borrow().get(name).cloned(),
            V::Class(k) => {
                let mut at = Some(k.clone());
                while let Some(k) = at {
                    if let Some(m) = k.singleton.borrow().get(name) {
                        return Some(m.clone());
                    }
                    at = k.superclass.clone();
                }
                None
            }
            _ => None,
        }
    }

    pub fn responds(&self, v: &V, name: &str) -> bool {
        const KNOWN: [&str; 12] = [
            "p", "puts", "raise", "+", "-", "to_s", "[]", "size", "class", "new", "each", "==",
        ];
        self.singleton_method(v, name)
            .or_else(|| self.find(&self.class_of(v), name))
            .is_some()
            || (KNOWN.contains(&name) && !matches!(v, V::Nil))
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
            "__method__" => V::Nil,
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

    fn each(&mut self, items: Vec<V>, block: &V) -> Result<Vec<V>, Unwind> {
        items
            .into_iter()
            .map(|i| self.call_block(block, vec![i]))
            .collect()
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

    fn on_array(
        &mut self,
        items: &Rc<RefCell<Vec<V>>>,
        receiver: &V,
        name: &str,
        call: &Call,
    ) -> Option<Outcome> {
        let args = &call.args;
        let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
        let index = |i: i64| {
            if i < 0 {
                (i + items.borrow().len() as i64) as usize
            } else {
                i as usize
            }
        };
        let copy = items.borrow().clone();
        Some(Ok(match (name, arg(0), arg(1)) {
            ("[]", V::Int(i), V::Nil) => copy.get(index(i)).cloned().unwrap_or(V::Nil),
            ("[]", V::Int(i), V::Int(n)) => arr(copy
                .into_iter()
                .skip(index(i))
                .take(n.max(0) as usize)
                .collect()),
            ("[]=", V::Int(i), v) => {
                let at = index(i);
                let mut items = items.borrow_mut();
                while items.len() <= at {
                    items.push(V::Nil);
                }
                items[at] = v.clone();
                str("not the value")
            }
            ("<<" | "push", v, _) => {
                items.borrow_mut().push(v);
                receiver.clone()
            }
            ("pop", ..) => items.borrow_mut().pop().unwrap_or(V::Nil),
            ("size", ..) => V::Int(copy.len() as i64),
            ("empty?", ..) => truth(copy.is_empty()),
            ("to_a" | "deconstruct", ..) => receiver.clone(),
            ("+", V::Arr(more), _) => arr(copy.into_iter().chain(more.borrow().clone()).collect()),
            ("each" | "map", ..) => match self.each(copy, &call.block) {
                Ok(values) if name == "map" => arr(values),
                Ok(_) => receiver.clone(),
                Err(u) => return Some(Err(u)),
            },
            ("__when_any", ..) => truth(copy.iter().any(V::truthy)),
            ("__when_splat", subject, _) => {
                for pattern in copy {
                    match self.send(pattern, "===", vec![subject.clone()]) {
                        Ok(v) if v.truthy() => return Some(Ok(V::True)),
                        Ok(_) => {}
                        Err(u) => return Some(Err(u)),
                    }
                }
                V::False
            }
            ("__fresh_strings", ..) => arr(copy
                .iter()
                .map(|v| {
                    if let V::Str(s) = v {
                        str(&s.borrow())
                    } else {
                        v.clone()
                    }
                })
                .collect()),
            _ => return None,
        }))
    }

    fn on_hash(
        &mut self,
        pairs: &Rc<RefCell<Vec<(V, V)>>>,
        receiver: &V,
        name: &str,
        call: &Call,
    ) -> Option<Outcome> {
        let key = call.args.first().cloned().unwrap_or(V::Nil);
        let at = pairs.borrow().iter().position(|(k, _)| self.equal(k, &key));
        Some(Ok(match name {
            "[]" => at.map_or(V::Nil, |i| pairs.borrow()[i].1.clone()),
            "key?" => truth(at.is_some()),
            "delete" => at.map_or(V::Nil, |i| pairs.borrow_mut().remove(i).1),
            "dup" => V::Hash(Rc::new(RefCell::new(pairs.borrow().clone()))),
            "empty?" => truth(pairs.borrow().is_empty()),
            "size" => V::Int(pairs.borrow().len() as i64),
            "[]=" | "__store" => {
                let value = call.args[1].clone();
                match at {
                    Some(i) => pairs.borrow_mut()[i].1 = value,
                    None => pairs.borrow_mut().push((key, value)),
                }
                receiver.clone()
            }
            "__merge_splat" => match key {
                V::Nil => receiver.clone(),
                V::Hash(more) => {
                    for (k, v) in more.borrow().clone() {
                        let call = Call {
                            args: vec![k, v],
                            keywords: None,
                            block: V::Nil,
                        };
                        let _ = self.on_hash(pairs, receiver, "__store", &call);
                    }
                    receiver.clone()
                }
                _ => {
                    return Some(Err(
                        self.error("TypeError", "no implicit conversion into Hash")
                    ));
                }
            },
            "each" => {
                for (k, v) in pairs.borrow().clone() {
                    if let Err(u) = self.call_block(&call.block, vec![arr(vec![k, v])]) {
                        return Some(Err(u));
                    }
                }
                receiver.clone()
            }
            "deconstruct_keys" => receiver.clone(),
            _ => return None,
        }))
    }

    fn on_class(
        &mut self,
        class: &Rc<Class>,
        receiver: &V,
        name: &str,
        call: &Call,
    ) -> Option<Outcome> {
        let args = &call.args;
        let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
        if class.name == "Kernel"
            && let Some(outcome) = self.kernel_helper(name, call)
        {
            return Some(outcome);
        }
        Some(Ok(match name {
            "new" => {
                let object = V::Obj(self.instance(class.clone()));
                if self.is_a(&object, &self.named("Exception")) {
                    let message = args.first().cloned().unwrap_or_else(|| str(&class.name));
                    self.set_ivar(&object, "@message", message);
                    return Some(Ok(object));
                }
                let init = Call {
                    args: args.clone(),
                    keywords: call.keywords.clone(),
                    block: call.block.clone(),
                };
                if let Err(u) =
                    self.dispatch(object.clone(), "initialize", init, Some(class.clone()))
                {
                    return Some(Err(u));
                }
                object
            }
            "===" => truth(self.is_a(&arg(0), class)),
            "name" | "to_s" => str(&class.name),
            "attr_accessor" => {
                for a in args {
                    let n = self.text(a);
                    let mut methods = class.methods.borrow_mut();
                    methods.insert(format!("{n}="), Method::Writer(format!("@{n}")));
                    methods.insert(n.clone(), Method::Reader(format!("@{n}")));
                }
                V::Nil
            }
            "define_method" => {
                if let V::Proc(p) = &call.block {
                    class
                        .methods
                        .borrow_mut()
                        .insert(self.text(&arg(0)), Method::Proc(p.clone()));
                }
                arg(0)
            }
            "__alias" => {
                if let Some(m) = self.find(class, &self.text(&arg(1))) {
                    class.methods.borrow_mut().insert(self.text(&arg(0)), m);
                }
                receiver.clone()
            }
            "__undef" => {
                class
                    .methods
                    .borrow_mut()
                    .insert(self.text(&arg(0)), Method::Undefined);
                receiver.clone()
            }
            _ => return None,
        }))
    }

    fn kernel_helper(&mut self, name: &str, call: &Call) -> Option<Outcome> {
        let args = &call.args;
        let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
        let responds = |m: &Self, v: &V, name: &str| {
            m.responds(v, name)
                || matches!(
                    (v, name),
                    (V::Arr(_), "deconstruct") | (V::Hash(_), "deconstruct_keys")
                )
        };
        Some(match name {
            "__no_matching_pattern" => {
                let kind = self.text(&arg(1));
                let class = if kind == "key" {
                    "NoMatchingPatternKeyError"
                } else {
                    "NoMatchingPatternError"
                };
                let text: Vec<String> = args.iter().map(|a| self.inspect(a)).collect();
                Err(self.error(class, &text.join(" ")))
            }
            "__deconstruct" if !responds(self, &arg(0), "deconstruct") => Ok(V::Nil),
            "__deconstruct" => self.send(arg(0), "deconstruct", vec![]),
            "__deconstruct_keys" if !responds(self, &arg(0), "deconstruct_keys") => Ok(V::Nil),
            "__deconstruct_keys" => self.send(arg(0), "deconstruct_keys", vec![arg(1)]),
            "__rescue_match" => match arg(0) {
                k @ V::Class(_) => self.send(k, "===", vec![arg(1)]),
                _ => Err(self.error("TypeError", "class or module required for rescue clause")),
            },
            "__rescue_any" => {
                let classes = self.items(&arg(0)).borrow().clone();
                if classes.iter().any(|k| !matches!(k, V::Class(_))) {
                    return Some(Err(
                        self.error("TypeError", "class or module required for rescue clause")
                    ));
                }
                self.send(arg(0), "__when_splat", vec![arg(1)])
            }
            "__once" => {
                let key = self.text(&arg(0));
                if let Some(v) = self.once.get(&key) {
                    return Some(Ok(v.clone()));
                }
                let v = match self.call_block(&call.block, vec![]) {
                    Ok(v) => v,
                    Err(u) => return Some(Err(u)),
                };
                self.once.insert(key, v.clone());
                Ok(v)
            }
            "__at_exit_once" => {
                let key = self.text(&arg(0));
                if self.once.insert(key, V::True).is_none() {
                    self.at_exit.push(call.block.clone());
                }
                Ok(V::Nil)
            }
            _ => return None,
        })
    }
}
