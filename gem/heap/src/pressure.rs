//! When to collect, how thoroughly, and when to say that memory is nearly full.
//!
//! The limit bounds what is live. A young collection follows every `nursery_bytes` of allocation. A full one follows when live memory has doubled, or
//! when it comes near the limit: then it also turns references to clean committed objects back into ids, and what nothing else
//! refers to goes. What stays are new and changed objects, and what the machine itself holds. After each such collection the next one waits
//! until half of the room that is left was used, so that a nearly full memory does not spend its time collecting.

/// Most bytes between two young collections: with a young collection's fixed cost this is a few hundredths of the time of a program that
/// does nothing but allocate.
const NURSERY_BYTES_MAX: usize = 8 << 20;
/// Fewest, for programs whose objects survive: a pause grows with what survives.
const NURSERY_BYTES_MIN: usize = 1 << 20;
/// A young collection that keeps more shortens the next turn, one that keeps much less lengthens it: a pause grows with what survives, and a MiB of small
/// objects takes about a millisecond.
const KEPT_BYTES_MAX: usize = 1 << 20;
const KEPT_BYTES_LOW: usize = KEPT_BYTES_MAX / 4;
/// Live memory may grow by this much beyond doubling before a full collection.
const GROWTH_BYTES: usize = 64 << 20;

/// Collections for hunting bugs of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stress {
    /// As the heap sees fit.
    #[default]
    Off,
    /// A collection at every safepoint.
    Collect,
    /// At every so many safepoints a full collection that turns every reference it may into an id.
    Stub { every: u32 },
    /// The same at the first safepoint of every so many transactions; what else is collected is as the heap sees fit.
    StubTransactions { every: u32 },
}

/// What a collection is going to do.
pub(crate) struct Plan {
    /// Nothing: a safepoint between two that stress picks.
    pub idle: bool,
    pub full: bool,
    pub drop_clean: bool,
}

/// Thresholds; see the module text.
pub(crate) struct Pressure {
    pub limit: usize,
    /// Bytes that may be allocated before the next young collection.
    pub nursery: usize,
    /// Live bytes at which the next full collection is due because of growth.
    grow_at: usize,
    /// The same because of the limit.
    full_at: usize,
    /// A full collection that dropped what it could left this much, when it was too much.
    short_of: Option<usize>,
    /// The program was told that memory is nearly full, and it has not become emptier since.
    warned: bool,
    pub stress: Stress,
    /// Safepoints, or transactions, since stress last collected.
    waited: u32,
    /// Stress picked the transaction that began.
    due: bool,
}

