//! The kernel's records, kept beside the objects by a gem whose stone is another process: what a program needs to run its handlers to
//! their end when the stone is gone.
//!
//! Methods come from the repository one by one, when they are first called. A stone that dies takes those with it that were not called
//! yet, and a rescue block calls just such methods: to name the error, to print it. So the gem walks the kernel once, right after login,
//! and keeps each record without the sources of methods, a few MiB in one place. As they are here, the stone is not asked for them either.
//!
//! What is kept is true at the session's view: `PageCache` strikes what the view's moves name, as it does with its pages.
//!
//! Must not know: objects in memory, transactions, how a stone is reached again.

use bytes::Bytes;
use format::page::PageView;
use format::record::RecordView;
use format::wellknown::{self, slots::method};
use gem_heap::HostError;
use hashbrown::HashMap;
use proto::messages::FaultReply;

/// Ids from here on belong to users. The image's end a little below, which a test of image-builder watches; what users commit first lies
/// below this, too, and is kept with it.
pub const KERNEL_IDS_END: u64 = 160_000;
/// Most bytes of records kept. The kernel has 4.4 MiB without its sources.
const BYTES_MAX: usize = 8 << 20;
/// Bytes of records in one piece of memory.
const PIECE_BYTES: usize = 256 << 10;
/// Pages asked for with the first ids: an image that nobody changed lies in a row of about 350.
const PAGES_FIRST: u32 = 384;
/// Pages asked for with those that the row did not hold.
const PAGES_MORE: u32 = 16;

/// Records by id.
#[derive(Default)]
pub struct Kept {
    pieces: Vec<Vec<u8>>,
    /// Sorted by id: id, piece, offset in it.
    places: Vec<(u32, u16, u32)>,
    bytes: usize,
}

impl Kept {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn place(&self, id: u64) -> Option<usize> {
        let id = u32::try_from(id).ok()?;
        self.places.binary_search_by_key(&id, |p| p.0).ok()
    }

    pub fn contains(&self, id: u64) -> bool {
        self.place(id).is_some()
    }

    /// Appends the record of `id` to `out`; false when it is not here.
    pub fn copy_record(&self, id: u64, out: &mut Vec<u8>) -> bool {
        let Some(at) = self.place(id) else {
            return false;
        };
        let (_, piece, offset) = self.places[at];
        let bytes = &self.pieces[usize::from(piece)][offset as usize..];
        // It was checked when it was taken in.
        let Ok(record) = RecordView::parse(bytes) else {
            return false;
        };
        out.extend_from_slice(record.bytes());
        true
    }

    /// The record of `id` is no longer true.
    pub fn strike(&mut self, id: u64) {
        if let Some(at) = self.place(id) {
            self.places.remove(at);
        }
    }

    fn add(&mut self, record: &RecordView<'_>) {
        let bytes = record.bytes();
        let room = |piece: &Vec<u8>| piece.capacity() - piece.len() >= bytes.len();
        if !self.pieces.last().is_some_and(room) {
            let size = PIECE_BYTES.max(bytes.len());
            self.pieces.push(Vec::with_capacity(size));
        }
        let number = self.pieces.len() - 1;
        let piece = &mut self.pieces[number];
        let place = (record.id().0 as u32, number as u16, piece.len() as u32);
        piece.extend_from_slice(bytes);
        self.places.push(place);
        self.bytes += bytes.len();
    }
}

/// Walks the kernel from its classes on and keeps what it finds. `ask` faults ids at the session's view, with so many pages beyond theirs.
///
/// # Errors
/// Those of `ask`; `Damaged` when a page or record that came cannot be read.
pub fn gather(
    ask: &mut dyn FnMut(Vec<u64>, u32) -> Result<FaultReply, HostError>,
) -> Result<Kept, HostError> {
    let mut walk = Walk::default();
    for row in wellknown::CLASSES {
        walk.want(row.id.0);
    }
    for id in [wellknown::GLOBALS, wellknown::RUBY_STATE] {
        walk.want(id.0);
    }
    let mut pages = PAGES_FIRST;
    loop {
        let absent = walk.go()?;
        if absent.is_empty() || walk.kept.bytes > BYTES_MAX {
            break;
        }
        walk.take(ask(absent, pages)?)?;
        pages = PAGES_MORE;
    }
    let mut kept = walk.kept;
    kept.places.sort_unstable();
    kept.places.shrink_to_fit();
    if let Some(last) = kept.pieces.last_mut() {
        last.shrink_to_fit();
    }
    Ok(kept)
}

#[derive(Default)]
struct Walk {
    /// Ids that were met, as bits.
    met: Vec<u64>,
    waiting: Vec<u64>,
    /// Records that the stone has sent: in which bytes, and where.
    sent: HashMap<u64, (Bytes, usize)>,
    /// Ids that it was asked for; those that it did not send do not exist.
    asked: Vec<u64>,
    kept: Kept,
}

impl Walk {
    fn want(&mut self, id: u64) {
        if id >= KERNEL_IDS_END || id == wellknown::PERSISTENT_ROOT.0 {
            return;
        }
        let (word, bit) = ((id / 64) as usize, 1 << (id % 64));
        if self.met.len() <= word {
            self.met.resize(word + 1, 0);
        }
        if self.met[word] & bit == 0 {
            self.met[word] |= bit;
            self.waiting.push(id);
        }
    }

