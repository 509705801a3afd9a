//! `defined?`

use crate::{Library, Machine, Value};

impl<L: Library> Machine<L> {
    /// The kinds of name as the table numbers them; some look at the value in register `at`.
    pub(crate) fn defined(&self, at: u16, name: &str, kind: u16) -> Value {
        let home = &self.top().home;
        let (found, word) = match kind {
            0 => (self.ivar(&self.get(0), name).is_some(), "instance-variable"),
            1 => (self.globals.contains_key(name), "global-variable"),
            2 => (self.constant(name).is_some(), "constant"),
            3 => (self.class_variable_owner(name).is_some(), "class variable"),
            4 => (self.understands(&self.get(0), name), "method"),
            5 => (!home.block.is_nil(), "yield"),
            6 => {
                let above = home
                    .owner
                    .as_ref()
                    .and_then(|owner| owner.superclass.clone());
                let found = above.is_some_and(|above| self.find(&above, 1, name).is_some());
                (found, "super")
            }
            7 => match self.get(at) {
                Value::Class(module) => (self.constant_in(&module, name).is_some(), "constant"),
                _ => (false, "constant"),
            },
            8 => (self.understands(&self.get(at), name), "method"),
            9 => (!home.specials.borrow()[0].is_nil(), "global-variable"),
            _ => panic!("{kind} is no kind of name"),
        };
        if found {
            Value::string(word)
        } else {
            Value::Nil
        }
    }

    /// Whether a method of the program or of the library answers a Ruby message.
    pub fn understands(&self, value: &Value, selector: &str) -> bool {
        let found = self.find(&self.class_of(value), 1, selector);
        match found {
            Some((body, _)) => !matches!(body, crate::Body::Undefined),
            None => L::responds(self, value, selector),
        }
    }
}
