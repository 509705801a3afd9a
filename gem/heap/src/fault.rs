//! Faulting: an object id becomes an object by copying its record. References in it stay ids until they are read.

use crate::heap::{Heap, HeapError, HeapResult};
use crate::layout::{Kind, MAX_INLINE_SLOTS, ObjectRef, flags};
use crate::shape::{Place, ShapeId};
use proto::record::{RECORD_FROZEN, RecordView};
use proto::{ObjectId, Oop, wellknown};
use std::ops::Range;

/// Largest buffer for records that is kept from one fault to the next.
const RECORD_BUFFER_MAX: usize = 1 << 20;

/// Why the world outside could not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    #[error("object {0} is not in the repository")]
    Missing(ObjectId),
    #[error("{0}")]
    Damaged(String),
    #[error("{0}")]
    Unavailable(String),
    #[error("the view of this session was revoked: abort the transaction and start again")]
    Revoked,
    #[error("{0}")]
    ReadOnly(String),
}

/// What the object memory needs from the session around it.
pub trait Host {
    /// Puts the record of `id` at this session's view into `out`.
    ///
    /// # Errors
    /// See `HostError`.
    fn record(&mut self, id: ObjectId, out: &mut Vec<u8>) -> Result<(), HostError>;

    /// Fresh object ids for this session alone.
    ///
    /// # Errors
    /// See `HostError`.
    fn lease_ids(&mut self) -> Result<Range<u64>, HostError>;
}

impl Heap {
    /// The object with this id, copied in when it is not here.
    ///
    /// # Errors
    /// When the repository cannot give it, or gives something damaged.
    pub fn fault(&mut self, id: ObjectId) -> HeapResult<Oop> {
        if let Some(r) = self.by_id.get(&id.0) {
            return Ok(r.oop());
        }
        // A fault within this one, of a class, finds an empty buffer and makes its own.
        let mut bytes = std::mem::take(&mut self.record_buffer);
        bytes.clear();
        let made = self.fault_through(id, &mut bytes);
        if bytes.capacity() <= RECORD_BUFFER_MAX {
            self.record_buffer = bytes;
        }
        made
    }

    fn fault_through(&mut self, id: ObjectId, bytes: &mut Vec<u8>) -> HeapResult<Oop> {
        self.host.record(id, bytes)?;
        let view = RecordView::parse(bytes).map_err(|e| HostError::Damaged(e.to_string()))?;
        if view.id() != id {
            return Err(HostError::Damaged(format!(
                "the repository answered object {} for object {id}",
                view.id()
            ))
            .into());
        }
        self.stats.faults += 1;
        self.stats.fault_bytes += bytes.len() as u64;
        self.stats.refaults += u64::from(self.dropped.remove(id));
        self.materialise(&view)
    }

    /// The object with this id if it is in memory.
    pub fn find(&self, id: ObjectId) -> Option<Oop> {
        self.by_id.get(&id.0).map(|r| r.oop())
    }

    /// Ids of all objects in memory that have one.
    pub fn ids_in_memory(&self) -> Vec<u64> {
        self.by_id.keys().copied().collect()
    }

    /// Makes the object of a record that is not in memory yet.
    ///
    /// # Errors
    /// When its class cannot be had, or the record does not fit its class.
    pub fn materialise(&mut self, view: &RecordView) -> HeapResult<Oop> {
        let id = view.id();
        if view.class() == wellknown::SYMBOL {
            let oop = self.symbol_bytes(view.byte_body());
            let r = ObjectRef::of(oop);
            if r.id_bits() != 0 && r.id_bits() != id.0 {
                let text = format!(
                    "symbol {} has two ids, {} and {id}",
                    self.text(oop),
                    r.id_bits()
                );
                return Err(HostError::Damaged(text).into());
            }
            r.set_word1(id.0);
            r.set(flags::COMMITTED);
            self.enter_id(id, r);
            return Ok(oop);
        }
        let class = self.class_index(Oop::from_id(view.class()))?;
        if let Some(r) = self.by_id.get(&id.0) {
            // Faulting the class brought this very object in (a class's own metaclass chain).
            return Ok(r.oop());
        }
        let info = self.class_info(class);
        let slots = match info.kind {
            Kind::Slots => view
                .size()
                .max(info.fixed as usize + view.dynamic_count())
                .max(info.hint as usize),
            Kind::Raw => 1,
            _ => (info.fixed as usize + view.dynamic_count()).max(info.hint as usize),
        };
        if slots > MAX_INLINE_SLOTS {
            return Err(HostError::Damaged(format!(
                "object {id} has more named slots than an object can"
            ))
            .into());
        }
        let kind = info.kind;
        let shape = self.root_shape_with(class, slots as u16);
        let r = self.allocate_raw(shape, kind, slots);
        r.set_word1(id.0 | (view.detail() as u8 as u64) << 56);
        self.enter_id(id, r);
        if let Err(e) = self.fill(r, view) {
            self.by_id.remove(&id.0);
            return Err(e);
        }
        Ok(r.oop())
    }

