//! How stones end and begin.

use crate::stone::{Stone, Temper};
use crate::world::World;
use stone_store::StoreError;
use stone_txn::sequencer::Limits;

impl World {
    /// The stone is gone, and with it everything that was only in its memory. `power_too`: also what the disk had not synced.
    pub(crate) fn die(&mut self, power_too: bool) {
        self.forget_stone();
        if power_too {
            self.cut_power();
        }
        self.recover();
    }

    fn forget_stone(&mut self) {
        self.stone = None;
        self.calm();
        let gone = self.model.take_back();
        self.doubtful.extend(gone);
        self.queue.clear();
        self.late.clear();
        self.seats.clear();
        self.pins.clear();
        self.backup = None;
        self.poisoned = None;
        self.log_failed = false;
        self.unlogged.clear();
        let next = self.jobs + 1;
        for client in &mut self.clients {
            client.lose_connection(next);
            // What it sent to a stone that is gone it does not send to the next.
            client.draft = None;
        }
    }

    fn cut_power(&mut self) {
        self.tally.count("the power went");
        self.disk.cut_power(&mut self.dice);
        self.extent.cut_power(&mut self.dice);
        if self.faults.lost_extent && self.dice.once_in(4) {
            self.tally.count("the extent was lost");
            self.extent.clear();
        }
    }

    fn temper(&mut self) -> Temper {
        let mut limits = Limits::default();
        if self.faults.short_history && self.dice.once_in(2) {
            limits.history_ids = 10 + self.dice.below(30) as usize;
        }
        if self.faults.short_history && self.dice.once_in(4) {
            limits.changed_ids = self.dice.below(12) as usize;
        }
        Temper {
            limits,
            ids_ahead: [0, 20, 200, stone_txn::ladder::IDS_AHEAD][self.dice.below(4) as usize],
            segment_bytes: [600, 8000, 64 << 20][self.dice.below(3) as usize],
            keeps_chunks: self.dice.once_in(2),
        }
    }

    /// A new stone on what is left.
    pub(crate) fn recover(&mut self) {
        let mut tries = 0;
        let (stone, replayed) = loop {
            tries += 1;
            self.stones += 1;
            let temper = self.temper();
            let full = tries == 1 && self.unlucky(self.faults.full_disk, 15);
            if full {
                let room = self.dice.below(2000);
                self.disk.set_room(Some(room));
            }
            let opened = Stone::open(&self.disk, &self.extent, self.stones, temper);
            self.disk.calm();
            match opened {
                Ok(_) if tries < 3 && self.unlucky(self.faults.deaths, 20) => {
                    self.tally.count("a stone died as soon as it had begun");
                    if self.dice.once_in(2) {
                        self.cut_power();
                    }
                }
                Ok(opened) => break opened,
                Err(StoreError::DiskFull(_)) if full => {
                    self.tally.count("a stone did not begin: the disk was full");
                }
                Err(error) => panic!("stone {} does not begin: {error}", self.stones),
            }
        };
        self.tally.count("stones");
        self.believe(&stone);
        self.tokens.restart(replayed.tokens_since);
        self.check_recovered(&stone, &replayed);
        self.stone = Some(stone);
    }

    /// Of what nobody was told, the log has all of a frame or nothing.
    fn believe(&mut self, stone: &Stone) {
        let head = stone.store.head().seq;
        let doubtful = std::mem::take(&mut self.doubtful);
        if head == self.model.head() {
            if !doubtful.is_empty() {
                self.tally.count("what was in doubt did not happen");
            }
            return;
        }
        assert_eq!(
            Some(head),
            doubtful.last().map(|c| c.seq),
            "all that was acknowledged, nothing else, no frame by halves"
        );
        self.tally.count("what was in doubt happened");
        doubtful.into_iter().for_each(|c| self.model.push(c));
        self.publish(head);
    }
}
