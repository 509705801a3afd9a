//! The body of an object as a record tells it. First everything that can fail: the class is found, the body checked against it, the names of instance variables
//! faulted, memory reserved. Then everything is written, in steps that cannot fail. So an object is never half of one state and half of another.
//!
//! Must not know: how a record came here, what becomes of the objects that refer to this one.

use crate::class_info::ClassIndex;
use crate::error::{HeapError, HeapResult, HostError};
use crate::heap::Heap;
use crate::layout::{Kind, MAX_INLINE_SLOTS, ObjectRef, buffer_capacity, flags};
use crate::shape::{IvarPlace, ShapeId};
use format::record::{RECORD_FROZEN, RecordView};
use format::{Format, Oop};

/// A record's body, checked against its class.
pub(crate) struct Body<'a> {
    view: RecordView<'a>,
    class: ClassIndex,
    pub kind: Kind,
    fixed: usize,
    /// Instance variables beyond the declared ones: symbol, and a value that may be an object id.
    dynamic: Vec<(Oop, Oop)>,
}

impl Body<'_> {
    /// Fewest inline slots of an object that can hold it.
    pub fn slots_min(&self) -> usize {
        match self.kind {
            Kind::Slots => self.view.size().max(self.fixed),
            Kind::Indexed | Kind::Bytes => self.fixed,
            Kind::Raw => 1,
        }
    }

    /// Elements or bytes behind the slots, and the bytes that each takes.
    fn items(&self) -> (usize, usize) {
        match self.kind {
            Kind::Indexed => (self.view.size() - self.fixed, 8),
            Kind::Bytes => (self.view.size(), 1),
            Kind::Slots | Kind::Raw => (0, 1),
        }
    }
}

fn mismatch(view: &RecordView) -> HeapError {
    HeapError::Host(HostError::Damaged(format!(
        "the record of object {} does not fit its class",
        view.id()
    )))
}

