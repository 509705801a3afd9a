//! What may be committed. Kernel classes and what was made in persistent mode may, processes when they are suspended; files and the like never.

use crate::error::SessionError;
use format::limits::FIRST_FREE_ID;
use format::wellknown::slots::{behavior, class_flags};
use format::{ObjectId, wellknown};
use gem_heap::ClassIndex;
use gem_vm::{Oop, Vm};

/// What a commit does with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Store,
    /// References to it are stored as nil.
    Nil,
    /// Its class forbids it.
    Refuse,
    /// A class or module: each has its own answer.
    Behavior,
    /// A process: its stack is stored with it, when it is suspended.
    Process,
}

/// An object that may not be committed, and how the commit came to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `an instance of Foo` or `class Foo`.
    pub what: String,
    pub class_name: String,
    pub why: String,
    /// From a root of the repository, step by step.
    pub path: String,
    pub object: Oop,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} may not be committed: {}; reached by {}",
            self.what, self.why, self.path
        )
    }
}

/// Classes whose instances belong to a running gem.
const NEVER: &[(ObjectId, &str)] = &[
    (wellknown::GS_FILE, "an open file lives in its session"),
    (wellknown::BINDING, "a binding belongs to a running program"),
];

/// Classes whose instances are never worth keeping: references to them are stored as nil.
const AS_NIL: &[ObjectId] = &[wellknown::WEAK_REFERENCE];

/// Why instances of a class are refused.
pub fn why_refused(vm: &mut Vm, class: ClassIndex) -> String {
    let never = vm
        .model
        .heap
        .class_object(class)
        .ok()
        .and_then(|c| never_persistable(vm, c));
    never.map_or_else(
        || "its class was made in transient mode; make it in Maglev.persistent { }, or call maglev_persistable on it".to_string(),
        str::to_string,
    )
}

fn never_persistable(vm: &mut Vm, class: Oop) -> Option<&'static str> {
    let mut at = class;
    while at.is_pointer() {
        if let Some(id) = vm.model.heap.id_of(at)
            && let Some(row) = NEVER.iter().find(|row| row.0 == id)
        {
            return Some(row.1);
        }
        at = vm.model.superclass_of(at, 0).ok()?;
    }
    None
}

/// The verdict on instances of a class.
///
/// # Errors
/// `Heap`: those of [`Heap::fault`](gem_heap::Heap::fault), when the class or one above it is not in memory yet; as `Model::lookup_order`.
pub fn verdict(vm: &mut Vm, class: ClassIndex) -> Result<Verdict, SessionError> {
    let mut object = vm.model.heap.class_object(class)?;
    if never_persistable(vm, object).is_some() {
        return Ok(Verdict::Refuse);
    }
    let behavior = vm.model.known_class(wellknown::BEHAVIOR)?;
    let behavior = vm.model.heap.class_index(behavior)?;
    if vm.model.lookup_order(class, 0)?.contains(&behavior) {
        return Ok(Verdict::Behavior);
    }
    let process = vm.model.known_class(wellknown::GS_PROCESS)?;
    let process = vm.model.heap.class_index(process)?;
    if vm.model.lookup_order(class, 0)?.contains(&process) {
        return Ok(Verdict::Process);
    }
    loop {
        let id = vm.model.heap.id_of(object).map_or(u64::MAX, |id| id.0);
        if AS_NIL.iter().any(|nil| nil.0 == id) {
            return Ok(Verdict::Nil);
        }
        let flags = vm.model.class_flags(object)?;
        if flags & class_flags::DB_TRANSIENT != 0 {
            return Ok(Verdict::Nil);
        }
        if flags & class_flags::SINGLETON == 0 {
            let allowed = id < FIRST_FREE_ID || flags & class_flags::PERSISTABLE != 0;
            return Ok(if allowed {
                Verdict::Store
            } else {
                Verdict::Refuse
            });
        }
        object = vm.model.heap.slot(object, behavior::SUPERCLASS)?;
        if object.is_nil() {
            return Ok(Verdict::Store);
        }
    }
}

/// Whether a class or module itself may be stored.
///
/// # Errors
/// `Heap`: as `Model::is_class_persistable`.
pub fn is_behavior_persistable(vm: &mut Vm, module: Oop) -> Result<bool, SessionError> {
    if vm
        .model
        .heap
        .id_of(module)
        .is_some_and(|id| id.0 < FIRST_FREE_ID)
    {
        return Ok(true);
    }
    Ok(vm.model.is_class_persistable(module)?)
}
