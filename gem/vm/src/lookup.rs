//! From (class, selector, environment) to a method, and the changes that make such knowledge stale.

use crate::class_meta::{ClassMeta, MethodEntry, MethodTable, Visibility};
use crate::vm::Vm;
use gem_heap::{ClassIndex, HeapError, HeapResult, HostError, Oop};
use proto::wellknown::slots::{behavior, class_flags, method, method_flags};
use std::rc::Rc;

/// A remembered answer of `is_kind_of`. The default one answers nothing: no class object lies at address 0.
#[derive(Clone, Copy, Default)]
pub(crate) struct Kinship {
    class: u64,
    own: u32,
    ruby: bool,
    answer: bool,
}

/// Answers kept; a power of two.
pub(crate) const KINSHIPS: usize = 1024;

impl Kinship {
    fn place(own: ClassIndex, class: Oop) -> usize {
        (own.0 as usize)
            .wrapping_mul(31)
            .wrapping_add(class.bits() as usize >> 4)
            % KINSHIPS
    }
}

impl Vm {
    /// What is known of a class; its method tables only when they were asked for (`meta_in`).
    ///
    /// # Errors
    /// When the class cannot be faulted.
    pub fn meta(&mut self, class: ClassIndex) -> HeapResult<&mut ClassMeta> {
        let count = self.model.heap.class_count();
        Ok(self.model.classes.touch(class, count))
    }

    /// The same with the methods of one environment, read from the class object when needed: a program in one language
    /// brings none of the other's methods into memory.
    ///
    /// # Errors
    /// A failed fault.
    pub fn meta_in(&mut self, class: ClassIndex, environment: u8) -> HeapResult<&mut ClassMeta> {
        let (i, e) = (class.0 as usize, environment as usize & 1);
        let known = self.model.classes.metas.get(i).and_then(Option::as_ref);
        if !known.is_some_and(|m| m.loaded[e]) {
            let object = self.model.heap.class_object(class)?;
            let slot = [behavior::METHODS, behavior::RUBY_METHODS][e];
            let table = self.stored_methods(object, slot, class)?;
            let meta = self.meta(class)?;
            meta.methods[e] = table;
            meta.loaded[e] = true;
        }
        self.meta(class)
    }

    fn stored_methods(
        &mut self,
        object: Oop,
        slot: usize,
        class: ClassIndex,
    ) -> HeapResult<MethodTable> {
        let mut table = MethodTable::default();
        let dictionary = self.model.heap.slot(object, slot)?;
        if dictionary.is_nil() {
            return Ok(table);
        }
        for pair in 0..self.model.heap.size(dictionary) / 2 {
            let selector = self.model.heap.element(dictionary, pair * 2)?;
            let method = self.model.heap.element(dictionary, pair * 2 + 1)?;
            let entry = self.method_entry(method, class)?;
            table.insert(selector, entry);
        }
        Ok(table)
    }

    fn method_entry(&mut self, method: Oop, owner: ClassIndex) -> HeapResult<MethodEntry> {
        let flags = self
            .model
            .heap
            .slot(method, method::FLAGS)?
            .as_small_int()
            .unwrap_or(0);
        let visibility = match flags & 3 {
            1 => Visibility::Private,
            2 => Visibility::Protected,
            _ => Visibility::Public,
        };
        Ok(MethodEntry {
            method,
            owner,
            visibility,
            undefined: flags & method_flags::UNDEFINED != 0,
        })
    }

    /// Superclass of a class object in an environment, or nil.
    ///
    /// # Errors
    /// A failed fault.
    pub fn superclass_of(&mut self, class: Oop, environment: u8) -> HeapResult<Oop> {
        if environment == 1 {
            let ruby = self.model.heap.slot(class, behavior::RUBY_SUPERCLASS)?;
            if !ruby.is_nil() {
                return Ok(ruby);
            }
        }
        self.model.heap.slot(class, behavior::SUPERCLASS)
    }

    /// SmallInteger flags of a class object.
    ///
    /// # Errors
    /// A failed fault.
    pub fn class_flags(&mut self, class: Oop) -> HeapResult<i64> {
        Ok(self
            .model
            .heap
            .slot(class, behavior::FLAGS)?
            .as_small_int()
            .unwrap_or(0))
    }

    /// Lookup order of a class in an environment.
    ///
    /// # Errors
    /// A failed fault.
    pub fn lookup_order(
        &mut self,
        class: ClassIndex,
        environment: u8,
    ) -> HeapResult<Rc<[ClassIndex]>> {
        let meta = self.meta(class)?;
        let known = if environment == 1 {
            &meta.ancestors
        } else {
            &meta.superclasses
        };
        if let Some(order) = known {
            return Ok(order.clone());
        }
        if self.model.classes.ordering.contains(&class) {
            return Err(circle());
        }
        self.model.classes.ordering.push(class);
        let order = self.new_lookup_order(class, environment);
        self.model.classes.ordering.pop();
        let order: Rc<[ClassIndex]> = order?.into();
        let meta = self.meta(class)?;
        if environment == 1 {
            meta.ancestors = Some(order.clone());
        } else {
            meta.superclasses = Some(order.clone());
        }
        Ok(order)
    }

