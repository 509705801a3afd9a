//! The heap verifier: walks everything reachable and checks what the rest relies on. For tests and stress runs.

use crate::collect::Roots;
use crate::heap::Heap;
use crate::layout::{Kind, ObjectRef, buffer_capacity};
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
        let r = ObjectRef::of(oop);
        if !oop.0.is_multiple_of(8) {
            return Err(format!("{oop:?} is not aligned"));
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
        let item = match r.kind() {
            Kind::Indexed => 8,
            Kind::Bytes => 1,
            _ => return Ok(()),
        };
        if r.len() * item > buffer_capacity(r.buffer()) {
            return Err(format!(
                "{oop:?} has {} items in a buffer of {} bytes",
                r.len(),
                buffer_capacity(r.buffer())
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Heap, Host, HostError, Roots};
    use proto::record::{Record, RecordView};
    use proto::{ObjectId, Oop, wellknown};
    use std::collections::HashMap;
    use std::time::Duration;

    #[derive(Default)]
    struct Disk(HashMap<u64, Vec<u8>>, u64);

    impl Host for Disk {
        fn record(&mut self, id: ObjectId, out: &mut Vec<u8>) -> Result<(), HostError> {
            out.extend_from_slice(self.0.get(&id.0).ok_or(HostError::Missing(id))?);
            Ok(())
        }
        fn lease_ids(&mut self) -> Result<std::ops::Range<u64>, HostError> {
            self.1 += 1000;
            Ok(self.1 + 4000..self.1 + 5000)
        }
    }

    struct Held(Vec<Oop>);

    impl Roots for Held {
        fn visit(&self, visit: &mut dyn FnMut(Oop)) {
            self.0.iter().for_each(|&o| visit(o));
        }
    }

    fn heap() -> Heap {
        Heap::new(Box::new(Disk::default()), 64 << 20)
    }

    fn clock() -> Duration {
        Duration::ZERO
    }

    #[test]
    fn lists_survive_many_collections_and_garbage_does_not() {
        let mut h = heap();
        let name = h.symbol("@next");
        let class = h.wellknown_class(wellknown::OBJECT);
        h.expect_ivars(class, 1);
        let mut roots = Held(vec![Oop::NIL]);
        for i in 0..200_000 {
            let node = h.instantiate(class);
            h.set_ivar(node, name, if i % 10 == 0 { roots.0[0] } else { Oop::NIL })
                .unwrap();
            if i % 10 == 0 {
                roots.0[0] = node;
            }
            let array = h.new_array(&[node, Oop::TRUE]).unwrap();
            h.push(array, node).unwrap();
            if h.wants_collection() || i % 50_000 == 0 {
                h.collect(&roots, i % 100_000 == 0, &mut clock);
                h.verify(&roots).unwrap();
            }
        }
        let mut node = roots.0[0];
        let mut n = 0;
        while !node.is_nil() {
            node = h.ivar(node, name).unwrap().unwrap();
            n += 1;
        }
        assert_eq!(n, 20_000);
        assert!(h.footprint() < 60 << 20);
    }

    #[test]
    fn old_objects_keep_young_ones_alive() {
        let mut h = heap();
        let old = h.new_array(&[Oop::NIL]).unwrap();
        let roots = Held(vec![old]);
        h.collect(&roots, false, &mut clock);
        let young = h.new_string(b"young").unwrap();
        h.set_element(old, 0, young).unwrap();
        h.collect(&roots, false, &mut clock);
        for _ in 0..10_000 {
            h.new_string(b"overwrites what was freed").unwrap();
        }
        let kept = h.element(old, 0).unwrap();
        assert_eq!(h.bytes(kept), b"young");
    }

    #[test]
    fn records_round_trip_and_stubs_come_back() {
        let mut h = heap();
        let s = h.new_string(b"text").unwrap();
        let f = h.new_float(1e300);
        let name = h.symbol("@a");
        h.set_id(name, ObjectId(9000));
        let array = h.new_array(&[s, f, Oop::TRUE]).unwrap();
        h.set_ivar(array, name, s).unwrap();
        let mut disk = Disk::default();
        let mut records: Vec<Record> = Vec::new();
        for &o in &[s, f, array] {
            h.ensure_id(o).unwrap();
        }
        for &o in &[s, f, array, name] {
            records.push(h.to_record(o).unwrap());
        }
        for r in &records {
            let mut out = Vec::new();
            r.encode(&mut out);
            RecordView::parse(&out).unwrap();
            disk.0.insert(r.id.0, out);
        }
        let id = h.id_of(array).unwrap();
        let mut other = Heap::new(Box::new(disk), 64 << 20);
        let copy = other.fault(id).unwrap();
        assert_eq!(other.size(copy), 3);
        let text = other.element(copy, 0).unwrap();
        assert_eq!(other.bytes(text), b"text");
        let float = other.element(copy, 1).unwrap();
        assert_eq!(other.float_value(float), Some(1e300));
        let at_a = other.symbol("@a");
        assert_eq!(other.ivar(copy, at_a).unwrap(), Some(text));
        assert_eq!(other.to_record(copy).unwrap(), records[2]);
        other.set_limit(1);
        other.collect(&Held(vec![copy]), true, &mut clock);
        assert!(other.stats().stubs >= 2);
        let text = other.element(copy, 0).unwrap();
        assert_eq!(other.bytes(text), b"text");
    }

    #[test]
    fn frozen_and_dirty_objects_are_noticed() {
        let mut h = heap();
        let a = h.new_array(&[]).unwrap();
        h.freeze(a);
        assert!(h.push(a, Oop::NIL).is_err());
        let b = h.new_array(&[]).unwrap();
        h.ensure_id(b).unwrap();
        h.mark_committed(b);
        assert!(!h.has_dirty());
        h.push(b, Oop::TRUE).unwrap();
        assert_eq!(h.dirty_objects(), [b]);
    }

    #[test]
    fn an_allocation_of_2_to_the_40_is_an_error() {
        let mut h = heap();
        let a = h.new_array(&[]).unwrap();
        assert!(h.resize(a, 1 << 40).is_err());
        assert!(h.resize(a, 1 << 31).is_err());
        assert_eq!(h.size(a), 0);
    }
}
