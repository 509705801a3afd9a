//! The way from a root of the repository to an object, in words. Looks only at what is in memory, and is only asked when something failed.

use format::wellknown::slots::{association, behavior, hash};
use format::{ObjectId, wellknown};
use gem_heap::Kind;
use gem_vm::{Oop, Vm};
use hashbrown::HashMap;
use std::collections::VecDeque;

/// Where a search starts, best known first, and what the roots are called.
const ROOTS: &[(ObjectId, &str)] = &[
    (wellknown::PERSISTENT_ROOT, "Maglev::PERSISTENT_ROOT"),
    (wellknown::USER_GLOBALS, "UserGlobals"),
    (wellknown::GLOBALS, "Globals"),
    (wellknown::OBJECT, "Object"),
    (wellknown::RUBY_STATE, "Ruby's state"),
    (wellknown::REPOSITORY_ROOT, "the root"),
];

/// Longest path that is written out.
const STEPS_MAX: usize = 40;

/// The path to `target` from a root, else from one of `others` (changed objects). Several steps, joined by ` -> `.
pub fn from_root(vm: &mut Vm, target: Oop, others: &[Oop]) -> String {
    for &(id, name) in ROOTS {
        if let Some(root) = vm.model.heap.find(id)
            && let Some(steps) = search(vm, &[root], target)
        {
            return show(vm, name.to_string(), &steps);
        }
    }
    match search(vm, others, target) {
        Some(steps) => {
            let first = describe(vm, steps[0]);
            show(vm, first, &steps)
        }
        None => describe(vm, target),
    }
}

/// Objects from one of `starts` to `target`, breadth first.
fn search(vm: &Vm, starts: &[Oop], target: Oop) -> Option<Vec<Oop>> {
    let mut parents: HashMap<u64, Oop> = starts.iter().map(|s| (s.bits(), Oop::NIL)).collect();
    let mut queue: VecDeque<Oop> = starts.iter().copied().collect();
    while let Some(at) = queue.pop_front() {
        if at == target {
            let mut steps = vec![at];
            let mut up = parents[&at.bits()];
            while !up.is_nil() {
                steps.push(up);
                up = parents[&up.bits()];
            }
            steps.reverse();
            return Some(steps);
        }
        vm.model.heap.each_reference(at, |v| {
            if !vm.model.heap.is_symbol(v) && !parents.contains_key(&v.bits()) {
                parents.insert(v.bits(), at);
                queue.push_back(v);
            }
        });
    }
    None
}

fn show(vm: &mut Vm, first: String, steps: &[Oop]) -> String {
    let mut out = first;
    let mut i = 1;
    while i < steps.len() {
        if i > STEPS_MAX {
            out.push_str(" -> …");
            break;
        }
        // A Hash shows the key, not the table of entries between.
        if i + 1 < steps.len()
            && vm.model.is_hash(steps[i - 1])
            && vm.model.heap.raw_slot(steps[i - 1], hash::ENTRIES) == steps[i]
        {
            out.push_str(&key_of(vm, steps[i], steps[i + 1]));
            i += 2;
        } else {
            let label = label(vm, steps[i - 1], steps[i]);
            out.push_str(&label);
            i += 1;
        }
    }
    if let Some(&last) = steps.last() {
        let class = vm
            .model
            .heap
            .class_of(last)
            .map_or_else(|_| "?".into(), |c| vm.model.class_name(c));
        out.push_str(&format!(" ({class})"));
    }
    out
}

fn key_of(vm: &mut Vm, entries: Oop, value: Oop) -> String {
    let all = vm.model.heap.elements(entries).unwrap_or_default();
    match all.chunks_exact(3).find(|t| t[2] == value || t[1] == value) {
        Some(t) => format!("[{}]", describe(vm, t[1])),
        None => "[…]".to_string(),
    }
}

/// The part of `parent` that is `child`.
fn label(vm: &mut Vm, parent: Oop, child: Oop) -> String {
    if vm.model.heap.class_of(parent).is_ok_and(|c| c == child) {
        return " -> its class".to_string();
    }
    for name in vm.model.heap.ivar_names(parent) {
        if vm
            .model
            .heap
            .ivar(parent, name)
            .is_ok_and(|v| v == Some(child))
        {
            return format!(" -> {}", vm.model.heap.text(name));
        }
    }
    if vm
        .model
        .heap
        .is_instance(parent, wellknown::SYMBOL_ASSOCIATION)
    {
        let key = vm.model.heap.raw_slot(parent, association::KEY);
        return format!("[{}]", describe(vm, key));
    }
    if vm.model.heap.kind(parent) == Kind::Indexed {
        for i in 0..vm.model.heap.size(parent) {
            if vm.model.heap.element(parent, i).is_ok_and(|v| v == child) {
                let skipped = vm
                    .model
                    .heap
                    .is_instance(parent, wellknown::SYMBOL_DICTIONARY);
                return if skipped {
                    String::new()
                } else {
                    format!("[{i}]")
                };
            }
        }
    }
    if matches!(vm.model.heap.kind(parent), Kind::Slots | Kind::Indexed) {
        for i in 0..vm.model.heap.inline_slots(parent) {
            if vm.model.heap.raw_slot(parent, i) == child {
                return format!(" -> {}", slot_name(vm, parent, i));
            }
        }
    }
    " -> …".to_string()
}

/// The name of declared slot `i`.
fn slot_name(vm: &mut Vm, object: Oop, i: usize) -> String {
    let mut names = Vec::new();
    let mut class = vm.model.heap.class_of(object).unwrap_or(Oop::NIL);
    while class.is_pointer() {
        let list = vm
            .model
            .heap
            .slot(class, behavior::INST_VAR_NAMES)
            .unwrap_or(Oop::NIL);
        let own = if list.is_pointer() {
            vm.model.heap.elements(list).unwrap_or_default()
        } else {
            Vec::new()
        };
        names.splice(0..0, own);
        class = vm.model.superclass_of(class, 0).unwrap_or(Oop::NIL);
    }
    names
        .get(i)
        .map_or_else(|| format!("slot {}", i + 1), |&n| vm.model.heap.text(n))
}

/// A short text for an object in a message: what it is, not all of it.
pub fn describe(vm: &mut Vm, oop: Oop) -> String {
    if !oop.is_pointer() {
        return format!("{oop:?}");
    }
    if vm.model.heap.is_symbol(oop) {
        return format!(":{}", vm.model.heap.text(oop));
    }
    if vm.model.heap.is_bytes(oop) && vm.model.heap.is_instance(oop, wellknown::STRING) {
        let text = vm.model.heap.text(oop);
        let short: String = text.chars().take(40).collect();
        return if short.len() < text.len() {
            format!("{:?}…", short)
        } else {
            format!("{text:?}")
        };
    }
    if vm.model.is_module_like(oop).unwrap_or(false) {
        return vm.model.class_name(oop);
    }
    let class = vm
        .model
        .heap
        .class_of(oop)
        .map_or_else(|_| "?".into(), |c| vm.model.class_name(c));
    match vm.model.heap.id_of(oop) {
        Some(id) => format!("{class} {id}"),
        None => format!("a new {class}"),
    }
}
