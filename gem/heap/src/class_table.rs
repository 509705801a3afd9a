//! The class table: which classes the heap knows, by their objects or ids, and what their instances look like.

use crate::class_info::{ClassIndex, ClassInfo};
use crate::error::{HeapError, HeapResult, HostError};
use crate::heap::Heap;
use crate::layout::{Kind, MAX_INLINE_SLOTS, ObjectRef, flags};
use crate::shape::ShapeId;
use format::wellknown::{self, slots::behavior};
use format::{Format, ObjectId, Oop};

impl Heap {
    pub(crate) fn add_class(&mut self, class: Oop, format: Format, fixed: u16) -> ClassIndex {
        let index = ClassIndex(self.classes.len() as u32);
        let kind = match format {
            _ if class == Oop::from_id(wellknown::FLOAT)
                || class == Oop::from_id(wellknown::SMALL_DOUBLE) =>
            {
                Kind::Raw
            }
            Format::Slots => Kind::Slots,
            Format::Indexed | Format::Unordered => Kind::Indexed,
            Format::Bytes => Kind::Bytes,
        };
        self.classes.push(ClassInfo {
            class,
            format,
            kind,
            fixed,
            hint: fixed,
            root: ShapeId::NONE,
            roots: Vec::new(),
        });
        self.class_index.insert(class.bits(), index);
        self.young_roots.push(class);
        index
    }

    /// The class table entry of a class object.
    ///
    /// # Errors
    /// `NotAClass` for an object that is no class, `Damaged` for what is no object; those of [`Heap::fault`] when `class` is an id, or its format is not in
    /// memory yet.
    pub fn class_index(&mut self, class: Oop) -> HeapResult<ClassIndex> {
        if let Some(&index) = self.class_index.get(&class.bits()) {
            return Ok(index);
        }
        if let Some(id) = class.as_id() {
            let object = self.fault(id)?;
            return self.class_index(object);
        }
        let Some(object) = ObjectRef::checked(class) else {
            let text = "something that is no object stands where a class belongs";
            return Err(HostError::Damaged(text.to_string()).into());
        };
        if object.id_bits() != 0
            && let Some(&index) = self
                .class_index
                .get(&Oop::from_id(ObjectId(object.id_bits())).bits())
        {
            self.learn_class(index, class);
            return Ok(index);
        }
        let not_a_class = HeapError::NotAClass(ObjectId(object.id_bits()));
        if object.kind() != Kind::Slots || object.inline_slots() < behavior::COUNT {
            return Err(not_a_class);
        }
        let word = self
            .slot(class, behavior::FORMAT)?
            .as_small_int()
            .ok_or(not_a_class.clone())?;
        let format = Format::from_u8(word as u8).ok_or(not_a_class.clone())?;
        let fixed = word >> 8;
        if !(0..=MAX_INLINE_SLOTS as i64).contains(&fixed) {
            return Err(not_a_class);
        }
        self.watch(class);
        Ok(self.add_class(class, format, fixed as u16))
    }

    /// Remembers that `class` is the object of a class so far known by id only.
    pub(crate) fn learn_class(&mut self, index: ClassIndex, class: Oop) {
        self.classes[index.0 as usize].class = class;
        self.class_index.insert(class.bits(), index);
        self.young_roots.push(class);
        self.watch(class);
    }

    /// `class` is the object of a class no more; answers of which.
    pub(crate) fn forget_class_object(&mut self, class: Oop) -> Option<ClassIndex> {
        self.class_index.remove(&class.bits())
    }

    /// References to `object` never become ids, also when memory is short: the machine names it by its place.
    pub fn pin(&mut self, object: Oop) {
        ObjectRef::of(object).set(flags::PINNED);
    }

    /// The machine derives tables from `object`. It stays in memory, so that a move of the view finds it when it has changed, and
    /// `is_watched` tells that the tables have to be made again.
    pub fn watch(&mut self, object: Oop) {
        if let Some(r) = ObjectRef::checked(object) {
            r.set(flags::PINNED | flags::WATCHED);
        }
    }

