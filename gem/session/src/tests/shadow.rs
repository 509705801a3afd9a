//! What acknowledged commits made of the graph, kept beside the stone in plain maps.

use super::glass::GlassStone;
use super::graph::{CELL, COUNTER, HOLDER, LINK, LIST, TAG, TEXT, VALUE};
use format::record::RecordView;
use gem_vm::Oop;
use std::collections::{BTreeMap, BTreeSet};

/// Objects that count.
pub const CELLS: usize = 3;

/// What a transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A cell counts one more.
    Add(usize),
    /// A cell refers to the item with this tag, or to nil.
    Link(usize, Option<i64>),
    /// The list gets an item.
    Push(i64),
    /// The list loses its last item.
    Pop,
    /// An item counts one more.
    Bump(i64),
    Put(String, i64),
    Remove(String),
    /// An instance variable counts one more.
    Ivar(String),
    /// The reduced-conflict counter counts so many more.
    Count(i64),
    /// The same, but nothing is noted that could be done again.
    CountPlainly(i64),
    /// The text gets a letter.
    Text(u8),
}

/// See the module text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shadow {
    pub cells: [i64; CELLS],
    pub links: [Option<i64>; CELLS],
    pub list: Vec<i64>,
    /// What items count, also those that nothing refers to any more.
    pub items: BTreeMap<i64, i64>,
    pub hash: BTreeMap<String, i64>,
    pub ivars: BTreeMap<String, i64>,
    pub counter: i64,
    pub text: Vec<u8>,
}

impl Shadow {
    /// A transaction became durable. `fresh` says of items that were new to it what they count.
    pub fn apply(&mut self, ops: &[Op], fresh: &BTreeMap<i64, i64>) {
        let old = self.items.clone();
        for op in ops {
            match op {
                Op::Add(cell) => self.cells[*cell] += 1,
                Op::Link(cell, tag) => self.links[*cell] = *tag,
                Op::Push(tag) => self.list.push(*tag),
                Op::Pop => {
                    self.list.pop();
                }
                Op::Bump(tag) => {
                    self.items.entry(*tag).and_modify(|v| *v += 1);
                }
                Op::Put(key, value) => {
                    self.hash.insert(key.clone(), *value);
                }
                Op::Remove(key) => {
                    self.hash.remove(key);
                }
                Op::Ivar(name) => *self.ivars.entry(name.clone()).or_default() += 1,
                Op::Count(more) | Op::CountPlainly(more) => self.counter += more,
                Op::Text(letter) => self.text.push(*letter),
            }
        }
        let tags = self.tags();
        for (&tag, &value) in fresh {
            if !old.contains_key(&tag) && tags.contains(&tag) {
                self.items.insert(tag, value);
            }
        }
    }

    fn tags(&self) -> BTreeSet<i64> {
        let links = self.links.iter().flatten();
        self.list.iter().chain(links).copied().collect()
    }

    /// What the stone's newest records say; Hashes are left out.
    pub fn of_stone(stone: &dyn GlassStone, graph: u64) -> Shadow {
        let reader = Reader(stone);
        let mut seen = Shadow::default();
        let parts = reader.slots(graph);
        let part = |i: usize| parts[i].as_id().expect("parts are objects").0;
        for i in 0..CELLS {
            let cell = reader.slots(part(CELL + i));
            seen.cells[i] = number(cell[VALUE]);
            seen.links[i] = cell[LINK]
                .as_id()
                .map(|id| reader.item(id.0, &mut seen.items));
        }
        for item in reader.slots(part(LIST)) {
            let id = item.as_id().expect("the list holds items").0;
            let tag = reader.item(id, &mut seen.items);
            seen.list.push(tag);
        }
        reader.with(part(HOLDER), |record| {
            for (name, value) in record.dynamic() {
                let name = name.as_id().expect("names are symbols").0;
                let name = reader.with(name, |r| {
                    String::from_utf8_lossy(r.byte_body()).into_owned()
                });
                seen.ivars.insert(name, number(value));
            }
        });
        seen.counter = number(reader.slots(part(COUNTER))[0]);
        seen.text = reader.with(part(TEXT), |record| record.byte_body().to_vec());
        seen
    }

    pub fn without_hash(mut self) -> Shadow {
        self.hash.clear();
        self
    }

    /// The same without items that nothing refers to.
    pub fn reachable(&self) -> Shadow {
        let tags = self.tags();
        let mut seen = self.clone();
        seen.items.retain(|tag, _| tags.contains(tag));
        seen
    }
}

struct Reader<'a>(&'a dyn GlassStone);

impl Reader<'_> {
    fn with<T>(&self, id: u64, read: impl FnOnce(RecordView) -> T) -> T {
        let record = self.0.record_at(id, self.0.seq());
        let record = record.unwrap_or_else(|| panic!("the stone lost object {id}"));
        read(RecordView::parse(&record).expect("records are whole"))
    }

    fn slots(&self, id: u64) -> Vec<Oop> {
        self.with(id, |r| (0..r.size()).map(|i| r.slot(i)).collect())
    }

    /// The item's tag; what it counts goes to `items`.
    fn item(&self, id: u64, items: &mut BTreeMap<i64, i64>) -> i64 {
        let item = self.slots(id);
        items.insert(number(item[TAG]), number(item[VALUE]));
        number(item[TAG])
    }
}

fn number(value: Oop) -> i64 {
    value.as_small_int().expect("a number")
}
