//! Objects, slots, classes, method tables.

use crate::world::{Did, World};
use format::wellknown;
use gem_heap::Oop;

fn symbol(w: &mut World, name: &str) -> Oop {
    w.vm.model.heap.symbol(name)
}

#[test]
fn identity_and_hashes() {
    let mut w = World::new();
    let (a, b) = (w.string("x"), w.string("x"));
    assert_eq!(w.value("identical", a, &[b]), Oop::FALSE);
    assert_eq!(w.value("identical", a, &[a]), Oop::TRUE);
    for object in [a, Oop::NIL, Oop::TRUE, w.int(-5)] {
        let hash = w.value("identityHash", object, &[]).small_int_value();
        assert!((0..1 << 60).contains(&hash));
    }
    let five = w.int(5);
    assert_eq!(w.value("objectId", five, &[]), w.int(11));
    assert_eq!(w.value("objectId", Oop::NIL, &[]), w.int(8));
    assert_ne!(w.value("objectId", a, &[]), w.value("objectId", b, &[]));
}

#[test]
fn instance_variables_come_and_go_in_order() {
    let mut w = World::new();
    let class = w.class(wellknown::OBJECT);
    let object = w.value("rubyAllocate", class, &[]);
    w.vm.model.hold(object);
    let names: Vec<Oop> = ["@a", "@b", "@c"]
        .iter()
        .map(|n| symbol(&mut w, n))
        .collect();
    for (i, &name) in names.iter().enumerate() {
        let value = w.int(i as i64);
        w.value("ivarSet", object, &[name, value]);
    }
    let listed = w.value("ivarNames", object, &[]);
    assert_eq!(w.vm.model.heap.elements(listed).unwrap(), names);
    assert_eq!(w.value("ivarRemove", object, &[names[1]]), w.int(1));
    assert_eq!(w.value("ivarDefined", object, &[names[1]]), Oop::FALSE);
    assert_eq!(w.call("ivarRemove", object, &[names[1]]), Did::FellBack);
    assert_eq!(w.value("ivarGet", object, &[names[1]]), Oop::NIL);
    let copy = w.value("shallowCopy", object, &[]);
    assert_eq!(w.value("ivarGet", copy, &[names[2]]), w.int(2));
    w.value("freeze", object, &[]);
    assert_eq!(
        w.call("ivarSet", object, &[names[0], Oop::NIL]),
        Did::FellBack
    );
    assert_eq!(w.value("isFrozen", copy, &[]), Oop::FALSE);
}

#[test]
fn declared_slots_have_numbers_and_bounds() {
    let mut w = World::new();
    let class = w.class(wellknown::ASSOCIATION);
    let pair = w.value("basicNew", class, &[]);
    let (one, two, three, zero) = (w.int(1), w.int(2), w.int(3), w.int(0));
    assert_eq!(w.value("instVarAtPut", pair, &[two, three]), three);
    assert_eq!(w.value("instVarAt", pair, &[two]), three);
    assert_eq!(w.value("instVarAt", pair, &[one]), Oop::NIL);
    for beyond in [three, zero] {
        assert_eq!(w.call("instVarAt", pair, &[beyond]), Did::FellBack);
    }
}

#[test]
fn two_objects_change_places() {
    let mut w = World::new();
    let (a, b) = (w.string("one"), w.string("twelve"));
    w.value("become", a, &[b]);
    assert_eq!((w.text(a), w.text(b)), ("twelve".into(), "one".into()));
    // Another layout: whoever refers to one of them refers to the other then.
    let class = w.class(wellknown::ASSOCIATION);
    let pair = w.value("basicNew", class, &[]);
    let both = w.vm.model.heap.new_array(&[a, pair]).unwrap();
    w.vm.model.hold(both);
    w.value("become", a, &[pair]);
    assert_eq!(w.vm.model.heap.elements(both).unwrap(), [pair, a]);
    assert_eq!(w.text(a), "twelve");
}

#[test]
fn classes_are_made_and_what_cannot_be_is_refused() {
    let mut w = World::new();
    let array = w.class(wellknown::ARRAY);
    let object = w.class(wellknown::OBJECT);
    let (name, x, y) = (
        symbol(&mut w, "Point"),
        symbol(&mut w, "x"),
        symbol(&mut w, "y"),
    );
    let inst_vars = w.array(&[x, y]);
    let own = symbol(&mut w, "Count");
    let class_inst_vars = w.array(&[own]);
    let zero = w.int(0);
    let point = w.value(
        "subclassNew",
        object,
        &[name, inst_vars, zero, class_inst_vars],
    );
    w.vm.model.hold(point);
    let instance = w.value("basicNew", point, &[]);
    let (two, index) = (w.int(2), w.int(21));
    w.value("instVarAtPut", instance, &[two, two]);
    // The class object has a slot of its own behind those of every class.
    w.value("instVarAtPut", point, &[index, two]);
    assert_eq!(w.value("instVarAt", point, &[index]), two);
    let class = w.class(wellknown::CLASS);
    let sub = w.value("classNew", class, &[point]);
    assert_eq!(w.value("superclass", sub, &[]), point);
    assert_eq!(w.call("className", sub, &[]), Did::FellBack);
    let of_array = w.value("subclassNew", array, &[name, Oop::NIL, zero, Oop::NIL]);
    let three = w.int(3);
    let list = w.value("basicNewSize", of_array, &[three]);
    assert_eq!(w.show(list), "[nil, nil, nil]");
    assert_eq!(w.call("basicNewSize", point, &[three]), Did::FellBack);
    for id in [
        wellknown::SYMBOL,
        wellknown::SMALL_INTEGER,
        wellknown::FLOAT,
        wellknown::TRUE_CLASS,
    ] {
        let class = w.class(id);
        assert_eq!(w.call("basicNew", class, &[]), Did::FellBack);
        assert_eq!(w.call("rubyAllocate", class, &[]), Did::FellBack);
    }
}

