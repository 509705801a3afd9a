//! Identity, class, copies, freezing.

use crate::check::{Ask, Checked, HASH_MASK, array, fallback, small};
use crate::macros::primitives;
use format::wellknown;
use format::wellknown::slots::class_flags;
use gem_heap::Kind;
use gem_vm::{Args, Oop, PrimResult, Vm};
use num_bigint::BigInt;

primitives! {
    identical => identical, "compares machine words";
    notIdentical => not_identical, "compares machine words";
    not => not, "truth of any object, singleton classes or not";
    identityHash => identity_hash, "takes the object's id";
    valueHash => crate::collections::value_hash::value_hash, "the hash table's own function";
    objectId => object_id, "takes the object's id";
    objectClass => object_class, "reads the header";
    rubyClass => ruby_class, "reads the header";
    shallowCopy => shallow_copy, "copies the body";
    isKindOf => is_kind_of, "asks the lookup tables";
    rubyIsKindOf => ruby_is_kind_of, "asks the lookup tables of environment 1 only";
    moduleHasInstance => module_has_instance, "asks the lookup tables; every rescue clause sends it";
    freeze => freeze, "sets a header bit";
    isFrozen => is_frozen, "reads a header bit";
    isCommitted => is_committed, "reads a header bit";
    respondsTo => responds_to, "asks the lookup tables";
    rubyRespondsTo => ruby_responds_to, "asks the lookup tables";
    allInstances => all_instances, "walks object memory";
}

fn identical(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(vm.receiver(args) == vm.arg(args, 1)))
}

fn not_identical(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(vm.receiver(args) != vm.arg(args, 1)))
}

fn not(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(vm.receiver(args).is_falsy()))
}

fn identity_hash(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    Ok(small(vm.model.heap.identity_hash(receiver)? & HASH_MASK))
}

/// Ruby's numbers: 2n + 1 for a SmallInteger, 8 nil, 20 true, 0 false, eight times the id for an object.
fn object_id(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    match receiver {
        Oop::NIL => return Ok(small(8)),
        Oop::TRUE => return Ok(small(20)),
        Oop::FALSE => return Ok(small(0)),
        _ => {}
    }
    if let Some(n) = receiver.as_small_int() {
        return Ok(vm.model.heap.new_integer(&(BigInt::from(n) * 2 + 1))?);
    }
    if !receiver.is_pointer() {
        // SmallDoubles and Characters: their word cannot meet the others', which are odd or multiples of eight.
        return Ok(vm
            .model
            .heap
            .new_integer(&(BigInt::from(receiver.bits()) * 8 + 2))?);
    }
    if vm.model.heap.is_symbol(receiver) {
        // The stone gives a symbol its id, with the first commit that stores it: too late to be told here.
        let hash = vm.model.heap.bytes_hash(receiver) & HASH_MASK;
        return Ok(vm.model.heap.new_integer(&(BigInt::from(hash) * 8 + 4))?);
    }
    let id = vm.model.heap.ensure_id(receiver)?;
    Ok(vm.model.heap.new_integer(&(BigInt::from(id.0) * 8))?)
}

fn object_class(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    Ok(vm.model.heap.class_of(receiver)?)
}

fn ruby_class(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    Ok(vm.model.ruby_class_of(receiver)?)
}

/// The class that new copies of `object` get: no singleton class of an ordinary object.
pub(crate) fn unsingular_class(vm: &mut Vm, object: Oop) -> Checked<Oop> {
    let mut class = vm.model.heap.class_of(object)?;
    while vm.model.class_flags(class)? & class_flags::SINGLETON != 0
        && !vm.model.heap.is_instance(class, wellknown::METACLASS)
    {
        class = vm.model.superclass_of(class, 0)?;
    }
    Ok(class)
}

fn shallow_copy(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    copy_of(vm, receiver)
}

