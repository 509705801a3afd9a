//! A stone that gems use, and what befalls it: it dies on any rung, the power goes, the disk is full, syncs fail, checkpoints and new bases come in between,
//! commits arrive late. `served.rs` is how gems ask it.
//!
//! Must not know: messages, what gems keep in memory.

use crate::dice::Dice;
use crate::disk::SimDisk;
use crate::extent::SimExtent;
use crate::stone::{Stone, Temper};
use crate::tally::Tally;
use crate::versions::{Versions, Written};
use format::record::RecordView;
use proto::service::StoneError;
use std::collections::BTreeMap;
use stone_store::extent::Position;
use stone_txn::sequencer::Limits;
use stone_txn::wire::fault_reply;
use stone_txn::{Answer, Ask, Round, Unlogged};

/// What befalls a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    Good,
    /// The object table cannot be read while the records are staged.
    Unreadable,
    FullDisk,
    FailedSync,
    FailedWrite,
    DiesBeforeTheLog,
    DiesBeforeTheSync,
    DiesAfterTheSync,
}

pub struct Life {
    disk: SimDisk,
    extent: SimExtent,
    pub dice: Dice,
    /// How many requests and rounds of a thousand something befalls.
    pub trouble: u64,
    pub stone: Stone,
    pub versions: Versions,
    /// A commit of which nobody knows whether the log has it.
    doubtful: Option<Written>,
    /// A commit that is on its way, while its gem believes that the line broke; and its author.
    pub late: Option<(u64, Ask)>,
    time_ms: u64,
    pub tally: Tally,
}

/// What a gem hears of a stone that is gone.
pub fn lost() -> StoneError {
    StoneError::Unavailable("the stone does not answer: the simulation".into())
}

fn temper(dice: &mut Dice) -> Temper {
    let mut limits = Limits::default();
    if dice.once_in(3) {
        limits.history_ids = 10 + dice.below(30) as usize;
    }
    if dice.once_in(4) {
        limits.changed_ids = dice.below(12) as usize;
    }
    Temper {
        limits,
        ids_ahead: [0, 20, 200][dice.below(3) as usize],
        segment_bytes: [2000, 64 << 20][dice.below(2) as usize],
        keeps_chunks: dice.once_in(2),
    }
}

impl Life {
    /// The first stone on a disk that has a base of `first`.
    ///
    /// # Panics
    /// When it does not begin.
    pub fn new(disk: SimDisk, first: &Written, seed: u64) -> Life {
        let mut dice = Dice::new(seed);
        let extent = SimExtent::default();
        let temper = temper(&mut dice);
        let (stone, _) = Stone::open(&disk, &extent, 1, temper).expect("a whole disk");
        let mut versions = Versions::default();
        versions.add(first);
        Life {
            disk,
            extent,
            dice,
            trouble: 0,
            stone,
            versions,
            doubtful: None,
            late: None,
            time_ms: 1,
            tally: Tally::default(),
        }
    }

    fn strikes(&mut self) -> bool {
        self.dice.below(1000) < self.trouble
    }

    /// Whether a commit that arrives now is held up, so that its gem gives up waiting.
    pub fn is_late(&mut self) -> bool {
        self.late.is_none() && self.strikes() && self.dice.once_in(3)
    }

    fn luck(&mut self) -> Luck {
        if !self.strikes() {
            return Luck::Good;
        }
        match self.dice.below(10) {
            0 => Luck::Unreadable,
            1 | 2 => Luck::FullDisk,
            3 => Luck::FailedSync,
            4 => Luck::FailedWrite,
            5 => Luck::DiesBeforeTheLog,
            6 | 7 => Luck::DiesBeforeTheSync,
            _ => Luck::DiesAfterTheSync,
        }
    }

    /// What happens before a request arrives.
    ///
    /// # Errors
    /// The stone is gone; the next one runs already.
    pub fn befall(&mut self) -> Result<(), StoneError> {
        self.time_ms += 1;
        // Somebody sees that the stone has stopped writing.
        if self.stone.ladder.poisoned().is_some() && self.dice.once_in(4) {
            self.die();
            return Err(lost());
        }
        if self.late.is_some() && self.dice.once_in(3) {
            self.late_commit_arrives();
        }
        if !self.strikes() {
            return Ok(());
        }
        match self.dice.below(8) {
            0 => {
                self.tally.count("a stone died between rounds");
                self.die();
                return Err(lost());
            }
            1 => _ = self.stone.ladder.sequencer.revoke_older_views(),
            2 | 3 => self.renew_base(),
            4 => {
                self.extent.fail(true);
                self.checkpoint();
            }
            _ => self.checkpoint(),
        }
        Ok(())
    }

