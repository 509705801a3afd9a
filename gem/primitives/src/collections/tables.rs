//! The tables of sets and dictionaries: Arrays whose elements stay where they are, in memory or in the repository.

use crate::check::{Ask, Checked, ensure, index1, size_oop, writable};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

primitives! {
    tableProbe => probe, "compares ids without reading objects";
    tableFree => free, "looks at elements without reading objects";
    tableIsNilAt => is_nil_at, "looks at an element without reading the object";
    tableTake => take, "copies ids without reading objects";
}

/// Elements a place of a table has: one in a set, two in a dictionary.
fn step(vm: &Vm, args: Args) -> Checked<usize> {
    let step = vm.index_arg(args, 2)?;
    ensure(step == 1 || step == 2)?;
    Ok(step)
}

/// `tableProbe(key step)`
fn probe(vm: &mut Vm, args: Args) -> PrimResult {
    let table = vm.indexed_arg(args, 0)?;
    let step = step(vm, args)?;
    let key = vm.arg(args, 1);
    let place = vm.model.heap.probe(table, key, step)?;
    place.map(|p| size_oop(p + 1)).ok_or(Fail::Fallback)
}

/// `tableFree(hash step)`
fn free(vm: &mut Vm, args: Args) -> PrimResult {
    let table = vm.indexed_arg(args, 0)?;
    let (hash, step) = (vm.int_arg(args, 1)?, step(vm, args)?);
    let place = vm.model.heap.free_place(table, hash, step);
    place.map(|p| size_oop(p + 1)).ok_or(Fail::Fallback)
}

/// The receiver's element that argument 1 numbers, as it stands.
fn element(vm: &mut Vm, args: Args) -> Checked<Oop> {
    let table = vm.indexed_arg(args, 0)?;
    let at = index1(vm.arg(args, 1))?;
    vm.model
        .heap
        .raw_element(table, at)
        .map_err(|_| Fail::Fallback)
}

fn is_nil_at(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(element(vm, args)?.is_nil()))
}

/// `tableTake(i count source j)`
fn take(vm: &mut Vm, args: Args) -> PrimResult {
    let table = vm.indexed_arg(args, 0)?;
    writable(vm, table)?;
    let at = index1(vm.arg(args, 1))?;
    let count = vm.index_arg(args, 2)?;
    let source = vm.indexed_arg(args, 3)?;
    let start = index1(vm.arg(args, 4))?;
    let fits = |from: usize, object: Oop| {
        from.checked_add(count)
            .is_some_and(|end| end <= vm.model.heap.size(object))
    };
    ensure(fits(at, table) && fits(start, source))?;
    vm.model
        .heap
        .take_elements(table, at, count, source, start)?;
    Ok(table)
}
