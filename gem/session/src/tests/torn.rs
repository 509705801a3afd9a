//! The places where a transaction can tear, one by one: what a session may do after an answer was lost or a record could not be had.

use super::dice_stone::{DiceStone, Luck, Request};
use super::model_stone::ModelStone;
use crate::{LoginOptions, Outcome, Session, SessionError, create_first_objects};
use format::wellknown;
use gem_heap::{HeapError, HostError};
use gem_vm::Oop;
use std::sync::Arc;
use std::time::Duration;

/// A stone with an array `[1]` in it, and its id.
fn stone() -> (Arc<DiceStone>, u64) {
    let stone = Arc::new(DiceStone::new(Arc::new(ModelStone::new(false)), 0, 7));
    let mut session = login(&stone);
    create_first_objects(&mut session.vm).unwrap();
    let cell = session.vm.model.heap.new_array(&[int(1)]).unwrap();
    let root = session
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .unwrap();
    let key = session.vm.model.heap.symbol("cell");
    session.vm.model.hash_store(root, key, cell).unwrap();
    session.commit().unwrap();
    let id = session.vm.model.heap.id_of(cell).unwrap().0;
    (stone, id)
}

fn login(stone: &Arc<DiceStone>) -> Session {
    let options = LoginOptions {
        commit_patience: Duration::ZERO,
        ..LoginOptions::default()
    };
    Session::login(stone.clone(), &options).unwrap()
}

fn int(value: i64) -> Oop {
    Oop::small_int_wrapping(value)
}

fn cell(session: &mut Session) -> Oop {
    let root = session
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .unwrap();
    let key = session.vm.model.heap.symbol("cell");
    session.vm.model.hash_get(root, key).unwrap().unwrap()
}

fn read(session: &mut Session) -> i64 {
    let cell = cell(session);
    let value = session.vm.model.heap.element(cell, 0).unwrap();
    value.as_small_int().unwrap()
}

fn add(session: &mut Session, more: i64) {
    let cell = cell(session);
    let value = session.vm.model.heap.element(cell, 0).unwrap();
    let value = int(value.as_small_int().unwrap() + more);
    session.vm.model.heap.set_element(cell, 0, value).unwrap();
}

/// Two sessions that have both read the cell; the first has made it 11.
fn two(stone: &Arc<DiceStone>) -> (Session, Session) {
    let (mut one, mut two) = (login(stone), login(stone));
    assert_eq!(read(&mut two), 1);
    add(&mut one, 10);
    one.commit().unwrap();
    (one, two)
}

#[test]
fn an_abort_that_cannot_read_what_changed_lets_nothing_be_overwritten() {
    let (stone, _) = stone();
    let (_one, mut two) = two(&stone);
    stone.force(Request::Fault, &[Luck::Before]);
    two.abort().unwrap_err();
    assert_eq!(read(&mut two), 1, "memory still shows the old view");
    add(&mut two, 100);
    assert!(matches!(two.commit(), Err(SessionError::AbortNeeded)));
    two.abort().unwrap();
    assert_eq!(read(&mut two), 11);
    add(&mut two, 100);
    two.commit().unwrap();
    assert_eq!(read(&mut two), 111);
}

#[test]
fn a_commit_of_nothing_that_cannot_read_what_changed_lets_nothing_be_overwritten() {
    let (stone, _) = stone();
    let (_one, mut two) = two(&stone);
    stone.force(Request::Fault, &[Luck::After]);
    two.commit().unwrap_err();
    add(&mut two, 100);
    assert!(matches!(two.commit(), Err(SessionError::Incomplete)));
    two.abort().unwrap();
    assert_eq!(read(&mut two), 11);
}

#[test]
fn a_durable_commit_is_done_also_when_what_others_changed_cannot_be_read() {
    let (stone, id) = stone();
    let (mut one, mut two) = (login(&stone), login(&stone));
    assert_eq!(read(&mut two), 1);
    let root = two
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .unwrap();
    let key = two.vm.model.heap.symbol("other");
    // All that a commit needs comes into memory.
    two.vm.model.hash_store(root, key, Oop::FALSE).unwrap();
    two.commit().unwrap();
    one.abort().unwrap();
    add(&mut one, 10);
    one.commit().unwrap();
    two.vm.model.hash_store(root, key, Oop::TRUE).unwrap();
    stone.force(Request::Fault, &[Luck::Before]);
    two.commit().unwrap();
    assert!(!two.needs_commit());
    assert!(two.state().stale_ids().contains(&id));
    one.abort().unwrap();
    let root = one
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .unwrap();
    let key = one.vm.model.heap.symbol("other");
    assert_eq!(one.vm.model.hash_get(root, key).unwrap(), Some(Oop::TRUE));
    add(&mut two, 100);
    assert!(matches!(two.commit(), Err(SessionError::Incomplete)));
    two.abort().unwrap();
    assert_eq!(read(&mut two), 11);
}

#[test]
fn after_a_lost_answer_to_an_abort_everything_is_read_again() {
    let (stone, _) = stone();
    let (_one, mut two) = two(&stone);
    stone.force(Request::Refresh, &[Luck::After]);
    stone.force(Request::Login, &[Luck::Before]);
    two.abort().unwrap_err();
    two.abort().unwrap();
    assert_eq!(read(&mut two), 11, "the stone told of this change once");
}

