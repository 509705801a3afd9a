//! What primitives of other crates need to see of the machine and nothing else offers.

use crate::vm::Vm;
use gem_heap::{Oop, Roots};
use hashbrown::HashSet;

impl Vm {
    /// Every object in memory that the machine refers to, directly or through others. For `allInstances`.
    pub fn reachable_objects(&mut self) -> Vec<Oop> {
        let (heap, roots) = self.heap_and_roots();
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut note = |oop: Oop, found: &mut Vec<Oop>| {
            if oop.is_pointer() && oop.0 != 0 && seen.insert(oop.0) {
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
}