impl Heap {
    /// Checks the body of `view` against its class, and finds the names of its instance variables. Changes no object.
    ///
    /// # Errors
    /// `Damaged` when the body does not fit the class or names a variable twice; those of [`Heap::class_index`] for the class and of [`Heap::fault`] for the
    /// names.
    pub(crate) fn body_of<'a>(&mut self, view: &RecordView<'a>) -> HeapResult<Body<'a>> {
        let class = self.class_index(Oop::from_id(view.class()))?;
        let info = self.class_info(class);
        let (kind, fixed) = (info.kind, info.fixed as usize);
        let bytes = view.format() == Format::Bytes;
        let fits = match kind {
            Kind::Slots => !bytes,
            Kind::Indexed => !bytes && view.size() >= fixed,
            Kind::Bytes => bytes,
            Kind::Raw => bytes && view.size() == 8,
        };
        if !fits {
            return Err(mismatch(view));
        }
        let mut dynamic: Vec<(Oop, Oop)> = Vec::with_capacity(view.dynamic_count().min(64));
        for (name, value) in view.dynamic() {
            let name = self.fault_symbol(name.as_id().expect("parse checked it"))?;
            if dynamic.iter().any(|known| known.0 == name) {
                return Err(mismatch(view));
            }
            dynamic.push((name, value));
        }
        let body = Body {
            view: *view,
            class,
            kind,
            fixed,
            dynamic,
        };
        if body.slots_min() + body.dynamic.len() > MAX_INLINE_SLOTS {
            return Err(HostError::Damaged(format!(
                "object {} has more named slots than an object can",
                view.id()
            ))
            .into());
        }
        Ok(body)
    }

    /// A new object with this body, known to nobody yet.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub(crate) fn object_of(&mut self, body: &Body) -> HeapResult<ObjectRef> {
        let hint = self.class_info(body.class).hint as usize;
        let slots = match body.kind {
            Kind::Raw => 1,
            _ => (body.slots_min())
                .max(body.fixed + body.dynamic.len())
                .max(hint),
        };
        let (count, item) = body.items();
        let buffer = match count {
            0 => None,
            _ => Some(self.new_buffer(count, item)?),
        };
        let shape = self.root_shape_with(body.class, slots as u16);
        let r = self.allocate_raw(shape, body.kind, slots);
        if let Some(buffer) = buffer {
            r.set_buffer(buffer);
        }
        self.write_body(r, body);
        Ok(r)
    }

    /// The buffer that `r` needs when `body`, which fits it, is to replace its own; `None` when its own has room. Changes nothing.
    ///
    /// # Errors
    /// `OutOfMemory`.
    pub(crate) fn buffer_for(&mut self, r: ObjectRef, body: &Body) -> HeapResult<Option<*mut u8>> {
        assert!(body.kind == r.kind() && body.slots_min() <= r.inline_slots());
        let (count, item) = body.items();
        if count == 0 || count * item <= buffer_capacity(r.buffer()) {
            return Ok(None);
        }
        Ok(Some(self.new_buffer(count, item)?))
    }

    /// Gives `r`, which `body` fits, this body instead of its own. `fresh` is what `buffer_for` answered. Cannot fail.
    pub(crate) fn replace_body(&mut self, r: ObjectRef, body: &Body, fresh: Option<*mut u8>) {
        assert!(body.kind == r.kind() && body.slots_min() <= r.inline_slots());
        self.forget_text(r.oop());
        if let Some(fresh) = fresh {
            r.set_len(0);
            self.replace_buffer(r, fresh);
        }
        if self.shape(ShapeId(r.shape_bits())).class != body.class {
            r.clear(flags::WEAK | flags::EPHEMERON);
        }
        if body.kind == Kind::Bytes {
            r.clear(flags::ASCII);
        }
        if self.side.remove(&r.oop().bits()).is_some() {
            r.clear(flags::SIDE);
        }
        r.clear(flags::FROZEN);
        self.remember(r);
        self.write_body(r, body);
    }

    /// Writes all of `body` into `r`, which has room for it. Cannot fail.
    fn write_body(&mut self, r: ObjectRef, body: &Body) {
        let view = &body.view;
        assert_eq!(r.kind(), body.kind);
        let slots = match body.kind {
            Kind::Slots => view.size(),
            Kind::Indexed => body.fixed,
            Kind::Bytes | Kind::Raw => 0,
        };
        assert!(slots <= r.inline_slots());
        if body.kind != Kind::Raw {
            for i in 0..r.inline_slots() {
                let value = if i < slots { view.slot(i) } else { Oop::NIL };
                // SAFETY: i is below inline_slots.
                unsafe { *r.slot_ptr(i) = value };
            }
        }
        write_items(r, body);
        self.write_dynamic(r, body);
        r.set_word1(view.id().0 | (view.detail() as u8 as u64) << 56);
        let mut set = flags::COMMITTED | flags::BARRIER;
        if view.flags() & RECORD_FROZEN != 0 {
            set |= flags::FROZEN;
        }
        r.set(set);
    }

    /// Gives `r` its shape and the instance variables that the shape names.
    fn write_dynamic(&mut self, r: ObjectRef, body: &Body) {
        let mut shape = self.root_shape_with(body.class, r.inline_slots() as u16);
        for &(name, _) in &body.dynamic {
            shape = self.transition(shape, name);
        }
        self.set_shape(r, shape);
        let mut side = Vec::new();
        for (i, &(name, value)) in body.dynamic.iter().enumerate() {
            match self.shape(shape).place(i) {
                // SAFETY: inline places are below inline_slots.
                IvarPlace::Inline(slot) => unsafe { *r.slot_ptr(slot as usize) = value },
                IvarPlace::Side => side.push((name, value)),
            }
        }
        if !side.is_empty() {
            r.set(flags::SIDE);
            self.young_side.push(r.oop().bits());
            self.side.insert(r.oop().bits(), side);
        }
    }
}

/// Writes what lies behind the slots: `r` has a buffer for it.
fn write_items(r: ObjectRef, body: &Body) {
    let view = &body.view;
    let (count, item) = body.items();
    if matches!(body.kind, Kind::Indexed | Kind::Bytes) {
        assert!(count * item <= buffer_capacity(r.buffer()));
        r.set_len(count);
    }
    match body.kind {
        Kind::Slots => {}
        Kind::Indexed => {
            for i in 0..count {
                // SAFETY: the buffer has room for `count` oops.
                unsafe { *(r.buffer() as *mut Oop).add(i) = view.slot(body.fixed + i) };
            }
        }
        Kind::Bytes => {
            let bytes = view.byte_body();
            if count > 0 {
                // SAFETY: the buffer has room for `count` bytes, which is how many there are.
                unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), r.buffer(), count) };
            }
        }
        Kind::Raw => {
            let raw = view.byte_body().try_into().expect("eight bytes, checked");
            // SAFETY: Raw objects have one inline word.
            unsafe { *(r.slot_ptr(0) as *mut u64) = u64::from_le_bytes(raw) };
        }
    }
}
