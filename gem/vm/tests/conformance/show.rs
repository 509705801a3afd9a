//! What can be seen of a value, the same words for both machines.

use format::wellknown::{self, slots};
use gem_heap::{Kind, Oop};
use reference::Value;
use world::World;

/// Kinds of errors, by class and the beginning of the text.
const ERRORS: &[(format::ObjectId, &str, &str)] = &[
    (wellknown::MESSAGE_NOT_UNDERSTOOD, "", "NotUnderstood"),
    (
        wellknown::ERROR,
        "an object without doesNot",
        "NotUnderstood",
    ),
    (wellknown::ERROR, "super called outside", "NoMethodAround"),
    (wellknown::ARGUMENT_ERROR, "", "WrongArguments"),
    (
        wellknown::ARGUMENT_TYPE_ERROR,
        "expected true or",
        "NotBoolean",
    ),
    (wellknown::ARGUMENT_TYPE_ERROR, "no implicit", "NotBlock"),
    (wellknown::ARGUMENT_TYPE_ERROR, "", "NotModule"),
    (wellknown::CANNOT_RETURN, "no block given", "NoBlock"),
    (wellknown::CANNOT_RETURN, "unexpected return", "DeadHome"),
    (wellknown::CANNOT_RETURN, "break from", "DeadCall"),
    (wellknown::UNCAUGHT_THROW, "", "UncaughtThrow"),
    (
        wellknown::NAME_ERROR,
        "uninitialized constant",
        "MissingConstant",
    ),
    (
        wellknown::NAME_ERROR,
        "uninitialized class",
        "MissingClassVariable",
    ),
    (wellknown::ALMOST_OUT_OF_STACK, "", "TooDeep"),
    (wellknown::ZERO_DIVIDE, "", "ZeroDivide"),
];

/// Arrays within Arrays that are shown; the programs make some that contain themselves.
const DEPTH: u32 = 4;

/// A value of the real machine.
pub fn real(w: &mut World, oop: Oop) -> String {
    real_at(w, oop, 0)
}

fn real_at(w: &mut World, oop: Oop, depth: u32) -> String {
    if oop.is_undef() {
        return "undef".into();
    }
    if let Some(single) = [
        (Oop::NIL, "nil"),
        (Oop::TRUE, "true"),
        (Oop::FALSE, "false"),
    ]
    .iter()
    .find(|(single, _)| *single == oop)
    {
        return single.1.into();
    }
    let heap = &w.vm.model.heap;
    if let Some(n) = heap.integer_value(oop) {
        return n.to_string();
    }
    if let Some(f) = heap.float_value(oop) {
        return format!("{f:?}");
    }
    if heap.is_symbol(oop) {
        return format!("#{}", heap.text(oop));
    }
    if heap.is_bytes(oop) {
        return format!("'{}'", heap.text(oop));
    }
    let is = |id| heap.is_instance(oop, id);
    if is(wellknown::EXEC_BLOCK) {
        return "a block".into();
    }
    if is(wellknown::BINDING) {
        return "a binding".into();
    }
    if is(wellknown::RUBY_HASH) {
        let pairs = w.vm.model.hash_pairs(oop).unwrap();
        let all: Vec<String> = pairs
            .into_iter()
            .map(|(k, v)| format!("{}={}", real(w, k), real(w, v)))
            .collect();
        return format!("{{{}}}", all.join(" "));
    }
    if is(wellknown::RANGE) {
        let mut slot = |n| {
            let value = w.vm.model.heap.slot(oop, n).unwrap();
            real(w, value)
        };
        let (low, high, exclusive) = (slot(0), slot(1), slot(2));
        return range(&low, &high, exclusive == "true");
    }
    if heap.kind(oop) == Kind::Indexed {
        let all = w.vm.model.heap.elements(oop).unwrap();
        if depth == DEPTH {
            return format!("({} elements)", all.len());
        }
        let all: Vec<String> = all.into_iter().map(|e| real_at(w, e, depth + 1)).collect();
        return format!("({})", all.join(" "));
    }
    if w.vm.model.is_module_like(oop).unwrap() {
        return w.vm.model.class_name(oop);
    }
    let exceptions = w.class(wellknown::ABSTRACT_EXCEPTION);
    if w.vm.model.is_kind_of(oop, exceptions).unwrap() {
        return format!("error:{}", error_kind(w, oop));
    }
    object(w, oop, depth)
}

