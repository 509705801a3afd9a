//! Objects with indexed oops: Arrays, OrderedCollections and their subclasses. Elements only: named slots do not count.

use crate::check::{Ask, Checked, ensure, fallback, index, indexed, room, size_oop, writable};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, ShapeId, Vm};
use std::cmp::Ordering;

primitives! {
    arrayNew => new, "allocation";
    arrayAt => at, "element access";
    arrayAtPut => at_put, "element access";
    arrayGet => get, "element access";
    arraySet => set, "element access";
    arraySize => size, "element access";
    arrayPush => push, "growth in place";
    arrayPop => pop, "growth in place";
    arrayShift => shift, "growth in place";
    arrayUnshift => unshift, "growth in place";
    arrayInsert => insert, "growth in place";
    arrayDeleteAt => delete_at, "growth in place";
    arraySlice => slice, "block move";
    arraySplice => splice, "block move";
    arrayConcat => concat, "block move";
    arrayPlus => plus, "block move";
    arrayFill => fill, "block move";
    arrayReplace => replace, "block move";
    arrayClear => clear, "growth in place";
    arrayResize => resize, "growth in place";
    arrayIndexIdentical => index_identical, "measured: linear search";
    arrayReverse => reverse, "block move";
    arrayDup => dup, "block move";
    arrayCopyFromTo => copy_from_to, "block move";
    arrayReplaceFromToWith => replace_from_to_with, "block move";
    arrayEqualIdentical => equal_identical, "measured: linear comparison";
    arraySortSmall => sort_small, "measured: sorting without sends";
    arraySortIndexes => sort_indexes, "measured: sorting without sends";
}

fn plain(vm: &mut Vm, values: &[Oop]) -> PrimResult {
    Ok(vm.heap.new_array(values)?)
}

fn changeable(vm: &Vm, args: Args) -> Checked<Oop> {
    let array = indexed(vm, vm.receiver(args))?;
    writable(vm, array)
}

/// `arrayNew(n fill)`: the receiver is the class.
fn new(vm: &mut Vm, args: Args) -> PrimResult {
    let class = vm.class_arg(args, 0)?;
    let count = vm.index_arg(args, 1)?;
    let fill = vm.arg(args, 2);
    room(count, 8)?;
    let class = vm.heap.class_index(class)?;
    ensure(vm.heap.class_info(class).kind == gem_heap::Kind::Indexed)?;
    let array = vm.heap.instantiate(class);
    vm.heap.resize(array, count)?;
    if !fill.is_undef() && !fill.is_nil() {
        for i in 0..count {
            vm.heap.set_element(array, i, fill)?;
        }
    }
    Ok(array)
}

fn at(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, i) = (vm.indexed_arg(args, 0)?, crate::check::index1(vm.arg(args, 1))?);
    ensure(i < vm.heap.size(array))?;
    Ok(vm.heap.element(array, i)?)
}

fn at_put(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, i) = (changeable(vm, args)?, crate::check::index1(vm.arg(args, 1))?);
    let value = vm.value_arg(args, 2)?;
    ensure(i < vm.heap.size(array))?;
    vm.heap.set_element(array, i, value)?;
    Ok(value)
}

/// An index that may count from the end; `None` below the beginning.
fn from_either_end(size: usize, i: i64) -> Option<usize> {
    if i >= 0 { Some(i as usize) } else { size.checked_sub(i.unsigned_abs() as usize) }
}

fn get(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, i) = (vm.indexed_arg(args, 0)?, vm.int_arg(args, 1)?);
    let size = vm.heap.size(array);
    match from_either_end(size, i).filter(|&i| i < size) {
        Some(i) => Ok(vm.heap.element(array, i)?),
        None => Ok(Oop::NIL),
    }
}

fn set(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, i, value) = (changeable(vm, args)?, vm.int_arg(args, 1)?, vm.value_arg(args, 2)?);
    let size = vm.heap.size(array);
    let Some(i) = from_either_end(size, i) else { return fallback() };
    if i >= size {
        room(i.saturating_add(1), 8)?;
        vm.heap.resize(array, i + 1)?;
    }
    vm.heap.set_element(array, i, value)?;
    Ok(value)
}

fn size(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    Ok(if receiver.is_pointer() { size_oop(vm.heap.size(receiver)) } else { Oop::ZERO })
}

fn push(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, value) = (changeable(vm, args)?, vm.value_arg(args, 1)?);
    vm.heap.push(array, value)?;
    Ok(array)
}

