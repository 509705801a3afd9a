//! What the object memory asks of the world: records and ids. Asks the stone only when the cache does not know.
//!
//! Must not know: objects in memory, transactions.

use crate::cache::PageCache;
use crate::prefetch::Prefetch;
use gem_heap::{Host, HostError};
use proto::ObjectId;
use proto::limits::{ID_LEASE, REQUEST_IDS_MAX};
use proto::messages::{FaultRequest, LeaseIdsRequest};
use proto::service::{Stone, StoneError};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Bytes of records that a session keeps beside its objects; a quarter of the object memory when that is less.
const CACHE_BYTES_MAX: usize = 64 << 20;
/// Where ids of a session begin that can never commit: no stone leases them.
const UNSTORABLE_IDS: u64 = 1 << 55;

/// The session's line to its stone, shared by the object memory's host and the transaction code.
pub struct StoneLink {
    pub stone: Arc<dyn Stone>,
    pub session: u64,
    pub view: u64,
    pub read_only: bool,
    pub cache: PageCache,
    prefetch: Prefetch,
    unstorable: u64,
    /// Requests for records so far.
    pub requests: u64,
}

/// The link as both sides hold it. Borrowed for one step at a time: a fault can happen inside of almost anything.
pub type SharedLink = Rc<RefCell<StoneLink>>;

/// The object memory's side.
pub struct StoneHost(pub SharedLink);

impl StoneLink {
    pub fn new(
        stone: Arc<dyn Stone>,
        session: u64,
        view: u64,
        read_only: bool,
        memory_bytes_max: usize,
    ) -> StoneLink {
        StoneLink {
            stone,
            session,
            view,
            read_only,
            cache: PageCache::new(CACHE_BYTES_MAX.min(memory_bytes_max / 4)),
            prefetch: Prefetch::default(),
            unstorable: UNSTORABLE_IDS,
            requests: 0,
        }
    }

    /// Asks for `ids` until each is in the cache or known to be missing.
    ///
    /// # Errors
    /// When the stone does not answer, or answers with something damaged.
    pub fn fetch(&mut self, ids: &[u64]) -> Result<(), HostError> {
        for part in ids.chunks(REQUEST_IDS_MAX.min(65_536)) {
            let mut wanted = part.to_vec();
            while !wanted.is_empty() {
                let reply = self.ask(wanted, 0)?;
                wanted = reply.deferred;
            }
        }
        Ok(())
    }

    fn ask(&mut self, ids: Vec<u64>, pages: u32) -> Result<proto::messages::FaultReply, HostError> {
        self.requests += 1;
        let request = FaultRequest {
            session: self.session,
            view: self.view,
            ids,
            prefetch_pages_max: pages,
        };
        let reply = self.stone.fault(request).map_err(host_error)?;
        let damaged = |e: proto::page::PageError| HostError::Damaged(e.to_string());
        for page in &reply.pages {
            self.cache.add_page(page).map_err(damaged)?;
        }
        self.cache.add_loose(&reply.loose).map_err(damaged)?;
        Ok(reply)
    }

    /// Brings the record of `id` into the cache, and what is predicted to be needed next.
    fn fault(&mut self, id: u64) -> Result<(), HostError> {
        let mut ids = vec![id];
        ids.extend((id + 1..=id + self.prefetch.run()).filter(|&i| !self.cache.contains(i)));
        let reply = self.ask(ids, self.prefetch.pages())?;
        if reply.missing.contains(&id) {
            return Err(HostError::Missing(ObjectId(id)));
        }
        match reply.pages.first() {
            Some(page) => self.prefetch.saw_page(id, page.page_id, reply.pages.len()),
            None => {
                let count = proto::messages::records(&reply.loose).count();
                self.prefetch.saw_loose(id, count);
            }
        }
        if !self.cache.contains(id) {
            self.fetch(&[id])?;
        }
        Ok(())
    }
}

impl Host for StoneHost {
    fn record(&mut self, id: ObjectId, out: &mut Vec<u8>) -> Result<(), HostError> {
        let mut link = self.0.borrow_mut();
        if !link.cache.copy_record(id.0, out) {
            link.fault(id.0)?;
            if !link.cache.copy_record(id.0, out) {
                return Err(HostError::Missing(id));
            }
        }
        Ok(())
    }

    fn lease_ids(&mut self) -> Result<Range<u64>, HostError> {
        let mut link = self.0.borrow_mut();
        if link.read_only {
            let first = link.unstorable;
            link.unstorable += ID_LEASE;
            return Ok(first..first + ID_LEASE);
        }
        let request = LeaseIdsRequest {
            session: link.session,
            count: ID_LEASE,
        };
        let reply = link.stone.lease_ids(request).map_err(host_error)?;
        Ok(reply.first..reply.first + reply.count)
    }
}

/// A stone's error as the object memory passes it on.
pub fn host_error(e: StoneError) -> HostError {
    match e {
        StoneError::TransactionRevoked => HostError::Revoked,
        StoneError::ReadOnly => HostError::ReadOnly(e.to_string()),
        StoneError::Damaged(m) => HostError::Damaged(m),
        other => HostError::Unavailable(other.to_string()),
    }
}
