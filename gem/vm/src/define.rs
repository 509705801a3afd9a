//! Making classes, modules, singleton classes and methods.

use crate::class_meta::{MethodEntry, Visibility};
use crate::errors::{Fail, raise};
use crate::frame::frame_flags;
use crate::vm::Vm;
use gem_heap::{HeapError, Oop, ShapeId};
use proto::Format;
use proto::wellknown;
use proto::wellknown::slots::{behavior, class_flags, method, method_flags, scope};

impl Vm {
    /// A new class with metaclass. `name` is a symbol or nil; `inst_vars` are the slots it adds.
    ///
    /// # Errors
    /// When the superclass cannot be had.
    pub fn make_class(
        &mut self,
        name: Oop,
        superclass: Oop,
        format: Option<Format>,
        inst_vars: &[Oop],
    ) -> Result<Oop, Fail> {
        let (inherited_format, inherited_fixed) = self.class_layout(superclass)?;
        let format = match format {
            Some(Format::Slots) | None => inherited_format,
            Some(f) => f,
        };
        let class = self.bare_class(wellknown::CLASS)?;
        let superclass_meta = if superclass.is_nil() {
            self.known_class(wellknown::CLASS)?
        } else {
            self.model.heap.class_of(superclass)?
        };
        let meta = self.bare_class(wellknown::METACLASS)?;
        let (meta_format, meta_fixed) = self.class_layout(superclass_meta)?;
        self.fill_class(
            meta,
            superclass_meta,
            meta_format,
            meta_fixed,
            &[],
            class_flags::SINGLETON,
        )?;
        self.model.heap.set_slot(meta, behavior::ATTACHED, class)?;
        let above = self.model.heap.class_of(superclass_meta)?;
        if self.class_flags(above)? & class_flags::SINGLETON != 0 {
            // The superclass's metaclass has singleton methods: they are inherited.
            self.model.heap.set_class(meta, above)?;
        }
        self.fill_class(
            class,
            superclass,
            format,
            inherited_fixed + inst_vars.len(),
            inst_vars,
            0,
        )?;
        self.model.heap.set_slot(class, behavior::NAME, name)?;
        self.model.heap.set_class(class, meta)?;
        self.set_persistable_as_mode(class)?;
        if self.class_flags(class)? & class_flags::CLASS_PERSISTABLE != 0 {
            self.add_class_flags(
                meta,
                class_flags::CLASS_PERSISTABLE | class_flags::PERSISTABLE,
            )?;
        }
        Ok(class)
    }

    /// A new module.
    ///
    /// # Errors
    /// No memory.
    pub fn make_module(&mut self, name: Oop) -> Result<Oop, Fail> {
        let module = self.bare_class(wellknown::MODULE)?;
        self.fill_class(module, Oop::NIL, Format::Slots, 0, &[], class_flags::MODULE)?;
        self.model.heap.set_slot(module, behavior::NAME, name)?;
        self.set_persistable_as_mode(module)?;
        Ok(module)
    }

    fn bare_class(&mut self, of: proto::ObjectId) -> Result<Oop, Fail> {
        Ok(self
            .model
            .heap
            .new_with_slots(of, &[Oop::NIL; behavior::COUNT]))
    }

    fn fill_class(
        &mut self,
        class: Oop,
        superclass: Oop,
        format: Format,
        fixed: usize,
        inst_vars: &[Oop],
        flags: i64,
    ) -> Result<(), Fail> {
        self.model
            .heap
            .set_slot(class, behavior::SUPERCLASS, superclass)?;
        self.model.heap.set_slot(
            class,
            behavior::FORMAT,
            Oop::small_int_wrapping(format as i64 | (fixed as i64) << 8),
        )?;
        let names = self.model.heap.new_array(inst_vars)?;
        self.model
            .heap
            .set_slot(class, behavior::INST_VAR_NAMES, names)?;
        self.model
            .heap
            .set_slot(class, behavior::FLAGS, Oop::small_int_wrapping(flags))?;
        Ok(())
    }

    /// Format and number of declared slots of a class (nil: an object without slots).
    ///
    /// # Errors
    /// A failed fault.
    pub fn class_layout(&mut self, class: Oop) -> Result<(Format, usize), Fail> {
        if class.is_nil() {
            return Ok((Format::Slots, 0));
        }
        let word = self
            .model
            .heap
            .slot(class, behavior::FORMAT)?
            .as_small_int()
            .unwrap_or(0);
        Ok((
            Format::from_u8(word as u8).unwrap_or(Format::Slots),
            (word >> 8) as usize,
        ))
    }

