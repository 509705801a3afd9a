//! The names that Smalltalk code sees: UserGlobals, then Globals, then Ruby's top-level constants.

use crate::error::SessionError;
use gem_vm::{Oop, Vm};
use proto::wellknown;
use proto::wellknown::slots::{association, behavior};

/// The dictionaries in the order they are searched.
fn dictionaries(vm: &mut Vm) -> Result<[Oop; 3], SessionError> {
    let user = vm.heap.fault(wellknown::USER_GLOBALS)?;
    let globals = vm.heap.fault(wellknown::GLOBALS)?;
    let object = vm.known_class(wellknown::OBJECT)?;
    let constants = vm.heap.slot(object, behavior::CONSTANTS)?;
    Ok([user, globals, constants])
}

/// The association of a global.
///
/// # Errors
/// A failed fault.
pub fn global_association(vm: &mut Vm, name: &str) -> Result<Option<Oop>, SessionError> {
    let symbol = vm.heap.symbol(name);
    for dictionary in dictionaries(vm)? {
        if let Some(entry) = vm.dictionary_at(dictionary, symbol)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// The value of a global.
///
/// # Errors
/// A failed fault.
pub fn global_at(vm: &mut Vm, name: &str) -> Result<Option<Oop>, SessionError> {
    match global_association(vm, name)? {
        Some(entry) => Ok(Some(vm.heap.slot(entry, association::VALUE)?)),
        None => Ok(None),
    }
}

/// Sets a global where it is, else in UserGlobals.
///
/// # Errors
/// A failed fault, no memory.
pub fn global_at_put(vm: &mut Vm, name: &str, value: Oop) -> Result<(), SessionError> {
    if let Some(entry) = global_association(vm, name)? {
        vm.heap.set_slot(entry, association::VALUE, value)?;
        return Ok(());
    }
    let user = vm.heap.fault(wellknown::USER_GLOBALS)?;
    let symbol = vm.heap.symbol(name);
    vm.dictionary_put(user, symbol, value)?;
    Ok(())
}

/// The association of a variable in a SymbolDictionary by its name as text.
pub(crate) fn association_in(
    vm: &mut Vm,
    dictionary: Oop,
    name: &str,
) -> Result<Option<Oop>, SessionError> {
    if !dictionary.is_pointer() {
        return Ok(None);
    }
    let symbol = vm.heap.symbol(name);
    Ok(vm.dictionary_at(dictionary, symbol)?)
}
