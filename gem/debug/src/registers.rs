//! Registers of frames that do not run.
//!
//! The machine shows a frame's register 0 as the receiver of a binding made in it. A frame whose base is any other register shows that one,
//! so a probe frame on top for the time of one question reads them all. Nothing runs and nothing is written.

use gem_vm::{Frame, Oop, Vm};
use proto::wellknown;
use proto::wellknown::slots::context;

/// Register `register` of frame `index` of the running process; `None` when there is no such register, or nothing in it.
pub(crate) fn read(vm: &mut Vm, index: usize, register: u16) -> Option<Oop> {
    let frame = *vm.frames.get(index)?;
    if register >= frame.code.registers || !has_environment(vm, &frame) {
        return None;
    }
    let probe = Frame {
        base: frame.base + u32::from(register),
        ..frame
    };
    vm.frames.push(probe);
    let binding = vm.binding_of_frame(0);
    vm.frames.pop();
    let value = vm
        .heap
        .slot(binding.ok()?, gem_vm::binding::RECEIVER)
        .ok()?;
    (!value.is_undef()).then_some(value)
}

/// Whether the frame's environment is as its code says: one that stopped before its MakeEnv has none yet.
fn has_environment(vm: &mut Vm, frame: &Frame) -> bool {
    if !frame.code.has_env {
        return true;
    }
    vm.heap.is_instance(frame.env, wellknown::VARIABLE_CONTEXT)
        && vm
            .heap
            .slot(frame.env, context::METHOD)
            .is_ok_and(|m| m == frame.code.method)
}
