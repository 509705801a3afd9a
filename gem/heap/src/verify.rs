//! The heap verifier: walks everything reachable and checks what the rest relies on. For tests and stress runs.
//!
//! Must not know: frames, processes. Whoever holds references of its own checks each with a `Verifier` and says where it stood.

use crate::barrier::large_buffer;
use crate::block::{BLOCK_BYTES, FIRST_FREE, LARGE_BYTES};
use crate::heap::Heap;
use crate::layout::{FLAGS_SHIFT, Kind, ObjectRef, buffer_capacity, flags};
use crate::roots::Roots;
use crate::shape::ShapeId;
use format::Oop;
use hashbrown::HashSet;

/// Checks references one by one. Knows where this heap's memory lies, so that a wild pointer is named and not followed.
pub struct Verifier<'a> {
    heap: &'a Heap,
    /// Addresses of the blocks.
    blocks: HashSet<usize>,
    /// Addresses of what lies outside of them.
    large: HashSet<usize>,
}

impl Heap {
    /// For looking at references that are held outside of the heap.
    pub fn verifier(&self) -> Verifier<'_> {
        Verifier {
            heap: self,
            blocks: self.space.block_addresses().collect(),
            large: self.space.large.addresses().collect(),
        }
    }

    /// Checks every object reachable from `roots`, and the tables that find objects; answers how many objects there are.
    ///
    /// # Errors
    /// A sentence about the first thing that is wrong.
    pub fn verify(&self, roots: &dyn Roots) -> Result<usize, String> {
        let verifier = self.verifier();
        let mut seen = HashSet::new();
        let mut stack = Vec::new();
        roots.visit(&mut |oop| {
            if oop.is_pointer() && oop.bits() != 0 {
                stack.push(oop);
            }
        });
        stack.extend(self.all_symbols());
        stack.extend(self.dirty.iter().map(|r| r.oop()));
        while let Some(oop) = stack.pop() {
            if !seen.insert(oop.bits()) {
                continue;
            }
            verifier.object(oop)?;
            self.each_reference(oop, |v| stack.push(v));
        }
        verifier.tables()?;
        Ok(seen.len())
    }
}

