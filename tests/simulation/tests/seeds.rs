//! Runs of the simulation. A failing seed is replayed with `SEED=n cargo test -p simulation`; `SEEDS=n` runs so many in each test.

use simulation::{Faults, World};

fn seeds(count: u64) -> std::ops::Range<u64> {
    match std::env::var("SEED")
        .ok()
        .and_then(|text| text.parse().ok())
    {
        Some(seed) => seed..seed + 1,
        None => {
            let wanted = std::env::var("SEEDS").ok();
            let count = wanted.map_or(count, |text| text.parse().expect("SEEDS is a number"));
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            let first = now.map_or(0, |d| d.as_secs()) * 1000;
            first..first + count
        }
    }
}

fn run(count: u64, faults: Faults) -> World {
    let mut total = None;
    for seed in seeds(count) {
        println!("seed {seed}");
        let mut world = World::new(seed, faults);
        world.run(400);
        total = Some(world);
    }
    total.expect("a seed")
}

#[test]
fn in_calm_weather_every_view_is_right() {
    let calm = Faults {
        power_cuts: false,
        failed_syncs: false,
        full_disk: false,
        failed_extent: false,
        lost_extent: false,
    };
    let world = run(8, calm);
    assert!(world.commits > 100 && world.conflicts > 10);
}

#[test]
fn with_every_misfortune_nothing_acknowledged_is_lost() {
    let world = run(40, Faults::ALL);
    assert!(world.commits > 50 && world.recoveries > 2);
}

#[test]
fn a_full_disk_refuses_and_goes_on() {
    let full = Faults {
        power_cuts: false,
        failed_syncs: false,
        failed_extent: false,
        ..Faults::ALL
    };
    let world = run(8, full);
    assert!(world.refusals > 0 && world.commits > 50);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let count = |seed| {
        let mut world = World::new(seed, Faults::ALL);
        world.run(200);
        (
            world.commits,
            world.conflicts,
            world.recoveries,
            world.refusals,
        )
    };
    assert_eq!(count(7), count(7));
}
