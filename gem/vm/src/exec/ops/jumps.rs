//! Jumps and branches. Backward ones are safepoints.

use super::Step;
use crate::exec::interp::{Cursor, poll, safepoint};
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::Oop;

#[inline(always)]
fn go(vm: &mut Vm, cur: &mut Cursor, offset: i32) -> Step {
    cur.jump(offset as isize);
    if offset < 0 && poll(vm) {
        cur.save(vm);
        safepoint(vm)?;
    }
    Ok(())
}

#[inline(always)]
pub(crate) fn jump(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    go(vm, cur, i.imm())
}

macro_rules! branches {
    ($( $name:ident |$v:ident| $test:expr; )+) => {
        $( #[inline(always)]
        pub(crate) fn $name(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
            let $v = cur.r(i.a());
            if $test { go(vm, cur, i.imm()) } else { Ok(()) }
        } )+
    };
}

branches! {
    branch_true |v| v.is_truthy();
    branch_false |v| v.is_falsy();
    branch_nil |v| v.is_nil();
    branch_not_nil |v| !v.is_nil();
    branch_undef |v| v.is_undef();
    branch_not_undef |v| !v.is_undef();
}

#[inline(always)]
pub(crate) fn bool_branch_true(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    match cur.r(i.a()) {
        Oop::TRUE => go(vm, cur, i.imm()),
        Oop::FALSE => Ok(()),
        other => must_be_boolean(vm, other),
    }
}

#[inline(always)]
pub(crate) fn bool_branch_false(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    match cur.r(i.a()) {
        Oop::FALSE => go(vm, cur, i.imm()),
        Oop::TRUE => Ok(()),
        other => must_be_boolean(vm, other),
    }
}

#[cold]
#[inline(never)]
fn must_be_boolean(vm: &mut Vm, value: Oop) -> Step {
    let class = vm.model.heap.class_of(value)?;
    let name = vm.model.class_name(class);
    Err(crate::errors::raise(
        format::wellknown::ARGUMENT_TYPE_ERROR,
        format!("expected true or false as the condition, got an instance of {name}"),
    ))
}
