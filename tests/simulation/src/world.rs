//! One simulated world: a disk, a stone, clients, and the model beside them. Steps come from dice.

use crate::client::{Client, Job};
use crate::dice::Dice;
use crate::disk::SimDisk;
use crate::extent::SimExtent;
use crate::fates::Tokens;
use crate::model::{Commit, Model};
use crate::object::{FIRST_CLASS, Object};
use crate::seats::Seats;
use crate::stone::{Stone, write_first_base};
use crate::tally::Tally;
use format::wellknown::SYMBOL;
use std::collections::{BTreeMap, BTreeSet};
use stone_store::extent::Position;

/// Which misfortunes a run may meet.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// Power cuts, and a stone that is killed.
    pub deaths: bool,
    /// Connections break, answers are lost, asks come late.
    pub broken_connections: bool,
    /// Syncs and writes of the log fail.
    pub failed_log: bool,
    pub full_disk: bool,
    pub failed_extent: bool,
    pub lost_extent: bool,
    /// Views are taken away from whoever holds them long.
    pub short_history: bool,
}

impl Faults {
    pub const ALL: Faults = Faults {
        deaths: true,
        broken_connections: true,
        failed_log: true,
        full_disk: true,
        failed_extent: true,
        lost_extent: true,
        short_history: true,
    };
    pub const NONE: Faults = Faults {
        deaths: false,
        broken_connections: false,
        failed_log: false,
        full_disk: false,
        failed_extent: false,
        lost_extent: false,
        short_history: false,
    };
}

const CLIENTS: usize = 5;

pub struct World {
    pub(crate) dice: Dice,
    pub(crate) disk: SimDisk,
    pub(crate) extent: SimExtent,
    pub(crate) faults: Faults,
    pub(crate) stone: Option<Stone>,
    pub(crate) clients: Vec<Client>,
    pub(crate) queue: Vec<Job>,
    /// On the way to the queue, their clients gone.
    pub(crate) late: Vec<Job>,
    pub(crate) climbing: bool,
    /// Why the stone writes no more; the ladder is told at the next round.
    pub(crate) poisoned: Option<String>,
    /// The log refused to go on, and the stone does not know it yet.
    pub(crate) log_failed: bool,
    /// A backup that is being made.
    pub(crate) backup: Option<Position>,
    pub(crate) pins: Vec<u64>,

    pub(crate) model: Model,
    pub(crate) seats: Seats,
    pub(crate) tokens: Tokens,
    /// Commits of a frame that the log may or may not have.
    pub(crate) doubtful: Vec<Commit>,
    /// Symbols made since, that no frame has.
    pub(crate) unlogged: BTreeSet<u64>,
    /// The log may have lost what was up to here.
    pub(crate) trimmed: u64,

    pub(crate) time_ms: u64,
    pub(crate) stones: u64,
    pub(crate) jobs: u64,
    pub(crate) tokens_made: u64,
    pub(crate) stamp: i64,
    pub tally: Tally,
}

impl World {
    /// A repository with one object, and its first stone.
    ///
    /// # Panics
    /// As `run`.
    pub fn new(seed: u64, faults: Faults) -> World {
        let disk = SimDisk::default();
        let mut world = World {
            dice: Dice::new(seed),
            disk,
            extent: SimExtent::default(),
            faults,
            stone: None,
            clients: vec![Client::default(); CLIENTS],
            queue: Vec::new(),
            late: Vec::new(),
            climbing: false,
            poisoned: None,
            log_failed: false,
            backup: None,
            pins: Vec::new(),
            model: Model::default(),
            seats: Seats::default(),
            tokens: Tokens::default(),
            doubtful: Vec::new(),
            unlogged: BTreeSet::new(),
            trimmed: 0,
            time_ms: 1,
            stones: 0,
            jobs: 0,
            tokens_made: 0,
            stamp: 0,
            tally: Tally::default(),
        };
        world.genesis();
        world.recover();
        world
    }

    /// The first base: a class, which is its own, and that of symbols.
    fn genesis(&mut self) {
        let class = Object {
            class: FIRST_CLASS,
            refers_to: Vec::new(),
            variables: Vec::new(),
            stamp: 0,
            bulk: 0,
        };
        let values = BTreeMap::from([(FIRST_CLASS, class.clone()), (SYMBOL.0, class)]);
        let records: Vec<_> = values.iter().map(|(id, o)| o.record(*id)).collect();
        write_first_base(&self.disk, records.concat().into(), None);
        self.model.push(Commit {
            seq: 1,
            session: 0,
            token: 0,
            root: None,
            values,
        });
        self.model.publish(1);
        self.trimmed = 1;
    }

    /// Runs `steps` steps, lets the asks under way end, then cuts the power once more and looks at what is there.
    ///
    /// # Panics
    /// When stone and model disagree.
    pub fn run(&mut self, steps: u64) {
        for _ in 0..steps {
            self.step();
        }
        self.round();
        self.die(true);
    }

    fn step(&mut self) {
        self.time_ms += 1;
        // Somebody looks after a stone that has stopped writing.
        if self.poisoned.is_some() && self.dice.once_in(30) {
            return self.close_and_start();
        }
        match self.dice.below(1000) {
            0..740 => self.somebody_acts(),
            740..900 => self.round(),
            900..925 => self.late_ask_arrives(),
            925..950 => self.checkpoint(),
            950..962 => self.renew_base(),
            962..980 => self.back_up(),
            980..988 => self.close_and_start(),
            988..995 => self.revoke_older_views(),
            _ if self.faults.deaths => {
                self.tally.count("a stone died between rounds");
                let power_too = self.dice.once_in(2);
                self.die(power_too);
            }
            _ => self.round(),
        }
    }

    pub(crate) fn somebody_acts(&mut self) {
        let n = self.dice.below(CLIENTS as u64) as usize;
        self.act(n);
    }

    pub(crate) fn stone(&mut self) -> &mut Stone {
        self.stone.as_mut().expect("a stone runs")
    }

    /// Whether the stone that had this number still runs.
    pub(crate) fn runs(&self, number: u64) -> bool {
        self.stone.as_ref().is_some_and(|s| s.number == number)
    }

    /// True once in `n` when such misfortunes may happen.
    pub(crate) fn unlucky(&mut self, may: bool, n: u64) -> bool {
        may && self.dice.once_in(n)
    }

    pub(crate) fn calm(&self) {
        self.disk.calm();
        self.extent.calm();
    }
}
