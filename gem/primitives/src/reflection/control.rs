//! Exceptions, the callers of a method, the end of a program.

use crate::check::{Ask, Checked, ensure, fallback, index};
use crate::macros::primitives;
use format::wellknown;
use format::wellknown::slots::{exception, method, scope};
use gem_bytecode::CodeKind;
use gem_model::Visibility;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm, VmExit};

primitives! {
    signal => signal, "finds the handler in the frames";
    raise => raise, "finds the handler in the frames";
    exceptionReturn => exception_return, "unwinds";
    exceptionRetry => exception_retry, "unwinds";
    exceptionRetryUsing => exception_retry_using, "unwinds";
    exceptionResignalAs => exception_resignal_as, "unwinds";
    exceptionResume => exception_resume, "unwinds";
    exceptionPass => exception_pass, "finds the next handler in the frames";
    exceptionOuter => exception_outer, "finds the next handler in the frames";
    exceptionUnhandled => exception_unhandled, "leaves the interpreter";
    exceptionBacktrace => exception_backtrace, "turns frames into lines";
    currentStack => current_stack, "turns frames into lines";
    exit => exit, "leaves the interpreter";
    setCallerMatch => set_caller_match, "reaches the caller's frame";
    setOuterCallerMatch => set_outer_caller_match, "reaches the frame above the caller's";
    setCallerLine => set_caller_line, "reaches the caller's frame";
    callerMatch => caller_match, "reaches the caller's frame";
    callerBinding => caller_binding, "reaches the caller's frame";
    callerNesting => caller_nesting, "reaches the caller's frame";
    callerMethodName => caller_method_name, "reaches the caller's frame";
    callerBlock => caller_block, "reaches the caller's frame";
    givenBlockTakesTwo => given_block_takes_two, "reads the code of a block that may still be on the stack";
    setDefaultVisibility => set_default_visibility, "reaches the caller's frame";
}

/// Frames between the one on top and the user's: a kernel method called the method that is bound to the primitive.
const USER_FRAME: usize = 1;

fn exception_arg(vm: &mut Vm, args: Args) -> Checked<Oop> {
    vm.known_arg(args, 0, wellknown::ABSTRACT_EXCEPTION)
}

fn signal(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = exception_arg(vm, args)?;
    vm.signal(exception)
}

fn raise(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = exception_arg(vm, args)?;
    vm.exec.error_info = exception;
    vm.raise_exception(exception)
}

/// The receiver, when an `on:do:` handler is at work on it.
fn handled(vm: &mut Vm, args: Args) -> Checked<Oop> {
    let exception = exception_arg(vm, args)?;
    ensure(vm.is_handled(exception))?;
    Ok(exception)
}

fn exception_return(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = handled(vm, args)?;
    let value = vm.given(args, 1).unwrap_or(Oop::NIL);
    vm.exception_return(exception, value)
}

fn exception_retry(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = handled(vm, args)?;
    vm.exception_retry(exception)
}

fn exception_retry_using(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = handled(vm, args)?;
    let closure = vm.closure_arg(args, 1)?;
    vm.exception_retry_using(exception, closure)
}

fn exception_resignal_as(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = handled(vm, args)?;
    let other = vm.known_arg(args, 1, wellknown::ABSTRACT_EXCEPTION)?;
    vm.exception_resignal_as(exception, other)
}

fn exception_resume(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = handled(vm, args)?;
    let value = vm.given(args, 1).unwrap_or(Oop::NIL);
    vm.exception_resume(exception, value)
}

fn exception_pass(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = handled(vm, args)?;
    vm.exception_pass(exception)
}

fn exception_outer(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = handled(vm, args)?;
    vm.exception_outer(exception)
}

fn exception_unhandled(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = exception_arg(vm, args)?;
    Err(vm.unhandled(exception))
}

/// Lines of the exception's stack; a stack that was set by the program is answered as it is.
fn exception_backtrace(vm: &mut Vm, args: Args) -> PrimResult {
    let exception = exception_arg(vm, args)?;
    let stack = vm.model.heap.slot(exception, exception::STACK)?;
    if !crate::check::is_indexed(&vm.model.heap, stack) {
        return Ok(Oop::NIL);
    }
    let pairs = vm.model.heap.elements(stack)?;
    match pairs.first() {
        Some(&first) if vm.model.heap.is_instance(first, wellknown::GS_NMETHOD) => {
            lines(vm, &pairs)
        }
        _ => Ok(stack),
    }
}

pub(crate) fn lines(vm: &mut Vm, pairs: &[Oop]) -> PrimResult {
    let locations = vm.locations(pairs);
    let mut texts = Vec::with_capacity(locations.len());
    for location in locations {
        texts.push(vm.model.heap.new_string(location.to_string().as_bytes())?);
    }
    Ok(vm.model.heap.new_array(&texts)?)
}

