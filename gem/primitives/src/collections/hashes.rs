//! Ruby's Hash: reading, storing, iterating. Keys whose hash needs user code fall back and are handled in Ruby.

use crate::check::{Ask, Checked, HASH_MASK, ensure, fallback, index, size_oop, writable};
use crate::macros::primitives;
use format::wellknown;
use format::wellknown::slots::hash;
use gem_model::HashKey;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    hashNew => new, "allocates";
    hashGet => get, "probes the table";
    hashHas => has, "probes the table";
    hashFind => find_index, "probes the table";
    hashFindByHash => find_by_hash, "probes the table";
    hashStore => store, "probes and changes the table";
    hashStoreKey => store_key, "probes and changes the table";
    hashStoreSelf => store_self, "probes and changes the table";
    hashStoreAtHash => store_at_hash, "changes the table";
    hashDelete => delete, "probes and changes the table";
    hashDeleteEntry => delete_entry, "changes the table";
    hashSize => size, "reads the table";
    hashKeys => keys, "reads the table";
    hashValues => values, "reads the table";
    hashEntryKey => entry_key, "reads the table";
    hashEntryValue => entry_value, "reads the table";
    hashEntrySetValue => entry_set_value, "changes the table";
    hashNextIndex => next_index, "reads the table";
    hashClear => clear, "changes the table";
    hashDup => dup, "copies the table";
    hashRehash => rehash, "builds the table anew";
}

/// The key that is argument 1.
fn key_arg(vm: &Vm, args: Args) -> Checked<Oop> {
    vm.value_arg(args, 1)
}

fn new(vm: &mut Vm, args: Args) -> PrimResult {
    let class = vm.class_arg(args, 0)?;
    let made = vm.model.hash_new()?;
    let base = vm.model.known_class(wellknown::RUBY_HASH)?;
    if class != base {
        let (own, base) = (
            vm.model.heap.class_index(class)?,
            vm.model.heap.class_index(base)?,
        );
        ensure(
            vm.model.lookup_order(own, 0)?.contains(&base)
                || vm.model.lookup_order(own, 1)?.contains(&base),
        )?;
        vm.model.heap.set_class(made, class)?;
    }
    Ok(made)
}

