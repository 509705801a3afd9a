//! Every step of a refresh and of a fault fails in turn; then the object is what it was, word by word, or does not exist.

use super::Refreshed;
use crate::layout::{Kind, ObjectRef, buffer_capacity, flags};
use crate::testing::{Held, clock};
use crate::{Heap, HeapError, Host, HostError, Oop};
use format::record::{Body, Record, RecordView};
use format::wellknown::slots::behavior;
use format::{Format, ObjectId, wellknown};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

const OBJECT: ObjectId = ObjectId(7000);
const ROWS: ObjectId = ObjectId(5000);
const POINT: ObjectId = ObjectId(5001);
const NAMES: [ObjectId; 4] = [
    ObjectId(6000),
    ObjectId(6001),
    ObjectId(6002),
    ObjectId(6003),
];

/// A repository that answers so many requests more and then none.
struct Failing {
    records: HashMap<u64, Vec<u8>>,
    left: Rc<Cell<usize>>,
}

impl Host for Failing {
    fn record(&mut self, id: ObjectId, out: &mut Vec<u8>) -> Result<(), HostError> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(HostError::Unavailable("the stone is gone".into()));
        };
        self.left.set(left);
        out.extend_from_slice(self.records.get(&id.0).ok_or(HostError::Missing(id))?);
        Ok(())
    }
    fn lease_ids(&mut self) -> Result<std::ops::Range<u64>, HostError> {
        Err(HostError::ReadOnly("no lease".into()))
    }
}

fn record(id: ObjectId, class: ObjectId, format: Format, body: Body) -> Record {
    Record {
        id,
        class,
        format,
        flags: 0,
        detail: 0,
        policy: 0,
        body,
        dynamic: Vec::new(),
    }
}

fn encoded(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    record.encode(&mut out);
    out
}

fn class(id: ObjectId, format: Format, fixed: i64) -> Record {
    let mut slots = vec![Oop::NIL; behavior::COUNT];
    slots[behavior::FORMAT] = Oop::small_int_wrapping(format as i64 | fixed << 8);
    record(id, wellknown::CLASS, Format::Slots, Body::Slots(slots))
}

fn symbol(id: ObjectId) -> Record {
    let text = format!("@name{id}").into_bytes();
    record(id, wellknown::SYMBOL, Format::Bytes, Body::Bytes(text))
}

fn ints(count: i64) -> Body {
    Body::Slots((0..count).map(Oop::small_int_wrapping).collect())
}

fn named(mut record: Record, names: &[ObjectId]) -> Record {
    record.dynamic = names
        .iter()
        .map(|&n| (Oop::from_id(n), Oop::TRUE))
        .collect();
    record
}

/// A heap over the classes, symbols and these records, and how many requests they still get.
fn heap(records: &[Record]) -> (Heap, Rc<Cell<usize>>) {
    let mut all = vec![
        class(ROWS, Format::Indexed, 2),
        class(POINT, Format::Slots, 3),
    ];
    all.extend(NAMES.map(symbol));
    all.extend_from_slice(records);
    let left = Rc::new(Cell::new(usize::MAX));
    let records = all.iter().map(|r| (r.id.0, encoded(r))).collect();
    let left_too = left.clone();
    let host = Failing {
        records,
        left: left_too,
    };
    (Heap::new(Box::new(host), 64 << 20), left)
}

/// Every word of an object but what a table index changes: header, id, slots, buffer, side variables, texts known.
fn words(heap: &Heap, object: Oop) -> (Vec<u64>, Vec<u8>) {
    let r = ObjectRef::of(object);
    let mut words: Vec<u64> = (0..r.size_bytes() / 8)
        // SAFETY: an object has so many words.
        .map(|i| unsafe { *r.0.add(i) })
        .collect();
    let mut items = Vec::new();
    if matches!(r.kind(), Kind::Indexed | Kind::Bytes) && !r.is_empty() {
        let used = r.len() * if r.kind() == Kind::Indexed { 8 } else { 1 };
        assert!(used <= buffer_capacity(r.buffer()));
        // SAFETY: that many bytes of the buffer are in use.
        items.extend_from_slice(unsafe { std::slice::from_raw_parts(r.buffer(), used) });
    }
    for (name, value) in heap.side.get(&object.bits()).into_iter().flatten() {
        words.extend([name.bits(), value.bits()]);
    }
    (words, items)
}

