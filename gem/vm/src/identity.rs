//! `become:` for objects of different layouts: every reference is found and rewritten, those of the machine included.

use crate::vm::Vm;
use gem_heap::{Exchange, Oop};

impl Vm {
    /// Whether a method runs whose receiver is `object`: its code relies on the layout.
    pub fn is_running(&self, object: Oop) -> bool {
        let runs = |regs: &crate::registers::Registers, frames: &[crate::Frame]| {
            frames.iter().any(|f| regs.get(f.base as usize) == object)
        };
        runs(&self.regs, &self.frames)
            || self
                .scheduler
                .parked()
                .any(|(regs, frames)| runs(regs, frames))
    }

    /// Rewrites all references in memory to the two objects and exchanges their ids.
    pub fn exchange_identity(&mut self, exchange: Exchange) {
        self.forward_references(exchange);
        self.heap.exchange_ids(exchange.one, exchange.other);
    }

    /// Rewrites all references in memory. Walks everything that is reachable.
    pub fn forward_references(&mut self, exchange: Exchange) {
        let mut all = self.reachable_objects();
        all.extend(self.heap.dirty_objects());
        for object in all {
            self.heap.exchange_references(object, exchange);
        }
        self.heap.roots_exchanged(exchange);
        let mut place = |oop: &mut Oop| *oop = exchange.of(*oop);
        self.regs.each_mut(&mut place);
        for frame in &mut self.frames {
            frame.each_mut(&mut place);
        }
        self.scheduler.each_mut(&mut place);
        place(&mut self.error_info);
        place(&mut self.finished);
        self.specials.iter_mut().for_each(|s| place(&mut s.2));
        self.handles.iter_mut().for_each(&mut place);
        self.globals.values_mut().for_each(&mut place);
        for code in &self.codes {
            for literal in &code.literals {
                literal.set(exchange.of(literal.get()));
            }
            for cache in &code.caches {
                cache.value.set(exchange.of(cache.value.get()));
            }
        }
        for meta in self.metas.iter_mut().flatten() {
            meta.session_constants
                .iter_mut()
                .chain(&mut meta.session_class_vars)
                .for_each(|pair| place(&mut pair.1));
        }
    }
}
