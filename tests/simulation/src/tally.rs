//! How often what happened, over one world or many: a misfortune that never comes proves nothing.

use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<&'static str, u64>,
    /// Whether each is printed when it happens.
    pub tells: bool,
}

impl Tally {
    pub fn count(&mut self, what: &'static str) {
        if self.tells {
            println!("{what}");
        }
        *self.counts.entry(what).or_default() += 1;
    }

    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    pub fn add(&mut self, other: &Tally) {
        for (what, count) in &other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }

    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.counts
            .iter()
            .map(|(what, count)| format!("{count:8} {what}"))
    }
}
