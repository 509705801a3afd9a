//! Small worlds over a stone that fails by dice: some sessions change one little graph, and a shadow says what acknowledged commits made of it. Below the
//! dice is a model made of maps in most worlds; in others the simulation of the shipped stone, which dies, tears its log and comes back on what is left.
//!
//! After each step every clean object in the session's memory is as the stone's record at the session's view, unless the session knows that it is stale.
//! After each commit the stone's objects are as the shadow: nothing acknowledged is lost, nothing is overwritten unseen, and a durable commit is
//! reported as done or as one whose outcome is not known. `SEED=n` plays one world again and tells its story, `SEEDS=n` plays so many others.

use super::checker::check_memory;
use super::dice::Dice;
use super::dice_stone::DiceStone;
use super::glass::GlassStone;
use super::graph::make_graph;
use super::model_stone::ModelStone;
use super::shadow::{CELLS, Op, Shadow};
use super::world::Player;
use crate::{LoginOptions, Session, create_first_objects};
use format::wellknown;
use simulation::served::Birth;
use simulation::{ServedStone, Tally};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, OnceLock};

/// What is below the dice.
#[derive(Clone, Copy)]
enum Ground {
    Model,
    Simulation,
}

/// A repository with the graph in it, and the graph's id.
fn born(pages: bool) -> &'static (ModelStone, u64) {
    static BORN: [OnceLock<(ModelStone, u64)>; 2] = [OnceLock::new(), OnceLock::new()];
    BORN[usize::from(pages)].get_or_init(|| {
        let stone = Arc::new(ModelStone::new(pages));
        let mut session = Session::login(stone.clone(), &LoginOptions::default()).unwrap();
        create_first_objects(&mut session.vm).unwrap();
        let graph = make_graph(&mut session);
        session.commit().unwrap();
        let graph = session
            .vm
            .model
            .heap
            .id_of(graph)
            .expect("it is committed")
            .0;
        (stone.copy(), graph)
    })
}

/// The same as the base of a simulated stone.
fn born_simulated() -> &'static (Birth, u64) {
    static BORN: OnceLock<(Birth, u64)> = OnceLock::new();
    BORN.get_or_init(|| {
        let (model, graph) = born(false);
        let records = model.records().concat().into();
        (Birth::new(records, ROOT), *graph)
    })
}

const ROOT: u64 = wellknown::REPOSITORY_ROOT.0;

fn ground(ground: Ground, seed: u64) -> (Arc<dyn GlassStone>, u64) {
    match ground {
        Ground::Model => {
            let (model, graph) = born(seed.is_multiple_of(2));
            (Arc::new(model.copy()), *graph)
        }
        Ground::Simulation => {
            let (birth, graph) = born_simulated();
            (Arc::new(ServedStone::new(birth, ROOT, seed)), *graph)
        }
    }
}

fn play(on: Ground, seed: u64) -> Tally {
    let mut dice = Dice::new(seed);
    let (model, graph) = ground(on, seed);
    let stone = Arc::new(DiceStone::new(model, graph, seed));
    let mut shadow = Shadow::default();
    let count = 2 + dice.below(2);
    let mut players: Vec<Player> = (0..count).map(|n| Player::new(&stone, n)).collect();
    stone.set_trouble(dice.of(&[0, 20, 60, 150]));
    stone.model.set_trouble(dice.of(&[0, 20, 60, 150]));
    for step in 0..20 + dice.below(40) {
        let n = dice.below(count);
        let player = &mut players[n];
        let what = player.step(&stone, &mut shadow, &mut dice);
        if stone.tells {
            let state = player.session.state();
            println!("{step:3} session {n} at {}: {what}", state.view());
        }
        check_memory(&mut player.session, &stone, &mut player.whole)
            .unwrap_or_else(|wrong| panic!("step {step}, session {n}, {what}: {wrong}"));
    }
    stone.set_trouble(0);
    stone.model.set_trouble(0);
    stone.model.settle(true);
    stone.hide(0, 0);
    for (n, player) in players.iter_mut().enumerate() {
        player.settle(&stone, &mut shadow);
        let seen = player.read_all().unwrap();
        assert_eq!(seen, shadow.reachable(), "session {n} in the end");
        player.session.vm.verify_heap().unwrap();
        check_memory(&mut player.session, &stone, &mut player.whole).unwrap();
    }
    let mut fresh = Player::new(&stone, count);
    assert_eq!(
        fresh.read_all().unwrap(),
        shadow.reachable(),
        "a new session"
    );
    fresh.do_op(&Op::Add(CELLS - 1)).unwrap();
    fresh.commit(&stone, &mut shadow, &mut dice);
    assert_eq!(fresh.read_all().unwrap(), shadow.reachable());
    stone.model.tally()
}

fn play_all(on: Ground, seeds: std::ops::Range<u64>) -> Tally {
    let number = |name| std::env::var(name).ok().and_then(|s| s.parse::<u64>().ok());
    // Each test has a million seeds of its own.
    let many = |count| seeds.start * 1000..seeds.start * 1000 + count;
    let seeds = match (number("SEED"), number("SEEDS")) {
        (Some(one), _) => one..one + 1,
        (None, Some(count)) => many(count),
        (None, None) => seeds,
    };
    let mut all = Tally::default();
    for seed in seeds {
        match catch_unwind(AssertUnwindSafe(|| play(on, seed))) {
            Ok(tally) => all.add(&tally),
            Err(panic) => {
                eprintln!("the world of SEED={seed} is torn");
                resume_unwind(panic);
            }
        }
    }
    all
}

/// Worlds over the shipped ladder. A misfortune that never comes proves nothing.
fn play_simulated(seeds: std::ops::Range<u64>) {
    let tally = play_all(Ground::Simulation, seeds);
    tally.lines().for_each(|line| println!("{line}"));
    if std::env::var("SEED").or(std::env::var("SEEDS")).is_ok() {
        return;
    }
    for what in [
        "a stone died between rounds",
        "a stone died before the log",
        "a stone died before the sync",
        "a stone died after the sync",
        "what was in doubt happened",
        "what was in doubt did not happen",
        "the log failed",
        "a round was not written",
        "the power went",
        "the extent was lost",
        "checkpoints",
        "a checkpoint failed",
        "the base was renewed",
        "a late commit was taken",
        "a late commit was refused",
    ] {
        assert!(tally.of(what) >= 5, "{what}: {} times", tally.of(what));
    }
}

#[test]
fn no_world_is_torn_1() {
    play_all(Ground::Model, 0..1000);
}

#[test]
fn no_world_is_torn_2() {
    play_all(Ground::Model, 1000..2000);
}

#[test]
fn no_world_is_torn_3() {
    play_all(Ground::Model, 2000..3000);
}

#[test]
fn no_world_over_the_shipped_ladder_is_torn_1() {
    play_simulated(3000..3500);
}

#[test]
fn no_world_over_the_shipped_ladder_is_torn_2() {
    play_simulated(4000..4500);
}
