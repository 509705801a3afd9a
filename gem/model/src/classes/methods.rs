//! Method dictionaries, and what they say of instances.

use crate::classes::{MethodEntry, Visibility};
use crate::errors::{ModelError, raise};
use crate::model::Model;
use format::wellknown;
use format::wellknown::slots::{behavior, class_flags, method};
use gem_heap::{HeapError, HostError, Oop};

impl Model {
    /// Puts `method` (a GsNMethod) under `selector` into the tables of `class`: of this session, and persistently when persistent mode and class allow. Caches
    /// do not know of it until they forget `selector`.
    ///
    /// # Errors
    /// `Frozen` when the method is, or the method dictionary that gets it; `OutOfMemory` when that cannot grow; `NotAClass`; as `meta_in`.
    pub fn put_method(
        &mut self,
        class: Oop,
        selector: Oop,
        method: Oop,
        environment: u8,
        visibility: Visibility,
    ) -> Result<(), ModelError> {
        let flags = self
            .heap
            .slot(method, method::FLAGS)?
            .as_small_int()
            .unwrap_or(0);
        self.heap.set_slot(
            method,
            method::FLAGS,
            Oop::small_int_wrapping((flags & !3) | visibility as i64),
        )?;
        let index = self.heap.class_index(class)?;
        let entry = MethodEntry {
            method,
            owner: index,
            visibility,
            undefined: flags & 4 != 0,
        };
        let persistent = self.persistent_mode && self.is_class_persistable(class)?;
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
        self.note_ivars(class, method)?;
        Ok(())
    }

    /// Takes a method out of the tables; answers whether there was one.
    ///
    /// # Errors
    /// `Frozen` when the method dictionary is; `NotAClass`; as `meta_in`.
    pub fn drop_method(
        &mut self,
        class: Oop,
        selector: Oop,
        environment: u8,
    ) -> Result<bool, ModelError> {
        let index = self.heap.class_index(class)?;
        let persistent = self.persistent_mode || !self.heap.is_committed(class);
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
            let dictionary = self.heap.slot(class, slot)?;
            for pair in 0..self.heap.size(dictionary) / 2 {
                if self.heap.element(dictionary, pair * 2)? == selector {
                    self.heap.splice(dictionary, pair * 2, 2, &[])?;
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Includes (or prepends) a module. Answers whether that is a change. Caches do not know of it until they forget everything.
    ///
    /// # Errors
    /// `Frozen` when the list of modules is, `OutOfMemory` when it cannot grow; `NotAClass` when one of the two is none; as `lookup_order`.
    pub fn mix_in(&mut self, class: Oop, module: Oop, prepend: bool) -> Result<bool, ModelError> {
        let index = self.heap.class_index(class)?;
        let wanted = self.heap.class_index(module)?;
        if !prepend && self.lookup_order(index, 1)?.contains(&wanted) {
            return Ok(false);
        }
        let slot = if prepend {
            behavior::PREPENDS
        } else {
            behavior::INCLUDES
        };
        if self.persistent_mode && self.is_class_persistable(class)? {
            let mut list = self.heap.slot(class, slot)?;
            if list.is_nil() {
                list = self.heap.new_array(&[])?;
                self.heap.set_slot(class, slot, list)?;
            }
            self.heap.watch(list);
            self.heap.splice(list, 0, 0, &[module])?;
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
        Ok(true)
    }

    /// Puts a method into a method dictionary of a class object.
    ///
    /// # Errors
    /// `Frozen`; `OutOfMemory` when the dictionary cannot grow; those of [`Heap::fault`](gem_heap::Heap::fault), when the dictionary or a selector in it is not
    /// in memory yet.
    pub(crate) fn method_dictionary_put(
        &mut self,
        class: Oop,
        slot: usize,
        selector: Oop,
        method: Oop,
    ) -> Result<(), ModelError> {
        let mut dictionary = self.heap.slot(class, slot)?;
        if dictionary.is_nil() {
            dictionary = self.heap.new_wellknown(wellknown::METHOD_DICTIONARY);
            self.heap.set_slot(class, slot, dictionary)?;
        }
        self.heap.watch(dictionary);
        self.heap.watch(method);
        for pair in 0..self.heap.size(dictionary) / 2 {
            if self.heap.element(dictionary, pair * 2)? == selector {
                return Ok(self.heap.set_element(dictionary, pair * 2 + 1, method)?);
            }
        }
        self.heap.push(dictionary, selector)?;
        Ok(self.heap.push(dictionary, method)?)
    }

    /// New instances of `class` get room for the instance variables that `method` names.
    pub fn note_ivars(&mut self, class: Oop, method: Oop) -> Result<(), ModelError> {
        let literals = self.heap.slot(method, method::LITERALS)?;
        if !literals.is_pointer() {
            return Ok(());
        }
        let index = self.heap.class_index(class)?;
        let mut names = std::mem::take(self.classes.ivar_names.entry(index.0).or_default());
        for i in 0..self.heap.size(literals) {
            let literal = self.heap.element(literals, i)?;
            if self.heap.is_symbol(literal)
                && self.heap.bytes(literal).starts_with(b"@")
                && !self.heap.bytes(literal).starts_with(b"@@")
            {
                names.insert(literal);
            }
        }
        let count = names.len();
        self.classes.ivar_names.insert(index.0, names);
        if self.heap.class_info(index).kind == gem_heap::Kind::Slots
            && self.class_flags(class)? & class_flags::SINGLETON == 0
        {
            self.heap.expect_ivars(index, count);
        }
        Ok(())
    }

    pub fn method_flags(&mut self, method: Oop) -> Result<i64, ModelError> {
        let flags = self.heap.slot(method, method::FLAGS)?;
        Ok(flags.as_small_int().unwrap_or(0))
    }

    /// Refuses to define a method in a frozen class, or a singleton method of a frozen object.
    pub fn check_takes_methods(&mut self, class: Oop) -> Result<(), ModelError> {
        let attached = self.heap.slot(class, behavior::ATTACHED)?;
        let singleton = self.class_flags(class)? & class_flags::SINGLETON != 0;
        let object = if singleton && !attached.is_nil() {
            attached
        } else {
            class
        };
        if self.heap.is_frozen(class) || self.heap.is_frozen(object) {
            return Err(ModelError::Heap(HeapError::Frozen(object)));
        }
        Ok(())
    }

    /// A constant that `class Name` reopens: own ones only. A private one cannot be reopened by its path.
    pub fn defined_here(
        &mut self,
        module: Oop,
        name: Oop,
        within: Oop,
    ) -> Result<Option<Oop>, ModelError> {
        let found = self.own_constant(module, name)?;
        if found.is_some() && !within.is_undef() {
            self.check_constant_is_public(module, name)?;
        }
        Ok(found)
    }

    /// Refuses superclasses that Ruby refuses.
    pub fn check_subclassable(&mut self, superclass: Oop) -> Result<(), ModelError> {
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

    /// Name of the primitive of a method.
    ///
    /// # Errors
    /// `Bounds` when `method` is no method, `Damaged` when what stands there is no code; those of [`Heap::fault`](gem_heap::Heap::fault), when the code is not
    /// in memory yet.
    pub fn primitive_of(&mut self, method: Oop) -> Result<Option<String>, ModelError> {
        let code = self.heap.slot(method, method::CODE)?;
        let name = gem_bytecode::primitive_of(self.heap.bytes(code))
            .map_err(|e| HeapError::Host(HostError::Damaged(e.to_string())))?;
        Ok(name.as_deref().map(gem_bytecode::camel_case))
    }
}
