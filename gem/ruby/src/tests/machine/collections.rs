//! Methods of Array and Hash.

use super::objects::equal;
use super::raising::error;
use super::{Machine, V};
use reference::{Call, Outcome, Unwind};
use std::cell::RefCell;
use std::rc::Rc;

pub fn each(vm: &mut Machine, items: Vec<V>, block: &V) -> Result<Vec<V>, Unwind> {
    items
        .into_iter()
        .map(|i| vm.call_block(block, vec![i]))
        .collect()
}

pub fn on_array(
    vm: &mut Machine,
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
        ("[]", V::Int(i), V::Int(n)) => V::array(
            copy.into_iter()
                .skip(index(i))
                .take(n.max(0) as usize)
                .collect(),
        ),
        ("[]=", V::Int(i), v) => {
            let at = index(i);
            let mut items = items.borrow_mut();
            while items.len() <= at {
                items.push(V::Nil);
            }
            items[at] = v.clone();
            V::string("not the value")
        }
        ("<<" | "push", v, _) => {
            items.borrow_mut().push(v);
            receiver.clone()
        }
        ("pop", ..) => items.borrow_mut().pop().unwrap_or(V::Nil),
        ("size", ..) => V::Int(copy.len() as i64),
        ("empty?", ..) => V::bool(copy.is_empty()),
        ("to_a" | "deconstruct", ..) => receiver.clone(),
        ("+", V::Array(more), _) => {
            V::array(copy.into_iter().chain(more.borrow().clone()).collect())
        }
        ("each" | "map", ..) => match each(vm, copy, &call.block) {
            Ok(values) if name == "map" => V::array(values),
            Ok(_) => receiver.clone(),
            Err(u) => return Some(Err(u)),
        },
        ("__when_any", ..) => V::bool(copy.iter().any(V::is_truthy)),
        ("__when_splat", subject, _) => {
            for pattern in copy {
                match vm.send(1, pattern, "===", vec![subject.clone()]) {
                    Ok(v) if v.is_truthy() => return Some(Ok(V::True)),
                    Ok(_) => {}
                    Err(u) => return Some(Err(u)),
                }
            }
            V::False
        }
        ("__fresh_strings", ..) => V::array(
            copy.iter()
                .map(|v| {
                    if let V::String(s) = v {
                        V::string(&s.borrow())
                    } else {
                        v.clone()
                    }
                })
                .collect(),
        ),
        _ => return None,
    }))
}

pub fn on_hash(
    vm: &mut Machine,
    pairs: &Rc<RefCell<Vec<(V, V)>>>,
    receiver: &V,
    name: &str,
    call: &Call,
) -> Option<Outcome> {
    let key = call.args.first().cloned().unwrap_or(V::Nil);
    let at = pairs.borrow().iter().position(|(k, _)| equal(vm, k, &key));
    Some(Ok(match name {
        "[]" => at.map_or(V::Nil, |i| pairs.borrow()[i].1.clone()),
        "key?" => V::bool(at.is_some()),
        "delete" => at.map_or(V::Nil, |i| pairs.borrow_mut().remove(i).1),
        "dup" => V::Hash(Rc::new(RefCell::new(pairs.borrow().clone()))),
        "empty?" => V::bool(pairs.borrow().is_empty()),
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
                    let call = Call::new(1, vec![k, v]);
                    let _ = on_hash(vm, pairs, receiver, "__store", &call);
                }
                receiver.clone()
            }
            _ => {
                return Some(Err(error(
                    vm,
                    "TypeError",
                    "no implicit conversion into Hash",
                )));
            }
        },
        "each" => {
            for (k, v) in pairs.borrow().clone() {
                if let Err(u) = vm.call_block(&call.block, vec![V::array(vec![k, v])]) {
                    return Some(Err(u));
                }
            }
            receiver.clone()
        }
        "deconstruct_keys" => receiver.clone(),
        _ => return None,
    }))
}
