//! Calling closures, and what they say of themselves.

use crate::check::{Ask, Checked, boolean, ensure, known};
use crate::macros::primitives;
use crate::reflection::parameters;
use crate::reflection::sends::rest_arguments;
use format::wellknown;
use format::wellknown::slots::block;
use gem_vm::{Args, Oop, PrimResult, Vm, frame_flags};

primitives! {
    blockValue => block_value, "pushes the closure's frame";
    blockValue1 => block_value, "pushes the closure's frame";
    blockValue2 => block_value, "pushes the closure's frame";
    blockValue3 => block_value, "pushes the closure's frame";
    blockValue4 => block_value, "pushes the closure's frame";
    blockValueWithArguments => block_value_with_arguments, "pushes the closure's frame";
    blockNumArgs => block_num_args, "reads the code";
    blockCall => block_call, "pushes the closure's frame";
    blockIsLambda => block_is_lambda, "reads the closure's flags";
    blockArity => block_arity, "reads the code";
    blockParameters => block_parameters, "reads the code";
    blockToLambda => block_to_lambda, "sets the closure's flags";
    blockSourceLocation => block_source_location, "reads the code";
    blockEqual => block_equal, "compares code and environment";
    blockCopyAs => block_copy_as, "copies a closure to another class";
    instanceExec => instance_exec, "pushes the closure's frame with another self";
    classExec => class_exec, "pushes the closure's frame with another self";
    symbolToProc => symbol_to_proc, "makes a closure without code";
    methodToProc => method_to_proc, "makes a closure of a method";
    methodCall => method_call, "pushes the method's frame";
    methodArity => method_arity, "reads the code";
    methodParameters => method_parameters, "reads the code";
    methodSourceLocation => method_source_location, "reads the code";
}

fn block_value(vm: &mut Vm, args: Args) -> PrimResult {
    vm.closure_arg(args, 0)?;
    vm.tail_value(args)
}

fn block_value_with_arguments(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let list = vm.indexed_arg(args, 1)?;
    let arguments = vm.model.heap.elements(list)?;
    ensure(arguments.len() <= format::limits::SEND_ARGS_MAX)?;
    if let Some(params) = parameters::of_closure(vm, closure)? {
        let fixed = params.required as usize == params.registers();
        ensure(params.lenient || !fixed || arguments.len() == params.required as usize)?;
    }
    vm.tail_block(closure, &arguments, Oop::NIL)
}

fn block_num_args(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let count = match parameters::of_closure(vm, closure)? {
        Some(params) => params.required + params.optional + params.post,
        None => 1,
    };
    Ok(Oop::small_int_wrapping(count as i64))
}

/// `call(*args, **options, &block)`
fn block_call(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let rest = rest_arguments(vm, args, 1)?;
    vm.tail_block_with(closure, &rest.values, rest.keywords, args.block, None, 0)
}

fn block_is_lambda(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    Ok(Oop::from_bool(
        vm.closure_flags(closure)? & gem_vm::LAMBDA != 0,
    ))
}

fn block_arity(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let lambda = vm.closure_flags(closure)? & gem_vm::LAMBDA != 0;
    let arity = match parameters::of_closure(vm, closure)? {
        Some(params) => parameters::arity(&params, lambda),
        None => -2,
    };
    Ok(Oop::small_int_wrapping(arity))
}

fn block_parameters(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let strict = match vm.given(args, 1) {
        Some(strict) => boolean(strict)?,
        None => vm.closure_flags(closure)? & gem_vm::LAMBDA != 0,
    };
    let params = match parameters::of_closure(vm, closure)? {
        Some(params) => params,
        None => parameters::of_symbol(),
    };
    let names = parameters::keyword_names(vm, closure, &params)?;
    parameters::list(vm, &params, &names, strict)
}

fn block_to_lambda(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let copy = vm.model.heap.shallow_copy(closure)?;
    let flags = vm.closure_flags(closure)? | gem_vm::LAMBDA;
    vm.model
        .heap
        .set_slot(copy, block::FLAGS, Oop::small_int_wrapping(flags))?;
    Ok(copy)
}

fn block_source_location(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    if vm.closure_flags(closure)? & gem_vm::FROM_SYMBOL != 0 {
        return Ok(Oop::NIL);
    }
    let place = place_of(vm.closure_code(closure)?);
    location(vm, place)
}

/// File and first line of a code that comes from a file.
fn place_of(code: &gem_vm::CodeBlock) -> Option<(String, u32)> {
    let line = code.lines.iter().map(|l| l.1).find(|&l| l != 0);
    line.filter(|_| !code.file.is_empty())
        .map(|line| (code.file.clone(), line))
}

/// `[file, line]`
fn location(vm: &mut Vm, place: Option<(String, u32)>) -> PrimResult {
    let Some((file, line)) = place else {
        return Ok(Oop::NIL);
    };
    let file = vm.model.heap.new_string(file.as_bytes())?;
    Ok(vm
        .model
        .heap
        .new_array(&[file, Oop::small_int_wrapping(line as i64)])?)
}

