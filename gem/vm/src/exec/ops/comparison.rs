//! Comparisons, and their fusion with the branch that follows.

use super::Step;
use super::arithmetic::{both_double, both_int, done, slow};
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::Oop;

/// Answer of the fast path, if it applies.
#[inline(always)]
fn ordered(
    a: Oop,
    b: Oop,
    int: impl Fn(&i64, &i64) -> bool,
    float: impl Fn(&f64, &f64) -> bool,
) -> Option<bool> {
    if both_int(a, b) {
        // Tagging keeps the order.
        Some(int(&(a.bits() as i64), &(b.bits() as i64)))
    } else if both_double(a, b) {
        Some(float(&a.small_double_value(), &b.small_double_value()))
    } else {
        None
    }
}

/// Equality without a send: numbers, identical symbols and booleans, different symbols.
#[inline(always)]
fn equal(vm: &Vm, a: Oop, b: Oop) -> Option<bool> {
    if both_int(a, b) || both_double(a, b) {
        return Some(a == b);
    }
    if a.is_pointer() {
        let shape = vm.model.heap.shape_of(a);
        if shape == gem_heap::ShapeId::SYMBOL {
            return Some(a == b);
        }
        if shape == gem_heap::ShapeId::STRING
            && b.is_pointer()
            && vm.model.heap.shape_of(b) == gem_heap::ShapeId::STRING
        {
            return Some(a == b || vm.model.heap.bytes(a) == vm.model.heap.bytes(b));
        }
        return None;
    }
    // nil, true, false, characters on the left are equal to themselves only.
    if !a.is_small_int() && !a.is_small_double() {
        return Some(a == b);
    }
    None
}

macro_rules! comparisons {
    ($( $name:ident $fused:ident |$vm:ident, $a:ident, $b:ident| $e:expr; )+) => {
        $( #[inline(always)]
        pub(crate) fn $name(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
            let ($a, $b) = (cur.r(i.b()), cur.r(i.c()));
            let $vm = &*vm;
            match $e {
                Some(answer) => done(cur, Oop::from_bool(answer)),
                None => slow(cur, $a, $b),
            }
        }
        #[inline(always)]
        pub(crate) fn $fused(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
            let ($a, $b) = (cur.r(i.a()), cur.r(i.b()));
            let $vm = &*vm;
            match $e {
                Some(true) => {
                    cur.jump(2);
                    Ok(())
                }
                Some(false) => {
                    cur.jump(2 + i.sc() as isize);
                    Ok(())
                }
                None => slow(cur, $a, $b),
            }
        } )+
    };
}

comparisons! {
    lt jump_unless_lt |_vm, a, b| ordered(a, b, i64::lt, f64::lt);
    le jump_unless_le |_vm, a, b| ordered(a, b, i64::le, f64::le);
    gt jump_unless_gt |_vm, a, b| ordered(a, b, i64::gt, f64::gt);
    ge jump_unless_ge |_vm, a, b| ordered(a, b, i64::ge, f64::ge);
    eq jump_unless_eq |vm, a, b| equal(vm, a, b);
    ne jump_unless_ne |vm, a, b| equal(vm, a, b).map(|e| !e);
}

#[inline(always)]
pub(crate) fn identical(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::from_bool(cur.r(i.b()) == cur.r(i.c())));
    Ok(())
}

#[inline(always)]
pub(crate) fn not_identical(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::from_bool(cur.r(i.b()) != cur.r(i.c())));
    Ok(())
}

#[inline(always)]
pub(crate) fn not(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::from_bool(cur.r(i.b()).is_falsy()));
    Ok(())
}

#[inline(always)]
pub(crate) fn is_nil(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::from_bool(cur.r(i.b()).is_nil()));
    Ok(())
}
