//! The names that Smalltalk code sees: the dictionaries of the user's symbol list (UserGlobals and Globals at least), then Ruby's
//! top-level constants. The symbol list is that of the first of AllUsers; the library makes both.

use crate::error::SessionError;
use format::wellknown;
use format::wellknown::slots::{association, behavior};
use gem_heap::Kind;
use gem_vm::{Oop, Vm};

/// Slot of a UserProfile (kernel/UserProfile).
const SYMBOL_LIST: usize = 1;

/// The dictionaries in the order they are searched.
fn dictionaries(vm: &mut Vm) -> Result<Vec<Oop>, SessionError> {
    let user = vm.model.heap.fault(wellknown::USER_GLOBALS)?;
    let globals = vm.model.heap.fault(wellknown::GLOBALS)?;
    let object = vm.model.known_class(wellknown::OBJECT)?;
    let constants = vm.model.heap.slot(object, behavior::CONSTANTS)?;
    let mut all = symbol_list(vm, globals)?;
    for always in [user, globals, constants] {
        if !all.contains(&always) {
            all.push(always);
        }
    }
    Ok(all)
}

/// The elements of the user's symbol list; none before the library made it.
fn symbol_list(vm: &mut Vm, globals: Oop) -> Result<Vec<Oop>, SessionError> {
    let name = vm.model.heap.symbol("AllUsers");
    let Some(entry) = vm.model.dictionary_at(globals, name)? else {
        return Ok(Vec::new());
    };
    let users = vm.model.heap.slot(entry, association::VALUE)?;
    let Some(&profile) = elements(vm, users)?.first() else {
        return Ok(Vec::new());
    };
    if !profile.is_pointer() || vm.model.heap.inline_slots(profile) <= SYMBOL_LIST {
        return Ok(Vec::new());
    }
    let list = vm.model.heap.slot(profile, SYMBOL_LIST)?;
    elements(vm, list)
}

/// Of an indexable object; none of others.
pub(crate) fn elements(vm: &mut Vm, object: Oop) -> Result<Vec<Oop>, SessionError> {
    if !object.is_pointer() || vm.model.heap.kind(object) != Kind::Indexed {
        return Ok(Vec::new());
    }
    Ok(vm.model.heap.elements(object)?)
}

/// The association of a global.
///
/// # Errors
/// `Heap`: those of [`Heap::fault`](gem_heap::Heap::fault), when a dictionary of the symbol list is not in memory yet; as `Model::dictionary_at` for each.
pub fn global_association(vm: &mut Vm, name: &str) -> Result<Option<Oop>, SessionError> {
    let symbol = vm.model.heap.symbol(name);
    for dictionary in dictionaries(vm)? {
        if let Some(entry) = vm.model.dictionary_at(dictionary, symbol)? {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// The value of a global.
///
/// # Errors
/// As `global_association`; `Heap`: those of [`Heap::fault`](gem_heap::Heap::fault), when the value is not in memory yet.
pub fn global_at(vm: &mut Vm, name: &str) -> Result<Option<Oop>, SessionError> {
    match global_association(vm, name)? {
        Some(entry) => Ok(Some(vm.model.heap.slot(entry, association::VALUE)?)),
        None => Ok(None),
    }
}

/// Sets a global where it is, else in UserGlobals.
///
/// # Errors
/// As `global_association`; `Heap`: as `Model::dictionary_put`.
pub fn global_at_put(vm: &mut Vm, name: &str, value: Oop) -> Result<(), SessionError> {
    if let Some(entry) = global_association(vm, name)? {
        vm.model.heap.set_slot(entry, association::VALUE, value)?;
        return Ok(());
    }
    let user = vm.model.heap.fault(wellknown::USER_GLOBALS)?;
    let symbol = vm.model.heap.symbol(name);
    vm.model.dictionary_put(user, symbol, value)?;
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
    let symbol = vm.model.heap.symbol(name);
    Ok(vm.model.dictionary_at(dictionary, symbol)?)
}
