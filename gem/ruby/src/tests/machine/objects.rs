//! Classes of values, instance variables, constants, method lookup, equality, text.

use super::{Class, Machine, Method, Outcome, V};
use std::cell::RefCell;
use std::rc::Rc;

impl Machine {
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

    pub fn is_a(&self, v: &V, class: &Rc<Class>) -> bool {
        let mut at = Some(self.class_of(v));
        while let Some(k) = at {
            if Rc::ptr_eq(&k, class) {
                return true;
            }
            at = k.superclass.clone();
        }
        false
    }

    pub fn equal(&self, a: &V, b: &V) -> bool {
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

    pub fn singleton_method(&self, v: &V, name: &str) -> Option<Method> {
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
}
