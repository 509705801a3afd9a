//! `become:` for objects of different layouts, here or in another session whose commit this one takes over: every reference is found and rewritten, those of the
//! machine included.

use crate::vm::Vm;
use gem_heap::{Exchange, Oop};
use hashbrown::{HashMap, HashSet};

impl Vm {
    /// Whether a method runs whose receiver is `object`: its code relies on the layout.
    pub fn is_running(&self, object: Oop) -> bool {
        let runs = |regs: &crate::exec::registers::Registers, frames: &[crate::Frame]| {
            frames.iter().any(|f| regs.get(f.base as usize) == object)
        };
        runs(&self.exec.regs, &self.exec.frames)
            || self
                .processes
                .parked()
                .any(|(regs, frames)| runs(regs, frames))
    }

    /// Rewrites all references in memory to the two objects and exchanges their ids.
    pub fn exchange_identity(&mut self, exchange: Exchange) {
        self.forward_references(exchange);
        self.model.heap.exchange_ids(exchange.one, exchange.other);
    }

    /// Rewrites all references in memory. Walks everything that is there.
    pub fn forward_references(&mut self, exchange: Exchange) {
        self.keep_codes(exchange);
        self.rewrite_references(&|oop| exchange.of(oop));
        self.model
            .heap
            .roots_exchanged([exchange.one, exchange.other]);
    }

    /// Rewrites all references to objects that got new bodies (`Heap::refresh`), in one walk. No code may run between the refresh and this.
    pub fn forward_all(&mut self, moved: &[Exchange]) {
        if moved.is_empty() {
            return;
        }
        assert!(moved.iter().all(|e| !e.both), "bodies moved one way");
        moved.iter().for_each(|e| self.keep_codes(*e));
        let to: HashMap<Oop, Oop> = moved.iter().map(|e| (e.one, e.other)).collect();
        self.rewrite_references(&|oop| *to.get(&oop).unwrap_or(&oop));
        self.model
            .heap
            .roots_exchanged(moved.iter().map(|e| e.other));
    }

    /// Closures of a method that is exchanged have another METHOD then, and the same code as before.
    fn keep_codes(&mut self, exchange: Exchange) {
        self.codes.keep(exchange.one);
        self.codes.keep(exchange.other);
    }

    /// Every object in memory that can ever be reached again, each once.
    fn all_objects(&mut self) -> Vec<Oop> {
        let mut all = self.reachable_objects();
        let mut seen: HashSet<Oop> = all.iter().copied().collect();
        let mut next = all.len();
        all.extend(
            self.model
                .heap
                .unrooted_objects()
                .into_iter()
                .filter(|&o| seen.insert(o)),
        );
        while next < all.len() {
            let object = all[next];
            next += 1;
            self.model.heap.each_reference(object, |oop| {
                if seen.insert(oop) {
                    all.push(oop);
                }
            });
        }
        all
    }

    /// What Rust code holds (`hold`, `hold_copies_of`) stays what it is: that code has the old reference in its hands, and the object must live as long.
    fn rewrite_references(&mut self, new_of: &dyn Fn(Oop) -> Oop) {
        let copies: HashSet<Oop> = self.model.held_copies().iter().copied().collect();
        for object in self.all_objects() {
            if !copies.contains(&object) {
                self.model.heap.rewrite_references(object, new_of);
            }
        }
        self.model.heap.rewrite_own_references(new_of);
        self.each_root_mut(&mut |oop| *oop = new_of(*oop));
    }
}
