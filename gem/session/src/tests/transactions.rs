use super::model_stone::ModelStone;
use crate::{
    LoginOptions, NewClass, Session, SessionError, create_first_objects, global_at, make_class,
};
use format::wellknown::slots::class_flags;
use format::{Format, wellknown};
use gem_vm::Oop;
use std::sync::Arc;

fn born(pages: bool) -> Arc<ModelStone> {
    let stone = Arc::new(ModelStone::new(pages));
    let mut session = login(&stone);
    let done = create_first_objects(&mut session.vm).unwrap();
    assert!(done.objects > 200);
    stone
}

fn login(stone: &Arc<ModelStone>) -> Session {
    Session::login(stone.clone(), &LoginOptions::default()).unwrap()
}

fn root(session: &mut Session) -> Oop {
    session
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .unwrap()
}

fn put(session: &mut Session, key: &str, value: Oop) {
    let root = root(session);
    let key = session.vm.model.heap.symbol(key);
    session.vm.model.hash_store(root, key, value).unwrap();
}

fn at(session: &mut Session, key: &str) -> Option<Oop> {
    let root = root(session);
    let key = session.vm.model.heap.symbol(key);
    session.vm.model.hash_get(root, key).unwrap()
}

fn text(session: &mut Session, key: &str) -> Option<String> {
    at(session, key).map(|v| session.vm.model.heap.text(v))
}

fn string(session: &mut Session, text: &str) -> Oop {
    session.vm.model.heap.new_string(text.as_bytes()).unwrap()
}

#[test]
fn the_first_objects_hold_together() {
    for pages in [false, true] {
        let stone = born(pages);
        let mut session = login(&stone);
        for row in wellknown::CLASSES {
            let class = global_at(&mut session.vm, row.name).unwrap().unwrap();
            assert_eq!(session.vm.model.heap.id_of(class), Some(row.id));
            assert_eq!(session.vm.model.class_name(class), row.name);
            let meta = session.vm.model.heap.class_of(class).unwrap();
            assert_eq!(
                session.vm.model.heap.id_of(meta).unwrap().0,
                row.id.0 + wellknown::METACLASS_OFFSET
            );
            let metaclass = session.vm.model.known_class(wellknown::METACLASS).unwrap();
            assert_eq!(session.vm.model.heap.class_of(meta).unwrap(), metaclass);
            let (format, fixed) = session.vm.model.class_layout(class).unwrap();
            assert_eq!((format, fixed), (row.format, wellknown::slot_count(row)));
        }
        let globals = session.vm.model.known_object(wellknown::GLOBALS).unwrap();
        assert_eq!(
            global_at(&mut session.vm, "Globals").unwrap(),
            Some(globals)
        );
        session.vm.verify_heap().unwrap();
    }
}

#[test]
fn two_births_are_alike() {
    assert_eq!(born(false).records(), born(false).records());
}

#[test]
fn what_one_session_commits_another_sees_after_its_abort() {
    let stone = born(false);
    let (mut one, mut two) = (login(&stone), login(&stone));
    assert_eq!(at(&mut two, "greeting"), None);
    let hello = string(&mut one, "hello");
    put(&mut one, "greeting", hello);
    assert!(one.needs_commit());
    assert_eq!(one.commit().unwrap().objects, 3);
    assert!(!one.needs_commit());
    assert_eq!(at(&mut two, "greeting"), None);
    two.abort().unwrap();
    assert_eq!(text(&mut two, "greeting").as_deref(), Some("hello"));
    let mut three = login(&stone);
    assert_eq!(text(&mut three, "greeting").as_deref(), Some("hello"));
}

#[test]
fn an_abort_brings_back_what_was() {
    let stone = born(true);
    let mut session = login(&stone);
    let before = string(&mut session, "before");
    put(&mut session, "word", before);
    session.commit().unwrap();
    session.vm.model.heap.set_bytes(before, b"after").unwrap();
    let name = session.vm.model.heap.symbol("@note");
    session
        .vm
        .model
        .heap
        .set_ivar(before, name, Oop::TRUE)
        .unwrap();
    put(&mut session, "other", Oop::TRUE);
    session.abort().unwrap();
    assert_eq!(text(&mut session, "word").as_deref(), Some("before"));
    assert_eq!(session.vm.model.heap.ivar(before, name).unwrap(), None);
    assert_eq!(at(&mut session, "other"), None);
    assert!(!session.needs_commit());
}

