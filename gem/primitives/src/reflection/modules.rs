//! Constants, class variables, inclusion, ancestors, global variables.

use crate::check::{Ask, ensure, fallback, writable};
use crate::macros::primitives;
use format::wellknown::slots::{behavior, class_flags};
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    includeModule => include_module, "changes the lookup order";
    prependModule => prepend_module, "changes the lookup order";
    ancestors => ancestors, "reads the lookup order";
    moduleInherits => module_inherits, "reads the lookup order";
    constGet => const_get, "session and persistent tables";
    constSet => const_set, "session and persistent tables, and the constant caches";
    constDefined => const_defined, "session and persistent tables";
    constNames => const_names, "session and persistent tables";
    constRemove => const_remove, "session and persistent tables, and the constant caches";
    cvarGet => cvar_get, "session and persistent tables";
    cvarSet => cvar_set, "session and persistent tables";
    cvarDefined => cvar_defined, "session and persistent tables";
    cvarNames => cvar_names, "session and persistent tables";
    cvarRemove => cvar_remove, "session and persistent tables";
    globalNames => global_names, "the session's table";
    globalSet => global_set, "the session's table";
    globalGuard => global_guard, "the session's table, which every access to a global reads";
    constPlace => const_place, "what the machine noted when the constant was set";
    useRefinement => use_refinement, "reaches the caller's frame, and the machine's call sites";
    aliasGlobal => alias_global, "the session's table";
}

fn mix(vm: &mut Vm, args: Args, prepend: bool) -> PrimResult {
    let (receiver, module) = (vm.module_arg(args, 0)?, vm.module_arg(args, 1)?);
    writable(vm, receiver)?;
    ensure(vm.model.class_flags(module)? & class_flags::MODULE != 0)?;
    let own = vm.model.heap.class_index(receiver)?;
    let other = vm.model.heap.class_index(module)?;
    ensure(own != other && !vm.model.lookup_order(other, 1)?.contains(&own))?;
    vm.mix_in(receiver, module, prepend)?;
    Ok(receiver)
}

fn include_module(vm: &mut Vm, args: Args) -> PrimResult {
    mix(vm, args, false)
}

fn prepend_module(vm: &mut Vm, args: Args) -> PrimResult {
    mix(vm, args, true)
}

fn ancestors(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let index = vm.model.heap.class_index(receiver)?;
    let mut found = Vec::new();
    for &class in vm.model.lookup_order(index, 1)?.iter() {
        let class = vm.model.heap.class_object(class)?;
        if vm.model.class_flags(class)? & class_flags::HIDDEN == 0 {
            found.push(class);
        }
    }
    Ok(vm.model.heap.new_array(&found)?)
}

/// `moduleInherits(module)`: whether it is among r's ancestors.
fn module_inherits(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, other) = (vm.module_arg(args, 0)?, vm.module_arg(args, 1)?);
    let (own, other) = (
        vm.model.heap.class_index(receiver)?,
        vm.model.heap.class_index(other)?,
    );
    Ok(Oop::from_bool(
        vm.model.lookup_order(own, 1)?.contains(&other),
    ))
}

/// Whether argument `i` (an optional Boolean) allows inherited names.
fn inherit(vm: &Vm, args: Args, i: usize) -> bool {
    vm.arg(args, i) != Oop::FALSE && !vm.arg(args, i).is_nil()
}

fn const_get(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let name = vm.symbol_arg(args, 1)?;
    let inherit = inherit(vm, args, 2);
    match vm.model.constant_in(receiver, name, inherit)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

/// Whether a name may be a constant's: an upper-case letter, then word characters.
fn is_constant_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.all(|c| c == '_' || c.is_alphanumeric())
}

fn const_set(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let (name, value) = (vm.symbol_arg(args, 1)?, vm.value_arg(args, 2)?);
    writable(vm, receiver)?;
    ensure(is_constant_name(&vm.model.heap.text(name)))?;
    vm.set_constant(receiver, name, value)?;
    Ok(value)
}

fn const_defined(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let name = vm.symbol_arg(args, 1)?;
    let inherit = inherit(vm, args, 2);
    Ok(Oop::from_bool(
        vm.model.constant_in(receiver, name, inherit)?.is_some(),
    ))
}

