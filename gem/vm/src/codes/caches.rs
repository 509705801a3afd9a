//! Inline caches forget what changed in the model.

use crate::vm::Vm;
use gem_heap::Oop;

impl Vm {
    /// Makes every cache forget `selector`.
    pub(crate) fn flush_selector(&mut self, selector: Oop) {
        if !self.model.forget_selector(selector) {
            return;
        }
        let initialize = selector == self.model.sym.initialize;
        for code in self.codes.iter() {
            for site in &code.sites {
                if site.selector == selector || initialize && site.makes_instances() {
                    site.flush();
                }
            }
        }
        self.check_operators(Some(selector));
    }

    /// Makes every cache forget everything: ancestors changed, a view moved.
    pub fn flush_all_caches(&mut self) {
        self.model.forget_lookups();
        self.flush_sites();
    }

    /// Reads the tables of changed class objects again (another session committed, or an abort).
    pub fn forget_class_tables(&mut self) {
        self.model.forget_tables();
        self.flush_sites();
    }

    fn flush_sites(&mut self) {
        for code in self.codes.iter() {
            code.sites.iter().for_each(|s| s.flush());
        }
        self.check_operators(None);
    }
}
