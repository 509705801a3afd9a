//! Logs of both versions, and what hurt and foreign ones may do.

use super::*;
use crate::disk::RealDisk;
use crate::entry::Entry;
use crate::extent::{Batch, Extent, Key, MemoryExtent, Meta, Position};
use crate::recovery::{base_path, open, tranlog_dir};
use crate::tranlog::{Tranlog, Writer, chain, segment_path};
use format::limits::FIRST_FREE_ID;
use format::oop::ObjectId;
use format::record::{Body, Format, Record};
use std::sync::Arc;

mod hurt;

fn record(id: u64, text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    Record {
        id: ObjectId(id),
        class: ObjectId(17),
        format: Format::Bytes,
        flags: 0,
        detail: 0,
        policy: 0,
        body: Body::Bytes(text.as_bytes().to_vec()),
        dynamic: vec![],
    }
    .encode(&mut out);
    out
}

/// A commit that writes its number into the first free object. Tokens are its number times ten.
fn commit(seq: u64) -> Vec<u8> {
    let mut payload = Vec::new();
    Entry::Commit {
        seq,
        session: 3,
        root: 0,
        next_id: FIRST_FREE_ID + seq,
        token: u128::from(seq) * 10,
        records: &record(FIRST_FREE_ID, &format!("commit {seq}")),
    }
    .encode(&mut payload);
    payload
}

