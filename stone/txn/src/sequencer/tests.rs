//! Scripts of sessions against the sequencer alone.

use super::*;
use crate::conflict::{Proposal, Write};
use proto::messages::RejectReason;
use stone_store::Existence;

/// Ids below 10,000 exist, those from 90,000 on are dead.
fn write(ids: &[u64]) -> Proposal {
    let write = |id: &u64| Write {
        id: *id,
        class: 17,
        was: match *id {
            ..10_000 => Existence::There,
            10_000..90_000 => Existence::Never,
            _ => Existence::Dead,
        },
    };
    Proposal {
        written: ids.iter().map(write).collect(),
        ..Proposal::default()
    }
}

fn new(limits: Limits) -> (Sequencer, SessionId, SessionId) {
    let mut s = Sequencer::new(100, limits);
    let a = s.login("ann", "gem", 1).unwrap().0;
    let b = s.login("bob", "gem", 2).unwrap().0;
    (s, a, b)
}

fn commit(s: &mut Sequencer, id: SessionId, proposal: &Proposal) -> (Decision, ViewMove) {
    let decision = s.decide(id, proposal).unwrap();
    s.publish(s.decided());
    let moved = s.settle(id, &decision).unwrap();
    (decision, moved)
}

#[test]
fn the_second_writer_loses_and_is_told_who_won() {
    let (mut s, a, b) = new(Limits::default());
    assert_eq!(
        commit(&mut s, a, &write(&[5000, 5001])).0,
        Decision::Accepted { seq: 101 }
    );
    let (lost, moved) = commit(&mut s, b, &write(&[5001, 5002]));
    let Decision::Conflict {
        conflicts,
        winning_user,
    } = lost
    else {
        panic!("{lost:?}")
    };
    assert_eq!(conflicts.len(), 1);
    assert_eq!(
        (
            conflicts[0].id,
            conflicts[0].class_id,
            conflicts[0].winning_session
        ),
        (5001, 17, a.0)
    );
    assert_eq!(winning_user, "ann (gem, pid 1)");
    assert_eq!(
        moved,
        ViewMove {
            view: 101,
            changed: vec![5000, 5001],
            everything: false
        }
    );
    assert_eq!(
        commit(&mut s, b, &write(&[5001])).0,
        Decision::Accepted { seq: 102 }
    );
}

#[test]
fn reading_alone_never_conflicts_but_a_dependency_does() {
    let (mut s, a, b) = new(Limits::default());
    commit(&mut s, a, &write(&[5000]));
    assert!(matches!(
        commit(&mut s, b, &write(&[5001])).0,
        Decision::Accepted { .. }
    ));
    commit(&mut s, a, &write(&[5000]));
    let depends = Proposal {
        depends_on: vec![5000],
        ..write(&[5001])
    };
    assert!(matches!(
        commit(&mut s, b, &depends).0,
        Decision::Conflict { .. }
    ));
}

#[test]
fn new_objects_need_a_lease_and_references_must_live() {
    let (mut s, a, _) = new(Limits::default());
    let reason = |d: Decision| match d {
        Decision::Rejected(r) => (r.reason(), r.ids),
        other => panic!("{other:?}"),
    };
    let refused = commit(&mut s, a, &write(&[20_000])).0;
    assert_eq!(reason(refused), (RejectReason::IdNotLeased, vec![20_000]));
    s.lease(a, 20_000, 5).unwrap();
    assert!(matches!(
        commit(&mut s, a, &write(&[20_000])).0,
        Decision::Accepted { .. }
    ));
    let dead = Proposal {
        missing: vec![30_000],
        ..write(&[20_004])
    };
    assert_eq!(
        reason(commit(&mut s, a, &dead).0),
        (RejectReason::DeadReference, vec![30_000])
    );
}

#[test]
fn a_commit_that_did_not_become_durable_never_happened() {
    let (mut s, a, b) = new(Limits::default());
    s.decide(a, &write(&[5000])).unwrap();
    assert_eq!(s.decide(a, &write(&[5000])), Err(TxnError::Busy));
    s.roll_back();
    assert_eq!(
        commit(&mut s, b, &write(&[5000])).0,
        Decision::Accepted { seq: 101 }
    );
}

