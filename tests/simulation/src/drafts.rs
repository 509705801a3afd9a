//! Commits that clients think of: mostly sensible, some not.

use crate::client::Draft;
use crate::object::{FIRST_CLASS, Object};
use crate::world::World;
use format::wellknown::SYMBOL;
use std::collections::BTreeMap;

/// Ids that are reserved and that anybody may create: few, so that sessions meet there.
const RESERVED: std::ops::Range<u64> = 20..24;
/// Nobody is ever leased these.
const NOBODYS: u64 = 1 << 50;

impl World {
    fn pick(&mut self, from: &[u64]) -> Option<u64> {
        (!from.is_empty()).then(|| from[self.dice.below(from.len() as u64) as usize])
    }

    /// An object's id out of those the client sees; half of the time out of a few, so that clients meet.
    fn pick_known(&mut self, known: &[u64]) -> u64 {
        let few = known.len().min(8);
        let from = if self.dice.once_in(2) {
            &known[..few]
        } else {
            known
        };
        self.pick(from).expect("the first class is always there")
    }

    /// What a client would commit now.
    pub(crate) fn draft(&mut self, n: usize) -> Draft {
        let session = self.clients[n].session.expect("logged in");
        let view = self.clients[n].view;
        let known = self.model.ids(view);
        let fresh: Vec<u64> = self.clients[n].fresh.iter().copied().take(6).collect();
        let mut ids = Vec::new();
        for _ in 0..1 + self.dice.below(4) {
            ids.extend(match self.dice.below(40) {
                0..16 => self.pick(&fresh),
                16..36 => Some(self.pick_known(&known)),
                36..38 => Some(RESERVED.start + self.dice.below(RESERVED.end - RESERVED.start)),
                38 => self.stolen_id(n),
                _ => None,
            });
        }
        let values: BTreeMap<u64, Object> = ids
            .iter()
            .map(|id| (*id, self.object(n, &known, &ids)))
            .collect();
        let root = self.dice.once_in(20).then(|| self.pick_known(&known));
        let depends_on = (0..self.dice.below(3)).map(|_| self.reference(n, &known, &ids));
        let depends_on: Vec<u64> = depends_on.collect();
        let token = match self.dice.once_in(20) {
            true => 0,
            false => self.next_token(n),
        };
        Draft {
            session,
            view,
            token,
            values,
            root,
            depends_on,
            created: Vec::new(),
            missing: Vec::new(),
        }
    }

    fn next_token(&mut self, n: usize) -> u128 {
        self.tokens_made += 1;
        u128::from(self.tokens_made) << 64 | n as u128
    }

    /// An id that is not the client's to create.
    fn stolen_id(&mut self, n: usize) -> Option<u64> {
        if self.dice.once_in(2) {
            return Some(NOBODYS + self.dice.below(1000));
        }
        let other = (n + 1) % self.clients.len();
        self.clients[other].fresh.first().copied()
    }

    fn object(&mut self, n: usize, known: &[u64], written: &[u64]) -> Object {
        let class = match self.dice.once_in(5) {
            true => self.reference(n, known, written),
            false => FIRST_CLASS,
        };
        // Symbols are not for clients to make.
        let class = if class == SYMBOL.0 {
            FIRST_CLASS
        } else {
            class
        };
        let refers_to = (0..self.dice.below(4)).map(|_| self.reference(n, known, written));
        let refers_to = refers_to.collect();
        let symbols: Vec<u64> = self.clients[n].symbols.values().copied().collect();
        let mut variables = Vec::new();
        if let Some(symbol) = self.pick(&symbols)
            && self.dice.once_in(3)
        {
            variables.push((symbol, self.reference(n, known, written)));
        }
        self.stamp += 1;
        Object {
            class,
            refers_to,
            variables,
            stamp: self.stamp,
            bulk: if self.dice.once_in(50) { 5000 } else { 0 },
        }
    }

    /// An id that an object refers to: seen, written along, a symbol, or, seldom, one that nobody has.
    fn reference(&mut self, n: usize, known: &[u64], written: &[u64]) -> u64 {
        let symbols: Vec<u64> = self.clients[n].symbols.values().copied().collect();
        let fresh = self.clients[n].fresh.last().copied();
        let id = match self.dice.below(120) {
            0..30 => self.pick(written),
            30..40 => self.pick(&symbols),
            40 => Some(NOBODYS + self.dice.below(1000)),
            41 => fresh,
            42 => self.stolen_id(n),
            _ => None,
        };
        id.unwrap_or_else(|| self.pick_known(known))
    }
}
