//! Arrays, hashes, ranges; element access on plain Arrays.

use super::Step;
use super::arithmetic::{done, done_cold, slow};
use crate::errors::Fail;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use format::wellknown;
use gem_bytecode::Instr;
use gem_heap::{HeapError, Oop, ShapeId};

#[inline(always)]
fn is_plain_array(vm: &Vm, oop: Oop) -> bool {
    oop.is_pointer() && vm.model.heap.shape_of(oop) == ShapeId::ARRAY
}

#[inline(always)]
pub(crate) fn size(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let receiver = cur.r(i.b());
    if is_plain_array(vm, receiver) {
        let size = vm.model.heap.size(receiver) as i64;
        return done(cur, Oop::small_int_wrapping(size));
    }
    cur.set(cur.following().c(), receiver);
    Ok(())
}

#[inline(always)]
pub(crate) fn aref(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (receiver, index) = (cur.r(i.b()), cur.r(i.c()));
    if index.is_small_int() && is_plain_array(vm, receiver) {
        let n = index.small_int_value();
        let n = if n < 0 {
            n + vm.model.heap.size(receiver) as i64
        } else {
            n
        };
        match vm.model.heap.element(receiver, n as usize) {
            Ok(value) => return done(cur, value),
            Err(HeapError::Bounds) => return done(cur, Oop::NIL),
            Err(other) => return Err(Fail::Heap(other)),
        }
    }
    if vm.model.heap.is_instance(receiver, wellknown::RUBY_HASH)
        && let Ok(Some(value)) = vm.model.hash_get(receiver, index)
    {
        return done(cur, value);
    }
    slow(cur, receiver, index)
}

#[inline(always)]
pub(crate) fn aset(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (value, receiver, index) = (cur.r(i.a()), cur.r(i.b()), cur.r(i.c()));
    if index.is_small_int() && is_plain_array(vm, receiver) {
        let n = index.small_int_value();
        if n >= 0 && (n as usize) < vm.model.heap.size(receiver) {
            vm.model.heap.set_element(receiver, n as usize, value)?;
            cur.jump(1);
            return Ok(());
        }
    }
    let base = cur.following().c();
    cur.set(base, receiver);
    cur.set(base + 1, index);
    cur.set(base + 2, value);
    Ok(())
}

#[inline(always)]
pub(crate) fn at(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (receiver, index) = (cur.r(i.b()), cur.r(i.c()));
    if index.is_small_int() && is_plain_array(vm, receiver) {
        match vm
            .model
            .heap
            .element(receiver, (index.small_int_value() as usize).wrapping_sub(1))
        {
            Ok(value) => return done(cur, value),
            Err(HeapError::Bounds) => {}
            Err(other) => return Err(Fail::Heap(other)),
        }
    }
    slow(cur, receiver, index)
}

#[inline(always)]
pub(crate) fn at_put(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (value, receiver, index) = (cur.r(i.a()), cur.r(i.b()), cur.r(i.c()));
    if index.is_small_int() && is_plain_array(vm, receiver) {
        match vm.model.heap.set_element(
            receiver,
            (index.small_int_value() as usize).wrapping_sub(1),
            value,
        ) {
            Ok(()) => return done(cur, value),
            Err(HeapError::Bounds) => {}
            Err(other) => return Err(Fail::Heap(other)),
        }
    }
    let base = cur.following().c();
    cur.set(base, receiver);
    cur.set(base + 1, index);
    cur.set(base + 2, value);
    Ok(())
}

#[inline(never)]
pub(crate) fn new_array(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let from = vm.exec.regs.index(cur.base) + i.c() as usize;
    let count = i.b() as usize;
    let values: &[Oop] = vm.exec.regs.slice(from, from + count);
    let array = vm.model.heap.new_array(values)?;
    cur.set(i.a(), array);
    Ok(())
}

#[inline(always)]
pub(crate) fn array_push(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    vm.model.heap.push(cur.r(i.a()), cur.r(i.b()))?;
    Ok(())
}

