//! The little graph that the sessions of a world change, and every way in which they do.

use super::dice::Dice;
use super::shadow::{CELLS, Op, Shadow};
use super::world::Player;
use crate::{Session, replay};
use format::wellknown;
use gem_vm::Oop;
use std::collections::BTreeMap;

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

pub type Done<T> = Result<T, String>;

/// Makes the graph in an empty repository.
pub fn make_graph(session: &mut Session) -> Oop {
    let vm = &mut session.vm;
    let mut parts = Vec::new();
    for i in 0..CELLS {
        let cell = [int(i as i64), Oop::ZERO, Oop::NIL];
        parts.push(vm.model.heap.new_array(&cell).unwrap());
    }
    parts.push(vm.model.heap.new_array(&[]).unwrap());
    parts.push(vm.model.hash_new().unwrap());
    parts.push(vm.model.heap.new_wellknown(wellknown::OBJECT));
    parts.push(vm.model.heap.new_array(&[Oop::ZERO]).unwrap());
    parts.push(vm.model.heap.new_string(b"").unwrap());
    let graph = vm.model.heap.new_array(&parts).unwrap();
    let root = vm.model.known_object(wellknown::PERSISTENT_ROOT).unwrap();
    let key = vm.model.heap.symbol("graph");
    vm.model.hash_store(root, key, graph).unwrap();
    graph
}

pub fn int(value: i64) -> Oop {
    Oop::small_int_wrapping(value)
}

pub fn text(e: impl std::fmt::Debug) -> String {
    format!("{e:?}")
}

impl Player {
    /// Makes an item that nothing of the repository refers to.
    pub fn make_item(&mut self) -> Done<i64> {
        self.made += 1;
        let tag = self.number as i64 * 1000 + self.made;
        let heap = &mut self.session.vm.model.heap;
        let name = heap
            .new_string(format!("item {tag}").as_bytes())
            .map_err(text)?;
        let item = heap.new_array(&[int(tag), Oop::ZERO, name]).map_err(text)?;
        heap.push(self.kept, item).map_err(text)?;
        Ok(tag)
    }

    /// The tag of one of the kept items.
    pub fn any_item(&mut self, dice: &mut Dice) -> Option<i64> {
        let count = self.session.vm.model.heap.size(self.kept);
        let item = dice.below(count.max(1));
        let item = self.session.vm.model.heap.element(self.kept, item).ok()?;
        self.number_at(item, TAG).ok()
    }

    fn kept_item(&mut self, tag: i64) -> Done<Oop> {
        for i in 0..self.session.vm.model.heap.size(self.kept) {
            let item = self.element(self.kept, i)?;
            if self.number_at(item, TAG)? == tag {
                return Ok(item);
            }
        }
        Err(format!("nobody keeps item {tag}"))
    }

    pub fn element(&mut self, object: Oop, i: usize) -> Done<Oop> {
        self.session.vm.model.heap.element(object, i).map_err(text)
    }

    pub fn number_at(&mut self, object: Oop, i: usize) -> Done<i64> {
        let value = self.element(object, i)?;
        value
            .as_small_int()
            .ok_or(format!("{value:?} is no number"))
    }

    pub fn set(&mut self, object: Oop, i: usize, value: Oop) -> Done<()> {
        self.session
            .vm
            .model
            .heap
            .set_element(object, i, value)
            .map_err(text)
    }

