//! Rounds over a store in memory, with a log that does what each test wants of it.

use super::*;
use crate::sequencer::Limits;
use format::limits::FIRST_FREE_ID;
use format::oop::{ObjectId, Oop};
use format::record::{Body, Format, Record};
use stone_store::MemoryExtent;

struct Stone {
    store: Store,
    ladder: Ladder,
    session: SessionId,
}

/// What the log does with a round's frame.
#[derive(Clone, Copy)]
enum Log {
    Takes,
    IsFull,
    Fails,
}

fn record(id: u64, refers_to: &[u64]) -> Vec<u8> {
    let slots = refers_to.iter().map(|id| Oop::from_id(ObjectId(*id)));
    let mut out = Vec::new();
    Record {
        id: ObjectId(id),
        class: ObjectId(17),
        format: Format::Slots,
        flags: 0,
        detail: 0,
        policy: 0,
        body: Body::Slots(slots.collect()),
        dynamic: vec![],
    }
    .encode(&mut out);
    out
}

impl Stone {
    fn new() -> Stone {
        let store = Store::open(Box::new(MemoryExtent::default())).unwrap();
        let mut sequencer = Sequencer::new(store.head().seq, Limits::default());
        let session = sequencer.login("ann", "gem", 1).unwrap().0;
        let first = store.take_ids(100).unwrap();
        assert_eq!(first, FIRST_FREE_ID);
        sequencer.lease(session, first, 100).unwrap();
        Stone {
            store,
            ladder: Ladder::new(sequencer, Fates::default()),
            session,
        }
    }

    fn ask(&self, records: Vec<Vec<u8>>, token: u128) -> Ask {
        let set = WriteSet::parse(records.concat().into()).unwrap();
        let standing = self.store.standing(&set, []).unwrap();
        Ask::Commit(CommitAsk {
            session: self.session,
            proposal: Proposal::new(&set, standing, Vec::new(), token),
            set,
            root: None,
        })
    }

    fn round(&mut self, asks: &[Ask], log: Log) -> (Vec<Answer>, Vec<u8>) {
        let asks: Vec<&Ask> = asks.iter().collect();
        let mut round = self.ladder.decide(&self.store, &asks);
        let payload = round.payload.clone();
        let logged = round.stage(&self.store, &asks).and_then(|()| {
            let head = self.store.head();
            match log {
                Log::Takes if payload.is_empty() => Ok(head),
                Log::Takes => Ok(Position {
                    seq: round.seq,
                    frame: head.frame + 1,
                    chain: 0,
                }),
                Log::IsFull => Err(StoreError::DiskFull("full".into()).into()),
                Log::Fails => Err(StoreError::Poisoned("the sync failed".into()).into()),
            }
        });
        (self.ladder.end(&self.store, &asks, round, logged), payload)
    }

    fn fate(&mut self, token: u128) -> Result<Fate, StoneError> {
        let (answers, payload) = self.round(&[Ask::Fate { token, view: 0 }], Log::Takes);
        assert!(payload.is_empty(), "a question writes nothing");
        let [Answer::Fate(fate)] = &answers[..] else {
            panic!("{answers:?}");
        };
        fate.clone()
    }
}

fn outcome(answer: &Answer) -> Result<Outcome, StoneError> {
    match answer {
        Answer::Commit { reply, .. } => {
            reply.clone().map(|reply| reply.result.expect("an outcome"))
        }
        other => panic!("{other:?}"),
    }
}

fn is_committed(answer: &Answer) -> bool {
    matches!(outcome(answer), Ok(Outcome::Committed(_)))
}

const ID: u64 = FIRST_FREE_ID;

#[test]
fn a_commit_is_seen_when_it_is_published_and_its_fate_is_known() {
    let mut stone = Stone::new();
    let ask = stone.ask(vec![record(ID, &[])], 7);
    let (answers, _) = stone.round(&[ask], Log::Takes);
    assert!(is_committed(&answers[0]));
    assert!(stone.store.exists(ID, 1).unwrap() && !stone.store.exists(ID, 0).unwrap());
    assert_eq!(stone.fate(7), Ok(Fate::Committed { seq: 1 }));
    let again = stone.ask(vec![record(ID, &[])], 7);
    let (answers, payload) = stone.round(&[again], Log::Takes);
    assert!(matches!(
        outcome(&answers[0]),
        Err(StoneError::BadRequest(_))
    ));
    assert!(payload.is_empty());
}