#[test]
fn a_conflict_names_the_object_and_the_winner() {
    let stone = born(false);
    let mut one = login(&stone);
    let word = string(&mut one, "word");
    put(&mut one, "word", word);
    one.commit().unwrap();
    let mut two = login(&stone);
    let theirs = at(&mut two, "word").unwrap();
    two.vm.model.heap.set_bytes(theirs, b"two").unwrap();
    one.vm.model.heap.set_bytes(word, b"one").unwrap();
    one.commit().unwrap();
    let error = two.commit().unwrap_err();
    let SessionError::Conflict(report) = &error else {
        panic!("{error}")
    };
    assert_eq!(report.rows.len(), 1);
    let row = &report.rows[0];
    assert_eq!(
        (row.object, row.class_name.as_str(), row.kind),
        (theirs, "String", "Write-Write")
    );
    assert!(
        row.path.starts_with("Maglev::PERSISTENT_ROOT[:word]"),
        "{}",
        row.path
    );
    assert!(row.winner.contains("somebody"), "{}", row.winner);
    assert!(matches!(two.commit(), Err(SessionError::AbortNeeded)));
    assert_eq!(two.vm.model.heap.bytes(theirs), b"two");
    two.abort().unwrap();
    assert_eq!(two.vm.model.heap.bytes(theirs), b"one");
    two.vm.model.heap.set_bytes(theirs, b"two again").unwrap();
    two.commit().unwrap();
    one.abort().unwrap();
    assert_eq!(one.vm.model.heap.bytes(word), b"two again");
}

#[test]
fn instances_of_transient_classes_are_refused_with_the_way_to_them() {
    let stone = born(false);
    let mut session = login(&stone);
    let object = session.vm.model.known_class(wellknown::OBJECT).unwrap();
    let mut new = NewClass {
        name: "Visitor",
        superclass: object,
        format: Format::Slots,
        slots: &["guide"],
        class_slots: &[],
        flags: 0,
        ids: None,
    };
    let class = make_class(&mut session.vm, &new).unwrap();
    let index = session.vm.model.heap.class_index(class).unwrap();
    let visitor = session.vm.model.heap.instantiate(index);
    let list = session
        .vm
        .model
        .heap
        .new_array(&[Oop::TRUE, visitor])
        .unwrap();
    put(&mut session, "visitors", list);
    let error = session.commit().unwrap_err();
    let SessionError::NotPersistable(refusal) = &error else {
        panic!("{error}")
    };
    assert_eq!(
        refusal.path,
        "Maglev::PERSISTENT_ROOT[:visitors][1] (Visitor)"
    );
    assert!(
        error
            .to_string()
            .contains("an instance of Visitor may not be committed"),
        "{error}"
    );
    session.abort().unwrap();

    new.flags = class_flags::PERSISTABLE | class_flags::CLASS_PERSISTABLE;
    let class = make_class(&mut session.vm, &new).unwrap();
    let index = session.vm.model.heap.class_index(class).unwrap();
    let visitor = session.vm.model.heap.instantiate(index);
    session.vm.model.heap.set_slot(visitor, 0, visitor).unwrap();
    put(&mut session, "visitor", visitor);
    session.commit().unwrap();
    let mut other = login(&stone);
    let found = at(&mut other, "visitor").unwrap();
    assert_eq!(other.vm.model.heap.slot(found, 0).unwrap(), found);
    let class = other.vm.model.heap.class_of(found).unwrap();
    assert_eq!(other.vm.model.class_name(class), "Visitor");
}