/// The states that an object goes from and to: kinds, sizes, with and without side variables.
fn states() -> Vec<Record> {
    let of = |class, format, body| record(OBJECT, class, format, body);
    let many = 140_000;
    vec![
        of(wellknown::ARRAY, Format::Indexed, ints(3)),
        of(wellknown::ARRAY, Format::Indexed, ints(many)),
        named(of(wellknown::ARRAY, Format::Indexed, ints(0)), &NAMES[..2]),
        named(of(ROWS, Format::Indexed, ints(5)), &NAMES),
        of(ROWS, Format::Indexed, ints(many)),
        of(POINT, Format::Slots, ints(3)),
        named(of(POINT, Format::Slots, ints(3)), &NAMES[1..]),
        of(POINT, Format::Slots, ints(40)),
        of(
            wellknown::STRING,
            Format::Bytes,
            Body::Bytes(b"text".to_vec()),
        ),
        of(
            wellknown::STRING,
            Format::Bytes,
            Body::Bytes(vec![b'x'; (1 << 20) + 1000]),
        ),
        named(
            of(wellknown::BYTE_ARRAY, Format::Bytes, Body::Bytes(vec![])),
            &NAMES[..1],
        ),
        of(
            wellknown::FLOAT,
            Format::Bytes,
            Body::Bytes(1e300f64.to_le_bytes().to_vec()),
        ),
    ]
}

fn refresh(heap: &mut Heap, object: Oop, to: &Record) -> Result<Refreshed, HeapError> {
    let bytes = encoded(to);
    heap.refresh(object, &RecordView::parse(&bytes).unwrap())
}

/// What a table says of the object with `OBJECT`'s id, without what belongs to classes and symbols.
fn noted(heap: &Heap, object: Oop) -> (Option<Oop>, usize, bool) {
    let remembered = heap.remembered.contains(&ObjectRef::of(object));
    (heap.find(OBJECT), heap.side.len(), remembered)
}

#[test]
fn a_refresh_that_fails_changes_nothing_and_then_succeeds() {
    for from in states() {
        for to in states() {
            let mut failures = 0;
            loop {
                let (mut heap, left) = heap(std::slice::from_ref(&from));
                let object = heap.fault(OBJECT).unwrap();
                heap.collect(&Held(vec![object]), false, &mut clock);
                left.set(failures);
                let before = (words(&heap, object), noted(&heap, object));
                let outcome = refresh(&mut heap, object, &to);
                if let Ok(refreshed) = outcome {
                    let now = refreshed.exchange().map_or(object, |e| e.other);
                    assert_eq!(heap.find(OBJECT), Some(now));
                    left.set(usize::MAX);
                    assert_eq!(stored(&heap, now), to);
                    heap.verify(&Held(vec![now])).unwrap();
                    break;
                }
                assert_eq!((words(&heap, object), noted(&heap, object)), before);
                failures += 1;
                left.set(usize::MAX);
                let now = refresh(&mut heap, object, &to).unwrap().exchange();
                let now = now.map_or(object, |e| e.other);
                assert_eq!(stored(&heap, now), to);
            }
        }
    }
}

/// The record that an object gives, without nil in the slots that it has beyond the ones that were stored.
fn stored(heap: &Heap, object: Oop) -> Record {
    let mut record = heap.to_record(object).unwrap();
    if let (Format::Slots, Body::Slots(slots)) = (record.format, &mut record.body) {
        while slots.last() == Some(&Oop::NIL) {
            slots.pop();
        }
    }
    record
}

