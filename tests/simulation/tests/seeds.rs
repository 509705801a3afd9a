//! Worlds from seeds. `SEED=n cargo nextest run -p simulation` replays one and tells its story; `SEEDS=n` runs so many (from `FROM`, otherwise from the
//! clock); without either enough are run for every misfortune to come. Seeds that once failed are run always.

use simulation::{Faults, Tally, World};
use std::panic::{AssertUnwindSafe, catch_unwind};

const STEPS: u64 = 700;
const WORLDS: u64 = 120;

/// Seeds under which a bug, or a mutant that stands for one, was found: `README.md` says which.
const CORPUS: &[u64] = &[1, 2, 3, 4, 5, 8, 21, 23, 27, 285];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn seeds(default: u64) -> std::ops::Range<u64> {
    if let Some(seed) = number("SEED") {
        return seed..seed + 1;
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let first = number("FROM").unwrap_or(now.map_or(0, |d| d.as_secs()) * 1000);
    first..first + number("SEEDS").unwrap_or(default)
}

/// Runs worlds and sums what happened in them.
fn run(seeds: impl IntoIterator<Item = u64>, faults: Faults) -> Tally {
    let mut sum = Tally::default();
    for seed in seeds {
        let world = catch_unwind(AssertUnwindSafe(|| {
            let mut world = World::new(seed, faults);
            world.tally.tells = number("SEED").is_some();
            world.run(STEPS);
            world
        }));
        match world {
            Ok(world) => sum.add(&world.tally),
            Err(_) => panic!("seed {seed} failed; SEED={seed} replays it"),
        }
    }
    sum.lines().for_each(|line| println!("{line}"));
    sum
}

/// Each of these came at least so often in `WORLDS` worlds; of fewer or more worlds nothing is asked.
fn came(sum: &Tally, least: &[(&str, u64)]) {
    if number("SEED").is_some() || number("SEEDS").is_some() {
        return;
    }
    let rare: Vec<_> = least
        .iter()
        .map(|(what, least)| (what, sum.of(what), least))
        .filter(|(_, count, least)| count < least)
        .collect();
    assert!(rare.is_empty(), "too seldom (found, wanted): {rare:?}");
}

/// A third of what comes on the average.
const MISFORTUNES: &[(&str, u64)] = &[
    ("a base was not written: no room", 28),
    ("a checkpoint failed", 33),
    ("a commit outlived its session", 3),
    ("a commit was refused: unreadable", 38),
    ("a commit was sent again", 179),
    ("a connection broke while its ask was queued", 67),
    ("a round could not be staged", 30),
    ("a round found the disk full", 51),
    ("a stone did not begin: the disk was full", 6),
    ("a stone died after the sync", 67),
    ("a stone died as soon as it had begun", 36),
    ("a stone died before the log", 43),
    ("a stone died before the sync", 56),
    ("a stone died between rounds", 125),
    ("a stone died while it made a base", 50),
    ("a stone ended in order", 181),
    ("a symbol was made", 614),
    ("a view moved, and all may have changed", 218),
    ("an ask came late", 39),
    ("an ask was lost on its way", 67),
    ("backups", 224),
    ("checkpoints", 886),
    ("commits", 1816),
    ("commits were refused: busy", 99),
    ("commits were refused: no session", 18),
    ("commits were refused: not written", 135),
    ("commits were refused: outside", 293),
    ("commits were refused: poisoned", 259),
    ("commits were refused: revoked", 165),
    ("commits were refused: token", 88),
    ("commits were rejected: ids", 148),
    ("commits were rejected: names of nobody", 217),
    ("conflicts", 401),
    ("conflicts over what was only read", 200),
    ("fates: committed", 168),
    ("fates: forgotten", 136),
    ("fates: in doubt", 45),
    ("fates: never happened", 842),
    ("ids were leased", 463),
    ("ids were marked", 744),
    ("leases were adopted", 2551),
    ("leases were taken over", 330),
    ("nonsense was refused", 75),
    ("reading was refused: no view", 198),
    ("resting sessions were overtaken", 30),
    ("rounds", 2596),
    ("stones", 675),
    ("symbols were refused: unreadable", 57),
    ("the base was renewed", 139),
    ("the extent was lost", 54),
    ("the log failed", 74),
    ("the log failed when it was renewed", 12),
    ("the log was not renewed: no room", 43),
    ("the power went", 220),
    ("views were revoked", 243),
    ("what was in doubt did not happen", 85),
    ("what was in doubt happened", 65),
];

/// Without any misfortune: what clients do to each other, and what they are refused for it.
const REFUSALS: &[(&str, u64)] = &[
    ("commits", 300),
    ("conflicts", 30),
    ("conflicts over what was only read", 10),
    ("commits were rejected: ids", 10),
    ("commits were rejected: names of nobody", 10),
    ("commits were refused: outside", 10),
    ("commits were refused: token", 3),
    ("commits were refused: busy", 3),
    ("nonsense was refused", 5),
    ("reading was refused: no view", 5),
    ("the base was renewed", 10),
    ("a stone ended in order", 10),
    ("backups", 20),
];

#[test]
fn in_calm_weather_every_view_is_right() {
    let sum = run(seeds(WORLDS / 6), Faults::NONE);
    came(&sum, REFUSALS);
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_torn() {
    let sum = run(seeds(WORLDS), Faults::ALL);
    came(&sum, MISFORTUNES);
}

#[test]
fn seeds_that_once_failed() {
    run(CORPUS.iter().copied(), Faults::ALL);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let tally = |seed| {
        let mut world = World::new(seed, Faults::ALL);
        world.run(STEPS);
        world.tally
    };
    assert_eq!(tally(7), tally(7));
    assert_ne!(tally(7), tally(8));
}