#[test]
fn instances_that_are_transient_in_the_database_commit_as_nil() {
    let stone = born(false);
    let mut session = login(&stone);
    let object = session.vm.model.known_class(wellknown::OBJECT).unwrap();
    let new = NewClass {
        name: "Cache",
        superclass: object,
        format: Format::Slots,
        slots: &[],
        class_slots: &[],
        flags: class_flags::DB_TRANSIENT | class_flags::CLASS_PERSISTABLE,
        ids: None,
    };
    let class = make_class(&mut session.vm, &new).unwrap();
    let index = session.vm.model.heap.class_index(class).unwrap();
    let cache = session.vm.model.heap.instantiate(index);
    let list = session
        .vm
        .model
        .heap
        .new_array(&[cache, Oop::TRUE])
        .unwrap();
    put(&mut session, "list", list);
    session.commit().unwrap();
    assert_eq!(session.vm.model.heap.element(list, 0).unwrap(), cache);
    let mut other = login(&stone);
    let list = at(&mut other, "list").unwrap();
    assert_eq!(other.vm.model.heap.element(list, 0).unwrap(), Oop::NIL);
    assert_eq!(other.vm.model.heap.element(list, 1).unwrap(), Oop::TRUE);
}

#[test]
fn many_objects_commit_at_once_and_come_back_in_few_requests() {
    let stone = born(true);
    let mut session = login(&stone);
    let list = session.vm.model.heap.new_array(&[]).unwrap();
    for i in 0..5000 {
        let pair = [Oop::small_int(i).unwrap(), list];
        let pair = session.vm.model.heap.new_array(&pair).unwrap();
        session.vm.model.heap.push(list, pair).unwrap();
    }
    put(&mut session, "list", list);
    assert_eq!(session.commit().unwrap().objects, 5003);
    let mut other = login(&stone);
    let before = stone.faults();
    let list = at(&mut other, "list").unwrap();
    for i in 0..5000 {
        let pair = other.vm.model.heap.element(list, i).unwrap();
        assert_eq!(
            other.vm.model.heap.element(pair, 0).unwrap().as_small_int(),
            Some(i as i64)
        );
    }
    let asked = stone.faults() - before;
    assert!(asked < 700, "{asked} requests");
}

#[test]
fn a_compiled_method_travels() {
    let stone = born(false);
    let mut session = login(&stone);
    session.vm.model.persistent_mode = true;
    let class = session.vm.model.known_class(wellknown::OBJECT).unwrap();
    let place = crate::MethodPlace::of(class);
    crate::compile_method(&mut session.vm, "twice: x ^ #(1 2", &place).unwrap_err();
    crate::compile_method(
        &mut session.vm,
        "pick: flag\n\t^ flag ifTrue: [ #(1 2 #foo 'bar') ] ifFalse: [ Object ]",
        &place,
    )
    .unwrap();
    session.commit().unwrap();
    let mut other = login(&stone);
    let array = other
        .run_smalltalk("^ nil pick: true", "test")
        .unwrap()
        .unwrap();
    assert_eq!(other.vm.model.heap.size(array), 4);
    let class = other
        .run_smalltalk("^ 3 pick: false", "test")
        .unwrap()
        .unwrap();
    assert_eq!(other.vm.model.heap.id_of(class), Some(wellknown::OBJECT));
    let error = other.run_smalltalk("^ Nowhere foo", "here").unwrap_err();
    assert!(error.to_string().starts_with("here:1:3: "), "{error}");
}

/// Memory becomes short: clean objects leave.
fn forget_clean(session: &mut Session) {
    let vm = &mut session.vm;
    vm.model
        .heap
        .set_stress_mode(gem_heap::Stress::Stub { every: 1 });
    vm.collect(false);
    vm.model.heap.set_stress_mode(gem_heap::Stress::Off);
}

/// Sets a constant of Object persistently.
fn constant(session: &mut Session, name: &str, value: Oop) {
    session.vm.model.persistent_mode = true;
    let object = session.vm.model.known_class(wellknown::OBJECT).unwrap();
    let name = session.vm.model.heap.symbol(name);
    session.vm.set_constant(object, name, value).unwrap();
}

/// Reads Object's constant Limit as a call site does that keeps what it finds as long as the number answered is the same.
fn limit_and_epoch(session: &mut Session, expected: i64) -> u64 {
    let object = session.vm.model.known_class(wellknown::OBJECT).unwrap();
    let name = session.vm.model.heap.symbol("Limit");
    let found = session.vm.model.own_constant(object, name).unwrap();
    assert_eq!(found.and_then(Oop::as_small_int), Some(expected));
    session.vm.model.classes.const_epoch
}

