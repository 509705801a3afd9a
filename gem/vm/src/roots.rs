//! What the collector must keep: everything the machine refers to.

use crate::class_meta::ClassMeta;
use crate::code::CodeBlock;
use crate::frame::Frame;
use crate::process::Scheduler;
use crate::registers::Registers;
use crate::vm::Vm;
use gem_heap::{Heap, Oop, Roots};
use hashbrown::HashMap;

/// What was made or may have been changed since the last collection. Of codes and class tables a young collection visits only
/// these: there are thousands, and nearly all stay as they are.
#[derive(Default)]
pub(crate) struct Touched {
    /// Codes before this one were visited by the last collection.
    pub first_code: usize,
    /// Older codes whose caches took a value.
    pub codes: Vec<&'static CodeBlock>,
    /// Class tables by class index.
    pub metas: Vec<u32>,
}

impl Touched {
    /// After a collection.
    pub fn forget(&mut self, metas: &mut [Option<Box<ClassMeta>>], codes: usize) {
        self.first_code = codes;
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
    codes: &'a [&'static CodeBlock],
    metas: &'a [Option<Box<ClassMeta>>],
    touched: &'a Touched,
    globals: &'a HashMap<Oop, Oop>,
    aliases: &'a HashMap<Oop, Oop>,
    guards: &'a hashbrown::HashSet<Oop>,
    handles: &'a [Oop],
    refinements: &'a [crate::refinements::Refinement],
    error_info: Oop,
    finished: Oop,
    specials: &'a [(u64, bool, Oop)],
}

impl Vm {
    /// The heap and, apart from it, what refers into it.
    pub(crate) fn heap_and_roots(&mut self) -> (&mut Heap, MachineRoots<'_>) {
        let roots = MachineRoots {
            regs: &self.regs,
            frames: &self.frames,
            scheduler: &self.scheduler,
            codes: &self.codes,
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
    for cache in &code.caches {
        visit(cache.value.get());
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
    }
}

impl Roots for MachineRoots<'_> {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit_processes(visit);
        for code in self.codes {
            visit_code(code, visit);
        }
        for meta in self.metas.iter().flatten() {
            meta.visit(visit);
        }
    }

    fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit_processes(visit);
        let new = self.codes.get(self.touched.first_code..).unwrap_or(&[]);
        for code in new.iter().chain(&self.touched.codes) {
            visit_code(code, visit);
        }
        for &class in &self.touched.metas {
            if let Some(meta) = &self.metas[class as usize] {
                meta.visit(visit);
            }
        }
    }
}
