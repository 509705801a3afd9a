//! Ruby's names and definitions.

use crate::run::Flow;
use crate::{Body, Class, ErrorKind, Home, Library, Machine, Outcome, Unwind, Value};
use gem_bytecode::{CREF, Instr, Op};
use std::rc::Rc;

impl<L: Library> Machine<L> {
    pub(crate) fn named_instruction(&mut self, op: Op, i: Instr) -> Result<Flow, Unwind> {
        let (a, b, c) = (i.a(), i.b(), i.c());
        let value = match op {
            Op::GetIvar => self.ivar(&self.get(0), &self.name(b)).unwrap_or_default(),
            Op::SetIvar => {
                self.set_ivar(&self.get(0), &self.name(b), self.get(a));
                return Ok(Flow::Next);
            }
            Op::GetConst => {
                let name = self.name(b);
                match self.constant(&name) {
                    Some(value) => value,
                    None => self.missing_constant(&self.module(), &name)?,
                }
            }
            Op::GetConstTop => self.constant_at(&self.object.clone(), &self.name(b))?,
            Op::GetConstIn => {
                let module = self.as_module(&self.get(c))?;
                self.constant_at(&module, &self.name(b))?
            }
            Op::SetConst => {
                let module = match c {
                    CREF => self.module(),
                    _ => self.as_module(&self.get(c))?,
                };
                let (name, value) = (self.name(b), self.get(a));
                module.constants.borrow_mut().insert(name, value);
                return Ok(Flow::Next);
            }
            Op::GetGlobal => self.globals.get(&self.name(b)).cloned().unwrap_or_default(),
            Op::SetGlobal => {
                let (name, value) = (self.name(b), self.get(a));
                self.globals.insert(name, value);
                return Ok(Flow::Next);
            }
            Op::GetClassVar => {
                let name = self.name(b);
                let owner = self.class_variable_owner(&name);
                let value = owner.and_then(|k| k.variables.borrow().get(&name).cloned());
                let text = format!("uninitialized class variable {name}");
                match value {
                    Some(value) => value,
                    None => return Err(self.error(ErrorKind::MissingClassVariable, &text)),
                }
            }
            Op::SetClassVar => {
                let (name, value) = (self.name(b), self.get(a));
                let owner = self.class_variable_owner(&name);
                let owner = owner.unwrap_or_else(|| self.variable_module());
                owner.variables.borrow_mut().insert(name, value);
                return Ok(Flow::Next);
            }
            Op::Defined => self.defined(a, &self.name(b), c),
            Op::GetDefinee => Value::Class(self.module()),
            Op::GetSpecial => self.top().home.specials.borrow()[b as usize].clone(),
            Op::SetSpecial => {
                let value = self.get(a);
                self.top().home.specials.borrow_mut()[b as usize] = value;
                return Ok(Flow::Next);
            }
            // Nothing here matches.
            Op::NthRef => Value::Nil,
            Op::DefMethod | Op::DefSingleton => {
                let owner = match op {
                    Op::DefMethod => self.module(),
                    _ => self.singleton_class(&self.get(a)),
                };
                let name = self.name(c);
                let body = Body::Code(self.code_literal(b), self.top().home.scope.clone());
                owner.methods.borrow_mut().insert((1, name.clone()), body);
                Value::symbol(&name)
            }
            Op::DefClass | Op::DefModule | Op::OpenSingleton => self.run_body(op, i)?,
            other => panic!("{other:?} never stands in stored code"),
        };
        self.set(a, value);
        Ok(Flow::Next)
    }

    /// The innermost module around the text.
    pub(crate) fn module(&self) -> Rc<Class> {
        self.top().home.module()
    }

    pub(crate) fn as_module(&mut self, value: &Value) -> Result<Rc<Class>, Unwind> {
        match value {
            Value::Class(class) => Ok(class.clone()),
            _ => Err(self.error(ErrorKind::NotModule, "not a class/module")),
        }
    }

    /// A constant as the running code sees it: in the modules around the text, then in those above the innermost.
    pub(crate) fn constant(&self, name: &str) -> Option<Value> {
        let scope = &self.top().home.scope;
        let within = scope.iter().rev().filter(|k| !Rc::ptr_eq(k, &self.object));
        let mut within = within.filter_map(|k| k.constants.borrow().get(name).cloned());
        within
            .next()
            .or_else(|| self.inherited_constant(&self.module(), name))
    }

