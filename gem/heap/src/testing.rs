//! What the tests of this crate share: a disk in memory, roots, a clock that stands still.

use crate::{Heap, Host, HostError, Roots};
use format::{ObjectId, Oop};
use std::collections::HashMap;
use std::time::Duration;

/// Records by id, and the number of leases given.
#[derive(Default)]
pub(crate) struct Disk(pub HashMap<u64, Vec<u8>>, pub u64);

impl Host for Disk {
    fn record(&mut self, id: ObjectId, out: &mut Vec<u8>) -> Result<(), HostError> {
        out.extend_from_slice(self.0.get(&id.0).ok_or(HostError::Missing(id))?);
        Ok(())
    }
    fn lease_ids(&mut self) -> Result<std::ops::Range<u64>, HostError> {
        self.1 += 1000;
        Ok(self.1 + 4000..self.1 + 5000)
    }
}

/// The only roots.
pub(crate) struct Held(pub Vec<Oop>);

impl Roots for Held {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        self.0.iter().for_each(|&o| visit(o));
    }
}

pub(crate) fn heap() -> Heap {
    heap_over(Disk::default(), 64 << 20)
}

pub(crate) fn heap_over(disk: Disk, limit: usize) -> Heap {
    Heap::new(Box::new(disk), limit)
}

pub(crate) fn clock() -> Duration {
    Duration::ZERO
}

/// Encodes the records of `objects`, which have ids, into a disk.
pub(crate) fn store(heap: &Heap, objects: &[Oop]) -> Disk {
    let mut disk = Disk::default();
    for &o in objects {
        let record = heap.to_record(o).expect("all parts have ids");
        let mut out = Vec::new();
        record.encode(&mut out);
        disk.0.insert(record.id.0, out);
    }
    disk
}