fn get(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    let key = key_arg(vm, args)?;
    match vm.model.hash_get(receiver, key)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn has(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    let key = key_arg(vm, args)?;
    Ok(Oop::from_bool(vm.model.hash_find(receiver, key)?.is_some()))
}

fn find_index(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    let key = key_arg(vm, args)?;
    Ok(vm
        .model
        .hash_find(receiver, key)?
        .map_or(Oop::NIL, size_oop))
}

/// `hashFindByHash(hash from)`: the first live entry at or after `from` that has this hash, or nil.
fn find_by_hash(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    let (wanted, from) = (vm.int_arg(args, 1)?, vm.index_arg(args, 2)?);
    Ok(vm
        .model
        .hash_find_by_hash(receiver, wanted & HASH_MASK, from)?
        .map_or(Oop::NIL, size_oop))
}

fn store_pair(vm: &mut Vm, args: Args, copy_strings: bool) -> Checked<(Oop, Oop)> {
    let receiver = vm.hash_arg(args, 0)?;
    writable(vm, receiver)?;
    let (mut key, value) = (key_arg(vm, args)?, vm.value_arg(args, 2)?);
    if copy_strings
        && vm.model.heap.is_bytes(key)
        && !vm.model.heap.is_frozen(key)
        && !vm.model.hash_by_identity(receiver)?
        && crate::check::is_text(vm, key)?
    {
        if let Some(e) = vm.model.hash_find(receiver, key)? {
            vm.model.hash_entry_set_value(receiver, e, value)?;
            return Ok((receiver, value));
        }
        key = crate::reflection::object::copy_of(vm, key)?;
        vm.model.heap.freeze(key);
    }
    vm.model.hash_store(receiver, key, value)?;
    Ok((receiver, value))
}

fn store(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(store_pair(vm, args, true)?.1)
}

fn store_key(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(store_pair(vm, args, false)?.1)
}

fn store_self(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(store_pair(vm, args, true)?.0)
}

/// `hashStoreAtHash(hash key value)`: appends without looking for an equal key.
fn store_at_hash(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    writable(vm, receiver)?;
    let hash = vm.int_arg(args, 1)? & HASH_MASK;
    let (key, value) = (vm.value_arg(args, 2)?, vm.value_arg(args, 3)?);
    vm.model
        .hash_append(receiver, HashKey { key, hash }, value)?;
    Ok(receiver)
}

fn delete(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    writable(vm, receiver)?;
    let key = key_arg(vm, args)?;
    match vm.model.hash_delete(receiver, key)? {
        Some(value) => Ok(value),
        None => fallback(),
    }
}

fn delete_entry(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    writable(vm, receiver)?;
    let e = vm.index_arg(args, 1)?;
    ensure(vm.model.hash_entry(receiver, e)?.is_some())?;
    vm.model.hash_delete_entry(receiver, e)?;
    Ok(receiver)
}

fn size(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    Ok(size_oop(vm.model.hash_count(receiver)?))
}

fn keys(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    let keys: Vec<Oop> = vm
        .model
        .hash_pairs(receiver)?
        .into_iter()
        .map(|p| p.0)
        .collect();
    Ok(vm.model.heap.new_array(&keys)?)
}

fn values(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    let values: Vec<Oop> = vm
        .model
        .hash_pairs(receiver)?
        .into_iter()
        .map(|p| p.1)
        .collect();
    Ok(vm.model.heap.new_array(&values)?)
}

fn entry(vm: &mut Vm, args: Args) -> Checked<(Oop, Oop)> {
    let receiver = vm.hash_arg(args, 0)?;
    let e = index(vm.arg(args, 1))?;
    vm.model
        .hash_entry(receiver, e)?
        .ok_or(gem_vm::Fail::Fallback)
}

fn entry_key(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(entry(vm, args)?.0)
}

fn entry_value(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(entry(vm, args)?.1)
}

/// `hashEntrySetValue(index value)`
fn entry_set_value(vm: &mut Vm, args: Args) -> PrimResult {
    entry(vm, args)?;
    let receiver = writable(vm, vm.receiver(args))?;
    let (e, value) = (vm.index_arg(args, 1)?, vm.value_arg(args, 2)?);
    vm.model.hash_entry_set_value(receiver, e, value)?;
    Ok(receiver)
}

/// The first live entry at or after the index, or nil.
fn next_index(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    let from = vm.index_arg(args, 1)?;
    for e in from..vm.model.hash_entry_count(receiver)? {
        if vm.model.hash_entry(receiver, e)?.is_some() {
            return Ok(size_oop(e));
        }
    }
    Ok(Oop::NIL)
}

fn clear(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    writable(vm, receiver)?;
    vm.model.hash_clear(receiver)?;
    Ok(receiver)
}

/// A plain Hash with the same entries and way of comparing.
fn dup(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    Ok(vm.model.hash_entries_copy(receiver)?)
}

/// Hashes every key again; of keys that became equal the last value stays.
fn rehash(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.hash_arg(args, 0)?;
    writable(vm, receiver)?;
    let fresh = vm.model.hash_new()?;
    let flags = vm.model.heap.slot(receiver, hash::FLAGS)?;
    vm.model.heap.set_slot(fresh, hash::FLAGS, flags)?;
    for (key, value) in vm.model.hash_pairs(receiver)? {
        vm.model.hash_store(fresh, key, value)?;
    }
    for slot in [hash::ENTRIES, hash::INDEX, hash::COUNT] {
        let value = vm.model.heap.slot(fresh, slot)?;
        vm.model.heap.set_slot(receiver, slot, value)?;
    }
    Ok(receiver)
}
