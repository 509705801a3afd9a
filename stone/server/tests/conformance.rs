//! One list of promises, run against every kind of stone.

mod common;

use common::{Client, genesis, record, referring};
use format::limits::{FIRST_FREE_ID, PAGE_BYTES};
use proto::client::GrpcStone;
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use std::sync::Arc;

type Promise = fn(&Arc<dyn Stone>);

const PROMISES: &[(&str, Promise)] = &[
    ("what is committed is read back", committed_is_read_back),
    ("views are snapshots", views_are_snapshots),
    ("the second writer loses", second_writer_loses),
    ("dependencies conflict, reading does not", dependencies),
    ("bad commits are rejected and write nothing", bad_commits),
    ("symbols are canonical", symbols),
    ("big objects travel whole", big_objects),
    ("pages say which slots are current", current_slots),
    ("prefetch brings what follows", prefetch),
    ("unknown ids and sessions have names", unknown),
    ("a logout frees and ends", logout),
    ("a commit's fate can be asked", fates),
    ("a broken session resumes with its ids", resumed),
    ("outside a transaction nothing is read", outside),
    ("versions are told and checked", versions),
    ("the audit is clean", audit),
];

fn run(stone: &Arc<dyn Stone>) {
    Client::login(stone).must_commit(genesis());
    for (name, promise) in PROMISES {
        println!("{name}");
        promise(stone);
    }
}

#[test]
fn in_memory() {
    run(&stone_server::in_memory(None).unwrap());
}

#[test]
fn embedded() {
    let dir = tempfile::tempdir().unwrap();
    run(&stone_server::seed_new(dir.path()).unwrap());
}

#[test]
fn over_grpc() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    drop(stone_server::seed_new(&data).unwrap());
    let engine = stone_server::open_engine("test", &data, None).unwrap();
    let socket = dir.path().join("s");
    let (ready, is_ready) = std::sync::mpsc::channel();
    let server = {
        let socket = socket.clone();
        std::thread::spawn(move || {
            stone_server::grpc::serve(engine, &socket, || ready.send(()).unwrap())
        })
    };
    is_ready.recv().unwrap();
    let address = format!("unix:{}", socket.display());
    let stone: Arc<dyn Stone> = Arc::new(GrpcStone::connect(&address).unwrap());
    run(&stone);
    let left = Client::login(&stone);
    let refused = stone.stop(StopRequest { force: false });
    assert!(
        matches!(refused, Err(StoneError::Refused(_))),
        "{refused:?}"
    );
    stone.stop(StopRequest { force: true }).unwrap();
    server.join().unwrap().unwrap();
    let gone = left.stone.refresh(RefreshRequest {
        session: left.session,
        outside_transaction: false,
    });
    assert!(matches!(gone, Err(StoneError::Unavailable(_))), "{gone:?}");
    assert!(!socket.exists());
}

fn committed_is_read_back(stone: &Arc<dyn Stone>) {
    let mut c = Client::login(stone);
    let first = c.lease(3);
    assert!(first >= FIRST_FREE_ID);
    let (a, b) = (record(first, b"hello"), referring(first + 1, &[first]));
    let seq = c.must_commit([a.clone(), b.clone()].concat());
    assert_eq!(c.view, seq);
    let check = |c: &Client| {
        assert_eq!(c.read_one(first).as_ref(), Some(&a));
        assert_eq!(c.read_one(first + 1).as_ref(), Some(&b));
        assert_eq!(c.fault(&[first + 2], 0).unwrap().missing, [first + 2]);
    };
    check(&c);
    stone.checkpoint(CheckpointRequest {}).unwrap();
    check(&c);
    let packed = c.fault(&[first], 0).unwrap();
    assert_eq!(
        (packed.pages.len(), packed.loose.len()),
        (1, 0),
        "packed by the checkpoint"
    );
    check(&Client::login(stone));
}