    fn set_persistable_as_mode(&mut self, class: Oop) -> Result<(), Fail> {
        if self.model.persistent_mode {
            self.add_class_flags(
                class,
                class_flags::CLASS_PERSISTABLE | class_flags::PERSISTABLE,
            )?;
        }
        Ok(())
    }

    /// Sets bits of a class's flags.
    ///
    /// # Errors
    /// `Frozen`.
    pub fn add_class_flags(&mut self, class: Oop, bits: i64) -> Result<(), Fail> {
        let flags = self.class_flags(class)? | bits;
        Ok(self
            .model
            .heap
            .set_slot(class, behavior::FLAGS, Oop::small_int_wrapping(flags))?)
    }

    /// The singleton class of an object, made when it has none.
    ///
    /// # Errors
    /// For immediates that cannot have one.
    pub fn singleton_class(&mut self, object: Oop) -> Result<Oop, Fail> {
        if !object.is_pointer() {
            return match object {
                Oop::NIL | Oop::TRUE | Oop::FALSE => Ok(self.model.heap.class_of(object)?),
                _ => Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    "can't define singleton",
                )),
            };
        }
        if self.model.heap.is_symbol(object)
            || self.model.heap.is_large_integer(object)
            || self.model.heap.shape_of(object) == ShapeId::FLOAT
        {
            return Err(raise(
                wellknown::ARGUMENT_TYPE_ERROR,
                "can't define singleton",
            ));
        }
        let class = self.model.heap.class_of(object)?;
        if self.class_flags(class)? & class_flags::SINGLETON != 0
            && self.model.heap.slot(class, behavior::ATTACHED)? == object
        {
            return Ok(class);
        }
        let class = if class == self.known_class(wellknown::METACLASS)? {
            // The singleton class of a metaclass inherits from the one of the superclass's metaclass.
            let up = match self.superclass_of(object, 1)? {
                up if up.is_nil() => self.known_class(wellknown::CLASS)?,
                up => up,
            };
            self.singleton_class(up)?
        } else {
            class
        };
        let singleton = self.bare_class(wellknown::CLASS)?;
        // As an object it has the class methods of the class above it.
        let of = self.model.heap.class_of(class)?;
        self.model.heap.set_class(singleton, of)?;
        let (format, fixed) = self.class_layout(class)?;
        self.fill_class(singleton, class, format, fixed, &[], class_flags::SINGLETON)?;
        self.model
            .heap
            .set_slot(singleton, behavior::ATTACHED, object)?;
        let of_class = self.class_flags(class)?;
        let inherited = of_class & (class_flags::PERSISTABLE | class_flags::DB_TRANSIENT);
        if inherited & class_flags::PERSISTABLE != 0 || self.model.heap.is_committed(class) {
            self.add_class_flags(
                singleton,
                class_flags::CLASS_PERSISTABLE | class_flags::PERSISTABLE,
            )?;
        }
        self.model.heap.set_class(object, singleton)?;
        if self.model.heap.is_frozen(object) {
            self.model.heap.freeze(singleton);
        }
        Ok(singleton)
    }

    /// Freezes an object, and its singleton class with it.
    ///
    /// # Errors
    /// A failed fault.
    pub fn freeze_object(&mut self, object: Oop) -> Result<(), Fail> {
        self.model.heap.freeze(object);
        if object.is_pointer() && !self.is_module_like(object)? {
            let class = self.model.heap.class_of(object)?;
            if self.class_flags(class)? & class_flags::SINGLETON != 0 {
                self.model.heap.freeze(class);
            }
        }
        Ok(())
    }

    /// Installs `method` (a GsNMethod) under `selector` in `class`: of this session, and persistently when persistent mode and class allow.
    ///
    /// # Errors
    /// `Frozen`, no memory.
    pub fn add_method(
        &mut self,
        class: Oop,
        selector: Oop,
        method: Oop,
        environment: u8,
        visibility: Visibility,
    ) -> Result<(), Fail> {
        let flags = self
            .model
            .heap
            .slot(method, method::FLAGS)?
            .as_small_int()
            .unwrap_or(0);
        self.model.heap.set_slot(
            method,
            method::FLAGS,
            Oop::small_int_wrapping((flags & !3) | visibility as i64),
        )?;
        let index = self.model.heap.class_index(class)?;
        let entry = MethodEntry {
            method,
            owner: index,
            visibility,
            undefined: flags & 4 != 0,
        };
        let persistent = self.model.persistent_mode && self.is_class_persistable(class)?;
        let meta = self.meta_in(index, environment)?;
        let e = environment as usize & 1;
        if persistent {
            meta.session_methods[e].remove(&selector);
            meta.methods[e].insert(selector, entry);
            let slot = if e == 1 {
                behavior::RUBY_METHODS
            } else {
                behavior::METHODS
            };
            self.method_dictionary_put(class, slot, selector, method)?;
        } else {
            meta.session_methods[e].insert(selector, entry);
        }
        self.flush_selector(selector);
        self.note_ivars(class, method)?;
        Ok(())
    }

    fn method_dictionary_put(
        &mut self,
        class: Oop,
        slot: usize,
        selector: Oop,
        method: Oop,
    ) -> Result<(), Fail> {
        let mut dictionary = self.model.heap.slot(class, slot)?;
        if dictionary.is_nil() {
            dictionary = self.model.heap.new_wellknown(wellknown::METHOD_DICTIONARY);
            self.model.heap.set_slot(class, slot, dictionary)?;
        }
        for pair in 0..self.model.heap.size(dictionary) / 2 {
            if self.model.heap.element(dictionary, pair * 2)? == selector {
                return Ok(self
                    .model
                    .heap
                    .set_element(dictionary, pair * 2 + 1, method)?);
            }
        }
        self.model.heap.push(dictionary, selector)?;
        Ok(self.model.heap.push(dictionary, method)?)
    }

    /// Removes a method; answers whether there was one.
    ///
    /// # Errors
    /// `Frozen`.
    pub fn remove_method(
        &mut self,
        class: Oop,
        selector: Oop,
        environment: u8,
    ) -> Result<bool, Fail> {
        let index = self.model.heap.class_index(class)?;
        let persistent = self.model.persistent_mode || !self.model.heap.is_committed(class);
        let e = environment as usize & 1;
        let meta = self.meta_in(index, environment)?;
        let mut found = meta.session_methods[e].remove(&selector).is_some();
        if persistent && meta.methods[e].remove(&selector).is_some() {
            found = true;
            let slot = if e == 1 {
                behavior::RUBY_METHODS
            } else {
                behavior::METHODS
            };
            let dictionary = self.model.heap.slot(class, slot)?;
            for pair in 0..self.model.heap.size(dictionary) / 2 {
                if self.model.heap.element(dictionary, pair * 2)? == selector {
                    self.model.heap.splice(dictionary, pair * 2, 2, &[])?;
                    break;
                }
            }
        }
        self.flush_selector(selector);
        Ok(found)
    }

    /// Makes every session method of `class` persistent (`maglev_persistable(true)`).
    ///
    /// # Errors
    /// `Frozen`.
    pub fn persist_methods(&mut self, class: Oop) -> Result<(), Fail> {
        let index = self.model.heap.class_index(class)?;
        let tables = std::mem::take(&mut self.meta(index)?.session_methods);
        for (e, table) in tables.into_iter().enumerate() {
            let mut all: Vec<_> = table.into_iter().collect();
            all.sort_by_key(|(s, _)| self.model.heap.bytes(*s).to_vec());
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

    /// Includes (or prepends) a module.
    ///
    /// # Errors
    /// `Frozen`.
    pub fn mix_in(&mut self, class: Oop, module: Oop, prepend: bool) -> Result<(), Fail> {
        let index = self.model.heap.class_index(class)?;
        let wanted = self.model.heap.class_index(module)?;
        if !prepend && self.lookup_order(index, 1)?.contains(&wanted) {
            return Ok(());
        }
        let slot = if prepend {
            behavior::PREPENDS
        } else {
            behavior::INCLUDES
        };
        if self.model.persistent_mode && self.is_class_persistable(class)? {
            let mut list = self.model.heap.slot(class, slot)?;
            if list.is_nil() {
                list = self.model.heap.new_array(&[])?;
                self.model.heap.set_slot(class, slot, list)?;
            }
            self.model.heap.splice(list, 0, 0, &[module])?;
        } else {
            let meta = self.meta(index)?;
            let list = if prepend {
                &mut meta.session_prepends
            } else {
                &mut meta.session_includes
            };
            if !list.contains(&module) {
                list.insert(0, module);
            }
        }
        self.flush_all_caches();
        Ok(())
    }

    /// New instances of `class` get room for the instance variables that `method` names.
    fn note_ivars(&mut self, class: Oop, method: Oop) -> Result<(), Fail> {
        let literals = self.model.heap.slot(method, method::LITERALS)?;
        if !literals.is_pointer() {
            return Ok(());
        }
        let index = self.model.heap.class_index(class)?;
        let mut names = std::mem::take(self.model.classes.ivar_names.entry(index.0).or_default());
        for i in 0..self.model.heap.size(literals) {
            let literal = self.model.heap.element(literals, i)?;
            if self.model.heap.is_symbol(literal)
                && self.model.heap.bytes(literal).starts_with(b"@")
                && !self.model.heap.bytes(literal).starts_with(b"@@")
            {
                names.insert(literal);
            }
        }
        let count = names.len();
        self.model.classes.ivar_names.insert(index.0, names);
        if self.model.heap.class_info(index).kind == gem_heap::Kind::Slots
            && self.class_flags(class)? & class_flags::SINGLETON == 0
        {
            self.model.heap.expect_ivars(index, count);
        }
        Ok(())
    }

    /// A method object of its own for code literal `template`, in the running lexical scope.
    pub(crate) fn instantiate_method(
        &mut self,
        template: Oop,
        selector: Oop,
        owner: Oop,
    ) -> Result<Oop, Fail> {
        let copy = self.model.heap.shallow_copy(template)?;
        let lexical = self.lexical_scope()?;
        self.model.heap.set_slot(copy, method::SELECTOR, selector)?;
        self.model.heap.set_slot(copy, method::IN_CLASS, owner)?;
        self.model
            .heap
            .set_slot(copy, method::LEXICAL_SCOPE, lexical)?;
        Ok(copy)
    }

    /// The module that `def` defines into in the running frame.
    ///
    /// # Errors
    /// A failed fault.
    pub fn definee(&mut self) -> Result<Oop, Fail> {
        if let Some(frame) = self.exec.frames.last().copied() {
            let receiver = self.exec.regs.get(frame.base as usize);
            if frame.flags & frame_flags::DEFINEE_SINGLETON != 0 {
                return self.singleton_class(receiver);
            }
            if frame.flags & frame_flags::DEFINEE_SELF != 0 && self.is_module_like(receiver)? {
                return Ok(receiver);
            }
        }
        let home = self.home_method();
        if home.is_pointer() && self.method_flags(home)? & method_flags::DEFINES_IN_OWNER != 0 {
            return Ok(self.model.heap.slot(home, method::IN_CLASS)?);
        }
        let lexical = self.lexical_scope()?;
        self.innermost_module(lexical)
    }

    fn method_flags(&mut self, method: Oop) -> Result<i64, Fail> {
        let flags = self.model.heap.slot(method, method::FLAGS)?;
        Ok(flags.as_small_int().unwrap_or(0))
    }

    /// Refuses to define a method in a frozen class, or a singleton method of a frozen object.
    fn check_takes_methods(&mut self, class: Oop) -> Result<(), Fail> {
        let attached = self.model.heap.slot(class, behavior::ATTACHED)?;
        let singleton = self.class_flags(class)? & class_flags::SINGLETON != 0;
        let object = if singleton && !attached.is_nil() {
            attached
        } else {
            class
        };
        if self.model.heap.is_frozen(class) || self.model.heap.is_frozen(object) {
            return Err(Fail::Heap(HeapError::Frozen(object)));
        }
        Ok(())
    }

    /// DefMethod.
    pub(crate) fn define_method(&mut self, template: Oop, selector: Oop) -> Result<Oop, Fail> {
        let definee = self.definee()?;
        self.check_takes_methods(definee)?;
        let method = self.instantiate_method(template, selector, definee)?;
        let lexical = self.lexical_scope()?;
        if self.innermost_module(lexical)? != definee {
            let flags = self.method_flags(method)? | method_flags::DEFINES_IN_OWNER;
            self.model
                .heap
                .set_slot(method, method::FLAGS, Oop::small_int_wrapping(flags))?;
        }
        let (visibility, module_function) = self.default_visibility(definee, selector)?;
        self.add_method(definee, selector, method, 1, visibility)?;
        if module_function {
            let singleton = self.singleton_class(definee)?;
            let copy = self.model.heap.shallow_copy(method)?;
            self.model
                .heap
                .set_slot(copy, method::IN_CLASS, singleton)?;
            self.add_method(singleton, selector, copy, 1, Visibility::Public)?;
        }
        Ok(selector)
    }

    /// Visibility for a `def` in the running frame: what `private` without arguments set, private for top-level methods and initializers.
    fn default_visibility(
        &mut self,
        definee: Oop,
        selector: Oop,
    ) -> Result<(Visibility, bool), Fail> {
        let text = self.model.heap.bytes(selector);
        if matches!(
            text,
            b"initialize"
                | b"initialize_copy"
                | b"initialize_clone"
                | b"initialize_dup"
                | b"respond_to_missing?"
        ) {
            return Ok((Visibility::Private, false));
        }
        let top = self.exec.frames.len() - 1;
        if let Some(set) = self.visibility_in_force(top) {
            return Ok(set);
        }
        let object = self.known_class(wellknown::OBJECT)?;
        let at_top_level = frame_is_main(&self.exec.frames[top]) && definee == object;
        Ok((
            if at_top_level && !self.model.booting {
                Visibility::Private
            } else {
                Visibility::Public
            },
            false,
        ))
    }

    /// What `private` and the like without arguments set for frame `index`. A block that defines where its creator does has its creator's.
    fn visibility_in_force(&mut self, mut index: usize) -> Option<(Visibility, bool)> {
        loop {
            let frame = self.exec.frames[index];
            let set = self
                .exec
                .visibilities
                .iter()
                .rev()
                .find(|v| v.0 == frame.serial);
            if frame.serial != 0
                && let Some(&(_, visibility, function)) = set
            {
                return Some((visibility, function));
            }
            if frame.closure.is_nil() {
                return None;
            }
            let creator = self.creator_frame(frame.closure)?;
            let definee = frame_flags::DEFINEE_SELF | frame_flags::DEFINEE_SINGLETON;
            let base = self.exec.regs.get(frame.base as usize);
            let moved = frame.flags & definee != 0
                && base != self.exec.regs.get(self.exec.frames[creator].base as usize);
            if moved {
                return None;
            }
            index = creator;
        }
    }

    /// `private` (and the like) without arguments: from here on in the frame `frames_up` above the running one.
    pub fn set_default_visibility(
        &mut self,
        frames_up: usize,
        visibility: Visibility,
        module_function: bool,
    ) {
        let Some(index) = self.exec.frames.len().checked_sub(1 + frames_up) else {
            return;
        };
        let serial = self.frame_serial(index);
        self.exec
            .visibilities
            .retain(|v| v.0 != serial && self.exec.frames.iter().any(|f| f.serial == v.0));
        self.exec
            .visibilities
            .push((serial, visibility, module_function));
    }

    /// DefSingleton.
    pub(crate) fn define_singleton_method(
        &mut self,
        object: Oop,
        template: Oop,
        selector: Oop,
    ) -> Result<Oop, Fail> {
        let singleton = self.singleton_class(object)?;
        self.check_takes_methods(singleton)?;
        let method = self.instantiate_method(template, selector, singleton)?;
        self.add_method(singleton, selector, method, 1, Visibility::Public)?;
        Ok(selector)
    }

    /// Opens or makes the class of a DefClass; answers it and whether it is new.
    pub(crate) fn open_class(
        &mut self,
        name: Oop,
        superclass: Oop,
        within: Oop,
    ) -> Result<(Oop, bool), Fail> {
        let text = self.model.heap.text(name);
        if !superclass.is_undef()
            && (!self.is_module_like(superclass)?
                || self.class_flags(superclass)? & class_flags::MODULE != 0)
        {
            let class = self.model.heap.class_of(superclass)?;
            let class = self.real_class(class)?;
            let text = format!(
                "superclass must be an instance of Class (given an instance of {})",
                self.class_name(class)
            );
            return Err(raise(wellknown::ARGUMENT_TYPE_ERROR, text));
        }
        if !superclass.is_undef() {
            self.check_subclassable(superclass)?;
        }
        let scope_module = self.definition_scope(within)?;
        if let Some(existing) = self.defined_here(scope_module, name, within)? {
            if !self.is_module_like(existing)?
                || self.class_flags(existing)? & class_flags::MODULE != 0
            {
                let before = self.previous_definition(scope_module, name)?;
                return Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    format!("{text} is not a class{before}"),
                ));
            }
            if !superclass.is_undef() && self.ruby_superclass(existing)? != superclass {
                return Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    format!("superclass mismatch for class {text}"),
                ));
            }
            return Ok((existing, false));
        }
        let object = self.known_class(wellknown::OBJECT)?;
        let superclass = if superclass.is_undef() {
            object
        } else {
            superclass
        };
        let class = self.make_class(Oop::NIL, superclass, None, &[])?;
        self.set_constant(scope_module, name, class)?;
        Ok((class, true))
    }

    /// Opens or makes the module of a DefModule.
    pub(crate) fn open_module(&mut self, name: Oop, within: Oop) -> Result<Oop, Fail> {
        let scope_module = self.definition_scope(within)?;
        if let Some(existing) = self.defined_here(scope_module, name, within)? {
            if !self.is_module_like(existing)?
                || self.class_flags(existing)? & class_flags::MODULE == 0
            {
                let text = self.model.heap.text(name);
                let before = self.previous_definition(scope_module, name)?;
                return Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    format!("{text} is not a module{before}"),
                ));
            }
            return Ok(existing);
        }
        let module = self.make_module(Oop::NIL)?;
        self.set_constant(scope_module, name, module)?;
        Ok(module)
    }

    fn definition_scope(&mut self, within: Oop) -> Result<Oop, Fail> {
        if within.is_undef() {
            let lexical = self.lexical_scope()?;
            return self.innermost_module(lexical);
        }
        if !self.is_module_like(within)? {
            let text = format!("{} is not a class/module", self.describe(within)?);
            return Err(raise(wellknown::ARGUMENT_TYPE_ERROR, text));
        }
        Ok(within)
    }

    /// A constant that `class Name` reopens: own ones only. A private one cannot be reopened by its path.
    fn defined_here(&mut self, module: Oop, name: Oop, within: Oop) -> Result<Option<Oop>, Fail> {
        let found = self.own_constant(module, name)?;
        if found.is_some() && !within.is_undef() {
            self.check_constant_is_public(module, name)?;
        }
        Ok(found)
    }

    /// Refuses superclasses that Ruby refuses.
    fn check_subclassable(&mut self, superclass: Oop) -> Result<(), Fail> {
        let class = self.known_class(wellknown::CLASS)?;
        let text = if self.class_flags(superclass)? & class_flags::SINGLETON != 0 {
            "can't make subclass of singleton class"
        } else if superclass == class {
            "can't make subclass of Class"
        } else {
            return Ok(());
        };
        Err(raise(wellknown::ARGUMENT_TYPE_ERROR, text))
    }

    /// Superclass as Ruby shows it.
    ///
    /// # Errors
    /// A failed fault.
    pub fn ruby_superclass(&mut self, class: Oop) -> Result<Oop, Fail> {
        let mut up = self.superclass_of(class, 1)?;
        while !up.is_nil() && self.class_flags(up)? & class_flags::HIDDEN != 0 {
            up = self.superclass_of(up, 1)?;
        }
        Ok(up)
    }

    /// A body code (class, module, singleton class) made ready to run with `module` as innermost lexical module.
    pub(crate) fn body_method(&mut self, template: Oop, module: Oop) -> Result<Oop, Fail> {
        let copy = self.model.heap.shallow_copy(template)?;
        let outer = self.lexical_scope()?;
        let scope = self.new_scope(module, outer);
        self.model
            .heap
            .set_slot(copy, method::LEXICAL_SCOPE, scope)?;
        Ok(copy)
    }

    /// A lexical scope.
    pub fn new_scope(&mut self, module: Oop, parent: Oop) -> Oop {
        let mut slots = [Oop::NIL; 2];
        slots[scope::MODULE] = module;
        slots[scope::PARENT] = parent;
        self.model
            .heap
            .new_with_slots(wellknown::LEXICAL_SCOPE, &slots)
    }
}

fn frame_is_main(frame: &crate::frame::Frame) -> bool {
    frame.code.kind == gem_bytecode::CodeKind::Body && frame.code.name == "<main>"
}
