//! Fibers: processes that run only while somebody waits for their next value.

use crate::check::{Ask, Checked, ensure, fallback};
use crate::macros::primitives;
use crate::system::processes::{make, process};
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

primitives! {
    fiberNew => fiber_new, "makes a stack";
    fiberResume => fiber_resume, "switches stacks";
    fiberYield => fiber_yield, "switches stacks";
}

fn fiber_new(vm: &mut Vm, args: Args) -> PrimResult {
    let closure = if args.block.is_nil() {
        vm.closure_arg(args, 1)?
    } else {
        args.block
    };
    crate::check::closure(vm, closure)?;
    Ok(make(vm, args, closure, &[], true)?.0)
}

/// Values given to resume or yield: all arguments, a rest Array spread.
fn values(vm: &mut Vm, args: Args) -> Checked<Vec<Oop>> {
    Ok(vm
        .args_from(args, 1)
        .into_iter()
        .filter(|v| !v.is_undef())
        .collect())
}

fn fiber_resume(vm: &mut Vm, args: Args) -> PrimResult {
    let id = process(vm, args)?;
    ensure(id != vm.current_process())?;
    let values = values(vm, args)?;
    vm.resume_fiber(id, &values)
}

fn fiber_yield(vm: &mut Vm, args: Args) -> PrimResult {
    let values = values(vm, args)?;
    match vm.yield_fiber(&values) {
        // Nobody resumed this one: the body says so in the language's words.
        Err(Fail::Raise(_)) => fallback(),
        outcome => outcome,
    }
}
