//! A round of the shipped ladder, with all that can befall it on each rung.

use crate::client::Job;
use crate::world::World;
use proto::service::StoneError;
use stone_store::extent::Position;
use stone_txn::{Ask, Round, Unlogged};

/// What befalls a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Luck {
    Good,
    /// The object table cannot be read while the records are staged.
    Unreadable,
    FullDisk,
    /// There is no room, and what was written of the frame cannot be cut off durably.
    FullAndStuck,
    FailedSync,
    FailedWrite,
    DiesBeforeTheLog,
    /// The frame is written, as far as it goes, and not synced.
    DiesBeforeTheSync,
    DiesAfterTheSync,
}

impl World {
    fn luck(&mut self) -> Luck {
        let faults = self.faults;
        match self.dice.below(200) {
            0..8 if faults.failed_extent => Luck::Unreadable,
            8..16 if faults.full_disk => Luck::FullDisk,
            16..18 if faults.full_disk && faults.failed_log => Luck::FullAndStuck,
            18..21 if faults.failed_log => Luck::FailedSync,
            21..23 if faults.failed_log => Luck::FailedWrite,
            23..26 if faults.deaths => Luck::DiesBeforeTheLog,
            26..30 if faults.deaths => Luck::DiesBeforeTheSync,
            30..35 if faults.deaths => Luck::DiesAfterTheSync,
            _ => Luck::Good,
        }
    }

    /// Takes what is queued, or most of it, up the ladder.
    pub(crate) fn round(&mut self) {
        let jobs = self.take_jobs();
        if jobs.is_empty() || self.climbing {
            self.queue.extend(jobs);
            return;
        }
        let asks: Vec<&Ask> = jobs.iter().map(|job| &job.ask).collect();
        let luck = self.luck();
        if let Some(why) = self.poisoned.clone() {
            self.stone().ladder.poison(&why);
        }
        let mut round = self.stone().decide(&asks);
        let verdicts = self.foresee(&jobs);
        assert_eq!(round.seq, self.model.next_seq() - 1, "as many are accepted");
        let unlogged = self.unlogged.clone();
        self.climbing = true;
        self.meanwhile();
        let staged = self.stage(&mut round, &asks, luck);
        self.meanwhile();
        if luck == Luck::DiesBeforeTheLog {
            return self.died_climbing("a stone died before the log");
        }
        let logged = match staged {
            Ok(()) => self.log(&round, luck),
            Err(error) => Err(error),
        };
        if matches!(luck, Luck::DiesBeforeTheSync) {
            return self.died_climbing("a stone died before the sync");
        }
        self.meanwhile();
        if matches!(luck, Luck::DiesAfterTheSync) {
            return self.died_climbing("a stone died after the sync");
        }
        self.climbing = false;
        self.check_luck(&round, luck, &logged);
        let stone = self.stone.as_mut().expect("a stone runs");
        let answers = stone.ladder.end(&stone.store, &asks, round, logged.clone());
        if logged.is_ok() && self.poisoned.is_none() {
            self.unlogged.retain(|id| !unlogged.contains(id));
        }
        if let Some(why) = stone.ladder.poisoned() {
            self.poisoned.get_or_insert_with(|| why.to_string());
        }
        self.tally.count("rounds");
        self.ended(&jobs, verdicts, logged.map(drop), answers);
        self.enforce_history_limit();
        self.check_sessions();
    }

    /// In an order from the dice; some may have come just too late.
    fn take_jobs(&mut self) -> Vec<Job> {
        let mut jobs = std::mem::take(&mut self.queue);
        for at in (1..jobs.len()).rev() {
            let other = self.dice.below(at as u64 + 1) as usize;
            jobs.swap(at, other);
        }
        if self.dice.once_in(4) {
            let left = self.dice.below(jobs.len() as u64 + 1) as usize;
            self.queue = jobs.split_off(left);
        }
        jobs
    }

    /// Others go on while a round climbs: the stone's leader holds no lock.
    fn meanwhile(&mut self) {
        while self.dice.once_in(3) {
            match self.dice.below(20) {
                0 => self.checkpoint(),
                1 => self.back_up(),
                2 => self.late_ask_arrives(),
                3 if self.dice.once_in(8) => self.revoke_older_views(),
                _ => self.somebody_acts(),
            }
        }
    }

    fn stage(&mut self, round: &mut Round, asks: &[&Ask], luck: Luck) -> Result<(), Unlogged> {
        self.extent.fail_reads(luck == Luck::Unreadable);
        let staged = round.stage(&self.stone().store, asks);
        self.extent.calm();
        staged
    }

    fn log(&mut self, round: &Round, luck: Luck) -> Result<Position, Unlogged> {
        match luck {
            Luck::FullDisk => {
                let room = self.dice.below(500);
                self.disk.set_room(Some(room));
            }
            Luck::FullAndStuck => {
                let room = self.dice.below(500);
                self.disk.set_room(Some(room));
                self.disk.fail_syncs(true);
            }
            Luck::DiesBeforeTheSync if self.dice.once_in(2) => self.disk.fail_writes(true),
            Luck::FailedSync | Luck::DiesBeforeTheSync => self.disk.fail_syncs(true),
            Luck::FailedWrite => self.disk.fail_writes(true),
            _ => {}
        }
        let time_ms = self.time_ms;
        let logged = self.stone().make_durable(round, time_ms);
        self.disk.calm();
        if matches!(logged, Err(Unlogged::Unknown(_))) {
            self.log_failed = true;
        }
        logged
    }

    /// The log fails when something befell it, and says truly whether it may have the frame.
    fn check_luck(&mut self, round: &Round, luck: Luck, logged: &Result<Position, Unlogged>) {
        match logged {
            Ok(position) => {
                assert_eq!(position.seq, round.seq);
                let stuck = matches!(luck, Luck::FailedSync | Luck::FailedWrite);
                assert!(
                    !stuck || round.payload.is_empty(),
                    "{luck:?}, and it says it is logged"
                );
            }
            Err(Unlogged::Nothing(StoneError::Unavailable(_))) => {
                assert_eq!(luck, Luck::Unreadable);
                self.tally.count("a round could not be staged");
            }
            Err(Unlogged::Nothing(StoneError::DiskFull(_))) => {
                assert!(
                    matches!(luck, Luck::FullDisk | Luck::FullAndStuck),
                    "{luck:?}"
                );
                self.tally.count("a round found the disk full");
            }
            Err(Unlogged::Nothing(error)) => panic!("{luck:?}: {error}"),
            Err(Unlogged::Unknown(why)) => {
                let failed = self.log_failed || luck == Luck::FullAndStuck;
                assert!(failed, "{luck:?}: {why}");
                self.tally.count("the log failed");
                let time_ms = self.time_ms;
                let again = self.stone().log.append(&[], u64::MAX, time_ms, || ());
                assert!(again.is_err(), "a failed log is not tried again");
            }
        }
    }

    fn died_climbing(&mut self, how: &'static str) {
        self.tally.count(how);
        self.climbing = false;
        let power_too = self.dice.once_in(2);
        self.die(power_too);
    }
}
