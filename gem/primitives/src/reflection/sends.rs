//! Sends whose selector is a value.

use crate::check::{Ask, Checked, ensure, int};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    perform => perform, "sends without a frame of its own";
    performWithArguments => perform_with_arguments, "sends without a frame of its own";
    performEnv => perform_env, "sends without a frame of its own";
    performEnvWithArguments => perform_env_with_arguments, "sends without a frame of its own";
    rubySend => ruby_send, "sends without a frame of its own, private methods too";
    rubyPublicSend => ruby_public_send, "sends without a frame of its own";
    missingReason => missing_reason, "the machine's memory of the last failed lookup";
}

/// `*args, **options` of a Ruby method.
pub(crate) struct Rest {
    pub values: Vec<Oop>,
    /// A Hash that is not empty, or nil.
    pub keywords: Oop,
}

/// The rest parameter in register `at` and, behind it, the keyword rest if the method has one.
pub(crate) fn rest_arguments(vm: &mut Vm, args: Args, at: usize) -> Checked<Rest> {
    let list = vm.arg(args, at);
    let values = match vm.model.is_array(list)? {
        true => vm.model.heap.elements(list)?,
        false => {
            ensure(list.is_undef())?;
            Vec::new()
        }
    };
    let options = vm.arg(args, at + 1);
    let given =
        !options.is_undef() && vm.model.is_hash(options) && vm.model.hash_count(options)? > 0;
    Ok(Rest {
        values,
        keywords: if given { options } else { Oop::NIL },
    })
}

/// Arguments that a Smalltalk selector takes.
fn smalltalk_arity(selector: &[u8]) -> usize {
    match selector.first() {
        Some(c) if c.is_ascii_alphabetic() || *c == b'_' || *c >= 128 => {
            selector.iter().filter(|&&c| c == b':').count()
        }
        Some(_) => 1,
        None => 0,
    }
}

fn send(vm: &mut Vm, args: Args, environment: u8, arguments: &[Oop]) -> PrimResult {
    let (receiver, selector) = (vm.receiver(args), vm.symbol_arg(args, 1)?);
    ensure(arguments.len() <= format::limits::SEND_ARGS_MAX)?;
    if environment == 0 {
        ensure(smalltalk_arity(vm.model.heap.bytes(selector)) == arguments.len())?;
    }
    vm.tail_send(receiver, selector, arguments, Oop::NIL, environment)
}

fn perform(vm: &mut Vm, args: Args) -> PrimResult {
    let arguments = vm.args_from(args, 2);
    send(vm, args, 0, &arguments)
}

fn perform_with_arguments(vm: &mut Vm, args: Args) -> PrimResult {
    let list = vm.indexed_arg(args, 2)?;
    let arguments = vm.model.heap.elements(list)?;
    send(vm, args, 0, &arguments)
}

fn environment(oop: Oop) -> Checked<u8> {
    match int(oop)? {
        0 => Ok(0),
        1 => Ok(1),
        _ => crate::check::fallback(),
    }
}

fn perform_env(vm: &mut Vm, args: Args) -> PrimResult {
    let environment = environment(vm.arg(args, 2))?;
    let arguments = vm.args_from(args, 3);
    send(vm, args, environment, &arguments)
}

fn perform_env_with_arguments(vm: &mut Vm, args: Args) -> PrimResult {
    let environment = environment(vm.arg(args, 2))?;
    let list = vm.indexed_arg(args, 3)?;
    let arguments = vm.model.heap.elements(list)?;
    send(vm, args, environment, &arguments)
}

/// `__send__(name, *args, **options, &block)`
fn ruby_send(vm: &mut Vm, args: Args) -> PrimResult {
    let selector = vm.name_arg(args, 1)?;
    let rest = rest_arguments(vm, args, 2)?;
    let receiver = vm.receiver(args);
    let private = gem_bytecode::site_flags::SELF_CALL;
    vm.tail_call_with(
        receiver,
        selector,
        &rest.values,
        rest.keywords,
        args.block,
        1,
        private,
        0,
    )
}

fn ruby_public_send(vm: &mut Vm, args: Args) -> PrimResult {
    let selector = vm.name_arg(args, 1)?;
    let rest = rest_arguments(vm, args, 2)?;
    let receiver = vm.receiver(args);
    vm.tail_call_with(
        receiver,
        selector,
        &rest.values,
        rest.keywords,
        args.block,
        1,
        0,
        0,
    )
}

fn missing_reason(vm: &mut Vm, _: Args) -> PrimResult {
    Ok(Oop::small_int_wrapping(vm.exec.missing_reason as i64))
}
