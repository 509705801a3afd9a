//! Method tables: reading, installing, renaming, visibility.

use crate::check::{Ask, Checked, ensure, fallback, int, known, writable};
use crate::macros::primitives;
use crate::reflection::class_copy::own_methods;
use crate::reflection::method_stubs;
use format::wellknown;
use format::wellknown::slots::{class_flags, method, method_flags};
use gem_model::{MethodEntry, Visibility};
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    includesSelector => includes_selector, "reads the method tables";
    compiledMethodAt => compiled_method_at, "reads the method tables";
    selectors => selectors, "reads the method tables";
    addMethod => add_method, "changes method tables and flushes caches";
    removeMethod => remove_method, "changes method tables and flushes caches";
    methodLookup => method_lookup, "reads the method tables";
    instanceMethods => instance_methods, "reads the method tables";
    setVisibility => set_visibility, "changes method tables and flushes caches";
    aliasMethod => alias_method, "changes method tables and flushes caches";
    undefMethod => undef_method, "changes method tables and flushes caches";
    ruby2Keywords => ruby2_keywords, "sets a bit that the argument binder reads";
    moduleFunction => module_function, "changes method tables and flushes caches";
    attrReader => attr_reader, "makes a method without a compiler";
    attrWriter => attr_writer, "makes a method without a compiler";
}

fn environment(oop: Oop) -> Checked<u8> {
    if oop.is_undef() {
        Ok(0)
    } else {
        Ok((int(oop)? == 1) as u8)
    }
}

fn visibility(oop: Oop) -> Checked<Visibility> {
    if oop.is_undef() || oop.is_nil() {
        return Ok(Visibility::Public);
    }
    match int(oop)? {
        0 => Ok(Visibility::Public),
        1 => Ok(Visibility::Private),
        2 => Ok(Visibility::Protected),
        _ => fallback(),
    }
}

/// The method that a class itself has.
fn own(vm: &mut Vm, class: Oop, selector: Oop, environment: u8) -> Checked<Option<MethodEntry>> {
    let index = vm.model.heap.class_index(class)?;
    Ok(vm
        .model
        .meta_in(index, environment)?
        .find(selector, environment)
        .copied())
}

/// The method that instances run; modules also see Object's, as MRI's `alias` and `private` do.
fn find(vm: &mut Vm, class: Oop, selector: Oop) -> Checked<MethodEntry> {
    let index = vm.model.heap.class_index(class)?;
    if let Some(entry) = vm.model.lookup(index, selector, 1)? {
        return Ok(entry);
    }
    ensure(vm.model.class_flags(class)? & class_flags::MODULE != 0)?;
    let object = vm.model.known_class(wellknown::OBJECT)?;
    let index = vm.model.heap.class_index(object)?;
    match vm.model.lookup(index, selector, 1)? {
        Some(entry) => Ok(entry),
        None => fallback(),
    }
}

fn includes_selector(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    let environment = environment(vm.arg(args, 2))?;
    let found = own(vm, receiver, selector, environment)?;
    Ok(Oop::from_bool(found.is_some_and(|m| !m.undefined)))
}

fn compiled_method_at(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    let environment = environment(vm.arg(args, 2))?;
    match own(vm, receiver, selector, environment)? {
        Some(entry) if !entry.undefined => Ok(entry.method),
        _ => fallback(),
    }
}

fn selectors(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let environment = environment(vm.arg(args, 1))?;
    let all = own_methods(vm, receiver, environment)?;
    let names: Vec<Oop> = all
        .into_iter()
        .filter(|(_, m)| !m.undefined)
        .map(|(s, _)| s)
        .collect();
    Ok(vm.model.heap.new_array(&names)?)
}

/// `addMethod(symbol body environment visibility)`
fn add_method(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.name_arg(args, 1)?;
    let mut body = vm.arg(args, 2);
    let environment = environment(vm.arg(args, 3))?;
    let visibility = visibility(vm.arg(args, 4))?;
    writable(vm, receiver)?;
    ensure(body.is_pointer())?;
    // A Method or UnboundMethod stands for its GsNMethod.
    if vm.model.heap.is_instance(body, wellknown::METHOD_OBJECT) {
        body = vm.model.heap.slot(body, 1)?;
    } else if vm.model.heap.is_instance(body, wellknown::UNBOUND_METHOD) {
        body = vm.model.heap.slot(body, 0)?;
    }
    let method = if crate::check::is_closure(vm, body)? {
        ensure(environment == 1)?;
        method_stubs::closure_method(vm, selector, receiver, body)?
    } else {
        known(vm, body, wellknown::GS_NMETHOD)?;
        let copy = vm.model.heap.shallow_copy(body)?;
        vm.model.heap.set_slot(copy, method::IN_CLASS, receiver)?;
        vm.model.heap.set_slot(copy, method::SELECTOR, selector)?;
        copy
    };
    vm.add_method(receiver, selector, method, environment, visibility)?;
    Ok(selector)
}

