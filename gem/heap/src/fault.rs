//! Faulting: an object id becomes an object by copying its record. References in it stay ids until they are read.

use crate::error::{HeapError, HeapResult, HostError};
use crate::heap::Heap;
use crate::layout::{ObjectRef, flags};
use format::limits::SYMBOL_BYTES_MAX;
use format::record::RecordView;
use format::{Format, ObjectId, Oop, wellknown};

/// Largest buffer for records that is kept from one fault to the next.
const RECORD_BUFFER_MAX: usize = 1 << 20;

/// Most objects that wait for each other in a fault: an object for its class, which waits for its own.
const FAULT_DEPTH_MAX: usize = 64;

impl Heap {
    /// The object with this id, copied in when it is not here. Whatever reads an object may come to this, so other functions refer to the list below.
    ///
    /// # Errors
    /// In [`HeapError::Host`], what the world outside says:
    /// - [`HostError::Missing`]: at the session's view there is no object with this id.
    /// - [`HostError::Damaged`]: what came is not believed. A page or record cannot be read, is another object's or does not fit its class, a symbol has two ids, or its
    ///   class, that one's class, and so on, have no end.
    /// - [`HostError::Unavailable`]: the stone does not answer, no longer knows the session or refuses for another reason; or the session rests outside of a transaction.
    /// - [`HostError::Revoked`]: the stone has given up the session's view. After an abort the session goes on.
    /// - [`HostError::Incomplete`]: the view has moved, and what others changed up to it could not all be read. After an abort the session goes on.
    ///
    /// And of the heap's own:
    /// - [`HeapError::NotAClass`]: what the record names as the object's class is none.
    /// - [`HeapError::OutOfMemory`]: its elements or bytes, or those of an object that it needs, have no room in this session's memory.
    ///
    /// The object is not in memory then, and no other has changed.
    pub fn fault(&mut self, id: ObjectId) -> HeapResult<Oop> {
        if let Some(r) = self.by_id.get(&id.0) {
            return Ok(r.oop());
        }
        self.fault_as(id, false)
    }

    fn fault_as(&mut self, id: ObjectId, symbol: bool) -> HeapResult<Oop> {
        // A fault within this one, of a class, finds an empty buffer and makes its own.
        let mut bytes = std::mem::take(&mut self.record_buffer);
        bytes.clear();
        let made = self.fault_through(id, symbol, &mut bytes);
        if bytes.capacity() <= RECORD_BUFFER_MAX {
            self.record_buffer = bytes;
        }
        made
    }

    fn fault_through(
        &mut self,
        id: ObjectId,
        symbol: bool,
        bytes: &mut Vec<u8>,
    ) -> HeapResult<Oop> {
        self.host.record(id, bytes)?;
        let view = RecordView::parse(bytes).map_err(|e| HostError::Damaged(e.to_string()))?;
        if view.id() != id {
            return Err(HostError::Damaged(format!(
                "the repository answered object {} for object {id}",
                view.id()
            ))
            .into());
        }
        if symbol && view.class() != wellknown::SYMBOL {
            return Err(no_symbol(id));
        }
        let made = self.materialise(&view)?;
        self.stats.faults += 1;
        self.stats.fault_bytes += bytes.len() as u64;
        self.stats.refaults += u64::from(self.dropped.remove(id));
        Ok(made)
    }

    /// The object with this id if it is in memory.
    pub fn find(&self, id: ObjectId) -> Option<Oop> {
        self.by_id.get(&id.0).map(|r| r.oop())
    }

    /// Ids of all objects in memory that have one.
    pub fn ids_in_memory(&self) -> Vec<u64> {
        self.by_id.keys().copied().collect()
    }

    /// Makes the object of a record that is not in memory yet. When it fails, it leaves nothing behind.
    ///
    /// # Errors
    /// `Damaged`, `NotAClass`, `OutOfMemory` and those of the faults of its class and names, as [`Heap::fault`] says.
    fn materialise(&mut self, view: &RecordView) -> HeapResult<Oop> {
        let id = view.id();
        assert!(!self.by_id.contains_key(&id.0), "object {id} is here");
        if view.class() == wellknown::SYMBOL {
            return self.materialise_symbol(view);
        }
        if self.faulting.len() == FAULT_DEPTH_MAX || self.faulting.contains(&id.0) {
            let text =
                format!("the class of object {id}, and that one's class, and so on, have no end");
            return Err(HostError::Damaged(text).into());
        }
        self.faulting.push(id.0);
        let body = self.body_of(view);
        self.faulting.pop();
        let r = self.object_of(&body?)?;
        self.enter_id(id, r);
        assert!(r.id_bits() == id.0 && r.has(flags::COMMITTED));
        Ok(r.oop())
    }

    fn materialise_symbol(&mut self, view: &RecordView) -> HeapResult<Oop> {
        let id = view.id();
        if view.format() != Format::Bytes || view.size() > SYMBOL_BYTES_MAX {
            let text = format!("the record of symbol {id} is no symbol's");
            return Err(HostError::Damaged(text).into());
        }
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
        Ok(oop)
    }

    /// The symbol with this id. Faults no other object, whatever the repository holds there.
    ///
    /// # Errors
    /// Those of [`Heap::fault`]; `Damaged` also when it is no symbol.
    pub(crate) fn fault_symbol(&mut self, id: ObjectId) -> HeapResult<Oop> {
        let symbol = match self.by_id.get(&id.0) {
            Some(r) => r.oop(),
            None => self.fault_as(id, true)?,
        };
        if self.is_symbol(symbol) {
            Ok(symbol)
        } else {
            Err(no_symbol(id))
        }
    }

    pub(crate) fn enter_id(&mut self, id: ObjectId, r: ObjectRef) {
        self.by_id.insert(id.0, r);
        if !self.is_old(r) {
            self.young_ids.push((id.0, r));
        }
    }
}

fn no_symbol(id: ObjectId) -> HeapError {
    let text = format!("object {id} names an instance variable and is no symbol");
    HostError::Damaged(text).into()
}
