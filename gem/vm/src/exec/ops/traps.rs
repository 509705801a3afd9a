//! The instruction that a debugger puts over others.

use super::Step;
use crate::errors::{Fail, VmExit};
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;

#[cold]
#[inline(never)]
pub(crate) fn trap(vm: &mut Vm, cur: Cursor, _: Instr) -> Step {
    let at = cur.position().saturating_sub(1);
    match vm.trapped(cur.code, at as usize) {
        Some(covered) => Err(Fail::Covered(covered)),
        None => Err(Fail::Exit(VmExit::Trap)),
    }
}
