//! Who refers to objects from outside of the object memory.

use format::Oop;

/// A part of a session that refers to objects, as the collector and `become:` both see it.
pub trait References {
    /// Calls `visit` with every oop that must live (immediates may be passed too).
    fn visit(&self, visit: &mut dyn FnMut(Oop));

    /// The same, but may leave out what was visited by the last collection and is held since: that is old and stays.
    fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit(visit);
    }

    /// Calls `change` with every reference that may be to another object after `become:` or a refresh. What `visit` passes and this does not says why.
    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop));
}

/// Everything that refers into the object memory, as a collection asks for it.
pub trait Roots {
    /// Calls `visit` with every oop held (immediates may be passed too).
    fn visit(&self, visit: &mut dyn FnMut(Oop));

    /// The same, but may leave out what was visited by the last collection and is held since: that is old and stays.
    fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit(visit);
    }

    /// For a full collection: may leave out what stays only as long as an object that `visit_held` asks about.
    fn visit_full(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit(visit);
    }

    /// Of the symbols made so far (`Heap::symbol_births`), how many of the first stay in a full collection although nothing may refer to them.
    fn lasting_symbols(&self) -> u64 {
        u64::MAX
    }

    /// In a full collection, once everything so far was traced: visits what is held for the sake of objects that live, each once. Answers
    /// whether there was any; then it is asked again, because what it visited may have brought more objects to life.
    fn visit_held(&self, _lives: &dyn Fn(Oop) -> bool, _visit: &mut dyn FnMut(Oop)) -> bool {
        false
    }
}
