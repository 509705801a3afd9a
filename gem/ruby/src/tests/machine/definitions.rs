//! Definitions of methods and classes, and `defined?`.

use super::run::Frame;
use super::{Class, Home, Machine, Method, Unwind, V, str, sym};
use gem_bytecode::{Instr, Literal, Op};
use std::cell::RefCell;
use std::rc::Rc;

impl Machine {
    pub fn define(&mut self, f: &mut Frame, op: Op, i: Instr) {
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

    pub fn module_body(&mut self, f: &mut Frame, op: Op, i: Instr) -> Result<(), Unwind> {
        let Literal::Code(code) = f.code.literals[i.b() as usize].clone() else {
            panic!("a code")
        };
        let target = f.get(i.c());
        let class = if op == Op::OpenSingleton {
            Rc::new(Class::plain(&self.inspect(&target), None))
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
        let methods = class.methods.borrow().clone();
        match target {
            V::Class(k) if op == Op::OpenSingleton => k.singleton.borrow_mut().extend(methods),
            V::Obj(o) if op == Op::OpenSingleton => o.singleton.borrow_mut().extend(methods),
            _ => {}
        }
        for r in i.c()..f.regs.len() as u16 {
            f.set(r, V::Trash);
        }
        f.set(i.a(), value);
        Ok(())
    }

    pub fn defined(&mut self, f: &Frame, a: u16, name: &str, kind: u16) -> V {
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
