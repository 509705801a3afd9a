//! Bindings: the variables that an environment chain holds, by name.

use crate::check::{Ask, Checked, fallback, writable};
use crate::macros::primitives;
use format::wellknown;
use format::wellknown::slots::{block, context};
use gem_vm::{Args, Oop, PrimResult, Vm, binding};

primitives! {
    bindingOf => binding_of, "reads the closure's environment";
    bindingLocalGet => binding_local_get, "reads an environment";
    bindingLocalSet => binding_local_set, "writes an environment, or makes one";
    bindingLocalNames => binding_local_names, "reads the names that the code has for its environments";
}

/// The Binding of a closure: its self and the environments around it.
fn binding_of(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = vm.closure_arg(args, 0)?;
    let special = gem_vm::FROM_SYMBOL | gem_vm::FROM_METHOD;
    if vm.closure_flags(closure)? & special != 0 {
        return fallback();
    }
    let env = vm.model.heap.slot(closure, block::CONTEXT)?;
    let receiver = vm.model.heap.slot(closure, block::RECEIVER)?;
    let mut home = vm.model.heap.slot(closure, block::METHOD)?;
    let mut lists = Vec::new();
    let mut at = env;
    while at.is_pointer() {
        let method = vm.model.heap.slot(at, context::METHOD)?;
        let names = if method.is_pointer() {
            home = method;
            vm.load_method(method)?.env_names.clone()
        } else {
            Vec::new()
        };
        let symbols: Vec<Oop> = names.iter().map(|n| vm.model.heap.symbol(n)).collect();
        lists.push(vm.model.heap.new_array(&symbols)?);
        at = vm.model.heap.slot(at, context::PARENT)?;
    }
    let lists = vm.model.heap.new_array(&lists)?;
    let definee = vm.closure_flags(closure)? & (gem_vm::DEFINEE_SELF | gem_vm::DEFINEE_SINGLETON);
    let mut fields = [Oop::NIL; binding::COUNT];
    fields[binding::DEFINEE] = Oop::small_int_wrapping(definee);
    fields[binding::CONTEXT] = env;
    fields[binding::RECEIVER] = receiver;
    fields[binding::METHOD] = home;
    fields[binding::NAMES] = lists;
    Ok(vm.model.heap.new_with_slots(wellknown::BINDING, &fields))
}

/// The environments of a Binding with their names, innermost first.
fn environments(vm: &mut Vm, of: Oop) -> Checked<Vec<(Oop, Vec<Oop>)>> {
    let mut env = vm.model.heap.slot(of, binding::CONTEXT)?;
    let lists = vm.model.heap.slot(of, binding::NAMES)?;
    let lists = if crate::check::is_indexed(&vm.model.heap, lists) {
        vm.model.heap.elements(lists)?
    } else {
        Vec::new()
    };
    let mut found = Vec::new();
    for list in lists {
        if !env.is_pointer() {
            break;
        }
        let names = if crate::check::is_indexed(&vm.model.heap, list) {
            vm.model.heap.elements(list)?
        } else {
            Vec::new()
        };
        found.push((env, names));
        env = vm.model.heap.slot(env, context::PARENT)?;
    }
    Ok(found)
}

/// Environment and slot of a variable.
fn place(vm: &mut Vm, of: Oop, name: Oop) -> Checked<Option<(Oop, usize)>> {
    for (env, names) in environments(vm, of)? {
        if let Some(i) = names.iter().position(|&n| n == name) {
            let slot = context::FIRST_VARIABLE + i;
            if slot < vm.model.heap.inline_slots(env) {
                return Ok(Some((env, slot)));
            }
        }
    }
    Ok(None)
}

fn binding_local_get(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.known_arg(args, 0, wellknown::BINDING)?;
    let name = vm.name_arg(args, 1)?;
    match place(vm, receiver, name)? {
        Some((env, slot)) => {
            let value = vm.model.heap.slot(env, slot)?;
            Ok(if value.is_undef() { Oop::NIL } else { value })
        }
        None => fallback(),
    }
}

/// Sets a variable; a new one gets an environment of its own inside of the others.
fn binding_local_set(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.known_arg(args, 0, wellknown::BINDING)?;
    let name = vm.name_arg(args, 1)?;
    let value = vm.value_arg(args, 2)?;
    if let Some((env, slot)) = place(vm, receiver, name)? {
        vm.model.heap.set_slot(env, slot, value)?;
        return Ok(value);
    }
    writable(vm, receiver)?;
    let outer = vm.model.heap.slot(receiver, binding::CONTEXT)?;
    let mut fields = [Oop::NIL; context::FIRST_VARIABLE + 1];
    fields[context::PARENT] = outer;
    if outer.is_pointer() {
        fields[context::HOME] = vm.model.heap.slot(outer, context::HOME)?;
        fields[context::BLOCK] = vm.model.heap.slot(outer, context::BLOCK)?;
    }
    fields[context::FIRST_VARIABLE] = value;
    let env = vm
        .model
        .heap
        .new_with_slots(wellknown::VARIABLE_CONTEXT, &fields);
    let own = vm.model.heap.new_array(&[name])?;
    let lists = vm.model.heap.slot(receiver, binding::NAMES)?;
    let mut all = vec![own];
    if crate::check::is_indexed(&vm.model.heap, lists) {
        all.extend(vm.model.heap.elements(lists)?);
    }
    let lists = vm.model.heap.new_array(&all)?;
    vm.model.heap.set_slot(receiver, binding::CONTEXT, env)?;
    vm.model.heap.set_slot(receiver, binding::NAMES, lists)?;
    Ok(value)
}

/// Names of all variables, innermost first, without the compiler's own.
fn binding_local_names(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.known_arg(args, 0, wellknown::BINDING)?;
    let mut found: Vec<Oop> = Vec::new();
    for (_, names) in environments(vm, receiver)? {
        for name in names {
            // The compiler's own variables and numbered parameters.
            let hidden = matches!(
                vm.model.heap.bytes(name),
                [] | [b'%' | b'*' | b'&', ..] | [b'_', b'1'..=b'9']
            );
            if !hidden && !found.contains(&name) {
                found.push(name);
            }
        }
    }
    Ok(vm.model.heap.new_array(&found)?)
}
