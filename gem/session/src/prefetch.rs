//! How much more than the one object to ask for. Sequential faults double it, others halve it.

use format::limits::PREFETCH_PAGES_MAX;

/// Most objects asked for beyond the one needed when recent commits, which are in no page yet, are read.
const RUN_MAX: u64 = 4096;
/// Pages asked for once in a row.
const PAGES_MAX: u32 = 128;

/// What the last replies say about the next.
#[derive(Default)]
pub struct Prefetch {
    pages: u32,
    /// Ids that follow the one needed.
    run: u64,
    last_page: u64,
    last_id: u64,
}

impl Prefetch {
    /// Pages to ask for beyond the needed one.
    pub fn pages(&self) -> u32 {
        self.pages.min(PREFETCH_PAGES_MAX)
    }

    /// Ids to ask for that follow the needed one.
    pub fn run(&self) -> u64 {
        self.run
    }

    /// A fault of `id` was answered with the page `page` (of `pages` in the reply).
    pub fn saw_page(&mut self, id: u64, page: u64, pages: usize) {
        let next = page > self.last_page && page <= self.last_page + 2;
        self.pages = if next {
            (self.pages * 2).clamp(2, PAGES_MAX)
        } else {
            self.pages / 2
        };
        self.last_page = page + pages.saturating_sub(1) as u64;
        self.last_id = id;
        self.run /= 2;
    }

    /// A fault of `id` was answered with `count` loose records.
    pub fn saw_loose(&mut self, id: u64, count: usize) {
        let near = id > self.last_id && id - self.last_id <= self.run.max(8) * 2 + 64;
        self.run = if near || count as u64 * 2 > self.run {
            (self.run * 2).clamp(16, RUN_MAX)
        } else {
            self.run / 2
        };
        self.last_id = id + count.saturating_sub(1) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequential_reader_gets_more_and_a_random_one_less() {
        let mut p = Prefetch::default();
        assert_eq!((p.pages(), p.run()), (0, 0));
        for page in 1..20 {
            p.saw_page(page * 100, page, 1);
        }
        assert_eq!(p.pages(), PAGES_MAX);
        for page in [500, 9, 700, 30, 1, 600, 80] {
            p.saw_page(page, page, 1);
        }
        assert!(p.pages() <= 1);
        for id in 0..12 {
            p.saw_loose(1000 + id * 200, 200);
        }
        assert_eq!(p.run(), RUN_MAX);
    }
}
