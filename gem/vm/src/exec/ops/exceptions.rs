//! Reraising, ends of ensure bodies, `$!`.

use super::Step;
use crate::errors::Fail;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;

#[cold]
#[inline(never)]
pub(crate) fn reraise(_: &mut Vm, cur: Cursor, i: Instr) -> Step {
    Err(Fail::Throw(cur.r(i.a())))
}

#[inline(always)]
pub(crate) fn end_ensure(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let pending = cur.r(i.a());
    if pending.is_nil() {
        return Ok(());
    }
    cur.save(vm);
    vm.end_ensure(pending)?;
    Err(Fail::Reenter)
}

#[inline(never)]
pub(crate) fn get_error_info(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    cur.set(i.a(), vm.exec.error_info);
    Ok(())
}

#[inline(never)]
pub(crate) fn set_error_info(vm: &mut Vm, cur: Cursor, i: Instr) -> Step {
    vm.exec.error_info = cur.r(i.a());
    Ok(())
}
