//! Exceptions.

use super::objects::text;
use super::{Machine, V};
use reference::Unwind;

pub fn exception(vm: &mut Machine, class: &str, message: &str) -> V {
    let e = V::Object(vm.instance(vm.named(class), 0));
    vm.set_ivar(&e, "@message", V::string(message));
    vm.error_info = e.clone();
    e
}

pub fn error(vm: &mut Machine, class: &str, message: &str) -> Unwind {
    Unwind::Raise(exception(vm, class, message))
}

/// `raise`
pub fn raise(vm: &mut Machine, args: &[V]) -> Unwind {
    let e = match args {
        [] if vm.error_info.is_nil() => exception(vm, "RuntimeError", "unhandled exception"),
        [] => vm.error_info.clone(),
        [s @ V::String(_)] => exception(vm, "RuntimeError", &text(vm, s)),
        [V::Class(class), rest @ ..] => {
            let message = rest.first().map_or(class.name.clone(), |m| text(vm, m));
            let e = V::Object(vm.instance(class.clone(), 0));
            vm.set_ivar(&e, "@message", V::string(&message));
            e
        }
        [e, ..] => e.clone(),
    };
    vm.error_info = e.clone();
    Unwind::Raise(e)
}