fn object(w: &mut World, oop: Oop, depth: u32) -> String {
    let class = w.vm.model.heap.class_of(oop).unwrap();
    let class = w.vm.model.real_class(class).unwrap();
    let name = w.vm.model.class_name(class);
    let names = w.vm.model.heap.ivar_names(oop);
    let mut ivars = Vec::new();
    for name in names {
        if let Some(value) = w.vm.model.heap.ivar(oop, name).unwrap() {
            ivars.push(format!("{}={}", w.vm.model.heap.text(name), real(w, value)));
        }
    }
    let declared = if [PAIR, "Message"].contains(&name.as_str()) {
        2
    } else {
        0
    };
    let slots: Vec<String> = (0..declared)
        .map(|n| {
            let value = w.vm.model.heap.slot(oop, n).unwrap();
            if depth == DEPTH {
                String::new()
            } else {
                real_at(w, value, depth + 1)
            }
        })
        .collect();
    finish(&name, &slots, ivars)
}

/// The kind of an exception as `reference::ErrorKind` has it.
pub fn error_kind(w: &mut World, exception: Oop) -> String {
    let text = w.vm.model.heap.slot(exception, slots::exception::MESSAGE);
    let text = w.vm.model.heap.text(text.unwrap());
    let heap = &w.vm.model.heap;
    let found = ERRORS
        .iter()
        .find(|(class, begin, _)| heap.is_instance(exception, *class) && text.starts_with(begin));
    match found {
        Some((.., kind)) => (*kind).to_string(),
        None => {
            let class = w.vm.model.heap.class_of(exception).unwrap();
            format!("{}: {text}", w.vm.model.class_name(class))
        }
    }
}

/// The class with two declared variables.
pub const PAIR: &str = "Association";

/// A value of the reference machine. Its exceptions are objects of class Exception with their kind in `@kind`.
pub fn expected(value: &Value) -> String {
    expected_at(value, 0)
}

fn expected_at(value: &Value, depth: u32) -> String {
    match value {
        Value::Undef => "undef".into(),
        Value::Nil => "nil".into(),
        Value::True => "true".into(),
        Value::False => "false".into(),
        Value::Int(n) => n.to_string(),
        Value::Float(f) => format!("{f:?}"),
        Value::Symbol(s) => format!("#{s}"),
        Value::String(s) => format!("'{}'", s.borrow()),
        Value::Other(s) => s.to_string(),
        Value::Array(items) if depth == DEPTH => format!("({} elements)", items.borrow().len()),
        Value::Array(items) => {
            let deeper = |item| expected_at(item, depth + 1);
            let all: Vec<String> = items.borrow().iter().map(deeper).collect();
            format!("({})", all.join(" "))
        }
        Value::Hash(pairs) => {
            let pairs = pairs.borrow();
            let all: Vec<String> = pairs
                .iter()
                .map(|(k, v)| format!("{}={}", expected(k), expected(v)))
                .collect();
            format!("{{{}}}", all.join(" "))
        }
        Value::Range(r) => range(&expected(&r.0), &expected(&r.1), r.2),
        Value::Closure(_) => "a block".into(),
        Value::Binding(_) => "a binding".into(),
        Value::Class(class) => class.name.clone(),
        Value::Pending(_) => "pending".into(),
        Value::Object(object) => {
            let ivars = object.ivars.borrow();
            if let Some(Value::Symbol(kind)) = ivars.get(super::both::KIND) {
                return format!("error:{kind}");
            }
            let ivars = ivars.iter().map(|(k, v)| format!("{k}={}", expected(v)));
            let slots = object.slots.borrow();
            let slots = slots.iter().map(|slot| match depth {
                DEPTH => String::new(),
                _ => expected_at(slot, depth + 1),
            });
            let slots: Vec<String> = slots.collect();
            finish(&object.class.name, &slots, ivars.collect())
        }
    }
}

fn range(low: &str, high: &str, exclusive: bool) -> String {
    format!("{low}{}{high}", if exclusive { "..." } else { ".." })
}

fn finish(class: &str, slots: &[String], mut ivars: Vec<String>) -> String {
    ivars.sort();
    format!("{class}({})[{}]", slots.join(" "), ivars.join(" "))
}
