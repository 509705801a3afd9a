//! x
use crate::macros::primitives;
use gem_vm::{Args, PrimResult, Vm};
primitives! { fileNothing => nothing, "x"; }
fn nothing(_: &mut Vm, _: Args) -> PrimResult {
    crate::check::fallback()
}
pub(crate) fn flush_standard(_: &mut Vm) {}