fn views_are_snapshots(stone: &Arc<dyn Stone>) {
    let mut writer = Client::login(stone);
    let id = writer.lease(2);
    writer.must_commit(record(id, b"old"));
    let mut reader = Client::login(stone);
    for (round, text) in [b"new1", b"new2", b"new3"].iter().enumerate() {
        writer.must_commit(record(id, *text));
        if round == 1 {
            stone.checkpoint(CheckpointRequest {}).unwrap();
        }
        assert_eq!(
            reader.read_one(id),
            Some(record(id, b"old")),
            "round {round}"
        );
        assert_eq!(writer.read_one(id), Some(record(id, *text)));
    }
    writer.must_commit(record(id + 1, b"later"));
    assert_eq!(reader.fault(&[id + 1], 0).unwrap().missing, [id + 1]);
    let moved = reader.refresh(false);
    assert_eq!(
        (moved.changed_ids, moved.everything_changed),
        (vec![id], false)
    );
    assert_eq!(reader.read_one(id), Some(record(id, b"new3")));
    assert!(reader.read_one(id + 1).is_some());
}

fn second_writer_loses(stone: &Arc<dyn Stone>) {
    let mut a = Client::login(stone);
    let id = a.lease(2);
    a.must_commit([record(id, b"0"), record(id + 1, b"0")].concat());
    let mut b = Client::login(stone);
    let seq = a.must_commit(record(id, b"a"));
    let Outcome::Conflict(lost) = b.commit([record(id, b"b"), record(id + 1, b"b")].concat())
    else {
        panic!("b must lose");
    };
    assert_eq!(lost.conflicts.len(), 1);
    let conflict = &lost.conflicts[0];
    assert_eq!(
        (conflict.id, conflict.winning_session, conflict.winning_seq),
        (id, a.session, seq)
    );
    assert_eq!(lost.view.unwrap().changed_ids, [id]);
    assert_eq!(
        b.read_one(id + 1),
        Some(record(id + 1, b"0")),
        "nothing of b was written"
    );
    b.must_commit(record(id, b"b"));
}

fn dependencies(stone: &Arc<dyn Stone>) {
    let mut a = Client::login(stone);
    let id = a.lease(3);
    a.must_commit([record(id, b"0"), record(id + 1, b"0")].concat());
    let mut b = Client::login(stone);
    a.must_commit(record(id, b"a"));
    b.must_commit(record(id + 1, b"b"));
    a.must_commit(record(id, b"a"));
    let lost = b.try_commit(CommitRequest {
        write_set: record(id + 1, b"c").into(),
        depends_on: vec![id],
        ..Default::default()
    });
    let Ok(Outcome::Conflict(lost)) = lost else {
        panic!("{lost:?}")
    };
    assert!(lost.conflicts[0].read_dependency);
}

fn bad_commits(stone: &Arc<dyn Stone>) {
    let mut c = Client::login(stone);
    let id = c.lease(2);
    let before = c.view;
    let mut reason = |request: CommitRequest| match c.try_commit(request).unwrap() {
        Outcome::Rejected(r) => r.reason(),
        other => panic!("{other:?}"),
    };
    let write = |bytes: Vec<u8>| CommitRequest {
        write_set: bytes.into(),
        ..Default::default()
    };
    assert_eq!(
        reason(write(record(id + 1000, b""))),
        RejectReason::IdNotLeased
    );
    assert_eq!(
        reason(write([record(id, b"1"), record(id, b"2")].concat())),
        RejectReason::BadRecord
    );
    assert_eq!(
        reason(write(record(id, b"cut short")[..44].to_vec())),
        RejectReason::BadRecord
    );
    assert_eq!(reason(write(vec![0xFF; 100])), RejectReason::BadRecord);
    assert_eq!(
        reason(write(referring(id, &[id + 1]))),
        RejectReason::DeadReference,
        "the names of a commit are in its records"
    );
    let no_root = CommitRequest {
        root: Some(id + 1),
        ..write(record(id, b""))
    };
    assert_eq!(reason(no_root), RejectReason::DeadReference);
    let symbol = format::record::RecordView::parse(&record(id, b"x"))
        .unwrap()
        .to_record();
    let mut bytes = Vec::new();
    format::record::Record {
        class: format::wellknown::SYMBOL,
        ..symbol
    }
    .encode(&mut bytes);
    assert_eq!(reason(write(bytes)), RejectReason::Symbol);
    assert_eq!(c.view, before);
    assert_eq!(c.fault(&[id], 0).unwrap().missing, [id]);
    let nonsense = c.try_commit(CommitRequest {
        depends_on: vec![0],
        ..Default::default()
    });
    assert!(
        matches!(nonsense, Err(StoneError::BadRequest(_))),
        "{nonsense:?}"
    );
}