#[test]
fn what_tables_were_made_of_is_watched_when_memory_was_short() {
    let stone = born(false);
    let (mut one, mut two) = (login(&stone), login(&stone));
    let define = |session: &mut Session, source: &str| {
        session.vm.model.persistent_mode = true;
        let class = session.vm.model.known_class(wellknown::OBJECT).unwrap();
        crate::compile_method(&mut session.vm, source, &crate::MethodPlace::of(class)).unwrap();
        session.commit().unwrap();
    };
    let answer = |session: &mut Session, source: &str| {
        let answer = session.run_smalltalk(source, "test");
        answer.unwrap().unwrap().as_small_int()
    };
    define(&mut one, "number ^ 1");
    two.abort().unwrap();
    assert_eq!(answer(&mut two, "^ nil number"), Some(1));
    forget_clean(&mut two);
    define(&mut one, "number ^ 2");
    two.abort().unwrap();
    assert_eq!(answer(&mut two, "^ nil number"), Some(2));
    forget_clean(&mut two);
    define(&mut one, "another ^ 3");
    two.abort().unwrap();
    assert_eq!(answer(&mut two, "^ nil another"), Some(3));
    // Lists of modules, and constants that call sites may keep.
    one.abort().unwrap();
    let module = one.vm.model.make_module(Oop::NIL).unwrap();
    let class = one.vm.model.known_class(wellknown::ARRAY).unwrap();
    constant(&mut one, "Mixed", module);
    let another = one.vm.model.make_module(Oop::NIL).unwrap();
    constant(&mut one, "MixedToo", another);
    one.vm.mix_in(class, module, false).unwrap();
    constant(&mut one, "Limit", Oop::small_int(1).unwrap());
    one.commit().unwrap();
    two.abort().unwrap();
    let ancestors = |session: &mut Session| {
        let index = session.vm.model.heap.wellknown_class(wellknown::ARRAY);
        session.vm.model.lookup_order(index, 1).unwrap().len()
    };
    let before = ancestors(&mut two);
    let epoch = limit_and_epoch(&mut two, 1);
    forget_clean(&mut two);
    one.abort().unwrap();
    one.vm.mix_in(class, another, false).unwrap();
    one.commit().unwrap();
    two.abort().unwrap();
    assert_eq!(ancestors(&mut two), before + 1);
    let epoch_then = limit_and_epoch(&mut two, 1);
    assert!(epoch_then > epoch);
    forget_clean(&mut two);
    constant(&mut one, "Limit", Oop::small_int(2).unwrap());
    one.commit().unwrap();
    two.abort().unwrap();
    assert!(limit_and_epoch(&mut two, 2) > epoch_then);
    // What this session itself committed is watched as well.
    define(&mut two, "own ^ 4");
    assert_eq!(answer(&mut two, "^ nil own"), Some(4));
    forget_clean(&mut two);
    one.abort().unwrap();
    define(&mut one, "own ^ 5");
    two.abort().unwrap();
    assert_eq!(answer(&mut two, "^ nil own"), Some(5));
}

#[test]
fn an_idle_session_goes_on_at_the_newest_commit_unless_it_began_or_changed_something() {
    let stone = born(false);
    let (mut one, mut two) = (login(&stone), login(&stone));
    let publish = |one: &mut Session, text: &str| {
        let text = string(one, text);
        put(one, "news", text);
        one.commit().unwrap();
    };
    publish(&mut one, "first");
    let idle = |two: &mut Session| {
        crate::rest(&mut two.vm).unwrap();
        crate::resume(&mut two.vm).unwrap();
    };
    idle(&mut two);
    assert_eq!(text(&mut two, "news").as_deref(), Some("first"));
    crate::begin(&mut two.vm).unwrap();
    publish(&mut one, "second");
    idle(&mut two);
    assert_eq!(text(&mut two, "news").as_deref(), Some("first"));
    two.commit().unwrap();
    idle(&mut two);
    assert_eq!(text(&mut two, "news").as_deref(), Some("second"));
    put(&mut two, "mine", Oop::TRUE);
    publish(&mut one, "third");
    idle(&mut two);
    assert_eq!(text(&mut two, "news").as_deref(), Some("second"));
}