/// `currentStack(skip)`: lines, innermost first.
fn current_stack(vm: &mut Vm, args: Args) -> PrimResult {
    let skip = match vm.given(args, 1) {
        Some(skip) => index(skip)?,
        None => 0,
    };
    let pairs = vm.stack_pairs(skip);
    lines(vm, &pairs)
}

/// Ends the program with a status, without running ensure clauses.
fn exit(vm: &mut Vm, args: Args) -> PrimResult {
    let status = match vm.arg(args, 1) {
        Oop::TRUE => 0,
        Oop::FALSE => 1,
        other if other.is_undef() || other.is_nil() => 0,
        other => crate::check::int(other)?,
    };
    let exception = vm.model.heap.new_wellknown(wellknown::SYSTEM_EXIT);
    let text = vm.model.heap.new_string(b"exit")?;
    vm.model
        .heap
        .set_slot(exception, exception::MESSAGE, text)?;
    vm.model
        .heap
        .set_slot(exception, exception::VALUE, crate::check::small(status))?;
    Err(Fail::Exit(VmExit::Unhandled(exception)))
}

/// Index of the user's frame.
fn user_frame(vm: &Vm) -> Checked<usize> {
    vm.exec
        .frames
        .len()
        .checked_sub(1 + USER_FRAME)
        .ok_or(Fail::Fallback)
}

fn set_caller_match(vm: &mut Vm, args: Args) -> PrimResult {
    let value = vm.value_arg(args, 1)?;
    vm.set_caller_match(value, USER_FRAME)?;
    Ok(value)
}

/// For a kernel method that works for another one, which the user's frame called.
fn set_outer_caller_match(vm: &mut Vm, args: Args) -> PrimResult {
    let value = vm.value_arg(args, 1)?;
    vm.set_caller_match(value, USER_FRAME + 1)?;
    Ok(value)
}

fn set_caller_line(vm: &mut Vm, args: Args) -> PrimResult {
    let value = vm.value_arg(args, 1)?;
    let frame = user_frame(vm)?;
    vm.set_special_of(frame, true, value)?;
    Ok(value)
}

fn caller_match(vm: &mut Vm, _: Args) -> PrimResult {
    let frame = user_frame(vm)?;
    vm.special_of(frame, false)
}

fn caller_binding(vm: &mut Vm, _: Args) -> PrimResult {
    user_frame(vm)?;
    vm.binding_of_frame(USER_FRAME)
}

/// Modules around the caller's code, innermost first.
fn caller_nesting(vm: &mut Vm, _: Args) -> PrimResult {
    let home = vm.home_method_at(USER_FRAME);
    ensure(!home.is_nil())?;
    let mut modules = Vec::new();
    let mut at = vm.model.heap.slot(home, method::LEXICAL_SCOPE)?;
    while !at.is_nil() {
        let module = vm.model.heap.slot(at, scope::MODULE)?;
        if !module.is_nil() {
            modules.push(module);
        }
        at = vm.model.heap.slot(at, scope::PARENT)?;
    }
    Ok(vm.model.heap.new_array(&modules)?)
}

fn caller_method_name(vm: &mut Vm, _: Args) -> PrimResult {
    let home = vm.home_method_at(USER_FRAME);
    if home.is_nil() {
        return Ok(Oop::NIL);
    }
    let code = vm.load_method(home)?;
    if matches!(code.kind, CodeKind::Body | CodeKind::Eval) {
        return Ok(Oop::NIL);
    }
    let selector = vm.model.heap.slot(home, method::SELECTOR)?;
    if vm.model.heap.is_symbol(selector) {
        return Ok(selector);
    }
    fallback()
}

fn caller_block(vm: &mut Vm, _: Args) -> PrimResult {
    vm.home_block_at(USER_FRAME)
}

/// Whether the block given to the method that asks is no lambda and has two or more parameters, all of them required.
fn given_block_takes_two(vm: &mut Vm, _: Args) -> PrimResult {
    Ok(Oop::from_bool(vm.home_block_takes_two(0)?))
}

/// `setDefaultVisibility(visibility)`: 0 public, 1 private, 2 protected, 3 module_function.
fn set_default_visibility(vm: &mut Vm, args: Args) -> PrimResult {
    let (visibility, function) = match vm.int_arg(args, 1)? {
        0 => (Visibility::Public, false),
        1 => (Visibility::Private, false),
        2 => (Visibility::Protected, false),
        3 => (Visibility::Private, true),
        _ => return fallback(),
    };
    vm.set_default_visibility(USER_FRAME, visibility, function);
    Ok(Oop::NIL)
}
