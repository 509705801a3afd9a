//! What a session has in memory that its view shows otherwise. A stone tells a change once, when the view moves; so what it told is kept here until it was
//! read again, however often that fails.
//!
//! While something is left, memory shows one old view whole: a move changes all objects or none (see `view`). What runs may read what is in memory, as after a
//! view was revoked, and records that did not change since, which are of the old view as well as of the new one. It gets no record that changed, and no commit,
//! because the stone would compare it with the new view and let it overwrite what others did. The next abort, or a commit of nothing, begins with what
//! is left.
//!
//! Must not know: the stone, objects.

use std::collections::BTreeSet;

/// See the module text.
#[derive(Default)]
pub struct Stale {
    /// Objects that were in memory when the stone told that they changed.
    pub ids: BTreeSet<u64>,
    /// All ids that it told, also of what is not in memory.
    told: Vec<u64>,
    /// It told that anything may have changed: `ids` are compared first.
    pub everything: bool,
    /// New objects of a commit whose outcome is not known: the stone may have them, and others may have changed them since.
    pub doubtful: BTreeSet<u64>,
    /// An answer was lost that may have moved the view and told what changed. The stone refuses a record when the view has moved; when it moves again, anything
    /// may have changed.
    pub lost: bool,
    /// What is left is being read.
    pub moving: bool,
}

impl Stale {
    /// Nothing in memory is older than the view.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.doubtful.is_empty() && !self.lost
    }

    /// The stone told that `ids` changed.
    pub fn tell(&mut self, ids: &[u64]) {
        self.told.extend_from_slice(ids);
    }

    /// Whether the record of `id` is of the view that memory shows.
    pub fn allows(&self, id: u64) -> bool {
        self.moving || self.ids.is_empty() || !(self.everything || self.told.contains(&id))
    }

    /// All is as the view shows it.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.doubtful.clear();
        self.told.clear();
        self.everything = false;
    }
}