    fn new_lookup_order(
        &mut self,
        class: ClassIndex,
        environment: u8,
    ) -> HeapResult<Vec<ClassIndex>> {
        let object = self.model.heap.class_object(class)?;
        let mut order = Vec::new();
        if environment == 1 {
            self.append_module(object, &mut order)?;
        } else {
            order.push(class);
        }
        let up = self.superclass_of(object, environment)?;
        if !up.is_nil() {
            let up = self.model.heap.class_index(up)?;
            for &c in self.lookup_order(up, environment)?.iter() {
                if !order.contains(&c) {
                    order.push(c);
                }
            }
        }
        Ok(order)
    }

    /// Appends prepended modules, `module` itself and its included modules, each with theirs.
    fn append_module(&mut self, module: Oop, order: &mut Vec<ClassIndex>) -> HeapResult<()> {
        let class = self.model.heap.class_index(module)?;
        for m in self.mixed_in(class, module, behavior::PREPENDS)? {
            if m == module {
                return Err(circle());
            }
            self.append_new(m, order)?;
        }
        if !order.contains(&class) {
            order.push(class);
        }
        for m in self.mixed_in(class, module, behavior::INCLUDES)? {
            self.append_new(m, order)?;
        }
        Ok(())
    }

    fn append_new(&mut self, module: Oop, order: &mut Vec<ClassIndex>) -> HeapResult<()> {
        let class = self.model.heap.class_index(module)?;
        if !order.contains(&class) {
            self.append_module(module, order)?;
        }
        Ok(())
    }

    /// Modules included in (or prepended to) a class: of this session, then persistent ones; most recent first.
    fn mixed_in(&mut self, class: ClassIndex, object: Oop, slot: usize) -> HeapResult<Vec<Oop>> {
        let meta = self.meta(class)?;
        let mut modules = if slot == behavior::INCLUDES {
            meta.session_includes.clone()
        } else {
            meta.session_prepends.clone()
        };
        let stored = self.model.heap.slot(object, slot)?;
        if !stored.is_nil() {
            modules.extend(self.model.heap.elements(stored)?);
        }
        Ok(modules)
    }

    /// The method that `selector` finds in instances of `class`.
    ///
    /// # Errors
    /// A failed fault.
    pub fn lookup(
        &mut self,
        class: ClassIndex,
        selector: Oop,
        environment: u8,
    ) -> HeapResult<Option<MethodEntry>> {
        let key = (class.0, selector, environment);
        if let Some(entry) = self.model.classes.global_cache.get(&key) {
            return Ok(Some(*entry));
        }
        let found = self.lookup_after(class, selector, environment, None)?;
        if let Some(entry) = found {
            self.model.classes.cached_selectors.insert(selector.bits());
            self.model.classes.global_cache.insert(key, entry);
        }
        Ok(found)
    }

    /// Like `lookup`, starting above `after` in the lookup order of `class` (`super`).
    ///
    /// # Errors
    /// A failed fault.
    pub fn lookup_after(
        &mut self,
        class: ClassIndex,
        selector: Oop,
        environment: u8,
        after: Option<ClassIndex>,
    ) -> HeapResult<Option<MethodEntry>> {
        let order = self.lookup_order(class, environment)?;
        let start = match after {
            None => 0,
            Some(owner) => match order.iter().position(|&c| c == owner) {
                Some(i) => i + 1,
                // From a refinement, `super` goes to the refined class.
                None => match self.refined_class(owner) {
                    Some(refined) => order.iter().position(|&c| c == refined).unwrap_or(0),
                    None => return Ok(None),
                },
            },
        };
        for &c in &order[start..] {
            if let Some(entry) = self.meta_in(c, environment)?.find(selector, environment) {
                return Ok(if entry.undefined { None } else { Some(*entry) });
            }
        }
        Ok(None)
    }

    /// Makes every cache forget `selector`.
    pub(crate) fn flush_selector(&mut self, selector: Oop) {
        self.model.classes.method_epoch += 1;
        if !self.model.classes.cached_selectors.remove(&selector.bits()) {
            return;
        }
        self.model
            .classes
            .global_cache
            .retain(|key, _| key.1 != selector);
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
        self.model.classes.method_epoch += 1;
        self.model.classes.const_epoch += 1;
        self.forget_kinship();
        self.model.classes.cached_selectors.clear();
        self.model.classes.global_cache.clear();
        for code in self.codes.iter() {
            code.sites.iter().for_each(|s| s.flush());
        }
        for meta in self.model.classes.metas.iter_mut().flatten() {
            meta.ancestors = None;
            meta.superclasses = None;
        }
        self.check_operators(None);
    }

    /// Reads the tables of changed class objects again (another session committed, or an abort).
    pub fn forget_class_tables(&mut self) {
        for meta in self.model.classes.metas.iter_mut().flatten() {
            meta.loaded = [false; 2];
        }
        self.flush_all_caches();
    }

