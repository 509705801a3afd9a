//! Hash tables: what Ruby's own lookups for keys with user code rest on.

use crate::world::World;
use format::wellknown;
use gem_heap::Oop;

#[test]
fn entries_of_one_hash_are_found_in_order() {
    let mut w = World::new();
    let class = w.class(wellknown::RUBY_HASH);
    let table = w.value("hashNew", class, &[]);
    for i in 0..200 {
        let (hash, key) = (w.int(i % 7 + 40), w.int(i));
        w.value("hashStoreAtHash", table, &[hash, key, key]);
    }
    let gone = w.int(3);
    w.value("hashDeleteEntry", table, &[gone]);
    let wanted = w.int(43);
    let mut at = w.int(0);
    let mut found = Vec::new();
    loop {
        let e = w.value("hashFindByHash", table, &[wanted, at]);
        let Some(e) = e.as_small_int() else { break };
        found.push(e);
        at = w.int(e + 1);
    }
    let expected: Vec<i64> = (0..200).filter(|i| i % 7 == 3 && *i != 3).collect();
    assert_eq!(found, expected);
}

#[test]
fn copies_are_independent_and_clearing_empties() {
    let mut w = World::new();
    let class = w.class(wellknown::RUBY_HASH);
    let table = w.value("hashNew", class, &[]);
    for i in 0..50 {
        let (key, value) = (w.string(&format!("k{i}")), w.int(i));
        assert_eq!(w.value("hashStore", table, &[key, value]), value);
        w.vm.model.heap.set_bytes(key, b"changed").unwrap();
    }
    let copy = w.value("hashDup", table, &[]);
    w.value("hashClear", table, &[]);
    assert_eq!(w.value("hashSize", table, &[]), w.int(0));
    let key = w.string("k49");
    assert_eq!(w.value("hashGet", copy, &[key]), w.int(49));
    assert_eq!(w.value("hashHas", table, &[key]), Oop::FALSE);
    assert_eq!(w.value("hashHas", copy, &[key]), Oop::TRUE);
}
