//! Symbol dictionaries: associations by Symbol.

use crate::check::{Ask, Checked, ensure, fallback, size_oop, writable};
use crate::macros::primitives;
use format::wellknown;
use format::wellknown::slots::association;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    symdictAt => at, "hashing as the machine does it for constants";
    symdictAtPut => at_put, "hashing as the machine does it for constants";
    symdictRemove => remove, "hashing as the machine does it for constants";
    symdictKeys => keys, "hashing as the machine does it for constants";
    symdictSize => size, "hashing as the machine does it for constants";
    symdictAssociations => associations, "hashing as the machine does it for constants";
}

fn receiver(vm: &mut Vm, args: Args) -> Checked<Oop> {
    vm.known_arg(args, 0, wellknown::SYMBOL_DICTIONARY)
}

fn at(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = receiver(vm, args)?;
    let name = vm.symbol_arg(args, 1)?;
    match vm.model.dictionary_at(receiver, name)? {
        Some(association) => Ok(association),
        None => fallback(),
    }
}

/// Answers the association.
fn at_put(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = receiver(vm, args)?;
    let (name, value) = (vm.symbol_arg(args, 1)?, vm.value_arg(args, 2)?);
    match vm.model.dictionary_at(receiver, name)? {
        Some(association) => writable(vm, association)?,
        None => writable(vm, receiver)?,
    };
    Ok(vm.model.dictionary_put(receiver, name, value)?)
}

/// Answers the association that was removed.
fn remove(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = receiver(vm, args)?;
    let name = vm.symbol_arg(args, 1)?;
    writable(vm, receiver)?;
    let Some(association) = vm.model.dictionary_at(receiver, name)? else {
        return fallback();
    };
    vm.model.dictionary_remove(receiver, name)?;
    Ok(association)
}

fn entries(vm: &mut Vm, args: Args) -> Checked<Vec<Oop>> {
    let receiver = receiver(vm, args)?;
    Ok(vm.model.dictionary_entries(receiver)?)
}

fn keys(vm: &mut Vm, args: Args) -> PrimResult {
    let mut keys = Vec::new();
    for association in entries(vm, args)? {
        keys.push(vm.model.heap.slot(association, association::KEY)?);
    }
    ensure(keys.iter().all(|k| k.is_pointer()))?;
    Ok(vm.model.heap.new_array(&keys)?)
}

fn size(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(size_oop(entries(vm, args)?.len()))
}

fn associations(vm: &mut Vm, args: Args) -> PrimResult {
    let entries = entries(vm, args)?;
    Ok(vm.model.heap.new_array(&entries)?)
}
