//! Figures, printed: `bench [ruby | start | load | commits] …`, everything without a word.
//!
//! Every figure stands beside a peer that was measured in the same run, turn by turn, so that the machine's mood falls on both.
//! Must not know: anything of the programs but their command lines.

mod commits;
mod load;
mod machine;
mod ruby;
mod start;

use anyhow::{Result, bail};
use machine::Machine;

type Part = (&'static str, fn(&Machine) -> Result<()>);

const PARTS: &[Part] = &[
    ("start", start::measure),
    ("ruby", ruby::measure),
    ("load", load::measure),
    ("commits", commits::measure),
];

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for word in &wanted {
        if !PARTS.iter().any(|(name, _)| name == word) {
            let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
            bail!(
                "there is no part {word}: the parts are {}",
                names.join(", ")
            );
        }
    }
    let machine = Machine::find()?;
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            measure(&machine)?;
            println!();
        }
    }
    Ok(())
}