fn entry(entry: Entry<'_>) -> Vec<u8> {
    let mut payload = Vec::new();
    entry.encode(&mut payload);
    payload
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The same commit as the stone wrote it before there were tokens.
fn old_commit(seq: u64) -> Vec<u8> {
    let records = record(FIRST_FREE_ID, &format!("commit {seq}"));
    let length = 32 + records.len() as u64;
    let head = words(&[1, length, seq, 3, 0, FIRST_FREE_ID + seq]);
    [head, records].concat()
}

/// A segment as the stone wrote it before there were epochs, one frame a payload.
fn old_segment(number: u64, mut at: Position, payloads: &[Vec<u8>]) -> (Vec<u8>, Position) {
    let mut bytes = [b"MAGTLOG1".to_vec(), words(&[number])].concat();
    for payload in payloads {
        let length = payload.len() as u64;
        let header = words(&[length, at.frame + 1, at.chain, 1000]);
        let rest = [&header[..], payload].concat();
        bytes.extend(0x4D46_7261_u32.to_le_bytes());
        bytes.extend(crc32c::crc32c(&rest).to_le_bytes());
        bytes.extend(rest);
        at = Position {
            seq: at.seq + 1,
            frame: at.frame + 1,
            chain: chain(at.chain, payload),
        };
    }
    (bytes, at)
}

fn store_at(position: Position) -> Store {
    let meta = Meta {
        position,
        next_id: FIRST_FREE_ID,
        root: 1,
        ..Meta::default()
    };
    let extent = MemoryExtent::default();
    let mut batch = Batch::default();
    batch.put(Key::Meta, meta.encode());
    extent.apply(batch).unwrap();
    Store::open(Box::new(extent)).unwrap()
}

fn log_at(dir: &Path, segment: u64, at: Position, epoch: u64) -> Tranlog {
    let id = u128::from(epoch) << 100 | 7;
    let writer = Writer { epoch, id };
    Tranlog::create(Arc::new(RealDisk), dir, segment, at, writer).unwrap()
}

/// Appends `seqs`, one frame each, and answers where the log stands after each.
fn append(log: &mut Tranlog, seqs: std::ops::RangeInclusive<u64>) -> Vec<Position> {
    seqs.map(|seq| log.append(&commit(seq), seq, 1000 + seq, || ()).unwrap())
        .collect()
}

type Outcome = (Replayed, Position, u64, Option<Bytes>);

/// What replay makes of the log, over a store that is at `head`.
fn outcome(dir: &Path, head: Position) -> Result<Outcome, StoreError> {
    outcome_on(&RealDisk, dir, head)
}

fn outcome_on(disk: &dyn Disk, dir: &Path, head: Position) -> Result<Outcome, StoreError> {
    let store = store_at(head);
    let mut replayed = replay(&store, disk, dir, Until::End, false)?;
    replayed.torn_bytes = 0;
    let seq = store.head().seq;
    let object = store.record(FIRST_FREE_ID, seq)?;
    Ok((replayed, store.head(), store.next_id(), object))
}

fn damaged(dir: &Path, head: Position) -> String {
    match outcome(dir, head) {
        Err(StoreError::Damaged(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn seqs(replayed: &Replayed) -> Vec<u64> {
    let tokens = &replayed.commits_by_token;
    assert!(
        tokens
            .iter()
            .all(|c| c.token == u128::from(c.seq) * 10 && c.session == 3)
    );
    tokens.iter().map(|c| c.seq).collect()
}

#[test]
fn a_log_of_version_one_goes_on_in_version_two() {
    let dir = tempfile::tempdir().unwrap();
    let (old, at) = old_segment(1, Position::default(), &[old_commit(1), words(&[3, 0])]);
    // Closing in order is no commit.
    let at = Position { seq: 1, ..at };
    std::fs::write(segment_path(dir.path(), 1), &old).unwrap();
    let (replayed, ..) = outcome(dir.path(), Position::default()).unwrap();
    assert!(replayed.closed_in_order);
    assert_eq!(
        (replayed.epoch, replayed.last_frame, replayed.tokens_since),
        (0, 2, 0)
    );
    let mut log = log_at(dir.path(), 2, at, 1);
    let stands = append(&mut log, 2..=3).pop().unwrap();
    for head in [Position::default(), at, stands] {
        let (replayed, now, next_id, object) = outcome(dir.path(), head).unwrap();
        assert_eq!((now, replayed.epoch, replayed.last_frame), (stands, 1, 4));
        // The commit of version 1 had no token, so that nobody can ask for it.
        assert_eq!((seqs(&replayed), replayed.tokens_since), (vec![2, 3], 0));
        if head.seq < 3 {
            assert_eq!(next_id, FIRST_FREE_ID + 3);
            assert_eq!(
                object.as_deref(),
                Some(&record(FIRST_FREE_ID, "commit 3")[..])
            );
        }
    }
    assert_eq!(std::fs::read(segment_path(dir.path(), 1)).unwrap(), old);
}

#[test]
fn a_segment_of_version_one_never_follows_one_of_version_two() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = log_at(dir.path(), 1, Position::default(), 1);
    let at = append(&mut log, 1..=1)[0];
    std::fs::write(
        segment_path(dir.path(), 2),
        old_segment(2, at, &[old_commit(2)]).0,
    )
    .unwrap();
    assert!(damaged(dir.path(), Position::default()).contains("older version"));
    // Nor do its frames stand in a segment of version 2.
    let mut bytes = std::fs::read(segment_path(dir.path(), 2)).unwrap();
    bytes[..8].copy_from_slice(b"MAGTLOG2");
    std::fs::write(segment_path(dir.path(), 2), bytes).unwrap();
    assert!(damaged(dir.path(), Position::default()).contains("cannot follow"));
}

#[test]
fn a_writer_of_an_older_epoch_or_a_second_one_of_the_same_is_damage() {
    for (epoch, other) in [(2, 0), (3, 1)] {
        let dir = tempfile::tempdir().unwrap();
        let mut log = log_at(dir.path(), 1, Position::default(), 3);
        let at = append(&mut log, 1..=2).pop().unwrap();
        let writer = Writer {
            epoch,
            id: log.writer().id + other,
        };
        // It continues numbers and chain as if it had read the log.
        let zombie = Tranlog::create(Arc::new(RealDisk), dir.path(), 2, at, writer);
        let mut zombie = zombie.unwrap();
        assert_eq!(outcome(dir.path(), Position::default()).unwrap().1, at);
        zombie.append(&commit(3), 3, 1003, || ()).unwrap();
        assert!(damaged(dir.path(), Position::default()).contains("cannot follow"));
        assert!(damaged(dir.path(), at).contains("cannot follow"));
        assert!(damaged(dir.path(), zombie.position()).contains("cannot follow"));
    }
}

#[test]
fn an_epoch_entry_says_what_its_frame_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = log_at(dir.path(), 1, Position::default(), 3);
    let lie = entry(Entry::Epoch {
        epoch: 4,
        writer: log.writer().id,
    });
    log.append(&lie, 0, 1000, || ()).unwrap();
    assert!(damaged(dir.path(), Position::default()).contains("another writer"));
}

#[test]
fn a_log_of_another_repository_is_refused_even_where_the_store_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = log_at(dir.path(), 1, Position::default(), 1);
    let at = append(&mut log, 1..=2)[0];
    let other = Position {
        chain: at.chain + 1,
        ..at
    };
    assert!(damaged(dir.path(), other).contains("does not continue"));
}

#[test]
fn ids_below_the_mark_are_taken_unless_the_log_was_closed() {
    let mark = FIRST_FREE_ID + 1000;
    let dir = tempfile::tempdir().unwrap();
    let mut log = log_at(dir.path(), 1, Position::default(), 1);
    let mut next = |payload: &[u8], seq| {
        let at = log.append(payload, seq, 1000, || ()).unwrap();
        let next_id = |head| outcome(dir.path(), head).unwrap().2;
        assert_eq!(next_id(Position::default()), next_id(at), "covered or not");
        next_id(at)
    };
    assert_eq!(next(&entry(Entry::Ids { next_id: mark }), 0), mark);
    assert_eq!(next(&commit(1), 1), mark);
    let exact = FIRST_FREE_ID + 5;
    let close = |next_id| entry(Entry::Close { next_id });
    assert_eq!(next(&close(None), 1), mark);
    assert_eq!(next(&close(Some(exact)), 1), exact);
    let mark = mark + 1000;
    assert_eq!(next(&entry(Entry::Ids { next_id: mark }), 1), mark);
    // A mark never goes back.
    assert_eq!(next(&entry(Entry::Ids { next_id: exact }), 1), mark);
}

#[test]
fn the_fate_of_commits_is_known_back_to_where_the_log_begins() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = log_at(dir.path(), 1, Position::default(), 1);
    append(&mut log, 1..=3);
    log.renew(&[], 2000).unwrap();
    let at = append(&mut log, 4..=5).pop().unwrap();
    let (replayed, ..) = outcome(dir.path(), at).unwrap();
    assert_eq!(
        (seqs(&replayed), replayed.tokens_since),
        (vec![1, 2, 3, 4, 5], 0)
    );
    log.remove_before(log.segment()).unwrap();
    let (replayed, ..) = outcome(dir.path(), at).unwrap();
    assert_eq!((seqs(&replayed), replayed.tokens_since), (vec![4, 5], 3));
    // What the log has lost is not known to have happened or not.
    let newer = Position {
        seq: 9,
        frame: at.frame + 4,
        chain: 77,
    };
    let (replayed, ..) = outcome(dir.path(), newer).unwrap();
    assert_eq!((seqs(&replayed), replayed.tokens_since), (vec![], 9));
    let mut log = log_at(dir.path(), log.segment() + 1, newer, 2);
    append(&mut log, 10..=10);
    let (replayed, ..) = outcome(dir.path(), newer).unwrap();
    assert_eq!((seqs(&replayed), replayed.tokens_since), (vec![10], 9));
}

#[test]
fn until_a_commit_knows_the_tokens_until_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = log_at(dir.path(), 1, Position::default(), 1);
    let both = [commit(1), commit(2)].concat();
    log.append(&both, 2, 1000, || ()).unwrap();
    append(&mut log, 3..=3);
    let store = store_at(Position::default());
    let replayed = replay(&store, &RealDisk, dir.path(), Until::Commit(1), false).unwrap();
    assert_eq!((seqs(&replayed), replayed.tokens_since), (vec![1], 0));
    assert_eq!((store.head().seq, store.next_id()), (1, FIRST_FREE_ID + 1));
}

