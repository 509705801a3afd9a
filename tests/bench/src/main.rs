//! Figures, printed: `bench [--json] [--quick] [PART | PROGRAM] …`, every part without a word. The parts stand in `PARTS`; a word that begins with a
//! capital letter names a program of `languages`. `--json`, and `--quick` for one turn instead of three, are for the parts that print
//! tables of times: `languages` and `micro`.
//!
//! Every figure stands beside a peer that was measured in the same run, turn by turn, so that the machine's mood falls on both.
//! Must not know: anything of the programs but their command lines.

mod commits;
mod languages;
mod load;
mod machine;
mod memory;
mod micro;
mod ruby;
mod start;
mod table;

use anyhow::{Result, bail};
use machine::Machine;

type Part = (&'static str, fn(&Machine) -> Result<()>);

const PARTS: &[Part] = &[
    ("start", start::measure),
    ("ruby", ruby::measure),
    ("languages", languages::measure),
    ("micro", micro::measure),
    ("load", load::measure),
    ("commits", commits::measure),
    ("memory", memory::measure),
];

fn main() -> Result<()> {
    let mut machine = Machine::find()?;
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    wanted.retain(|word| {
        let program = word.starts_with(char::is_uppercase);
        if program {
            machine.programs.push(word.clone());
        }
        machine.json |= word == "--json";
        if word == "--quick" {
            machine.turns = 1;
        }
        !program && !["--json", "--quick"].contains(&word.as_str())
    });
    for word in &wanted {
        if !PARTS.iter().any(|(name, _)| name == word) {
            let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
            bail!(
                "there is no part {word}: the parts are {}",
                names.join(", ")
            );
        }
    }
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            measure(&machine)?;
            if !machine.json {
                println!();
            }
        }
    }
    Ok(())
}