    fn part(&mut self, i: usize) -> Done<Oop> {
        let vm = &mut self.session.vm;
        let root = vm
            .model
            .known_object(wellknown::PERSISTENT_ROOT)
            .map_err(text)?;
        let key = vm.model.heap.symbol("graph");
        let graph = vm.model.hash_get(root, key).map_err(text)?;
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
                self.session.vm.model.heap.push(list, item).map_err(text)?;
            }
            Op::Pop => {
                let list = self.part(LIST)?;
                let size = self.session.vm.model.heap.size(list);
                let last = size.checked_sub(1).ok_or("the list is empty")?;
                // What leaves the list may come back.
                let item = self.element(list, last)?;
                let heap = &mut self.session.vm.model.heap;
                heap.push(self.kept, item).map_err(text)?;
                heap.resize(list, last).map_err(text)?;
            }
            Op::Bump(tag) => {
                let item = self.kept_item(*tag)?;
                let value = self.number_at(item, VALUE)?;
                self.set(item, VALUE, int(value + 1))?;
            }
            Op::Count(more) => self.count(*more)?,
            Op::CountPlainly(more) => {
                // What was noted is done again on the newest view, and would undo this.
                if self.ops.iter().any(|op| matches!(op, Op::Count(_))) {
                    return Err("the counter has notes".to_string());
                }
                let counter = self.part(COUNTER)?;
                let value = self.number_at(counter, 0)?;
                self.set(counter, 0, int(value + more))?;
            }
            Op::Text(letter) => {
                let text_ = self.part(TEXT)?;
                let heap = &mut self.session.vm.model.heap;
                heap.append_bytes(text_, &[*letter]).map_err(text)?;
            }
            Op::Ivar(name) => {
                let holder = self.part(HOLDER)?;
                let heap = &mut self.session.vm.model.heap;
                let name = heap.symbol(name);
                let value = heap.ivar(holder, name).map_err(text)?;
                let value = value.and_then(Oop::as_small_int).unwrap_or(0);
                heap.set_ivar(holder, name, int(value + 1)).map_err(text)?;
            }
            Op::Put(key, value) => {
                let hash = self.part(HASH)?;
                self.halfway = true;
                let key = self.session.vm.model.heap.symbol(key);
                let done = self.session.vm.model.hash_store(hash, key, int(*value));
                done.map_err(text)?;
                self.halfway = false;
            }
            Op::Remove(key) => {
                let hash = self.part(HASH)?;
                self.halfway = true;
                let key = self.session.vm.model.heap.symbol(key);
                self.session.vm.model.hash_delete(hash, key).map_err(text)?;
                self.halfway = false;
            }
        }
        self.ops.push(op.clone());
        Ok(())
    }

    /// Changes the reduced-conflict counter, and notes how.
    pub fn count(&mut self, more: i64) -> Done<()> {
        let counter = self.part(COUNTER)?;
        let value = self.number_at(counter, 0)?;
        let vm = &mut self.session.vm;
        let entry = vm
            .model
            .heap
            .new_array(&[counter, int(more)])
            .map_err(text)?;
        let mark = vm.model.heap.dirty_count();
        vm.model
            .heap
            .set_element(counter, 0, int(value + more))
            .map_err(text)?;
        replay::note(vm, mark, Some(entry)).map_err(text)
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
        for i in 0..self.session.vm.model.heap.size(list) {
            let item = self.element(list, i)?;
            let tag = self.read_item(item, &mut seen.items)?;
            seen.list.push(tag);
        }
        let hash = self.part(HASH)?;
        for (key, value) in self.session.vm.model.hash_pairs(hash).map_err(text)? {
            let key = self.session.vm.model.heap.text(key);
            seen.hash.insert(key, value.as_small_int().unwrap_or(-1));
        }
        let holder = self.part(HOLDER)?;
        let heap = &mut self.session.vm.model.heap;
        for name in heap.ivar_names(holder) {
            let value = heap.ivar(holder, name).map_err(text)?;
            let value = value.and_then(Oop::as_small_int).unwrap_or(-1);
            seen.ivars.insert(heap.text(name), value);
        }
        let counter = self.part(COUNTER)?;
        seen.counter = self.number_at(counter, 0)?;
        let text = self.part(TEXT)?;
        seen.text = self.session.vm.model.heap.bytes(text).to_vec();
        Ok(seen)
    }

    fn read_item(&mut self, item: Oop, items: &mut BTreeMap<i64, i64>) -> Done<i64> {
        let tag = self.number_at(item, TAG)?;
        let name = self.element(item, LINK)?;
        assert_eq!(self.session.vm.model.heap.text(name), format!("item {tag}"));
        items.insert(tag, self.number_at(item, VALUE)?);
        Ok(tag)
    }
}