    /// Class of `oop` as Ruby shows it: no singleton classes, no hidden classes.
    ///
    /// # Errors
    /// A failed fault.
    pub fn ruby_class_of(&mut self, oop: Oop) -> HeapResult<Oop> {
        let mut class = self.model.heap.class_of(oop)?;
        loop {
            if self
                .model
                .heap
                .is_instance(class, proto::wellknown::METACLASS)
            {
                return self.known_class(proto::wellknown::CLASS);
            }
            if self.class_flags(class)? & (class_flags::SINGLETON | class_flags::HIDDEN) == 0 {
                return Ok(class);
            }
            class = self.superclass_of(class, 1)?;
        }
    }

    /// Whether `oop` is an instance of `class` or a subclass (modules count in environment 1).
    ///
    /// # Errors
    /// A failed fault.
    pub fn is_kind_of(&mut self, oop: Oop, class: Oop) -> HeapResult<bool> {
        let own = self.model.heap.class_index_of(oop);
        self.kinship_of(own, class, false)
    }

    /// Whether `oop` is an instance of `module` or of a class with it among its Ruby ancestors (`Module#===`).
    ///
    /// # Errors
    /// A failed fault.
    pub fn is_ruby_kind_of(&mut self, oop: Oop, module: Oop) -> HeapResult<bool> {
        let own = self.model.heap.class_index_of(oop);
        self.kinship_of(own, module, true)
    }

    /// Whether `own` is `class` or lies below it, in either environment or in Ruby's; asked so often that answers are kept.
    fn kinship_of(&mut self, own: ClassIndex, class: Oop, ruby: bool) -> HeapResult<bool> {
        let place = Kinship::place(own, class);
        let known = self.model.classes.kinship[place];
        if known.own == own.0 && known.class == class.bits() && known.ruby == ruby {
            return Ok(known.answer);
        }
        let wanted = self.model.heap.class_index(class)?;
        let answer = own == wanted
            || self.lookup_order(own, 1)?.contains(&wanted)
            || !ruby && self.lookup_order(own, 0)?.contains(&wanted);
        self.model.classes.kinship[place] = Kinship {
            class: class.bits(),
            own: own.0,
            ruby,
            answer,
        };
        Ok(answer)
    }

    /// Forgets who is kin: classes changed, or may have died.
    pub(crate) fn forget_kinship(&mut self) {
        self.model.classes.kinship.fill(Kinship::default());
    }

    /// Name of a class for messages.
    pub fn class_name(&mut self, class: Oop) -> String {
        self.try_class_name(class)
            .unwrap_or_else(|_| "?".to_string())
    }

    /// The class that Ruby's `class` answers for one that may be a singleton class.
    ///
    /// # Errors
    /// A failed fault.
    pub fn real_class(&mut self, mut class: Oop) -> HeapResult<Oop> {
        while self.class_flags(class)? & (class_flags::SINGLETON | class_flags::HIDDEN) != 0 {
            class = self.superclass_of(class, 1)?;
        }
        Ok(class)
    }

    /// An object in a message of the machine: special constants as Ruby writes them, others by their class.
    ///
    /// # Errors
    /// A failed fault.
    pub fn describe(&mut self, object: Oop) -> HeapResult<String> {
        Ok(match object {
            Oop::NIL => "nil".to_string(),
            Oop::TRUE => "true".to_string(),
            Oop::FALSE => "false".to_string(),
            _ if object.as_small_int().is_some() => {
                object.as_small_int().unwrap_or_default().to_string()
            }
            _ if self.model.heap.is_symbol(object) => format!(":{}", self.model.heap.text(object)),
            _ => {
                let class = self.model.heap.class_of(object)?;
                let class = self.real_class(class)?;
                format!("#<{}>", self.class_name(class))
            }
        })
    }

    fn try_class_name(&mut self, class: Oop) -> HeapResult<String> {
        if self.model.heap.inline_slots(class) < behavior::COUNT {
            return Ok("?".to_string());
        }
        let attached = self.model.heap.slot(class, behavior::ATTACHED)?;
        if attached.is_pointer()
            && self.model.heap.inline_slots(attached) >= behavior::COUNT
            && self.class_flags(class)? & class_flags::SINGLETON != 0
        {
            return Ok(format!("#<Class:{}>", self.class_name(attached)));
        }
        let ruby = self.model.heap.slot(class, behavior::RUBY_NAME)?;
        let name = if ruby.is_nil() {
            self.model.heap.slot(class, behavior::NAME)?
        } else {
            ruby
        };
        if name.is_nil() {
            let up = self.superclass_of(class, 1)?;
            return Ok(if up.is_nil() {
                "#<Class>".to_string()
            } else {
                format!("#<Class:{}>", self.class_name(up))
            });
        }
        let scope = self.model.heap.slot(class, behavior::SCOPE)?;
        let text = self.model.heap.text(name);
        Ok(if scope.is_nil() {
            text
        } else {
            format!("{}::{text}", self.class_name(scope))
        })
    }
}

/// A class is above itself: no primitive lets that happen, so the repository is damaged.
#[cold]
fn circle() -> HeapError {
    let text = "the superclasses or modules of a class lead back to it".to_string();
    HeapError::Host(HostError::Damaged(text))
}
