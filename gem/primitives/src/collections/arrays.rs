//! Elements of indexable objects. Named slots before the elements do not count.

use crate::check::{Ask, Checked, ensure, index, index1, indexed, room, size_oop, writable};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    arrayNew => new, "allocates";
    arrayAt => at, "bounds check and load barrier";
    arrayAtPut => at_put, "bounds check and write barrier";
    arrayGet => get, "bounds check and load barrier";
    arraySet => set, "bounds check and write barrier";
    arraySize => size, "reads the header";
    arrayPush => push, "grows the body";
    arrayPop => pop, "shrinks the body";
    arrayShift => shift, "moves elements";
    arrayUnshift => unshift, "moves elements";
    arrayInsert => insert, "moves elements";
    arrayDeleteAt => delete_at, "moves elements";
    arraySlice => slice, "copies elements";
    arraySplice => splice, "moves elements";
    arrayConcat => concat, "copies elements";
    arrayPlus => plus, "copies elements";
    arrayFill => fill, "writes elements";
    arrayReplace => replace, "copies elements";
    arrayClear => clear, "drops the body";
    arrayIndexIdentical => index_identical, "compares machine words";
    arrayReverse => reverse, "copies elements";
    arrayCopyFromTo => copy_from_to, "copies elements";
    arrayReplaceFromToWith => replace_from_to_with, "copies elements";
    arrayDup => dup, "copies elements";
    arrayResize => resize, "grows the body";
}

/// The receiver with its elements, when it may be changed.
#[inline(always)]
fn changeable(vm: &Vm, args: Args) -> Checked<Oop> {
    let receiver = indexed(vm, vm.receiver(args))?;
    writable(vm, receiver)
}

/// `arrayNew(n fill)`; the receiver is the class.
fn new(vm: &mut Vm, args: Args) -> PrimResult {
    let count = vm.index_arg(args, 1)?;
    let fill = vm.given(args, 2).unwrap_or(Oop::NIL);
    room(count, 8)?;
    let array = vm.model.heap.new_array(&[])?;
    vm.model.heap.resize(array, count)?;
    if !fill.is_nil() {
        for i in 0..count {
            vm.model.heap.set_element(array, i, fill)?;
        }
    }
    Ok(array)
}

fn at(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    let i = index1(vm.arg(args, 1))?;
    ensure(i < vm.model.heap.size(receiver))?;
    Ok(vm.model.heap.element(receiver, i)?)
}

fn at_put(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let i = index1(vm.arg(args, 1))?;
    let value = vm.value_arg(args, 2)?;
    ensure(i < vm.model.heap.size(receiver))?;
    vm.model.heap.set_element(receiver, i, value)?;
    Ok(value)
}

fn get(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    let i = vm.int_arg(args, 1)?;
    let size = vm.model.heap.size(receiver) as i64;
    let i = if i < 0 { i + size } else { i };
    if i < 0 || i >= size {
        return Ok(Oop::NIL);
    }
    Ok(vm.model.heap.element(receiver, i as usize)?)
}

fn set(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let i = vm.int_arg(args, 1)?;
    let value = vm.value_arg(args, 2)?;
    let size = vm.model.heap.size(receiver);
    let i = if i < 0 { i + size as i64 } else { i };
    let i = usize::try_from(i).map_err(|_| gem_vm::Fail::Fallback)?;
    if i >= size {
        room(i.saturating_add(1), 8)?;
        vm.model.heap.resize(receiver, i + 1)?;
    }
    vm.model.heap.set_element(receiver, i, value)?;
    Ok(value)
}

fn size(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    Ok(if receiver.is_pointer() {
        size_oop(vm.model.heap.size(receiver))
    } else {
        Oop::ZERO
    })
}

fn push(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let value = vm.value_arg(args, 1)?;
    vm.model.heap.push(receiver, value)?;
    Ok(receiver)
}

fn pop(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    match vm.model.heap.size(receiver) {
        0 => Ok(Oop::NIL),
        n => {
            let value = vm.model.heap.element(receiver, n - 1)?;
            vm.model.heap.resize(receiver, n - 1)?;
            Ok(value)
        }
    }
}

fn shift(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    if vm.model.heap.size(receiver) == 0 {
        return Ok(Oop::NIL);
    }
    let value = vm.model.heap.element(receiver, 0)?;
    vm.model.heap.splice(receiver, 0, 1, &[])?;
    Ok(value)
}

fn unshift(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let value = vm.value_arg(args, 1)?;
    vm.model.heap.splice(receiver, 0, 0, &[value])?;
    Ok(receiver)
}

fn insert(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let at = vm.index_arg(args, 1)?;
    let value = vm.value_arg(args, 2)?;
    ensure(at <= vm.model.heap.size(receiver))?;
    vm.model.heap.splice(receiver, at, 0, &[value])?;
    Ok(receiver)
}

