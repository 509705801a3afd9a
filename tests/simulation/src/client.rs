//! A client: what a gem knows and believes. It is honest, but impatient, forgetful and badly connected.
//!
//! Must not know: the stone, the model.

use crate::object::Object;
use std::collections::{BTreeMap, BTreeSet};
use stone_txn::Ask;

/// A commit that was asked for.
#[derive(Clone, Debug)]
pub struct Draft {
    pub session: u64,
    /// The session's view.
    pub view: u64,
    /// 0 for none.
    pub token: u128,
    pub values: BTreeMap<u64, Object>,
    pub root: Option<u64>,
    pub depends_on: Vec<u64>,
    /// Written ids that no object had when it was asked.
    pub created: Vec<u64>,
    /// Named ids that no object had then.
    pub missing: Vec<u64>,
}

/// What an ask is about, for whom the answer finds.
#[derive(Clone, Debug)]
pub enum About {
    Commit(Draft),
    /// Names and ids.
    Symbols(Vec<(String, u64)>),
    Ids,
    Fate,
}

/// An ask on its way.
#[derive(Clone, Debug)]
pub struct Job {
    pub number: u64,
    pub client: usize,
    pub ask: Ask,
    pub about: About,
}

/// A commit whose answer has not come.
#[derive(Clone, Debug)]
pub struct Pending {
    pub token: u128,
    pub view: u64,
    pub created: Vec<u64>,
}

#[derive(Clone, Debug, Default)]
pub struct Client {
    pub session: Option<u64>,
    /// Stone and session of the last login.
    pub last: Option<(u64, u64)>,
    pub view: u64,
    /// Leased and, as far as it knows, unused.
    pub fresh: BTreeSet<u64>,
    pub symbols: BTreeMap<String, u64>,
    /// Asks not answered.
    pub waiting: usize,
    /// Commits among them.
    pub outstanding: Vec<Pending>,
    /// Answers to jobs before this one do not find it any more.
    pub deaf_before: u64,
    /// Commits whose answers were lost.
    pub lost: Vec<Pending>,
    /// All its tokens, with the views they were made at.
    pub tokens: Vec<(u128, u64)>,
    /// Its last commit, should it send it again.
    pub draft: Option<Draft>,
}

impl Client {
    /// The connection broke: answers to what it asked before job `next` are lost.
    pub fn lose_connection(&mut self, next: u64) {
        self.session = None;
        self.waiting = 0;
        self.deaf_before = next;
        self.lost.append(&mut self.outstanding);
        // Of a commit without a token nobody can say what became of it, nor of its ids.
        if self.lost.iter().any(|lost| lost.token == 0) {
            self.fresh.clear();
        }
        self.lost.retain(|lost| lost.token != 0);
    }

    /// The answer to a commit came. `unknown`: it says that the stone does not know.
    pub fn heard_of(&mut self, token: u128, unknown: bool) {
        let at = self.outstanding.iter().position(|p| p.token == token);
        let Some(pending) = at.map(|at| self.outstanding.remove(at)) else {
            return;
        };
        if unknown && token == 0 {
            self.fresh.clear();
        } else if unknown {
            self.lost.push(pending);
        }
    }

    /// A lost commit happened (`Some(true)`), did not, or nobody knows.
    pub fn resolve(&mut self, token: u128, happened: Option<bool>) {
        let resolved = self.lost.iter().position(|p| p.token == token);
        let Some(lost) = resolved.map(|at| self.lost.remove(at)) else {
            return;
        };
        match happened {
            Some(true) => self.used(&lost.created),
            Some(false) => {}
            None => self.fresh.clear(),
        }
    }

    pub fn used(&mut self, created: &[u64]) {
        created.iter().for_each(|id| _ = self.fresh.remove(id));
    }
}
