//! What the model knows of all classes: their tables by class index, and what was found in them.

mod kernel;
mod lookup;
mod making;
mod meta;
mod methods;
mod naming;
mod persistable;
mod refinements;

use gem_heap::{ClassIndex, Oop, References};
use hashbrown::{HashMap, HashSet};
use lookup::{KINSHIPS, Kinship};
pub(crate) use meta::HashBy;
pub use meta::{ClassMeta, MethodEntry, MethodTable, Visibility};
pub use refinements::Refinement;

/// See the module text.
pub struct Classes {
    pub metas: Vec<Option<Box<ClassMeta>>>,
    /// Class tables that may refer to young objects, by class index: they were asked for since the last collection. There are thousands of
    /// tables, and nearly all stay as they are.
    pub touched: Vec<u32>,
    /// Selectors that some inline cache or the global cache may hold.
    pub cached_selectors: HashSet<u64>,
    pub global_cache: HashMap<(u32, Oop, u8), MethodEntry>,
    /// Answers of `is_kind_of`, direct mapped.
    pub(crate) kinship: Box<[Kinship]>,
    /// Classes whose lookup order is being made.
    pub(crate) ordering: Vec<ClassIndex>,
    pub const_epoch: u64,
    /// Counts method table changes.
    pub method_epoch: u64,
    /// Instance variable names seen in methods, by class.
    pub ivar_names: HashMap<u32, HashSet<Oop>>,
    /// What `using` switched on.
    pub refinements: Vec<Refinement>,
}

impl Default for Classes {
    fn default() -> Classes {
        Classes {
            metas: Vec::new(),
            touched: Vec::new(),
            cached_selectors: HashSet::new(),
            global_cache: HashMap::new(),
            kinship: vec![Kinship::default(); KINSHIPS].into(),
            ordering: Vec::new(),
            const_epoch: 1,
            method_epoch: 0,
            ivar_names: HashMap::new(),
            refinements: Vec::new(),
        }
    }
}

impl Classes {
    /// Table of a class, which may change now.
    pub fn touch(&mut self, class: ClassIndex, count: usize) -> &mut ClassMeta {
        let i = class.0 as usize;
        if self.metas.len() <= i {
            self.metas.resize_with(count.max(i + 1), || None);
        }
        let meta = self.metas[i].get_or_insert_with(Default::default);
        if !meta.touched {
            meta.touched = true;
            self.touched.push(class.0);
        }
        meta
    }

    /// After a collection.
    pub fn forget_touched(&mut self) {
        for class in self.touched.drain(..) {
            if let Some(meta) = &mut self.metas[class as usize] {
                meta.touched = false;
            }
        }
    }

    /// Selectors in the cache of lookups: they live as long as their methods, unless the cache forgets them.
    pub fn visit_cached(&self, visit: &mut dyn FnMut(Oop)) {
        for &(_, selector, _) in self.global_cache.keys() {
            visit(selector);
        }
    }

    fn visit_names(&self, visit: &mut dyn FnMut(Oop)) {
        for &name in self.ivar_names.values().flatten() {
            visit(name);
        }
        for refinement in &self.refinements {
            visit(refinement.module_object);
        }
    }
}

impl References for Classes {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit_names(visit);
        for meta in self.metas.iter().flatten() {
            meta.visit(visit);
        }
    }

    fn visit_young(&self, visit: &mut dyn FnMut(Oop)) {
        self.visit_names(visit);
        for &class in &self.touched {
            if let Some(meta) = &self.metas[class as usize] {
                meta.visit(visit);
            }
        }
    }

    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        for refinement in &mut self.refinements {
            change(&mut refinement.module_object);
        }
        for meta in self.metas.iter_mut().flatten() {
            meta.each_mut(change);
        }
    }
}
