//! What a commit must store: changed committed objects, and every new object that can be reached from them, breadth first.
//!
//! Breadth first and in the order of slots, so that the same program gives the same ids and neighbours lie near each other.

use crate::error::SessionError;
use crate::path;
use crate::persistable::{Refusal, Verdict, is_behavior_persistable, verdict, why_refused};
use gem_vm::{Oop, Vm};
use hashbrown::HashSet;

/// See the module text.
#[derive(Default)]
pub struct Closure {
    /// Changed objects, then new ones in the order they were reached.
    pub objects: Vec<Oop>,
    /// Symbols without an id.
    pub symbols: Vec<Oop>,
    /// New objects to which references are stored as nil.
    pub as_nil: HashSet<Oop>,
}

struct Walk {
    closure: Closure,
    seen: HashSet<u64>,
    /// By class index.
    verdicts: Vec<Option<Verdict>>,
    /// By class index: whether instances are Hashes.
    hashes: Vec<Option<bool>>,
}

/// Changed processes: their stacks become objects before it is asked which objects changed, because that changes the stored stacks.
///
/// # Errors
/// `NotPersistable` for a process that cannot be stored now; as `verdict`.
pub fn store_changed_processes(vm: &mut Vm) -> Result<(), SessionError> {
    let mut walk = Walk {
        closure: Closure::default(),
        seen: HashSet::new(),
        verdicts: Vec::new(),
        hashes: Vec::new(),
    };
    for object in vm.model.heap.dirty_objects() {
        if vm.model.heap.kind(object) == gem_heap::Kind::Slots
            && walk.verdict(vm, object)? == Verdict::Process
            && let Err(why) = vm.store_process(object)
        {
            return Err(walk.refuse_process(vm, object, why.0));
        }
    }
    Ok(())
}

/// Finds the closure of `dirty` and, for a repository without objects, of `roots`.
///
/// # Errors
/// `NotPersistable` with the way from a root to the object; as `verdict` for each class; `Heap`: as `Model::hash_enlarge` for each Hash.
pub fn closure(vm: &mut Vm, dirty: &[Oop], roots: &[Oop]) -> Result<Closure, SessionError> {
    let mut walk = Walk {
        closure: Closure::default(),
        seen: HashSet::new(),
        verdicts: Vec::new(),
        hashes: Vec::new(),
    };
    for &object in dirty.iter().chain(roots) {
        if walk.seen.insert(object.bits()) {
            walk.closure.objects.push(object);
        }
    }
    let mut next = 0;
    let mut found = Vec::new();
    while next < walk.closure.objects.len() {
        let object = walk.closure.objects[next];
        next += 1;
        walk.prepare(vm, object)?;
        vm.model.heap.each_reference(object, |v| found.push(v));
        for target in found.drain(..) {
            walk.reach(vm, target)?;
        }
    }
    Ok(walk.closure)
}

impl Walk {
    /// A Hash of many entries is not written as one piece.
    fn prepare(&mut self, vm: &mut Vm, object: Oop) -> Result<(), SessionError> {
        let class = vm.model.heap.class_index_of(object).0 as usize;
        if self.hashes.len() <= class {
            self.hashes.resize(class + 1, None);
        }
        let is_hash = match self.hashes[class] {
            Some(known) => known,
            None => vm.model.is_hash(object),
        };
        self.hashes[class] = Some(is_hash);
        if is_hash {
            vm.model.hash_enlarge(object)?;
        }
        Ok(())
    }

    fn reach(&mut self, vm: &mut Vm, target: Oop) -> Result<(), SessionError> {
        if vm.model.heap.is_committed(target) || !self.seen.insert(target.bits()) {
            return Ok(());
        }
        if vm.model.heap.is_symbol(target) {
            if vm.model.heap.id_of(target).is_none() {
                self.closure.symbols.push(target);
            }
            return Ok(());
        }
        match self.verdict(vm, target)? {
            Verdict::Store => self.closure.objects.push(target),
            Verdict::Nil => {
                self.closure.as_nil.insert(target);
            }
            Verdict::Behavior if is_behavior_persistable(vm, target)? => {
                self.closure.objects.push(target)
            }
            Verdict::Process => match vm.store_process(target) {
                Ok(()) => self.closure.objects.push(target),
                Err(why) => return Err(self.refuse_process(vm, target, why.0)),
            },
            Verdict::Behavior | Verdict::Refuse => return Err(self.refuse(vm, target)),
        }
        Ok(())
    }

    fn verdict(&mut self, vm: &mut Vm, target: Oop) -> Result<Verdict, SessionError> {
        let class = vm.model.heap.class_index_of(target);
        let i = class.0 as usize;
        if self.verdicts.len() <= i {
            self.verdicts.resize(i + 1, None);
        }
        if let Some(known) = self.verdicts[i] {
            return Ok(known);
        }
        let made = verdict(vm, class)?;
        self.verdicts[i] = Some(made);
        Ok(made)
    }

    #[cold]
    fn refuse_process(&self, vm: &mut Vm, target: Oop, why: String) -> SessionError {
        let class = vm.model.heap.class_index_of(target);
        let class_name = match vm.model.heap.class_object(class) {
            Ok(c) => vm.model.class_name(c),
            Err(_) => "?".to_string(),
        };
        SessionError::NotPersistable(Box::new(Refusal {
            what: format!("an instance of {class_name}"),
            class_name,
            why,
            path: path::from_root(vm, target, &self.closure.objects),
            object: target,
        }))
    }

    #[cold]
    fn refuse(&self, vm: &mut Vm, target: Oop) -> SessionError {
        let class = vm.model.heap.class_index_of(target);
        let is_class = self.verdicts.get(class.0 as usize) == Some(&Some(Verdict::Behavior));
        let class_name = match vm.model.heap.class_object(class) {
            Ok(c) => vm.model.class_name(c),
            Err(_) => "?".to_string(),
        };
        let (what, why) = if is_class {
            let name = vm.model.class_name(target);
            let why = "it was made in transient mode; make it in Maglev.persistent { }, or call maglev_persistable on it";
            (format!("class {name}"), why.to_string())
        } else {
            (
                format!("an instance of {class_name}"),
                why_refused(vm, class),
            )
        };
        let path = path::from_root(vm, target, &self.closure.objects);
        SessionError::NotPersistable(Box::new(Refusal {
            what,
            class_name,
            why,
            path,
            object: target,
        }))
    }
}
