//! One simulated stone with its sessions: steps from dice, every answer compared with the model.

use crate::dice::Dice;
use crate::disk::SimDisk;
use crate::extent::SimExtent;
use crate::model::{Change, Model};
use proto::oop::ObjectId;
use proto::record::{Body, Format, Record, RecordView};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use stone_store::entry::Entry;
use stone_store::recovery::{Opened, base_path, open};
use stone_store::replay::{Replayed, Until};
use stone_store::tokens::PastCommit;
use stone_store::{Disk, Extent, MemoryExtent, Store, StoreError, Tranlog, WriteSet};
use stone_txn::sequencer::Limits;
use stone_txn::{Decision, Proposal, Sequencer, SessionId, TxnError};

/// Which misfortunes a run may meet.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    pub power_cuts: bool,
    pub failed_syncs: bool,
    pub full_disk: bool,
    pub failed_extent: bool,
    pub lost_extent: bool,
}

impl Faults {
    pub const ALL: Faults = Faults {
        power_cuts: true,
        failed_syncs: true,
        full_disk: true,
        failed_extent: true,
        lost_extent: true,
    };
}

const DATA: &str = "/data";
/// Objects of the game: few, so that sessions meet.
const OBJECTS: u64 = 40;
const SESSIONS: u64 = 5;
const CLASS: u64 = 17;

struct Client {
    id: SessionId,
    view: u64,
    /// New ids it may use.
    fresh: std::ops::Range<u64>,
}

struct Stone {
    store: Store,
    log: Tranlog,
    sequencer: Sequencer,
    clients: Vec<Client>,
}

pub struct World {
    dice: Dice,
    disk: SimDisk,
    extent: SimExtent,
    faults: Faults,
    model: Model,
    stone: Option<Stone>,
    time_ms: u64,
    /// How often what happened, for tests that want to know that it did.
    pub commits: u64,
    pub conflicts: u64,
    pub recoveries: u64,
    pub refusals: u64,
}

fn record(id: u64, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Record {
        id: ObjectId(id),
        class: ObjectId(CLASS),
        format: Format::Bytes,
        flags: 0,
        detail: 0,
        policy: 0,
        body: Body::Bytes(bytes.to_vec()),
        dynamic: vec![],
    }
    .encode(&mut out);
    out
}

/// What one client wants to commit.
struct Wish {
    client: usize,
    values: BTreeMap<u64, Vec<u8>>,
}

impl World {
    /// An empty repository and its first stone.
    ///
    /// # Panics
    /// As `step`.
    pub fn new(seed: u64, faults: Faults) -> World {
        let disk = SimDisk::default();
        let empty = Store::open(Box::new(MemoryExtent::default())).expect("nothing to fail");
        empty
            .write_dbf(&disk, &base_path(Path::new(DATA), 0), empty.head())
            .expect("an empty base");
        let mut world = World {
            dice: Dice::new(seed),
            disk,
            extent: SimExtent::default(),
            faults,
            model: Model::default(),
            stone: None,
            time_ms: 1,
            commits: 0,
            conflicts: 0,
            recoveries: 0,
            refusals: 0,
        };
        world.recover(None);
        world
    }