    /// Whether the machine derived tables from `object`.
    pub fn is_watched(&self, object: Oop) -> bool {
        ObjectRef::checked(object).is_some_and(|r| r.has(flags::WATCHED))
    }

    /// Reads a class's format again after its definition changed.
    ///
    /// # Errors
    /// As [`Heap::class_index`].
    pub fn reload_class(&mut self, class: Oop) -> HeapResult<()> {
        let index = self.class_index(class)?;
        let word = self.slot(class, behavior::FORMAT)?.as_small_int();
        self.set_class_format(index, word.unwrap_or(0));
        Ok(())
    }

    /// The class table entry of a class object, when it has one.
    pub fn known_class_index(&self, class: Oop) -> Option<ClassIndex> {
        let by_id = || {
            self.class_index
                .get(&Oop::from_id(self.id_of(class)?).bits())
        };
        self.class_index.get(&class.bits()).or_else(by_id).copied()
    }

    /// What the table says of a class, as the class's slot `FORMAT` has it.
    pub fn class_format(&self, index: ClassIndex) -> i64 {
        let info = self.class_info(index);
        info.format as i64 | (info.fixed as i64) << 8
    }

    /// The class now has the format that `word`, a value of its slot `FORMAT`, says.
    pub fn set_class_format(&mut self, index: ClassIndex, word: i64) {
        let info = &mut self.classes[index.0 as usize];
        info.format = Format::from_u8(word as u8).unwrap_or(info.format);
        let fixed = (word >> 8) as u16;
        if fixed != info.fixed {
            info.fixed = fixed;
            info.hint = info.hint.max(fixed);
            info.root = ShapeId::NONE;
            info.roots.clear();
        }
    }

    pub fn class_info(&self, index: ClassIndex) -> &ClassInfo {
        &self.classes[index.0 as usize]
    }

    /// The class object of a class table entry, faulted when needed.
    ///
    /// # Errors
    /// Those of [`Heap::fault`], when the class object is not in memory yet.
    pub fn class_object(&mut self, index: ClassIndex) -> HeapResult<Oop> {
        let class = self.classes[index.0 as usize].class;
        match class.as_id() {
            None => Ok(class),
            Some(id) => {
                let object = self.fault(id)?;
                self.learn_class(index, object);
                Ok(object)
            }
        }
    }

    /// Number of classes known; indexes are below it.
    pub fn class_count(&self) -> usize {
        self.classes.len()
    }

    /// New instances of the class get room for at least `slots` instance variables beyond the declared ones.
    pub fn expect_ivars(&mut self, index: ClassIndex, slots: usize) {
        let info = &mut self.classes[index.0 as usize];
        let wanted = (info.fixed as usize + slots).min(MAX_INLINE_SLOTS) as u16;
        info.hint = info.hint.max(wanted);
        info.root = ShapeId::NONE;
    }

    #[inline(always)]
    pub fn class_index_of(&self, oop: Oop) -> ClassIndex {
        self.shapes[self.shape_of(oop).0 as usize].class
    }

    /// The class object of `oop` (singleton classes included).
    ///
    /// # Errors
    /// Those of [`Heap::fault`], when the class object is not in memory yet.
    pub fn class_of(&mut self, oop: Oop) -> HeapResult<Oop> {
        let index = self.class_index_of(oop);
        self.class_object(index)
    }

    /// Whether `oop` is an instance of exactly the well-known class `id`.
    pub fn is_instance(&self, oop: Oop, id: ObjectId) -> bool {
        self.class_index_of(oop).0 as usize == Self::wellknown_index(id)
    }

    /// Class table index of a well-known class: rows enter the table first, in order.
    #[inline(always)]
    fn wellknown_index(id: ObjectId) -> usize {
        wellknown::position(id)
    }

    /// Class table entry of a well-known class.
    pub fn wellknown_class(&self, id: ObjectId) -> ClassIndex {
        ClassIndex(Self::wellknown_index(id) as u32)
    }
}
