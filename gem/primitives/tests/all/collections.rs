//! Arrays, Hashes, dictionaries of Symbols.

use crate::world::{Did, World};
use format::wellknown;
use gem_heap::Oop;

fn ints(w: &mut World, values: &[i64]) -> Oop {
    let oops: Vec<Oop> = values.iter().map(|&v| w.int(v)).collect();
    w.array(&oops)
}

#[test]
fn arrays_change_in_place_within_their_bounds() {
    let mut w = World::new();
    let a = ints(&mut w, &[1, 2, 3]);
    let n: Vec<Oop> = (0..10).map(|i| w.int(i)).collect();
    assert_eq!(w.value("arrayAt", a, &[n[3]]), n[3]);
    assert_eq!(w.call("arrayAt", a, &[n[4]]), Did::FellBack);
    assert_eq!(w.call("arrayAt", a, &[n[0]]), Did::FellBack);
    let last = w.int(-1);
    assert_eq!(w.value("arrayGet", a, &[last]), n[3]);
    assert_eq!(w.value("arrayGet", a, &[n[3]]), Oop::NIL);
    assert_eq!(w.value("arraySet", a, &[n[5], n[6]]), n[6]);
    assert_eq!(w.show(a), "[1, 2, 3, nil, nil, 6]");
    w.value("arrayInsert", a, &[n[1], n[9]]);
    assert_eq!(w.value("arrayDeleteAt", a, &[n[0]]), n[1]);
    assert_eq!(w.value("arrayShift", a, &[]), n[9]);
    assert_eq!(w.value("arrayPop", a, &[]), n[6]);
    w.value("arrayUnshift", a, &[n[7]]);
    assert_eq!(w.show(a), "[7, 2, 3, nil, nil]");
    let by = ints(&mut w, &[4, 5, 6]);
    w.value("arraySplice", a, &[n[1], n[4], by]);
    assert_eq!(w.show(a), "[7, 4, 5, 6]");
    assert_eq!(w.call("arraySplice", a, &[n[3], n[2], by]), Did::FellBack);
    w.value("arrayConcat", a, &[a]);
    assert_eq!(w.show(a), "[7, 4, 5, 6, 7, 4, 5, 6]");
    w.value("arrayFill", a, &[n[0], n[7], n[3]]);
    assert_eq!(w.show(a), "[7, 4, 5, 6, 7, 4, 5, 0, 0, 0]");
    // Overlapping moves, 1-based.
    w.value("arrayReplaceFromToWith", a, &[n[2], n[5], a, n[1]]);
    assert_eq!(w.show(a), "[7, 7, 4, 5, 6, 4, 5, 0, 0, 0]");
    let part = w.value("arrayCopyFromTo", a, &[n[3], n[5]]);
    assert_eq!(w.show(part), "[4, 5, 6]");
    assert_eq!(w.value("arrayIndexIdentical", a, &[n[6]]), n[5]);
    assert_eq!(w.value("arrayIndexIdentical", a, &[n[9]]), n[0]);
    w.vm.model.heap.freeze(a);
    for (primitive, args) in [
        ("arrayPush", vec![n[1]]),
        ("arrayPop", vec![]),
        ("arrayClear", vec![]),
        ("arraySet", vec![n[0], n[1]]),
    ] {
        assert_eq!(w.call(primitive, a, &args), Did::FellBack, "{primitive}");
    }
    assert_eq!(w.value("arraySize", a, &[]), w.int(10));
}

#[test]
fn sizes_beyond_memory_are_an_exception() {
    let mut w = World::new();
    let class = w.class(wellknown::ARRAY);
    let huge = w.int(1 << 40);
    let memory =
        w.vm.model
            .heap
            .wellknown_class(wellknown::ALMOST_OUT_OF_MEMORY);
    for (primitive, receiver) in [
        ("arrayNew", class),
        ("basicNewSize", class),
        ("arrayResize", ints(&mut w, &[1])),
    ] {
        match w.call(primitive, receiver, &[huge]) {
            Did::Raised(e) => assert_eq!(w.vm.model.heap.class_index_of(e), memory, "{primitive}"),
            other => panic!("{primitive}: {other:?}"),
        }
    }
    let text = w.string("ab");
    assert!(matches!(
        w.call("stringRepeat", text, &[huge]),
        Did::Raised(_)
    ));
    let negative = w.int(-1);
    assert_eq!(w.call("arrayNew", class, &[negative]), Did::FellBack);
}

