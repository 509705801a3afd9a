//! Ruby constants, class variables and global variables; Smalltalk dictionaries of associations.

use crate::errors::{Fail, raise};
use crate::vm::Vm;
use gem_heap::{ClassIndex, Oop};
use proto::wellknown::slots::{association, behavior, method, scope};
use proto::{ObjectId, wellknown};

/// A SymbolDictionary is counted, and grows when it is half full, once a new entry finds no place so near its own.
const DICTIONARY_PROBES_MAX: usize = 24;

impl Vm {
    /// The association of `name` in a SymbolDictionary, or `None`.
    ///
    /// # Errors
    /// A failed fault.
    pub fn dictionary_at(&mut self, dictionary: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        if dictionary.is_nil() {
            return Ok(None);
        }
        let size = self.model.heap.size(dictionary);
        if size == 0 {
            return Ok(None);
        }
        let mut at = self.model.heap.bytes_hash(name) as usize % size;
        for _ in 0..size {
            let entry = self.model.heap.element(dictionary, at)?;
            if entry.is_nil() {
                return Ok(None);
            }
            if self.model.heap.slot(entry, association::KEY)? == name {
                return Ok(Some(entry));
            }
            at = (at + 1) % size;
        }
        Ok(None)
    }

    /// Sets `name` in a SymbolDictionary; answers the association.
    ///
    /// # Errors
    /// `Frozen`, no memory.
    pub fn dictionary_put(&mut self, dictionary: Oop, name: Oop, value: Oop) -> Result<Oop, Fail> {
        if let Some(entry) = self.dictionary_at(dictionary, name)? {
            self.model.heap.set_slot(entry, association::VALUE, value)?;
            return Ok(entry);
        }
        let entry = self
            .model
            .heap
            .new_with_slots(wellknown::SYMBOL_ASSOCIATION, &[name, value]);
        self.dictionary_add(dictionary, entry)?;
        Ok(entry)
    }

    fn dictionary_add(&mut self, dictionary: Oop, entry: Oop) -> Result<(), Fail> {
        let size = self.model.heap.size(dictionary);
        if size == 0 || !self.dictionary_insert(dictionary, entry, DICTIONARY_PROBES_MAX)? {
            let entries = self.dictionary_entries(dictionary)?;
            if size == 0 || entries.len() * 2 > size {
                let bigger = (size * 2).max(8);
                self.model.heap.resize(dictionary, bigger)?;
                for i in 0..bigger {
                    self.model.heap.set_element(dictionary, i, Oop::NIL)?;
                }
                for e in entries {
                    self.dictionary_insert(dictionary, e, bigger)?;
                }
            }
            let size = self.model.heap.size(dictionary);
            self.dictionary_insert(dictionary, entry, size)?;
        }
        Ok(())
    }