fn pop(vm: &mut Vm, args: Args) -> PrimResult {
    let array = changeable(vm, args)?;
    let Some(last) = vm.heap.size(array).checked_sub(1) else { return Ok(Oop::NIL) };
    let value = vm.heap.element(array, last)?;
    vm.heap.resize(array, last)?;
    Ok(value)
}

fn shift(vm: &mut Vm, args: Args) -> PrimResult {
    let array = changeable(vm, args)?;
    if vm.heap.size(array) == 0 {
        return Ok(Oop::NIL);
    }
    let value = vm.heap.element(array, 0)?;
    vm.heap.splice(array, 0, 1, &[])?;
    Ok(value)
}

fn unshift(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, value) = (changeable(vm, args)?, vm.value_arg(args, 1)?);
    vm.heap.splice(array, 0, 0, &[value])?;
    Ok(array)
}

fn insert(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, i, value) = (changeable(vm, args)?, vm.index_arg(args, 1)?, vm.value_arg(args, 2)?);
    ensure(i <= vm.heap.size(array))?;
    vm.heap.splice(array, i, 0, &[value])?;
    Ok(array)
}

fn delete_at(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, i) = (changeable(vm, args)?, vm.index_arg(args, 1)?);
    ensure(i < vm.heap.size(array))?;
    let value = vm.heap.element(array, i)?;
    vm.heap.splice(array, i, 1, &[])?;
    Ok(value)
}

/// Elements `from .. from + count`, checked.
fn part(vm: &mut Vm, array: Oop, from: usize, count: usize) -> Checked<Vec<Oop>> {
    let end = from.checked_add(count).filter(|&end| end <= vm.heap.size(array));
    ensure(end.is_some())?;
    Ok((from..from + count).map(|i| vm.heap.element(array, i)).collect::<Result<_, _>>()?)
}

fn slice(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, from, count) = (vm.indexed_arg(args, 0)?, vm.index_arg(args, 1)?, vm.index_arg(args, 2)?);
    let values = part(vm, array, from, count)?;
    plain(vm, &values)
}

fn splice(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, from, count) = (changeable(vm, args)?, vm.index_arg(args, 1)?, vm.index_arg(args, 2)?);
    let with = vm.indexed_arg(args, 3)?;
    ensure(from.checked_add(count).is_some_and(|end| end <= vm.heap.size(array)))?;
    let values = vm.heap.elements(with)?;
    vm.heap.splice(array, from, count, &values)?;
    Ok(array)
}

fn concat(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, other) = (changeable(vm, args)?, vm.indexed_arg(args, 1)?);
    let values = vm.heap.elements(other)?;
    let end = vm.heap.size(array);
    vm.heap.splice(array, end, 0, &values)?;
    Ok(array)
}

fn plus(vm: &mut Vm, args: Args) -> PrimResult {
    let (left, right) = (vm.array_arg(args, 0)?, vm.array_arg(args, 1)?);
    let mut values = vm.heap.elements(left)?;
    values.extend(vm.heap.elements(right)?);
    plain(vm, &values)
}

fn fill(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, value) = (changeable(vm, args)?, vm.value_arg(args, 1)?);
    let (from, count) = (vm.index_arg(args, 2)?, vm.index_arg(args, 3)?);
    let Some(end) = from.checked_add(count) else { return fallback() };
    if end > vm.heap.size(array) {
        room(end, 8)?;
        vm.heap.resize(array, end)?;
    }
    for i in from..end {
        vm.heap.set_element(array, i, value)?;
    }
    Ok(array)
}

fn replace(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, other) = (changeable(vm, args)?, vm.indexed_arg(args, 1)?);
    let values = vm.heap.elements(other)?;
    let size = vm.heap.size(array);
    vm.heap.splice(array, 0, size, &values)?;
    Ok(array)
}

fn clear(vm: &mut Vm, args: Args) -> PrimResult {
    let array = changeable(vm, args)?;
    vm.heap.resize(array, 0)?;
    Ok(array)
}

fn resize(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, size) = (changeable(vm, args)?, vm.index_arg(args, 1)?);
    room(size, 8)?;
    vm.heap.resize(array, size)?;
    Ok(array)
}

fn index_identical(vm: &mut Vm, args: Args) -> PrimResult {
    let (array, value) = (vm.indexed_arg(args, 0)?, vm.value_arg(args, 1)?);
    for i in 0..vm.heap.size(array) {
        if vm.heap.element(array, i)? == value {
            return Ok(size_oop(i + 1));
        }
    }
    Ok(Oop::ZERO)
}

