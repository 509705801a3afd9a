//! One session of a small world: what it does with the graph, and what it may expect of a commit.

use super::dice::Dice;
use super::dice_stone::DiceStone;
use super::shadow::{CELLS, Op, Shadow};
use crate::{LoginOptions, Session, SessionError, Stress, replay};
use gem_vm::Oop;
use proto::wellknown;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Places in the array of the graph's parts.
pub const CELL: usize = 0;
pub const LIST: usize = CELLS;
const HASH: usize = CELLS + 1;
pub const HOLDER: usize = CELLS + 2;
pub const COUNTER: usize = CELLS + 3;
pub const TEXT: usize = CELLS + 4;
/// Places in a cell and in an item.
pub const TAG: usize = 0;
pub const VALUE: usize = 1;
pub const LINK: usize = 2;

type Done<T> = Result<T, String>;

/// Makes the graph in an empty repository.
pub fn make_graph(session: &mut Session) -> Oop {
    let vm = &mut session.vm;
    let mut parts = Vec::new();
    for i in 0..CELLS {
        let cell = [int(i as i64), Oop::ZERO, Oop::NIL];
        parts.push(vm.heap.new_array(&cell).unwrap());
    }
    parts.push(vm.heap.new_array(&[]).unwrap());
    parts.push(vm.hash_new().unwrap());
    parts.push(vm.heap.new_wellknown(wellknown::OBJECT));
    parts.push(vm.heap.new_array(&[Oop::ZERO]).unwrap());
    parts.push(vm.heap.new_string(b"").unwrap());
    let graph = vm.heap.new_array(&parts).unwrap();
    let root = vm.known_object(wellknown::PERSISTENT_ROOT).unwrap();
    let key = vm.heap.symbol("graph");
    vm.hash_store(root, key, graph).unwrap();
    graph
}

fn int(value: i64) -> Oop {
    Oop::small_int_wrapping(value)
}

fn text(e: impl std::fmt::Debug) -> String {
    format!("{e:?}")
}

/// See the module text.
pub struct Player {
    pub session: Session,
    /// The view that memory shows: the one of the last move that was completed.
    pub whole: u64,
    number: usize,
    /// What the transaction did so far.
    ops: Vec<Op>,
    /// Array of the items that this session made or met and did not let go of.
    kept: Oop,
    made: i64,
    resting: bool,
    /// An operation failed in the middle: only an abort goes on from here.
    halfway: bool,
    /// A commit became durable, and its answer was lost.
    in_doubt: bool,
}

impl Player {
    pub fn new(stone: &Arc<DiceStone>, number: usize) -> Player {
        let options = LoginOptions {
            commit_patience: Duration::ZERO,
            ..LoginOptions::default()
        };
        let mut session = Session::login(stone.clone(), &options).unwrap();
        let kept = session.vm.heap.new_array(&[]).unwrap();
        session.vm.hold(kept);
        let whole = session.state().view();
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
        match dice.below(13) {
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
            _ => Op::Text(b'a' + dice.below(26) as u8),
        }
    }

    /// Makes an item that nothing of the repository refers to.
    fn make_item(&mut self) -> Done<i64> {
        self.made += 1;
        let tag = self.number as i64 * 1000 + self.made;
        let heap = &mut self.session.vm.heap;
        let name = heap
            .new_string(format!("item {tag}").as_bytes())
            .map_err(text)?;
        let item = heap.new_array(&[int(tag), Oop::ZERO, name]).map_err(text)?;
        heap.push(self.kept, item).map_err(text)?;
        Ok(tag)
    }

    /// The tag of one of the kept items.
    fn any_item(&mut self, dice: &mut Dice) -> Option<i64> {
        let count = self.session.vm.heap.size(self.kept);
        let item = dice.below(count.max(1));
        let item = self.session.vm.heap.element(self.kept, item).ok()?;
        self.number_at(item, TAG).ok()
    }

