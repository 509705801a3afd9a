//! How much object memory a session gets, and how hard its collector is tried: `$MAGLEV_MEMORY` and `$MAGLEV_GC_STRESS`.
//!
//! Without `$MAGLEV_MEMORY` it is a quarter of what the machine has, or of what its control group may use when that is less: several gems and a stone
//! share a machine, and a session that walks more than its memory holds only faults more often.

use gem_session::Stress;
use std::fs::read_to_string;

/// Smallest object memory that a session can work with, in MiB.
const MIB_MIN: usize = 8;
/// Bounds of what a session gets unasked.
const DEFAULT_MIB_MIN: usize = 256;
const DEFAULT_MIB_MAX: usize = 8192;
/// Part of the machine's memory that a session gets unasked.
const PART: u64 = 4;
/// Where there is no `/proc`.
const UNKNOWN_MIB: usize = 1024;
/// Safepoints, or transactions, from one stubbing collection to the next.
const STUB_EVERY: u32 = 1;

/// Most bytes of object memory.
///
/// # Errors
/// A sentence when `$MAGLEV_MEMORY` is no size.
pub fn bytes_max() -> Result<usize, String> {
    match std::env::var("MAGLEV_MEMORY") {
        Err(_) => Ok(default_mib(machine_bytes()) << 20),
        Ok(text) => match text.parse::<usize>() {
            Ok(mib) if (MIB_MIN..usize::MAX >> 20).contains(&mib) => Ok(mib << 20),
            _ => Err(format!(
                "MAGLEV_MEMORY is {text:?}, not a number of MiB from {MIB_MIN} up"
            )),
        },
    }
}

fn default_mib(machine: Option<u64>) -> usize {
    machine.map_or(UNKNOWN_MIB, |bytes| {
        let mib = usize::try_from((bytes / PART) >> 20).unwrap_or(usize::MAX);
        mib.clamp(DEFAULT_MIB_MIN, DEFAULT_MIB_MAX)
    })
}

/// Bytes that this process can hope for: of the machine, or of its control group.
fn machine_bytes() -> Option<u64> {
    let total = total_in(&read_to_string("/proc/meminfo").ok()?)?;
    let group = read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|text| text.trim().parse().ok());
    Some(total.min(group.unwrap_or(u64::MAX)))
}

fn total_in(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find(|l| l.starts_with("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

/// `$MAGLEV_GC_STRESS`: `stub` turns every reference it may into an id at every safepoint, `stub:100` at every hundredth;
/// `transaction` and `transaction:100` do so at the beginning of every, or every hundredth, transaction; anything else collects at every
/// safepoint.
///
/// # Errors
/// A sentence when the number after the colon is none.
pub fn stress() -> Result<Stress, String> {
    std::env::var("MAGLEV_GC_STRESS").map_or(Ok(Stress::Off), |text| parse_stress(&text))
}

fn parse_stress(text: &str) -> Result<Stress, String> {
    let (mode, number) = text.split_once(':').unwrap_or((text, ""));
    let of = match mode {
        "stub" => |every| Stress::Stub { every },
        "transaction" => |every| Stress::StubTransactions { every },
        _ => return Ok(Stress::Collect),
    };
    if mode == text {
        return Ok(of(STUB_EVERY));
    }
    match number.parse() {
        Ok(every) if every > 0 => Ok(of(every)),
        _ => Err(format!(
            "MAGLEV_GC_STRESS is {text:?}: after {mode}: comes a number from 1 up"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_machine_within_bounds() {
        let meminfo = "MemTotal:       16384000 kB\nMemFree: 1 kB\n";
        assert_eq!(total_in(meminfo), Some(16_384_000 << 10));
        assert_eq!(default_mib(Some(16 << 30)), 4096);
        assert_eq!(default_mib(Some(512 << 20)), DEFAULT_MIB_MIN);
        assert_eq!(default_mib(Some(1 << 40)), DEFAULT_MIB_MAX);
        assert_eq!(default_mib(None), UNKNOWN_MIB);
    }

    #[test]
    fn stress_is_read() {
        assert_eq!(parse_stress("1"), Ok(Stress::Collect));
        assert_eq!(parse_stress("stub"), Ok(Stress::Stub { every: 1 }));
        assert_eq!(parse_stress("stub:50"), Ok(Stress::Stub { every: 50 }));
        let each = |every| Ok(Stress::StubTransactions { every });
        assert_eq!(parse_stress("transaction"), each(1));
        assert_eq!(parse_stress("transaction:7"), each(7));
        for wrong in ["stub:0", "stub:", "transaction:x"] {
            assert!(parse_stress(wrong).is_err(), "{wrong}");
        }
    }
}
