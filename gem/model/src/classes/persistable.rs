//! Which classes may be committed.

use crate::errors::ModelError;
use crate::model::Model;
use format::wellknown::slots::{behavior, class_flags};
use gem_heap::Oop;

impl Model {
    /// Whether the class or module itself may be committed.
    ///
    /// # Errors
    /// `Bounds` when `module` is neither committed nor a class; those of [`Heap::fault`](gem_heap::Heap::fault), when the object of a singleton class is not in
    /// memory yet.
    pub fn is_class_persistable(&mut self, module: Oop) -> Result<bool, ModelError> {
        if self.heap.is_committed(module) {
            return Ok(true);
        }
        if self.class_flags(module)? & class_flags::CLASS_PERSISTABLE != 0 {
            return Ok(true);
        }
        // Singleton classes go with their instance.
        Ok(self.class_flags(module)? & class_flags::SINGLETON != 0 && {
            let attached = self.heap.slot(module, behavior::ATTACHED)?;
            if self.is_module_like(attached)? {
                self.is_class_persistable(attached)?
            } else {
                true
            }
        })
    }

    pub(crate) fn set_persistable_as_mode(&mut self, class: Oop) -> Result<(), ModelError> {
        if self.persistent_mode {
            self.add_class_flags(
                class,
                class_flags::CLASS_PERSISTABLE | class_flags::PERSISTABLE,
            )?;
        }
        Ok(())
    }

    /// Makes every session method of `class` persistent (`maglev_persistable(true)`).
    ///
    /// # Errors
    /// As `method_dictionary_put`; `NotAClass`.
    pub fn persist_methods(&mut self, class: Oop) -> Result<(), ModelError> {
        let index = self.heap.class_index(class)?;
        let tables = std::mem::take(&mut self.meta(index)?.session_methods);
        for (e, table) in tables.into_iter().enumerate() {
            let mut all: Vec<_> = table.into_iter().collect();
            all.sort_by_key(|(s, _)| self.heap.bytes(*s).to_vec());
            for (selector, entry) in all {
                let slot = if e == 1 {
                    behavior::RUBY_METHODS
                } else {
                    behavior::METHODS
                };
                self.method_dictionary_put(class, slot, selector, entry.method)?;
                self.meta_in(index, e as u8)?.methods[e].insert(selector, entry);
            }
        }
        Ok(())
    }
}
