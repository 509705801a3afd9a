//! Copies of classes and of their tables, and classes whose class objects have slots of their own.

use crate::check::Checked;
use format::wellknown::slots::{behavior, class_flags, method};
use format::{Format, wellknown};
use gem_vm::{Oop, PrimResult, Vm};

/// Tables that a copy must not share with its original.
const OWN_TABLES: &[usize] = &[
    behavior::METHODS,
    behavior::RUBY_METHODS,
    behavior::CONSTANTS,
    behavior::RUBY_CLASS_VARS,
    behavior::INCLUDES,
    behavior::PREPENDS,
];

/// An anonymous copy of a class or module: methods, constants, class variables and inclusions of its own.
pub(crate) fn copy_class(vm: &mut Vm, original: Oop) -> PrimResult {
    let meta = vm.model.heap.class_of(original)?;
    let own_meta = vm.model.class_flags(meta)? & class_flags::SINGLETON != 0;
    let copy = vm.model.heap.shallow_copy(original)?;
    clear(vm, copy)?;
    vm.model.heap.set_slot(copy, behavior::NAME, Oop::NIL)?;
    vm.model
        .heap
        .set_slot(copy, behavior::RUBY_NAME, Oop::NIL)?;
    vm.model.heap.set_slot(copy, behavior::SCOPE, Oop::NIL)?;
    if own_meta {
        let meta_copy = vm.model.heap.shallow_copy(meta)?;
        clear(vm, meta_copy)?;
        vm.model
            .heap
            .set_slot(meta_copy, behavior::ATTACHED, copy)?;
        vm.model.heap.set_class(copy, meta_copy)?;
        copy_tables(vm, meta, meta_copy)?;
    }
    copy_tables(vm, original, copy)?;
    Ok(copy)
}

fn clear(vm: &mut Vm, copy: Oop) -> Checked<()> {
    for &slot in OWN_TABLES {
        vm.model.heap.set_slot(copy, slot, Oop::NIL)?;
    }
    Ok(())
}

/// Gives `target` copies of the methods, constants, class variables and inclusions of `source` itself.
pub(crate) fn copy_tables(vm: &mut Vm, source: Oop, target: Oop) -> Checked<()> {
    let index = vm.model.heap.class_index(source)?;
    for environment in 0..2u8 {
        for (selector, entry) in own_methods(vm, source, environment)? {
            let copy = vm.model.heap.shallow_copy(entry.method)?;
            vm.model.heap.set_slot(copy, method::IN_CLASS, target)?;
            vm.add_method(target, selector, copy, environment, entry.visibility)?;
        }
    }
    for name in vm.model.constant_names(source)? {
        if let Some(value) = vm.model.own_constant(source, name)? {
            vm.set_constant(target, name, value)?;
        }
    }
    for name in vm.model.class_var_names(source)? {
        if let Some(value) = vm.model.class_var(source, name)? {
            vm.model.set_class_var(target, name, value)?;
        }
    }
    for (slot, prepend) in [(behavior::INCLUDES, false), (behavior::PREPENDS, true)] {
        let meta = vm.model.meta(index)?;
        let session = if prepend {
            &meta.session_prepends
        } else {
            &meta.session_includes
        };
        let mut modules = session.clone();
        let stored = vm.model.heap.slot(source, slot)?;
        if stored.is_pointer() {
            modules.extend(vm.model.heap.elements(stored)?);
        }
        for module in modules.into_iter().rev() {
            vm.mix_in(target, module, prepend)?;
        }
    }
    Ok(())
}

/// Methods in the tables of a class itself, ordered by selector.
pub(crate) fn own_methods(
    vm: &mut Vm,
    class: Oop,
    environment: u8,
) -> Checked<Vec<(Oop, gem_model::MethodEntry)>> {
    let index = vm.model.heap.class_index(class)?;
    let e = environment as usize & 1;
    let meta = vm.model.meta_in(index, environment)?;
    let session = &meta.session_methods[e];
    let mut all: Vec<_> = session.iter().map(|(&s, &m)| (s, m)).collect();
    let stored = meta.methods[e].iter().map(|(&s, &m)| (s, m));
    all.extend(stored.filter(|(s, _)| !session.contains_key(s)));
    all.sort_by(|a, b| vm.model.heap.bytes(a.0).cmp(vm.model.heap.bytes(b.0)));
    Ok(all)
}

