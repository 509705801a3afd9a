//! Stones that tests can look into: a model made of maps, and the simulation of the shipped one.

use proto::service::Stone;
use simulation::{ServedStone, Tally};

/// A stone and what it knows for certain. Of itself nothing befalls it.
pub trait GlassStone: Stone {
    /// The record of `id` that a view of the commit `seq` shows.
    fn record_at(&self, id: u64, seq: u64) -> Option<Vec<u8>>;

    /// What a session whose memory shows the commit `whole` has of `id`: that, or what it committed itself since, under one of its numbers.
    fn record_of(&self, id: u64, whole: u64, numbers: &[u64]) -> Option<Vec<u8>>;

    /// The newest durable commit.
    fn seq(&self) -> u64;

    /// The session's transaction held back too much history.
    fn revoke(&self, session: u64);

    /// Something befalls the stone itself in `part` of a thousand requests.
    fn set_trouble(&self, _part: usize) {}

    /// Ends what is open: whether what it could not log is durable, and what is on its way, if `late_too`.
    fn settle(&self, _late_too: bool) {}

    /// What befell it so far.
    fn tally(&self) -> Tally {
        Tally::default()
    }
}

impl GlassStone for ServedStone {
    fn record_at(&self, id: u64, seq: u64) -> Option<Vec<u8>> {
        self.record_at(id, seq)
    }
    fn record_of(&self, id: u64, whole: u64, numbers: &[u64]) -> Option<Vec<u8>> {
        self.record_of(id, whole, numbers)
    }
    fn seq(&self) -> u64 {
        self.seq()
    }
    fn revoke(&self, _: u64) {
        self.revoke_older_views();
    }
    fn set_trouble(&self, part: usize) {
        self.set_trouble(part as u64);
    }
    fn settle(&self, late_too: bool) {
        self.settle(late_too);
    }
    fn tally(&self) -> Tally {
        self.tally()
    }
}
