//! Objects that Rust code holds on to.

use crate::model::Model;
use gem_heap::{Oop, References};

#[derive(Default)]
pub(crate) struct Held {
    pub handles: Vec<Oop>,
    /// Arrays among them whose elements Rust code has copies of.
    pub copies: Vec<Oop>,
}

impl References for Held {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.handles.iter().for_each(|&oop| visit(oop));
    }

    /// None: whoever holds an object has the old reference in its hands, and the object must live as long.
    fn each_mut(&mut self, _: &mut dyn FnMut(&mut Oop)) {}
}

impl Model {
    /// Keeps `oop` alive until `release`.
    pub fn hold(&mut self, oop: Oop) {
        self.held.handles.push(oop);
    }

    /// Keeps `array` alive for good, and its elements as long as they are in it: `become:` does not exchange them, because Rust code has copies of these oops.
    pub fn hold_copies_of(&mut self, array: Oop) {
        self.held.handles.push(array);
        self.held.copies.push(array);
    }

    /// Forgets what was held since the handle count was `mark`.
    pub fn release(&mut self, mark: usize) {
        self.held.handles.truncate(mark);
    }

    /// What is held.
    pub fn held_objects(&self) -> &[Oop] {
        &self.held.handles
    }

    /// Arrays whose elements Rust code has copies of.
    pub fn held_copies(&self) -> &[Oop] {
        &self.held.copies
    }

    /// Count of held objects, for `release`.
    pub fn held(&self) -> usize {
        self.held.handles.len()
    }
}
