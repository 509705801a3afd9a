//! What the object memory asks of the world: records and ids. Asks the stone only when the cache does not know.
//!
//! Must not know: objects in memory, transactions.

use crate::cache::PageCache;
use crate::line::Line;
use crate::prefetch::Prefetch;
use crate::stale::Stale;
use crate::survival::{self, Kept};
use format::ObjectId;
use format::limits::{FIRST_FREE_ID, ID_LEASE, OBJECT_ID_MAX, REQUEST_IDS_MAX};
use gem_heap::{Host, HostError};
use proto::messages::{FaultReply, FaultRequest, LeaseIdsRequest, LoginReply};
use proto::service::{Stone, StoneError};
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Bytes of records that a session keeps beside its objects; a quarter of the object memory when that is less.
const CACHE_BYTES_MAX: usize = 64 << 20;
/// Where ids of a session begin that can never commit: no stone leases them.
const UNSTORABLE_IDS: u64 = 1 << 55;
/// Ids leased beforehand, for identity hashes in handlers.
const SPARE_IDS: u64 = 4096;

/// The session's line to its stone, shared by the object memory's host and the transaction code.
pub struct StoneLink {
    pub stone: Arc<dyn Stone>,
    pub line: Line,
    pub session: u64,
    pub view: u64,
    pub read_only: bool,
    pub cache: PageCache,
    /// What in memory is older than the view.
    pub stale: Stale,
    /// The session rests: it is outside a transaction, and the stone need not keep its view. It refreshes before it reads.
    pub resting: bool,
    prefetch: Prefetch,
    unstorable: u64,
    /// The stone is another process, whose end this one should survive.
    pub survives: bool,
    /// Ids for the time when no stone can be asked.
    spare: Option<Range<u64>>,
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
        line: Line,
        login: &LoginReply,
        memory_bytes_max: usize,
    ) -> StoneLink {
        StoneLink {
            stone,
            line,
            session: login.session,
            view: login.view,
            read_only: login.read_only,
            cache: PageCache::new(CACHE_BYTES_MAX.min(memory_bytes_max / 4)),
            stale: Stale::default(),
            resting: false,
            prefetch: Prefetch::default(),
            unstorable: UNSTORABLE_IDS,
            survives: false,
            spare: None,
            requests: 0,
        }
    }

    /// Whether the record of `id` is of the view that memory shows.
    ///
    /// # Errors
    /// `Incomplete`; `Unavailable` while the session rests.
    pub fn check_readable(&self, id: u64) -> Result<(), HostError> {
        if self.resting && !self.stale.moving {
            let text = "this session rests outside of a transaction: it reads the newest commits before it goes on";
            return Err(HostError::Unavailable(text.to_string()));
        }
        if self.stale.allows(id) {
            Ok(())
        } else {
            Err(HostError::Incomplete)
        }
    }

    /// Appends the record of `id`, which was asked for, to `out`; asks again when the bounded cache has dropped it. False when it is missing.
    ///
    /// # Errors
    /// As `fetch`.
    pub fn copy_fetched(&mut self, id: u64, out: &mut Vec<u8>) -> Result<bool, HostError> {
        if self.cache.copy_record(id, out) {
            return Ok(true);
        }
        self.fetch(&[id])?;
        Ok(self.cache.copy_record(id, out))
    }

    /// Asks for `ids` until each is in the cache or known to be missing.
    ///
    /// # Errors
    /// `Unavailable` when the stone does not answer, refuses or puts everything off, `Damaged` when its answer cannot be read, `Revoked`; `Incomplete` after an
    /// answer that was lost.
    pub fn fetch(&mut self, ids: &[u64]) -> Result<(), HostError> {
        for part in ids.chunks(REQUEST_IDS_MAX.min(65_536)) {
            let mut wanted = part.to_vec();
            while !wanted.is_empty() {
                let asked = wanted.len();
                wanted = self.ask_for(wanted, 0)?.deferred;
                if wanted.len() >= asked {
                    let text = "the stone puts everything off that this session asks for";
                    return Err(HostError::Unavailable(text.to_string()));
                }
            }
        }
        Ok(())
    }

    fn ask_for(&mut self, ids: Vec<u64>, pages: u32) -> Result<FaultReply, HostError> {
        let reply = self.request(ids, pages)?;
        let damaged = |e: format::page::PageError| HostError::Damaged(e.to_string());
        for page in &reply.pages {
            self.cache.add_page(page).map_err(damaged)?;
        }
        self.cache.add_loose(&reply.loose).map_err(damaged)?;
        Ok(reply)
    }

    fn request(&mut self, ids: Vec<u64>, pages: u32) -> Result<FaultReply, HostError> {
        self.requests += 1;
        let asked = |l: &StoneLink| {
            l.stone.fault(FaultRequest {
                session: l.session,
                view: l.view,
                ids: ids.clone(),
                prefetch_pages_max: pages,
            })
        };
        let reply = if self.stale.moving {
            // A new view under the one that is being read would tear it.
            asked(self)
        } else {
            self.ask(asked)
        };
        reply.map_err(|e| match e {
            // The view did move when the answer was lost.
            StoneError::BadRequest(_) if self.stale.lost => HostError::Incomplete,
            other => host_error(other),
        })
    }

    /// Brings in what is needed when the stone is gone.
    fn prepare_for_its_end(&mut self) {
        match survival::gather(&mut |ids, pages| self.request(ids, pages)) {
            Ok(kept) => self.cache.keep(kept),
            // The fault that comes next says so, and once it can be answered this is tried again.
            Err(HostError::Unavailable(_) | HostError::Revoked) => {}
            // Trying again would not help.
            Err(_) => self.cache.keep(Kept::default()),
        }
        if self.spare.is_none() {
            self.spare = self.lease(SPARE_IDS).ok();
        }
    }

    fn lease(&mut self, count: u64) -> Result<Range<u64>, HostError> {
        let reply = self.ask(|l| {
            l.stone.lease_ids(LeaseIdsRequest {
                session: l.session,
                count,
            })
        });
        let reply = reply.map_err(host_error)?;
        let last = reply.first.checked_add(reply.count);
        match last {
            Some(last)
                if reply.count > 0
                    && (FIRST_FREE_ID..last).contains(&reply.first)
                    && last <= OBJECT_ID_MAX + 1 =>
            {
                self.line.leased(reply.first, reply.count);
                Ok(reply.first..last)
            }
            _ => Err(HostError::Damaged(format!(
                "the stone leased {} ids from {} on",
                reply.count, reply.first
            ))),
        }
    }

    /// Brings the record of `id` into the cache, and what is predicted to be needed next.
    fn fault(&mut self, id: u64) -> Result<(), HostError> {
        if self.survives && !self.cache.has_kept() {
            self.prepare_for_its_end();
            if self.cache.contains(id) {
                return Ok(());
            }
        }
        let mut ids = vec![id];
        ids.extend((id + 1..=id + self.prefetch.run()).filter(|&i| !self.cache.contains(i)));
        let reply = self.ask_for(ids, self.prefetch.pages())?;
        if reply.missing.contains(&id) {
            return Err(HostError::Missing(ObjectId(id)));
        }
        match reply.pages.first() {
            Some(page) => self.prefetch.saw_page(id, page.page_id, reply.pages.len()),
            None => {
                let count = format::record::records(&reply.loose).count();
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
        link.check_readable(id.0)?;
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
        match link.lease(ID_LEASE) {
            Err(HostError::Unavailable(why)) => {
                link.spare.take().ok_or(HostError::Unavailable(why))
            }
            other => other,
        }
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

/// Whether a stone that answers so may have done all the same what it was asked. Only what it says of its own accord, before it does anything, is certain.
pub fn may_have_happened(e: &StoneError) -> bool {
    match e {
        StoneError::SessionGone(_)
        | StoneError::TransactionRevoked
        | StoneError::OutsideTransaction
        | StoneError::ReadOnly
        | StoneError::DiskFull(_)
        | StoneError::BadRequest(_)
        | StoneError::Refused(_) => false,
        StoneError::Poisoned(_) | StoneError::Damaged(_) | StoneError::Unavailable(_) => true,
    }
}