/// Whether two closures have the same code, environment, self and kind.
fn block_equal(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = (vm.closure_arg(args, 0)?, vm.closure_arg(args, 1)?);
    for slot in [block::METHOD, block::CONTEXT, block::RECEIVER, block::FLAGS] {
        if vm.model.heap.slot(a, slot)? != vm.model.heap.slot(b, slot)? {
            return Ok(Oop::FALSE);
        }
    }
    Ok(Oop::TRUE)
}

fn block_copy_as(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let class = vm.class_arg(args, 1)?;
    let base = vm.model.known_class(wellknown::EXEC_BLOCK)?;
    let (index, base) = (
        vm.model.heap.class_index(class)?,
        vm.model.heap.class_index(base)?,
    );
    ensure(vm.model.lookup_order(index, 0)?.contains(&base))?;
    let copy = vm.model.heap.shallow_copy(closure)?;
    vm.model.heap.set_class(copy, class)?;
    Ok(copy)
}

/// `instance_exec(*args, **options, &block)`
fn instance_exec(vm: &mut Vm, args: Args) -> PrimResult {
    exec(vm, args, frame_flags::DEFINEE_SINGLETON)
}

fn class_exec(vm: &mut Vm, args: Args) -> PrimResult {
    vm.module_arg(args, 0)?;
    exec(vm, args, frame_flags::DEFINEE_SELF)
}

fn exec(vm: &mut Vm, args: Args, flags: u16) -> PrimResult {
    let receiver = vm.receiver(args);
    ensure(crate::check::is_closure(vm, args.block)?)?;
    let rest = rest_arguments(vm, args, 1)?;
    vm.tail_block_with(
        args.block,
        &rest.values,
        rest.keywords,
        Oop::NIL,
        Some(receiver),
        flags,
    )
}

fn new_closure(vm: &mut Vm, body: Oop, receiver: Oop, flags: i64) -> PrimResult {
    let mut fields = [Oop::NIL; 5];
    fields[block::METHOD] = body;
    fields[block::RECEIVER] = receiver;
    fields[block::FLAGS] = Oop::small_int_wrapping(flags | gem_vm::LAMBDA);
    let closure = vm.model.heap.allocate(gem_vm::ShapeId::EXEC_BLOCK);
    for (i, value) in fields.into_iter().enumerate() {
        vm.model.heap.set_slot(closure, i, value)?;
    }
    Ok(closure)
}

fn symbol_to_proc(vm: &mut Vm, args: Args) -> PrimResult {
    let symbol = vm.symbol_arg(args, 0)?;
    new_closure(vm, symbol, Oop::NIL, gem_vm::FROM_SYMBOL)
}

/// Receiver and GsNMethod of a Method object.
fn bound_method(vm: &mut Vm, args: Args) -> Checked<(Oop, Oop)> {
    let object = vm.known_arg(args, 0, wellknown::METHOD_OBJECT)?;
    let (receiver, method) = (
        vm.model.heap.slot(object, 0)?,
        vm.model.heap.slot(object, 1)?,
    );
    known(vm, method, wellknown::GS_NMETHOD)?;
    Ok((receiver, method))
}

fn method_to_proc(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, method) = bound_method(vm, args)?;
    new_closure(vm, method, receiver, gem_vm::FROM_METHOD)
}

/// `call(*args, **options, &block)` of a Method
fn method_call(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, method) = bound_method(vm, args)?;
    let rest = rest_arguments(vm, args, 1)?;
    if rest.keywords.is_nil() {
        return vm.tail_method(method, receiver, &rest.values, args.block);
    }
    let closure = new_closure(vm, method, receiver, gem_vm::FROM_METHOD)?;
    vm.tail_block_with(closure, &rest.values, rest.keywords, args.block, None, 0)
}

fn method_arity(vm: &mut Vm, args: Args) -> PrimResult {
    let method = vm.known_arg(args, 0, wellknown::GS_NMETHOD)?;
    let (params, _) = parameters::of_method(vm, method)?;
    Ok(Oop::small_int_wrapping(parameters::arity(&params, true)))
}

fn method_parameters(vm: &mut Vm, args: Args) -> PrimResult {
    let method = vm.known_arg(args, 0, wellknown::GS_NMETHOD)?;
    let (params, names) = parameters::of_method(vm, method)?;
    parameters::list(vm, &params, &names, true)
}

fn method_source_location(vm: &mut Vm, args: Args) -> PrimResult {
    let method = vm.known_arg(args, 0, wellknown::GS_NMETHOD)?;
    let place = match parameters::closure_body(vm, method)? {
        Some(closure) => place_of(vm.closure_code(closure)?),
        None => place_of(vm.load_method(method)?),
    };
    location(vm, place)
}
