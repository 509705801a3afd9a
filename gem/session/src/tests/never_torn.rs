//! Small worlds over a stone that fails by dice: some sessions change one little graph, and a shadow says what acknowledged commits made of it.
//!
//! After each step every clean object in the session's memory is as the stone's record at the session's view, unless the session knows that it is stale.
//! After each commit the stone's objects are as the shadow: nothing acknowledged is lost, nothing is overwritten unseen, and a durable commit is
//! reported as done or as one whose outcome is not known. `SEED=n` plays one world again, `SEEDS=n` plays so many others.

use super::checker::check_memory;
use super::dice::Dice;
use super::dice_stone::DiceStone;
use super::graph::make_graph;
use super::model_stone::ModelStone;
use super::shadow::{CELLS, Op, Shadow};
use super::world::Player;
use crate::{LoginOptions, Session, create_first_objects};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, OnceLock};

/// A repository with the graph in it, and the graph's id.
fn born(pages: bool) -> &'static (ModelStone, u64) {
    static BORN: [OnceLock<(ModelStone, u64)>; 2] = [OnceLock::new(), OnceLock::new()];
    BORN[usize::from(pages)].get_or_init(|| {
        let stone = Arc::new(ModelStone::new(pages));
        let mut session = Session::login(stone.clone(), &LoginOptions::default()).unwrap();
        create_first_objects(&mut session.vm).unwrap();
        let graph = make_graph(&mut session);
        session.commit().unwrap();
        let graph = session.vm.heap.id_of(graph).expect("it is committed").0;
        (stone.copy(), graph)
    })
}

fn play(seed: u64) {
    let mut dice = Dice::new(seed);
    let (model, graph) = born(seed.is_multiple_of(2));
    let stone = Arc::new(DiceStone::new(model.copy(), *graph, seed));
    let mut shadow = Shadow::default();
    let count = 2 + dice.below(2);
    let mut players: Vec<Player> = (0..count).map(|n| Player::new(&stone, n)).collect();
    stone.set_trouble(dice.of(&[0, 20, 60, 150]));
    for step in 0..20 + dice.below(40) {
        let n = dice.below(count);
        let player = &mut players[n];
        let what = player.step(&stone, &mut shadow, &mut dice);
        check_memory(&mut player.session, &stone.model, &mut player.whole)
            .unwrap_or_else(|wrong| panic!("step {step}, session {n}, {what}: {wrong}"));
    }
    stone.set_trouble(0);
    stone.hide(0, 0);
    for (n, player) in players.iter_mut().enumerate() {
        player.settle(&stone, &mut shadow);
        let seen = player.read_all().unwrap();
        assert_eq!(seen, shadow.reachable(), "session {n} in the end");
        player.session.vm.verify_heap().unwrap();
        check_memory(&mut player.session, &stone.model, &mut player.whole).unwrap();
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
}

fn play_all(seeds: std::ops::Range<u64>) {
    let number = |name| std::env::var(name).ok().and_then(|s| s.parse::<u64>().ok());
    // Each test has a million seeds of its own.
    let many = |count| seeds.start * 1000..seeds.start * 1000 + count;
    let seeds = match (number("SEED"), number("SEEDS")) {
        (Some(one), _) => one..one + 1,
        (None, Some(count)) => many(count),
        (None, None) => seeds,
    };
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| play(seed))) {
            eprintln!("the world of SEED={seed} is torn");
            resume_unwind(panic);
        }
    }
}

#[test]
fn no_world_is_torn_1() {
    play_all(0..1000);
}

#[test]
fn no_world_is_torn_2() {
    play_all(1000..2000);
}

#[test]
fn no_world_is_torn_3() {
    play_all(2000..3000);
}