    /// Takes one ask up the ladder. `author` is the session as its gem knows it.
    ///
    /// # Errors
    /// The stone died on the way; the next one runs already.
    pub fn climb(&mut self, author: u64, ask: &Ask) -> Result<Answer, StoneError> {
        let luck = self.luck();
        let asks = [ask];
        let mut round = self.stone.decide(&asks);
        let commit = match ask {
            Ask::Commit(commit) if round.seq > self.versions.seq => Some(Written {
                seq: round.seq,
                author,
                records: commit.set.bytes.clone(),
            }),
            _ => None,
        };
        if luck == Luck::DiesBeforeTheLog {
            return self.died("a stone died before the log");
        }
        self.extent.fail_reads(luck == Luck::Unreadable);
        let staged = round.stage(&self.stone.store, &asks);
        self.extent.calm();
        let logged = staged.and_then(|()| self.log(&round, luck));
        if luck == Luck::DiesBeforeTheSync {
            self.doubtful = commit.or(self.doubtful.take());
            return self.died("a stone died before the sync");
        }
        match &logged {
            Ok(_) => commit.iter().for_each(|commit| self.versions.add(commit)),
            Err(Unlogged::Nothing(_)) => self.tally.count("a round was not written"),
            Err(Unlogged::Unknown(_)) => {
                self.tally.count("the log failed");
                // A poisoned stone takes no other: one is in doubt at most.
                self.doubtful = commit.or(self.doubtful.take());
            }
        }
        if luck == Luck::DiesAfterTheSync {
            return self.died("a stone died after the sync");
        }
        let stone = &mut self.stone;
        let mut answers = stone.ladder.end(&stone.store, &asks, round, logged);
        stone.ladder.sequencer.enforce_history_limit();
        Ok(answers.pop().expect("an answer to each"))
    }

    fn log(&mut self, round: &Round, luck: Luck) -> Result<Position, Unlogged> {
        match luck {
            Luck::FullDisk => self.disk.set_room(Some(self.dice.below(500))),
            Luck::DiesBeforeTheSync if self.dice.once_in(2) => self.disk.fail_writes(true),
            Luck::FailedSync | Luck::DiesBeforeTheSync => self.disk.fail_syncs(true),
            Luck::FailedWrite => self.disk.fail_writes(true),
            _ => {}
        }
        let logged = self.stone.make_durable(round, self.time_ms);
        self.disk.calm();
        logged
    }

    fn died<T>(&mut self, how: &'static str) -> Result<T, StoneError> {
        self.tally.count(how);
        self.die();
        Err(lost())
    }

    /// The stone is gone, perhaps the power too; the next one begins on what is left, which is all that was acknowledged and nothing by halves.
    fn die(&mut self) {
        self.late = None;
        self.extent.calm();
        self.disk.calm();
        if self.dice.once_in(2) {
            self.tally.count("the power went");
            self.disk.cut_power(&mut self.dice);
            self.extent.cut_power(&mut self.dice);
            if self.dice.once_in(4) {
                self.tally.count("the extent was lost");
                self.extent.clear();
            }
        }
        let number = self.stone.number + 1;
        let temper = temper(&mut self.dice);
        let opened = Stone::open(&self.disk, &self.extent, number, temper);
        (self.stone, _) = opened.unwrap_or_else(|e| panic!("stone {number} does not begin: {e}"));
        let head = self.stone.store.head().seq;
        if let Some(doubtful) = self.doubtful.take() {
            let happened = head == doubtful.seq;
            self.tally.count(match happened {
                true => "what was in doubt happened",
                false => "what was in doubt did not happen",
            });
            if happened {
                self.versions.add(&doubtful);
            }
        }
        assert_eq!(head, self.versions.seq, "all that was acknowledged");
        self.check();
    }

    /// Every object is as the newest durable commit left it.
    fn check(&self) {
        let head = self.versions.seq;
        let newest: Vec<(u64, &[u8])> = self.versions.newest().collect();
        for some in newest.chunks(1000) {
            let ids: Vec<u64> = some.iter().map(|(id, _)| *id).collect();
            let found = self.stone.store.fault(head, &ids, 0);
            let reply = fault_reply(found.expect("it can be read"));
            assert_eq!(
                (&reply.missing[..], &reply.deferred[..]),
                (&[][..], &[][..])
            );
            let mut found = BTreeMap::new();
            let find = |record: RecordView<'_>| {
                found.insert(record.id().0, record.bytes().to_vec());
            };
            reply.for_each_record(find).expect("whole records");
            for (id, record) in some {
                assert_eq!(found.get(id).map(|r| &r[..]), Some(*record), "object {id}");
            }
        }
    }

    fn checkpoint(&mut self) {
        if self.stone.ladder.poisoned().is_none() {
            self.tally.count(match self.stone.checkpoint() {
                Ok(()) => "checkpoints",
                Err(_) => "a checkpoint failed",
            });
        }
        self.extent.calm();
    }

    fn renew_base(&mut self) {
        if self.stone.ladder.poisoned().is_some() {
            return;
        }
        self.tally.count("the base was renewed");
        let stone = &mut self.stone;
        let segment = stone.renew_log(self.time_ms).expect("a whole disk");
        let head = stone.store.head();
        stone.write_base(&self.disk, head).expect("a whole disk");
        stone.checkpoint().expect("a whole extent");
        stone.let_go(&self.disk, segment).expect("a whole disk");
    }

    fn late_commit_arrives(&mut self) {
        if let Some((author, ask)) = self.late.take() {
            let before = self.versions.seq;
            let died = self.climb(author, &ask).is_err();
            self.tally.count(match self.versions.seq > before {
                _ if died => "a stone died of a late commit",
                true => "a late commit was taken",
                false => "a late commit was refused",
            });
        }
    }

    /// Ends what is open: what is on its way arrives if `late_too`, and a new stone says what of a failed log is durable.
    pub fn settle(&mut self, late_too: bool) {
        let trouble = std::mem::take(&mut self.trouble);
        if late_too {
            self.late_commit_arrives();
        }
        if self.stone.ladder.poisoned().is_some() {
            self.die();
        }
        self.trouble = trouble;
    }
}
