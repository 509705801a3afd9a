//! Moves and constants.

use super::Step;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::Oop;

#[inline(always)]
pub(crate) fn nop(_: &mut Vm, _: &mut Cursor, _: Instr) -> Step {
    Ok(())
}

#[inline(always)]
pub(crate) fn mov(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), cur.r(i.b()));
    Ok(())
}

#[inline(always)]
pub(crate) fn load_literal(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), cur.literal(i.b()));
    Ok(())
}

#[inline(always)]
pub(crate) fn load_int(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::small_int_wrapping(i.imm() as i64));
    Ok(())
}

#[inline(always)]
pub(crate) fn load_nil(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::NIL);
    Ok(())
}

#[inline(always)]
pub(crate) fn load_true(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::TRUE);
    Ok(())
}

#[inline(always)]
pub(crate) fn load_false(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::FALSE);
    Ok(())
}

#[inline(always)]
pub(crate) fn load_undef(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    cur.set(i.a(), Oop::UNDEF);
    Ok(())
}

#[inline(always)]
pub(crate) fn load_nils(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    for n in 0..i.b() {
        cur.set(i.a() + n, Oop::NIL);
    }
    Ok(())
}