#[test]
fn each_start_is_a_new_epoch_and_a_renewed_log_remembers_it() {
    let data = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let empty = Store::open(Box::new(MemoryExtent::default())).unwrap();
    let base = |store: &Store| {
        let head = store.head();
        store
            .write_dbf(&RealDisk, &base_path(data.path(), head.seq), head)
            .unwrap();
    };
    base(&empty);
    let start = |writer| {
        let extent = |_| Ok(Box::new(MemoryExtent::default()) as Box<dyn Extent>);
        open(&disk, data.path(), &extent, Until::End, writer).unwrap()
    };
    for epoch in 1..4 {
        let mut opened = start(epoch);
        let writer = Writer {
            epoch: epoch as u64,
            id: epoch,
        };
        assert_eq!(opened.log.writer(), writer);
        assert_eq!(opened.replayed.epoch, writer.epoch - 1);
        append(&mut opened.log, writer.epoch..=writer.epoch);
    }
    let opened = start(4);
    let mut log = opened.log;
    let next_id = FIRST_FREE_ID + 500;
    let at = log.renew(&entry(Entry::Ids { next_id }), 1000).unwrap();
    opened.store.publish(at, None);
    base(&opened.store);
    log.remove_before(log.segment()).unwrap();
    assert_eq!(
        segments(&RealDisk, &tranlog_dir(data.path()))
            .unwrap()
            .len(),
        1
    );
    let opened = start(5);
    assert_eq!(opened.log.writer().epoch, 5);
    assert_eq!(opened.store.next_id(), next_id);
    assert_eq!(opened.replayed.tokens_since, 3);
}

#[test]
fn a_segment_there_was_no_room_for_leaves_the_one_before_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = log_at(dir.path(), 1, Position::default(), 1);
    let stands = append(&mut log, 1..=2);
    let (first, second) = (segment_path(dir.path(), 1), segment_path(dir.path(), 2));
    let whole = std::fs::read(&first).unwrap();
    std::fs::write(&first, &whole[..whole.len() - 3]).unwrap();
    std::fs::write(&second, b"MAGT").unwrap();
    let store = store_at(Position::default());
    let replayed = replay(&store, &RealDisk, dir.path(), Until::End, true).unwrap();
    assert_eq!((replayed.last_segment, store.head()), (1, stands[0]));
    assert!(!second.exists());
    let frame = LogFrame::at(&whole, SEGMENT_HEADER_BYTES).unwrap();
    let left = std::fs::read(&first).unwrap();
    assert_eq!(left, whole[..frame.payload.end], "the torn rest is gone");
}
