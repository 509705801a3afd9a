//! A primitive that panics: the bug of the machine's own that no user can cause.

use super::model_stone::ModelStone;
use crate::{
    LoginOptions, MethodPlace, Session, compile_method, create_first_objects, discard, guarded,
};
use format::wellknown;
use gem_vm::{Oop, PrimitiveRow};
use std::sync::Arc;

const PANICS: &[PrimitiveRow] = &[PrimitiveRow {
    name: "testPanic",
    function: |vm, args| {
        // In the middle of a change of a committed object.
        let root = vm.model.known_object(wellknown::PERSISTENT_ROOT)?;
        let key = vm.model.heap.symbol("half");
        vm.model.hash_store(root, key, Oop::TRUE)?;
        panic!("no {}\n  on purpose", vm.arg(args, 0).is_pointer())
    },
    reason: "a test needs a bug",
}];

fn login(stone: &Arc<ModelStone>) -> Session {
    let options = LoginOptions::default();
    Session::login_with(stone.clone(), &options, &[PANICS]).expect("a session")
}

#[test]
fn a_panic_ends_the_session_and_nothing_of_it_is_committed() {
    let stone = Arc::new(ModelStone::new(false));
    create_first_objects(&mut login(&stone).vm).expect("a repository");
    let before = stone.records();
    let mut session = login(&stone);
    let object = session
        .vm
        .model
        .known_class(wellknown::OBJECT)
        .expect("Object");
    let source = "boom <primitive: testPanic> ^ 1";
    compile_method(&mut session.vm, source, &MethodPlace::of(object)).expect("a method");
    let error = guarded(|| session.evaluate_smalltalk("nil boom", "test")).expect_err("a panic");
    assert_eq!(
        error.to_string(),
        "internal error, which is a bug of MagLev: no false; on purpose; what was not committed is dropped (RUST_BACKTRACE=1 shows where)"
    );
    discard(session);
    assert_eq!(stone.records(), before);
    let mut next = login(&stone);
    let root = next
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .expect("the root");
    let key = next.vm.model.heap.symbol("half");
    assert_eq!(next.vm.model.hash_get(root, key).expect("an answer"), None);
    next.vm
        .model
        .hash_store(root, key, Oop::FALSE)
        .expect("room");
    next.commit().expect("a commit");
}
