//! Small methods that primitives make without a compiler: attribute readers and writers, methods whose body is a closure, undefined ones.

use crate::check::{Ask, Checked};
use crate::macros::primitives;
use format::wellknown;
use format::wellknown::slots::{block, context, method, method_flags};
use gem_bytecode::{Assembler, CodeKind, KeyRest, Op, Params, encode, site_flags};
use gem_model::Visibility;
use gem_vm::{Args, Oop, PrimResult, Vm, raise};

primitives! {
    blockCallAsMethod => block_call_as_method, "runs a closure with another self";
}

/// Selector under which ExecBlock runs as the body of a method; the kernel does not define it, `bind_call_as_method` does.
const CALL_AS_METHOD: &str = "__call_as_method";

/// Closures with up to this many plain parameters get a stub that passes arguments in place.
const PLAIN_PARAMETERS_MAX: usize = 6;

/// A GsNMethod of `code` whose literals are `literals`.
pub(crate) fn method_of(
    vm: &mut Vm,
    assembler: Assembler,
    selector: Oop,
    owner: Oop,
    literals: &[Oop],
) -> PrimResult {
    let code = assembler.finish().map_err(|e| raise(wellknown::ERROR, e))?;
    let bytes = vm
        .model
        .heap
        .new_bytes_of(wellknown::BYTE_ARRAY, &encode(&code))?;
    let literals = vm.model.heap.new_array(literals)?;
    let file = vm.model.heap.new_string(b"(kernel)")?;
    let mut fields = [Oop::NIL; 10];
    fields[method::SELECTOR] = selector;
    fields[method::IN_CLASS] = owner;
    fields[method::CODE] = bytes;
    fields[method::LITERALS] = literals;
    fields[method::FILE] = file;
    fields[method::ENVIRONMENT] = Oop::small_int_wrapping(code.environment as i64);
    fields[method::FLAGS] = vm.model.new_method_flags();
    Ok(vm.model.heap.new_with_slots(wellknown::GS_NMETHOD, &fields))
}

fn required(count: u16) -> Params {
    Params {
        required: count,
        names: vec![String::new(); count as usize],
        ..Params::default()
    }
}

/// `def name; @ivar; end`
pub(crate) fn reader(vm: &mut Vm, selector: Oop, owner: Oop, ivar: Oop) -> PrimResult {
    let name = vm.model.heap.text(selector);
    let mut a = Assembler::new(&name, CodeKind::Method, 1, required(0));
    let value = a.temp();
    a.emit(Op::GetIvar, value, 0, 0);
    a.emit(Op::Return, value, 0, 0);
    a.code_mut().caches = 1;
    method_of(vm, a, selector, owner, &[ivar])
}

/// `def name=(value); @ivar = value; end`
pub(crate) fn writer(vm: &mut Vm, selector: Oop, owner: Oop, ivar: Oop) -> PrimResult {
    let name = vm.model.heap.text(selector);
    let mut a = Assembler::new(&name, CodeKind::Method, 1, required(1));
    a.emit(Op::SetIvar, 1, 0, 0);
    a.emit(Op::Return, 1, 0, 0);
    a.code_mut().caches = 1;
    method_of(vm, a, selector, owner, &[ivar])
}

/// The mark that `undef` leaves: lookup stops at it.
pub(crate) fn undefined(vm: &mut Vm, selector: Oop, owner: Oop) -> Oop {
    let mut fields = [Oop::NIL; 10];
    fields[method::SELECTOR] = selector;
    fields[method::IN_CLASS] = owner;
    fields[method::FLAGS] = Oop::small_int_wrapping(method_flags::UNDEFINED);
    vm.model.heap.new_with_slots(wellknown::GS_NMETHOD, &fields)
}

/// A method whose body is `closure`, run as a lambda with the method's receiver as self.
pub(crate) fn closure_method(vm: &mut Vm, selector: Oop, owner: Oop, closure: Oop) -> PrimResult {
    let body = body_closure(vm, selector, owner, closure)?;
    let plain = plain_parameters(vm, closure)?;
    let selector_of_call = bind_call_as_method(vm, plain)?;
    let name = vm.model.heap.text(selector);
    let params = match plain {
        Some(n) => required(n as u16),
        None => Params {
            rest: true,
            keyrest: KeyRest::Present,
            block: true,
            names: vec![String::new(); 3],
            ..Params::default()
        },
    };
    let count = params.registers() as u16;
    let mut a = Assembler::new(&name, CodeKind::Method, 1, params);
    let window = a.temps(count + 3);
    a.emit(Op::LoadLit, window, 1, 0);
    for i in 0..=count {
        a.emit(Op::Move, window + 1 + i, i, 0);
    }
    a.code_mut().sites.push(gem_bytecode::CallSite {
        selector: 0,
        argc: count + 1,
        flags: site_flags::RUBY | site_flags::SELF_CALL,
    });
    a.emit(Op::Send, window, 0, window);
    a.emit(Op::Return, window, 0, 0);
    method_of(vm, a, selector, owner, &[selector_of_call, body])
}

