//! String literals and interpolation.

use super::Step;
use super::arithmetic::done;
use super::arrays::slow_unary;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::{Oop, ShapeId};

#[inline(never)]
pub(crate) fn new_string(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    let literal = cur.literal(i.b());
    let copy = vm.model.heap.shallow_copy(literal)?;
    cur.set(i.a(), copy);
    Ok(())
}

#[inline(always)]
fn is_string(vm: &Vm, oop: Oop) -> bool {
    oop.is_pointer() && vm.model.heap.is_bytes(oop) && {
        let shape = vm.model.heap.shape_of(oop);
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
    let mut encoding = leading_encoding(vm, &cur, i);
    let mut foreign = None;
    let mut plain = true;
    for n in 0..i.b() {
        let part = cur.r(i.c() + n);
        if !vm.model.heap.is_bytes(part) {
            bytes.extend_from_slice(any_to_s(vm, part)?.as_bytes());
            continue;
        }
        let own = vm.model.heap.detail(part);
        if !vm.model.heap.bytes(part).is_ascii() {
            if !plain && own != encoding {
                foreign = Some(part);
                break;
            }
            plain = false;
            encoding = own;
        } else if encoding == US_ASCII && is_string(vm, part) {
            encoding = own;
        }
        bytes.extend_from_slice(vm.model.heap.bytes(part));
    }
    let string = vm.model.heap.new_string(&bytes)?;
    if encoding != 0 {
        vm.model.heap.set_detail(string, encoding)?;
    }
    if let Some(part) = foreign {
        // The library knows the names for the message.
        cur.save(vm);
        let selector = vm.model.sym.incompatible_strings;
        return vm.ask(Oop::NIL, selector, &[string, part], Some(i.a()));
    }
    cur.set(i.a(), string);
    Ok(())
}

/// The detail word of a US-ASCII string.
const US_ASCII: u8 = 2;

/// Encoding of an interpolation before its parts have a say: the one of a leading literal, which the compiler puts there in sources
/// that are not UTF-8.
fn leading_encoding(vm: &Vm, cur: &Cursor, i: Instr) -> u8 {
    if i.b() == 0 {
        return 0;
    }
    let first = cur.r(i.c());
    if !vm.model.heap.is_bytes(first) || vm.model.heap.detail(first) == 0 {
        return 0;
    }
    let literal = cur.code.literals.iter().any(|l| l.get() == first);
    if literal {
        vm.model.heap.detail(first)
    } else {
        0
    }
}

fn any_to_s(vm: &mut Vm, oop: Oop) -> Result<String, crate::Fail> {
    let class = vm.model.ruby_class_of(oop)?;
    Ok(format!("#<{}>", vm.model.class_name(class)))
}