fn const_names(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let names = vm.model.constant_names(receiver)?;
    Ok(vm.model.heap.new_array(&names)?)
}

fn const_remove(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let name = vm.symbol_arg(args, 1)?;
    writable(vm, receiver)?;
    ensure(vm.model.own_constant(receiver, name)?.is_some())?;
    match vm.model.remove_constant(receiver, name)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn cvar_get(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let name = vm.symbol_arg(args, 1)?;
    match vm.model.class_var(receiver, name)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn cvar_set(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let (name, value) = (vm.symbol_arg(args, 1)?, vm.value_arg(args, 2)?);
    writable(vm, receiver)?;
    vm.model.set_class_var(receiver, name, value)?;
    Ok(value)
}

fn cvar_defined(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let name = vm.symbol_arg(args, 1)?;
    Ok(Oop::from_bool(
        vm.model.class_var(receiver, name)?.is_some(),
    ))
}

fn cvar_names(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let names = vm.model.class_var_names(receiver)?;
    Ok(vm.model.heap.new_array(&names)?)
}

fn cvar_remove(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let name = vm.symbol_arg(args, 1)?;
    writable(vm, receiver)?;
    ensure(vm.model.class_var_names(receiver)?.contains(&name))?;
    let value = vm.model.class_var(receiver, name)?.unwrap_or(Oop::NIL);
    let index = vm.model.heap.class_index(receiver)?;
    vm.model
        .meta(index)?
        .session_class_vars
        .retain(|v| v.0 != name);
    let dictionary = vm.model.heap.slot(receiver, behavior::RUBY_CLASS_VARS)?;
    if !dictionary.is_nil() {
        vm.model.dictionary_remove(dictionary, name)?;
    }
    Ok(value)
}

fn global_names(vm: &mut Vm, _: Args) -> PrimResult {
    let mut names: Vec<Oop> = vm
        .model
        .globals
        .values
        .keys()
        .chain(vm.model.globals.aliases.keys())
        .copied()
        .collect();
    names.retain(|&n| vm.model.heap.bytes(n).starts_with(b"$"));
    sorted_names(vm, names)
}

fn sorted_names(vm: &mut Vm, mut names: Vec<Oop>) -> PrimResult {
    names.sort_by(|&a, &b| vm.model.heap.bytes(a).cmp(vm.model.heap.bytes(b)));
    names.dedup();
    Ok(vm.model.heap.new_array(&names)?)
}

fn global_set(vm: &mut Vm, args: Args) -> PrimResult {
    let name = vm.name_arg(args, 1)?;
    let value = vm.value_arg(args, 2)?;
    vm.model.set_global(name, value);
    Ok(value)
}

/// Frames between the one on top and the user's: a kernel method called the method that is bound to the primitive.
const USER_FRAME: usize = 1;

/// `useRefinement(class module)`: for the program's code from here on.
fn use_refinement(vm: &mut Vm, args: Args) -> PrimResult {
    let (class, module) = (vm.module_arg(args, 1)?, vm.module_arg(args, 2)?);
    vm.refine(USER_FRAME, class, module)?;
    Ok(module)
}

/// `globalGuard(name)`: programs reach this variable through `__read_global` and `__assign_global`.
fn global_guard(vm: &mut Vm, args: Args) -> PrimResult {
    let name = vm.symbol_arg(args, 1)?;
    vm.model.guard_global(name);
    Ok(name)
}

/// `constPlace(name)`: file and line where this session defined an own constant, or nil.
fn const_place(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let name = vm.symbol_arg(args, 1)?;
    let Some((file, line)) = vm.model.constant_place(receiver, name)? else {
        return Ok(Oop::NIL);
    };
    let file = vm.model.heap.new_string(file.as_bytes())?;
    let pair = [file, Oop::small_int_wrapping(line as i64)];
    Ok(vm.model.heap.new_array(&pair)?)
}

/// `aliasGlobal(new old)`
fn alias_global(vm: &mut Vm, args: Args) -> PrimResult {
    let (new, old) = (vm.symbol_arg(args, 1)?, vm.symbol_arg(args, 2)?);
    let target = vm.model.globals.aliases.get(&old).copied().unwrap_or(old);
    if target != new {
        vm.model.globals.aliases.insert(new, target);
    }
    Ok(new)
}
