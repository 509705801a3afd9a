//! A hundred thousand objects committed in one transaction, then read by a gem that has none of them.

use crate::machine::{Machine, median, number, output};
use anyhow::Result;

const TURNS: usize = 3;
/// Objects a second to reach.
const COMMIT_AIM: f64 = 100_000.0;
const READ_AIM: f64 = 200_000.0;

pub fn measure(machine: &Machine) -> Result<()> {
    println!("100,001 objects, objects/s (median of {TURNS} turns, each on a new stone)");
    let (mut commits, mut reads) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let stone = machine.stone(0)?;
        for (program, rates) in [("load", &mut commits), ("walk", &mut reads)] {
            let mut command = machine.gem_of(&stone);
            command.arg(machine.source(&format!("repository/{program}.rb")));
            let printed = output(command)?;
            rates.push(number(&printed, "objects")? / number(&printed, "seconds")?);
        }
    }
    for (what, rates, aim) in [
        ("commit", commits, COMMIT_AIM),
        ("cold read", reads, READ_AIM),
    ] {
        let rate = median(rates);
        let verdict = if rate >= aim { "reached" } else { "MISSED" };
        println!("{what:<14}{rate:>10.0}   aim {aim}: {verdict}");
    }
    Ok(())
}
