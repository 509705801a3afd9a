//! Classes of values, lookup of methods.

use crate::{Body, Class, Library, Machine, Object, Value};
use std::cell::RefCell;
use std::rc::Rc;

impl<L: Library> Machine<L> {
    /// The class at top level of that name, made when there is none.
    pub fn named(&self, name: &str) -> Rc<Class> {
        if let Some(Value::Class(class)) = self.object.constants.borrow().get(name) {
            return class.clone();
        }
        self.new_class(&self.object, name, Some(self.object.clone()))
    }

    pub fn new_class(
        &self,
        scope: &Rc<Class>,
        name: &str,
        superclass: Option<Rc<Class>>,
    ) -> Rc<Class> {
        let class = Rc::new(Class::new(name, superclass));
        let constant = Value::Class(class.clone());
        scope.constants.borrow_mut().insert(name.into(), constant);
        class
    }

    /// An object with `slots` declared variables.
    pub fn instance(&self, class: Rc<Class>, slots: usize) -> Rc<Object> {
        Rc::new(Object {
            class,
            slots: RefCell::new(vec![Value::Nil; slots]),
            ivars: RefCell::default(),
            singleton: RefCell::default(),
        })
    }

    /// Where lookup of a value's methods begins.
    pub fn class_of(&self, value: &Value) -> Rc<Class> {
        let own = match value {
            Value::Object(object) => object.singleton.borrow().clone(),
            Value::Class(class) => class.chain().find_map(|c| c.singleton.borrow().clone()),
            _ => None,
        };
        own.unwrap_or_else(|| self.real_class(value))
    }

    /// As `class_of`, never the class of a single object.
    pub fn real_class(&self, value: &Value) -> Rc<Class> {
        match value {
            Value::Object(object) => object.class.clone(),
            Value::Class(class) if class.is_module => self.named("Module"),
            Value::Class(_) => self.named("Class"),
            Value::Undef | Value::Pending(_) => panic!("no object"),
            other => self.named(L::class_name(other)),
        }
    }

    /// The class of this object alone, made when there is none.
    ///
    /// # Panics
    /// For values without one.
    pub fn singleton_class(&self, value: &Value) -> Rc<Class> {
        let (place, above) = match value {
            Value::Object(object) => (&object.singleton, object.class.clone()),
            Value::Class(class) => {
                let above = match &class.superclass {
                    Some(above) => self.singleton_class(&Value::Class(above.clone())),
                    None => self.real_class(value),
                };
                (&class.singleton, above)
            }
            _ => panic!("a value without a class of its own"),
        };
        if let Some(own) = place.borrow().clone() {
            return own;
        }
        let own = Rc::new(Class {
            of_one: true,
            ..Class::new(&above.name, Some(above.clone()))
        });
        *place.borrow_mut() = Some(own.clone());
        own
    }

    /// The program's method for a selector, and the class that has it.
    pub fn find(
        &self,
        class: &Rc<Class>,
        environment: u8,
        selector: &str,
    ) -> Option<(Body, Rc<Class>)> {
        let key = (environment, selector.to_string());
        class.chain().find_map(|class| {
            let body = class.methods.borrow().get(&key).cloned();
            body.map(|body| (body, class))
        })
    }

    pub fn is_a(&self, value: &Value, class: &Rc<Class>) -> bool {
        self.class_of(value).chain().any(|c| Rc::ptr_eq(&c, class))
    }

    /// An object with declared variables.
    pub(crate) fn slots(&self, value: &Value) -> Rc<Object> {
        match value {
            Value::Object(object) => object.clone(),
            _ => panic!("self has no declared variables"),
        }
    }

    /// Value of an instance variable, if there is one.
    pub fn ivar(&self, value: &Value, name: &str) -> Option<Value> {
        match value {
            Value::Object(object) => object.ivars.borrow().get(name).cloned(),
            Value::Class(class) => class.ivars.borrow().get(name).cloned(),
            _ => None,
        }
    }

    /// # Panics
    /// For values without instance variables.
    pub fn set_ivar(&self, value: &Value, name: &str, to: Value) {
        let place = match value {
            Value::Object(object) => &object.ivars,
            Value::Class(class) => &class.ivars,
            _ => panic!("no instance variables"),
        };
        place.borrow_mut().insert(name.into(), to);
    }
}