/// A copy as `dup` makes it; immediates, Symbols and numbers are their own copies.
pub(crate) fn copy_of(vm: &mut Vm, object: Oop) -> PrimResult {
    if !object.is_pointer()
        || vm.model.heap.is_symbol(object)
        || vm.model.heap.is_large_integer(object)
        || vm.model.heap.kind(object) == Kind::Raw
    {
        return Ok(object);
    }
    if vm.model.is_module_like(object)? {
        return crate::reflection::class_copy::copy_class(vm, object);
    }
    let copy = vm.model.heap.shallow_copy(object)?;
    let class = unsingular_class(vm, object)?;
    if vm.model.heap.class_of(copy)? != class {
        vm.model.heap.set_class(copy, class)?;
    }
    if vm.model.is_hash(copy) {
        vm.model.hash_unshare(copy)?;
    }
    Ok(copy)
}

fn is_kind_of(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, class) = (vm.receiver(args), vm.arg(args, 1));
    crate::check::module(vm, class)?;
    Ok(Oop::from_bool(vm.model.is_kind_of(receiver, class)?))
}

fn ruby_is_kind_of(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, class) = (vm.receiver(args), vm.arg(args, 1));
    crate::check::module(vm, class)?;
    Ok(Oop::from_bool(is_a(vm, receiver, class)?))
}

/// Whether Ruby counts `module` among the object's ancestors: a Symbol is no String there, nor an Array a SequenceableCollection.
fn is_a(vm: &mut Vm, object: Oop, module: Oop) -> Checked<bool> {
    Ok(vm.model.is_ruby_kind_of(object, module)?)
}

fn module_has_instance(vm: &mut Vm, args: Args) -> PrimResult {
    let (class, object) = (vm.receiver(args), vm.arg(args, 1));
    crate::check::module(vm, class)?;
    Ok(Oop::from_bool(is_a(vm, object, class)?))
}

fn freeze(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    vm.model.freeze_object(receiver)?;
    Ok(receiver)
}

fn is_frozen(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let number = receiver.is_pointer() && vm.model.heap.kind(receiver) == Kind::Raw;
    Ok(Oop::from_bool(number || vm.model.heap.is_frozen(receiver)))
}

fn is_committed(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    Ok(Oop::from_bool(
        !receiver.is_pointer() || vm.model.heap.is_committed(receiver),
    ))
}

/// `respondsTo(symbol environment)`
fn responds_to(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, selector) = (vm.receiver(args), vm.arg(args, 1));
    vm.symbol_arg(args, 1)?;
    let environment = match vm.given(args, 2) {
        Some(e) => u8::from(crate::check::int(e)? == 1),
        None => 0,
    };
    let class = vm.model.heap.class_index_of(receiver);
    Ok(Oop::from_bool(
        vm.model.lookup(class, selector, environment)?.is_some(),
    ))
}

/// `respond_to?(name, all = false)`: true, or the body asks `respond_to_missing?`.
fn ruby_responds_to(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let selector = vm.name_arg(args, 1)?;
    let all = vm.given(args, 2).is_some_and(Oop::is_truthy);
    let class = vm.model.heap.class_index_of(receiver);
    match vm.model.lookup(class, selector, 1)? {
        Some(entry) if all || entry.visibility == gem_model::Visibility::Public => Ok(Oop::TRUE),
        _ => match vm.model.lookup(class, vm.model.sym.respond_to_missing, 1)? {
            // Nobody wrote a `respond_to_missing?` of their own: Object's answers false.
            Some(entry) if is_of_object(vm, entry.owner)? => Ok(Oop::FALSE),
            _ => fallback(),
        },
    }
}

/// Whether a method belongs to Object or to the modules that it includes from the start.
fn is_of_object(vm: &mut Vm, owner: gem_heap::ClassIndex) -> Checked<bool> {
    let object = vm.model.known_class(wellknown::OBJECT)?;
    let object = vm.model.heap.class_index(object)?;
    Ok(vm.model.lookup_order(object, 1)?.contains(&owner))
}

/// Every instance in this session's memory of exactly the receiver (for a module: of every class that has it).
fn all_instances(vm: &mut Vm, args: Args) -> PrimResult {
    let class = vm.receiver(args);
    crate::check::module(vm, class)?;
    let mut found = Vec::new();
    for object in vm.reachable_objects() {
        if vm.model.heap.class_of(object)? == class || vm.model.is_kind_of(object, class)? {
            found.push(object);
        }
    }
    let result = vm.model.heap.new_array(&found)?;
    array(vm, result)
}