fn symbols(stone: &Arc<dyn Stone>) {
    let a = Client::login(stone);
    let b = Client::login(stone);
    let first = a.intern(&["at:put:", "each", "", "each"]);
    assert_eq!(first[1], first[3]);
    assert_eq!(
        b.intern(&["each", "at:put:", "inject"])[..2],
        [first[1], first[0]]
    );
    let bytes = a.read_one(first[0]).expect("visible at every view");
    assert_eq!(
        format::record::RecordView::parse(&bytes)
            .unwrap()
            .byte_body(),
        b"at:put:"
    );
    stone.checkpoint(CheckpointRequest {}).unwrap();
    assert_eq!(b.intern(&["each"]), [first[1]]);
    let long = vec![b'x'; format::limits::SYMBOL_BYTES_MAX + 1];
    let request = InternSymbolsRequest {
        session: a.session,
        symbols: vec![long.into()],
    };
    assert!(matches!(
        stone.intern_symbols(request),
        Err(StoneError::BadRequest(_))
    ));
}

fn big_objects(stone: &Arc<dyn Stone>) {
    let mut c = Client::login(stone);
    let id = c.lease(3);
    let big: Vec<u8> = (0..5 * PAGE_BYTES + 77).map(|i| (i * 7) as u8).collect();
    let (small, big) = (record(id, b"small"), record(id + 1, &big));
    c.must_commit([small, big.clone(), record(id + 2, b"after")].concat());
    assert_eq!(c.read_one(id + 1), Some(big.clone()));
    stone.checkpoint(CheckpointRequest {}).unwrap();
    assert_eq!(c.read_one(id + 1), Some(big));
    assert_eq!(c.read_one(id + 2), Some(record(id + 2, b"after")));
}

fn current_slots(stone: &Arc<dyn Stone>) {
    let mut c = Client::login(stone);
    let id = c.lease(10);
    let all = |text: &[u8]| {
        (id..id + 10)
            .flat_map(|id| record(id, text))
            .collect::<Vec<u8>>()
    };
    c.must_commit(all(b"one"));
    stone.checkpoint(CheckpointRequest {}).unwrap();
    let old = Client::login(stone);
    c.must_commit(record(id + 4, b"two"));
    let ids = |c: &Client| {
        let reply = c.fault(&[id], 0).unwrap();
        let records = reply.pages[0].current_records().unwrap();
        records
            .iter()
            .map(|r| r.id().0)
            .filter(|i| (id..id + 10).contains(i))
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&old), (id..id + 10).collect::<Vec<_>>());
    assert_eq!(
        ids(&c),
        (id..id + 10).filter(|i| *i != id + 4).collect::<Vec<_>>()
    );
    stone.checkpoint(CheckpointRequest {}).unwrap();
    assert!(!ids(&c).contains(&(id + 4)) && ids(&old).contains(&(id + 4)));
}

fn prefetch(stone: &Arc<dyn Stone>) {
    let mut c = Client::login(stone);
    let id = c.lease(2000);
    c.must_commit(
        (id..id + 2000)
            .flat_map(|id| record(id, &[7; 100]))
            .collect(),
    );
    let count = |reply: FaultReply| {
        let mut n = 0;
        reply.for_each_record(|_| n += 1).unwrap();
        n
    };
    assert_eq!(count(c.fault(&[id], 0).unwrap()), 1);
    assert!(count(c.fault(&[id], 4).unwrap()) > 300, "loose neighbours");
    stone.checkpoint(CheckpointRequest {}).unwrap();
    let one = count(c.fault(&[id], 0).unwrap());
    assert!(
        one > 50 && count(c.fault(&[id], 4).unwrap()) > 4 * one,
        "pages that follow"
    );
}

fn unknown(stone: &Arc<dyn Stone>) {
    let c = Client::login(stone);
    assert_eq!(c.fault(&[1 << 50], 8).unwrap().missing, [1 << 50]);
    assert!(matches!(c.fault(&[0], 0), Err(StoneError::BadRequest(_))));
    let nobody = 1 << 40;
    let request = FaultRequest {
        session: nobody,
        view: c.view,
        ids: vec![1],
        prefetch_pages_max: 0,
    };
    assert_eq!(
        stone.fault(request).unwrap_err(),
        StoneError::SessionGone(nobody)
    );
    let wrong_view = FaultRequest {
        session: c.session,
        view: c.view + 1,
        ids: vec![1],
        prefetch_pages_max: 0,
    };
    assert!(matches!(
        stone.fault(wrong_view),
        Err(StoneError::BadRequest(_))
    ));
    let lease = stone.lease_ids(LeaseIdsRequest {
        session: c.session,
        count: 0,
    });
    assert!(matches!(lease, Err(StoneError::BadRequest(_))));
}