impl Pressure {
    pub fn new(limit: usize) -> Pressure {
        let mut new = Pressure {
            limit,
            nursery: 0,
            grow_at: GROWTH_BYTES,
            full_at: 0,
            short_of: None,
            warned: false,
            stress: Stress::Off,
            waited: 0,
            due: false,
        };
        new.set_limit(limit);
        new
    }

    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.full_at = self.soft_limit();
        self.nursery = self.nursery_max();
    }

    pub fn set_stress(&mut self, stress: Stress) {
        self.stress = stress;
        self.nursery = match stress {
            Stress::Off | Stress::StubTransactions { .. } => self.nursery_max(),
            Stress::Collect | Stress::Stub { .. } => 0,
        };
    }

    fn nursery_max(&self) -> usize {
        (self.limit / 16).clamp(NURSERY_BYTES_MIN, NURSERY_BYTES_MAX)
    }

    /// Below this, clean objects stay.
    fn soft_limit(&self) -> usize {
        self.limit / 4 * 3
    }

    /// What to do with `used` bytes in use or handed out.
    pub fn plan(&mut self, used: usize, full: bool) -> Plan {
        if let Stress::Stub { every } = self.stress
            && !full
        {
            self.waited += 1;
            let due = self.waited >= every;
            if due {
                self.waited = 0;
            }
            return Plan {
                idle: !due,
                full: due,
                drop_clean: due,
            };
        }
        let due = std::mem::take(&mut self.due);
        if due {
            self.nursery = self.nursery_max();
        }
        let full = full || due || used > self.grow_at || used > self.full_at;
        Plan {
            idle: false,
            full,
            drop_clean: due || full && used > self.soft_limit(),
        }
    }

    /// The view moved: stress may pick this transaction.
    pub fn transaction_began(&mut self) {
        if let Stress::StubTransactions { every } = self.stress {
            self.waited += 1;
            if self.waited >= every {
                self.waited = 0;
                self.due = true;
                // The next safepoint collects, however little was allocated.
                self.nursery = 0;
            }
        }
    }

    /// After a young collection that kept `kept` bytes.
    pub fn after_young(&mut self, kept: usize) {
        if self.stress != Stress::Off {
            return;
        }
        let max = self.nursery_max();
        if kept > KEPT_BYTES_MAX {
            self.nursery = (self.nursery / 2).max(NURSERY_BYTES_MIN);
        } else if kept < KEPT_BYTES_LOW {
            self.nursery = (self.nursery * 2).min(max);
        }
    }

    /// After a full collection that left `live` bytes.
    pub fn after_full(&mut self, live: usize, dropped_clean: bool) {
        self.grow_at = live * 2 + GROWTH_BYTES;
        let room = (self.limit.saturating_sub(live) / 2).max(self.nursery_max());
        self.full_at = self.soft_limit().max(live + room);
        if live < self.limit / 10 * 8 {
            self.warned = false;
        }
        let short = dropped_clean && live > self.limit / 10 * 9;
        self.short_of = short.then_some(live);
    }

    /// Whether the program must hear that memory is nearly full: once above nine tenths of the limit, again and again above the limit.
    pub fn take_shortage(&mut self) -> Option<usize> {
        let live = self.short_of.take()?;
        let told = std::mem::replace(&mut self.warned, true);
        (live > self.limit || !told).then_some(live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nearly_full_memory_collects_fully_at_half_of_the_room_left() {
        let mut p = Pressure::new(100 << 20);
        assert!(!p.plan(60 << 20, false).full);
        let plan = p.plan(76 << 20, false);
        assert!(plan.full && plan.drop_clean);
        p.after_full(80 << 20, true);
        assert!(!p.plan(89 << 20, false).full);
        assert!(p.plan(91 << 20, false).full);
    }

    #[test]
    fn a_shortage_is_told_once_and_over_the_limit_always() {
        let mut p = Pressure::new(100 << 20);
        for (live, told) in [
            (89, false),
            (95, true),
            (96, false),
            (101, true),
            (102, true),
        ] {
            p.after_full(live << 20, true);
            assert_eq!(p.take_shortage().is_some(), told, "{live}");
        }
        p.after_full(50 << 20, true);
        p.after_full(95 << 20, true);
        assert!(p.take_shortage().is_some());
        assert!(p.take_shortage().is_none());
    }

    #[test]
    fn every_third_transaction_stubs_once() {
        let mut p = Pressure::new(1 << 30);
        p.set_stress(Stress::StubTransactions { every: 3 });
        let mut stubbed = Vec::new();
        for transaction in 0..7 {
            p.transaction_began();
            let plans = [p.plan(0, false), p.plan(0, false)];
            assert!(!plans[0].idle && !plans[1].drop_clean);
            assert_eq!(plans[0].full, plans[0].drop_clean);
            if plans[0].drop_clean {
                stubbed.push(transaction);
            }
        }
        assert_eq!(stubbed, [2, 5]);
    }

    #[test]
    fn survivors_shorten_the_turn_and_garbage_lengthens_it() {
        let mut p = Pressure::new(1 << 30);
        assert_eq!(p.nursery, NURSERY_BYTES_MAX);
        for _ in 0..10 {
            p.after_young(p.nursery);
        }
        assert_eq!(p.nursery, NURSERY_BYTES_MIN);
        for _ in 0..10 {
            p.after_young(0);
        }
        assert_eq!(p.nursery, NURSERY_BYTES_MAX);
    }
}
