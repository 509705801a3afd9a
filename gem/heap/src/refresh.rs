//! An object in memory takes on another committed state: after an abort, or when another session changed it.
//!
//! Many objects change together when a view moves. So a refresh has two halves: all of them are made ready, which may fail and changes nothing, and then all are
//! finished, which cannot fail.
//!
//! The id stays, but `become:` may have given it a body of another layout. Such a body does not fit into the object in memory; then a new object gets it, and the
//! id with it, and whoever refers to the old object must refer to the new one before any code runs again.

use crate::body::Body;
use crate::error::{HeapResult, HostError};
use crate::heap::Heap;
use crate::identity::Exchange;
use crate::layout::{ID_MASK, ObjectRef, flags};
use format::record::RecordView;
use format::{ObjectId, Oop, wellknown};

/// Where the refreshed state is.
#[must_use = "references to an object that moved must be rewritten"]
#[derive(Clone, Copy, Debug)]
pub enum Refreshed {
    /// In the object itself.
    InPlace,
    /// In a new object. References to the old one (`one`) must become references to the new one (`other`): `Vm::forward_all`.
    Moved(Exchange),
}

impl Refreshed {
    /// Which references have to be rewritten.
    pub fn exchange(self) -> Option<Exchange> {
        match self {
            Refreshed::InPlace => None,
            Refreshed::Moved(exchange) => Some(exchange),
        }
    }
}

/// A refresh that has all it needs. No code and no collection may run before it is finished or dropped.
#[must_use = "nothing has changed yet"]
pub struct ReadyRefresh<'a> {
    object: ObjectRef,
    id: ObjectId,
    body: Body<'a>,
    room: Room,
}

/// Where the new body goes.
enum Room {
    /// Into the object, with another buffer when its own is too small.
    Own(Option<*mut u8>),
    /// It has been written into this new object, which nobody knows yet.
    New(ObjectRef),
}

impl Heap {
    /// Gives `object` the state that the record of its id tells. When it fails, nothing has changed.
    ///
    /// # Errors
    /// As `ready_refresh`.
    pub fn refresh(&mut self, object: Oop, view: &RecordView) -> HeapResult<Refreshed> {
        let ready = self.ready_refresh(object, view)?;
        Ok(self.finish_refresh(ready))
    }

    /// Finds and reserves all that `object` needs to take on the state that the record of its id tells. Changes nothing.
    ///
    /// # Errors
    /// `Damaged` when the record is another object's, does not fit its class or names a variable twice; `OutOfMemory`; those of [`Heap::class_index`] for its
    /// class and of [`Heap::fault`] for the names of its instance variables.
    pub fn ready_refresh<'a>(
        &mut self,
        object: Oop,
        view: &RecordView<'a>,
    ) -> HeapResult<ReadyRefresh<'a>> {
        let r = ObjectRef::of(object);
        let known = self.by_id.get(&view.id().0) == Some(&r) && r.id_bits() == view.id().0;
        if !known || self.is_symbol(object) || view.class() == wellknown::SYMBOL {
            let text = format!("the record of object {} is not this object's", view.id());
            return Err(HostError::Damaged(text).into());
        }
        let body = self.body_of(view)?;
        let fits = body.kind == r.kind() && body.slots_min() <= r.inline_slots();
        let room = if fits {
            Room::Own(self.buffer_for(r, &body)?)
        } else {
            Room::New(self.object_of(&body)?)
        };
        Ok(ReadyRefresh {
            object: r,
            id: view.id(),
            body,
            room,
        })
    }

    /// The object takes on its new state. Cannot fail.
    pub fn finish_refresh(&mut self, ready: ReadyRefresh) -> Refreshed {
        let (r, id) = (ready.object, ready.id);
        let refreshed = match ready.room {
            Room::Own(buffer) => {
                self.replace_body(r, &ready.body, buffer);
                self.forget_change(r);
                Refreshed::InPlace
            }
            Room::New(new) => {
                self.hand_over(r, new, id);
                Refreshed::Moved(Exchange {
                    one: r.oop(),
                    other: new.oop(),
                    both: false,
                })
            }
        };
        debug_assert!(self.by_id.get(&id.0).is_some_and(|r| {
            r.id_bits() == id.0
                && r.header() & (flags::COMMITTED | flags::DIRTY) == flags::COMMITTED
        }));
        refreshed
    }

    /// `new` is what `old` was: the object with this id, and a class if that was one.
    fn hand_over(&mut self, old: ObjectRef, new: ObjectRef, id: ObjectId) {
        self.forget_change(old);
        old.set_word1(old.word1() & !ID_MASK);
        old.clear(flags::COMMITTED);
        self.enter_id(id, new);
        if let Some(index) = self.forget_class_object(old.oop()) {
            self.learn_class(index, new.oop());
        }
    }

    fn forget_change(&mut self, r: ObjectRef) {
        if r.has(flags::DIRTY) {
            r.clear(flags::DIRTY);
            self.dirty.retain(|&other| other != r);
            self.dirty_marked = 0;
        }
    }
}

#[cfg(test)]
mod tests;
