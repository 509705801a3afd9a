//! Ruby's class variables.

use crate::errors::ModelError;
use crate::model::Model;
use format::wellknown::slots::{association, behavior};
use gem_heap::{ClassIndex, Oop};

impl Model {
    /// The class variable dictionary entry for `name`, searched in the class and its ancestors.
    fn class_var_holder(
        &mut self,
        module: Oop,
        name: Oop,
    ) -> Result<Option<ClassIndex>, ModelError> {
        let class = self.heap.class_index(module)?;
        let mut order = self.lookup_order(class, 1)?.to_vec();
        let attached = self.heap.slot(module, behavior::ATTACHED)?;
        if self.is_module_like(attached)? {
            let class = self.heap.class_index(attached)?;
            order.extend(self.lookup_order(class, 1)?.iter());
        }
        for c in order {
            if self.own_class_var(c, name)?.is_some() {
                return Ok(Some(c));
            }
        }
        Ok(None)
    }

    fn own_class_var(&mut self, class: ClassIndex, name: Oop) -> Result<Option<Oop>, ModelError> {
        if let Some(&(_, v)) = self
            .meta(class)?
            .session_class_vars
            .iter()
            .find(|c| c.0 == name)
        {
            return Ok(Some(v));
        }
        let object = self.heap.class_object(class)?;
        let dictionary = self.heap.slot(object, behavior::RUBY_CLASS_VARS)?;
        match self.dictionary_at(dictionary, name)? {
            Some(entry) => Ok(Some(self.heap.slot(entry, association::VALUE)?)),
            None => Ok(None),
        }
    }

    /// Value of a class variable.
    ///
    /// # Errors
    /// `NotAClass` when `module` is none; as `lookup_order`; those of [`Heap::fault`](gem_heap::Heap::fault), when the variables of one of these classes, or
    /// the value, are not in memory yet.
    pub fn class_var(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, ModelError> {
        match self.class_var_holder(module, name)? {
            Some(c) => self.own_class_var(c, name),
            None => Ok(None),
        }
    }

    /// Sets a class variable where it is defined, else in `module`.
    ///
    /// # Errors
    /// `Frozen` when the class or its variables are, `OutOfMemory` when these cannot grow; as `class_var`.
    pub fn set_class_var(&mut self, module: Oop, name: Oop, value: Oop) -> Result<(), ModelError> {
        let holder = match self.class_var_holder(module, name)? {
            Some(c) => c,
            None => self.heap.class_index(module)?,
        };
        let object = self.heap.class_object(holder)?;
        if self.is_class_persistable(object)? {
            let mut dictionary = self.heap.slot(object, behavior::RUBY_CLASS_VARS)?;
            if dictionary.is_nil() {
                dictionary = self.dictionary_new();
                self.heap
                    .set_slot(object, behavior::RUBY_CLASS_VARS, dictionary)?;
            }
            self.dictionary_put(dictionary, name, value)?;
            return Ok(());
        }
        let vars = &mut self.meta(holder)?.session_class_vars;
        match vars.iter_mut().find(|c| c.0 == name) {
            Some(entry) => entry.1 = value,
            None => vars.push((name, value)),
        }
        Ok(())
    }

    /// Removes a class's own class variable; answers its value.
    ///
    /// # Errors
    /// `Frozen`; as `class_var`.
    pub fn remove_class_var(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, ModelError> {
        let class = self.heap.class_index(module)?;
        let Some(value) = self.own_class_var(class, name)? else {
            return Ok(None);
        };
        self.meta(class)?.session_class_vars.retain(|v| v.0 != name);
        let dictionary = self.heap.slot(module, behavior::RUBY_CLASS_VARS)?;
        if !dictionary.is_nil() {
            self.dictionary_remove(dictionary, name)?;
        }
        Ok(Some(value))
    }

    /// Names of a class's own class variables.
    ///
    /// # Errors
    /// `NotAClass` when `module` is none; those of [`Heap::fault`](gem_heap::Heap::fault), when the variables or one of the names are not in memory yet.
    pub fn class_var_names(&mut self, module: Oop) -> Result<Vec<Oop>, ModelError> {
        let class = self.heap.class_index(module)?;
        let mut names: Vec<Oop> = self
            .meta(class)?
            .session_class_vars
            .iter()
            .map(|c| c.0)
            .collect();
        let dictionary = self.heap.slot(module, behavior::RUBY_CLASS_VARS)?;
        for entry in self.dictionary_entries(dictionary)? {
            let key = self.heap.slot(entry, association::KEY)?;
            names.push(key);
        }
        Ok(names)
    }
}
