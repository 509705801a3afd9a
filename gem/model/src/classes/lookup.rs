//! From (class, selector, environment) to a method, who is kin to whom, and forgetting such knowledge.

use crate::classes::{ClassMeta, MethodEntry, MethodTable, Visibility};
use crate::errors::ModelError;
use crate::model::Model;
use format::wellknown::slots::{behavior, class_flags, method, method_flags};
use gem_heap::{ClassIndex, HeapError, HeapResult, HostError, Oop};
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

impl Model {
    /// What is known of a class; its method tables only when they were asked for (`meta_in`).
    ///
    /// # Errors
    /// None: nothing is read. The result is that of `meta_in`, which goes on from here.
    pub fn meta(&mut self, class: ClassIndex) -> HeapResult<&mut ClassMeta> {
        let count = self.heap.class_count();
        Ok(self.classes.touch(class, count))
    }

    /// The same with the methods of one environment, read from the class object when needed: a program in one language
    /// brings none of the other's methods into memory.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the class, its method dictionary or a method in it is not in memory yet; `Bounds` when something
    /// else than a method stands there.
    pub fn meta_in(&mut self, class: ClassIndex, environment: u8) -> HeapResult<&mut ClassMeta> {
        let (i, e) = (class.0 as usize, environment as usize & 1);
        let known = self.classes.metas.get(i).and_then(Option::as_ref);
        if !known.is_some_and(|m| m.loaded[e]) {
            let object = self.heap.class_object(class)?;
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
        let dictionary = self.heap.slot(object, slot)?;
        if dictionary.is_nil() {
            return Ok(table);
        }
        self.heap.watch(dictionary);
        for pair in 0..self.heap.size(dictionary) / 2 {
            let selector = self.heap.element(dictionary, pair * 2)?;
            let method = self.heap.element(dictionary, pair * 2 + 1)?;
            let entry = self.method_entry(method, class)?;
            table.insert(selector, entry);
        }
        Ok(table)
    }

    fn method_entry(&mut self, method: Oop, owner: ClassIndex) -> HeapResult<MethodEntry> {
        let flags = self
            .heap
            .slot(method, method::FLAGS)?
            .as_small_int()
            .unwrap_or(0);
        self.heap.watch(method);
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
    /// `Bounds` when `class` is no class; those of [`Heap::fault`](gem_heap::Heap::fault), when the superclass is not in memory yet.
    pub fn superclass_of(&mut self, class: Oop, environment: u8) -> HeapResult<Oop> {
        if environment == 1 {
            let ruby = self.heap.slot(class, behavior::RUBY_SUPERCLASS)?;
            if !ruby.is_nil() {
                return Ok(ruby);
            }
        }
        self.heap.slot(class, behavior::SUPERCLASS)
    }

    /// Superclass as Ruby shows it.
    ///
    /// # Errors
    /// As `superclass_of`, for `class` and for each hidden class above it.
    pub fn ruby_superclass(&mut self, class: Oop) -> Result<Oop, ModelError> {
        let mut up = self.superclass_of(class, 1)?;
        while !up.is_nil() && self.class_flags(up)? & class_flags::HIDDEN != 0 {
            up = self.superclass_of(up, 1)?;
        }
        Ok(up)
    }

    /// SmallInteger flags of a class object.
    ///
    /// # Errors
    /// `Bounds` when `class` is no class. Those of [`Heap::fault`](gem_heap::Heap::fault) only for a damaged one: flags are an immediate.
    pub fn class_flags(&mut self, class: Oop) -> HeapResult<i64> {
        Ok(self
            .heap
            .slot(class, behavior::FLAGS)?
            .as_small_int()
            .unwrap_or(0))
    }

    /// Lookup order of a class in an environment.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when a class or module above is not in memory yet; `Damaged` also when they lead back to `class`,
    /// `NotAClass` when something else is among them.
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
        if self.classes.ordering.contains(&class) {
            return Err(circle());
        }
        self.classes.ordering.push(class);
        let order = self.new_lookup_order(class, environment);
        self.classes.ordering.pop();
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
        let object = self.heap.class_object(class)?;
        let mut order = Vec::new();
        if environment == 1 {
            self.append_module(object, &mut order)?;
        } else {
            order.push(class);
        }
        let up = self.superclass_of(object, environment)?;
        if !up.is_nil() {
            let up = self.heap.class_index(up)?;
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
        let class = self.heap.class_index(module)?;
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
        let class = self.heap.class_index(module)?;
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
        let stored = self.heap.slot(object, slot)?;
        if !stored.is_nil() {
            self.heap.watch(stored);
            modules.extend(self.heap.elements(stored)?);
        }
        Ok(modules)
    }

    /// The method that `selector` finds in instances of `class`.
    ///
    /// # Errors
    /// As `lookup_after`, when the answer is not cached.
    pub fn lookup(
        &mut self,
        class: ClassIndex,
        selector: Oop,
        environment: u8,
    ) -> HeapResult<Option<MethodEntry>> {
        let key = (class.0, selector, environment);
        if let Some(entry) = self.classes.global_cache.get(&key) {
            return Ok(Some(*entry));
        }
        let found = self.lookup_after(class, selector, environment, None)?;
        if let Some(entry) = found {
            self.classes.cached_selectors.insert(selector.bits());
            self.classes.global_cache.insert(key, entry);
        }
        Ok(found)
    }

    /// Like `lookup`, starting above `after` in the lookup order of `class` (`super`).
    ///
    /// # Errors
    /// As `lookup_order`, and as `meta_in` for each class up to the one that has the method.
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
}

impl Model {
    /// The methods called `selector` changed. Answers whether an inline cache may hold one: those are the machine's to flush.
    pub fn forget_selector(&mut self, selector: Oop) -> bool {
        if selector == self.sym.hash {
            self.forget_hashing();
        }
        let classes = &mut self.classes;
        classes.method_epoch += 1;
        let cached = classes.cached_selectors.remove(&selector.bits());
        if cached {
            classes.global_cache.retain(|key, _| key.1 != selector);
        }
        cached
    }

    /// Forgets every answer of lookups: ancestors changed, a view moved. Inline caches are the machine's to flush.
    pub fn forget_lookups(&mut self) {
        self.forget_kinship();
        self.forget_hashing();
        let classes = &mut self.classes;
        classes.method_epoch += 1;
        classes.const_epoch += 1;
        classes.cached_selectors.clear();
        classes.global_cache.clear();
        for meta in classes.metas.iter_mut().flatten() {
            meta.ancestors = None;
            meta.superclasses = None;
        }
    }

    /// Method tables are read from the class objects again when somebody asks: another session committed, or this one aborted.
    pub fn forget_tables(&mut self) {
        for meta in self.classes.metas.iter_mut().flatten() {
            meta.loaded = [false; 2];
        }
        self.forget_lookups();
    }

    /// Methods whose code ended are in no cache any more.
    pub fn forget_methods(&mut self, ended: &dyn Fn(Oop) -> bool) {
        let cache = &mut self.classes.global_cache;
        cache.retain(|_, entry| !ended(entry.method));
    }
}

impl Model {
    /// Class of `oop` as Ruby shows it: no singleton classes, no hidden classes.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the class, or the one above it that Ruby shows instead, is not in memory yet.
    pub fn ruby_class_of(&mut self, oop: Oop) -> HeapResult<Oop> {
        let mut class = self.heap.class_of(oop)?;
        loop {
            if self.heap.is_instance(class, format::wellknown::METACLASS) {
                return self.known_class(format::wellknown::CLASS);
            }
            if self.class_flags(class)? & (class_flags::SINGLETON | class_flags::HIDDEN) == 0 {
                return Ok(class);
            }
            class = self.superclass_of(class, 1)?;
        }
    }

    /// The class that Ruby's `class` answers for one that may be a singleton class.
    ///
    /// # Errors
    /// As `superclass_of`, for `class` and each class above it that Ruby does not show.
    pub fn real_class(&mut self, mut class: Oop) -> HeapResult<Oop> {
        while self.class_flags(class)? & (class_flags::SINGLETON | class_flags::HIDDEN) != 0 {
            class = self.superclass_of(class, 1)?;
        }
        Ok(class)
    }

    /// Whether `oop` is an instance of `class` or a subclass (modules count in environment 1).
    ///
    /// # Errors
    /// `NotAClass` when `class` is none; as `lookup_order`, for the class of `oop`, when the answer is not cached.
    pub fn is_kind_of(&mut self, oop: Oop, class: Oop) -> HeapResult<bool> {
        let own = self.heap.class_index_of(oop);
        self.kinship_of(own, class, false)
    }

    /// Whether `oop` is an instance of `module` or of a class with it among its Ruby ancestors (`Module#===`).
    ///
    /// # Errors
    /// As `is_kind_of`.
    pub fn is_ruby_kind_of(&mut self, oop: Oop, module: Oop) -> HeapResult<bool> {
        let own = self.heap.class_index_of(oop);
        self.kinship_of(own, module, true)
    }

    /// Whether `own` is `class` or lies below it, in either environment or in Ruby's; asked so often that answers are kept.
    fn kinship_of(&mut self, own: ClassIndex, class: Oop, ruby: bool) -> HeapResult<bool> {
        let place = Kinship::place(own, class);
        let known = self.classes.kinship[place];
        if known.own == own.0 && known.class == class.bits() && known.ruby == ruby {
            return Ok(known.answer);
        }
        let wanted = self.heap.class_index(class)?;
        let answer = own == wanted
            || self.lookup_order(own, 1)?.contains(&wanted)
            || !ruby && self.lookup_order(own, 0)?.contains(&wanted);
        self.classes.kinship[place] = Kinship {
            class: class.bits(),
            own: own.0,
            ruby,
            answer,
        };
        Ok(answer)
    }

    /// Forgets who is kin: classes changed, or may have died.
    pub fn forget_kinship(&mut self) {
        self.classes.kinship.fill(Kinship::default());
    }
}

/// A class is above itself: no primitive lets that happen, so the repository is damaged.
#[cold]
fn circle() -> HeapError {
    let text = "the superclasses or modules of a class lead back to it".to_string();
    HeapError::Host(HostError::Damaged(text))
}