/// `ruby2Keywords(selector)`: marks an own method.
fn ruby2_keywords(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    let Some(entry) = own(vm, receiver, selector, 1)? else {
        return fallback();
    };
    let flags = vm.model.heap.slot(entry.method, method::FLAGS)?;
    let flags = flags.as_small_int().unwrap_or(0) | method_flags::RUBY2_KEYWORDS;
    vm.model
        .heap
        .set_slot(entry.method, method::FLAGS, Oop::small_int_wrapping(flags))?;
    Ok(selector)
}

fn remove_method(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    let environment = environment(vm.arg(args, 2))?;
    writable(vm, receiver)?;
    let found = own(vm, receiver, selector, environment)?;
    ensure(found.is_some_and(|m| !m.undefined))?;
    ensure(vm.remove_method(receiver, selector, environment)?)?;
    Ok(Oop::TRUE)
}

fn method_lookup(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    let index = vm.model.heap.class_index(receiver)?;
    Ok(vm
        .model
        .lookup(index, selector, 1)?
        .map_or(Oop::NIL, |entry| entry.method))
}

/// `instanceMethods(inherit visibility)`: 0 public, 1 private, 2 protected, 3 public and protected.
fn instance_methods(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let inherit = vm.arg(args, 1).is_truthy();
    let wanted = vm.int_arg(args, 2)?;
    let index = vm.model.heap.class_index(receiver)?;
    let order = if inherit {
        vm.model.lookup_order(index, 1)?.to_vec()
    } else {
        vec![index]
    };
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    for class in order {
        let class = vm.model.heap.class_object(class)?;
        for (selector, entry) in own_methods(vm, class, 1)? {
            let fits = match wanted {
                0 => entry.visibility == Visibility::Public,
                1 => entry.visibility == Visibility::Private,
                2 => entry.visibility == Visibility::Protected,
                _ => entry.visibility != Visibility::Private,
            };
            if seen.insert(selector) && fits && !entry.undefined {
                found.push(selector);
            }
        }
    }
    Ok(vm.model.heap.new_array(&found)?)
}

/// Installs a copy of `entry` under `selector`; owner and name for `super` stay those of the original.
fn install_copy(
    vm: &mut Vm,
    class: Oop,
    selector: Oop,
    entry: MethodEntry,
    visibility: Visibility,
) -> Checked<()> {
    let copy = vm.model.heap.shallow_copy(entry.method)?;
    vm.add_method(class, selector, copy, 1, visibility)
}

fn set_visibility(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    let visibility = visibility(vm.arg(args, 2))?;
    writable(vm, receiver)?;
    let entry = find(vm, receiver, selector)?;
    if entry.visibility != visibility || own(vm, receiver, selector, 1)?.is_none() {
        install_copy(vm, receiver, selector, entry, visibility)?;
    }
    Ok(receiver)
}

fn alias_method(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let new = vm.symbol_arg(args, 1)?;
    let old = vm.symbol_arg(args, 2)?;
    writable(vm, receiver)?;
    let entry = find(vm, receiver, old)?;
    install_copy(vm, receiver, new, entry, entry.visibility)?;
    Ok(new)
}

fn undef_method(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    writable(vm, receiver)?;
    find(vm, receiver, selector)?;
    let mark = method_stubs::undefined(vm, selector, receiver);
    vm.add_method(receiver, selector, mark, 1, Visibility::Public)?;
    Ok(receiver)
}

fn module_function(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    writable(vm, receiver)?;
    let entry = find(vm, receiver, selector)?;
    let singleton = vm.model.singleton_class(receiver)?;
    let copy = vm.model.heap.shallow_copy(entry.method)?;
    vm.model.heap.set_slot(copy, method::IN_CLASS, singleton)?;
    vm.add_method(singleton, selector, copy, 1, Visibility::Public)?;
    install_copy(vm, receiver, selector, entry, Visibility::Private)?;
    Ok(receiver)
}

/// `attrReader(method name, instance variable)`, with the visibility that the class body set.
fn attr_reader(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let (selector, ivar) = (vm.symbol_arg(args, 1)?, vm.symbol_arg(args, 2)?);
    writable(vm, receiver)?;
    let method = method_stubs::reader(vm, selector, receiver, ivar)?;
    install_attribute(vm, receiver, selector, method)
}

fn attr_writer(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.module_arg(args, 0)?;
    let selector = vm.symbol_arg(args, 1)?;
    let ivar = vm.symbol_arg(args, 2)?;
    writable(vm, receiver)?;
    let method = method_stubs::writer(vm, selector, receiver, ivar)?;
    install_attribute(vm, receiver, selector, method)
}

fn install_attribute(vm: &mut Vm, class: Oop, selector: Oop, method: Oop) -> PrimResult {
    let (visibility, _) = vm.visibility_set_in(1);
    vm.add_method(class, selector, method, 1, visibility)?;
    Ok(selector)
}
