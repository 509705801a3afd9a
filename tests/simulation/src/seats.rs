//! What the stone ought to know of sessions: views, leases; and of all stones together: which ids were ever given to whom.
//!
//! Must not know: the stone.

use std::collections::{BTreeMap, BTreeSet};
use stone_txn::session::Hold;

/// One session.
#[derive(Clone, Debug)]
pub struct Seat {
    pub client: usize,
    pub view: u64,
    pub hold: Hold,
    /// Leased and not used.
    pub ids: BTreeSet<u64>,
    /// A commit of it climbs, and creates these.
    pub creating: Option<Vec<u64>>,
    /// History was held too long: the view may be taken away.
    pub may_lose_view: bool,
}

impl Seat {
    /// The rest of a lease when the session goes.
    fn rest(mut self) -> BTreeSet<u64> {
        for id in self.creating.iter().flatten() {
            self.ids.remove(id);
        }
        self.ids
    }
}

#[derive(Debug, Default)]
pub struct Seats {
    /// Of the stone that runs.
    pub live: BTreeMap<u64, Seat>,
    ended: BTreeMap<u64, BTreeSet<u64>>,
    /// Of all stones: first id to (end, client).
    owners: BTreeMap<u64, (u64, usize)>,
}

impl Seats {
    /// The stone is gone, and all its sessions.
    pub fn clear(&mut self) {
        self.live.clear();
        self.ended.clear();
    }

    pub fn login(&mut self, session: u64, client: usize, view: u64) {
        let seat = Seat {
            client,
            view,
            hold: Hold::Inside,
            ids: BTreeSet::new(),
            creating: None,
            may_lose_view: false,
        };
        let before = self.live.insert(session, seat);
        assert!(before.is_none(), "a session number is used once");
        assert!(!self.ended.contains_key(&session));
    }

    pub fn logout(&mut self, session: u64) {
        let seat = self.live.remove(&session).expect("a live session");
        self.ended.insert(session, seat.rest());
    }

    /// What a session that resumes `old` ought to get of what it claims.
    pub fn take_over(&mut self, session: u64, old: u64, claimed: &BTreeSet<u64>) -> BTreeSet<u64> {
        if self.live.contains_key(&old) {
            self.logout(old);
        }
        let rest = self.ended.remove(&old).unwrap_or_default();
        self.adopt(session, rest.intersection(claimed).copied().collect())
    }

    pub fn adopt(&mut self, session: u64, ids: BTreeSet<u64>) -> BTreeSet<u64> {
        let seat = self.live.get_mut(&session).expect("a live session");
        seat.ids.extend(&ids);
        ids
    }

    /// Ids were leased: no client had them, in no stone's life.
    pub fn lease(&mut self, session: u64, first: u64, count: u64) {
        let seat = self.live.get_mut(&session).expect("a live session");
        seat.ids.extend(first..first + count);
        let end = first + count;
        let (_, before) = self.owners.range(..end).next_back().unzip();
        assert!(
            before.is_none_or(|(before, _)| *before <= first),
            "ids {first}..{end} were leased before"
        );
        self.owners.insert(first, (end, seat.client));
    }

    /// Who was ever leased an id.
    pub fn owner(&self, id: u64) -> Option<usize> {
        let (_, (end, client)) = self.owners.range(..=id).next_back()?;
        (id < *end).then_some(*client)
    }

    /// All ids that were ever leased are below.
    pub fn leased_end(&self) -> u64 {
        self.owners.values().next_back().map_or(0, |(end, _)| *end)
    }

    /// The oldest view at which anybody reads, pins left out.
    pub fn oldest_reading(&self) -> Option<u64> {
        let inside = self.live.values().filter(|s| s.hold.reads());
        inside.map(|s| s.view).min()
    }
}
