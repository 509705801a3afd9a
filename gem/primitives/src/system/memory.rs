//! The object memory as a program sees it: figures, what it holds, a collection.

use crate::check::{Checked, ensure, small};
use crate::macros::primitives;
use gem_heap::Pauses;
use gem_vm::{Args, Oop, PrimResult, Vm};
use std::collections::HashMap;
use std::time::Duration;

primitives! {
    gcRun => gc_run, "runs the collector";
    gcStat => gc_stat, "asks the collector";
    gcSetStress => gc_set_stress, "tells the collector";
    memoryCensus => memory_census, "walks object memory";
    objectBytes => object_bytes, "knows how objects lie in memory";
}

/// A full collection. Nothing but nil, which needs no root, is answered: a primitive's window may lie above every frame.
fn gc_run(vm: &mut Vm, _: Args) -> PrimResult {
    vm.collect(true);
    Ok(Oop::NIL)
}

/// `gcSetStress(bool)`: whether to collect at every safepoint.
fn gc_set_stress(vm: &mut Vm, args: Args) -> PrimResult {
    let on = vm.arg(args, 1);
    ensure(matches!(on, Oop::TRUE | Oop::FALSE))?;
    vm.model.heap.set_stress(on == Oop::TRUE);
    Ok(on)
}

fn count(n: u64) -> Oop {
    small(i64::try_from(n).unwrap_or(i64::MAX >> 2))
}

/// Names and numbers, flat. Times in microseconds; `ruby-src/kernel/system/gc.rb` and Smalltalk's System name them for programs.
fn gc_stat(vm: &mut Vm, _: Args) -> PrimResult {
    let stats = vm.model.heap.stats().clone();
    let mut figures = Vec::new();
    pauses("young", &stats.young, &mut figures);
    pauses("full", &stats.full, &mut figures);
    let heap = &vm.model.heap;
    let plain = [
        ("survivors", stats.survivors),
        ("survivors_last", stats.survivors_last),
        ("promoted_bytes", stats.promoted_bytes),
        ("live_bytes", stats.live_bytes as u64),
        ("footprint_bytes", heap.footprint() as u64),
        ("limit_bytes", heap.limit() as u64),
        ("nursery_bytes", heap.nursery_bytes() as u64),
        ("allocated_bytes", heap.allocated_bytes()),
        ("faults", stats.faults),
        ("fault_bytes", stats.fault_bytes),
        ("refaults", stats.refaults),
        ("stubs", stats.stubs),
        ("dropped", stats.dropped),
        ("dirty_objects", heap.dirty_count() as u64),
        ("dirty_bytes", heap.dirty_bytes() as u64),
        ("codes", vm.codes_loaded() as u64),
    ];
    figures.extend(plain.map(|(name, figure)| (name.to_string(), figure)));
    let mut values = Vec::with_capacity(figures.len() * 2);
    for (name, figure) in figures {
        values.push(vm.model.heap.symbol(&name));
        values.push(count(figure));
    }
    Ok(vm.model.heap.new_array(&values)?)
}

fn pauses(kind: &str, pauses: &Pauses, figures: &mut Vec<(String, u64)>) {
    let micros = |d: Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
    let rows = [
        ("count", pauses.count),
        ("time", micros(pauses.total)),
        ("max", micros(pauses.max)),
        ("last", micros(pauses.last)),
        ("p50", micros(pauses.histogram.quantile(500))),
        ("p99", micros(pauses.histogram.quantile(990))),
    ];
    figures.extend(rows.map(|(name, figure)| (format!("{kind}_{name}"), figure)));
}

/// Class, number and bytes of its instances in memory, flat: of everything reachable, singleton classes counted as what they are of.
fn memory_census(vm: &mut Vm, _: Args) -> PrimResult {
    let mut rows: HashMap<Oop, (u64, u64)> = HashMap::new();
    for object in vm.reachable_objects() {
        let class = class_by_kind(vm, object)?;
        let row = rows.entry(class).or_default();
        row.0 += 1;
        row.1 += vm.model.heap.bytes_of(object) as u64;
    }
    let mut values = Vec::with_capacity(rows.len() * 3);
    for (class, (objects, bytes)) in rows {
        values.extend([class, count(objects), count(bytes)]);
    }
    Ok(vm.model.heap.new_array(&values)?)
}

fn class_by_kind(vm: &mut Vm, object: Oop) -> Checked<Oop> {
    Ok(vm.model.ruby_class_of(object)?)
}

/// Bytes that the argument takes in memory, with its elements.
fn object_bytes(vm: &mut Vm, args: Args) -> PrimResult {
    let object = vm.arg(args, 1);
    Ok(count(vm.model.heap.bytes_of(object) as u64))
}
