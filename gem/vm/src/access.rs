//! What primitives of other crates need to see of the machine and nothing else offers.

use crate::class_meta::Visibility;
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

    /// What `private` and the like without arguments set for the frame `frames_up` above the running one: visibility, and whether
    /// `module_function` is on.
    pub fn visibility_set_in(&self, frames_up: usize) -> (Visibility, bool) {
        let index = self.frames.len().checked_sub(1 + frames_up);
        let serial = index.map_or(0, |i| self.frames[i].serial);
        let set = self
            .visibilities
            .iter()
            .rev()
            .find(|v| v.0 == serial && serial != 0);
        set.map_or((Visibility::Public, false), |v| (v.1, v.2))
    }
}

impl Vm {
    /// The home method of the frame `frames_up` above the running one, nil without such a frame.
    pub fn home_method_at(&mut self, frames_up: usize) -> Oop {
        match self.frames.len().checked_sub(1 + frames_up) {
            Some(index) => {
                let frame = self.frames[index];
                self.home_method_of(&frame)
            }
            None => Oop::NIL,
        }
    }

    /// The block given to the home method of the frame `frames_up` above the running one.
    ///
    /// # Errors
    /// A failed fault.
    pub fn home_block_at(&mut self, frames_up: usize) -> Result<Oop, crate::Fail> {
        match self.frames.len().checked_sub(1 + frames_up) {
            Some(index) => {
                let frame = self.frames[index];
                self.home_block_of(&frame)
            }
            None => Ok(Oop::NIL),
        }
    }
}
