//! As much of a class library as the programs need.

use super::collections::{each, on_array, on_hash};
use super::library::on_class;
use super::objects::{equal, inspect, text};
use super::raising::{error, raise};
use super::{Machine, V};
use crate::compile_eval;
use gem_bytecode::CodeKind;
use reference::{Call, Loaded, Outcome};

/// Methods of every object.
pub fn builtin(vm: &mut Machine, receiver: &V, name: &str, call: &Call) -> Option<Outcome> {
    let args = &call.args;
    let value = match name {
        "p" => {
            for a in args {
                let line = inspect(vm, a) + "\n";
                vm.kernel.out.push_str(&line);
            }
            match args.len() {
                0 | 1 => call.arg(0),
                _ => V::array(args.clone()),
            }
        }
        "raise" => return Some(Err(raise(vm, args))),
        "lambda" | "proc" => {
            if let (V::Closure(p), "lambda") = (&call.block, name) {
                p.lambda.set(true);
            }
            call.block.clone()
        }
        "loop" => loop {
            if let Err(left) = vm.call_block(&call.block, vec![]) {
                return Some(Err(left));
            }
        },
        "eval" => return Some(eval(vm, &call.arg(0))),
        "__method__" | "__parser_warning" | "__verbose_parser_warning" => V::Nil,
        "!" => V::bool(!receiver.is_truthy()),
        "==" | "===" | "equal?" => V::bool(equal(vm, receiver, &call.arg(0))),
        "!=" => {
            let same = vm.send(1, receiver.clone(), "==", args.clone());
            return Some(same.map(|same| V::bool(!same.is_truthy())));
        }
        "=~" => V::Nil,
        "nil?" => V::bool(receiver.is_nil()),
        "class" => V::Class(vm.real_class(receiver)),
        "inspect" => V::string(&inspect(vm, receiver)),
        "to_s" => V::string(&text(vm, receiver)),
        "is_a?" => match call.arg(0) {
            V::Class(k) => V::bool(vm.is_a(receiver, &k)),
            _ => V::False,
        },
        "respond_to?" => V::bool(vm.understands(receiver, &text(vm, &call.arg(0)))),
        "instance_variable_get" => {
            let name = text(vm, &call.arg(0));
            vm.ivar(receiver, &name).unwrap_or_default()
        }
        "send" | "__send__" => {
            let mut rest = call.clone();
            let name = rest.args.remove(0);
            return Some(vm.send_call(receiver.clone(), &text(vm, &name), rest));
        }
        "instance_eval" => match &call.block {
            V::Closure(p) => {
                let own = Call::new(1, vec![receiver.clone()]);
                return Some(vm.invoke(p, Some(receiver.clone()), own));
            }
            _ => V::Nil,
        },
        "__splat" if matches!(receiver, V::Range(_)) || vm.understands(receiver, "to_a") => {
            return Some(vm.send(1, receiver.clone(), "to_a", vec![]));
        }
        "__to_ary_multi" if vm.understands(receiver, "to_ary") => {
            return Some(vm.send(1, receiver.clone(), "to_ary", vec![]));
        }
        "__splat" | "__to_ary_multi" => V::array(vec![receiver.clone()]),
        "initialize" => V::Nil,
        "private" | "public" | "module_function" => call.arg(0),
        "message" => vm.ivar(receiver, "@message").unwrap_or_default(),
        _ => return None,
    };
    Some(Ok(value))
}

/// `eval` of a text in the frame that sent it.
fn eval(vm: &mut Machine, source: &V) -> Outcome {
    let binding = vm.binding();
    let source = text(vm, source);
    let code = compile_eval(source.as_bytes(), "(eval)", 1, &binding.names());
    let code = code.map_err(|e| error(vm, "SyntaxError", &e.message))?;
    crate::tests::check(&code);
    assert_eq!(code.kind, CodeKind::Eval);
    vm.evaluate(Loaded::new(&code), &binding)
}

/// Methods that depend on the kind of the receiver; `None` when it has no such method.
pub fn on_kind(vm: &mut Machine, receiver: &V, name: &str, call: &Call) -> Option<Outcome> {
    let args = &call.args;
    let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
    let block = &call.block;
    Some(Ok(match (receiver, name) {
        (V::Int(a), "+" | "-" | "*" | "/" | "%" | "<" | "<=" | ">" | ">=" | "&" | "|" | "<<") => {
            let V::Int(b) = arg(0) else {
                return Some(Err(error(vm, "TypeError", "no number")));
            };
            match name {
                "+" => V::Int(a + b),
                "-" => V::Int(a - b),
                "*" => V::Int(a * b),
                "/" => V::Int((a - modulo(*a, b)) / b),
                "%" => V::Int(modulo(*a, b)),
                "&" => V::Int(a & b),
                "|" => V::Int(a | b),
                "<<" => V::Int(a << b),
                "<" => V::bool(*a < b),
                "<=" => V::bool(*a <= b),
                ">" => V::bool(*a > b),
                _ => V::bool(*a >= b),
            }
        }
        (V::Int(n), "times") => {
            for i in 0..*n {
                if let Err(u) = vm.call_block(block, vec![V::Int(i)]) {
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
                return Some(Ok(V::array(items)));
            }
            match each(vm, items, block) {
                Ok(values) if name == "map" => V::array(values),
                Ok(_) => receiver.clone(),
                Err(u) => return Some(Err(u)),
            }
        }
        (V::Range(r), "===") => match (&r.0, &r.1, arg(0)) {
            (V::Int(low), V::Int(high), V::Int(i)) => {
                V::bool(*low <= i && if r.2 { i < *high } else { i <= *high })
            }
            (V::Int(low), V::Nil, V::Int(i)) => V::bool(*low <= i),
            _ => V::False,
        },
        (V::String(s), "+") => V::string(&(s.borrow().clone() + &text(vm, &arg(0)))),
        (V::String(s), "<<") => {
            let more = text(vm, &arg(0));
            s.borrow_mut().push_str(&more);
            receiver.clone()
        }
        (V::String(s), "size") => V::Int(s.borrow().len() as i64),
        (V::String(s), "to_sym") => V::symbol(&s.borrow()),
        (V::Symbol(_), "to_proc") => receiver.clone(),
        (V::Closure(p), "call" | "()" | "yield" | "[]" | "===") => {
            return Some(vm.invoke(p, None, call.clone()));
        }
        (V::Closure(p), "lambda?") => V::bool(p.lambda.get()),
        (V::Class(k), _) => return on_class(vm, k, receiver, name, call),
        (V::Array(items), _) => return on_array(vm, items, receiver, name, call),
        (V::Hash(pairs), _) => return on_hash(vm, pairs, receiver, name, call),
        _ => return None,
    }))
}

/// With the sign of the divisor.
fn modulo(a: i64, b: i64) -> i64 {
    (a % b + b) % b
}
