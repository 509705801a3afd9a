//! Questions about the whole repository.

use super::rows;
use crate::eval::fail_of;
use crate::scan;
use format::ObjectId;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use hashbrown::HashSet;

rows! {
    repositoryInstances => instances, "reads every record";
    repositoryCount => count, "reads every record";
    repositoryReferences => references, "reads every record";
    repositoryPath => path, "reads every record";
}

fn limit(vm: &Vm, args: Args) -> Result<usize, Fail> {
    match vm.given(args, 2) {
        None | Some(Oop::NIL) => Ok(usize::MAX),
        Some(n) => n
            .as_small_int()
            .and_then(|n| usize::try_from(n).ok())
            .ok_or(Fail::Fallback),
    }
}

/// The id of argument 1 in the repository.
fn stored(vm: &Vm, args: Args) -> Option<ObjectId> {
    let object = vm.arg(args, 1);
    vm.model
        .heap
        .id_of(object)
        .filter(|_| vm.model.heap.is_committed(object))
}

/// Those of `ids` that this transaction did not change, as objects, and those of the session's memory that satisfy `found`.
fn with_memory(
    vm: &mut Vm,
    ids: &[ObjectId],
    limit: usize,
    found: impl Fn(&mut Vm, Oop) -> Result<bool, Fail>,
) -> PrimResult {
    let mut result = Vec::new();
    let mut seen = HashSet::new();
    for &id in ids {
        let object = vm.model.heap.fault(id)?;
        // A changed object counts as it is now.
        if (!vm.model.heap.is_dirty(object) || found(vm, object)?) && seen.insert(object.bits()) {
            result.push(object);
        }
    }
    if result.len() < limit {
        let mut all = vm.reachable_objects();
        all.extend(vm.model.heap.dirty_objects());
        for object in all {
            let counts = !vm.model.heap.is_committed(object) || vm.model.heap.is_dirty(object);
            if counts && found(vm, object)? && seen.insert(object.bits()) {
                result.push(object);
            }
        }
    }
    result.truncate(limit);
    Ok(vm.model.heap.new_array(&result)?)
}

/// Arguments: class, limit or nil. Instances of exactly that class, in the repository or in this session's memory.
fn instances(vm: &mut Vm, args: Args) -> PrimResult {
    let limit = limit(vm, args)?;
    let class = vm.arg(args, 1);
    if !vm.model.is_module_like(class)? {
        return Err(Fail::Fallback);
    }
    let ids = match stored(vm, args) {
        Some(id) => scan::instances(vm, id, limit).map_err(fail_of)?,
        None => Vec::new(),
    };
    with_memory(vm, &ids, limit, |vm, object| {
        Ok(vm.model.heap.class_of(object)? == class)
    })
}

/// Argument: class. How many instances of exactly that class the repository has.
fn count(vm: &mut Vm, args: Args) -> PrimResult {
    let ids = match stored(vm, args) {
        Some(id) => scan::instances(vm, id, usize::MAX).map_err(fail_of)?,
        None => Vec::new(),
    };
    Ok(vm.model.heap.new_integer_i64(ids.len() as i64)?)
}

/// Arguments: object, limit or nil. What refers to it, in the repository or in this session's memory.
fn references(vm: &mut Vm, args: Args) -> PrimResult {
    let limit = limit(vm, args)?;
    let target = vm.arg(args, 1);
    if !target.is_pointer() {
        return Err(Fail::Fallback);
    }
    let ids = match stored(vm, args) {
        Some(id) => scan::referrers(vm, id, limit).map_err(fail_of)?,
        None => Vec::new(),
    };
    with_memory(vm, &ids, limit, |vm, object| {
        let mut refers = false;
        vm.model
            .heap
            .each_reference(object, |v| refers |= v == target);
        Ok(refers)
    })
}

/// Argument: object. From the root of the repository to it; nil when it is not reached.
fn path(vm: &mut Vm, args: Args) -> PrimResult {
    let Some(id) = stored(vm, args) else {
        return Ok(Oop::NIL);
    };
    let ids = scan::path(vm, id).map_err(fail_of)?;
    if ids.is_empty() {
        return Ok(Oop::NIL);
    }
    let objects = ids
        .into_iter()
        .map(|id| vm.model.heap.fault(id))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(vm.model.heap.new_array(&objects)?)
}
