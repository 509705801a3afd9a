//! From objects to records: what a commit sends.

use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, flags};
use crate::shape::{IvarPlace, ShapeId};
use format::record::{Body, RECORD_FROZEN, Record};
use format::{ObjectId, Oop, wellknown};

impl Heap {
    /// Committed objects changed in this transaction.
    pub fn dirty_objects(&self) -> Vec<Oop> {
        self.dirty.iter().map(|r| r.oop()).collect()
    }

    pub fn has_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    pub fn is_committed(&self, object: Oop) -> bool {
        object.is_pointer() && ObjectRef::of(object).has(flags::COMMITTED)
    }

    pub fn is_dirty(&self, object: Oop) -> bool {
        object.is_pointer() && ObjectRef::of(object).has(flags::DIRTY)
    }

    /// The object's id if it has one.
    pub fn id_of(&self, object: Oop) -> Option<ObjectId> {
        if !object.is_pointer() {
            return None;
        }
        Some(ObjectRef::of(object).id_bits())
            .filter(|&b| b != 0)
            .map(ObjectId)
    }

    /// Gives an object its id (symbols from the stone, genesis).
    ///
    /// # Panics
    /// When it has another id already.
    pub fn set_id(&mut self, object: Oop, id: ObjectId) {
        let r = ObjectRef::of(object);
        assert!(
            r.id_bits() == 0 || r.id_bits() == id.0,
            "an id is never renumbered"
        );
        r.set_word1((r.word1() & !crate::layout::ID_MASK) | id.0);
        self.enter_id(id, r);
    }

    /// Calls `visit` with every object in memory that `object` refers to: class, slots, elements, instance variables and their names.
    /// References that are still ids are not visited. The class is visited only when it is in memory.
    pub fn each_reference(&self, object: Oop, mut visit: impl FnMut(Oop)) {
        let r = ObjectRef::of(object);
        let mut each = |v: Oop| {
            if v.is_pointer() {
                visit(v);
            }
        };
        let shape = self.shape(ShapeId(r.shape_bits()));
        each(self.class_info(shape.class).class);
        match r.kind() {
            Kind::Slots | Kind::Indexed => {
                for i in 0..r.inline_slots() {
                    // SAFETY: i is below inline_slots.
                    each(unsafe { *r.slot_ptr(i) });
                }
                if r.kind() == Kind::Indexed {
                    for i in 0..r.len() {
                        // SAFETY: i is below len.
                        each(unsafe { *(r.buffer() as *const Oop).add(i) });
                    }
                }
            }
            Kind::Bytes | Kind::Raw => {}
        }
        for &name in &shape.names {
            each(name);
        }
        for &(name, value) in self.side.get(&object.bits()).into_iter().flatten() {
            each(name);
            each(value);
        }
    }

    /// The record of `object`.
    ///
    /// # Errors
    /// The first referenced object that has no id yet.
    pub fn to_record(&self, object: Oop) -> Result<Record, Oop> {
        let r = ObjectRef::of(object);
        let shape = self.shape(ShapeId(r.shape_bits()));
        let info = self.class_info(shape.class);
        let store = |v: Oop| -> Result<Oop, Oop> {
            if v.is_undef() {
                return Ok(Oop::NIL);
            }
            if !v.is_pointer() {
                return Ok(v);
            }
            match ObjectRef::of(v).id_bits() {
                0 => Err(v),
                id => Ok(Oop::from_id(ObjectId(id))),
            }
        };
        let class = store(info.class)?.as_id().expect("a class is an object");
        // SAFETY (both closures): indexes stay below inline_slots and len.
        let is_block = shape.class == self.wellknown_class(wellknown::EXEC_BLOCK);
        let slot = |i: usize| {
            // Which frame made a closure means nothing in another gem.
            if is_block && i == wellknown::slots::block::CREATOR {
                return Ok(Oop::NIL);
            }
            store(unsafe { *r.slot_ptr(i) })
        };
        let element = |i: usize| store(unsafe { *(r.buffer() as *const Oop).add(i) });
        let named = (shape.fixed as usize).min(r.inline_slots());
        let body = match r.kind() {
            Kind::Slots => {
                // Objects of fixed layout with more slots than declared (environments) keep them all.
                let count = if shape.names.is_empty() && info.hint == info.fixed {
                    r.inline_slots()
                } else {
                    named
                };
                Body::Slots((0..count).map(slot).collect::<Result<_, _>>()?)
            }
            Kind::Indexed => {
                let mut slots = (0..named).map(slot).collect::<Result<Vec<_>, _>>()?;
                for i in 0..r.len() {
                    slots.push(element(i)?);
                }
                Body::Slots(slots)
            }
            Kind::Bytes => Body::Bytes(self.bytes(object).to_vec()),
            // SAFETY: Raw objects have one inline word.
            Kind::Raw => Body::Bytes(
                unsafe { *(r.slot_ptr(0) as *const u64) }
                    .to_le_bytes()
                    .to_vec(),
            ),
        };
        let mut dynamic = Vec::new();
        for (i, &name) in shape.names.iter().enumerate() {
            let value = match shape.place(i) {
                // SAFETY: inline places are below inline_slots.
                IvarPlace::Inline(s) => Some(unsafe { *r.slot_ptr(s as usize) }),
                IvarPlace::Side => self
                    .side
                    .get(&object.bits())
                    .and_then(|pairs| pairs.iter().find(|p| p.0 == name))
                    .map(|p| p.1),
            };
            if let Some(value) = value.filter(|v| !v.is_undef()) {
                dynamic.push((store(name)?, store(value)?));
            }
        }
        Ok(Record {
            id: ObjectId(r.id_bits()),
            class,
            format: info.format,
            flags: if r.has(flags::FROZEN) {
                RECORD_FROZEN
            } else {
                0
            },
            detail: r.detail() as u16,
            policy: 0,
            body,
            dynamic,
        })
    }

    /// The object now is in the repository as it stands here.
    pub fn mark_committed(&mut self, object: Oop) {
        let r = ObjectRef::of(object);
        r.clear(flags::DIRTY);
        r.set(flags::COMMITTED | flags::BARRIER);
        self.enter_id(ObjectId(r.id_bits()), r);
    }

    /// Forgets which objects are dirty and answers them: the caller marks them committed or refreshes them.
    pub fn take_dirty(&mut self) -> Vec<Oop> {
        self.dirty_marked = 0;
        std::mem::take(&mut self.dirty)
            .into_iter()
            .map(|r| r.oop())
            .collect()
    }

    /// Puts objects back on the list that `take_dirty` emptied, but for those that were refreshed meanwhile (an abort that failed half-way).
    pub fn restore_dirty(&mut self, objects: &[Oop]) {
        let still = objects.iter().map(|&o| ObjectRef::of(o));
        self.dirty.extend(still.filter(|r| r.has(flags::DIRTY)));
    }
}
