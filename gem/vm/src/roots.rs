//! What the collector must keep: everything the machine refers to.

use crate::class_meta::{ClassMeta, MethodEntry};
use crate::code::CodeBlock;
use crate::codes::Codes;
use crate::frame::Frame;
use crate::operators::Operators;
use crate::process::Scheduler;
use crate::profile::Profile;
use crate::registers::Registers;
use crate::traps::Traps;
use crate::vm::Vm;
use gem_heap::{Heap, Oop, Roots};
use hashbrown::{HashMap, HashSet};
use std::cell::{OnceCell, RefCell};

/// What was made or may have been changed since the last collection. Of codes and class tables a young collection visits only
/// these: there are thousands, and nearly all stay as they are.
#[derive(Default)]
pub(crate) struct Touched {
    /// Codes that are new or whose caches took a value.
    pub codes: Vec<&'static CodeBlock>,
    /// Class tables by class index.
    pub metas: Vec<u32>,
}

impl Touched {
    /// After a collection.
    pub fn forget(&mut self, metas: &mut [Option<Box<ClassMeta>>]) {
        self.codes.clear();
        for class in self.metas.drain(..) {
            if let Some(meta) = &mut metas[class as usize] {
                meta.touched = false;
            }
        }
    }
}

/// The machine without its heap.
pub(crate) struct MachineRoots<'a> {
    regs: &'a Registers,
    frames: &'a [Frame],
    scheduler: &'a Scheduler,
    codes: &'a Codes,
    traps: &'a Traps,
    profile: Option<&'a Profile>,
    operators: &'a Operators,
    ivar_names: &'a HashMap<u32, HashSet<Oop>>,
    global_cache: &'a HashMap<(u32, Oop, u8), MethodEntry>,
    /// A primitive collects.
    within: bool,
    /// By place, the codes that a full collection found in use; empty before one.
    alive: RefCell<Vec<bool>>,
    metas: &'a [Option<Box<ClassMeta>>],
    touched: &'a Touched,
    globals: &'a HashMap<Oop, Oop>,
    aliases: &'a HashMap<Oop, Oop>,
    guards: &'a HashSet<Oop>,
    handles: &'a [Oop],
    refinements: &'a [crate::refinements::Refinement],
    error_info: Oop,
    finished: Oop,
    specials: &'a [(u64, bool, Oop)],
}

impl Vm {
    /// The heap and, apart from it, what refers into it. `within`: on behalf of a primitive, whose code is in use whatever becomes of its method.
    pub(crate) fn heap_and_roots(&mut self, within: bool) -> (&mut Heap, MachineRoots<'_>) {
        let roots = MachineRoots {
            regs: &self.regs,
            frames: &self.frames,
            scheduler: &self.scheduler,
            codes: &self.codes,
            traps: &self.traps,
            profile: self.profile.as_deref(),
            operators: &self.operators,
            ivar_names: &self.ivar_names,
            global_cache: &self.global_cache,
            within,
            alive: RefCell::default(),
            metas: &self.metas,
            touched: &self.touched,
            globals: &self.globals,
            aliases: &self.global_aliases,
            guards: &self.global_guards,
            handles: &self.handles,
            refinements: &self.refinements,
            error_info: self.error_info,
            finished: self.finished,
            specials: &self.specials,
        };
        (&mut self.heap, roots)
    }
}

/// Visits the registers and frames of one process.
pub(crate) fn visit_stack(regs: &Registers, frames: &[Frame], visit: &mut dyn FnMut(Oop)) {
    let top = frames
        .last()
        .map_or(0, |f| f.base as usize + f.code.registers as usize);
    for &oop in regs.slice(0, top) {
        visit(oop);
    }
    for f in frames {
        visit(f.env);
        visit(f.block);
        visit(f.closure);
        visit(f.code.method);
    }
}

fn visit_code(code: &CodeBlock, visit: &mut dyn FnMut(Oop)) {
    visit(code.method);
    for literal in &code.literals {
        visit(literal.get());
    }
    for site in &code.sites {
        visit(site.selector);
    }
    for cache in &code.caches {
        visit(cache.value.get());
    }
    // What the literals are now may not be what the blocks were made of.
    for block in code.blocks.iter().filter_map(OnceCell::get) {
        visit(block.method);
    }
}

impl MachineRoots<'_> {
    /// Everything but codes and class tables.
    fn visit_processes(&self, visit: &mut dyn FnMut(Oop)) {
        visit_stack(self.regs, self.frames, visit);
        visit(self.error_info);
        visit(self.finished);
        for special in self.specials {
            visit(special.2);
        }
        self.scheduler.visit(visit);
        for (&name, &value) in self.globals.iter().chain(self.aliases) {
            visit(name);
            visit(value);
        }
        for &oop in self.handles.iter().chain(self.guards) {
            visit(oop);
        }
        for refinement in self.refinements {
            visit(refinement.module_object);
        }
        self.operators.visit(visit);
        for &name in self.ivar_names.values().flatten() {
            visit(name);
        }
    }

    fn visit_metas(&self, visit: &mut dyn FnMut(Oop)) {
        for meta in self.metas.iter().flatten() {
            meta.visit(visit);
        }
    }

    /// Whether `code` stays although its method may be dead.
    fn stays(&self, code: &CodeBlock) -> bool {
        !self.codes.may_end(code, self.within)
            || self.traps.names(code)
            || self.profile.is_some_and(|profile| profile.names(code))
    }

    /// Visits the codes that `wanted` picks of those not visited yet. Answers whether there was any.
    fn visit_codes(&self, wanted: &dyn Fn(&CodeBlock) -> bool, visit: &mut dyn FnMut(Oop)) -> bool {
        let mut alive = self.alive.borrow_mut();
        let mut any = false;
        for code in self.codes.iter() {
            let alive = &mut alive[code.number.get() as usize - 1];
            if !*alive && wanted(code) {
                (*alive, any) = (true, true);
                visit_code(code, visit);
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
        self.visit_processes(visit);
        for code in self.codes.iter() {
            visit_code(code, visit);
        }
        self.visit_metas(visit);
    }

    fn visit_full(&self, visit: &mut dyn FnMut(Oop)) {
        *self.alive.borrow_mut() = vec![false; self.codes.places()];
        self.visit_processes(visit);
        self.visit_metas(visit);
        self.visit_codes(&|code| self.stays(code), visit);
        for &(_, selector, _) in self.global_cache.keys() {
            visit(selector);
        }
    }

    fn lasting_symbols(&self) -> u64 {
        self.codes.lasting_symbols()
    }

    fn visit_held(&self, lives: &dyn Fn(Oop) -> bool, visit: &mut dyn FnMut(Oop)) -> bool {
        self.visit_codes(&|code| lives(code.method), visit)
    }

    fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit_processes(visit);
        for code in &self.touched.codes {
            visit_code(code, visit);
        }
        for &class in &self.touched.metas {
            if let Some(meta) = &self.metas[class as usize] {
                meta.visit(visit);
            }
        }
    }
}