#[inline(never)]
pub(crate) fn array_concat(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let (array, tail) = (cur.r(i.a()), cur.r(i.b()));
    for value in vm.model.heap.elements(tail)? {
        vm.model.heap.push(array, value)?;
    }
    Ok(())
}

#[inline(never)]
pub(crate) fn splat(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let value = cur.r(i.b());
    if value.is_nil() {
        let empty = vm.model.heap.new_array(&[])?;
        return done_cold(vm, cur, empty);
    }
    if vm.model.is_array(value)? {
        let values = vm.model.heap.elements(value)?;
        let copy = vm.model.heap.new_array(&values)?;
        return done_cold(vm, cur, copy);
    }
    slow_unary(&cur, value)
}

/// Puts the operand into the following Send's window as receiver.
#[inline(always)]
pub(crate) fn slow_unary(cur: &Cursor, receiver: Oop) -> Step {
    let base = cur.following().c();
    cur.set(base, receiver);
    Ok(())
}

#[inline(never)]
pub(crate) fn to_ary(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let value = cur.r(i.b());
    if vm.model.is_array(value)? {
        done_cold(vm, cur, value)
    } else {
        slow_unary(&cur, value)
    }
}

#[inline(never)]
pub(crate) fn expand_array(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let packed = cur.literal(i.c()).as_small_int().unwrap_or(0);
    let (pre, splat, post) = (
        (packed & 0xFFFF) as usize,
        (packed >> 16) & 0xFFFF,
        ((packed >> 32) & 0xFFFF) as usize,
    );
    let values = vm.model.heap.elements(cur.r(i.b()))?;
    let wanted = pre + (splat != 0) as usize + post;
    let first = i.a() as usize;
    if first + wanted > cur.code.registers as usize {
        return Err(crate::errors::raise(
            wellknown::ERROR,
            "compiled code spreads an array beyond its frame",
        ));
    }
    let value = |n: usize| values.get(n).copied().unwrap_or(Oop::NIL);
    let mut to = i.a();
    for n in 0..pre {
        cur.set(to, value(n));
        to += 1;
    }
    let mut next = pre.min(values.len());
    if splat != 0 {
        let middle = values.len().saturating_sub(pre + post);
        let array = vm.model.heap.new_array(&values[next..next + middle])?;
        cur.set(to, array);
        to += 1;
        next += middle;
    }
    for n in 0..post {
        cur.set(to, value(next + n));
        to += 1;
    }
    Ok(())
}

#[inline(never)]
pub(crate) fn new_hash(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let hash = vm.model.hash_new()?;
    cur.set(i.a(), hash);
    Ok(())
}

#[inline(never)]
fn range(vm: &mut Vm, cur: Cursor, i: Instr, exclusive: Oop) -> Step {
    let (low, high) = (cur.r(i.b()), cur.r(i.c()));
    let comparable = (low.is_small_int() || low.is_nil()) && (high.is_small_int() || high.is_nil());
    if !comparable
        && low.is_pointer() != high.is_pointer()
        && !low.is_nil()
        && !high.is_nil()
        && !number(vm, low)
    {
        return Err(crate::errors::raise(
            wellknown::ARGUMENT_ERROR,
            "bad value for range",
        ));
    }
    let range = vm
        .model
        .heap
        .new_with_slots(wellknown::RANGE, &[low, high, exclusive]);
    vm.model.heap.freeze(range);
    cur.set(i.a(), range);
    Ok(())
}

fn number(vm: &Vm, oop: Oop) -> bool {
    oop.is_small_int()
        || vm.model.heap.float_value(oop).is_some()
        || vm.model.heap.is_large_integer(oop)
}

#[inline(always)]
pub(crate) fn new_range(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    range(vm, *cur, i, Oop::FALSE)
}

#[inline(always)]
pub(crate) fn new_range_exclusive(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    range(vm, *cur, i, Oop::TRUE)
}