    /// Puts `entry` into the first free place within `probes_max` of its own; false when there is none.
    fn dictionary_insert(
        &mut self,
        dictionary: Oop,
        entry: Oop,
        probes_max: usize,
    ) -> Result<bool, Fail> {
        let key = self.model.heap.slot(entry, association::KEY)?;
        let size = self.model.heap.size(dictionary);
        let home = self.model.heap.bytes_hash(key) as usize % size;
        for probe in 0..probes_max.min(size) {
            let at = (home + probe) % size;
            if self.model.heap.raw_element(dictionary, at)?.is_nil() {
                self.model.heap.set_element(dictionary, at, entry)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes `name`; answers its value.
    ///
    /// # Errors
    /// As `dictionary_put`.
    pub fn dictionary_remove(&mut self, dictionary: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        let Some(entry) = self.dictionary_at(dictionary, name)? else {
            return Ok(None);
        };
        let value = self.model.heap.slot(entry, association::VALUE)?;
        let kept = self.dictionary_entries(dictionary)?;
        for i in 0..self.model.heap.size(dictionary) {
            self.model.heap.set_element(dictionary, i, Oop::NIL)?;
        }
        for e in kept.into_iter().filter(|&e| e != entry) {
            self.dictionary_insert(dictionary, e, usize::MAX)?;
        }
        Ok(Some(value))
    }

    /// All associations of a SymbolDictionary (nil: none), by key.
    ///
    /// # Errors
    /// A failed fault.
    pub fn dictionary_entries(&mut self, dictionary: Oop) -> Result<Vec<Oop>, Fail> {
        if dictionary.is_nil() {
            return Ok(Vec::new());
        }
        let all = self.model.heap.elements(dictionary)?;
        Ok(all.into_iter().filter(|e| !e.is_nil()).collect())
    }

    /// A new SymbolDictionary.
    pub fn dictionary_new(&mut self) -> Oop {
        self.model.heap.new_wellknown(wellknown::SYMBOL_DICTIONARY)
    }

    /// The lexical scope of the running code.
    pub fn lexical_scope(&mut self) -> Result<Oop, Fail> {
        let method = self.home_method();
        if method.is_nil() {
            return Ok(Oop::NIL);
        }
        Ok(self.model.heap.slot(method, method::LEXICAL_SCOPE)?)
    }

    /// Own constant of a module: session constants first.
    ///
    /// # Errors
    /// A failed fault.
    pub fn own_constant(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        let class = self.model.heap.class_index(module)?;
        let meta = self.meta(class)?;
        if let Some(&(_, value)) = meta.session_constants.iter().find(|c| c.0 == name) {
            return Ok(Some(value));
        }
        if meta.removed_constants.contains(&name) {
            return Ok(None);
        }
        let dictionary = self.model.heap.slot(module, behavior::CONSTANTS)?;
        match self.dictionary_at(dictionary, name)? {
            Some(entry) => Ok(Some(self.model.heap.slot(entry, association::VALUE)?)),
            None => Ok(None),
        }
    }

    /// Constant of a module or one of its ancestors (and of Object, for modules).
    ///
    /// # Errors
    /// A failed fault.
    pub fn constant_in(
        &mut self,
        module: Oop,
        name: Oop,
        inherit: bool,
    ) -> Result<Option<Oop>, Fail> {
        if let Some(value) = self.own_constant(module, name)? {
            return Ok(Some(value));
        }
        if !inherit {
            return Ok(None);
        }
        let class = self.model.heap.class_index(module)?;
        for &c in self.lookup_order(class, 1)?.iter() {
            let object = self.model.heap.class_object(c)?;
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
    /// A failed fault.
    pub fn constant_lexical(&mut self, lexical: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        let mut at = lexical;
        while !at.is_nil() {
            let module = self.model.heap.slot(at, scope::MODULE)?;
            let parent = self.model.heap.slot(at, scope::PARENT)?;
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
    /// A failed fault.
    pub fn innermost_module(&mut self, lexical: Oop) -> Result<Oop, Fail> {
        if lexical.is_nil() {
            Ok(self.known_class(wellknown::OBJECT)?)
        } else {
            Ok(self.model.heap.slot(lexical, scope::MODULE)?)
        }
    }

    /// Sets a constant: persistent in persistent mode and in a persistable module, else of this session. Names classes that have no name yet.
    ///
    /// # Errors
    /// `Frozen`, no memory.
    pub fn set_constant(&mut self, module: Oop, name: Oop, value: Oop) -> Result<(), Fail> {
        self.model.classes.const_epoch += 1;
        let class = self.model.heap.class_index(module)?;
        let persistent = self.model.persistent_mode && self.is_class_persistable(module)?;
        self.name_module(module, name, value)?;
        self.note_constant_place(module, name)?;
        if persistent {
            let mut dictionary = self.model.heap.slot(module, behavior::CONSTANTS)?;
            if dictionary.is_nil() {
                dictionary = self.dictionary_new();
                self.model
                    .heap
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
    fn name_module(&mut self, module: Oop, name: Oop, value: Oop) -> Result<(), Fail> {
        if !self.is_module_like(value)?
            || !self.model.heap.slot(value, behavior::NAME)?.is_nil()
            || self.class_flags(value)? & wellknown::slots::class_flags::SINGLETON != 0
        {
            return Ok(());
        }
        let mut outer = module;
        while !outer.is_nil() {
            if outer == value {
                return Ok(());
            }
            outer = self.model.heap.slot(outer, behavior::SCOPE)?;
        }
        self.model.heap.set_slot(value, behavior::NAME, name)?;
        let object = self.known_class(wellknown::OBJECT)?;
        if module != object {
            self.model.heap.set_slot(value, behavior::SCOPE, module)?;
        }
        Ok(())
    }

    /// Removes a constant; answers its value.
    ///
    /// # Errors
    /// `Frozen`; a persistent constant cannot be removed in transient mode.
    pub fn remove_constant(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        self.model.classes.const_epoch += 1;
        let value = self.own_constant(module, name)?;
        let class = self.model.heap.class_index(module)?;
        let persistent = self.model.persistent_mode;
        let meta = self.meta(class)?;
        meta.session_constants.retain(|c| c.0 != name);
        let dictionary = self.model.heap.slot(module, behavior::CONSTANTS)?;
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
    /// A failed fault.
    pub fn constant_names(&mut self, module: Oop) -> Result<Vec<Oop>, Fail> {
        let class = self.model.heap.class_index(module)?;
        let meta = self.meta(class)?;
        let removed = meta.removed_constants.clone();
        let session: Vec<Oop> = meta.session_constants.iter().map(|c| c.0).collect();
        let dictionary = self.model.heap.slot(module, behavior::CONSTANTS)?;
        let mut names = Vec::new();
        for entry in self.dictionary_entries(dictionary)? {
            let key = self.model.heap.slot(entry, association::KEY)?;
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

    /// Whether `oop` is a class or module object.
    ///
    /// # Errors
    /// A failed fault.
    pub fn is_module_like(&mut self, oop: Oop) -> Result<bool, Fail> {
        if !oop.is_pointer()
            || self.model.heap.kind(oop) != gem_heap::Kind::Slots
            || self.model.heap.inline_slots(oop) < behavior::COUNT
        {
            return Ok(false);
        }
        let module = self.known_class(wellknown::BEHAVIOR)?;
        Ok(self.is_kind_of(oop, module)?)
    }

    /// Whether the class or module itself may be committed.
    ///
    /// # Errors
    /// A failed fault.
    pub fn is_class_persistable(&mut self, module: Oop) -> Result<bool, Fail> {
        if self.model.heap.is_committed(module) {
            return Ok(true);
        }
        if self.class_flags(module)? & wellknown::slots::class_flags::CLASS_PERSISTABLE != 0 {
            return Ok(true);
        }
        // Singleton classes go with their instance.
        Ok(
            self.class_flags(module)? & wellknown::slots::class_flags::SINGLETON != 0 && {
                let attached = self.model.heap.slot(module, behavior::ATTACHED)?;
                if self.is_module_like(attached)? {
                    self.is_class_persistable(attached)?
                } else {
                    true
                }
            },
        )
    }

    /// The class variable dictionary entry for `name`, searched in the class and its ancestors.
    fn class_var_holder(&mut self, module: Oop, name: Oop) -> Result<Option<ClassIndex>, Fail> {
        let class = self.model.heap.class_index(module)?;
        let mut order = self.lookup_order(class, 1)?.to_vec();
        let attached = self.model.heap.slot(module, behavior::ATTACHED)?;
        if self.is_module_like(attached)? {
            let class = self.model.heap.class_index(attached)?;
            order.extend(self.lookup_order(class, 1)?.iter());
        }
        for c in order {
            if self.own_class_var(c, name)?.is_some() {
                return Ok(Some(c));
            }
        }
        Ok(None)
    }

    fn own_class_var(&mut self, class: ClassIndex, name: Oop) -> Result<Option<Oop>, Fail> {
        if let Some(&(_, v)) = self
            .meta(class)?
            .session_class_vars
            .iter()
            .find(|c| c.0 == name)
        {
            return Ok(Some(v));
        }
        let object = self.model.heap.class_object(class)?;
        let dictionary = self.model.heap.slot(object, behavior::RUBY_CLASS_VARS)?;
        match self.dictionary_at(dictionary, name)? {
            Some(entry) => Ok(Some(self.model.heap.slot(entry, association::VALUE)?)),
            None => Ok(None),
        }
    }

    /// Value of a class variable.
    ///
    /// # Errors
    /// A failed fault.
    pub fn class_var(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        match self.class_var_holder(module, name)? {
            Some(c) => self.own_class_var(c, name),
            None => Ok(None),
        }
    }

    /// Sets a class variable where it is defined, else in `module`.
    ///
    /// # Errors
    /// `Frozen`.
    pub fn set_class_var(&mut self, module: Oop, name: Oop, value: Oop) -> Result<(), Fail> {
        let holder = match self.class_var_holder(module, name)? {
            Some(c) => c,
            None => self.model.heap.class_index(module)?,
        };
        let object = self.model.heap.class_object(holder)?;
        if self.is_class_persistable(object)? {
            let mut dictionary = self.model.heap.slot(object, behavior::RUBY_CLASS_VARS)?;
            if dictionary.is_nil() {
                dictionary = self.dictionary_new();
                self.model
                    .heap
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
    /// `Frozen`.
    pub fn remove_class_var(&mut self, module: Oop, name: Oop) -> Result<Option<Oop>, Fail> {
        let class = self.model.heap.class_index(module)?;
        let Some(value) = self.own_class_var(class, name)? else {
            return Ok(None);
        };
        self.meta(class)?.session_class_vars.retain(|v| v.0 != name);
        let dictionary = self.model.heap.slot(module, behavior::RUBY_CLASS_VARS)?;
        if !dictionary.is_nil() {
            self.dictionary_remove(dictionary, name)?;
        }
        Ok(Some(value))
    }

    /// Names of a class's own class variables.
    ///
    /// # Errors
    /// A failed fault.
    pub fn class_var_names(&mut self, module: Oop) -> Result<Vec<Oop>, Fail> {
        let class = self.model.heap.class_index(module)?;
        let mut names: Vec<Oop> = self
            .meta(class)?
            .session_class_vars
            .iter()
            .map(|c| c.0)
            .collect();
        let dictionary = self.model.heap.slot(module, behavior::RUBY_CLASS_VARS)?;
        for entry in self.dictionary_entries(dictionary)? {
            let key = self.model.heap.slot(entry, association::KEY)?;
            names.push(key);
        }
        Ok(names)
    }

    /// Module that class variables of the running code belong to.
    pub(crate) fn class_var_module(&mut self) -> Result<Oop, Fail> {
        let mut at = self.lexical_scope()?;
        while !at.is_nil() {
            let module = self.model.heap.slot(at, scope::MODULE)?;
            if self.class_flags(module)? & wellknown::slots::class_flags::SINGLETON == 0 {
                return Ok(module);
            }
            at = self.model.heap.slot(at, scope::PARENT)?;
        }
        Ok(self.known_class(wellknown::OBJECT)?)
    }

    /// A well-known object that is no class (the globals, the persistent root).
    ///
    /// # Errors
    /// A failed fault.
    pub fn known_object(&mut self, id: ObjectId) -> Result<Oop, Fail> {
        Ok(self.model.heap.fault(id)?)
    }

    /// Frame-local `$~` (or `$_`) of the home of the running frame.
    ///
    /// # Errors
    /// A failed fault.
    pub fn special(&mut self, last_line: bool) -> Result<Oop, Fail> {
        let depth = self.exec.frames.len();
        if depth == 0 {
            Ok(Oop::NIL)
        } else {
            self.special_of(depth - 1, last_line)
        }
    }

    /// Sets frame-local `$~` (or `$_`) of the home of frame `index`.
    ///
    /// # Errors
    /// No memory.
    pub fn set_special_of(
        &mut self,
        index: usize,
        last_line: bool,
        value: Oop,
    ) -> Result<(), Fail> {
        let Some(frame) = self.exec.frames.get(index).copied() else {
            return Ok(());
        };
        let env = self.root_env(frame.env);
        let env = self.settled_env(env)?;
        if env.is_nil() {
            // A home without environment keeps its specials by its own serial.
            let serial = self.frame_serial(index);
            self.exec
                .specials
                .retain(|s| s.0 != serial || s.1 != last_line);
            self.exec.specials.push((serial, last_line, value));
            self.drop_old_specials();
            return Ok(());
        }
        let mut pair = self
            .model
            .heap
            .slot(env, wellknown::slots::context::SPECIAL)?;
        if pair.is_nil() {
            pair = self.model.heap.new_array(&[Oop::NIL, Oop::NIL])?;
            self.model
                .heap
                .set_slot_quietly(env, wellknown::slots::context::SPECIAL, pair);
        }
        Ok(self
            .model
            .heap
            .set_element(pair, last_line as usize, value)?)
    }

    /// Frame-local special of the home of frame `index`.
    ///
    /// # Errors
    /// A failed fault.
    pub fn special_of(&mut self, index: usize, last_line: bool) -> Result<Oop, Fail> {
        let Some(frame) = self.exec.frames.get(index).copied() else {
            return Ok(Oop::NIL);
        };
        let env = self.root_env(frame.env);
        if env.is_nil() {
            let found = self
                .exec
                .specials
                .iter()
                .rev()
                .find(|s| s.0 == frame.serial && s.1 == last_line && s.0 != 0);
            return Ok(found.map_or(Oop::NIL, |s| s.2));
        }
        if env.is_stack() {
            // Whoever sets a special makes an object of it.
            return Ok(Oop::NIL);
        }
        let pair = self
            .model
            .heap
            .slot(env, wellknown::slots::context::SPECIAL)?;
        if pair.is_nil() {
            Ok(Oop::NIL)
        } else {
            Ok(self.model.heap.element(pair, last_line as usize)?)
        }
    }

    /// Sets `$~` for the Ruby code that called the running primitive.
    ///
    /// # Errors
    /// No memory.
    pub fn set_caller_match(&mut self, value: Oop, frames_up: usize) -> Result<(), Fail> {
        let index = self.exec.frames.len().saturating_sub(1 + frames_up);
        self.set_special_of(index, false, value)
    }

    fn drop_old_specials(&mut self) {
        if self.exec.specials.len() > 64 {
            let parked = self.processes.parked().flat_map(|(_, frames)| frames);
            let living: hashbrown::HashSet<u64> = self
                .exec
                .frames
                .iter()
                .chain(parked)
                .map(|f| f.serial)
                .filter(|&s| s != 0)
                .collect();
            self.exec.specials.retain(|s| living.contains(&s.0));
        }
    }

    /// The exception for a missing constant without const_missing.
    pub(crate) fn uninitialized_constant(&mut self, module: Oop, name: Oop) -> Fail {
        let text = self.model.heap.text(name);
        let object = self.known_class(wellknown::OBJECT).unwrap_or(Oop::NIL);
        let message = if module == object || module.is_nil() {
            format!("uninitialized constant {text}")
        } else {
            format!("uninitialized constant {}::{text}", self.class_name(module))
        };
        let mut fail = raise(wellknown::NAME_ERROR, message);
        if let Fail::Raise(r) = &mut fail {
            r.receiver = module;
            r.selector = name;
        }
        fail
    }
}
