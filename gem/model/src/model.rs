//! The model: what needs no frame. Objects, classes and their methods, constants, globals, symbols that the machine knows.

use crate::classes::Classes;
use crate::held::Held;
use crate::names::Globals;
use crate::selectors::Selectors;
use gem_heap::{Heap, Oop, References};

/// See the module text.
pub struct Model {
    pub heap: Heap,
    pub sym: Selectors,
    pub classes: Classes,
    pub globals: Globals,
    pub(crate) held: Held,
    /// Classes, methods and constants made now are persistent (`Maglev.persistent`).
    pub persistent_mode: bool,
    /// The Ruby kernel is being loaded: top-level methods are public.
    pub booting: bool,
    /// The image says of each method whether it is the kernel's: those of version 1 do not.
    pub kernel_is_marked: bool,
}

/// What a model refers to, apart from its heap.
pub struct ModelRoots<'a> {
    classes: &'a Classes,
    globals: &'a Globals,
    held: &'a Held,
}

impl Model {
    pub fn new(mut heap: Heap) -> Model {
        Model {
            sym: Selectors::new(&mut heap),
            heap,
            classes: Classes::default(),
            globals: Globals::default(),
            held: Held::default(),
            persistent_mode: false,
            booting: false,
            kernel_is_marked: true,
        }
    }

    /// The heap, and apart from it what refers into it.
    pub fn heap_and_roots(&mut self) -> (&mut Heap, ModelRoots<'_>) {
        let roots = ModelRoots {
            classes: &self.classes,
            globals: &self.globals,
            held: &self.held,
        };
        (&mut self.heap, roots)
    }

    /// Calls `change` with every reference of the model's that may be to another object after `become:` or a refresh.
    pub fn each_root_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        self.classes.each_mut(change);
        self.globals.each_mut(change);
        self.held.each_mut(change);
    }

    /// After a collection.
    pub fn collected(&mut self) {
        self.classes.forget_touched();
    }
}

impl ModelRoots<'_> {
    /// Calls `visit` with every oop that the model holds.
    pub fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.classes.visit(visit);
        self.globals.visit(visit);
        self.held.visit(visit);
    }

    /// The same without what the last collection visited and nobody asked for since.
    pub fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.classes.visit_young(visit);
        self.globals.visit(visit);
        self.held.visit(visit);
    }

    /// What only a full collection has to visit.
    pub fn visit_cached(&self, visit: &mut dyn FnMut(Oop)) {
        self.classes.visit_cached(visit);
    }
}
