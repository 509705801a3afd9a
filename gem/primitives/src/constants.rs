//! Constants, class variables, mixed-in modules, global variables.

use crate::check::{Ask, fallback};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    constGet => const_get, "session constants are the machine's";
    constSet => const_set, "session constants are the machine's";
    constDefined => const_defined, "session constants are the machine's";
    constNames => const_names, "session constants are the machine's";
    constRemove => const_remove, "session constants are the machine's";
    cvarGet => cvar_get, "session class variables are the machine's";
    cvarSet => cvar_set, "session class variables are the machine's";
    cvarDefined => cvar_defined, "session class variables are the machine's";
    cvarNames => cvar_names, "session class variables are the machine's";
    cvarRemove => cvar_remove, "session class variables are the machine's";
    ancestors => ancestors, "the machine's lookup order";
    includeModule => include_module, "changes the machine's lookup order";
    prependModule => prepend_module, "changes the machine's lookup order";
    globalNames => global_names, "globals are the machine's";
    aliasGlobal => alias_global, "globals are the machine's";
    allSymbols => all_symbols, "the symbol table is the object memory's";
}

fn const_get(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    let inherit = vm.arg(args, 2) != Oop::FALSE;
    match vm.constant_in(module, name, inherit)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn const_set(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    let value = vm.value_arg(args, 2)?;
    vm.set_constant(module, name, value)?;
    Ok(value)
}

fn const_defined(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    let inherit = vm.arg(args, 2) != Oop::FALSE;
    Ok(Oop::from_bool(vm.constant_in(module, name, inherit)?.is_some()))
}

fn const_names(vm: &mut Vm, args: Args) -> PrimResult {
    let module = vm.module_arg(args, 0)?;
    let names = vm.constant_names(module)?;
    Ok(vm.heap.new_array(&names)?)
}

fn const_remove(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    match vm.remove_constant(module, name)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn cvar_get(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    match vm.class_var(module, name)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn cvar_set(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    let value = vm.value_arg(args, 2)?;
    vm.set_class_var(module, name, value)?;
    Ok(value)
}

fn cvar_defined(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    Ok(Oop::from_bool(vm.class_var(module, name)?.is_some()))
}

fn cvar_names(vm: &mut Vm, args: Args) -> PrimResult {
    let module = vm.module_arg(args, 0)?;
    let names = vm.class_var_names(module)?;
    Ok(vm.heap.new_array(&names)?)
}

fn cvar_remove(vm: &mut Vm, args: Args) -> PrimResult {
    let (module, name) = (vm.module_arg(args, 0)?, vm.symbol_arg(args, 1)?);
    match vm.remove_class_var(module, name)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn ancestors(vm: &mut Vm, args: Args) -> PrimResult {
    let module = vm.module_arg(args, 0)?;
    let class = vm.heap.class_index(module)?;
    let mut all = Vec::new();
    for c in vm.lookup_order(class, 1)? {
        let object = vm.heap.class_object(c)?;
        let hidden = vm.class_flags(object)? & proto::wellknown::slots::class_flags::HIDDEN != 0;
        if !hidden || object == module {
            all.push(object);
        }
    }
    Ok(vm.heap.new_array(&all)?)
}

fn mix(vm: &mut Vm, args: Args, prepend: bool) -> PrimResult {
    let (class, module) = (vm.module_arg(args, 0)?, vm.module_arg(args, 1)?);
    let (own, other) = (vm.heap.class_index(class)?, vm.heap.class_index(module)?);
    // A module that already has the receiver in it would make a circle.
    if own == other || vm.lookup_order(other, 1)?.contains(&own) {
        return fallback();
    }
    vm.mix_in(class, module, prepend)?;
    Ok(class)
}

fn include_module(vm: &mut Vm, args: Args) -> PrimResult {
    mix(vm, args, false)
}

fn prepend_module(vm: &mut Vm, args: Args) -> PrimResult {
    mix(vm, args, true)
}

fn global_names(vm: &mut Vm, _: Args) -> PrimResult {
    let mut names: Vec<Oop> = vm.globals.keys().chain(vm.global_aliases.keys()).copied().collect();
    names.sort_by_key(|&name| vm.heap.bytes(name).to_vec());
    names.dedup();
    Ok(vm.heap.new_array(&names)?)
}

fn alias_global(vm: &mut Vm, args: Args) -> PrimResult {
    let (new, old) = (vm.symbol_arg(args, 1)?, vm.symbol_arg(args, 2)?);
    let target = vm.global_aliases.get(&old).copied().unwrap_or(old);
    vm.global_aliases.insert(new, target);
    Ok(Oop::NIL)
}

fn all_symbols(vm: &mut Vm, _: Args) -> PrimResult {
    let mut all: Vec<Oop> = vm.heap.all_symbols().collect();
    all.sort_by_key(|&s| vm.heap.bytes(s).to_vec());
    Ok(vm.heap.new_array(&all)?)
}