/// Number of parameters of a closure that takes nothing but required ones.
fn plain_parameters(vm: &mut Vm, closure: Oop) -> Checked<Option<usize>> {
    let special = gem_vm::FROM_SYMBOL | gem_vm::FROM_METHOD;
    if vm.closure_flags(closure)? & special != 0 {
        return Ok(None);
    }
    let p = &vm.closure_code(closure)?.params;
    let required = p.required as usize;
    let plain = required == p.registers() && required <= PLAIN_PARAMETERS_MAX;
    Ok((plain && p.keyrest != KeyRest::Forbidden).then_some(required))
}

/// A copy of `closure` that is its own home for `super`, with the method's name and owner.
fn body_closure(vm: &mut Vm, selector: Oop, owner: Oop, closure: Oop) -> PrimResult {
    let flags = vm.closure_flags(closure)?;
    if flags & (gem_vm::FROM_SYMBOL | gem_vm::FROM_METHOD) != 0 {
        return Ok(closure);
    }
    let template = vm.model.heap.slot(closure, block::METHOD)?;
    let copy = vm.model.heap.shallow_copy(template)?;
    vm.model.heap.set_slot(copy, method::IN_CLASS, owner)?;
    vm.model.heap.set_slot(copy, method::SELECTOR, selector)?;
    let scope = lexical_scope_of(vm, closure)?;
    vm.model.heap.set_slot(copy, method::LEXICAL_SCOPE, scope)?;
    let body = vm.model.heap.shallow_copy(closure)?;
    vm.model.heap.set_slot(body, block::METHOD, copy)?;
    let flags = flags | gem_vm::LAMBDA | gem_vm::DEFINED_METHOD;
    vm.model
        .heap
        .set_slot(body, block::FLAGS, Oop::small_int_wrapping(flags))?;
    // The low bits name the loaded code of the original: this copy has a code of its own.
    let creator = vm
        .model
        .heap
        .slot(closure, block::CREATOR)?
        .as_small_int()
        .unwrap_or(0);
    let creator = creator & !((1 << 24) - 1);
    vm.model
        .heap
        .set_slot(body, block::CREATOR, Oop::small_int_wrapping(creator))?;
    Ok(body)
}

/// The lexical scope of the home that a closure was written in.
pub(crate) fn lexical_scope_of(vm: &mut Vm, closure: Oop) -> PrimResult {
    let mut home = vm.model.heap.slot(closure, block::METHOD)?;
    if !vm.model.heap.is_instance(home, wellknown::GS_NMETHOD) {
        return Ok(Oop::NIL);
    }
    if vm.closure_flags(closure)? & gem_vm::DEFINED_METHOD == 0 {
        let mut env = vm.model.heap.slot(closure, block::CONTEXT)?;
        while env.is_pointer() {
            let of = vm.model.heap.slot(env, context::METHOD)?;
            if of.is_pointer() {
                home = of;
            }
            env = vm.model.heap.slot(env, context::PARENT)?;
        }
    }
    Ok(vm.model.heap.slot(home, method::LEXICAL_SCOPE)?)
}

/// Makes sure that ExecBlock understands the stub's message; answers its selector.
fn bind_call_as_method(vm: &mut Vm, plain: Option<usize>) -> PrimResult {
    let name = match plain {
        Some(n) => format!("{CALL_AS_METHOD}{n}"),
        None => CALL_AS_METHOD.to_string(),
    };
    let selector = vm.model.heap.symbol(&name);
    let class = vm.model.known_class(wellknown::EXEC_BLOCK)?;
    let index = vm.model.heap.class_index(class)?;
    if vm.model.lookup(index, selector, 1)?.is_some() {
        return Ok(selector);
    }
    let count = plain.map_or(4, |n| n + 1) as u16;
    let mut a = Assembler::new(&name, CodeKind::Method, 1, required(count));
    a.code_mut().primitive = Some("blockCallAsMethod".to_string());
    a.emit(Op::ReturnSelf, 0, 0, 0);
    let method = method_of(vm, a, selector, class, &[])?;
    vm.add_method(class, selector, method, 1, Visibility::Public)?;
    Ok(selector)
}

/// Receiver: the closure. Arguments: self, then either the plain arguments, or rest, keyword rest and block.
fn block_call_as_method(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let receiver = vm.arg(args, 1);
    let general = args.len() == 4 && plain_parameters(vm, closure)?.is_none();
    if !general {
        let arguments = vm.args_from(args, 2);
        return vm.tail_block_with(closure, &arguments, Oop::NIL, Oop::NIL, Some(receiver), 0);
    }
    let rest = crate::reflection::sends::rest_arguments(vm, args, 2)?;
    let block = vm.arg(args, 4);
    vm.tail_block_with(
        closure,
        &rest.values,
        rest.keywords,
        block,
        Some(receiver),
        0,
    )
}
