//! What a request does before it queues for the ladder: a commit is checked against the newest published state, symbols are looked for and made, ids
//! are leased or a mark is asked for. Reads the object table; the stone's server and the simulation do it this way both.
//!
//! Must not know: messages of requests, the queue, locks.

use crate::conflict::{Proposal, rejection};
use crate::error::{stone_error, txn_error};
use crate::ladder::{CommitAsk, Ladder};
use crate::session::SessionId;
use bytes::Bytes;
use format::limits::FIRST_FREE_ID;
use format::wellknown::SYMBOL;
use proto::messages::{CommitRejected, RejectReason};
use proto::service::StoneError;
use stone_store::{Store, StoreError, WriteSet};

/// What a session wants to commit.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub session: u64,
    /// The records, one after the other.
    pub records: Bytes,
    pub root: Option<u64>,
    pub depends_on: Vec<u64>,
    /// 0 for none.
    pub token: u128,
}

impl CommitAsk {
    /// Checks a commit before it queues: in the ladder nobody waits for a disk but for the log's. `Ok(Err(_))`: there is nothing to queue.
    ///
    /// # Errors
    /// Those of reading the object table.
    pub fn prepare(
        store: &Store,
        wanted: Wanted,
    ) -> Result<Result<CommitAsk, CommitRejected>, StoneError> {
        let set = match WriteSet::parse(wanted.records) {
            Ok(set) => set,
            Err(error) => {
                let reason = RejectReason::BadRecord;
                return Ok(Err(rejection(reason, error.to_string(), Vec::new())));
            }
        };
        let wrong = wrong_symbols(store, &set).map_err(stone_error)?;
        if !wrong.is_empty() {
            let message = "symbols are interned, never written".to_string();
            return Ok(Err(rejection(RejectReason::Symbol, message, wrong)));
        }
        let also = wanted.root.into_iter().chain(wanted.depends_on.clone());
        let standing = store.standing(&set, also).map_err(stone_error)?;
        Ok(Ok(CommitAsk {
            session: SessionId(wanted.session),
            proposal: Proposal::new(&set, standing, wanted.depends_on, wanted.token),
            set,
            root: wanted.root,
        }))
    }
}

/// Symbols are made by `intern`; a commit brings only well-known ones, once.
fn wrong_symbols(store: &Store, set: &WriteSet) -> Result<Vec<u64>, StoreError> {
    let head = store.head().seq;
    let mut wrong = Vec::new();
    for written in set.written.iter().filter(|w| w.class == SYMBOL.0) {
        if written.id >= FIRST_FREE_ID || store.exists(written.id, head)? {
            wrong.push(written.id);
        }
    }
    Ok(wrong)
}

/// What `intern` found and made.
pub struct Interned {
    /// Ids and records of new symbols, also when it failed at a later one: `Ladder::made_symbol` must have all of them before anybody else
    /// looks for a symbol. One that is in the store and that no frame will hold would be taken for logged.
    pub made: Vec<(u64, Bytes)>,
    /// The ids, in the order of the symbols.
    pub ids: Result<Vec<u64>, StoneError>,
}

/// Looks for symbols and makes those that there are not. The caller lets one do this at a time.
pub fn intern<T: AsRef<[u8]>>(store: &Store, symbols: &[T], has_log: bool) -> Interned {
    let mut made = Vec::new();
    let ids = symbols
        .iter()
        .map(|symbol| find_or_make(store, symbol.as_ref(), has_log, &mut made))
        .collect();
    Interned { made, ids }
}

fn find_or_make(
    store: &Store,
    symbol: &[u8],
    has_log: bool,
    made: &mut Vec<(u64, Bytes)>,
) -> Result<u64, StoneError> {
    if let Some(id) = store.find_symbol(symbol).map_err(stone_error)? {
        return Ok(id);
    }
    let new = store.make_symbol(symbol, has_log).map_err(stone_error)?;
    let (id, record) = new.ok_or_else(none_left)?;
    made.push((id, record));
    Ok(id)
}

/// What `Ladder::lease` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// The session has the ids from this one on.
    First(u64),
    /// The log must say first that ids below this are taken: `Ask::Ids`, then again.
    Unmarked { below: u64 },
}

impl Ladder {
    /// Leases `count` ids. With a log only ids that it marks as taken: after a crash nobody else is leased them.
    ///
    /// # Errors
    /// `Refused` when no ids are left; `SessionGone`.
    pub fn lease(
        &mut self,
        store: &Store,
        session: SessionId,
        count: u64,
        has_log: bool,
    ) -> Result<Lease, StoneError> {
        let end = store.next_id().checked_add(count).ok_or_else(none_left)?;
        if has_log && !self.ids_marked(end) {
            return Ok(Lease::Unmarked { below: end });
        }
        let first = store.take_ids(count).ok_or_else(none_left)?;
        // Symbols take ids beside this: the ones before the mark may be gone since.
        let below = first + count;
        if has_log && !self.ids_marked(below) {
            return Ok(Lease::Unmarked { below });
        }
        let leased = self.sequencer.lease(session, first, count);
        leased.map_err(txn_error)?;
        Ok(Lease::First(first))
    }
}

fn none_left() -> StoneError {
    StoneError::Refused("no object ids are left".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stone_store::MemoryExtent;

    #[test]
    fn symbols_made_before_one_that_fails_are_handed_over() {
        let store = Store::open(Box::new(MemoryExtent::default())).unwrap();
        store.raise_next_id(format::limits::OBJECT_ID_MAX - 1);
        let Interned { made, ids } = intern(&store, &["each", "do"], true);
        assert!(matches!(ids, Err(StoneError::Refused(_))));
        assert_eq!(made.len(), 1);
        assert_eq!(store.find_symbol(b"each").unwrap(), Some(made[0].0));
    }

    #[test]
    fn a_checkpoint_leaves_out_what_waits_for_the_log() {
        let store = Store::open(Box::new(MemoryExtent::default())).unwrap();
        let id = intern(&store, &["each"], true).ids.unwrap()[0];
        assert_eq!(store.checkpoint(0).unwrap().packed_records, 0);
        store.symbols_logged([id].into_iter());
        assert_eq!(store.checkpoint(0).unwrap().packed_records, 1);
        assert_eq!(store.find_symbol(b"each").unwrap(), Some(id));
    }
}
