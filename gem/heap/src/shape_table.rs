//! The shape table: which shape new instances of a class get, and where a new instance variable leads.

use crate::class_info::ClassIndex;
use crate::error::HeapResult;
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef};
use crate::shape::{Shape, ShapeId, Template};
use format::oop::{TAG_CHAR, TAG_ID};
use format::{Oop, wellknown};
use hashbrown::HashMap;

impl Heap {
    pub(crate) fn make_fixed_shapes(&mut self) {
        let fixed = [
            (ShapeId::NONE, wellknown::OBJECT),
            (ShapeId::SMALL_INTEGER, wellknown::SMALL_INTEGER),
            (ShapeId::SMALL_DOUBLE, wellknown::SMALL_DOUBLE),
            (ShapeId::NIL, wellknown::UNDEFINED_OBJECT),
            (ShapeId::TRUE, wellknown::TRUE_CLASS),
            (ShapeId::FALSE, wellknown::FALSE_CLASS),
            (ShapeId::CHARACTER, wellknown::CHARACTER),
            (ShapeId::ARRAY, wellknown::ARRAY),
            (ShapeId::STRING, wellknown::STRING),
            (ShapeId::SYMBOL, wellknown::SYMBOL),
            (ShapeId::FLOAT, wellknown::FLOAT),
            (ShapeId::LARGE_INTEGER, wellknown::LARGE_INTEGER),
            (ShapeId::EXEC_BLOCK, wellknown::EXEC_BLOCK),
        ];
        for row in wellknown::CLASSES {
            let fixed = wellknown::slot_count(row) as u16;
            self.add_class(Oop::from_id(row.id), row.format, fixed);
        }
        for (i, (shape, class)) in fixed.into_iter().enumerate() {
            assert_eq!(shape.0 as usize, i, "fixed shapes are numbered in order");
            let class = self.class_index[&Oop::from_id(class).bits()];
            let info = &self.classes[class.0 as usize];
            let inline = if info.kind == Kind::Raw {
                1
            } else {
                info.fixed
            };
            self.add_shape(class, inline, inline, Vec::new());
            let info = &mut self.classes[class.0 as usize];
            if shape != ShapeId::NONE {
                info.hint = inline;
                info.root = shape;
                info.roots.push((inline, shape));
            }
        }
        assert_eq!(self.shapes.len() as u32, ShapeId::FIRST_FREE);
    }

    /// The shape of new instances of a class.
    #[inline(always)]
    pub fn root_shape(&mut self, index: ClassIndex) -> ShapeId {
        let root = self.classes[index.0 as usize].root;
        if root != ShapeId::NONE {
            return root;
        }
        self.make_root_shape(index)
    }

    #[cold]
    #[inline(never)]
    fn make_root_shape(&mut self, index: ClassIndex) -> ShapeId {
        let hint = self.classes[index.0 as usize].hint;
        let root = self.root_shape_with(index, hint);
        self.classes[index.0 as usize].root = root;
        root
    }

    pub(crate) fn root_shape_with(&mut self, index: ClassIndex, inline: u16) -> ShapeId {
        let info = &self.classes[index.0 as usize];
        if let Some(&(_, shape)) = info.roots.iter().find(|(n, _)| *n == inline) {
            return shape;
        }
        let shape = self.add_shape(index, inline, info.fixed.min(inline), Vec::new());
        self.classes[index.0 as usize].roots.push((inline, shape));
        shape
    }

    fn add_shape(
        &mut self,
        class: ClassIndex,
        inline_slots: u16,
        fixed: u16,
        names: Vec<Oop>,
    ) -> ShapeId {
        let shape = ShapeId(self.shapes.len() as u32);
        let kind = self.classes[class.0 as usize].kind;
        self.shapes.push(Shape {
            class,
            inline_slots,
            fixed,
            template: Template::of(shape, kind, inline_slots as usize),
            names,
            transitions: HashMap::new(),
        });
        shape
    }

    /// The shape after setting a new instance variable `name`.
    pub fn transition(&mut self, from: ShapeId, name: Oop) -> ShapeId {
        if let Some(&to) = self.shapes[from.0 as usize].transitions.get(&name.bits()) {
            return to;
        }
        let old = &self.shapes[from.0 as usize];
        let mut names = old.names.clone();
        names.push(name);
        let (class, inline_slots, fixed) = (old.class, old.inline_slots, old.fixed);
        let to = self.add_shape(class, inline_slots, fixed, names);
        self.shapes[from.0 as usize]
            .transitions
            .insert(name.bits(), to);
        to
    }

    #[inline(always)]
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// The shape of any oop that is no object id.
    #[inline(always)]
    pub fn shape_of(&self, oop: Oop) -> ShapeId {
        if oop.is_pointer() {
            ShapeId(ObjectRef(oop.bits() as *mut u64).shape_bits())
        } else {
            Self::immediate_shape(oop)
        }
    }

    #[inline(always)]
    pub fn immediate_shape(oop: Oop) -> ShapeId {
        if oop.is_small_int() {
            ShapeId::SMALL_INTEGER
        } else if oop.is_small_double() {
            ShapeId::SMALL_DOUBLE
        } else {
            match oop {
                Oop::TRUE => ShapeId::TRUE,
                Oop::FALSE => ShapeId::FALSE,
                _ if oop.bits() as u8 == TAG_CHAR => ShapeId::CHARACTER,
                _ => {
                    debug_assert!(
                        oop.bits() as u8 != TAG_ID,
                        "H3: an object id where only slots may hold one"
                    );
                    ShapeId::NIL
                }
            }
        }
    }

    /// Gives `object` another class (a singleton class, or `become`-like changes); instance variables stay.
    ///
    /// # Errors
    /// As [`Heap::class_index`].
    pub fn set_class(&mut self, object: Oop, class: Oop) -> HeapResult<()> {
        let index = self.class_index(class)?;
        let r = ObjectRef::of(object);
        let old = ShapeId(r.shape_bits());
        let names = self.shapes[old.0 as usize].names.clone();
        let fixed = self.shapes[old.0 as usize].fixed;
        let info = &mut self.classes[index.0 as usize];
        info.fixed = fixed;
        info.hint = info.hint.max(fixed);
        info.root = ShapeId::NONE;
        let mut shape = self.root_shape_with(index, r.inline_slots() as u16);
        for name in names {
            shape = self.transition(shape, name);
        }
        self.set_shape(r, shape);
        // A frozen object may still get its singleton class.
        if !self.is_frozen(object) {
            self.write_barrier(object)?;
        }
        Ok(())
    }

    #[inline(always)]
    pub(crate) fn set_shape(&mut self, object: ObjectRef, shape: ShapeId) {
        object.set_header((object.header() & !0xFFFF_FFFF) | shape.0 as u64);
    }
}