    fn kept_item(&mut self, tag: i64) -> Done<Oop> {
        for i in 0..self.session.vm.heap.size(self.kept) {
            let item = self.element(self.kept, i)?;
            if self.number_at(item, TAG)? == tag {
                return Ok(item);
            }
        }
        Err(format!("nobody keeps item {tag}"))
    }

    fn element(&mut self, object: Oop, i: usize) -> Done<Oop> {
        self.session.vm.heap.element(object, i).map_err(text)
    }

    fn number_at(&mut self, object: Oop, i: usize) -> Done<i64> {
        let value = self.element(object, i)?;
        value
            .as_small_int()
            .ok_or(format!("{value:?} is no number"))
    }

    fn set(&mut self, object: Oop, i: usize, value: Oop) -> Done<()> {
        self.session
            .vm
            .heap
            .set_element(object, i, value)
            .map_err(text)
    }

    fn part(&mut self, i: usize) -> Done<Oop> {
        let vm = &mut self.session.vm;
        let root = vm.known_object(wellknown::PERSISTENT_ROOT).map_err(text)?;
        let key = vm.heap.symbol("graph");
        let graph = vm.hash_get(root, key).map_err(text)?;
        self.element(graph.ok_or("the graph is gone")?, i)
    }

    /// Reads first and writes last, so that what fails has done nothing; a Hash may fail in the middle.
    pub fn do_op(&mut self, op: &Op) -> Done<()> {
        match op {
            Op::Add(cell) => {
                let cell = self.part(CELL + cell)?;
                let value = self.number_at(cell, VALUE)?;
                self.set(cell, VALUE, int(value + 1))?;
            }
            Op::Link(cell, tag) => {
                let cell = self.part(CELL + cell)?;
                let item = tag.map_or(Ok(Oop::NIL), |tag| self.kept_item(tag))?;
                self.set(cell, LINK, item)?;
            }
            Op::Push(tag) => {
                let list = self.part(LIST)?;
                let item = self.kept_item(*tag)?;
                self.session.vm.heap.push(list, item).map_err(text)?;
            }
            Op::Pop => {
                let list = self.part(LIST)?;
                let size = self.session.vm.heap.size(list);
                let last = size.checked_sub(1).ok_or("the list is empty")?;
                // What leaves the list may come back.
                let item = self.element(list, last)?;
                let heap = &mut self.session.vm.heap;
                heap.push(self.kept, item).map_err(text)?;
                heap.resize(list, last).map_err(text)?;
            }
            Op::Bump(tag) => {
                let item = self.kept_item(*tag)?;
                let value = self.number_at(item, VALUE)?;
                self.set(item, VALUE, int(value + 1))?;
            }
            Op::Count(more) => self.count(*more)?,
            Op::Text(letter) => {
                let text_ = self.part(TEXT)?;
                let heap = &mut self.session.vm.heap;
                heap.append_bytes(text_, &[*letter]).map_err(text)?;
            }
            Op::Ivar(name) => {
                let holder = self.part(HOLDER)?;
                let heap = &mut self.session.vm.heap;
                let name = heap.symbol(name);
                let value = heap.ivar(holder, name).map_err(text)?;
                let value = value.and_then(Oop::as_small_int).unwrap_or(0);
                heap.set_ivar(holder, name, int(value + 1)).map_err(text)?;
            }
            Op::Put(key, value) => {
                let hash = self.part(HASH)?;
                self.halfway = true;
                let key = self.session.vm.heap.symbol(key);
                let done = self.session.vm.hash_store(hash, key, int(*value));
                done.map_err(text)?;
                self.halfway = false;
            }
            Op::Remove(key) => {
                let hash = self.part(HASH)?;
                self.halfway = true;
                let key = self.session.vm.heap.symbol(key);
                self.session.vm.hash_delete(hash, key).map_err(text)?;
                self.halfway = false;
            }
        }
        self.ops.push(op.clone());
        Ok(())
    }

