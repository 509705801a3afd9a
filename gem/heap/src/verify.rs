//! The heap verifier: walks everything reachable and checks what the rest relies on. For tests and stress runs.

use crate::barrier::large_buffer;
use crate::block::{LARGE_BYTES, POISON};
use crate::collect::Roots;
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, buffer_capacity, flags};
use crate::shape::ShapeId;
use hashbrown::HashSet;
use proto::Oop;

impl Heap {
    /// Checks every object reachable from `roots`; answers how many there are.
    ///
    /// # Errors
    /// A sentence about the first thing that is wrong.
    pub fn verify(&self, roots: &dyn Roots) -> Result<usize, String> {
        let mut seen = HashSet::new();
        let mut stack = Vec::new();
        roots.visit(&mut |oop| {
            if oop.is_pointer() && oop.0 != 0 {
                stack.push(oop);
            }
        });
        stack.extend(self.symbols.values());
        stack.extend(self.dirty.iter().map(|r| r.oop()));
        while let Some(oop) = stack.pop() {
            if !seen.insert(oop.0) {
                continue;
            }
            self.check(oop)?;
            self.each_reference(oop, |v| stack.push(v));
        }
        Ok(seen.len())
    }

    fn check(&self, oop: Oop) -> Result<(), String> {
        if !oop.0.is_multiple_of(8) {
            return Err(format!("{oop:?} is not aligned"));
        }
        let r = ObjectRef(oop.0 as *mut u64);
        if r.header() == POISON {
            return Err(format!("{oop:?} is reachable and was freed"));
        }
        let Some(shape) = self.shapes.get(ShapeId(r.shape_bits()).0 as usize) else {
            return Err(format!("{oop:?} has unknown shape {}", r.shape_bits()));
        };
        if shape.inline_slots as usize != r.inline_slots() {
            return Err(format!(
                "{oop:?} has {} inline slots, its shape {}",
                r.inline_slots(),
                shape.inline_slots
            ));
        }
        self.check_buffer(r)?;
        self.check_age(r)
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
        let old = |r: ObjectRef| r.header() & flags::MARK == self.mark_state;
        if !old(r) {
            return Ok(());
        }
        if r.size_bytes() <= LARGE_BYTES && !self.space.is_line_marked(r.0 as *mut u8) {
            return Err(format!("{:?} is old and its line is free", r.oop()));
        }
        if r.has(flags::REMEMBERED) {
            return Ok(());
        }
        if !r.has(flags::BARRIER) {
            return Err(format!("{:?} is old and lets writes pass", r.oop()));
        }
        let young = |v: Oop| v.is_pointer() && v.0 != 0 && !old(ObjectRef(v.0 as *mut u64));
        let unnoted = |v: Oop| Err(format!("{:?} is old and refers to young {v:?}", r.oop()));
        if matches!(r.kind(), Kind::Slots | Kind::Indexed) {
            for i in 0..r.inline_slots() {
                let value = self.raw_slot(r.oop(), i);
                if young(value) {
                    return unnoted(value);
                }
            }
        }
        if r.kind() == Kind::Indexed {
            for i in 0..r.len() {
                // SAFETY: i is below len.
                let value = unsafe { *(r.buffer() as *const Oop).add(i) };
                let noted = || large_buffer(r).is_some_and(|b| self.space.large.has_card(b, i));
                if young(value) && !noted() {
                    return unnoted(value);
                }
            }
        }
        Ok(())
    }
}
