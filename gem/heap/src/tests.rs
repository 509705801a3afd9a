//! Tests of the heap as a whole.

use crate::testing::{Held, clock, heap, heap_over, store};
use crate::{HeapError, Roots, Stress};
use format::{ObjectId, Oop, wellknown};

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
    for &o in &[s, f, array] {
        h.ensure_id(o).unwrap();
    }
    let record = h.to_record(array).unwrap();
    let disk = store(&h, &[s, f, array, name]);
    let id = h.id_of(array).unwrap();
    let mut other = heap_over(disk, 64 << 20);
    let copy = other.fault(id).unwrap();
    assert_eq!(other.size(copy), 3);
    let text = other.element(copy, 0).unwrap();
    assert_eq!(other.bytes(text), b"text");
    let float = other.element(copy, 1).unwrap();
    assert_eq!(other.float_value(float), Some(1e300));
    let at_a = other.symbol("@a");
    assert_eq!(other.ivar(copy, at_a).unwrap(), Some(text));
    assert_eq!(other.to_record(copy).unwrap(), record);
    other.set_limit(1);
    other.collect(&Held(vec![copy]), true, &mut clock);
    assert!(other.stats().stubs >= 2);
    assert!(other.stats().dropped >= 2);
    assert_eq!(other.stats().refaults, 0);
    let text = other.element(copy, 0).unwrap();
    assert_eq!(other.bytes(text), b"text");
    assert_eq!(other.stats().refaults, 1);
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

#[test]
fn memory_goes_back_to_the_system_after_a_full_collection() {
    let mut h = heap();
    let mut roots = Held(vec![h.new_array(&[]).unwrap()]);
    for i in 0..300_000 {
        let text = h.new_string(b"something that is kept for a while").unwrap();
        h.push(roots.0[0], text).unwrap();
        if i % 50_000 == 0 {
            h.collect(&roots, false, &mut clock);
        }
    }
    let full = h.footprint();
    assert!(full > 20 << 20);
    roots.0[0] = Oop::NIL;
    h.collect(&roots, true, &mut clock);
    h.verify(&roots).unwrap();
    assert!(h.footprint() < full / 2, "{} of {full}", h.footprint());
    assert!(h.stats().live_bytes < 1 << 20);
}

#[test]
fn young_sweeps_count_what_full_ones_count() {
    let mut h = heap();
    let mut roots = Held(Vec::new());
    for i in 0..20_000 {
        let object = h.new_string(&vec![b'x'; i % 300]).unwrap();
        if i % 7 == 0 {
            roots.0.push(object);
        }
        if i % 1000 == 0 {
            h.collect(&roots, false, &mut clock);
        }
    }
    h.collect(&roots, false, &mut clock);
    let live = h.stats().live_bytes;
    h.collect(&roots, true, &mut clock);
    assert_eq!(h.stats().live_bytes, live, "nothing that was kept died");
    assert_eq!(h.stats().promoted_bytes as usize, live);
}

#[test]
fn who_keeps_too_much_is_told_and_goes_on_after_letting_go() {
    let mut h = heap_over(Default::default(), 16 << 20);
    let mut roots = Held(vec![h.new_array(&[]).unwrap()]);
    let mut told = None;
    for _ in 0..1_000_000 {
        let text = h.new_string(b"kept and kept").unwrap();
        h.push(roots.0[0], text).unwrap();
        if h.wants_collection() {
            h.collect(&roots, false, &mut clock);
            told = h.check_shortage().err();
            if told.is_some() {
                break;
            }
        }
    }
    let Some(HeapError::Full { live, limit, .. }) = told else {
        panic!("{told:?}");
    };
    assert!(live > limit / 10 * 9 && limit == 16 << 20);
    assert!(h.stats().full.count < 20, "{}", h.stats().full.count);
    roots.0[0] = Oop::NIL;
    h.collect(&roots, true, &mut clock);
    assert!(h.check_shortage().is_ok());
    assert!(h.stats().live_bytes < 1 << 20);
}

#[test]
fn stress_of_stubbing_drops_every_clean_object() {
    let mut h = heap();
    let text = h.new_string(b"text").unwrap();
    let array = h.new_array(&[text]).unwrap();
    h.ensure_id(text).unwrap();
    h.ensure_id(array).unwrap();
    let disk = store(&h, &[text, array]);
    let id = h.id_of(array).unwrap();
    let mut other = heap_over(disk, 64 << 20);
    other.set_stress_mode(Stress::Stub { every: 2 });
    let roots = Held(vec![other.fault(id).unwrap()]);
    for round in 0..10 {
        assert!(other.wants_collection());
        let text = other.element(roots.0[0], 0).unwrap();
        assert_eq!(other.bytes(text), b"text");
        other.collect(&roots, false, &mut clock);
        other.verify(&roots).unwrap();
        let raw = other.raw_element(roots.0[0], 0).unwrap();
        assert_eq!(raw.is_id(), round % 2 == 1);
    }
    assert_eq!(other.stats().refaults, 4);
}

#[test]
fn small_objects_from_a_template_are_those_of_allocate() {
    let mut h = heap();
    let class = h.wellknown_class(wellknown::OBJECT);
    for slots in [0, 1, 2, 5, 14] {
        h.expect_ivars(class, slots);
        let shape = h.root_shape(class);
        let template = h.template(shape).unwrap();
        let (a, b) = (h.allocate_small(template), h.allocate(shape));
        assert_eq!(h.shape_of(a), h.shape_of(b));
        assert_eq!(h.inline_slots(a), slots);
        assert!((0..slots).all(|i| h.raw_slot(a, i).is_nil()));
        assert_eq!(h.id_of(a), None);
    }
    h.expect_ivars(class, 1100);
    let shape = h.root_shape(class);
    assert!(h.template(shape).is_none());
    let huge = h.allocate(shape);
    assert!((0..1100).all(|i| h.raw_slot(huge, i).is_nil()));
    assert!(h.template(crate::ShapeId::ARRAY).is_none());
}

/// The address sanitizer notices by itself, and ends the process.
#[cfg(all(debug_assertions, not(maglev_asan)))]
#[test]
#[should_panic(expected = "was freed")]
fn reading_freed_memory_is_noticed_in_debug_builds() {
    let mut h = heap();
    let object = h.new_array(&[]).unwrap();
    h.collect(&Held(Vec::new()), false, &mut clock);
    let _ = h.kind(object);
}

/// Nothing but what is listed, and the first symbols.
struct Few(Vec<Oop>, u64);

impl Roots for Few {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.0.iter().for_each(|&o| visit(o));
    }
    fn lasting_symbols(&self) -> u64 {
        self.1
    }
}

#[test]
fn symbols_that_nothing_refers_to_end_in_a_full_collection() {
    let mut heap = heap();
    heap.symbol("lasting");
    let lasting = heap.symbol_births();
    let held = heap.symbol("held");
    heap.symbol("gone");
    let stored = heap.symbol("stored");
    heap.set_id(stored, ObjectId(9000));
    let roots = Few(vec![held], lasting);
    for full in [false, true] {
        heap.collect(&roots, full, &mut clock);
        assert_eq!(heap.existing_symbol(b"gone").is_some(), !full);
    }
    assert_eq!(heap.existing_symbol(b"held"), Some(held));
    assert_eq!(heap.existing_symbol(b"stored"), Some(stored));
    assert!(heap.existing_symbol(b"lasting").is_some());
    let again = heap.symbol("gone");
    assert_eq!(heap.text(again), "gone");
    heap.verify(&roots).unwrap();
}
