//! What clients do: log in, read, refresh, rest, lease, intern, commit, break off, ask for fates. Each as a request of the stone's service does it.

use crate::client::{About, Job, Pending};
use crate::seats::Seat;
use crate::world::World;
use proto::service::StoneError;
use std::collections::BTreeSet;
use stone_txn::wire::fault_reply;
use stone_txn::{Ask, Lease, SessionId, intern};

const LEASE: u64 = 16;
/// Symbols of the game: few, so that clients make the same.
const SYMBOLS: u64 = 40;

/// Ids as ranges of (first, count).
fn ranges(ids: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let ids: Vec<u64> = ids.iter().copied().collect();
    ids.chunk_by(|a, b| a + 1 == *b)
        .map(|run| (run[0], run.len() as u64))
        .collect()
}

impl World {
    pub(crate) fn act(&mut self, n: usize) {
        let client = &self.clients[n];
        if client.waiting > 0 {
            return match self.dice.below(30) {
                0 if self.faults.broken_connections => self.break_off(n),
                1..3 if self.clients[n].session.is_some() => self.commit(n),
                _ => {}
            };
        }
        if client.session.is_none() {
            return match self.dice.below(3) {
                0 if !self.clients[n].lost.is_empty() => self.ask_fate(n),
                _ => self.log_in(n),
            };
        }
        if !client.lost.is_empty() {
            return match self.dice.below(12) {
                0..6 => self.ask_fate(n),
                6..9 => self.read(n),
                9 => self.refresh(n, false),
                10 => {}
                _ => {
                    // It never learns what became of it, nor which of its ids it used.
                    self.clients[n].lost.clear();
                    self.clients[n].fresh.clear();
                }
            };
        }
        match self.dice.below(100) {
            _ if self.clients[n].fresh.len() < 4 && self.dice.once_in(2) => self.lease(n),
            0..50 => self.commit(n),
            50..66 => self.read(n),
            66..76 => self.refresh(n, false),
            76..82 => self.refresh(n, true),
            82..90 => self.intern(n),
            90..94 => self.ask_old_fate(n),
            94..96 => self.log_out(n),
            96..98 if self.faults.broken_connections => self.break_off(n),
            _ => self.read(n),
        }
    }

    fn seat(&mut self, n: usize) -> &mut Seat {
        let session = self.clients[n].session.expect("logged in");
        self.seats.live.get_mut(&session).expect("a live session")
    }

    pub(crate) fn ask(&mut self, n: usize, ask: Ask, about: About) {
        self.jobs += 1;
        self.clients[n].waiting += 1;
        let number = self.jobs;
        self.queue.push(Job {
            number,
            client: n,
            ask,
            about,
        });
    }

    fn log_in(&mut self, n: usize) {
        let stone = self.stone.as_mut().expect("a stone runs");
        let sequencer = &mut stone.ladder.sequencer;
        let (session, view) = sequencer.login("sim", "sim", 0).expect("few sessions");
        let client = &mut self.clients[n];
        assert_eq!(
            view,
            self.model.head(),
            "a session begins at the newest commit"
        );
        self.seats.login(session.0, n, view);
        let claimed = std::mem::take(&mut client.fresh);
        let claims = ranges(&claimed);
        let (granted, expected) = match client.last {
            None => (Ok(Vec::new()), BTreeSet::new()),
            Some((number, old)) if number == stone.number => {
                self.tally.count("leases were taken over");
                let expected = self.seats.take_over(session.0, old, &claimed);
                (
                    sequencer.take_over(session, SessionId(old), &claims),
                    expected,
                )
            }
            Some(_) => {
                self.tally.count("leases were adopted");
                let expected = self.seats.adopt(session.0, claimed);
                (sequencer.adopt(session, &claims, stone.born), expected)
            }
        };
        let granted = granted.expect("a live session");
        let granted: BTreeSet<u64> = granted.iter().flat_map(|&(f, c)| f..f + c).collect();
        assert_eq!(granted, expected, "a session goes on with its own ids");
        client.fresh = granted;
        client.session = Some(session.0);
        client.last = Some((stone.number, session.0));
        client.view = view;
    }

    fn log_out(&mut self, n: usize) {
        let session = self.clients[n].session.take().expect("logged in");
        let sequencer = &mut self.stone().ladder.sequencer;
        sequencer
            .logout(SessionId(session))
            .expect("a live session");
        self.seats.logout(session);
        self.clients[n].fresh.clear();
        self.clients[n].last = None;
    }

    /// The connection breaks. What was asked may be in the queue, may come late, or never.
    fn break_off(&mut self, n: usize) {
        let next = self.jobs + 1;
        self.clients[n].lose_connection(next);
        for job in self
            .queue
            .extract_if(.., |job| job.client == n)
            .collect::<Vec<_>>()
        {
            match self.dice.below(3) {
                0 => {
                    self.tally.count("an ask was lost on its way");
                }
                1 => self.late.push(job),
                _ => {
                    self.tally
                        .count("a connection broke while its ask was queued");
                    self.queue.push(job);
                }
            }
        }
    }