#[test]
fn a_refresh_without_memory_changes_nothing() {
    for from in states() {
        for to in states() {
            let (mut heap, _) = heap(std::slice::from_ref(&from));
            let object = heap.fault(OBJECT).unwrap();
            let known = [ROWS, POINT].into_iter().chain(NAMES);
            known.for_each(|id| assert!(heap.fault(id).is_ok()));
            let before = (words(&heap, object), noted(&heap, object));
            heap.set_limit(1);
            if let Err(e) = refresh(&mut heap, object, &to) {
                assert!(matches!(e, HeapError::OutOfMemory { .. }), "{e}");
                assert_eq!((words(&heap, object), noted(&heap, object)), before);
                assert!(to.encoded_len() > 1 << 20);
            }
        }
    }
}

#[test]
fn a_record_that_does_not_fit_its_class_changes_nothing() {
    let wrong = [
        record(
            OBJECT,
            wellknown::ARRAY,
            Format::Bytes,
            Body::Bytes(vec![1]),
        ),
        record(OBJECT, wellknown::STRING, Format::Indexed, ints(2)),
        record(OBJECT, wellknown::FLOAT, Format::Slots, ints(8)),
        record(
            OBJECT,
            wellknown::FLOAT,
            Format::Bytes,
            Body::Bytes(vec![1]),
        ),
        record(OBJECT, ROWS, Format::Indexed, ints(1)),
        record(OBJECT, NAMES[0], Format::Slots, ints(1)),
        record(
            OBJECT,
            wellknown::SYMBOL,
            Format::Bytes,
            Body::Bytes(vec![65]),
        ),
        record(ROWS, POINT, Format::Slots, ints(3)),
        named(record(OBJECT, POINT, Format::Slots, ints(3)), &[ROWS]),
        named(record(OBJECT, POINT, Format::Slots, ints(3)), &[OBJECT]),
        named(
            record(OBJECT, POINT, Format::Slots, ints(3)),
            &[NAMES[0]; 2],
        ),
        named(
            record(OBJECT, POINT, Format::Slots, ints(3)),
            &[ObjectId(8888)],
        ),
    ];
    for from in states() {
        for to in &wrong {
            let (mut heap, _) = heap(std::slice::from_ref(&from));
            let object = heap.fault(OBJECT).unwrap();
            let before = (words(&heap, object), noted(&heap, object));
            assert!(refresh(&mut heap, object, to).is_err(), "{to:?}");
            assert_eq!(
                (words(&heap, object), noted(&heap, object)),
                before,
                "{to:?}"
            );
        }
    }
}

#[test]
fn a_fault_that_fails_leaves_nothing_behind_and_then_succeeds() {
    for state in states() {
        for allowed in 0.. {
            let (mut heap, left) = heap(std::slice::from_ref(&state));
            left.set(allowed);
            if let Ok(object) = heap.fault(OBJECT) {
                left.set(usize::MAX);
                assert_eq!(stored(&heap, object), state);
                break;
            }
            assert_absent(&heap);
            left.set(usize::MAX);
            let object = heap.fault(OBJECT).unwrap();
            assert_eq!(stored(&heap, object), state);
        }
        let (mut heap, _) = heap(std::slice::from_ref(&state));
        heap.set_limit(1);
        if heap.fault(OBJECT).is_err() {
            assert_absent(&heap);
            assert!(state.encoded_len() > 1 << 20);
        }
    }
}

fn assert_absent(heap: &Heap) {
    assert_eq!(heap.find(OBJECT), None);
    assert!(heap.young_ids.iter().all(|y| y.0 != OBJECT.0));
    assert!(heap.side.is_empty() && heap.young_side.is_empty());
    assert!(heap.faulting.is_empty());
}

