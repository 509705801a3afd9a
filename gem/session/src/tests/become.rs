//! `become:` between objects of every two layouts, with a second session that holds the old bodies in memory.

use super::model_stone::ModelStone;
use crate::{LoginOptions, MethodPlace, NewClass, Session, create_first_objects, make_class};
use format::wellknown::slots::class_flags;
use format::{Format, ObjectId, wellknown};
use gem_heap::Kind;
use gem_vm::{Oop, VmExit};
use std::sync::Arc;

/// Slots of the class Wide.
const WIDE: usize = 40;

/// Classes that the objects are of, in the order of the list at `classes` in the root.
const CLASSES: [(&str, Format, usize); 2] =
    [("Wide", Format::Slots, WIDE), ("Rows", Format::Indexed, 2)];

/// A kind of object: its name, and how it is made.
type Maker = fn(&mut Session) -> Oop;
const KINDS: [(&str, Maker); 14] = [
    ("few slots", |s| few(s)),
    ("few slots, others", |s| {
        s.vm.model
            .heap
            .new_with_slots(wellknown::MESSAGE, &[Oop::TRUE, Oop::NIL])
    }),
    ("few slots and instance variables", |s| {
        let object = few(s);
        with_ivars(s, object)
    }),
    ("many slots", |s| wide(s)),
    ("many slots and instance variables", |s| {
        let object = wide(s);
        with_ivars(s, object)
    }),
    ("a small Array", |s| array(s, 3)),
    ("a large Array", |s| array(s, 1500)),
    ("an Array with instance variables", |s| {
        let object = array(s, 2);
        with_ivars(s, object)
    }),
    ("slots and elements", |s| {
        let class = class(s, 1);
        let index = s.vm.model.heap.class_index(class).unwrap();
        let rows = s.vm.model.heap.instantiate(index);
        s.vm.model.heap.set_slot(rows, 1, Oop::TRUE).unwrap();
        s.vm.model.heap.push(rows, Oop::FALSE).unwrap();
        rows
    }),
    ("a String", |s| text(s, 5)),
    ("a large String", |s| text(s, 10_000)),
    ("a String with instance variables", |s| {
        let object = text(s, 7);
        with_ivars(s, object)
    }),
    ("a Hash", |s| hash(s, 5)),
    ("a large Hash", |s| hash(s, 2100)),
];

fn int(value: usize) -> Oop {
    Oop::small_int_wrapping(value as i64)
}

fn few(s: &mut Session) -> Oop {
    s.vm.model
        .heap
        .new_with_slots(wellknown::ASSOCIATION, &[int(1), int(2)])
}

fn wide(s: &mut Session) -> Oop {
    let class = class(s, 0);
    let index = s.vm.model.heap.class_index(class).unwrap();
    let object = s.vm.model.heap.instantiate(index);
    for i in 0..WIDE {
        s.vm.model.heap.set_slot(object, i, int(i)).unwrap();
    }
    object
}

fn array(s: &mut Session, size: usize) -> Oop {
    let values: Vec<Oop> = (0..size).map(int).collect();
    s.vm.model.heap.new_array(&values).unwrap()
}

fn text(s: &mut Session, size: usize) -> Oop {
    s.vm.model.heap.new_string(&vec![b'x'; size]).unwrap()
}

fn hash(s: &mut Session, size: usize) -> Oop {
    let hash = s.vm.model.hash_new().unwrap();
    for i in 0..size {
        s.vm.model.hash_store(hash, int(i), int(i * 2)).unwrap();
    }
    hash
}

fn with_ivars(s: &mut Session, object: Oop) -> Oop {
    for i in 0..4 {
        let name = s.vm.model.heap.symbol(&format!("@name{i}"));
        s.vm.model.heap.set_ivar(object, name, int(i)).unwrap();
    }
    object
}

fn root(s: &mut Session) -> Oop {
    s.vm.model.known_object(wellknown::PERSISTENT_ROOT).unwrap()
}

fn put(s: &mut Session, key: &str, value: Oop) {
    let root = root(s);
    let key = s.vm.model.heap.symbol(key);
    s.vm.model.hash_store(root, key, value).unwrap();
}

fn at(s: &mut Session, key: &str) -> Oop {
    let root = root(s);
    let key = s.vm.model.heap.symbol(key);
    s.vm.model
        .hash_get(root, key)
        .unwrap()
        .expect("it was put there")
}

fn class(s: &mut Session, i: usize) -> Oop {
    let classes = at(s, "classes");
    s.vm.model.heap.element(classes, i).unwrap()
}

fn login(stone: &Arc<ModelStone>) -> Session {
    Session::login(stone.clone(), &LoginOptions::default()).unwrap()
}

