//! Objects of the game: a class, references, names of dynamic variables, and something that tells one state from the next.

use bytes::Bytes;
use format::limits::FIRST_FREE_ID;
use format::oop::{ObjectId, Oop};
use format::record::{Body, Format, Record};

/// The class that is there from the beginning.
pub const FIRST_CLASS: u64 = 17;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub class: u64,
    pub refers_to: Vec<u64>,
    /// (symbol, value) of dynamic variables.
    pub variables: Vec<(u64, u64)>,
    pub stamp: i64,
    /// Slots that only take room: with many the object is larger than a page.
    pub bulk: usize,
}

impl Object {
    /// The object as it is committed under `id`.
    pub fn record(&self, id: u64) -> Bytes {
        let oop = |id: u64| Oop::from_id(ObjectId(id));
        let stamp = Oop::small_int_wrapping(self.stamp);
        let slots = self.refers_to.iter().map(|id| oop(*id));
        let slots = slots.chain(std::iter::repeat_n(stamp, 1 + self.bulk));
        let record = Record {
            id: ObjectId(id),
            class: ObjectId(self.class),
            format: Format::Slots,
            flags: 0,
            detail: 0,
            policy: 0,
            body: Body::Slots(slots.collect()),
            dynamic: self
                .variables
                .iter()
                .map(|(symbol, value)| (oop(*symbol), oop(*value)))
                .collect(),
        };
        let mut out = Vec::new();
        record.encode(&mut out);
        out.into()
    }

    /// The ids that it refers to, as far as they are no well-known ones.
    pub fn references(&self) -> impl Iterator<Item = u64> + '_ {
        let variables = self.variables.iter().flat_map(|(s, v)| [*s, *v]);
        std::iter::once(self.class)
            .chain(self.refers_to.iter().copied())
            .chain(variables)
            .filter(|id| *id >= FIRST_FREE_ID)
    }
}
