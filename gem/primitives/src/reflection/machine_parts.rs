//! Objects whose parts the machine reads and relies on: which slots no program may write by number, and who refuses to become something else.
//!
//! The machine stays whole whatever stands in such a slot; but code that writes there means something that does not happen, and the error would come later and
//! elsewhere. What programs may change of these objects has a message of its own.

use crate::check::{Checked, kind_of_known};
use format::ObjectId;
use format::wellknown::{self, slots};
use gem_vm::{Fail, Oop, Vm, raise};
use std::ops::Range;

const AN_EXCEPTION: &str = "an exception";

/// Classes with slots that are the machine's, in instances of subclasses too; which slots (from 0), and what the objects are.
const PARTS: &[(ObjectId, Range<usize>, &str)] = &[
    (wellknown::GS_NMETHOD, 0..10, "compiled code"),
    (wellknown::EXEC_BLOCK, 0..5, "a block"),
    (
        wellknown::VARIABLE_CONTEXT,
        0..usize::MAX,
        "the variables of running code",
    ),
    (wellknown::LEXICAL_SCOPE, 0..2, "the place of a definition"),
    (wellknown::BINDING, 0..5, "a binding"),
    (wellknown::UNWIND_STATE, 0..3, "an unwinding on its way"),
    (wellknown::GS_PROCESS, 0..10, "a process"),
    (
        wellknown::STORED_STACK,
        0..slots::stored_stack::COUNT,
        "the stack of a stored process",
    ),
    (
        wellknown::STORED_FRAME,
        0..slots::stored_frame::COUNT,
        "a frame of a stored process",
    ),
    (
        wellknown::RUBY_HASH,
        slots::hash::ENTRIES..slots::hash::COUNT + 1,
        "a hash table",
    ),
    (
        wellknown::ABSTRACT_EXCEPTION,
        slots::exception::SIGNAL_CONTEXT..slots::exception::SIGNAL_CONTEXT + 1,
        AN_EXCEPTION,
    ),
];

/// What the object is whose slot `at` (from 0) belongs to the machine; `None` when a program may write it.
fn owner(vm: &mut Vm, object: Oop, at: usize) -> Checked<Option<&'static str>> {
    if vm.model.is_module_like(object)? {
        return Ok((at < slots::behavior::COUNT).then_some("a class or module"));
    }
    for (class, part, what) in PARTS {
        if part.contains(&at) && kind_of_known(vm, object, *class)? {
            return Ok(Some(what));
        }
    }
    Ok(None)
}

/// Raises when slot `at` (from 0) of `object` belongs to the machine. A copy of an exception may forget where that one was signalled.
pub(crate) fn refuse_slot(vm: &mut Vm, object: Oop, at: usize, value: Oop) -> Checked<()> {
    match owner(vm, object, at)? {
        Some(what) if what != AN_EXCEPTION || !value.is_nil() => Err(refusal(vm, object, what)),
        _ => Ok(()),
    }
}

/// Raises when `object` may have no instance variables by name: its slots beyond the declared ones are variables of code.
pub(crate) fn refuse_names(vm: &mut Vm, object: Oop) -> Checked<()> {
    for class in [
        wellknown::VARIABLE_CONTEXT,
        wellknown::STORED_STACK,
        wellknown::STORED_FRAME,
    ] {
        if vm.model.heap.is_instance(object, class) {
            return Err(refusal(vm, object, "what a program runs on"));
        }
    }
    Ok(())
}

#[cold]
fn refusal(vm: &mut Vm, object: Oop, what: &str) -> Fail {
    let class = vm.model.heap.class_of(object);
    let class = class.map_or_else(|_| "?".to_string(), |c| vm.model.class_name(c));
    let text = format!(
        "an instance of {class} is {what}: the machine keeps its variables, and no program sets them by number or name"
    );
    raise(wellknown::INVARIANT_ERROR, text)
}
