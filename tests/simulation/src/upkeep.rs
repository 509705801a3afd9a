//! What the keeper does, and who makes backups: checkpoints, new bases, an end in order.

use crate::world::World;
use std::path::Path;
use stone_store::dbf_extent::DbfExtent;
use stone_store::disk::read_all;
use stone_store::{Disk, Store, StoreError};

impl World {
    pub(crate) fn checkpoint(&mut self) {
        // The stone takes no checkpoint once it has stopped writing.
        if self.poisoned.is_some() {
            return;
        }
        let fail = self.unlucky(self.faults.failed_extent, 25);
        let unreadable = self.unlucky(self.faults.failed_extent, 40);
        self.extent.fail(fail);
        self.extent.fail_reads(unreadable);
        let done = self.stone.as_mut().expect("a stone runs").checkpoint();
        self.extent.calm();
        match done {
            Ok(()) => {
                self.tally.count("checkpoints");
                if !self.climbing {
                    self.check_loose();
                }
            }
            Err(error) => {
                assert!(fail || unreadable, "nothing failed, but: {error}");
                self.tally.count("a checkpoint failed");
                self.poisoned = Some(error.to_string());
            }
        }
    }

    /// A new base, and then the log before it goes; the stone may die between any two steps.
    pub(crate) fn renew_base(&mut self) {
        if self.poisoned.is_some() {
            return;
        }
        let Some(segment) = self.renew_log() else {
            return;
        };
        let number = self.stone().number;
        let trimmed = self.model.head();
        for step in 0..4 {
            if self.unlucky(self.faults.deaths, 15) {
                self.tally.count("a stone died while it made a base");
                let power_too = self.dice.once_in(2);
                return self.die(power_too);
            }
            if self.dice.once_in(3) {
                self.round();
            }
            if !self.runs(number) || self.poisoned.is_some() {
                return;
            }
            match step {
                0 if !self.write_base() => return,
                1 => self.checkpoint(),
                2 => {
                    self.trimmed = trimmed;
                    let stone = self.stone.as_ref().expect("a stone runs");
                    stone.let_go(&self.disk, segment).expect("a whole disk");
                    self.tally.count("the base was renewed");
                }
                _ => {}
            }
        }
    }

    fn renew_log(&mut self) -> Option<u64> {
        let full = self.unlucky(self.faults.full_disk, 5);
        if full {
            let most = if self.dice.once_in(2) { 20 } else { 300 };
            let room = self.dice.below(most);
            self.disk.set_room(Some(room));
        }
        let fail = self.unlucky(self.faults.failed_log, 20);
        self.disk.fail_syncs(fail);
        let time_ms = self.time_ms;
        let renewed = self.stone().renew_log(time_ms);
        self.disk.calm();
        match renewed {
            Ok(segment) => Some(segment),
            Err(StoreError::DiskFull(_)) if full => {
                self.tally.count("the log was not renewed: no room");
                None
            }
            Err(error) => {
                assert!(fail || self.log_failed, "nothing failed, but: {error}");
                self.tally.count("the log failed when it was renewed");
                self.log_failed = true;
                None
            }
        }
    }

    fn write_base(&mut self) -> bool {
        let stone = self.stone.as_mut().expect("a stone runs");
        let view = stone.ladder.sequencer.pin();
        let position = stone.store.head();
        assert_eq!(view, position.seq);
        self.pins.push(view);
        let full = self.faults.full_disk && self.dice.once_in(8);
        if full {
            let room = self.dice.below(20_000);
            self.disk.set_room(Some(room));
        }
        let written = stone.write_base(&self.disk, position);
        self.disk.calm();
        self.unpin(view);
        match written {
            Ok(()) => true,
            Err(error) => {
                assert!(full, "nothing failed, but: {error}");
                self.tally.count("a base was not written: no room");
                false
            }
        }
    }

    fn unpin(&mut self, view: u64) {
        self.stone().ladder.sequencer.unpin(view);
        let at = self.pins.iter().position(|pin| *pin == view);
        self.pins.swap_remove(at.expect("it was pinned"));
    }

    /// Begins a backup, or ends the one that was begun: commits went on meanwhile.
    pub(crate) fn back_up(&mut self) {
        let Some(position) = self.backup.take() else {
            let stone = self.stone.as_mut().expect("a stone runs");
            self.pins.push(stone.ladder.sequencer.pin());
            self.backup = Some(stone.store.head());
            return;
        };
        let path = Path::new("/backups/one.dbf");
        let stone = self.stone.as_ref().expect("a stone runs");
        let header = stone.store.write_dbf(&self.disk, path, position);
        let header = header.expect("a whole disk");
        assert_eq!(header.seq, position.seq);
        let file = self.disk.open(path).expect("it was written");
        let bytes = read_all(&*file).expect("a whole file").into();
        let copy = DbfExtent::from_bytes(path, bytes).expect("a whole file");
        let copy = Store::open(Box::new(copy)).expect("a whole file");
        self.check_backup(&copy, position.seq);
        self.unpin(position.seq);
        self.tally.count("backups");
    }

    fn check_backup(&self, copy: &Store, seq: u64) {
        for id in self.model.ids(seq) {
            let found = copy.record(id, seq).expect("no damage");
            let expected = self.model.object(id, seq).map(|o| o.record(id));
            assert_eq!(found, expected, "object {id} in the backup of commit {seq}");
        }
        let report = copy.audit(seq);
        assert_eq!(report.problems, [""; 0], "the backup's audit");
    }

    /// The stone ends in order, and another begins.
    pub(crate) fn close_and_start(&mut self) {
        if self.poisoned.is_some() {
            return self.die(false);
        }
        let time_ms = self.time_ms;
        let stone = self.stone.as_mut().expect("a stone runs");
        let next_id = stone.store.next_id();
        match stone.close(time_ms) {
            Ok(()) => {
                self.tally.count("a stone ended in order");
                self.die(false);
                assert_eq!(self.stone().store.next_id(), next_id, "no id is skipped");
            }
            Err(error) => {
                assert!(self.log_failed, "nothing failed, but: {error}");
                self.die(false);
            }
        }
    }

    /// What the keeper does when old versions take too much room.
    pub(crate) fn revoke_older_views(&mut self) {
        if !self.faults.short_history {
            return;
        }
        self.may_lose_views();
        self.stone().ladder.sequencer.revoke_older_views();
        self.check_sessions();
    }

    pub(crate) fn enforce_history_limit(&mut self) {
        if self.stone().limits.history_ids < 1000 {
            self.may_lose_views();
        }
        self.stone().ladder.sequencer.enforce_history_limit();
    }

    fn may_lose_views(&mut self) {
        for seat in self.seats.live.values_mut() {
            seat.may_lose_view = seat.creating.is_none();
        }
    }
}
