//! String literals and interpolation.

use super::Step;
use super::arithmetic::done;
use super::arrays::slow_unary;
use crate::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::{Oop, ShapeId};

#[inline(never)]
pub(crate) fn new_string(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let literal = cur.literal(i.b());
    let copy = vm.heap.shallow_copy(literal)?;
    cur.set(i.a(), copy);
    Ok(())
}

#[inline(always)]
fn is_string(vm: &Vm, oop: Oop) -> bool {
    oop.is_pointer() && vm.heap.is_bytes(oop) && {
        let shape = vm.heap.shape_of(oop);
        shape == ShapeId::STRING || !matches!(shape, ShapeId::SYMBOL | ShapeId::LARGE_INTEGER)
    }
}

#[inline(always)]
pub(crate) fn to_str(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let value = cur.r(i.b());
    if is_string(vm, value) {
        done(cur, value)
    } else {
        slow_unary(cur, value)
    }
}

#[inline(never)]
pub(crate) fn str_concat(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let mut bytes = Vec::new();
    let mut encoding = 0;
    for n in 0..i.b() {
        let part = cur.r(i.c() + n);
        if vm.heap.is_bytes(part) {
            bytes.extend_from_slice(vm.heap.bytes(part));
            if !vm.heap.bytes(part).is_ascii() && vm.heap.detail(part) != 0 {
                encoding = vm.heap.detail(part);
            }
        } else {
            bytes.extend_from_slice(any_to_s(vm, part)?.as_bytes());
        }
    }
    let string = vm.heap.new_string(&bytes)?;
    if encoding != 0 {
        vm.heap.set_detail(string, encoding)?;
    }
    cur.set(i.a(), string);
    Ok(())
}

fn any_to_s(vm: &mut Vm, oop: Oop) -> Result<String, crate::Fail> {
    let class = vm.ruby_class_of(oop)?;
    Ok(format!("#<{}>", vm.class_name(class)))
}
