//! Ruby's constants: looked up in a module, from a lexical scope, by a path; private ones; where the program defined them.

use crate::errors::{ModelError, raise};
use crate::model::Model;
use format::wellknown;
use format::wellknown::slots::{association, behavior, scope};
use gem_heap::Oop;

impl Model {
    /// Own constant of a module: session constants first.
    ///
    /// # Errors
    /// `NotAClass` when `module` is none; those of [`Heap::fault`](gem_heap::Heap::fault), when its constants or the value are not in memory yet.
    pub fn own_constant(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, ModelError> {
        let class = self.heap.class_index(module)?;
        let meta = self.meta(class)?;
        if let Some(&(_, value)) = meta.session_constants.iter().find(|c| c.0 == name) {
            return Ok(Some(value));
        }
        if meta.removed_constants.contains(&name) {
            return Ok(None);
        }
        let dictionary = self.heap.slot(module, behavior::CONSTANTS)?;
        if dictionary.is_nil() {
            return Ok(None);
        }
        // Call sites keep what is found, and that nothing is.
        self.heap.watch(dictionary);
        let Some(entry) = self.dictionary_at(dictionary, name)? else {
            return Ok(None);
        };
        self.heap.watch(entry);
        Ok(Some(self.heap.slot(entry, association::VALUE)?))
    }

    /// Constant of a module or one of its ancestors (and of Object, for modules).
    ///
    /// # Errors
    /// As `own_constant` and `lookup_order`, for `module` and each of its ancestors.
    pub fn constant_in(
        &mut self,
        module: Oop,
        name: Oop,
        inherit: bool,
    ) -> Result<Option<Oop>, ModelError> {
        if let Some(value) = self.own_constant(module, name)? {
            return Ok(Some(value));
        }
        if !inherit {
            return Ok(None);
        }
        let class = self.heap.class_index(module)?;
        for &c in self.lookup_order(class, 1)?.iter() {
            let object = self.heap.class_object(c)?;
            if let Some(value) = self.own_constant(object, name)? {
                return Ok(Some(value));
            }
        }
        if self.class_flags(module)? & wellknown::slots::class_flags::MODULE != 0 {
            let object = self.known_class(wellknown::OBJECT)?;
            return self.constant_in(object, name, true);
        }
        Ok(None)
    }

    /// Constant seen from a lexical scope: enclosing modules, then ancestors of the innermost, then Object.
    ///
    /// # Errors
    /// As `innermost_module`, and as `constant_in` for each module of the scope.
    pub fn constant_lexical(&mut self, lexical: Oop, name: Oop) -> Result<Option<Oop>, ModelError> {
        let mut at = lexical;
        while !at.is_nil() {
            let module = self.heap.slot(at, scope::MODULE)?;
            let parent = self.heap.slot(at, scope::PARENT)?;
            if let Some(value) = self.own_constant(module, name)? {
                return Ok(Some(value));
            }
            at = parent;
        }
        let module = self.innermost_module(lexical)?;
        if let Some(value) = self.constant_in(module, name, true)? {
            return Ok(Some(value));
        }
        let object = self.known_class(wellknown::OBJECT)?;
        self.constant_in(object, name, true)
    }

    /// The innermost module of a lexical scope: Object at top level.
    ///
    /// # Errors
    /// `Bounds` when `lexical` is neither nil nor a scope; those of [`Heap::fault`](gem_heap::Heap::fault), when the module is not in memory yet.
    pub fn innermost_module(&mut self, lexical: Oop) -> Result<Oop, ModelError> {
        if lexical.is_nil() {
            Ok(self.known_class(wellknown::OBJECT)?)
        } else {
            Ok(self.heap.slot(lexical, scope::MODULE)?)
        }
    }

    /// Sets a constant: persistent in persistent mode and in a persistable module, else of this session. Names classes that have no name yet. `place`: where the
    /// program does it, file and line.
    ///
    /// # Errors
    /// `Frozen` when the module, its constants or a class that gets its name by this are, `OutOfMemory` when the constants cannot grow; `NotAClass` when
    /// `module` is none; those of [`Heap::fault`](gem_heap::Heap::fault), when the constants are not in memory yet.
    pub fn set_constant(
        &mut self,
        module: Oop,
        name: Oop,
        value: Oop,
        place: Option<(String, u32)>,
    ) -> Result<(), ModelError> {
        self.classes.const_epoch += 1;
        let class = self.heap.class_index(module)?;
        let persistent = self.persistent_mode && self.is_class_persistable(module)?;
        self.name_module(module, name, value)?;
        if let Some(place) = place {
            self.meta(class)?.constant_places.insert(name, place);
        }
        if persistent {
            let mut dictionary = self.heap.slot(module, behavior::CONSTANTS)?;
            if dictionary.is_nil() {
                dictionary = self.dictionary_new();
                self.heap
                    .set_slot(module, behavior::CONSTANTS, dictionary)?;
            }
            self.dictionary_put(dictionary, name, value)?;
            let meta = self.meta(class)?;
            meta.session_constants.retain(|c| c.0 != name);
            meta.removed_constants.retain(|&c| c != name);
            return Ok(());
        }
        let meta = self.meta(class)?;
        meta.removed_constants.retain(|&c| c != name);
        match meta.session_constants.iter_mut().find(|c| c.0 == name) {
            Some(entry) => entry.1 = value,
            None => meta.session_constants.push((name, value)),
        }
        Ok(())
    }

    /// A class or module without a name gets the one of its first constant. Singleton classes stay nameless, and so does a
    /// module that would lie within itself.
    fn name_module(&mut self, module: Oop, name: Oop, value: Oop) -> Result<(), ModelError> {
        if !self.is_module_like(value)?
            || !self.heap.slot(value, behavior::NAME)?.is_nil()
            || self.class_flags(value)? & wellknown::slots::class_flags::SINGLETON != 0
        {
            return Ok(());
        }
        let mut outer = module;
        while !outer.is_nil() {
            if outer == value {
                return Ok(());
            }
            outer = self.heap.slot(outer, behavior::SCOPE)?;
        }
        self.heap.set_slot(value, behavior::NAME, name)?;
        let object = self.known_class(wellknown::OBJECT)?;
        if module != object {
            self.heap.set_slot(value, behavior::SCOPE, module)?;
        }
        Ok(())
    }

    /// Removes a constant; answers its value. In transient mode one that is persistent is only hidden from this session.
    ///
    /// # Errors
    /// `Frozen` in persistent mode, when the constants are; as `own_constant`.
    pub fn remove_constant(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, ModelError> {
        self.classes.const_epoch += 1;
        let value = self.own_constant(module, name)?;
        let class = self.heap.class_index(module)?;
        let persistent = self.persistent_mode;
        let meta = self.meta(class)?;
        meta.session_constants.retain(|c| c.0 != name);
        let dictionary = self.heap.slot(module, behavior::CONSTANTS)?;
        if self.dictionary_at(dictionary, name)?.is_some() {
            if persistent {
                self.dictionary_remove(dictionary, name)?;
            } else {
                self.meta(class)?.removed_constants.push(name);
            }
        }
        Ok(value)
    }

    /// Names of a module's own constants, in order of definition.
    ///
    /// # Errors
    /// `NotAClass` when `module` is none; those of [`Heap::fault`](gem_heap::Heap::fault), when the constants or one of the names are not in memory yet.
    pub fn constant_names(&mut self, module: Oop) -> Result<Vec<Oop>, ModelError> {
        let class = self.heap.class_index(module)?;
        let meta = self.meta(class)?;
        let removed = meta.removed_constants.clone();
        let session: Vec<Oop> = meta.session_constants.iter().map(|c| c.0).collect();
        let dictionary = self.heap.slot(module, behavior::CONSTANTS)?;
        let mut names = Vec::new();
        for entry in self.dictionary_entries(dictionary)? {
            let key = self.heap.slot(entry, association::KEY)?;
            if !removed.contains(&key) {
                names.push(key);
            }
        }
        names.extend(
            session
                .into_iter()
                .filter(|n| !names.contains(n))
                .collect::<Vec<_>>(),
        );
        Ok(names)
    }

    /// The exception for a missing constant without const_missing.
    pub fn uninitialized_constant(&mut self, module: Oop, name: Oop) -> ModelError {
        let text = self.heap.text(name);
        let object = self.known_class(wellknown::OBJECT).unwrap_or(Oop::NIL);
        let message = if module == object || module.is_nil() {
            format!("uninitialized constant {text}")
        } else {
            format!("uninitialized constant {}::{text}", self.class_name(module))
        };
        let mut fail = raise(wellknown::NAME_ERROR, message);
        if let ModelError::Raise(r) = &mut fail {
            r.receiver = module;
            r.selector = name;
        }
        fail
    }
}

impl Model {
    /// What `module::name` names, and the module that holds it: own constants and inherited ones, but none of Object itself
    /// unless `module` is Object. A private constant is not found.
    ///
    /// # Errors
    /// As `constant_in` and `is_private_constant`.
    pub fn constant_at_path(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, ModelError> {
        let object = self.known_class(wellknown::OBJECT)?;
        let class = self.heap.class_index(module)?;
        for &c in self.lookup_order(class, 1)?.iter() {
            let holder = self.heap.class_object(c)?;
            if let Some(value) = self.own_constant(holder, name)? {
                if holder == object && module != object {
                    return Ok(None);
                }
                let hidden = self.is_private_constant(holder, name)?;
                return Ok((!hidden).then_some(value));
            }
        }
        Ok(None)
    }

    /// Whether `private_constant` hides this constant of `module`. The library keeps the names in an instance variable.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the list of private names or one of them is not in memory yet.
    pub fn is_private_constant(&mut self, module: Oop, name: Oop) -> Result<bool, ModelError> {
        let variable = self.sym.private_constants;
        match self.heap.ivar(module, variable)? {
            Some(names) if self.is_array(names)? => Ok(self.heap.elements(names)?.contains(&name)),
            _ => Ok(false),
        }
    }

    /// Refuses to reopen a private constant by its path.
    pub fn check_constant_is_public(&mut self, module: Oop, name: Oop) -> Result<(), ModelError> {
        if !self.is_private_constant(module, name)? {
            return Ok(());
        }
        let path = self.constant_path(module, name)?;
        let mut fail = raise(
            wellknown::NAME_ERROR,
            format!("private constant {path} referenced"),
        );
        if let ModelError::Raise(r) = &mut fail {
            r.receiver = module;
            r.selector = name;
        }
        Err(fail)
    }

    /// `A::B`, or `B` for a constant of Object.
    pub fn constant_path(&mut self, module: Oop, name: Oop) -> Result<String, ModelError> {
        let object = self.known_class(wellknown::OBJECT)?;
        let text = self.heap.text(name);
        Ok(if module == object {
            text
        } else {
            format!("{}::{text}", self.class_name(module))
        })
    }

    /// File and line where this session defined a module's own constant.
    ///
    /// # Errors
    /// As [`Heap::class_index`](gem_heap::Heap::class_index).
    pub fn constant_place(
        &mut self,
        module: Oop,
        name: Oop,
    ) -> Result<Option<(String, u32)>, ModelError> {
        let class = self.heap.class_index(module)?;
        Ok(self.meta(class)?.constant_places.get(&name).cloned())
    }

    /// The second line of a message about a constant that is something else already.
    pub fn previous_definition(&mut self, module: Oop, name: Oop) -> Result<String, ModelError> {
        let text = self.heap.text(name);
        Ok(match self.constant_place(module, name)? {
            Some((file, line)) => {
                format!("\n{file}:{line}: previous definition of {text} was here")
            }
            None => String::new(),
        })
    }
}
