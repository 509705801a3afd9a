//! The sampling profiler.

use crate::check::{Ask, ensure, new_text, small};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, Vm};
use std::time::Duration;

primitives! {
    profileStart => start, "samples at safepoints";
    profileStop => stop, "samples at safepoints";
}

/// Shortest interval: more samples than that would measure themselves.
const INTERVAL_NS_MIN: i64 = 100_000;

/// `profileStart(nanoseconds)`
fn start(vm: &mut Vm, args: Args) -> PrimResult {
    let interval = vm.int_arg(args, 1)?;
    ensure(interval >= INTERVAL_NS_MIN)?;
    vm.start_profile(Duration::from_nanos(interval as u64));
    Ok(Oop::TRUE)
}

/// An Array: samples, nanoseconds, then label, samples on top of the stack, samples anywhere on it, and so on. nil when no profile was being taken.
fn stop(vm: &mut Vm, _: Args) -> PrimResult {
    let Some(found) = vm.stop_profile() else {
        return Ok(Oop::NIL);
    };
    let mut values = vec![
        small(found.samples as i64),
        small(i64::try_from(found.elapsed.as_nanos()).unwrap_or(i64::MAX >> 4)),
    ];
    for (label, tally) in found.rows {
        values.push(new_text(vm, &label)?);
        values.push(small(tally.own as i64));
        values.push(small(tally.total as i64));
    }
    Ok(vm.model.heap.new_array(&values)?)
}
