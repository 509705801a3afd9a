//! The ids that a session may give to new objects.

/// Ranges of ids, each first ..= last, ascending and apart.
#[derive(Clone, Debug, Default)]
pub struct Leases {
    ranges: Vec<(u64, u64)>,
}

impl Leases {
    /// Adds a range that no session has had.
    pub fn add(&mut self, first: u64, count: u64) {
        if count == 0 {
            return;
        }
        let last = first + count - 1;
        match self.ranges.last_mut() {
            Some(range) if range.1 + 1 == first => range.1 = last,
            _ => {
                self.ranges.push((first, last));
                self.ranges.sort_unstable();
            }
        }
    }

    pub fn contains(&self, id: u64) -> bool {
        let after = self.ranges.partition_point(|range| range.0 <= id);
        after > 0 && id <= self.ranges[after - 1].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leases_hold_what_was_added_and_nothing_else() {
        let mut leases = Leases::default();
        leases.add(100, 10);
        leases.add(110, 5);
        leases.add(50, 1);
        for id in [50, 100, 109, 110, 114] {
            assert!(leases.contains(id), "{id}");
        }
        for id in [49, 51, 99, 115, 0, u64::MAX] {
            assert!(!leases.contains(id), "{id}");
        }
    }
}