impl Verifier<'_> {
    /// Checks what a holder outside of the heap refers to: an immediate, or an object that lives.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the holder.
    pub fn reference(&self, oop: Oop) -> Result<(), String> {
        if oop.is_id() {
            return Err(format!(
                "{oop:?} is the id of an object, which only slots may hold"
            ));
        }
        match oop.is_pointer() {
            true => self.object(oop),
            false => Ok(()),
        }
    }

    /// Checks the object that a pointer leads to.
    fn object(&self, oop: Oop) -> Result<(), String> {
        self.check_place(oop)?;
        let r = ObjectRef(oop.bits() as *mut u64);
        if r.header() == crate::layout::POISON {
            return Err(format!("{oop:?} is reachable and was freed"));
        }
        let Some(shape) = self.heap.shapes.get(ShapeId(r.shape_bits()).0 as usize) else {
            return Err(format!("{oop:?} has unknown shape {}", r.shape_bits()));
        };
        if shape.inline_slots as usize != r.inline_slots() {
            return Err(format!(
                "{oop:?} has {} inline slots, its shape {}",
                r.inline_slots(),
                shape.inline_slots
            ));
        }
        self.check_flags(r)?;
        self.check_buffer(r)?;
        self.check_values(r)?;
        self.check_age(r)
    }

    /// Whether an object can lie there at all. Reads nothing.
    fn check_place(&self, oop: Oop) -> Result<(), String> {
        let at = oop.bits() as usize;
        if !at.is_multiple_of(8) || at == 0 {
            return Err(format!("{oop:?} is not aligned"));
        }
        let lies_in_block = self.blocks.contains(&(at & !(BLOCK_BYTES - 1)));
        let behind_marks = at & (BLOCK_BYTES - 1) >= FIRST_FREE;
        if lies_in_block && behind_marks || self.large.contains(&at) {
            return Ok(());
        }
        Err(format!("{oop:?} points outside of the object memory"))
    }

    /// An object has only flags that its kind can have, and none without the one it implies.
    fn check_flags(&self, r: ObjectRef) -> Result<(), String> {
        let kind = r.kind();
        let of_kind = flags::ALL.iter().filter(|f| f.2 >> kind as u8 & 1 != 0);
        let allowed = of_kind.fold(flags::MARK, |all, f| all | f.1);
        let stray = (r.header() >> FLAGS_SHIFT << FLAGS_SHIFT) & !allowed;
        if stray != 0 {
            let of = "which no object of its kind has";
            return Err(format!(
                "{:?} ({kind:?}) has flags {stray:#x}, {of}",
                r.oop()
            ));
        }
        for (flag, implied) in [
            (flags::DIRTY, flags::COMMITTED),
            (flags::WATCHED, flags::PINNED),
            (flags::EPHEMERON, flags::WEAK),
        ] {
            if r.has(flag) && !r.has(implied) {
                let (flag, implied) = (flags::names(kind, flag), flags::names(kind, implied));
                return Err(format!("{:?} is {flag} and not {implied}", r.oop()));
            }
        }
        Ok(())
    }

    /// What an object holds lies in this memory. A reference into the stack is held by no object: frames end, objects stay.
    fn check_values(&self, r: ObjectRef) -> Result<(), String> {
        if matches!(r.kind(), Kind::Slots | Kind::Indexed) {
            for i in 0..r.inline_slots() {
                self.check_value(r, "slot", i, self.heap.raw_slot(r.oop(), i))?;
            }
        }
        if r.kind() == Kind::Indexed {
            for i in 0..r.len() {
                // SAFETY: i is below len.
                let value = unsafe { *(r.buffer() as *const Oop).add(i) };
                self.check_value(r, "element", i, value)?;
            }
        }
        Ok(())
    }

    fn check_value(&self, r: ObjectRef, place: &str, i: usize, value: Oop) -> Result<(), String> {
        let holder = r.oop();
        if value.is_stack() {
            return Err(format!(
                "{holder:?} holds {value:?}, a reference into the stack, in {place} {i}"
            ));
        }
        if value.is_pointer() && value.bits() != 0 {
            let place = |wrong| format!("{holder:?}, {place} {i}: {wrong}");
            return self.check_place(value).map_err(place);
        }
        Ok(())
    }

    /// What the tables say of an object is what the object says.
    fn tables(&self) -> Result<(), String> {
        for (&id, r) in &self.heap.by_id {
            self.object(r.oop())?;
            if r.id_bits() != id {
                return Err(format!(
                    "{:?} has id {} and is found under {id}",
                    r.oop(),
                    r.id_bits()
                ));
            }
        }
        for r in &self.heap.dirty {
            if !r.has(flags::DIRTY) || !r.has(flags::COMMITTED) {
                return Err(format!(
                    "{:?} is on the dirty list and does not know it",
                    r.oop()
                ));
            }
        }
        for (list, flag, name) in [
            (&self.heap.remembered, flags::REMEMBERED, "remembered"),
            (&self.heap.carded, flags::CARDED, "carded"),
        ] {
            if let Some(r) = list.iter().find(|r| !r.has(flag)) {
                return Err(format!(
                    "{:?} is on the {name} list and does not know it",
                    r.oop()
                ));
            }
        }
        Ok(())
    }

    fn check_buffer(&self, r: ObjectRef) -> Result<(), String> {
        let item = match r.kind() {
            Kind::Indexed => 8,
            Kind::Bytes => 1,
            _ => return Ok(()),
        };
        if r.len() * item > buffer_capacity(r.buffer()) {
            return Err(format!(
                "{:?} has {} items in a buffer of {} bytes",
                r.oop(),
                r.len(),
                buffer_capacity(r.buffer())
            ));
        }
        Ok(())
    }

    /// What a young collection relies on: old objects lie on marked lines, stop their writer, and are noted when they refer to young ones.
    fn check_age(&self, r: ObjectRef) -> Result<(), String> {
        let old = |r: ObjectRef| r.header() & flags::MARK == self.heap.mark_state;
        if !old(r) {
            return Ok(());
        }
        if r.size_bytes() <= LARGE_BYTES && !self.heap.space.is_line_marked(r.0 as *mut u8) {
            return Err(format!("{:?} is old and its line is free", r.oop()));
        }
        if r.has(flags::REMEMBERED) {
            return Ok(());
        }
        if !r.has(flags::BARRIER) {
            return Err(format!("{:?} is old and lets writes pass", r.oop()));
        }
        let young =
            |v: Oop| v.is_pointer() && v.bits() != 0 && !old(ObjectRef(v.bits() as *mut u64));
        let unnoted = |v: Oop| Err(format!("{:?} is old and refers to young {v:?}", r.oop()));
        if matches!(r.kind(), Kind::Slots | Kind::Indexed) {
            for i in 0..r.inline_slots() {
                let value = self.heap.raw_slot(r.oop(), i);
                if young(value) {
                    return unnoted(value);
                }
            }
        }
        if r.kind() == Kind::Indexed {
            for i in 0..r.len() {
                // SAFETY: i is below len.
                let value = unsafe { *(r.buffer() as *const Oop).add(i) };
                let noted =
                    || large_buffer(r).is_some_and(|b| self.heap.space.large.has_card(b, i));
                if young(value) && !noted() {
                    return unnoted(value);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::layout::{FLAGS_SHIFT, ObjectRef, flags};
    use crate::testing::{Held, clock, heap};
    use crate::{Heap, ObjectId};
    use format::Oop;

    /// What the verifier says of an Array of one string, which is committed, after `breaks`.
    fn broken(breaks: impl FnOnce(&mut Heap, Oop)) -> String {
        let mut h = heap();
        let text = h.new_string(b"text").unwrap();
        let array = h.new_array(&[text]).unwrap();
        h.set_id(array, ObjectId(5000));
        h.mark_committed(array);
        h.collect(&Held(vec![array]), true, &mut clock);
        h.verify(&Held(vec![array])).unwrap();
        breaks(&mut h, array);
        h.verify(&Held(vec![array])).unwrap_err()
    }

    type Break = fn(&mut Heap, Oop);

    /// A pointer to no object.
    fn wild(address: u64) -> Oop {
        // SAFETY: the verifier alone sees it, and that follows no pointer before it has checked it.
        unsafe { Oop::from_bits(address) }
    }

    /// Writes an element past the barriers.
    fn poke(array: Oop, value: Oop) {
        // SAFETY: an Array with one element.
        unsafe { *(ObjectRef::of(array).buffer() as *mut Oop) = value };
    }

    #[test]
    fn each_thing_that_is_broken_is_named() {
        let cases: [(&str, Break); 10] = [
            ("which no object of its kind has", |_, a| {
                ObjectRef::of(a).set(1 << (FLAGS_SHIFT + 1))
            }),
            ("is WATCHED and not PINNED", |_, a| {
                ObjectRef::of(a).set(flags::WATCHED)
            }),
            ("points outside of the object memory", |_, a| {
                poke(a, wild(0x10000))
            }),
            ("a reference into the stack, in element 0", |_, a| {
                poke(a, Oop::stack_env(3))
            }),
            ("is old and refers to young", |h, a| {
                poke(a, h.new_string(b"young").unwrap())
            }),
            ("items in a buffer of", |_, a| ObjectRef::of(a).set_len(900)),
            ("is old and lets writes pass", |_, a| {
                ObjectRef::of(a).clear(flags::BARRIER)
            }),
            ("has id 5001 and is found under 5000", |_, a| {
                ObjectRef::of(a).set_word1(5001)
            }),
            ("is on the dirty list and does not know it", |h, a| {
                h.dirty.push(ObjectRef::of(a))
            }),
            ("is on the remembered list and does not know it", |h, a| {
                h.remembered.push(ObjectRef::of(a))
            }),
        ];
        for (wanted, breaks) in cases {
            let said = broken(breaks);
            assert!(said.contains(wanted), "{wanted:?} is not in: {said}");
        }
    }

    #[test]
    fn a_holder_outside_may_have_no_id_and_no_wild_pointer() {
        let mut h = heap();
        let text = h.new_string(b"text").unwrap();
        let verifier = h.verifier();
        for fine in [text, Oop::NIL, Oop::UNDEF, Oop::ZERO, Oop::stack_env(1)] {
            verifier.reference(fine).unwrap();
        }
        for (bad, wanted) in [
            (Oop::from_id(ObjectId(4711)), "which only slots may hold"),
            (wild(text.bits() + (1 << 30)), "points outside"),
            (wild(0), "is not aligned"),
        ] {
            let said = verifier.reference(bad).unwrap_err();
            assert!(said.contains(wanted), "{wanted:?} is not in: {said}");
        }
    }
}