    /// Runs `steps` steps, then cuts the power once more and looks at what is there.
    ///
    /// # Panics
    /// When stone and model disagree.
    pub fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            self.step();
        }
        self.cut_power(None);
    }

    /// # Panics
    /// When stone and model disagree.
    pub fn step(&mut self) {
        self.time_ms += 1;
        match self.dice.below(100) {
            0..50 => self.commit_batch(),
            50..75 => self.read(),
            75..87 => self.refresh(),
            87..92 => self.relogin(),
            92..97 => self.checkpoint(),
            97 => self.renew_base(),
            _ if self.faults.power_cuts => self.cut_power(None),
            _ => self.read(),
        }
    }

    fn stone(&mut self) -> &mut Stone {
        self.stone.as_mut().expect("there is a stone between steps")
    }

    fn wish(&mut self, client: usize) -> Wish {
        let mut values = BTreeMap::new();
        let fresh = self.stone().clients[client].fresh.clone();
        for n in 0..1 + self.dice.below(4) {
            let id = if self.dice.once_in(3) {
                fresh.start + n
            } else {
                proto::limits::FIRST_FREE_ID + self.dice.below(OBJECTS)
            };
            // Some are larger than a page.
            let len = if self.dice.once_in(30) {
                40_000
            } else {
                self.dice.below(300)
            };
            let value = (0..len).map(|i| (i ^ self.time_ms) as u8).collect();
            let may = id >= fresh.start && fresh.contains(&id);
            let view = self.stone().clients[client].view;
            if may || self.model.value(id, view).is_some() {
                values.insert(id, value);
            }
        }
        Wish { client, values }
    }

    /// Several clients commit in one group, as the stone's leader does it.
    fn commit_batch(&mut self) {
        let mut wishes = Vec::new();
        for client in 0..SESSIONS as usize {
            if self.dice.once_in(2) {
                wishes.push(self.wish(client));
            }
        }
        let fail = self.faults.failed_syncs && self.dice.once_in(60);
        let full = self.faults.full_disk && self.dice.once_in(25);
        if full {
            let room = self.dice.below(400);
            self.disk.set_room(Some(room));
        }
        self.disk.fail_syncs(fail);
        let decided = self.decide(&wishes);
        let result = self.log_and_publish(&decided);
        self.disk.set_room(None);
        self.disk.fail_syncs(false);
        match result {
            Ok(()) => self.settle(decided),
            Err(StoreError::DiskFull(_)) => {
                assert!(full, "the disk was not full");
                self.refusals += 1;
                self.stone().sequencer.roll_back();
            }
            Err(error) => {
                assert!(fail, "nothing failed, but: {error}");
                let again = self.stone().log.append(&[], u64::MAX, 0, || ());
                assert!(
                    matches!(again, Err(StoreError::Poisoned(_))),
                    "never retried"
                );
                let changes = decided
                    .into_iter()
                    .filter_map(|(_, change, _)| change)
                    .collect();
                self.cut_power(Some(changes));
            }
        }
    }

    fn decide(&mut self, wishes: &[Wish]) -> Vec<(usize, Option<Change>, Decision)> {
        let mut model = self.model.clone();
        let mut out = Vec::new();
        for wish in wishes {
            let stone = self.stone.as_mut().expect("between steps");
            let client = &stone.clients[wish.client];
            let proposal = Proposal {
                written: wish.values.keys().map(|id| (*id, CLASS)).collect(),
                ..Proposal::default()
            };
            let head = stone.store.head().seq;
            let exist =
                |ids: &[u64]| Ok::<_, TxnError>(stone.store.exist(ids, head).expect("no damage"));
            let decision = stone
                .sequencer
                .decide(client.id, &proposal, exist)
                .expect("a live session");
            let lost = model.conflicts(client.view, client.id.0, wish.values.keys());
            let change = match decision {
                Decision::Accepted { seq } => {
                    assert!(!lost, "the model knows a winner");
                    let change = Change {
                        seq,
                        session: client.id.0,
                        values: wish.values.clone(),
                    };
                    model.commit(change.clone());
                    Some(change)
                }
                Decision::Conflict { .. } => {
                    assert!(lost, "the model knows no winner");
                    None
                }
                Decision::Rejected(ref why) => panic!("{why:?}"),
            };
            out.push((wish.client, change, decision));
        }
        out
    }

    fn log_and_publish(
        &mut self,
        decided: &[(usize, Option<Change>, Decision)],
    ) -> Result<(), StoreError> {
        let time_ms = self.time_ms;
        let stone = self.stone();
        let mut payload = Vec::new();
        let mut sets = Vec::new();
        for change in decided.iter().filter_map(|(_, change, _)| change.as_ref()) {
            let records: Vec<u8> = change
                .values
                .iter()
                .flat_map(|(id, value)| record(*id, value))
                .collect();
            let (seq, session) = (change.seq, change.session);
            let next_id = stone.store.next_id();
            let token = token(seq, session);
            Entry::Commit {
                seq,
                session,
                root: 0,
                next_id,
                token,
                records: &records,
            }
            .encode(&mut payload);
            sets.push((change.seq, WriteSet::parse(records.into())?));
        }
        let Some(seq) = sets.last().map(|(seq, _)| *seq) else {
            return Ok(());
        };
        let position = stone.log.append(&payload, seq, time_ms, || ())?;
        let oldest = stone.sequencer.oldest_view();
        for (seq, set) in &sets {
            stone.store.add_commit(*seq, oldest, set)?;
        }
        stone.store.publish(position, None);
        stone.sequencer.publish(seq);
        Ok(())
    }

    fn settle(&mut self, decided: Vec<(usize, Option<Change>, Decision)>) {
        for (_, change, _) in &decided {
            if let Some(change) = change {
                self.model.commit(change.clone());
                self.commits += 1;
            }
        }
        for (n, _, decision) in decided {
            self.conflicts += matches!(decision, Decision::Conflict { .. }) as u64;
            let stone = self.stone.as_mut().expect("between steps");
            let client = &mut stone.clients[n];
            let moved = stone
                .sequencer
                .settle(client.id, &decision)
                .expect("a live session");
            let expected = self.model.changed(client.view, moved.view, client.id.0);
            assert_eq!((moved.changed, moved.everything), (expected, false));
            client.view = moved.view;
            let used = self.model.state(u64::MAX);
            client.fresh.start = client
                .fresh
                .clone()
                .find(|id| !used.contains_key(id))
                .unwrap_or(client.fresh.end);
            if client.fresh.end - client.fresh.start < 8 {
                client.fresh = lease(&stone.store, &mut stone.sequencer, client.id);
            }
        }
    }

    /// A client reads some objects at its view, old as it may be.
    fn read(&mut self) {
        let n = self.dice.below(SESSIONS) as usize;
        let ids: Vec<u64> = (0..10)
            .map(|_| proto::limits::FIRST_FREE_ID + self.dice.below(OBJECTS * 2))
            .collect();
        let prefetch = self.dice.below(3) as u32;
        let stone = self.stone.as_ref().expect("between steps");
        let view = stone.clients[n].view;
        let reply = stone.store.fault(view, &ids, prefetch).expect("no damage");
        let mut found = BTreeMap::new();
        reply
            .for_each_record(|r: RecordView<'_>| {
                found.insert(r.id().0, r.byte_body().to_vec());
            })
            .expect("whole records");
        for (id, value) in &found {
            assert_eq!(
                self.model.value(*id, view),
                Some(value),
                "object {id} at {view}"
            );
        }
        for id in ids {
            assert_eq!(
                found.get(&id),
                self.model.value(id, view),
                "object {id} at {view}"
            );
        }
    }

    fn refresh(&mut self) {
        let n = self.dice.below(SESSIONS) as usize;
        let stone = self.stone.as_mut().expect("between steps");
        let client = &mut stone.clients[n];
        let moved = stone
            .sequencer
            .refresh(client.id, false)
            .expect("a live session");
        assert_eq!(moved.view, self.model.head());
        assert_eq!(
            moved.changed,
            self.model.changed(client.view, moved.view, client.id.0)
        );
        client.view = moved.view;
    }

    fn relogin(&mut self) {
        let n = self.dice.below(SESSIONS) as usize;
        let stone = self.stone();
        stone
            .sequencer
            .logout(stone.clients[n].id)
            .expect("a live session");
        stone.clients[n] = login(&stone.store, &mut stone.sequencer);
    }

    fn checkpoint(&mut self) {
        let fail = self.faults.failed_extent && self.dice.once_in(10);
        self.extent.fail(fail);
        let stone = self.stone();
        let oldest = stone.sequencer.oldest_view();
        let done = stone.store.checkpoint(oldest);
        assert!(fail || done.is_ok(), "nothing failed, but: {done:?}");
        self.extent.fail(false);
        if done.is_err() {
            // A stone stops here: what the extent holds is not known.
            self.cut_power(None);
        }
    }

    fn renew_base(&mut self) {
        let disk = self.disk.clone();
        let time_ms = self.time_ms;
        let stone = self.stone();
        let mut payload = Vec::new();
        let next_id = stone.store.next_id();
        Entry::Ids { next_id }.encode(&mut payload);
        let position = stone.log.renew(&payload, time_ms).expect("room");
        stone.store.publish(position, None);
        let head = stone.store.head();
        stone
            .store
            .write_dbf(&disk, &base_path(Path::new(DATA), head.seq), head)
            .expect("room");
        let oldest = stone.sequencer.oldest_view();
        stone.store.checkpoint(oldest).expect("a whole extent");
        stone
            .log
            .remove_before(stone.log.segment())
            .expect("a whole disk");
    }

    fn cut_power(&mut self, in_flight: Option<Vec<Change>>) {
        self.stone = None;
        self.disk.cut_power(&mut self.dice);
        self.extent.cut_power(&mut self.dice);
        if self.faults.lost_extent && self.dice.once_in(4) {
            self.extent.clear();
        }
        self.recover(in_flight);
    }

    /// A new stone on what is left. `in_flight`: commits that nobody was told about.
    fn recover(&mut self, in_flight: Option<Vec<Change>>) {
        self.recoveries += 1;
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let extent = self.extent.clone();
        let open_extent = |fresh: bool| -> Result<Box<dyn Extent>, StoreError> {
            if fresh {
                extent.clear();
            }
            Ok(Box::new(extent.reopen()))
        };
        // Its number in the run is as good as random: nobody else has it.
        let writer = u128::from(self.recoveries);
        let opened = open(&disk, Path::new(DATA), &open_extent, Until::End, writer);
        let Opened {
            store,
            log,
            replayed,
            ..
        } = opened.expect("a power cut is no damage");
        let head = store.head().seq;
        for change in in_flight
            .into_iter()
            .flatten()
            .filter(|change| change.seq <= head)
        {
            self.model.commit(change);
        }
        assert_eq!(
            head,
            self.model.head(),
            "all that was acknowledged, nothing else"
        );
        self.check_tokens(&replayed);
        let expected = self.model.state(head);
        for (id, value) in &expected {
            let found = store
                .record(*id, head)
                .expect("no damage")
                .expect("an object");
            assert_eq!(
                RecordView::parse(&found).expect("a record").byte_body(),
                &value[..]
            );
        }
        let report = store.audit(head);
        assert_eq!(report.objects, expected.len() as u64);
        // The class of the game's objects is not itself an object of the game.
        let problems: Vec<_> = report
            .problems
            .iter()
            .filter(|p| !p.contains("refers to object 17,"))
            .collect();
        assert!(problems.is_empty(), "{problems:?}");
        let mut sequencer = Sequencer::new(head, Limits::default());
        let clients = (0..SESSIONS)
            .map(|_| login(&store, &mut sequencer))
            .collect();
        self.stone = Some(Stone {
            store,
            log,
            sequencer,
            clients,
        });
    }

    /// The log knows each commit's fate, back to where it says that it does.
    fn check_tokens(&self, replayed: &Replayed) {
        let happened: Vec<_> = self
            .model
            .changes()
            .filter(|change| change.seq > replayed.tokens_since)
            .map(|change| PastCommit {
                token: token(change.seq, change.session),
                seq: change.seq,
                session: change.session,
            })
            .collect();
        assert_eq!(replayed.commits_by_token, happened);
    }
}

/// The game's tokens can be told from seq and session, so that nobody has to keep them.
fn token(seq: u64, session: u64) -> u128 {
    u128::from(seq) << 64 | u128::from(session + 1)
}

fn login(store: &Store, sequencer: &mut Sequencer) -> Client {
    let (id, view) = sequencer.login("sim", "sim", 0).expect("few sessions");
    Client {
        id,
        view,
        fresh: lease(store, sequencer, id),
    }
}

fn lease(store: &Store, sequencer: &mut Sequencer, id: SessionId) -> std::ops::Range<u64> {
    let first = store.take_ids(16).expect("ids are left");
    sequencer.lease(id, first, 16).expect("a live session");
    first..first + 16
}
