//! One session of a small world: what it does with the graph, and what it may expect of a commit.

use super::checker::Whole;
use super::dice::Dice;
use super::dice_stone::DiceStone;
use super::graph::{Done, TAG, VALUE, int, text};
use super::shadow::{CELLS, Op, Shadow};
use crate::{LoginOptions, Session, SessionError, Stress, replay};
use gem_vm::Oop;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// See the module text.
pub struct Player {
    pub session: Session,
    /// The view that memory shows: the one of the last move that was completed.
    pub whole: Whole,
    pub number: usize,
    /// What the transaction did so far.
    pub ops: Vec<Op>,
    /// Array of the items that this session made or met and did not let go of.
    pub kept: Oop,
    pub made: i64,
    resting: bool,
    /// An operation failed in the middle: only an abort goes on from here.
    pub halfway: bool,
    /// A commit became durable, and its answer was lost.
    in_doubt: bool,
    /// An abort failed: nothing is committed before one goes well.
    aborting: bool,
}

impl Player {
    pub fn new(stone: &Arc<DiceStone>, number: usize) -> Player {
        let options = LoginOptions {
            commit_patience: Duration::ZERO,
            ..LoginOptions::default()
        };
        let mut session = Session::login(stone.clone(), &options).unwrap();
        let kept = session.vm.model.heap.new_array(&[]).unwrap();
        session.vm.model.hold(kept);
        let whole = Whole {
            view: session.state().view(),
        };
        Player {
            session,
            whole,
            number,
            ops: Vec::new(),
            kept,
            made: 0,
            resting: false,
            halfway: false,
            in_doubt: false,
            aborting: false,
        }
    }

    /// Does something; answers what.
    pub fn step(&mut self, stone: &DiceStone, shadow: &mut Shadow, dice: &mut Dice) -> String {
        if self.resting {
            return match dice.below(8) {
                0 => self.abort(),
                1 => self.commit(stone, shadow, dice),
                2..=3 => self.change(dice),
                _ => self.resume(),
            };
        }
        match dice.below(100) {
            0..=17 => self.commit(stone, shadow, dice),
            18..=25 => self.abort(),
            26..=31 => self.rest(),
            32..=39 => self.forget_clean(),
            _ if self.halfway && dice.in_thousand(700) => self.abort(),
            _ => self.change(dice),
        }
    }

    fn change(&mut self, dice: &mut Dice) -> String {
        let op = self.choose(dice);
        let done = self.do_op(&op);
        format!("{op:?}: {done:?}")
    }

    fn choose(&mut self, dice: &mut Dice) -> Op {
        let cell = dice.below(CELLS);
        let key = format!("k{}", dice.below(5));
        match dice.below(14) {
            0..=2 => Op::Add(cell),
            3 => Op::Link(cell, None),
            4 => Op::Link(cell, self.any_item(dice)),
            5 => {
                let known = self.any_item(dice).filter(|_| dice.in_thousand(400));
                Op::Push(known.unwrap_or_else(|| self.make_item().unwrap_or(-1)))
            }
            6 => Op::Pop,
            7 => self.any_item(dice).map_or(Op::Pop, Op::Bump),
            8 => Op::Put(key, dice.below(1000) as i64),
            9 => Op::Remove(key),
            10 => Op::Ivar(format!("@i{}", dice.below(4))),
            11 => Op::Count(1 + dice.below(5) as i64),
            12 => Op::CountPlainly(100),
            _ => Op::Text(b'a' + dice.below(26) as u8),
        }
    }

    /// What the transaction's new items count, by tag.
    fn fresh(&mut self) -> BTreeMap<i64, i64> {
        let mut fresh = BTreeMap::new();
        for i in 0..self.session.vm.model.heap.size(self.kept) {
            if let Ok(item) = self.element(self.kept, i)
                && !self.session.vm.model.heap.is_committed(item)
                && let (Ok(tag), Ok(value)) =
                    (self.number_at(item, TAG), self.number_at(item, VALUE))
            {
                fresh.insert(tag, value);
            }
        }
        fresh
    }

