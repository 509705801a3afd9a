//! Making classes, modules, singleton classes.

use crate::errors::{ModelError, raise};
use crate::model::Model;
use format::Format;
use format::wellknown;
use format::wellknown::slots::{behavior, class_flags, scope};
use gem_heap::{Oop, ShapeId};

impl Model {
    /// A new class with metaclass. `name` is a symbol or nil; `inst_vars` are the slots it adds.
    ///
    /// # Errors
    /// `Bounds` when `superclass` is neither nil nor a class; those of [`Heap::fault`](gem_heap::Heap::fault), when its metaclass or the class of that is not
    /// in memory yet; `OutOfMemory` for more `inst_vars` than there is room for.
    pub fn make_class(
        &mut self,
        name: Oop,
        superclass: Oop,
        format: Option<Format>,
        inst_vars: &[Oop],
    ) -> Result<Oop, ModelError> {
        let (inherited_format, inherited_fixed) = self.class_layout(superclass)?;
        let format = match format {
            Some(Format::Slots) | None => inherited_format,
            Some(f) => f,
        };
        let class = self.bare_class(wellknown::CLASS)?;
        let superclass_meta = if superclass.is_nil() {
            self.known_class(wellknown::CLASS)?
        } else {
            self.heap.class_of(superclass)?
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
        self.heap.set_slot(meta, behavior::ATTACHED, class)?;
        let above = self.heap.class_of(superclass_meta)?;
        if self.class_flags(above)? & class_flags::SINGLETON != 0 {
            // The superclass's metaclass has singleton methods: they are inherited.
            self.heap.set_class(meta, above)?;
        }
        self.fill_class(
            class,
            superclass,
            format,
            inherited_fixed + inst_vars.len(),
            inst_vars,
            0,
        )?;
        self.heap.set_slot(class, behavior::NAME, name)?;
        self.heap.set_class(class, meta)?;
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
    /// None that is known: nothing that it makes is large enough to be refused, and a new object takes every write.
    pub fn make_module(&mut self, name: Oop) -> Result<Oop, ModelError> {
        let module = self.bare_class(wellknown::MODULE)?;
        self.fill_class(module, Oop::NIL, Format::Slots, 0, &[], class_flags::MODULE)?;
        self.heap.set_slot(module, behavior::NAME, name)?;
        self.set_persistable_as_mode(module)?;
        Ok(module)
    }

    fn bare_class(&mut self, of: format::ObjectId) -> Result<Oop, ModelError> {
        Ok(self.heap.new_with_slots(of, &[Oop::NIL; behavior::COUNT]))
    }

    fn fill_class(
        &mut self,
        class: Oop,
        superclass: Oop,
        format: Format,
        fixed: usize,
        inst_vars: &[Oop],
        flags: i64,
    ) -> Result<(), ModelError> {
        self.heap
            .set_slot(class, behavior::SUPERCLASS, superclass)?;
        self.heap.set_slot(
            class,
            behavior::FORMAT,
            Oop::small_int_wrapping(format as i64 | (fixed as i64) << 8),
        )?;
        let names = self.heap.new_array(inst_vars)?;
        self.heap.set_slot(class, behavior::INST_VAR_NAMES, names)?;
        self.heap
            .set_slot(class, behavior::FLAGS, Oop::small_int_wrapping(flags))?;
        Ok(())
    }

    /// Format and number of declared slots of a class (nil: an object without slots).
    ///
    /// # Errors
    /// `Bounds` when `class` is neither nil nor a class. Those of [`Heap::fault`](gem_heap::Heap::fault) only for a damaged one: the format is an immediate.
    pub fn class_layout(&mut self, class: Oop) -> Result<(Format, usize), ModelError> {
        if class.is_nil() {
            return Ok((Format::Slots, 0));
        }
        let word = self
            .heap
            .slot(class, behavior::FORMAT)?
            .as_small_int()
            .unwrap_or(0);
        Ok((
            Format::from_u8(word as u8).unwrap_or(Format::Slots),
            (word >> 8) as usize,
        ))
    }

    /// Sets bits of a class's flags.
    ///
    /// # Errors
    /// `Frozen`; as `class_flags`.
    pub fn add_class_flags(&mut self, class: Oop, bits: i64) -> Result<(), ModelError> {
        let flags = self.class_flags(class)? | bits;
        Ok(self
            .heap
            .set_slot(class, behavior::FLAGS, Oop::small_int_wrapping(flags))?)
    }

    /// The singleton class of an object, made when it has none.
    ///
    /// # Errors
    /// Raises ArgumentTypeError (Ruby's TypeError) for what cannot have one: numbers, characters and symbols. Those of [`Heap::fault`](gem_heap::Heap::fault),
    /// when a class above it is not in memory yet.
    pub fn singleton_class(&mut self, object: Oop) -> Result<Oop, ModelError> {
        if !object.is_pointer() {
            return match object {
                Oop::NIL | Oop::TRUE | Oop::FALSE => Ok(self.heap.class_of(object)?),
                _ => Err(raise(
                    wellknown::ARGUMENT_TYPE_ERROR,
                    "can't define singleton",
                )),
            };
        }
        if self.heap.is_symbol(object)
            || self.heap.is_large_integer(object)
            || self.heap.shape_of(object) == ShapeId::FLOAT
        {
            return Err(raise(
                wellknown::ARGUMENT_TYPE_ERROR,
                "can't define singleton",
            ));
        }
        let class = self.heap.class_of(object)?;
        if self.class_flags(class)? & class_flags::SINGLETON != 0
            && self.heap.slot(class, behavior::ATTACHED)? == object
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
        let of = self.heap.class_of(class)?;
        self.heap.set_class(singleton, of)?;
        let (format, fixed) = self.class_layout(class)?;
        self.fill_class(singleton, class, format, fixed, &[], class_flags::SINGLETON)?;
        self.heap.set_slot(singleton, behavior::ATTACHED, object)?;
        let of_class = self.class_flags(class)?;
        let inherited = of_class & (class_flags::PERSISTABLE | class_flags::DB_TRANSIENT);
        if inherited & class_flags::PERSISTABLE != 0 || self.heap.is_committed(class) {
            self.add_class_flags(
                singleton,
                class_flags::CLASS_PERSISTABLE | class_flags::PERSISTABLE,
            )?;
        }
        self.heap.set_class(object, singleton)?;
        if self.heap.is_frozen(object) {
            self.heap.freeze(singleton);
        }
        Ok(singleton)
    }

    /// Freezes an object, and its singleton class with it.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when its class or one above that is not in memory yet. The object itself is frozen all the same.
    pub fn freeze_object(&mut self, object: Oop) -> Result<(), ModelError> {
        self.heap.freeze(object);
        if object.is_pointer() && !self.is_module_like(object)? {
            let class = self.heap.class_of(object)?;
            if self.class_flags(class)? & class_flags::SINGLETON != 0 {
                self.heap.freeze(class);
            }
        }
        Ok(())
    }

    /// A lexical scope.
    pub fn new_scope(&mut self, module: Oop, parent: Oop) -> Oop {
        let mut slots = [Oop::NIL; 2];
        slots[scope::MODULE] = module;
        slots[scope::PARENT] = parent;
        self.heap.new_with_slots(wellknown::LEXICAL_SCOPE, &slots)
    }
}