/// Moves constants, class variables and inclusions of the session into the class object.
pub(crate) fn persist_tables(vm: &mut Vm, class: Oop) -> Checked<()> {
    let index = vm.model.heap.class_index(class)?;
    let meta = vm.model.meta(index)?;
    let constants = std::mem::take(&mut meta.session_constants);
    let variables = std::mem::take(&mut meta.session_class_vars);
    let includes = std::mem::take(&mut meta.session_includes);
    let prepends = std::mem::take(&mut meta.session_prepends);
    for (slot, pairs) in [
        (behavior::CONSTANTS, constants),
        (behavior::RUBY_CLASS_VARS, variables),
    ] {
        if pairs.is_empty() {
            continue;
        }
        let mut dictionary = vm.model.heap.slot(class, slot)?;
        if dictionary.is_nil() {
            dictionary = vm.model.dictionary_new();
            vm.model.heap.set_slot(class, slot, dictionary)?;
        }
        for (name, value) in pairs {
            vm.model.dictionary_put(dictionary, name, value)?;
        }
    }
    for (slot, modules) in [
        (behavior::INCLUDES, includes),
        (behavior::PREPENDS, prepends),
    ] {
        if modules.is_empty() {
            continue;
        }
        let list = vm.model.heap.slot(class, slot)?;
        if list.is_nil() {
            let list = vm.model.heap.new_array(&modules)?;
            vm.model.heap.set_slot(class, slot, list)?;
        } else {
            vm.model.heap.splice(list, 0, 0, &modules)?;
        }
    }
    Ok(())
}

/// A class with its metaclass; `class_inst_vars` name slots of the class object itself, after those that its superclass's class declares.
pub(crate) fn make_class_with_slots(
    vm: &mut Vm,
    name: Oop,
    superclass: Oop,
    format: Option<Format>,
    inst_vars: &[Oop],
    class_inst_vars: &[Oop],
) -> PrimResult {
    let (inherited_format, inherited) = vm.model.class_layout(superclass)?;
    let superclass_meta = if superclass.is_nil() {
        vm.model.known_class(wellknown::CLASS)?
    } else {
        vm.model.heap.class_of(superclass)?
    };
    let (meta_format, meta_fixed) = vm.model.class_layout(superclass_meta)?;
    let meta_slots = meta_fixed.max(behavior::COUNT) + class_inst_vars.len();
    let meta = vm
        .model
        .heap
        .new_with_slots(wellknown::METACLASS, &[Oop::NIL; behavior::COUNT]);
    let flags = class_flags::SINGLETON;
    fill(
        vm,
        meta,
        superclass_meta,
        meta_format,
        meta_slots,
        class_inst_vars,
        flags,
    )?;
    let index = vm.model.heap.class_index(meta)?;
    let class = vm.model.heap.instantiate(index);
    let format = format.unwrap_or(inherited_format);
    fill(
        vm,
        class,
        superclass,
        format,
        inherited + inst_vars.len(),
        inst_vars,
        0,
    )?;
    vm.model.heap.set_slot(meta, behavior::ATTACHED, class)?;
    vm.model.heap.set_slot(class, behavior::NAME, name)?;
    if vm.model.persistent_mode {
        let bits = class_flags::CLASS_PERSISTABLE | class_flags::PERSISTABLE;
        vm.model.add_class_flags(class, bits)?;
        vm.model.add_class_flags(meta, bits)?;
    }
    Ok(class)
}

fn fill(
    vm: &mut Vm,
    class: Oop,
    superclass: Oop,
    format: Format,
    fixed: usize,
    inst_vars: &[Oop],
    flags: i64,
) -> Checked<()> {
    crate::check::ensure(fixed <= gem_heap::MAX_INLINE_SLOTS)?;
    let word = Oop::small_int_wrapping(format as i64 | (fixed as i64) << 8);
    let names = vm.model.heap.new_array(inst_vars)?;
    vm.model
        .heap
        .set_slot(class, behavior::SUPERCLASS, superclass)?;
    vm.model.heap.set_slot(class, behavior::FORMAT, word)?;
    vm.model
        .heap
        .set_slot(class, behavior::INST_VAR_NAMES, names)?;
    vm.model
        .heap
        .set_slot(class, behavior::FLAGS, Oop::small_int_wrapping(flags))?;
    Ok(())
}
