//! Sorting of Arrays whose elements need no user code: Integers and Floats, or Strings by bytes.

use crate::check::{Ask, Checked, ensure, fallback, size_oop, writable};
use crate::macros::primitives;
use gem_heap::Heap;
use gem_vm::{Args, Oop, PrimResult, Vm};
use num_bigint::BigInt;
use num_traits::FromPrimitive;
use std::cmp::Ordering;

primitives! {
    arraySortSmall => sort_small, "the common case of sort without a call for each comparison";
    arraySortIndexes => sort_indexes, "the common case of sort_by without a call for each comparison";
}

/// What all the elements are.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    SmallIntegers,
    Numbers,
    Strings,
}

fn classify(vm: &mut Vm, values: &[Oop]) -> Checked<Keys> {
    ensure(!vm.operators_redefined())?;
    if values.iter().all(|v| v.is_small_int()) {
        return Ok(Keys::SmallIntegers);
    }
    let number = |heap: &Heap, v: Oop| {
        v.is_small_int()
            || heap.is_large_integer(v)
            || heap.float_value(v).is_some_and(|f| !f.is_nan())
    };
    if values.iter().all(|&v| number(&vm.model.heap, v)) {
        return Ok(Keys::Numbers);
    }
    for &v in values {
        ensure(v.is_pointer() && !vm.model.heap.is_symbol(v))?;
        crate::check::text(vm, v)?;
    }
    if values.is_empty() {
        fallback()
    } else {
        Ok(Keys::Strings)
    }
}

/// Exact order of two numbers, neither of them NaN.
fn compare_numbers(heap: &Heap, a: Oop, b: Oop) -> Ordering {
    match (a.as_small_int(), b.as_small_int()) {
        (Some(a), Some(b)) => return a.cmp(&b),
        (Some(a), None) if a.unsigned_abs() <= 1 << 53 => {
            if let Some(b) = heap.float_value(b) {
                return (a as f64).partial_cmp(&b).unwrap_or(Ordering::Equal);
            }
        }
        (None, Some(b)) if b.unsigned_abs() <= 1 << 53 => {
            if let Some(a) = heap.float_value(a) {
                return a.partial_cmp(&(b as f64)).unwrap_or(Ordering::Equal);
            }
        }
        _ => {}
    }
    match (heap.float_value(a), heap.float_value(b)) {
        (Some(a), Some(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (Some(a), None) => float_and_integer(a, &heap.integer_value(b).unwrap_or_default()),
        (None, Some(b)) => {
            float_and_integer(b, &heap.integer_value(a).unwrap_or_default()).reverse()
        }
        (None, None) => heap.integer_value(a).cmp(&heap.integer_value(b)),
    }
}

fn float_and_integer(a: f64, b: &BigInt) -> Ordering {
    match BigInt::from_f64(a.trunc()) {
        Some(whole) => whole
            .cmp(b)
            .then(a.partial_cmp(&a.trunc()).unwrap_or(Ordering::Equal)),
        None if a > 0.0 => Ordering::Greater,
        None => Ordering::Less,
    }
}

fn compare(heap: &Heap, keys: Keys, a: Oop, b: Oop) -> Ordering {
    match keys {
        Keys::SmallIntegers => a.small_int_value().cmp(&b.small_int_value()),
        Keys::Numbers => compare_numbers(heap, a, b),
        Keys::Strings => heap.bytes(a).cmp(heap.bytes(b)),
    }
}

fn sort_small(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    writable(vm, receiver)?;
    let mut values = vm.model.heap.elements(receiver)?;
    if values.len() < 2 {
        return Ok(receiver);
    }
    match classify(vm, &values)? {
        Keys::SmallIntegers => values.sort_unstable_by_key(|v| v.small_int_value()),
        keys => values.sort_by(|&a, &b| compare(&vm.model.heap, keys, a, b)),
    }
    let size = values.len();
    vm.model.heap.splice(receiver, 0, size, &values)?;
    Ok(receiver)
}

/// Indexes of the elements in ascending order; equal ones keep their order.
fn sort_indexes(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.indexed_arg(args, 0)?;
    let values = vm.model.heap.elements(receiver)?;
    let mut order: Vec<usize> = (0..values.len()).collect();
    if !values.is_empty() {
        let keys = classify(vm, &values)?;
        order.sort_by(|&a, &b| compare(&vm.model.heap, keys, values[a], values[b]));
    }
    let indexes: Vec<Oop> = order.into_iter().map(size_oop).collect();
    Ok(vm.model.heap.new_array(&indexes)?)
}