#[test]
fn a_full_disk_takes_everything_back() {
    let mut stone = Stone::new();
    let ask = stone.ask(vec![record(ID, &[])], 7);
    let (answers, _) = stone.round(std::slice::from_ref(&ask), Log::IsFull);
    assert!(matches!(outcome(&answers[0]), Err(StoneError::DiskFull(_))));
    assert!(!stone.store.exists(ID, u64::MAX).unwrap());
    assert_eq!(stone.store.backlog_bytes(), 0);
    // The same ids, and the same token: nobody has asked for its fate yet.
    let (answers, _) = stone.round(&[ask], Log::Takes);
    assert!(is_committed(&answers[0]));
}

#[test]
fn what_nobody_knows_stays_in_doubt_and_poisons() {
    let mut stone = Stone::new();
    let ask = stone.ask(vec![record(ID, &[])], 7);
    let (answers, _) = stone.round(&[ask], Log::Fails);
    assert!(matches!(outcome(&answers[0]), Err(StoneError::Poisoned(_))));
    assert!(matches!(stone.fate(7), Err(StoneError::Poisoned(_))));
    assert_eq!(stone.fate(8), Ok(Fate::NeverHappened));
    let ask = stone.ask(vec![record(ID + 1, &[])], 9);
    let (answers, payload) = stone.round(&[ask, Ask::Ids { below: 10_000 }], Log::Takes);
    assert!(matches!(outcome(&answers[0]), Err(StoneError::Poisoned(_))));
    assert!(matches!(
        answers[1],
        Answer::Done(Err(StoneError::Poisoned(_)))
    ));
    assert!(payload.is_empty(), "never retried");
}

#[test]
fn a_commit_whose_fate_was_told_does_not_happen_any_more() {
    let mut stone = Stone::new();
    assert_eq!(stone.fate(7), Ok(Fate::NeverHappened));
    let late = stone.ask(vec![record(ID, &[])], 7);
    let (answers, _) = stone.round(&[late], Log::Takes);
    assert!(matches!(
        outcome(&answers[0]),
        Err(StoneError::BadRequest(_))
    ));
    // In one round with the question: what was asked before it counts.
    let first = stone.ask(vec![record(ID, &[])], 8);
    let question = Ask::Fate { token: 8, view: 0 };
    let (answers, _) = stone.round(&[first, question], Log::Takes);
    assert!(is_committed(&answers[0]));
    assert!(matches!(
        answers[1],
        Answer::Fate(Ok(Fate::Committed { seq: 1 }))
    ));
}

#[test]
fn names_come_from_the_records() {
    let mut stone = Stone::new();
    // It refers to an object that it creates, and to one that nobody has.
    let sound = stone.ask(vec![record(ID, &[ID + 1]), record(ID + 1, &[ID])], 0);
    let (answers, _) = stone.round(&[sound], Log::Takes);
    assert!(is_committed(&answers[0]));
    // Rewritten and linked in the same commit: still a name.
    let rewritten = stone.ask(vec![record(ID, &[ID + 1]), record(ID + 1, &[ID + 50])], 0);
    let (answers, _) = stone.round(&[rewritten], Log::Takes);
    let Ok(Outcome::Rejected(refused)) = outcome(&answers[0]) else {
        panic!("{answers:?}");
    };
    assert_eq!(refused.ids, [ID + 50]);
}

#[test]
fn ids_and_symbols_are_in_the_log_before_anybody_has_them() {
    let mut stone = Stone::new();
    let (id, symbol) = stone.store.make_symbol(b"each", true).unwrap().unwrap();
    stone.ladder.made_symbol(id, symbol.clone());
    assert!(!stone.ladder.symbols_logged(&[id]) && stone.ladder.symbols_logged(&[id + 1]));
    let asks = [Ask::Symbols, Ask::Ids { below: 9_000 }];
    let (answers, _) = stone.round(&asks, Log::IsFull);
    assert!(answers.iter().all(|a| matches!(a, Answer::Done(Err(_)))));
    assert!(!stone.ladder.symbols_logged(&[id]) && !stone.ladder.ids_marked(9_000));
    let (answers, payload) = stone.round(&asks, Log::Takes);
    assert!(answers.iter().all(|a| matches!(a, Answer::Done(Ok(())))));
    assert!(stone.ladder.symbols_logged(&[id]) && stone.ladder.ids_marked(9_000));
    let entries = stone_store::entry::decode(&payload).unwrap();
    assert!(matches!(entries[0], Entry::Ids { next_id } if next_id == 9_000 + IDS_AHEAD));
    assert!(matches!(entries[1], Entry::Symbols { records, .. } if records == &symbol[..]));
    let (_, nothing) = stone.round(&asks, Log::Takes);
    assert!(nothing.is_empty(), "once is enough");
}