#[test]
fn a_view_that_pins_too_much_history_is_revoked_and_an_idle_one_is_not_bothered() {
    let (mut s, a, b) = new(Limits {
        history_ids: 50,
        ..Limits::default()
    });
    let idle = s.login("eve", "gem", 3).unwrap().0;
    s.refresh(idle, true).unwrap();
    for _ in 0..40 {
        commit(&mut s, a, &write(&[5000, 5001]));
        s.enforce_history_limit();
    }
    assert_eq!(s.decide(b, &write(&[7])), Err(TxnError::Revoked));
    assert_eq!(s.view(b), Err(TxnError::Revoked));
    for id in [b, idle] {
        let moved = s.refresh(id, false).unwrap();
        assert!(moved.everything && moved.view == 140);
    }
    assert!(matches!(
        commit(&mut s, b, &write(&[7])).0,
        Decision::Accepted { .. }
    ));
}

#[test]
fn a_logout_frees_history() {
    let (mut s, a, b) = new(Limits::default());
    commit(&mut s, a, &write(&[5000]));
    assert_eq!(s.oldest_view(), 100);
    s.logout(b).unwrap();
    assert_eq!(s.oldest_view(), 101);
    assert_eq!(s.logout(b), Err(TxnError::SessionGone(b)));
}

#[test]
fn an_id_makes_one_object_and_no_second_one() {
    let (mut s, a, _) = new(Limits::default());
    s.lease(a, 20_000, 5).unwrap();
    let accepted = |d| matches!(d, Decision::Accepted { .. });
    assert!(accepted(commit(&mut s, a, &write(&[20_000, 20_001])).0));
    // The object is gone and its session, which still has it, writes it: the store says that it never was.
    let again = commit(&mut s, a, &write(&[20_001])).0;
    assert!(matches!(again, Decision::Rejected(r) if r.reason() == RejectReason::IdNotLeased));
    assert!(accepted(commit(&mut s, a, &write(&[20_002])).0));
    let dead = commit(&mut s, a, &write(&[90_000])).0;
    assert!(matches!(dead, Decision::Rejected(r) if r.reason() == RejectReason::DeadReference));
}

#[test]
fn a_commit_that_was_taken_back_uses_no_ids() {
    let (mut s, a, _) = new(Limits::default());
    s.lease(a, 20_000, 5).unwrap();
    s.decide(a, &write(&[20_000])).unwrap();
    s.roll_back();
    assert!(matches!(
        commit(&mut s, a, &write(&[20_000])).0,
        Decision::Accepted { .. }
    ));
}

#[test]
fn a_session_outside_a_transaction_reads_nothing_and_pins_no_version() {
    let (mut s, a, b) = new(Limits::default());
    s.refresh(b, true).unwrap();
    assert_eq!(s.view(b), Err(TxnError::Outside));
    assert_eq!(s.decide(b, &write(&[7])), Err(TxnError::Outside));
    commit(&mut s, a, &write(&[5000]));
    assert_eq!((s.oldest_view(), s.oldest_reading()), (100, 101));
    let moved = s.refresh(b, false).unwrap();
    assert_eq!((moved.changed, moved.everything), (vec![5000], false));
    assert_eq!(s.view(b), Ok(101));
}

#[test]
fn a_session_that_resumes_has_the_ids_it_had() {
    let (mut s, a, b) = new(Limits::default());
    s.lease(a, 20_000, 10).unwrap();
    commit(&mut s, a, &write(&[20_003]));
    let again = s.login("ann", "gem", 1).unwrap().0;
    let granted = s.take_over(again, a, &[(20_000, 10), (30_000, 5)]).unwrap();
    assert_eq!(
        granted,
        [(20_000, 3), (20_004, 6)],
        "what was used or never leased is out"
    );
    assert_eq!(
        s.view(a),
        Err(TxnError::SessionGone(a)),
        "the old one ended"
    );
    assert_eq!(s.take_over(again, a, &[(20_000, 10)]).unwrap(), [], "once");
    // After a restart nobody knows who had what: below `born`, and what no other session has claimed.
    let claimed = [(25_000, 10), (39_995, 10), (20_005, 1), (7, 1)];
    assert_eq!(s.adopt(b, &claimed, 40_000).unwrap(), [(25_000, 10)]);
    let other = s.login("eve", "gem", 3).unwrap().0;
    assert_eq!(s.adopt(other, &[(25_009, 3)], 40_000).unwrap(), []);
}

#[test]
fn what_loses_in_a_round_does_not_spare_the_ids_of_what_wins() {
    let (mut s, a, _) = new(Limits::default());
    s.lease(a, 20_000, 5).unwrap();
    let lost = s.decide(a, &write(&[90_000])).unwrap();
    let won = s.decide(a, &write(&[20_000])).unwrap();
    s.publish(s.decided());
    s.settle(a, &lost).unwrap();
    s.settle(a, &won).unwrap();
    let again = commit(&mut s, a, &write(&[20_000])).0;
    assert!(matches!(again, Decision::Rejected(r) if r.reason() == RejectReason::IdNotLeased));
}
