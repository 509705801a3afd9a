//! What the collector must keep: everything the machine refers to. Each part of the machine says what it refers to (`References`); here
//! they come together, with what only a whole machine knows: which codes are in use.

use crate::codes::Codes;
use crate::codes::code::CodeBlock;
use crate::debug::Debug;
use crate::exec::Exec;
use crate::processes::process::Scheduler;
use crate::vm::Vm;
use gem_heap::{Heap, Oop, References, Roots};
use gem_model::ModelRoots;
use hashbrown::HashSet;
use std::cell::RefCell;

/// The machine without its heap.
pub(crate) struct MachineRoots<'a> {
    model: ModelRoots<'a>,
    exec: &'a Exec,
    codes: &'a Codes,
    processes: &'a Scheduler,
    debug: &'a Debug,
    /// A primitive collects.
    within: bool,
    /// By place, the codes that a full collection found in use; empty before one.
    alive: RefCell<Vec<bool>>,
}

impl Vm {
    /// The heap and, apart from it, what refers into it. `within`: on behalf of a primitive, whose code is in use whatever becomes of its method.
    pub(crate) fn heap_and_roots(&mut self, within: bool) -> (&mut Heap, MachineRoots<'_>) {
        let (heap, model) = self.model.heap_and_roots();
        let roots = MachineRoots {
            model,
            exec: &self.exec,
            codes: &self.codes,
            processes: &self.processes,
            debug: &self.debug,
            within,
            alive: RefCell::default(),
        };
        (heap, roots)
    }

    /// Every object in memory that the machine refers to, directly or through others. For `allInstances`.
    pub fn reachable_objects(&mut self) -> Vec<Oop> {
        let (heap, roots) = self.heap_and_roots(true);
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut note = |oop: Oop, found: &mut Vec<Oop>| {
            if oop.is_pointer() && oop.bits() != 0 && seen.insert(oop.bits()) {
                found.push(oop);
            }
        };
        roots.visit(&mut |oop| note(oop, &mut found));
        for index in 0..heap.class_count() {
            let class = heap.class_info(gem_heap::ClassIndex(index as u32)).class;
            note(class, &mut found);
        }
        let mut next = 0;
        while next < found.len() {
            let object = found[next];
            next += 1;
            heap.each_reference(object, |oop| note(oop, &mut found));
        }
        found
    }

    /// Calls `change` with every reference of the machine's that may be to another object after `become:` or a refresh.
    pub(crate) fn each_root_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        self.model.each_root_mut(change);
        self.exec.each_mut(change);
        self.processes.each_mut(change);
        self.codes.each_mut(change);
    }
}

impl MachineRoots<'_> {
    /// Whether `code` stays although its method may be dead.
    fn stays(&self, code: &CodeBlock) -> bool {
        !self.codes.may_end(code, self.within) || self.debug.names(code)
    }

    /// Visits the codes that `wanted` picks of those not visited yet. Answers whether there was any.
    fn visit_codes(&self, wanted: &dyn Fn(&CodeBlock) -> bool, visit: &mut dyn FnMut(Oop)) -> bool {
        let mut alive = self.alive.borrow_mut();
        let mut any = false;
        for code in self.codes.iter() {
            let alive = &mut alive[code.number.get() as usize - 1];
            if !*alive && wanted(code) {
                (*alive, any) = (true, true);
                code.visit(visit);
            }
        }
        any
    }

    /// By place, the codes that a full collection found in use; empty when there was none.
    pub fn into_alive(self) -> Vec<bool> {
        self.alive.into_inner()
    }
}

impl Roots for MachineRoots<'_> {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.model.visit(visit);
        self.exec.visit(visit);
        self.processes.visit(visit);
        self.codes.visit(visit);
    }

    fn visit_full(&self, visit: &mut dyn FnMut(Oop)) {
        *self.alive.borrow_mut() = vec![false; self.codes.places()];
        self.model.visit(visit);
        self.model.visit_cached(visit);
        self.exec.visit(visit);
        self.processes.visit(visit);
        self.codes.operators.visit(visit);
        self.visit_codes(&|code| self.stays(code), visit);
    }

    fn lasting_symbols(&self) -> u64 {
        self.codes.lasting_symbols()
    }

    fn visit_held(&self, lives: &dyn Fn(Oop) -> bool, visit: &mut dyn FnMut(Oop)) -> bool {
        self.visit_codes(&|code| lives(code.method), visit)
    }

    fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.model.visit_young(visit);
        self.exec.visit(visit);
        self.processes.visit(visit);
        self.codes.visit_young(visit);
    }
}