#[test]
fn sorting_takes_numbers_or_strings() {
    let mut w = World::new();
    let values = [
        w.int(3),
        w.vm.model.heap.new_float(2.5),
        w.int(-1),
        w.vm.model.heap.new_float(f64::INFINITY),
    ];
    let mixed = w.array(&values);
    w.value("arraySortSmall", mixed, &[]);
    assert_eq!(w.show(mixed), "[-1, 2.5, 3, inf]");
    let texts: Vec<Oop> = ["b", "aa", "a", "é"].iter().map(|t| w.string(t)).collect();
    let texts = w.array(&texts);
    let order = w.value("arraySortIndexes", texts, &[]);
    assert_eq!(w.show(order), "[2, 1, 0, 3]");
    let values = [w.int(1), w.vm.model.heap.new_float(f64::NAN)];
    let broken = w.array(&values);
    assert_eq!(w.call("arraySortSmall", broken, &[]), Did::FellBack);
    let values = [w.int(1), w.string("a")];
    let broken = w.array(&values);
    assert_eq!(w.call("arraySortSmall", broken, &[]), Did::FellBack);
}

#[test]
fn hashes_keep_order_through_growth_and_deletion() {
    let mut w = World::new();
    let class = w.class(wellknown::RUBY_HASH);
    let h = w.value("hashNew", class, &[]);
    for i in 0..100 {
        let (key, value) = (w.string(&format!("k{i}")), w.int(i));
        assert_eq!(w.value("hashStore", h, &[key, value]), value);
    }
    for i in (0..100).step_by(2) {
        let (key, value) = (w.string(&format!("k{i}")), w.int(i));
        assert_eq!(w.value("hashDelete", h, &[key]), value);
        assert_eq!(w.call("hashDelete", h, &[key]), Did::FellBack);
    }
    assert_eq!(w.value("hashSize", h, &[]), w.int(50));
    let (mut at, mut seen) = (w.int(0), Vec::new());
    loop {
        let index = w.value("hashNextIndex", h, &[at]);
        if index.is_nil() {
            break;
        }
        let value = w.value("hashEntryValue", h, &[index]);
        seen.push(value.small_int_value());
        at = w.int(index.small_int_value() + 1);
    }
    assert_eq!(seen, (1..100).step_by(2).collect::<Vec<_>>());
    let key = w.string("k51");
    let hash = w.value("stringHash", key, &[]);
    let (zero, found) = (w.int(0), w.value("hashFind", h, &[key]));
    assert_eq!(w.value("hashFindByHash", h, &[hash, zero]), found);
    assert_eq!(w.value("hashHas", h, &[key]), Oop::TRUE);
    let stored = w.value("hashEntryKey", h, &[found]);
    assert!(
        w.vm.model.heap.is_frozen(stored),
        "a String key is a frozen copy"
    );
    let copy = w.value("hashDup", h, &[]);
    w.value("hashClear", h, &[]);
    assert_eq!(w.call("hashGet", h, &[key]), Did::FellBack);
    assert_eq!(w.value("hashGet", copy, &[key]), w.int(51));
    w.value("hashRehash", copy, &[]);
    assert_eq!(w.value("hashGet", copy, &[key]), w.int(51));
}

#[test]
fn hash_keys_are_equal_as_eql_says() {
    let mut w = World::new();
    let class = w.class(wellknown::RUBY_HASH);
    let h = w.value("hashNew", class, &[]);
    let one = w.int(1);
    let (float, symbol, text) = (
        w.vm.model.heap.new_float(1.0),
        w.vm.model.heap.symbol("a"),
        w.string("a"),
    );
    let big =
        w.vm.model
            .heap
            .new_integer(&num_bigint::BigInt::from(1u128 << 70))
            .unwrap();
    let big_again =
        w.vm.model
            .heap
            .new_integer(&num_bigint::BigInt::from(1u128 << 70))
            .unwrap();
    for (key, value) in [(one, 1), (float, 2), (symbol, 3), (text, 4), (big, 5)] {
        let value = w.int(value);
        w.value("hashStore", h, &[key, value]);
    }
    assert_eq!(w.value("hashSize", h, &[]), w.int(5));
    assert_eq!(w.value("hashGet", h, &[big_again]), w.int(5));
    let again = w.string("a");
    assert_eq!(w.value("hashGet", h, &[again]), w.int(4));
    let (a, b) = (
        w.value("valueHash", big, &[]),
        w.value("valueHash", big_again, &[]),
    );
    assert_eq!(a, b);
    assert!((0..1 << 60).contains(&a.small_int_value()));
}

#[test]
fn symbol_dictionaries_find_what_they_hold() {
    let mut w = World::new();
    let d = w.vm.model.dictionary_new();
    w.vm.model.hold(d);
    for i in 0..40 {
        let (name, value) = (w.vm.model.heap.symbol(&format!("n{i}")), w.int(i));
        w.value("symdictAtPut", d, &[name, value]);
    }
    let name = w.vm.model.heap.symbol("n7");
    let association = w.value("symdictAt", d, &[name]);
    assert_eq!(w.vm.model.heap.slot(association, 1).unwrap(), w.int(7));
    w.value("symdictRemove", d, &[name]);
    assert_eq!(w.call("symdictAt", d, &[name]), Did::FellBack);
    assert_eq!(w.value("symdictSize", d, &[]), w.int(39));
}
