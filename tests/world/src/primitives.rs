//! The primitives of a bare machine.

use format::wellknown;
use gem_heap::Oop;
use gem_vm::{Fail, PrimitiveRow, raise};
use std::sync::atomic::Ordering;

pub const ROWS: &[PrimitiveRow] = &[
    PrimitiveRow {
        name: "value0",
        function: |vm, args| vm.tail_value(args),
        reason: "test",
    },
    PrimitiveRow {
        name: "collect",
        function: |vm, _| {
            vm.collect(true);
            Ok(Oop::NIL)
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "collectAndFallBack",
        function: |vm, _| {
            vm.collect(true);
            Err(Fail::Fallback)
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "interrupt",
        function: |vm, _| {
            vm.exec.interrupted.store(true, Ordering::Relaxed);
            vm.exec.attention.store(true, Ordering::Relaxed);
            Ok(Oop::NIL)
        },
        reason: "test",
    },
    PrimitiveRow {
        name: "throw",
        function: |vm, args| Err(vm.throw(vm.arg(args, 1), vm.arg(args, 2))),
        reason: "test",
    },
    PrimitiveRow {
        name: "raise",
        function: |vm, args| vm.raise_exception(vm.arg(args, 1)),
        reason: "test",
    },
    PrimitiveRow {
        name: "boom",
        function: |_, _| Err(raise(wellknown::ZERO_DIVIDE, "divided by 0")),
        reason: "test",
    },
];