    pub(crate) fn late_ask_arrives(&mut self) {
        if let Some(job) = self.late.pop() {
            self.tally.count("an ask came late");
            self.queue.push(job);
        }
    }

    fn refresh(&mut self, n: usize, outside: bool) {
        let session = self.clients[n].session.expect("logged in");
        let moved = self
            .stone()
            .ladder
            .sequencer
            .refresh(SessionId(session), outside);
        let moved = moved.expect("a live session without a commit");
        self.view_moved(session, moved, outside);
        self.clients[n].view = self.model.head();
    }

    fn lease(&mut self, n: usize) {
        let session = self.clients[n].session.expect("logged in");
        let stone = self.stone.as_mut().expect("a stone runs");
        let lease = stone
            .ladder
            .lease(&stone.store, SessionId(session), LEASE, true);
        match lease.expect("a live session, and ids are left") {
            Lease::First(first) => {
                self.seats.lease(session, first, LEASE);
                let symbols = self.model.symbols.range(first..first + LEASE);
                assert_eq!(symbols.count(), 0, "symbols have these ids");
                self.clients[n].fresh.extend(first..first + LEASE);
                self.tally.count("ids were leased");
            }
            Lease::Unmarked { below } => {
                self.tally.count("ids were marked");
                self.ask(n, Ask::Ids { below }, About::Ids);
            }
        }
    }

    fn intern(&mut self, n: usize) {
        let count = 1 + self.dice.below(3);
        let names: Vec<String> = (0..count)
            .map(|_| format!("symbol{}", self.dice.below(SYMBOLS)))
            .collect();
        let unreadable = self.unlucky(self.faults.failed_extent, 8);
        let stone = self.stone.as_mut().expect("a stone runs");
        self.extent.fail_reads(unreadable);
        let interned = intern(&stone.store, &names, true);
        self.extent.calm();
        for (id, record) in interned.made {
            self.unlogged.insert(id);
            stone.ladder.made_symbol(id, record);
        }
        let Ok(ids) = interned.ids else {
            assert!(unreadable, "nothing failed");
            return self.tally.count("symbols were refused: unreadable");
        };
        let symbols: Vec<(String, u64)> = names.into_iter().zip(ids.clone()).collect();
        if stone.ladder.symbols_logged(&ids) {
            return self.told_symbols(n, symbols);
        }
        self.ask(n, Ask::Symbols, About::Symbols(symbols));
    }

    pub(crate) fn told_symbols(&mut self, n: usize, symbols: Vec<(String, u64)>) {
        for (name, id) in symbols {
            let other = self
                .model
                .symbols
                .iter()
                .find(|(i, s)| (**i == id) != (**s == name));
            assert_eq!(other, None, "symbol {name} is object {id}");
            assert_eq!(
                self.seats.owner(id),
                None,
                "symbol {id} was leased to a client"
            );
            if self.model.symbols.insert(id, name.clone()).is_none() {
                self.tally.count("a symbol was made");
            }
            self.clients[n].symbols.insert(name, id);
        }
    }

    fn ask_fate(&mut self, n: usize) {
        let Pending { token, view, .. } = self.clients[n].lost[0].clone();
        self.ask(n, Ask::Fate { token, view }, About::Fate);
    }

    /// Asks for the fate of any commit of before, its own or not.
    fn ask_old_fate(&mut self, n: usize) {
        let whose = self.dice.below(self.clients.len() as u64) as usize;
        let count = self.clients[whose].tokens.len() as u64;
        if count > 0 {
            let at = self.dice.below(count) as usize;
            let (token, view) = self.clients[whose].tokens[at];
            self.ask(n, Ask::Fate { token, view }, About::Fate);
        }
    }

    pub(crate) fn read(&mut self, n: usize) {
        let session = self.clients[n].session.expect("logged in");
        let hold = self.seat(n).hold;
        let view = self.stone().ladder.sequencer.view(SessionId(session));
        let Ok(view) = view else {
            assert!(!hold.reads(), "a session inside a transaction reads");
            self.tally.count("reading was refused: no view");
            return self.refresh(n, false);
        };
        assert!(hold.reads(), "a view that was given up is not read at");
        assert_eq!(view, self.clients[n].view);
        let known = self.model.ids(view);
        let newest = self.model.ids(self.model.head());
        let mut ids: Vec<u64> = Vec::new();
        for _ in 0..6 {
            let from = if self.dice.once_in(4) {
                &newest
            } else {
                &known
            };
            ids.push(from[self.dice.below(from.len() as u64) as usize]);
        }
        ids.extend(self.clients[n].symbols.values().take(1));
        let unreadable = self.unlucky(self.faults.failed_extent, 40);
        let prefetch = self.dice.below(3) as u32;
        self.extent.fail_reads(unreadable);
        let found = self.stone().store.fault(view, &ids, prefetch);
        self.extent.calm();
        match found {
            Ok(found) => self.check_fault(view, &ids, &fault_reply(found)),
            Err(_) => assert!(unreadable, "nothing failed"),
        }
    }
}

/// Whether an error is the one that was foreseen.
pub(crate) fn same_kind(a: &StoneError, b: &StoneError) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}