fn reverse(vm: &mut Vm, args: Args) -> PrimResult {
    let array = vm.indexed_arg(args, 0)?;
    let mut values = vm.heap.elements(array)?;
    values.reverse();
    plain(vm, &values)
}

fn dup(vm: &mut Vm, args: Args) -> PrimResult {
    let array = vm.indexed_arg(args, 0)?;
    let values = vm.heap.elements(array)?;
    plain(vm, &values)
}

/// Smalltalk `copyFrom:to:`, 1-based; plain Arrays only.
fn copy_from_to(vm: &mut Vm, args: Args) -> PrimResult {
    let array = vm.receiver(args);
    ensure(array.is_pointer() && vm.heap.shape_of(array) == ShapeId::ARRAY)?;
    let from = crate::check::index1(vm.arg(args, 1))?;
    let to = index(vm.arg(args, 2))?;
    let Some(count) = to.checked_sub(from) else { return fallback() };
    let values = part(vm, array, from, count)?;
    plain(vm, &values)
}

/// `replaceFrom: a to: b with: source startingAt: c`, 1-based.
fn replace_from_to_with(vm: &mut Vm, args: Args) -> PrimResult {
    let array = changeable(vm, args)?;
    let from = crate::check::index1(vm.arg(args, 1))?;
    let to = index(vm.arg(args, 2))?;
    let source = vm.indexed_arg(args, 3)?;
    let start = crate::check::index1(vm.arg(args, 4))?;
    let Some(count) = to.checked_sub(from) else { return fallback() };
    ensure(to <= vm.heap.size(array))?;
    let values = part(vm, source, start, count)?;
    vm.heap.splice(array, from, count, &values)?;
    Ok(array)
}

fn equal_identical(vm: &mut Vm, args: Args) -> PrimResult {
    let (left, right) = (vm.indexed_arg(args, 0)?, vm.indexed_arg(args, 1)?);
    let (left, right) = (vm.heap.elements(left)?, vm.heap.elements(right)?);
    Ok(Oop::from_bool(left == right))
}

/// What elements can be compared as, without a send.
enum Keys {
    Small,
    Numbers,
    Texts,
}

fn keys(vm: &Vm, values: &[Oop]) -> Option<Keys> {
    if values.iter().all(|v| v.is_small_int()) {
        return Some(Keys::Small);
    }
    let number = |v: &Oop| v.is_small_int() && v.small_int_value().abs() < 1 << 53 || vm.heap.float_value(*v).is_some_and(|f| !f.is_nan());
    if values.iter().all(number) {
        return Some(Keys::Numbers);
    }
    let string = |v: &Oop| v.is_pointer() && vm.heap.shape_of(*v) == ShapeId::STRING;
    values.iter().all(string).then_some(Keys::Texts)
}

fn compare(vm: &Vm, keys: &Keys, a: Oop, b: Oop) -> Ordering {
    let number = |v: Oop| vm.heap.float_value(v).unwrap_or(v.small_int_value() as f64);
    match keys {
        Keys::Small => a.small_int_value().cmp(&b.small_int_value()),
        Keys::Numbers => {
            let (x, y) = (if a.is_small_int() { a.small_int_value() as f64 } else { number(a) }, if b.is_small_int() { b.small_int_value() as f64 } else { number(b) });
            x.partial_cmp(&y).unwrap_or(Ordering::Equal)
        }
        Keys::Texts => vm.heap.bytes(a).cmp(vm.heap.bytes(b)),
    }
}

fn sort_small(vm: &mut Vm, args: Args) -> PrimResult {
    let array = changeable(vm, args)?;
    let mut values = vm.heap.elements(array)?;
    let Some(keys) = keys(vm, &values) else { return fallback() };
    values.sort_by(|&a, &b| compare(vm, &keys, a, b));
    let size = values.len();
    vm.heap.splice(array, 0, size, &values)?;
    Ok(array)
}

fn sort_indexes(vm: &mut Vm, args: Args) -> PrimResult {
    let array = vm.indexed_arg(args, 0)?;
    let values = vm.heap.elements(array)?;
    let Some(keys) = keys(vm, &values) else { return fallback() };
    let mut indexes: Vec<usize> = (0..values.len()).collect();
    indexes.sort_by(|&a, &b| compare(vm, &keys, values[a], values[b]));
    let indexes: Vec<Oop> = indexes.into_iter().map(size_oop).collect();
    plain(vm, &indexes)
}
