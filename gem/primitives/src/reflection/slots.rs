//! Declared slots and instance variables by name. What the machine itself reads of an object is not for programs to write: see `machine_parts`.

use crate::check::{Checked, ensure, fallback, index1, symbol, writable};
use crate::macros::primitives;
use crate::reflection::machine_parts::{refuse_names, refuse_slot};
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    instVarAt => inst_var_at, "reads a slot by number";
    instVarAtPut => inst_var_at_put, "writes a slot by number";
    ivarGet => ivar_get, "finds the slot through the shape";
    ivarSet => ivar_set, "may change the shape";
    ivarDefined => ivar_defined, "asks the shape";
    ivarNames => ivar_names, "asks the shape";
    ivarRemove => ivar_remove, "changes a slot that the shape names";
}

/// The slot number (from 0) that argument 1 names; only declared slots have numbers.
fn declared_slot(vm: &mut Vm, args: Args) -> Checked<usize> {
    let receiver = vm.receiver(args);
    let at = index1(vm.arg(args, 1))?;
    ensure(receiver.is_pointer() && vm.model.heap.kind(receiver) != gem_heap::Kind::Raw)?;
    let declared = vm.model.heap.shape(vm.model.heap.shape_of(receiver)).fixed as usize;
    ensure(at < declared)?;
    Ok(at)
}

fn inst_var_at(vm: &mut Vm, args: Args) -> PrimResult {
    let at = declared_slot(vm, args)?;
    let receiver = vm.receiver(args);
    let value = vm.model.heap.slot(receiver, at)?;
    Ok(if value.is_undef() { Oop::NIL } else { value })
}

fn inst_var_at_put(vm: &mut Vm, args: Args) -> PrimResult {
    let at = declared_slot(vm, args)?;
    let (receiver, value) = (vm.receiver(args), vm.arg(args, 2));
    writable(vm, receiver)?;
    ensure(!value.is_undef())?;
    refuse_slot(vm, receiver, at, value)?;
    vm.model.heap.set_slot(receiver, at, value)?;
    Ok(value)
}

fn ivar_get(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, name) = (vm.receiver(args), vm.arg(args, 1));
    symbol(vm, name)?;
    Ok(vm.model.heap.ivar(receiver, name)?.unwrap_or(Oop::NIL))
}

fn ivar_set(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, name, value) = (vm.receiver(args), vm.arg(args, 1), vm.arg(args, 2));
    symbol(vm, name)?;
    writable(vm, receiver)?;
    ensure(!value.is_undef())?;
    refuse_names(vm, receiver)?;
    vm.model.heap.set_ivar(receiver, name, value)?;
    Ok(value)
}

fn ivar_defined(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, name) = (vm.receiver(args), vm.arg(args, 1));
    symbol(vm, name)?;
    Ok(Oop::from_bool(
        vm.model.heap.ivar(receiver, name)?.is_some(),
    ))
}

fn ivar_names(vm: &mut Vm, args: Args) -> PrimResult {
    let names = vm.model.heap.ivar_names(vm.receiver(args));
    Ok(vm.model.heap.new_array(&names)?)
}

fn ivar_remove(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, name) = (vm.receiver(args), vm.arg(args, 1));
    symbol(vm, name)?;
    writable(vm, receiver)?;
    match vm.model.heap.remove_ivar(receiver, name)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}