#[test]
fn damaged_records_that_go_round_in_circles_are_an_error() {
    let (one, other) = (ObjectId(8001), ObjectId(8002));
    let mut circle = [class(one, Format::Slots, 0), class(other, Format::Slots, 0)];
    circle[0].class = other;
    circle[1].class = one;
    let named_by_itself = named(record(OBJECT, POINT, Format::Slots, ints(3)), &[OBJECT]);
    let mut chain: Vec<Record> = (10_000..60_000)
        .map(|id| class(ObjectId(id), Format::Slots, 0))
        .collect();
    chain.iter_mut().for_each(|r| r.class.0 = r.id.0 + 1);
    let mut records = vec![named_by_itself];
    records.extend(circle);
    records.extend(chain);
    let (mut heap, _) = heap(&records);
    for id in [one, other, OBJECT, ObjectId(10_000)] {
        let error = heap.fault(id).unwrap_err();
        assert!(matches!(error, HeapError::Host(HostError::Damaged(_))));
        assert!(heap.faulting.is_empty());
        assert_eq!(heap.find(id), None);
    }
}

#[test]
fn a_symbol_record_of_another_format_is_an_error() {
    let long = Body::Bytes(vec![b'a'; 1 << 20]);
    for (format, body) in [(Format::Slots, ints(3)), (Format::Bytes, long)] {
        let (mut heap, _) = heap(&[record(OBJECT, wellknown::SYMBOL, format, body)]);
        assert!(heap.fault(OBJECT).is_err());
        assert_eq!(heap.find(OBJECT), None);
    }
}

#[test]
fn what_does_not_fit_goes_to_a_new_object_with_the_id() {
    let array = record(OBJECT, wellknown::ARRAY, Format::Indexed, ints(3));
    let (mut heap, _) = heap(&[array]);
    let old = heap.fault(OBJECT).unwrap();
    heap.set_element(old, 0, Oop::NIL).unwrap();
    assert!(heap.has_dirty());
    let text = record(
        OBJECT,
        wellknown::STRING,
        Format::Bytes,
        Body::Bytes(b"text".to_vec()),
    );
    let exchange = refresh(&mut heap, old, &text).unwrap().exchange().unwrap();
    assert_eq!((exchange.one, exchange.both), (old, false));
    let new = exchange.other;
    assert_eq!(heap.bytes(new), b"text");
    assert_eq!((heap.id_of(old), heap.id_of(new)), (None, Some(OBJECT)));
    assert!(!heap.is_committed(old) && !heap.is_dirty(old) && !heap.has_dirty());
    assert!(heap.is_committed(new) && ObjectRef::of(new).has(flags::BARRIER));
    assert_eq!(heap.element(old, 2).unwrap().as_small_int(), Some(2));
    heap.collect(&Held(vec![new]), false, &mut clock);
    heap.verify(&Held(vec![new])).unwrap();
    assert_eq!(heap.find(OBJECT), Some(new));
}

#[test]
fn a_class_that_moves_stays_the_class_of_its_instances() {
    let point = record(OBJECT, POINT, Format::Slots, ints(3));
    let (mut heap, _) = heap(&[point]);
    let object = heap.fault(OBJECT).unwrap();
    let old = heap.class_of(object).unwrap();
    let mut larger = class(POINT, Format::Slots, 3);
    let Body::Slots(slots) = &mut larger.body else {
        unreachable!()
    };
    slots.extend([Oop::TRUE; 30]);
    let moved = refresh(&mut heap, old, &larger)
        .unwrap()
        .exchange()
        .unwrap();
    assert_eq!(heap.class_of(object).unwrap(), moved.other);
    let roots = Held(vec![object]);
    heap.collect(&roots, true, &mut clock);
    heap.verify(&roots).unwrap();
    assert_eq!(heap.class_of(object).unwrap(), moved.other);
    let index = heap.class_index(moved.other).unwrap();
    assert_eq!(index, heap.class_index_of(object));
}
