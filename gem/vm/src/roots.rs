//! What the collector must keep: everything the machine refers to.

use crate::class_meta::ClassMeta;
use crate::code::CodeBlock;
use crate::frame::Frame;
use crate::process::Scheduler;
use crate::registers::Registers;
use crate::vm::Vm;
use gem_heap::{Heap, Oop, Roots};
use hashbrown::HashMap;

/// The machine without its heap.
pub(crate) struct MachineRoots<'a> {
    regs: &'a Registers,
    frames: &'a [Frame],
    scheduler: &'a Scheduler,
    codes: &'a [&'static CodeBlock],
    metas: &'a [Option<Box<ClassMeta>>],
    globals: &'a HashMap<Oop, Oop>,
    aliases: &'a HashMap<Oop, Oop>,
    handles: &'a [Oop],
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
            globals: &self.globals,
            aliases: &self.global_aliases,
            handles: &self.handles,
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

impl Roots for MachineRoots<'_> {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        visit_stack(self.regs, self.frames, visit);
        visit(self.error_info);
        visit(self.finished);
        for special in self.specials {
            visit(special.2);
        }
        self.scheduler.visit(visit);
        for code in self.codes {
            visit(code.method);
            for literal in &code.literals {
                visit(literal.get());
            }
            for cache in &code.caches {
                visit(cache.value.get());
            }
        }
        for meta in self.metas.iter().flatten() {
            meta.visit(visit);
        }
        for (&name, &value) in self.globals.iter().chain(self.aliases) {
            visit(name);
            visit(value);
        }
        for &oop in self.handles {
            visit(oop);
        }
    }
}
