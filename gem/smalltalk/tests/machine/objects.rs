//! Values of the small machine and what they understand.

use super::{Closure, Machine, Unwind};
use gem_bytecode::Literal;
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Clone)]
pub enum Value {
    Poison,
    Nil,
    True,
    False,
    Int(i64),
    Float(f64),
    Symbol(String),
    /// A literal of another kind, in its own words.
    Other(String),
    Array(Rc<RefCell<Vec<Value>>>),
    Object(Rc<RefCell<Vec<Value>>>),
    Closure(Rc<Closure>),
}

impl Value {
    pub fn of(literal: &Literal) -> Value {
        match literal {
            Literal::Nil => Value::Nil,
            Literal::True => Value::True,
            Literal::False => Value::False,
            Literal::Integer(i) => i64::try_from(i).map_or(Value::Other(i.to_string()), Value::Int),
            Literal::Float(f) => Value::Float(*f),
            Literal::Symbol(s) => Value::Symbol(s.clone()),
            Literal::String { bytes, .. } => {
                Value::Other(format!("'{}'", String::from_utf8_lossy(bytes)))
            }
            Literal::Array(all) => Value::array(all.iter().map(Value::of).collect()),
            other => Value::Other(format!("{other:?}")),
        }
    }

    pub fn of_bool(b: bool) -> Value {
        if b { Value::True } else { Value::False }
    }

    pub fn array(elements: Vec<Value>) -> Value {
        Value::Array(Rc::new(RefCell::new(elements)))
    }

    pub fn is_true(&self) -> Result<bool, Unwind> {
        match self {
            Value::True => Ok(true),
            Value::False => Ok(false),
            _ => Err(Unwind::Error("mustBeBoolean".into())),
        }
    }

    pub fn slots(&self) -> &RefCell<Vec<Value>> {
        match self {
            Value::Object(slots) | Value::Array(slots) => slots,
            other => panic!("{} has no slots", other.show()),
        }
    }

    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Array(a), Value::Array(b)) | (Value::Object(a), Value::Object(b)) => {
                Rc::ptr_eq(a, b)
            }
            (Value::Closure(a), Value::Closure(b)) => Rc::ptr_eq(a, b),
            _ => self.show() == other.show(),
        }
    }

    pub fn show(&self) -> String {
        match self {
            Value::Poison => "poison".into(),
            Value::Nil => "nil".into(),
            Value::True => "true".into(),
            Value::False => "false".into(),
            Value::Int(i) => i.to_string(),
            Value::Float(f) => format!("{f:?}"),
            Value::Symbol(s) => format!("#{s}"),
            Value::Other(s) => s.clone(),
            Value::Array(all) => {
                let all: Vec<String> = all.borrow().iter().map(Value::show).collect();
                format!("({})", all.join(" "))
            }
            Value::Object(_) => "an object".into(),
            Value::Closure(_) => "a block".into(),
        }
    }
}

impl Machine {
    pub fn send(
        &mut self,
        receiver: Value,
        selector: &str,
        args: &[Value],
    ) -> Result<Value, Unwind> {
        if matches!(receiver, Value::Object(_) | Value::Closure(_))
            && let Some(code) = self.methods.get(selector).cloned()
        {
            let mut window = vec![receiver];
            window.extend_from_slice(args);
            return self.run(&code, window, None);
        }
        match (&receiver, args) {
            (Value::Int(a), [Value::Int(b)]) => integers(*a, selector, *b),
            (Value::Float(a), [Value::Float(b)]) if selector == "<" => Ok(Value::of_bool(a < b)),
            (Value::Closure(closure), args) if selector.starts_with("value") => {
                self.call(&closure.clone(), args)
            }
            (Value::Array(elements), args) => array(elements, &receiver, selector, args),
            (Value::Object(_), [value]) => self.object(&receiver, selector, value),
            _ => Err(not_understood(&receiver, selector)),
        }
    }

    pub fn send_super(
        &mut self,
        receiver: Value,
        selector: &str,
        args: &[Value],
    ) -> Result<Value, Unwind> {
        if let Some(code) = self.super_methods.get(selector).cloned() {
            let mut window = vec![receiver];
            window.extend_from_slice(args);
            return self.run(&code, window, None);
        }
        let args: Vec<String> = args.iter().map(Value::show).collect();
        Ok(Value::Symbol(format!("super {selector}{}", args.join(","))))
    }

    fn object(&mut self, receiver: &Value, selector: &str, value: &Value) -> Result<Value, Unwind> {
        match selector {
            "log:" => {
                self.log.push_str(&value.show());
                self.log.push(' ');
                Ok(value.clone())
            }
            "signal:" => Err(Unwind::Error(value.show()[1..].to_string())),
            "throw:" => Err(Unwind::Throw(value.clone(), Value::Int(77))),
            _ => Err(not_understood(receiver, selector)),
        }
    }
}

fn not_understood(receiver: &Value, selector: &str) -> Unwind {
    Unwind::Error(format!(
        "{} does not understand {selector}",
        receiver.show()
    ))
}

fn integers(a: i64, selector: &str, b: i64) -> Result<Value, Unwind> {
    Ok(match selector {
        "+" => Value::Int(a + b),
        "-" => Value::Int(a - b),
        "*" => Value::Int(a * b),
        "//" if b != 0 => Value::Int(a.div_euclid(b)),
        "\\\\" if b != 0 => Value::Int(a.rem_euclid(b)),
        "bitAnd:" => Value::Int(a & b),
        "bitOr:" => Value::Int(a | b),
        "bitXor:" => Value::Int(a ^ b),
        "<" => Value::of_bool(a < b),
        "<=" => Value::of_bool(a <= b),
        ">" => Value::of_bool(a > b),
        ">=" => Value::of_bool(a >= b),
        "=" => Value::of_bool(a == b),
        "~=" => Value::of_bool(a != b),
        _ => return Err(not_understood(&Value::Int(a), selector)),
    })
}

fn array(
    elements: &RefCell<Vec<Value>>,
    receiver: &Value,
    selector: &str,
    args: &[Value],
) -> Result<Value, Unwind> {
    match (selector, args) {
        ("at:", [Value::Int(i)]) => {
            let found = elements.borrow().get((*i - 1) as usize).cloned();
            found.ok_or(Unwind::Error("index".into()))
        }
        ("at:put:", [Value::Int(i), value]) => {
            elements.borrow_mut()[(*i - 1) as usize] = value.clone();
            Ok(value.clone())
        }
        ("add:", [value]) => {
            elements.borrow_mut().push(value.clone());
            Ok(value.clone())
        }
        ("size", []) => Ok(Value::Int(elements.borrow().len() as i64)),
        ("yourself", []) => Ok(receiver.clone()),
        _ => Err(not_understood(receiver, selector)),
    }
}
