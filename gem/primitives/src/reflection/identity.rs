//! `become:`, weak references, ephemerons.

use crate::check::{Checked, ensure, known};
use crate::macros::primitives;
use format::wellknown;
use gem_heap::{Exchange, Kind};
use gem_vm::{Args, Fail, Oop, PrimResult, Vm, raise};

primitives! {
    become => r#become, "rewrites every reference in memory";
    becomeForward => become_forward, "rewrites every reference in memory";
    weakNew => weak_new, "the collector clears the referent";
    weakGet => weak_get, "reads a slot the collector clears";
    ephemeronNew => ephemeron_new, "the collector watches the key";
    ephemeronsTake => ephemerons_take, "the collector found out whose keys are gone";
    ephemeronsWait => ephemerons_wait, "the collector wakes the process";
    ephemeronsWatched => ephemerons_watched, "machine state";
}

/// Why the identity of `object` cannot change, or `None`.
fn forbidden(vm: &mut Vm, object: Oop) -> Checked<Option<&'static str>> {
    if !object.is_pointer() {
        return Ok(Some("it is a value without storage of its own"));
    }
    if vm.model.heap.is_symbol(object) {
        return Ok(Some("symbols are the same object everywhere"));
    }
    if vm.model.heap.kind(object) == Kind::Raw || vm.model.heap.is_large_integer(object) {
        return Ok(Some("it is a number"));
    }
    if vm.model.is_module_like(object)? {
        return Ok(Some("it is a class or module"));
    }
    const MACHINE: &[(format::ObjectId, &str)] = &[
        (wellknown::GS_NMETHOD, "it is compiled code"),
        (wellknown::GS_PROCESS, "it is a process"),
        (wellknown::EXEC_BLOCK, "it is a block"),
        (
            wellknown::VARIABLE_CONTEXT,
            "it holds the variables of running code",
        ),
        (
            wellknown::METHOD_DICTIONARY,
            "it holds the methods of a class",
        ),
        (wellknown::SYMBOL_ASSOCIATION, "it is a global variable"),
        (wellknown::LEXICAL_SCOPE, "it says where code was defined"),
        (wellknown::UNWIND_STATE, "it is an unwinding on its way"),
        (wellknown::STORED_STACK, "it is the stack of a process"),
        (wellknown::STORED_FRAME, "it is a frame of a process"),
    ];
    for &(class, why) in MACHINE {
        if vm.model.heap.is_instance(object, class) {
            return Ok(Some(why));
        }
    }
    if vm
        .model
        .heap
        .id_of(object)
        .is_some_and(|id| id.0 < format::limits::FIRST_FREE_ID)
    {
        return Ok(Some("it belongs to the kernel"));
    }
    if vm.model.heap.is_frozen(object) {
        return Ok(Some("it is invariant"));
    }
    Ok(None)
}

fn refusal(vm: &mut Vm, object: Oop, why: &str) -> Fail {
    let class = vm
        .model
        .heap
        .class_of(object)
        .map_or_else(|_| "?".to_string(), |c| vm.model.class_name(c));
    raise(
        wellknown::INVARIANT_ERROR,
        format!("an instance of {class} cannot become another object, nor another one it: {why}"),
    )
}

/// Receiver and argument, when both may change.
fn pair(vm: &mut Vm, args: Args) -> Checked<(Oop, Oop)> {
    let (one, other) = (vm.receiver(args), vm.arg(args, 1));
    for object in [one, other] {
        if let Some(why) = forbidden(vm, object)? {
            return Err(refusal(vm, object, why));
        }
    }
    let same = vm.model.heap.same_layout(one, other);
    for object in [one, other] {
        if !same && vm.is_running(object) {
            return Err(refusal(vm, object, "a method of it is running"));
        }
    }
    Ok((one, other))
}

fn r#become(vm: &mut Vm, args: Args) -> PrimResult {
    let (one, other) = pair(vm, args)?;
    if one == other {
        return Ok(one);
    }
    if vm.model.heap.same_layout(one, other) {
        vm.model.heap.exchange_bodies(one, other)?;
        return Ok(one);
    }
    vm.exchange_identity(Exchange {
        one,
        other,
        both: true,
    });
    // The receiver's reference means the other object now.
    Ok(other)
}

/// References to the receiver become references to the argument; the argument keeps its own.
fn become_forward(vm: &mut Vm, args: Args) -> PrimResult {
    let (one, other) = pair(vm, args)?;
    if one == other {
        return Ok(other);
    }
    let stored = (
        vm.model.heap.is_committed(one),
        vm.model.heap.is_committed(other),
    );
    if stored == (true, true) {
        return Err(refusal(
            vm,
            one,
            "both are in the repository, where each has an id of its own that others refer to; use become:",
        ));
    }
    vm.model.heap.write_barrier(other)?;
    let exchange = Exchange {
        one,
        other,
        both: false,
    };
    if stored.0 {
        // The argument takes over the receiver's id, and with it whoever refers to that in the repository.
        vm.exchange_identity(exchange);
    } else {
        vm.forward_references(exchange);
    }
    Ok(other)
}

fn weak_new(vm: &mut Vm, args: Args) -> PrimResult {
    let object = vm.arg(args, 1);
    ensure(!object.is_undef())?;
    let reference = vm
        .model
        .heap
        .new_with_slots(wellknown::WEAK_REFERENCE, &[object]);
    if object.is_pointer() {
        vm.model.heap.make_weak(reference);
    }
    Ok(reference)
}

fn weak_get(vm: &mut Vm, args: Args) -> PrimResult {
    let reference = vm.receiver(args);
    known(vm, reference, wellknown::WEAK_REFERENCE)?;
    Ok(vm.model.heap.slot(reference, 0)?)
}

/// The receiver, a new object with slots, watches its slot 0 from now on.
fn ephemeron_new(vm: &mut Vm, args: Args) -> PrimResult {
    let object = vm.receiver(args);
    ensure(object.is_pointer() && vm.model.heap.kind(object) == Kind::Slots)?;
    ensure(vm.model.heap.inline_slots(object) >= 2 && !vm.model.heap.is_committed(object))?;
    if vm.model.heap.slot(object, 0)?.is_pointer() {
        vm.model.heap.make_ephemeron(object);
    }
    Ok(object)
}

/// An Array of the ephemerons whose keys only they still know.
fn ephemerons_take(vm: &mut Vm, _: Args) -> PrimResult {
    let mourning = vm.model.heap.take_mourning();
    Ok(vm.model.heap.new_array(&mourning)?)
}

/// The running process waits until there are such ephemerons.
fn ephemerons_wait(vm: &mut Vm, _: Args) -> PrimResult {
    if vm.model.heap.has_mourning() {
        return Ok(Oop::NIL);
    }
    vm.wait_for_mourning();
    vm.wait_process(None, Oop::NIL)
}

/// Whether this was asked before: whoever hears false starts the process that waits.
#[derive(Default)]
struct Watched(bool);

fn ephemerons_watched(vm: &mut Vm, _: Args) -> PrimResult {
    let watched = &mut vm.exec.extensions.get::<Watched>().0;
    Ok(Oop::from_bool(std::mem::replace(watched, true)))
}
