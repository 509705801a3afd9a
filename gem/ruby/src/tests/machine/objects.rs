//! Equality and text.

use super::{Machine, V};

pub fn text(vm: &Machine, v: &V) -> String {
    match v {
        V::String(s) => s.borrow().clone(),
        V::Symbol(s) => s.to_string(),
        V::Nil => String::new(),
        other => inspect(vm, other),
    }
}

pub fn describe(vm: &Machine, e: &V) -> String {
    let message = vm.ivar(e, "@message").unwrap_or_default();
    format!("{}: {}", vm.real_class(e).name, text(vm, &message))
}

pub fn inspect(vm: &Machine, v: &V) -> String {
    let list = |items: &[V]| -> String {
        let all: Vec<String> = items.iter().map(|i| inspect(vm, i)).collect();
        all.join(", ")
    };
    match v {
        V::Undef => "undef".into(),
        V::Pending(_) => "pending".into(),
        V::Nil => "nil".into(),
        V::True => "true".into(),
        V::False => "false".into(),
        V::Int(i) => i.to_string(),
        V::Float(f) => format!("{f:?}"),
        V::Symbol(s) if s.contains(' ') => format!(":{s:?}"),
        V::Symbol(s) => format!(":{s}"),
        V::Other(s) => s.to_string(),
        V::String(s) => format!("{:?}", s.borrow()),
        V::Array(items) => format!("[{}]", list(&items.borrow())),
        V::Hash(pairs) => {
            let pairs = pairs.borrow();
            let pair = |(k, v): &(V, V)| format!("{}=>{}", inspect(vm, k), inspect(vm, v));
            let all: Vec<String> = pairs.iter().map(pair).collect();
            format!("{{{}}}", all.join(", "))
        }
        V::Range(r) => {
            let dots = if r.2 { "..." } else { ".." };
            format!("{}{dots}{}", inspect(vm, &r.0), inspect(vm, &r.1))
        }
        V::Closure(_) => "proc".into(),
        V::Binding(_) => "binding".into(),
        V::Class(k) => k.name.clone(),
        V::Object(o) if vm.is_a(v, &vm.named("Exception")) => {
            let message = vm.ivar(v, "@message").unwrap_or_default();
            format!("#<{}: {}>", o.class.name, text(vm, &message))
        }
        V::Object(o) => format!("#<{}>", o.class.name),
    }
}

pub fn equal(vm: &Machine, a: &V, b: &V) -> bool {
    match (a, b) {
        (V::String(x), V::String(y)) => *x.borrow() == *y.borrow(),
        (V::Array(x), V::Array(y)) => {
            let (x, y) = (x.borrow(), y.borrow());
            x.len() == y.len() && x.iter().zip(y.iter()).all(|(p, q)| equal(vm, p, q))
        }
        (V::Hash(_), V::Hash(_)) | (V::Range(_), V::Range(_)) => inspect(vm, a) == inspect(vm, b),
        _ => a.same(b),
    }
}
