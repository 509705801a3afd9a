//! What topaz shows of an object: class, size, parts.

use super::Gem;
use super::failures::stone_failure;
use crate::session::{Facts, Outcome, Value};
use format::ObjectId;
use format::wellknown::slots::{behavior, class_flags};
use gem_vm::{HeapError, HeapResult, Oop, Vm};

/// Deepest class hierarchy that is followed: a damaged repository may hold a circle.
const CLASSES_MAX: usize = 200;

pub fn by_id(gem: &mut Gem, id: u64) -> Outcome<Value> {
    let found = gem.inner.vm.model.heap.fault(ObjectId(id));
    let oop = found.map_err(|e| stone_failure(&e.into()))?;
    gem.value(oop)
}

/// Whether the object has the layout of a class or module.
pub fn is_behavior(vm: &Vm, oop: Oop) -> bool {
    oop.is_pointer() && vm.model.heap.inline_slots(oop) >= behavior::COUNT
}

/// The characters of a String or Symbol.
pub fn text(vm: &Vm, oop: Oop) -> Option<String> {
    (oop.is_pointer() && vm.model.heap.is_bytes(oop)).then(|| vm.model.heap.text(oop))
}

/// Smalltalk's name of a class: `Foo`, `Foo class`.
pub fn class_name(vm: &mut Vm, class: Oop) -> String {
    smalltalk_name(vm, class)
        .ok()
        .flatten()
        .unwrap_or_else(|| vm.model.class_name(class))
}

fn smalltalk_name(vm: &mut Vm, class: Oop) -> HeapResult<Option<String>> {
    if !is_behavior(vm, class) {
        return Ok(None);
    }
    if vm.model.class_flags(class)? & class_flags::SINGLETON != 0 {
        let attached = vm.model.heap.slot(class, behavior::ATTACHED)?;
        if is_behavior(vm, attached) {
            return Ok(Some(format!("{} class", class_name(vm, attached))));
        }
    }
    let name = vm.model.heap.slot(class, behavior::NAME)?;
    Ok(text(vm, name))
}

/// Names of a class and its superclasses; never empty.
pub fn class_chain(vm: &mut Vm, class: Oop) -> Vec<String> {
    let mut names = Vec::new();
    let mut class = class;
    while is_behavior(vm, class) && names.len() < CLASSES_MAX {
        names.push(class_name(vm, class));
        class = vm.model.superclass_of(class, 0).unwrap_or(Oop::NIL);
    }
    if names.is_empty() {
        names.push("Error".to_string());
    }
    names
}

pub fn facts(vm: &mut Vm, oop: Oop) -> HeapResult<Facts> {
    let class = vm.model.heap.class_of(oop)?;
    let named = named_parts(vm, oop)?.len();
    let elements = elements(vm, oop);
    let size = if oop.is_pointer() && vm.model.heap.is_bytes(oop) {
        vm.model.heap.bytes(oop).len()
    } else if elements > 0 {
        elements
    } else {
        named
    };
    Ok(Facts {
        oop: id_of(vm, oop),
        size,
        class: class_name(vm, class),
        class_oop: id_of(vm, class),
        parts: named + elements,
    })
}

/// The id of an object, 0 without one; immediates show their bits.
fn id_of(vm: &Vm, oop: Oop) -> u64 {
    if oop.is_pointer() {
        vm.model.heap.id_of(oop).map_or(0, |id| id.0)
    } else {
        oop.bits()
    }
}

fn elements(vm: &Vm, oop: Oop) -> usize {
    let indexed = oop.is_pointer() && vm.model.heap.kind(oop) == gem_heap::Kind::Indexed;
    if indexed { vm.model.heap.size(oop) } else { 0 }
}

/// Names of the variables that LEVEL shows: declared ones, then those of this object only. Classes keep theirs to themselves.
fn named_parts(vm: &mut Vm, oop: Oop) -> HeapResult<Vec<String>> {
    if !oop.is_pointer() || vm.model.heap.is_bytes(oop) || is_behavior(vm, oop) {
        return Ok(Vec::new());
    }
    let mut names = declared_names(vm, oop)?;
    for name in vm.model.heap.ivar_names(oop) {
        names.push(vm.model.heap.text(name));
    }
    Ok(names)
}

/// Names of the declared slots, in their order.
fn declared_names(vm: &mut Vm, oop: Oop) -> HeapResult<Vec<String>> {
    let mut chain = Vec::new();
    let mut class = vm.model.heap.class_of(oop)?;
    while is_behavior(vm, class) && chain.len() < CLASSES_MAX {
        chain.push(class);
        class = vm.model.superclass_of(class, 0)?;
    }
    let mut names = Vec::new();
    for class in chain.into_iter().rev() {
        let list = vm.model.heap.slot(class, behavior::INST_VAR_NAMES)?;
        if list.is_pointer() {
            for name in vm.model.heap.elements(list)? {
                names.push(text(vm, name).unwrap_or_default());
            }
        }
    }
    names.truncate(vm.model.heap.inline_slots(oop));
    Ok(names)
}

/// Name and value of a part.
///
/// # Errors
/// `Bounds` when there is no such part.
pub fn part(vm: &mut Vm, oop: Oop, index: usize) -> HeapResult<(String, Oop)> {
    let names = named_parts(vm, oop)?;
    let Some(name) = names.get(index) else {
        let element = index - names.len();
        if element >= elements(vm, oop) {
            return Err(HeapError::Bounds);
        }
        return Ok((
            format!("#{}", element + 1),
            vm.model.heap.element(oop, element)?,
        ));
    };
    let declared = declared_names(vm, oop)?.len();
    let value = if index < declared {
        vm.model.heap.slot(oop, index)?
    } else {
        let symbols = vm.model.heap.ivar_names(oop);
        let symbol = symbols.get(index - declared).copied();
        let symbol = symbol.ok_or(HeapError::Bounds)?;
        vm.model.heap.ivar(oop, symbol)?.unwrap_or(Oop::NIL)
    };
    // A variable that was never set holds the machine's own mark.
    let value = if value.is_undef() { Oop::NIL } else { value };
    Ok((name.clone(), value))
}
