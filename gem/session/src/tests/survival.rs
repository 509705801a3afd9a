//! The kernel that a gem of a remote stone keeps: read from there, and no longer when others have changed it.

use super::model_stone::ModelStone;
use crate::{LoginOptions, Session, create_first_objects};
use format::wellknown;
use gem_vm::Oop;
use std::sync::Arc;

fn login(stone: &Arc<ModelStone>, remote: bool) -> Session {
    let options = LoginOptions {
        remote,
        ..LoginOptions::default()
    };
    Session::login(stone.clone(), &options).expect("a session")
}

fn first_of_state(session: &mut Session) -> Oop {
    let state = session
        .vm
        .model
        .known_object(wellknown::RUBY_STATE)
        .expect("an Array");
    session.vm.model.heap.element(state, 0).expect("an element")
}

#[test]
fn what_others_changed_is_not_read_from_what_was_kept() {
    for pages in [false, true] {
        let stone = Arc::new(ModelStone::new(pages));
        create_first_objects(&mut login(&stone, false).vm).expect("a repository");
        let mut session = login(&stone, true);
        session
            .vm
            .model
            .known_class(wellknown::OBJECT)
            .expect("Object");
        let faults = stone.faults();
        for row in wellknown::CLASSES {
            session.vm.model.known_class(row.id).expect("a class");
        }
        assert_eq!(stone.faults(), faults, "the kernel is here");
        let mut other = login(&stone, false);
        let state = other
            .vm
            .model
            .known_object(wellknown::RUBY_STATE)
            .expect("an Array");
        let before = first_of_state(&mut other);
        other
            .vm
            .model
            .heap
            .set_element(state, 0, Oop::TRUE)
            .expect("room");
        assert_ne!(before, Oop::TRUE);
        other.commit().expect("a commit");
        let faults = stone.faults();
        session.abort().expect("an abort");
        assert_eq!(first_of_state(&mut session), Oop::TRUE);
        assert_eq!(
            stone.faults(),
            faults + 1,
            "only what was changed is asked for"
        );
    }
}