    /// Commits, and looks whether what the session says is what happened.
    pub fn commit(&mut self, stone: &DiceStone, shadow: &mut Shadow, dice: &mut Dice) -> String {
        if self.halfway {
            // Who goes on after an error in the middle of an operation commits half of it, and knows.
            return self.abort();
        }
        let (before, changed) = (stone.model.seq(), self.session.needs_commit());
        let fresh = self.fresh();
        let outcome = self.try_commit(dice);
        // What nobody knows shows now, unless the session says that it does know.
        let unknown = matches!(outcome, Err(SessionError::OutcomeUnknown { .. }));
        stone.model.settle(unknown);
        let durable = stone.model.seq() - before;
        assert!(durable <= 1, "one commit wrote {durable} times");
        match &outcome {
            Ok(()) => assert_eq!(
                durable == 1,
                changed,
                "done, and {durable} commits are durable"
            ),
            Err(e) if durable == 1 => {
                assert!(unknown, "the commit is durable, and its session heard: {e}")
            }
            Err(_) => {}
        }
        if durable == 1 {
            assert!(!self.in_doubt, "a transaction in doubt was committed again");
            assert!(
                !self.aborting,
                "a transaction was committed after an abort failed"
            );
            shadow.apply(&self.ops, &fresh);
            let seen = Shadow::of_stone(&*stone.model, stone.graph);
            assert_eq!(
                seen,
                shadow.reachable().without_hash(),
                "after {:?}",
                self.ops
            );
            self.in_doubt = outcome.is_err();
        }
        if outcome.is_ok() {
            self.ops.clear();
        }
        self.resting = self.session.state().is_resting();
        format!("commit: {outcome:?}")
    }

    /// Commits as the languages do: the replay log is done again while only reduced-conflict objects stand in the way.
    fn try_commit(&mut self, dice: &mut Dice) -> Result<(), SessionError> {
        loop {
            match crate::commit(&mut self.session.vm) {
                Ok(_) => return Ok(()),
                Err(SessionError::Replay(_)) => {
                    if let Err(e) = self.redo(dice) {
                        // Somebody rescues the error and commits all the same.
                        if dice.in_thousand(500) {
                            crate::commit(&mut self.session.vm)?;
                            return Ok(());
                        }
                        return Err(SessionError::Exit(e));
                    }
                }
                Err(e) => return Err(e),
            }
        }
    }

    fn redo(&mut self, dice: &mut Dice) -> Done<()> {
        let mark = self.session.vm.model.heap.dirty_count();
        let log = self.session.state().replay.log;
        for i in 0..self.session.vm.model.heap.size(log) {
            let entry = self.element(log, i)?;
            let (counter, more) = (self.element(entry, 0)?, self.number_at(entry, 1)?);
            let value = self.number_at(counter, 0)?;
            if dice.in_thousand(100) {
                return Err("a message of the log was not understood".to_string());
            }
            self.set(counter, 0, int(value + more))?;
        }
        replay::note(&mut self.session.vm, mark, None).map_err(text)
    }

    fn abort(&mut self) -> String {
        let outcome = self.session.abort();
        self.aborting = outcome.is_err();
        if outcome.is_ok() {
            self.ops.clear();
            (self.resting, self.halfway, self.in_doubt) = (false, false, false);
        }
        format!("abort: {outcome:?}")
    }

    fn rest(&mut self) -> String {
        let outcome = crate::rest(&mut self.session.vm);
        self.resting = self.session.state().is_resting();
        format!("rest: {outcome:?}")
    }

    fn resume(&mut self) -> String {
        let outcome = crate::resume(&mut self.session.vm);
        self.resting = outcome.is_err();
        format!("resume: {outcome:?}")
    }

    /// Memory becomes short: clean objects leave, and references to them become ids.
    fn forget_clean(&mut self) -> String {
        let vm = &mut self.session.vm;
        vm.model.heap.set_stress_mode(Stress::Stub { every: 1 });
        vm.collect(false);
        vm.model.heap.set_stress_mode(Stress::Off);
        "memory is short".to_string()
    }

    /// Without trouble an abort brings any session to the newest commit, and it can commit again.
    pub fn settle(&mut self, stone: &DiceStone, shadow: &mut Shadow) {
        let aborted = self.abort();
        assert!(!self.in_doubt && self.ops.is_empty(), "{aborted}");
        self.do_op(&Op::Add(0)).unwrap();
        self.commit(stone, shadow, &mut Dice::new(0));
        assert!(self.ops.is_empty(), "a session that aborted can commit");
        self.abort();
    }
}
