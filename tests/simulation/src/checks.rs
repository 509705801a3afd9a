//! What must be true of a stone, whatever befell it.

use crate::client::{About, Job};
use crate::stone::Stone;
use crate::world::World;
use format::record::RecordView;
use format::wellknown::{REPOSITORY_ROOT, SYMBOL};
use proto::messages::FaultReply;
use std::collections::BTreeMap;
use stone_store::Store;
use stone_store::replay::Replayed;
use stone_store::tokens::PastCommit;
use stone_txn::session::Hold;

impl World {
    /// Every object, every symbol, the root, every reference, the ids, the tokens.
    pub(crate) fn check_recovered(&self, stone: &Stone, replayed: &Replayed) {
        self.check_state(&stone.store, self.model.head());
        let report = stone.store.audit(self.model.head());
        assert_eq!(report.problems, [""; 0], "the audit");
        let leased = self.seats.leased_end();
        assert!(
            stone.store.next_id() >= leased,
            "ids up to {leased} were leased"
        );
        let root = self.model.root().unwrap_or(REPOSITORY_ROOT.0);
        assert_eq!(stone.store.root(), root, "the root");
        assert!(
            replayed.tokens_since <= self.trimmed,
            "the log knows commits since {} only, and was trimmed at {}",
            replayed.tokens_since,
            self.trimmed
        );
        let with_token = self.model.commits().iter().filter(|c| c.token != 0);
        let happened: Vec<PastCommit> = with_token
            .filter(|c| c.seq > replayed.tokens_since)
            .map(|c| PastCommit {
                token: c.token,
                seq: c.seq,
                session: c.session,
            })
            .collect();
        assert_eq!(replayed.commits_by_token, happened, "the log's tokens");
    }

    /// That a store shows all that the model has at `view`.
    pub(crate) fn check_state(&self, store: &Store, view: u64) {
        for id in self.model.ids(view) {
            let found = store.record(id, view).expect("no damage");
            let expected = self.model.object(id, view).map(|o| o.record(id));
            let written = self.model.written_at(id, view);
            assert_eq!(
                found, expected,
                "object {id} at {view}, written at {written:?}"
            );
        }
        for (id, name) in &self.model.symbols {
            let found = store.find_symbol(name.as_bytes()).expect("no damage");
            assert_eq!(found, Some(*id), "symbol {name}");
        }
    }

    /// A fault shows its view, all of what was asked and nothing else.
    pub(crate) fn check_fault(&self, view: u64, ids: &[u64], reply: &FaultReply) {
        let mut found = BTreeMap::new();
        let each = |r: RecordView<'_>| {
            found.insert(r.id().0, (r.class(), r.bytes().to_vec()));
        };
        reply.for_each_record(each).expect("whole records");
        for (id, (class, bytes)) in &found {
            if *class != SYMBOL {
                let expected = self.model.object(*id, view).map(|o| o.record(*id));
                assert_eq!(
                    Some(&bytes[..]),
                    expected.as_deref(),
                    "object {id} at {view}"
                );
            }
        }
        for id in ids {
            let there =
                self.model.object(*id, view).is_some() || self.model.symbols.contains_key(id);
            assert_eq!(found.contains_key(id), there, "object {id} at {view}");
            assert_eq!(reply.missing.contains(id), !there);
        }
    }

    /// After a round that was not logged everything is as before.
    pub(crate) fn check_untouched(&mut self, jobs: &[Job]) {
        let head = self.model.head();
        for job in jobs {
            let About::Commit(draft) = &job.about else {
                continue;
            };
            for id in draft.values.keys() {
                let found = self.stone().store.record(*id, u64::MAX);
                let expected = self.model.object(*id, head).map(|o| o.record(*id));
                let symbol = self.model.symbols.contains_key(id);
                assert!(
                    symbol || found.expect("no damage") == expected,
                    "object {id}"
                );
            }
        }
    }

    /// The stone's sessions are the model's. Views that it took away are so here from now on.
    pub(crate) fn check_sessions(&mut self) {
        let stone = self.stone.as_ref().expect("a stone runs");
        let head = self.model.head();
        let mut count = 0;
        for (id, session) in stone.ladder.sequencer.sessions() {
            let seat = self
                .seats
                .live
                .get_mut(&id.0)
                .expect("a session of the game");
            count += 1;
            assert_eq!(session.view, seat.view, "session {id}'s view");
            assert_eq!(session.committing, seat.creating.is_some());
            match (seat.hold, session.hold) {
                (a, b) if a == b => {}
                (Hold::Inside, Hold::Revoked) | (Hold::Outside, Hold::Overtaken) => {
                    assert!(seat.may_lose_view && seat.view < head, "{:?}", session.hold);
                    self.tally.count(match session.hold {
                        Hold::Revoked => "views were revoked",
                        _ => "resting sessions were overtaken",
                    });
                    seat.hold = session.hold;
                }
                (a, b) => panic!("session {id} is {b:?}, not {a:?}"),
            }
            seat.may_lose_view = false;
            for first in seat.ids.iter() {
                assert!(
                    session.leases.contains(*first),
                    "session {id} has id {first}"
                );
            }
        }
        assert_eq!(count, self.seats.live.len(), "as many sessions");
    }

    /// No views are older than this: what versions are kept for.
    pub(crate) fn oldest_reading(&self) -> u64 {
        let pins = self.pins.iter().copied();
        let views = pins.chain(self.seats.oldest_reading());
        views.min().unwrap_or(u64::MAX).min(self.model.head())
    }

    /// After a checkpoint only old versions are loose, and only those that somebody can read.
    pub(crate) fn check_loose(&mut self) {
        let oldest = self.oldest_reading();
        let newer = self.model.commits().iter().filter(|c| c.seq > oldest);
        let needed: usize = newer.map(|c| c.values.len()).sum();
        let most = needed + self.unlogged.len();
        let loose = self.stone().store.loose_size().0;
        assert!(
            loose <= most as u64,
            "{loose} loose records, {most} needed since {oldest}"
        );
    }
}
