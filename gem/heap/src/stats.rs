//! Figures of the object memory: counts, times and a histogram of pauses.

use std::time::Duration;

/// Parts of one power of two that a histogram tells apart.
const STEPS: usize = 8;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// How often which duration came, in buckets of an eighth of a power of two microseconds.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, took: Duration) {
        let bucket = bucket(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// The duration that `per_mille` of a thousand are not above; zero before the first.
    pub fn quantile(&self, per_mille: u64) -> Duration {
        let wanted = (self.total * per_mille).div_ceil(1000);
        let mut seen = 0;
        for (i, &count) in self.counts.iter().enumerate() {
            seen += u64::from(count);
            if count > 0 && seen >= wanted {
                return Duration::from_micros(upper_bound(i));
            }
        }
        Duration::ZERO
    }
}

fn bucket(micros: u64) -> usize {
    if micros < STEPS as u64 {
        return micros as usize;
    }
    let power = 63 - micros.leading_zeros();
    let step = (micros >> (power - STEP_BITS)) as usize & (STEPS - 1);
    ((power - STEP_BITS + 1) as usize) * STEPS + step
}

/// The largest number of microseconds in a bucket.
fn upper_bound(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let shift = bucket / STEPS - 1;
    let first = ((STEPS + bucket % STEPS) as u64) << shift;
    first + ((1 << shift) - 1)
}

/// Pauses of one kind of collection.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    pub count: u64,
    pub total: Duration,
    pub max: Duration,
    pub last: Duration,
    pub histogram: Histogram,
}

impl Pauses {
    pub(crate) fn record(&mut self, took: Duration) {
        self.count += 1;
        self.total += took;
        self.max = self.max.max(took);
        self.last = took;
        self.histogram.record(took);
    }
}

/// Figures of the collector and of faulting.
#[derive(Clone, Debug, Default)]
pub struct GcStats {
    pub young: Pauses,
    pub full: Pauses,
    /// Bytes live after the last collection, by lines.
    pub live_bytes: usize,
    /// Bytes handed out up to the last collection.
    pub allocated_bytes: u64,
    /// Objects that a young collection kept.
    pub survivors: u64,
    /// The same in the last young collection.
    pub survivors_last: u64,
    /// Bytes of lines and large buffers that young collections kept. What survives one is old at once.
    pub promoted_bytes: u64,
    /// Objects copied in from the repository.
    pub faults: u64,
    /// Bytes of their records.
    pub fault_bytes: u64,
    /// Those of them that were in memory before and had been dropped.
    pub refaults: u64,
    /// References turned back into ids.
    pub stubs: u64,
    /// Clean committed objects that were dropped from memory under pressure.
    pub dropped: u64,
}

impl GcStats {
    /// Collections of both kinds so far.
    pub fn collections(&self) -> u64 {
        self.young.count + self.full.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_at_most_an_eighth_too_high() {
        let mut h = Histogram::default();
        assert_eq!(h.quantile(990), Duration::ZERO);
        for micros in 1..=1000 {
            h.record(Duration::from_micros(micros));
        }
        for (per_mille, exact) in [(10, 10), (500, 500), (990, 990), (1000, 1000)] {
            let got = h.quantile(per_mille).as_micros() as u64;
            assert!(
                (exact..=exact + exact / 8 + 1).contains(&got),
                "{per_mille}: {got}"
            );
        }
    }

    #[test]
    fn every_bucket_ends_where_the_next_begins() {
        for micros in [0, 1, 7, 8, 9, 15, 16, 17, 1000, 4095, 4096, 1 << 40] {
            let b = bucket(micros);
            assert!(upper_bound(b) >= micros);
            assert_eq!(bucket(upper_bound(b)), b);
            assert_eq!(bucket(upper_bound(b) + 1), b + 1);
        }
    }
}