fn logout(stone: &Arc<dyn Stone>) {
    let there = |session: u64| {
        let rows = stone.sessions(SessionsRequest {}).unwrap().sessions;
        rows.iter().any(|row| row.session == session)
    };
    let c = Client::login(stone);
    let session = c.session;
    assert!(there(session));
    c.logout();
    assert!(!there(session));
    let again = stone.logout(LogoutRequest { session });
    assert_eq!(again.unwrap_err(), StoneError::SessionGone(session));
}

fn fates(stone: &Arc<dyn Stone>) {
    let mut c = Client::login(stone);
    let (id, view) = (c.lease(2), c.view);
    let with = |token: u128, records: Vec<u8>| CommitRequest {
        write_set: records.into(),
        token: token.to_le_bytes().to_vec().into(),
        ..Default::default()
    };
    let Ok(Outcome::Committed(done)) = c.try_commit(with(77, record(id, b"1"))) else {
        panic!("no conflict is possible");
    };
    let told = c.fate(77, view).unwrap();
    assert_eq!((told.fate(), told.seq), (Fate::Committed, done.seq));
    assert_eq!(c.fate(78, view).unwrap().fate(), Fate::NeverHappened);
    let late = c.try_commit(with(78, record(id, b"2")));
    assert!(matches!(late, Err(StoneError::BadRequest(_))), "{late:?}");
    let twice = c.try_commit(with(77, record(id, b"2")));
    assert!(matches!(twice, Err(StoneError::BadRequest(_))), "{twice:?}");
    assert_eq!(c.read_one(id), Some(record(id, b"1")));
    let nonsense = stone.fate(FateRequest {
        token: vec![1, 2, 3].into(),
        view,
    });
    assert!(matches!(nonsense, Err(StoneError::BadRequest(_))));
}

fn resumed(stone: &Arc<dyn Stone>) {
    let (first, reply) = Client::login_as(stone, LoginRequest::default());
    let id = first.lease(10);
    let resume = Resume {
        session: first.session,
        stone: reply.stone,
        leases: vec![IdRange {
            first: id - 5,
            count: 100,
        }],
    };
    let request = LoginRequest {
        protocol: proto::version::PROTOCOL,
        resume: Some(resume),
        ..Default::default()
    };
    let (mut again, reply) = Client::login_as(stone, request.clone());
    assert_eq!(
        reply.leases,
        [IdRange {
            first: id,
            count: 10
        }]
    );
    again.must_commit(record(id + 3, b"made before the line broke"));
    let gone = first.fault(&[id], 0);
    assert_eq!(gone, Err(StoneError::SessionGone(first.session)));
    let (_, nothing) = Client::login_as(stone, request);
    assert_eq!(nothing.leases, [], "ids go on with one session only");
}

fn outside(stone: &Arc<dyn Stone>) {
    let mut c = Client::login(stone);
    let id = c.lease(1);
    c.must_commit(record(id, b"0"));
    c.refresh(true);
    assert_eq!(c.fault(&[id], 0), Err(StoneError::OutsideTransaction));
    let refused = c.try_commit(CommitRequest {
        write_set: record(id, b"1").into(),
        ..Default::default()
    });
    assert_eq!(refused, Err(StoneError::OutsideTransaction));
    c.refresh(false);
    assert_eq!(c.read_one(id), Some(record(id, b"0")));
}

fn versions(stone: &Arc<dyn Stone>) {
    let login = |protocol| LoginRequest {
        protocol,
        ..Default::default()
    };
    let (_, reply) = Client::login_as(stone, login(0));
    assert_eq!(proto::version::check_stone(&reply), Ok(()));
    let newer = stone.login(login(proto::version::PROTOCOL + 1));
    let Err(StoneError::Refused(text)) = newer else {
        panic!("{newer:?}");
    };
    assert!(text.contains("upgrade"), "{text}");
}

fn audit(stone: &Arc<dyn Stone>) {
    let reply = stone.audit(AuditRequest {}).unwrap();
    assert_eq!(reply.problems, Vec::<String>::new());
    assert!(reply.objects > 2000 && reply.symbols >= 4 && reply.pages > 10);
}