fn delete_at(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let at = vm.index_arg(args, 1)?;
    ensure(at < vm.model.heap.size(receiver))?;
    let value = vm.model.heap.element(receiver, at)?;
    vm.model.heap.splice(receiver, at, 1, &[])?;
    Ok(value)
}

/// Elements `from..from + count`, faulted; falls back outside.
fn range(vm: &mut Vm, object: Oop, from: usize, count: usize) -> Checked<Vec<Oop>> {
    let end = from.checked_add(count);
    ensure(end.is_some_and(|end| end <= vm.model.heap.size(object)))?;
    let mut values = Vec::with_capacity(count);
    for i in from..from + count {
        values.push(vm.model.heap.element(object, i)?);
    }
    Ok(values)
}

/// A plain Array.
fn slice(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    let (from, count) = (vm.index_arg(args, 1)?, vm.index_arg(args, 2)?);
    let values = range(vm, receiver, from, count)?;
    Ok(vm.model.heap.new_array(&values)?)
}

fn splice(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let (from, count) = (vm.index_arg(args, 1)?, vm.index_arg(args, 2)?);
    let list = vm.indexed_arg(args, 3)?;
    ensure(
        from.checked_add(count)
            .is_some_and(|end| end <= vm.model.heap.size(receiver)),
    )?;
    let values = vm.model.heap.elements(list)?;
    vm.model.heap.splice(receiver, from, count, &values)?;
    Ok(receiver)
}

fn concat(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let list = vm.indexed_arg(args, 1)?;
    let values = vm.model.heap.elements(list)?;
    let size = vm.model.heap.size(receiver);
    vm.model.heap.splice(receiver, size, 0, &values)?;
    Ok(receiver)
}

fn plus(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, other) = (vm.array_arg(args, 0)?, vm.array_arg(args, 1)?);
    let mut values = vm.model.heap.elements(receiver)?;
    values.extend(vm.model.heap.elements(other)?);
    Ok(vm.model.heap.new_array(&values)?)
}

/// `arrayFill(value from count)`: grows when the range ends beyond the end.
fn fill(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let value = vm.value_arg(args, 1)?;
    let (from, count) = (vm.index_arg(args, 2)?, vm.index_arg(args, 3)?);
    let end = from.saturating_add(count);
    if end > vm.model.heap.size(receiver) {
        room(end, 8)?;
        vm.model.heap.resize(receiver, end)?;
    }
    for i in from..end {
        vm.model.heap.set_element(receiver, i, value)?;
    }
    Ok(receiver)
}

fn replace(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let list = vm.indexed_arg(args, 1)?;
    let values = vm.model.heap.elements(list)?;
    let size = vm.model.heap.size(receiver);
    vm.model.heap.splice(receiver, 0, size, &values)?;
    Ok(receiver)
}

fn clear(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    vm.model.heap.resize(receiver, 0)?;
    Ok(receiver)
}

/// 1-based index, or 0.
fn index_identical(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    let value = vm.value_arg(args, 1)?;
    for i in 0..vm.model.heap.size(receiver) {
        if vm.model.heap.element(receiver, i)? == value {
            return Ok(size_oop(i + 1));
        }
    }
    Ok(Oop::ZERO)
}

fn reverse(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    let mut values = vm.model.heap.elements(receiver)?;
    values.reverse();
    Ok(vm.model.heap.new_array(&values)?)
}

/// `arrayCopyFromTo(from to)`, 1-based, both ends included.
fn copy_from_to(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    ensure(vm.model.heap.shape_of(receiver) == gem_vm::ShapeId::ARRAY)?;
    let from = index1(vm.arg(args, 1))?;
    let to = vm.index_arg(args, 2)?;
    let count = to.checked_sub(from).ok_or(gem_vm::Fail::Fallback)?;
    let values = range(vm, receiver, from, count)?;
    Ok(vm.model.heap.new_array(&values)?)
}

/// `arrayReplaceFromToWith(from to source start)`, 1-based.
fn replace_from_to_with(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let from = index1(vm.arg(args, 1))?;
    let to = vm.index_arg(args, 2)?;
    let source = vm.indexed_arg(args, 3)?;
    let start = index1(vm.arg(args, 4))?;
    let count = to.checked_sub(from).ok_or(gem_vm::Fail::Fallback)?;
    ensure(to <= vm.model.heap.size(receiver))?;
    let values = range(vm, source, start, count)?;
    vm.model.heap.splice(receiver, from, count, &values)?;
    Ok(receiver)
}

fn dup(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    let values = vm.model.heap.elements(receiver)?;
    Ok(vm.model.heap.new_array(&values)?)
}

fn resize(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let size = index(vm.arg(args, 1))?;
    room(size, 8)?;
    vm.model.heap.resize(receiver, size)?;
    Ok(receiver)
}
