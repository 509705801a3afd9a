//! Instance variables by name: which slot a shape gives them, the side table for those that found none.

use crate::error::{HeapError, HeapResult};
use crate::heap::Heap;
use crate::layout::{ObjectRef, flags};
use crate::shape::{IvarPlace, ShapeId};
use format::Oop;

impl Heap {
    /// Instance variable `name` (a symbol) of `object`, or `None` when it has none.
    ///
    /// # Errors
    /// Those of [`Heap::fault`], when the value is not in memory yet.
    pub fn ivar(&mut self, object: Oop, name: Oop) -> HeapResult<Option<Oop>> {
        if !object.is_pointer() {
            return Ok(None);
        }
        let r = ObjectRef::of(object);
        match self.shape(ShapeId(r.shape_bits())).place_of(name) {
            Some(IvarPlace::Inline(slot)) => {
                let value = self.slot(object, slot as usize)?;
                Ok(if value.is_undef() { None } else { Some(value) })
            }
            _ if r.has(flags::SIDE) => self.side_ivar(object, name),
            _ => Ok(None),
        }
    }

    fn side_ivar(&mut self, object: Oop, name: Oop) -> HeapResult<Option<Oop>> {
        let found = self
            .side
            .get(&object.bits())
            .and_then(|pairs| pairs.iter().find(|p| p.0 == name))
            .map(|p| p.1);
        let Some(value) = found else { return Ok(None) };
        let Some(id) = value.as_id() else {
            return Ok(Some(value));
        };
        let target = self.fault(id)?;
        self.remember(ObjectRef::of(object));
        if let Some(pair) = self
            .side
            .get_mut(&object.bits())
            .and_then(|pairs| pairs.iter_mut().find(|p| p.0 == name))
        {
            pair.1 = target;
        }
        Ok(Some(target))
    }

    /// Sets instance variable `name`, moving the object to another shape when it is new.
    ///
    /// # Errors
    /// `Frozen`.
    pub fn set_ivar(&mut self, object: Oop, name: Oop, value: Oop) -> HeapResult<()> {
        if !object.is_pointer() {
            return Err(HeapError::Frozen(object));
        }
        self.write_barrier(object)?;
        let r = ObjectRef::of(object);
        let shape = ShapeId(r.shape_bits());
        match self.shape(shape).place_of(name) {
            Some(IvarPlace::Inline(slot)) => {
                // SAFETY: inline places are below inline_slots.
                unsafe { *r.slot_ptr(slot as usize) = value };
            }
            Some(IvarPlace::Side) => self.set_side(r, name, value),
            None => {
                let next = self.transition(shape, name);
                match self.shape(next).place(self.shape(next).names.len() - 1) {
                    // SAFETY: as above.
                    IvarPlace::Inline(slot) => unsafe { *r.slot_ptr(slot as usize) = value },
                    IvarPlace::Side => {
                        let class = self.shape(shape).class;
                        let wanted = self.shape(next).names.len();
                        self.expect_ivars(class, wanted);
                        self.set_side(r, name, value);
                    }
                }
                self.set_shape(r, next);
            }
        }
        Ok(())
    }

    fn set_side(&mut self, r: ObjectRef, name: Oop, value: Oop) {
        if !r.has(flags::SIDE) {
            r.set(flags::SIDE);
            self.young_side.push(r.oop().bits());
        }
        let pairs = self.side.entry(r.oop().bits()).or_default();
        match pairs.iter_mut().find(|p| p.0 == name) {
            Some(pair) => pair.1 = value,
            None => pairs.push((name, value)),
        }
    }

    /// Removes instance variable `name`; answers its value.
    ///
    /// # Errors
    /// `Frozen`; those of [`Heap::fault`], when the value is not in memory yet. The variable is still there then.
    pub fn remove_ivar(&mut self, object: Oop, name: Oop) -> HeapResult<Option<Oop>> {
        let Some(value) = self.ivar(object, name)? else {
            return Ok(None);
        };
        self.write_barrier(object)?;
        let r = ObjectRef::of(object);
        match self.shape(ShapeId(r.shape_bits())).place_of(name) {
            // The slot stays in the shape; undef marks it as absent.
            // SAFETY: inline places are below inline_slots.
            Some(IvarPlace::Inline(slot)) => unsafe { *r.slot_ptr(slot as usize) = Oop::UNDEF },
            _ => {
                if let Some(pairs) = self.side.get_mut(&object.bits()) {
                    pairs.retain(|p| p.0 != name);
                }
            }
        }
        Ok(Some(value))
    }

    /// Names of the instance variables that `object` has, in the order they were set.
    pub fn ivar_names(&self, object: Oop) -> Vec<Oop> {
        if !object.is_pointer() {
            return Vec::new();
        }
        let r = ObjectRef::of(object);
        let shape = self.shape(ShapeId(r.shape_bits()));
        let side = self.side.get(&object.bits());
        let present = |(i, name): (usize, &Oop)| match shape.place(i) {
            // SAFETY: inline places are below inline_slots.
            IvarPlace::Inline(slot) => {
                unsafe { !(*r.slot_ptr(slot as usize)).is_undef() }.then_some(*name)
            }
            IvarPlace::Side => side
                .is_some_and(|pairs| pairs.iter().any(|p| p.0 == *name))
                .then_some(*name),
        };
        shape.names.iter().enumerate().filter_map(present).collect()
    }
}