/// A repository with the classes, and the method `become:` of Object.
fn born() -> Arc<ModelStone> {
    let stone = Arc::new(ModelStone::new(false));
    let mut s = login(&stone);
    create_first_objects(&mut s.vm).unwrap();
    s.vm.model.persistent_mode = true;
    let object = s.vm.model.known_class(wellknown::OBJECT).unwrap();
    for source in [
        "become: other\n\t<primitive: become>\n\t^ nil",
        "becomeForward: other\n\t<primitive: becomeForward>\n\t^ nil",
    ] {
        crate::compile_method(&mut s.vm, source, &MethodPlace::of(object)).unwrap();
    }
    let classes = s.vm.model.heap.new_array(&[]).unwrap();
    for (name, format, slots) in CLASSES {
        let names: Vec<String> = (0..slots).map(|i| format!("slot{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let new = NewClass {
            name,
            superclass: object,
            format,
            slots: &names,
            class_slots: &[],
            flags: class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE,
            ids: None,
        };
        let class = make_class(&mut s.vm, &new).unwrap();
        s.vm.model.heap.push(classes, class).unwrap();
    }
    put(&mut s, "classes", classes);
    s.commit().unwrap();
    stone
}

/// Class, slots, elements or bytes, and instance variables of an object of these tests.
fn describe(s: &mut Session, object: Oop) -> String {
    let class = s.vm.model.heap.class_of(object).unwrap();
    let mut told = s.vm.model.class_name(class);
    if s.vm.model.is_hash(object) {
        let pairs = s.vm.model.hash_pairs(object).unwrap();
        for &(key, value) in &pairs {
            assert_eq!(s.vm.model.hash_get(object, key).unwrap(), Some(value));
        }
        return format!("{told} {pairs:?}");
    }
    let fixed =
        s.vm.model
            .heap
            .shape(s.vm.model.heap.shape_of(object))
            .fixed as usize;
    for i in 0..fixed {
        told += &format!(" {:?}", s.vm.model.heap.slot(object, i).unwrap());
    }
    match s.vm.model.heap.kind(object) {
        Kind::Indexed => told += &format!(" {:?}", s.vm.model.heap.elements(object).unwrap()),
        Kind::Bytes => told += &format!(" {:?}", s.vm.model.heap.bytes(object)),
        Kind::Slots | Kind::Raw => {}
    }
    for name in s.vm.model.heap.ivar_names(object) {
        let value = s.vm.model.heap.ivar(object, name).unwrap();
        told += &format!(" {}={value:?}", s.vm.model.heap.text(name));
    }
    told
}

fn send(s: &mut Session, receiver: Oop, selector: &str, other: Oop) {
    let selector = s.vm.model.heap.symbol(selector);
    let answer = s.vm.send(receiver, selector, &[other], 0).unwrap();
    assert!(!answer.is_nil(), "the primitive did it");
}

/// What the session has of the pair through every kind of reference: elements, a slot, an instance variable, an object that nothing in the session refers to,
/// a global variable of the session, an object of the session.
fn references(s: &mut Session) -> [Vec<Oop>; 2] {
    let holder = at(s, "holder");
    let pair = [0, 1].map(|i| s.vm.model.heap.element(holder, i).unwrap());
    let mut found = pair.map(|o| vec![o]);
    let link = s.vm.model.heap.element(holder, 2).unwrap();
    let name = s.vm.model.heap.symbol("@one");
    for (i, found) in found.iter_mut().enumerate() {
        found.push(s.vm.model.heap.slot(link, i).unwrap());
        let global = s.vm.model.heap.symbol(["$one", "$other"][i]);
        let known = *s.vm.model.globals.values.entry(global).or_insert(pair[i]);
        found.push(known);
        let own = s.vm.model.heap.symbol("$own");
        let made = s.vm.model.heap.new_array(&pair).unwrap();
        let own = *s.vm.model.globals.values.entry(own).or_insert(made);
        found.push(s.vm.model.heap.element(own, i).unwrap());
    }
    found[0].push(s.vm.model.heap.ivar(link, name).unwrap().unwrap());
    found
}

/// Makes `session` forget what it held of the pair before.
fn forget(s: &mut Session) {
    s.vm.model.globals.values.clear();
}

/// All references of `s` show these two objects.
fn check(s: &mut Session, told: &[String; 2], what: &str) {
    let found = references(s);
    for (objects, told) in found.into_iter().zip(told) {
        assert!(
            objects.iter().all(|&o| o == objects[0]),
            "{what}: {objects:?}"
        );
        assert_eq!(&describe(s, objects[0]), told, "{what}");
        assert!(s.vm.model.heap.is_committed(objects[0]));
    }
    s.vm.verify_heap().unwrap();
}

/// Two objects of these kinds, committed and referred to; what they look like.
fn pair(s: &mut Session, one: Maker, other: Maker) -> [String; 2] {
    let objects = [one(s), other(s)];
    let link =
        s.vm.model
            .heap
            .new_with_slots(wellknown::ASSOCIATION, &objects);
    let name = s.vm.model.heap.symbol("@one");
    s.vm.model.heap.set_ivar(link, name, objects[0]).unwrap();
    let holder =
        s.vm.model
            .heap
            .new_array(&[objects[0], objects[1], link])
            .unwrap();
    put(s, "holder", holder);
    s.commit().unwrap();
    objects.map(|o| describe(s, o))
}

#[test]
fn another_session_sees_the_new_bodies_through_every_reference() {
    let stone = born();
    let (mut a, mut b) = (login(&stone), login(&stone));
    a.abort().unwrap();
    for (i, (one_name, one)) in KINDS.iter().enumerate() {
        for (j, (other_name, other)) in KINDS.iter().enumerate() {
            let what = format!("{one_name} and {other_name}");
            forget(&mut a);
            forget(&mut b);
            let told = pair(&mut a, *one, *other);
            let swapped = [told[1].clone(), told[0].clone()];
            b.abort().unwrap();
            check(&mut b, &told, &what);
            check(&mut a, &told, &what);
            // There and back, each time seen by the one that did nothing; then undone by an abort.
            exchange(&mut a);
            a.commit().unwrap();
            check(&mut a, &swapped, &what);
            b.abort().unwrap();
            check(&mut b, &swapped, &what);
            exchange(&mut b);
            b.commit().unwrap();
            check(&mut b, &told, &what);
            a.abort().unwrap();
            check(&mut a, &told, &what);
            exchange(&mut a);
            a.abort().unwrap();
            check(&mut a, &told, &what);
            if (i + j) % 9 == 0 {
                a.vm.collect(true);
                b.vm.collect(false);
                check(&mut a, &told, &what);
                check(&mut b, &told, &what);
            }
        }
    }
    // The last pair, as the repository has it.
    let told = references(&mut a).map(|found| describe(&mut a, found[0]));
    let mut c = login(&stone);
    check(&mut c, &told, "a session that held nothing");
}

/// The two objects of the pair change places in `s`; the holder was changed before, so it is dirty as well as reachable.
fn exchange(s: &mut Session) {
    let holder = at(s, "holder");
    let [one, other] = [0, 1].map(|i| s.vm.model.heap.element(holder, i).unwrap());
    s.vm.model.heap.set_element(holder, 1, other).unwrap();
    let link = s.vm.model.heap.element(holder, 2).unwrap();
    s.vm.model.heap.set_slot(link, 0, one).unwrap();
    send(s, one, "become:", other);
}

#[test]
fn a_conflict_with_a_become_ends_with_the_new_bodies() {
    let stone = born();
    let (mut a, mut b) = (login(&stone), login(&stone));
    a.abort().unwrap();
    let told = pair(&mut a, |s| array(s, 3), |s| text(s, 5));
    b.abort().unwrap();
    check(&mut b, &told, "before");
    let array = references(&mut b)[0][0];
    b.vm.model.heap.push(array, Oop::TRUE).unwrap();
    exchange(&mut a);
    a.commit().unwrap();
    assert!(b.commit().is_err());
    b.abort().unwrap();
    check(&mut b, &[told[1].clone(), told[0].clone()], "after");
    assert!(!b.needs_commit());
}

#[test]
fn what_an_object_forwarded_to_takes_over_is_seen() {
    let stone = born();
    let (mut a, mut b) = (login(&stone), login(&stone));
    a.abort().unwrap();
    for (name, new) in KINDS {
        forget(&mut a);
        forget(&mut b);
        let told = pair(&mut a, |s| array(s, 3), |s| text(s, 5));
        b.abort().unwrap();
        check(&mut b, &told, name);
        let target = new(&mut a);
        let now = [describe(&mut a, target), told[1].clone()];
        let one = references(&mut a)[0][0];
        send(&mut a, one, "becomeForward:", target);
        a.commit().unwrap();
        check(&mut a, &now, name);
        b.abort().unwrap();
        check(&mut b, &now, name);
    }
}

#[test]
fn numbers_symbols_and_classes_refuse() {
    let stone = born();
    let mut s = login(&stone);
    let float = s.vm.model.heap.new_float(1e300);
    let symbol = s.vm.model.heap.symbol("name");
    let (known, own) = (
        s.vm.model.known_class(wellknown::ARRAY).unwrap(),
        class(&mut s, 0),
    );
    let kernel =
        s.vm.model
            .known_object(ObjectId(wellknown::GLOBALS.0))
            .unwrap();
    for object in [float, symbol, known, own, kernel, Oop::TRUE, int(3)] {
        for (_, make) in KINDS {
            let other = make(&mut s);
            let before = describe(&mut s, other);
            for (one, to) in [(object, other), (other, object)] {
                for selector in ["become:", "becomeForward:"] {
                    let selector = s.vm.model.heap.symbol(selector);
                    let outcome = s.vm.send(one, selector, &[to], 0);
                    assert!(matches!(outcome, Err(VmExit::Unhandled(_))));
                    s.vm.unwind_to(0);
                }
                assert_eq!(describe(&mut s, other), before);
            }
        }
    }
}
