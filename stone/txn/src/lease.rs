//! The ids that a session may give to new objects. An id is struck off when its object is committed: should that object ever be gone, the session
//! that still has it cannot bring it back under the same id.

/// Ranges of ids, each first ..= last, ascending and apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
        self.at(id).is_some()
    }

    /// The range that holds `id`.
    fn at(&self, id: u64) -> Option<usize> {
        let after = self.ranges.partition_point(|range| range.0 <= id);
        (after > 0 && id <= self.ranges[after - 1].1).then(|| after - 1)
    }

    /// Takes ascending `ids` out, those that are in.
    pub fn strike(&mut self, ids: &[u64]) {
        for run in ids.chunk_by(|a, b| a + 1 == *b) {
            self.strike_run(run[0], run[run.len() - 1]);
        }
    }

    fn strike_run(&mut self, mut first: u64, last: u64) {
        while first <= last {
            let Some(at) = self.at(first) else {
                // Not leased, or struck off already: go on at the next range.
                let next = self.ranges.partition_point(|range| range.0 <= first);
                match self.ranges.get(next) {
                    Some(range) if range.0 <= last => first = range.0,
                    _ => return,
                }
                continue;
            };
            let (low, high) = self.ranges[at];
            let end = high.min(last);
            match (low < first, end < high) {
                (false, false) => drop(self.ranges.remove(at)),
                (true, false) => self.ranges[at].1 = first - 1,
                (false, true) => self.ranges[at].0 = end + 1,
                (true, true) => {
                    self.ranges[at].1 = first - 1;
                    self.ranges.insert(at + 1, (end + 1, high));
                }
            }
            first = end + 1;
        }
    }

    /// The part of first .. first + count that is in, as ranges of (first, count).
    pub fn within(&self, first: u64, count: u64) -> Vec<(u64, u64)> {
        let end = first.saturating_add(count);
        self.ranges
            .iter()
            .map(|&(low, high)| (low.max(first), (high + 1).min(end)))
            .filter(|(low, end)| low < end)
            .map(|(low, end)| (low, end - low))
            .collect()
    }

    /// Whether any id of first .. first + count is in.
    pub fn meets(&self, first: u64, count: u64) -> bool {
        !self.within(first, count).is_empty()
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

    #[test]
    fn what_is_struck_off_is_out_and_the_rest_stays() {
        let mut leases = Leases::default();
        leases.add(100, 10);
        leases.add(200, 10);
        leases.strike(&[99, 100, 101, 105, 108, 109, 110, 111, 150, 205]);
        let left: Vec<u64> = (0..300).filter(|id| leases.contains(*id)).collect();
        let expected: Vec<u64> = [102, 103, 104, 106, 107]
            .into_iter()
            .chain((200..205).chain(206..210))
            .collect();
        assert_eq!(left, expected);
        leases.strike(&(0..1000).collect::<Vec<_>>());
        assert_eq!(leases, Leases::default());
    }

    #[test]
    fn ranges_are_cut_to_what_is_leased() {
        let mut leases = Leases::default();
        leases.add(100, 10);
        leases.add(200, 10);
        assert_eq!(leases.within(105, 100), [(105, 5), (200, 5)]);
        assert!(leases.meets(209, 1) && !leases.meets(110, 90));
    }
}