    pub(crate) fn enter_id(&mut self, id: ObjectId, r: ObjectRef) {
        self.by_id.insert(id.0, r);
        if !self.is_old(r) {
            self.young_ids.push((id.0, r));
        }
    }

    /// Overwrites an object in memory with its committed state: after an abort, or when another session changed it.
    ///
    /// # Errors
    /// As `materialise`.
    pub fn refresh(&mut self, object: Oop, view: &RecordView) -> HeapResult<()> {
        self.forget_text(object);
        let r = ObjectRef::of(object);
        let class = self.class_index(Oop::from_id(view.class()))?;
        let shape = self.root_shape_with(class, r.inline_slots() as u16);
        self.set_shape(r, shape);
        if self.side.remove(&object.0).is_some() {
            r.clear(flags::SIDE);
        }
        r.clear(flags::FROZEN | flags::DIRTY);
        r.set_word1(view.id().0 | (view.detail() as u8 as u64) << 56);
        self.remember(r);
        self.fill(r, view)
    }

    /// Copies the body of `view` into `r`, whose class and id are set.
    fn fill(&mut self, r: ObjectRef, view: &RecordView) -> HeapResult<()> {
        let kind = r.kind();
        let mismatch = || {
            HeapError::Host(HostError::Damaged(format!(
                "the record of object {} does not fit its class",
                view.id()
            )))
        };
        match kind {
            Kind::Slots => {
                if view.format() == proto::Format::Bytes || view.size() > r.inline_slots() {
                    return Err(mismatch());
                }
                for i in 0..r.inline_slots() {
                    let value = if i < view.size() {
                        view.slot(i)
                    } else {
                        Oop::NIL
                    };
                    // SAFETY: i is below inline_slots.
                    unsafe { *r.slot_ptr(i) = value };
                }
            }
            Kind::Indexed => {
                let fixed = self.shape(ShapeId(r.shape_bits())).fixed as usize;
                if view.format() == proto::Format::Bytes
                    || view.size() < fixed
                    || fixed > r.inline_slots()
                {
                    return Err(mismatch());
                }
                for i in 0..r.inline_slots() {
                    let value = if i < fixed { view.slot(i) } else { Oop::NIL };
                    // SAFETY: i is below inline_slots.
                    unsafe { *r.slot_ptr(i) = value };
                }
                let count = view.size() - fixed;
                r.set_len(0);
                self.reserve(r, count, 8)?;
                for i in 0..count {
                    // SAFETY: reserved for `count` oops.
                    unsafe { *(r.buffer() as *mut Oop).add(i) = view.slot(fixed + i) };
                }
                r.set_len(count);
            }
            Kind::Bytes => {
                if view.format() != proto::Format::Bytes {
                    return Err(mismatch());
                }
                let body = view.byte_body();
                r.clear(flags::ASCII);
                r.set_len(0);
                self.reserve(r, body.len(), 1)?;
                if !body.is_empty() {
                    // SAFETY: reserved.
                    unsafe { std::ptr::copy_nonoverlapping(body.as_ptr(), r.buffer(), body.len()) };
                }
                r.set_len(body.len());
            }
            Kind::Raw => {
                let Ok(raw) = <[u8; 8]>::try_from(view.byte_body()) else {
                    return Err(mismatch());
                };
                // SAFETY: Raw objects have one inline word.
                unsafe { *(r.slot_ptr(0) as *mut u64) = u64::from_le_bytes(raw) };
            }
        }
        for (name, value) in view.dynamic() {
            let symbol = self.fault(name.as_id().expect("parse checked it"))?;
            if !self.is_symbol(symbol) {
                return Err(mismatch());
            }
            self.fill_ivar(r, symbol, value);
        }
        let mut set = flags::COMMITTED | flags::BARRIER;
        if view.flags() & RECORD_FROZEN != 0 {
            set |= flags::FROZEN;
        }
        r.set(set);
        Ok(())
    }

    fn fill_ivar(&mut self, r: ObjectRef, name: Oop, value: Oop) {
        let shape = ShapeId(r.shape_bits());
        let next = self.transition(shape, name);
        let count = self.shape(next).names.len();
        match self.shape(next).place(count - 1) {
            // SAFETY: inline places are below inline_slots.
            Place::Inline(slot) => unsafe { *r.slot_ptr(slot as usize) = value },
            Place::Side => {
                r.set(flags::SIDE);
                self.young_side.push(r.oop().0);
                self.side.entry(r.oop().0).or_default().push((name, value));
            }
        }
        self.set_shape(r, next);
    }
}