#[test]
fn attributes_aliases_and_undefined_methods() {
    let mut w = World::new();
    let class = w.class(wellknown::ASSOCIATION);
    let pair = w.value("basicNew", class, &[]);
    w.vm.model.hold(pair);
    let (size, size_is, ivar) = (
        symbol(&mut w, "extent"),
        symbol(&mut w, "extent="),
        symbol(&mut w, "@extent"),
    );
    w.value("attrReader", class, &[size, ivar]);
    w.value("attrWriter", class, &[size_is, ivar]);
    let seven = w.int(7);
    assert_eq!(w.vm.send(pair, size_is, &[seven], 1).unwrap(), seven);
    assert_eq!(w.vm.send(pair, size, &[], 1).unwrap(), seven);
    let other = symbol(&mut w, "reach");
    w.value("aliasMethod", class, &[other, size]);
    assert_eq!(w.vm.send(pair, other, &[], 1).unwrap(), seven);
    let (one, zero) = (w.int(1), w.int(0));
    w.value("setVisibility", class, &[other, one]);
    assert_eq!(w.call("rubyRespondsTo", pair, &[other]), Did::FellBack);
    assert_eq!(
        w.value("rubyRespondsTo", pair, &[other, Oop::TRUE]),
        Oop::TRUE
    );
    let private = w.value("instanceMethods", class, &[Oop::FALSE, one]);
    assert_eq!(w.vm.model.heap.elements(private).unwrap(), [other]);
    w.value("undefMethod", class, &[size]);
    assert_eq!(w.value("methodLookup", class, &[size]), Oop::NIL);
    let public = w.value("instanceMethods", class, &[Oop::FALSE, zero]);
    assert_eq!(w.vm.model.heap.elements(public).unwrap(), [size_is]);
    assert_eq!(w.call("removeMethod", class, &[size, one]), Did::FellBack);
    assert_eq!(w.value("removeMethod", class, &[other, one]), Oop::TRUE);
    assert_eq!(w.call("aliasMethod", class, &[other, size]), Did::FellBack);
}

#[test]
fn modules_mix_in_without_circles() {
    let mut w = World::new();
    let module = w.class(wellknown::MODULE);
    let a = w.value("moduleNew", module, &[]);
    let b = w.value("moduleNew", module, &[]);
    w.vm.model.hold(a);
    w.vm.model.hold(b);
    w.value("includeModule", a, &[b]);
    assert_eq!(w.call("includeModule", b, &[a]), Did::FellBack);
    let class = w.class(wellknown::ASSOCIATION);
    w.value("prependModule", class, &[a]);
    let order = w.value("ancestors", class, &[]);
    let order = w.vm.model.heap.elements(order).unwrap();
    assert_eq!(order[..3], [a, b, class]);
    let pair = w.value("basicNew", class, &[]);
    assert_eq!(w.value("moduleHasInstance", b, &[pair]), Oop::TRUE);
    let (name, low) = (symbol(&mut w, "Deep"), symbol(&mut w, "deep"));
    let nine = w.int(9);
    w.value("constSet", b, &[name, nine]);
    assert_eq!(w.value("constGet", a, &[name, Oop::TRUE]), nine);
    assert_eq!(w.call("constGet", a, &[name, Oop::FALSE]), Did::FellBack);
    assert_eq!(w.call("constSet", b, &[low, nine]), Did::FellBack);
    assert_eq!(w.value("constRemove", b, &[name]), nine);
    assert_eq!(w.call("constRemove", b, &[name]), Did::FellBack);
}

#[test]
fn a_singleton_class_is_shown_to_nobody_who_does_not_ask() {
    let mut w = World::new();
    let text = w.string("x");
    w.vm.model.hold(text);
    let singleton = w.value("singletonClass", text, &[]);
    assert_eq!(w.value("objectClass", text, &[]), singleton);
    assert_eq!(w.value("rubyClass", text, &[]), w.class(wellknown::STRING));
    let copy = w.value("shallowCopy", text, &[]);
    assert_eq!(
        w.value("objectClass", copy, &[]),
        w.class(wellknown::STRING)
    );
    let five = w.int(5);
    assert_eq!(w.call("singletonClass", five, &[]), Did::FellBack);
}