    /// A constant of a module or of one above it; Object's for all of them.
    fn inherited_constant(&self, module: &Rc<Class>, name: &str) -> Option<Value> {
        let above = module.chain().chain([self.object.clone()]);
        let mut found = above.filter_map(|k| k.constants.borrow().get(name).cloned());
        found.next()
    }

    pub(crate) fn constant_in(&self, module: &Rc<Class>, name: &str) -> Option<Value> {
        let above = module
            .chain()
            .filter(|k| Rc::ptr_eq(k, module) || !Rc::ptr_eq(k, &self.object));
        let mut found = above.filter_map(|k| k.constants.borrow().get(name).cloned());
        found.next()
    }

    fn constant_at(&mut self, module: &Rc<Class>, name: &str) -> Outcome {
        match self.constant_in(module, name) {
            Some(value) => Ok(value),
            None => self.missing_constant(module, name),
        }
    }

    fn missing_constant(&mut self, module: &Rc<Class>, name: &str) -> Outcome {
        let receiver = Value::Class(module.clone());
        let class = self.class_of(&receiver);
        if self.find(&class, 1, "const_missing").is_none() {
            let text = format!("uninitialized constant {name}");
            return Err(self.error(ErrorKind::MissingConstant, &text));
        }
        self.send(1, receiver, "const_missing", vec![Value::symbol(name)])
    }

    /// The innermost module around the text that is not the class of a single object.
    fn variable_module(&self) -> Rc<Class> {
        let scope = &self.top().home.scope;
        let module = scope.iter().rfind(|k| !k.of_one);
        module.unwrap_or(&self.object).clone()
    }

    /// The module that has a class variable the running code sees.
    pub(crate) fn class_variable_owner(&self, name: &str) -> Option<Rc<Class>> {
        let mut chain = self.variable_module().chain();
        chain.find(|k| k.variables.borrow().contains_key(name))
    }

    fn run_body(&mut self, op: Op, i: Instr) -> Outcome {
        let code = self.code_literal(i.b());
        let target = self.get(i.c());
        let module = match op {
            Op::OpenSingleton => self.singleton_class(&target),
            _ => {
                let within = self.get(i.c() + 1);
                self.open(op, &code.code.name, target, within)?
            }
        };
        self.destroy_from(i.c());
        let mut scope = (*self.top().home.scope).clone();
        scope.push(module.clone());
        let home = Home::new(&code.code.name, None, Rc::new(scope), Value::Nil);
        self.run(code, vec![Value::Class(module)], Rc::new(home))
    }

    /// The class or module that DefClass or DefModule means, made when there is none.
    fn open(
        &mut self,
        op: Op,
        name: &str,
        superclass: Value,
        within: Value,
    ) -> Result<Rc<Class>, Unwind> {
        let is_module = op == Op::DefModule;
        let name = name.rsplit("::").next().unwrap_or(name);
        let above = match &superclass {
            _ if is_module => None,
            Value::Undef => None,
            Value::Class(class) if !class.is_module => Some(class.clone()),
            _ => {
                let text = "superclass must be an instance of Class";
                return Err(self.error(ErrorKind::NotModule, text));
            }
        };
        let scope = match &within {
            Value::Undef => self.module(),
            other => self.as_module(other)?,
        };
        let found = scope.constants.borrow().get(name).cloned();
        match found {
            Some(Value::Class(class)) if class.is_module == is_module => {
                let same = |above: &Rc<Class>| {
                    let own = class.superclass.as_ref();
                    own.is_some_and(|own| Rc::ptr_eq(own, above))
                };
                if above.as_ref().is_some_and(|above| !same(above)) {
                    let text = format!("superclass mismatch for class {name}");
                    return Err(self.error(ErrorKind::NotModule, &text));
                }
                Ok(class)
            }
            Some(_) => {
                let text = format!("{name} is not a class or not a module");
                Err(self.error(ErrorKind::NotModule, &text))
            }
            None => {
                let above = (!is_module).then(|| above.unwrap_or_else(|| self.object.clone()));
                let full = match Rc::ptr_eq(&scope, &self.object) {
                    true => name.to_string(),
                    false => format!("{}::{name}", scope.name),
                };
                let class = Rc::new(Class {
                    is_module,
                    ..Class::new(&full, above)
                });
                let constant = Value::Class(class.clone());
                scope.constants.borrow_mut().insert(name.into(), constant);
                Ok(class)
            }
        }
    }
}
