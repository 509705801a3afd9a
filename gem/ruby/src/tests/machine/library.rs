//! Methods of classes, and the helpers of Kernel that `docs/ruby-compiler.md` lists.

use super::objects::{inspect, text};
use super::raising::error;
use super::{ACCESSOR, Machine, V};
use reference::{Body, Call, Class, Outcome};
use std::rc::Rc;

pub fn on_class(
    vm: &mut Machine,
    class: &Rc<Class>,
    receiver: &V,
    name: &str,
    call: &Call,
) -> Option<Outcome> {
    let args = &call.args;
    let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
    if class.name == "Kernel"
        && let Some(outcome) = kernel_helper(vm, name, call)
    {
        return Some(outcome);
    }
    Some(Ok(match name {
        "new" => {
            let object = V::Object(vm.instance(class.clone(), 0));
            if vm.is_a(&object, &vm.named("Exception")) {
                let message = args
                    .first()
                    .cloned()
                    .unwrap_or_else(|| V::string(&class.name));
                vm.set_ivar(&object, "@message", message);
                return Some(Ok(object));
            }
            if let Err(u) = vm.send_call(object.clone(), "initialize", call.clone()) {
                return Some(Err(u));
            }
            object
        }
        "===" => V::bool(vm.is_a(&arg(0), class)),
        "name" | "to_s" => V::string(&class.name),
        "attr_accessor" => {
            for a in args {
                let n = text(vm, a);
                let accessor = |end| Body::Native(format!("{ACCESSOR}@{n}{end}").into());
                put(class, &format!("{n}="), accessor("="));
                put(class, &n, accessor(""));
            }
            V::Nil
        }
        "define_method" => {
            if let V::Closure(p) = &call.block {
                put(class, &text(vm, &arg(0)), Body::Closure(p.clone()));
            }
            arg(0)
        }
        "__alias" => {
            if let Some((body, _)) = vm.find(class, 1, &text(vm, &arg(1))) {
                put(class, &text(vm, &arg(0)), body);
            }
            receiver.clone()
        }
        "__undef" => {
            put(class, &text(vm, &arg(0)), Body::Undefined);
            receiver.clone()
        }
        _ => return None,
    }))
}

fn put(class: &Class, selector: &str, body: Body) {
    let key = (1, selector.to_string());
    class.methods.borrow_mut().insert(key, body);
}

fn kernel_helper(vm: &mut Machine, name: &str, call: &Call) -> Option<Outcome> {
    let args = &call.args;
    let arg = |i: usize| args.get(i).cloned().unwrap_or(V::Nil);
    let responds = |vm: &Machine, v: &V, name: &str| {
        vm.understands(v, name)
            || matches!(
                (v, name),
                (V::Array(_), "deconstruct") | (V::Hash(_), "deconstruct_keys")
            )
    };
    Some(match name {
        "__no_matching_pattern" => {
            let kind = text(vm, &arg(1));
            let class = if kind == "key" {
                "NoMatchingPatternKeyError"
            } else {
                "NoMatchingPatternError"
            };
            let text: Vec<String> = args.iter().map(|a| inspect(vm, a)).collect();
            Err(error(vm, class, &text.join(" ")))
        }
        "__deconstruct" if !responds(vm, &arg(0), "deconstruct") => Ok(V::Nil),
        "__deconstruct" => vm.send(1, arg(0), "deconstruct", vec![]),
        "__deconstruct_keys" if !responds(vm, &arg(0), "deconstruct_keys") => Ok(V::Nil),
        "__deconstruct_keys" => vm.send(1, arg(0), "deconstruct_keys", vec![arg(1)]),
        "__rescue_match" => match arg(0) {
            k @ V::Class(_) => vm.send(1, k, "===", vec![arg(1)]),
            _ => Err(error(
                vm,
                "TypeError",
                "class or module required for rescue clause",
            )),
        },
        "__rescue_any" => {
            let classes = vm.elements(&arg(0));
            if classes.iter().any(|k| !matches!(k, V::Class(_))) {
                return Some(Err(error(
                    vm,
                    "TypeError",
                    "class or module required for rescue clause",
                )));
            }
            vm.send(1, arg(0), "__when_splat", vec![arg(1)])
        }
        "__once" => {
            let key = text(vm, &arg(0));
            if let Some(v) = vm.kernel.once.get(&key) {
                return Some(Ok(v.clone()));
            }
            let v = match vm.call_block(&call.block, vec![]) {
                Ok(v) => v,
                Err(u) => return Some(Err(u)),
            };
            vm.kernel.once.insert(key, v.clone());
            Ok(v)
        }
        "__at_exit_once" => {
            let key = text(vm, &arg(0));
            if vm.kernel.once.insert(key, V::True).is_none() {
                vm.kernel.at_exit.push(call.block.clone());
            }
            Ok(V::Nil)
        }
        _ => return None,
    })
}