    /// Changes the reduced-conflict counter, and notes how.
    fn count(&mut self, more: i64) -> Done<()> {
        let counter = self.part(COUNTER)?;
        let value = self.number_at(counter, 0)?;
        let vm = &mut self.session.vm;
        let entry = vm.heap.new_array(&[counter, int(more)]).map_err(text)?;
        let mark = vm.heap.dirty_count();
        vm.heap
            .set_element(counter, 0, int(value + more))
            .map_err(text)?;
        replay::note(vm, mark, Some(entry)).map_err(text)
    }

    /// What the transaction's new items count, by tag.
    fn fresh(&mut self) -> BTreeMap<i64, i64> {
        let mut fresh = BTreeMap::new();
        for i in 0..self.session.vm.heap.size(self.kept) {
            if let Ok(item) = self.element(self.kept, i)
                && !self.session.vm.heap.is_committed(item)
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
        let durable = stone.model.seq() - before;
        assert!(durable <= 1, "one commit wrote {durable} times");
        match &outcome {
            Ok(()) => assert_eq!(
                durable == 1,
                changed,
                "done, and {durable} commits are durable"
            ),
            Err(e) if durable == 1 => assert!(
                matches!(e, SessionError::OutcomeUnknown { .. }),
                "the commit is durable, and its session heard: {e}"
            ),
            Err(_) => {}
        }
        if durable == 1 {
            assert!(!self.in_doubt, "a transaction in doubt was committed again");
            shadow.apply(&self.ops, &fresh);
            let seen = Shadow::of_stone(&stone.model, stone.graph);
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
        let mark = self.session.vm.heap.dirty_count();
        let log = self.session.state().replay.log;
        for i in 0..self.session.vm.heap.size(log) {
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
        vm.heap.set_stress_mode(Stress::Stub { every: 1 });
        vm.collect(false);
        vm.heap.set_stress_mode(Stress::Off);
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

    /// The graph as this session sees it.
    pub fn read_all(&mut self) -> Done<Shadow> {
        let mut seen = Shadow::default();
        for i in 0..CELLS {
            let cell = self.part(CELL + i)?;
            seen.cells[i] = self.number_at(cell, VALUE)?;
            let link = self.element(cell, LINK)?;
            if !link.is_nil() {
                seen.links[i] = Some(self.read_item(link, &mut seen.items)?);
            }
        }
        let list = self.part(LIST)?;
        for i in 0..self.session.vm.heap.size(list) {
            let item = self.element(list, i)?;
            let tag = self.read_item(item, &mut seen.items)?;
            seen.list.push(tag);
        }
        let hash = self.part(HASH)?;
        for (key, value) in self.session.vm.hash_pairs(hash).map_err(text)? {
            let key = self.session.vm.heap.text(key);
            seen.hash.insert(key, value.as_small_int().unwrap_or(-1));
        }
        let holder = self.part(HOLDER)?;
        let heap = &mut self.session.vm.heap;
        for name in heap.ivar_names(holder) {
            let value = heap.ivar(holder, name).map_err(text)?;
            let value = value.and_then(Oop::as_small_int).unwrap_or(-1);
            seen.ivars.insert(heap.text(name), value);
        }
        let counter = self.part(COUNTER)?;
        seen.counter = self.number_at(counter, 0)?;
        let text = self.part(TEXT)?;
        seen.text = self.session.vm.heap.bytes(text).to_vec();
        Ok(seen)
    }

    fn read_item(&mut self, item: Oop, items: &mut BTreeMap<i64, i64>) -> Done<i64> {
        let tag = self.number_at(item, TAG)?;
        let name = self.element(item, LINK)?;
        assert_eq!(self.session.vm.heap.text(name), format!("item {tag}"));
        items.insert(tag, self.number_at(item, VALUE)?);
        Ok(tag)
    }
}
