//! Answering a fault: ids at a view become pages with their current slots, or loose records.

use crate::error::StoreError;
use crate::place::Place;
use crate::store::Store;
use crate::versions::Lookup;
use bytes::Bytes;
use format::limits::{FAULT_REPLY_BYTES_MAX, PAGE_BYTES};
use format::page::{PageKind, PageView};
use hashbrown::HashSet;

/// A prefetch of loose neighbours gives up after so many ids that are not loose.
const LOOSE_GAP_MAX: u64 = 256;

/// What a view shows of the objects that were asked for, and of their neighbours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub pages: Vec<FoundPage>,
    /// Encoded records that are not in a page, one after the other: recent commits, and objects larger than a page.
    pub loose: Vec<u8>,
    /// Of the ids asked for: those that name no object at this view.
    pub missing: Vec<u64>,
    /// Of the ids asked for: those left out because the answer reached `FAULT_REPLY_BYTES_MAX`.
    pub deferred: Vec<u64>,
}

/// A sealed page and its slots that the view sees, ascending; the other slots are superseded records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPage {
    pub page_id: u64,
    pub page: Bytes,
    pub current_slots: Vec<u32>,
}

/// An answer in the making.
#[derive(Default)]
struct Reply {
    out: Found,
    bytes: usize,
    pages: HashSet<u64>,
    loose_ids: HashSet<u64>,
}

impl Reply {
    fn add_loose(&mut self, id: u64, record: &[u8]) {
        if self.loose_ids.insert(id) {
            self.out.loose.extend_from_slice(record);
            self.bytes += record.len();
        }
    }

    fn add_page(&mut self, page_id: u64, page: Bytes, current_slots: Vec<u32>) {
        self.bytes += page.len() + current_slots.len() * 2;
        self.out.pages.push(FoundPage {
            page_id,
            page,
            current_slots,
        });
    }
}

impl Store {
    /// The objects `ids` at `view`, with up to `prefetch` pages that follow theirs.
    ///
    /// # Errors
    /// Those of reading pages.
    pub fn fault(&self, view: u64, ids: &[u64], prefetch: u32) -> Result<Found, StoreError> {
        let mut reply = Reply::default();
        let mut last_loose = None;
        for id in ids {
            if reply.bytes >= FAULT_REPLY_BYTES_MAX {
                reply.out.deferred.push(*id);
                continue;
            }
            // A lookup holds its shard's lock: end it before the page's own lookups begin.
            let place = self.overlay.lookup(&*self.extent).place(*id, view)?;
            match place {
                Place::Absent | Place::Dead => reply.out.missing.push(*id),
                Place::Loose(record) => {
                    reply.add_loose(*id, &record);
                    last_loose = Some(*id);
                }
                Place::Packed { page, .. } if reply.pages.contains(&page) => {}
                Place::Packed { page, .. } => self.fault_page(&mut reply, *id, page, view)?,
            }
        }
        self.prefetch_pages(&mut reply, view, prefetch)?;
        if let Some(last) = last_loose {
            self.prefetch_loose(&mut reply, last, view, prefetch)?;
        }
        Ok(reply.out)
    }

    fn fault_page(
        &self,
        reply: &mut Reply,
        id: u64,
        page: u64,
        view: u64,
    ) -> Result<(), StoreError> {
        let bytes = self.page(page)?;
        if PageView::parse_verified(&bytes)?.kind() != PageKind::Records {
            let record = self.big_record(id, page, &bytes)?;
            reply.add_loose(id, &record);
            return Ok(());
        }
        let current = self.current_slots(&bytes, view)?;
        reply.pages.insert(page);
        reply.add_page(page, bytes, current);
        Ok(())
    }

    /// The slots of a records page that `view` sees.
    pub(crate) fn current_slots(&self, bytes: &Bytes, view: u64) -> Result<Vec<u32>, StoreError> {
        let page = PageView::parse_verified(bytes)?;
        let page_id = page.page_id();
        let mut lookup: Lookup<'_> = self.overlay.lookup(&*self.extent);
        let mut current = Vec::with_capacity(page.slot_count());
        for slot in 0..page.slot_count() {
            let place = lookup.place(page.record_id(slot)?, view)?;
            if place
                == (Place::Packed {
                    page: page_id,
                    slot: slot as u16,
                })
            {
                current.push(slot as u32);
            }
        }
        Ok(current)
    }

    fn prefetch_pages(
        &self,
        reply: &mut Reply,
        view: u64,
        prefetch: u32,
    ) -> Result<(), StoreError> {
        let mut left = prefetch as u64;
        let mut asked: Vec<u64> = reply.pages.iter().copied().collect();
        asked.sort_unstable();
        while left > 0 && !asked.is_empty() {
            let share = (left / asked.len() as u64).max(1);
            let mut still = Vec::new();
            for from in asked {
                let mut next = from + 1;
                let mut taken = 0;
                while taken < share && left > 0 && reply.bytes < FAULT_REPLY_BYTES_MAX {
                    if reply.pages.contains(&next) {
                        break;
                    }
                    let Some(bytes) = self.page_if_there(next)? else {
                        break;
                    };
                    if PageView::parse_verified(&bytes)?.kind() != PageKind::Records {
                        break;
                    }
                    left -= 1;
                    taken += 1;
                    let current = self.current_slots(&bytes, view)?;
                    reply.pages.insert(next);
                    // A page that is mostly superseded is not worth its bytes.
                    if !current.is_empty() {
                        reply.add_page(next, bytes, current);
                    }
                    next += 1;
                }
                if taken == share {
                    still.push(next - 1);
                }
            }
            asked = still;
        }
        Ok(())
    }

    fn prefetch_loose(
        &self,
        reply: &mut Reply,
        last: u64,
        view: u64,
        prefetch: u32,
    ) -> Result<(), StoreError> {
        let budget = reply.bytes + prefetch as usize * PAGE_BYTES;
        let mut lookup = self.overlay.lookup(&*self.extent);
        let (mut id, mut gap) = (last + 1, 0);
        while reply.bytes < budget.min(FAULT_REPLY_BYTES_MAX) && gap < LOOSE_GAP_MAX {
            match lookup.place(id, view)? {
                Place::Loose(record) => {
                    reply.add_loose(id, &record);
                    gap = 0;
                }
                _ => gap += 1,
            }
            id += 1;
        }
        Ok(())
    }
}