    /// Goes as far as the records reach that are here; answers the ids to ask for.
    fn go(&mut self) -> Result<Vec<u64>, HostError> {
        let mut absent = Vec::new();
        while let Some(id) = self.waiting.pop() {
            let Some((bytes, at)) = self.sent.remove(&id) else {
                absent.push(id);
                continue;
            };
            let record = RecordView::parse(&bytes[at..]).map_err(damaged)?;
            self.kept.add(&record);
            let source = (record.class() == wellknown::GS_NMETHOD
                && record.size() > method::SOURCE)
                .then(|| record.slot(method::SOURCE).as_id())
                .flatten();
            for reference in record.references().filter(|&r| Some(r) != source) {
                self.want(reference.0);
            }
        }
        absent.retain(|id| self.asked.binary_search(id).is_err());
        absent.sort_unstable();
        self.asked.extend(&absent);
        self.asked.sort_unstable();
        self.waiting.extend(&absent);
        Ok(absent)
    }

    fn take(&mut self, reply: FaultReply) -> Result<(), HostError> {
        for faulted in reply.pages {
            let page = PageView::parse(&faulted.page).map_err(damaged)?;
            let start = faulted.page.as_ptr() as usize;
            for &slot in &faulted.current_slots {
                let record = page.record(slot as usize).map_err(damaged)?;
                let id = record.id().0;
                if id < KERNEL_IDS_END {
                    let at = record.bytes().as_ptr() as usize - start;
                    self.sent.insert(id, (faulted.page.clone(), at));
                }
            }
        }
        let mut at = 0;
        while at < reply.loose.len() {
            let record = RecordView::parse(&reply.loose[at..]).map_err(damaged)?;
            self.sent.insert(record.id().0, (reply.loose.clone(), at));
            at += record.bytes().len();
        }
        // A reply that was full: the walk asks for the rest again.
        self.asked
            .retain(|id| reply.deferred.binary_search(id).is_err());
        Ok(())
    }
}

fn damaged(e: impl std::fmt::Display) -> HostError {
    HostError::Damaged(e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use format::page::PageBuilder;
    use format::record::{Body, Record};
    use format::{Format, ObjectId, Oop};
    use proto::messages::FaultedPage;
    use std::collections::BTreeMap;

    fn record(id: u64, class: u64, slots: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        let record = Record {
            id: ObjectId(id),
            class: ObjectId(class),
            format: Format::Slots,
            flags: 0,
            detail: 0,
            policy: 0,
            body: Body::Slots(slots.iter().map(|&s| Oop::from_id(ObjectId(s))).collect()),
            dynamic: vec![],
        };
        record.encode(&mut out);
        out
    }

    /// A class that refers to a method with code and source, and to an object of a user's.
    fn kernel() -> BTreeMap<u64, Vec<u8>> {
        let class = wellknown::CLASSES[0].id.0;
        let nil = class;
        let mut method = [nil; 10];
        method[method::CODE] = 5001;
        method[method::SOURCE] = 5002;
        let objects = [
            (class, record(class, class, &[5000, KERNEL_IDS_END])),
            (5000, record(5000, wellknown::GS_NMETHOD.0, &method)),
            (5001, record(5001, class, &[5003])),
            (5002, record(5002, class, &[])),
            (5003, record(5003, class, &[])),
            (KERNEL_IDS_END, record(KERNEL_IDS_END, class, &[])),
        ];
        objects.into_iter().collect()
    }

    /// Some records come in a page of which one slot is superseded, some alone, some only when they are asked for again.
    fn answer(kernel: &BTreeMap<u64, Vec<u8>>, ids: &[u64]) -> FaultReply {
        let mut reply = FaultReply::default();
        let mut loose = Vec::new();
        for &id in ids {
            match kernel.get(&id) {
                None => reply.missing.push(id),
                Some(record) if id == 5001 => {
                    let mut page = PageBuilder::new();
                    page.push(&kernel[&5000]).expect("room");
                    page.push(record).expect("room");
                    reply.pages.push(FaultedPage {
                        page_id: 9,
                        page: page.seal(9).into(),
                        current_slots: vec![1],
                    });
                }
                Some(record) => loose.extend_from_slice(record),
            }
        }
        reply.loose = loose.into();
        reply
    }

    #[test]
    fn the_kernel_is_kept_without_sources_and_users_objects() {
        let kernel = kernel();
        let mut requests = 0;
        let mut kept = gather(&mut |ids, _| {
            requests += 1;
            let mut reply = answer(&kernel, &ids);
            if requests == 1 {
                // Full: everything has to be asked for again.
                reply = FaultReply {
                    deferred: ids,
                    ..FaultReply::default()
                };
            }
            Ok(reply)
        })
        .expect("a kernel");
        for (id, here) in [(5000, true), (5001, true), (5002, false), (5003, true)] {
            assert_eq!(kept.contains(id), here, "{id}");
            let mut out = Vec::new();
            assert_eq!(kept.copy_record(id, &mut out), here);
            assert_eq!(out, if here { kernel[&id].clone() } else { vec![] });
        }
        assert!(!kept.contains(KERNEL_IDS_END));
        assert_eq!(requests, 5);
        kept.strike(5001);
        assert!(!kept.contains(5001) && kept.contains(5003));
    }

    #[test]
    fn a_stone_that_ends_meanwhile_is_told() {
        let error = gather(&mut |_, _| Err(HostError::Unavailable("gone".into())));
        assert!(matches!(error, Err(HostError::Unavailable(_))));
    }
}