#[test]
fn a_line_that_breaks_while_nobody_commits_is_not_noticed() {
    let (stone, _) = stone();
    let mut session = login(&stone);
    let before = session.state().session();
    stone.force(Request::Fault, &[Luck::Before]);
    let value = read(&mut session);
    assert!(session.state().session() != before, "it logged in again");
    add(&mut session, 10);
    stone.force(Request::Commit, &[Luck::Before]);
    session.commit().unwrap();
    assert_eq!(read(&mut login(&stone)), value + 10);
}

#[test]
fn a_line_that_breaks_while_others_commit_ends_the_transaction() {
    let (stone, _) = stone();
    let (mut one, mut two) = (login(&stone), login(&stone));
    add(&mut two, 100);
    add(&mut one, 10);
    one.commit().unwrap();
    stone.force(Request::Commit, &[Luck::Before]);
    let error = two.commit().unwrap_err();
    assert!(matches!(error, SessionError::LineBroke), "{error}");
    assert!(matches!(two.commit(), Err(SessionError::Incomplete)));
    two.abort().unwrap();
    assert_eq!(read(&mut two), 11);
}

#[test]
fn a_conflict_whose_answer_was_lost_lets_nothing_be_overwritten() {
    let (stone, _) = stone();
    let (mut one, mut two) = (login(&stone), login(&stone));
    add(&mut two, 100);
    add(&mut one, 10);
    one.commit().unwrap();
    // The stone moves the view as it tells of the conflict, and a commit is checked against the view that the stone knows.
    stone.force(Request::Commit, &[Luck::After]);
    stone.force(Request::Login, &[Luck::Before]);
    two.commit().unwrap_err();
    assert!(matches!(two.commit(), Err(SessionError::Incomplete)));
    two.abort().unwrap();
    assert_eq!(read(&mut two), 11);
}

#[test]
fn a_commit_whose_answer_was_lost_is_done_when_the_stone_says_so() {
    let (stone, _) = stone();
    let mut session = login(&stone);
    add(&mut session, 10);
    stone.force(Request::Commit, &[Luck::After]);
    session.commit().unwrap();
    assert!(!session.needs_commit());
    add(&mut session, 10);
    session.commit().unwrap();
    assert_eq!(read(&mut login(&stone)), 21, "once each");
}

#[test]
fn new_objects_of_a_commit_in_doubt_are_not_there_twice() {
    let (stone, _) = stone();
    let mut session = login(&stone);
    let new = session.vm.model.heap.new_array(&[int(5)]).unwrap();
    session.vm.model.hold(new);
    let root = session
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .unwrap();
    let key = session.vm.model.heap.symbol("new");
    session.vm.model.hash_store(root, key, new).unwrap();
    stone.force(Request::Commit, &[Luck::After]);
    stone.force(Request::Fate, &[Luck::Before]);
    let error = session.commit().unwrap_err();
    let SessionError::OutcomeUnknown { token, .. } = &error else {
        panic!("{error}");
    };
    let told = crate::fate::ask(&*stone, *token);
    assert!(matches!(told, Ok(Outcome::Committed { .. })), "{told:?}");
    assert!(matches!(session.commit(), Err(SessionError::Incomplete)));
    session.abort().unwrap();
    assert_eq!(session.vm.model.hash_get(root, key).unwrap(), Some(new));
    assert!(session.vm.model.heap.is_committed(new));
    session.vm.model.heap.set_element(new, 0, int(6)).unwrap();
    session.commit().unwrap();
    let mut other = login(&stone);
    let root = other
        .vm
        .model
        .known_object(wellknown::PERSISTENT_ROOT)
        .unwrap();
    let key = other.vm.model.heap.symbol("new");
    let found = other.vm.model.hash_get(root, key).unwrap().unwrap();
    assert_eq!(other.vm.model.heap.element(found, 0).unwrap(), int(6));
}

#[test]
fn a_changed_object_without_a_record_is_an_error() {
    let (stone, id) = stone();
    let (_one, mut two) = two(&stone);
    stone.hide(id, 2);
    let error = two.abort().unwrap_err();
    assert!(
        matches!(&error, SessionError::Heap(HeapError::Host(HostError::Missing(missing))) if missing.0 == id),
        "{error}"
    );
    two.abort().unwrap();
    assert_eq!(read(&mut two), 11);
}

#[test]
fn a_session_that_rests_reads_the_newest_commits_before_it_faults() {
    let (stone, id) = stone();
    let (mut one, mut two) = two(&stone);
    crate::rest(&mut two.vm).unwrap();
    let mut record = Vec::new();
    let root = wellknown::RUBY_STATE;
    let refused = two.vm.model.heap.host().record(root, &mut record);
    assert!(matches!(refused, Err(HostError::Unavailable(_))));
    add(&mut one, 20);
    one.commit().unwrap();
    add(&mut two, 100);
    assert!(
        two.commit().is_err(),
        "object {id} changed before it rested"
    );
    two.abort().unwrap();
    assert_eq!(read(&mut two), 31);
}
