//! Ruby programs on `gem ruby` and on MRI's interpreter: the ratio of their speeds.

use crate::machine::{Machine, median, number, output, word};
use crate::table::geometric_mean;
use anyhow::{Result, ensure};
use std::process::Command;

/// How often each program runs on each side; each run takes the best of three rounds.
const TURNS: usize = 3;

/// Programs whose ratio has a figure to reach, and that figure.
const AIMED: &[&str] = &["sends", "blocks", "integers", "ivars"];
const AIM: f64 = 0.5;

pub fn measure(machine: &Machine) -> Result<()> {
    println!(
        "Ruby programs, seconds (median of {TURNS} turns); ratio = speed relative to the peer"
    );
    if machine.peer.is_none() {
        println!("(no ruby3.1 here: no ratios)");
    }
    println!("{:<14}{:>10}{:>10}{:>8}", "", "gem", "peer", "ratio");
    let mut names: Vec<String> = std::fs::read_dir(machine.source("programs/small"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rb").map(str::to_string))
        .filter(|name| name != "measure")
        .collect();
    names.sort();
    ensure!(!names.is_empty(), "there are no programs");
    let mut ratios: Vec<(String, f64)> = Vec::new();
    let mut failed = Vec::new();
    for name in names {
        match one(machine, &name) {
            Ok((gem, Some(peer))) => {
                let ratio = peer / gem;
                println!("{name:<14}{gem:>10.4}{peer:>10.4}{ratio:>8.2}");
                ratios.push((name, ratio));
            }
            Ok((gem, None)) => println!("{name:<14}{gem:>10.4}{:>10}{:>8}", "", ""),
            Err(error) => {
                println!("{name:<14}{error}");
                failed.push(name);
            }
        }
    }
    if !ratios.is_empty() {
        let values: Vec<f64> = ratios.iter().map(|(_, r)| *r).collect();
        let mean = geometric_mean(&values);
        println!("{:<34}{mean:>8.2}", "geometric mean");
        for (name, ratio) in ratios
            .iter()
            .filter(|(name, _)| AIMED.contains(&name.as_str()))
        {
            let verdict = if *ratio >= AIM { "reached" } else { "MISSED" };
            println!("aim {AIM}: {name:<10} {ratio:.2} {verdict}");
        }
    }
    ensure!(
        failed.is_empty(),
        "these did not run: {}",
        failed.join(", ")
    );
    Ok(())
}

/// Median seconds on the gem and on the peer, turn by turn. Both must print the same value.
fn one(machine: &Machine, name: &str) -> Result<(f64, Option<f64>)> {
    let path = machine.source(&format!("programs/small/{name}.rb"));
    let run = |mut command: Command| -> Result<(String, f64)> {
        command.arg(&path);
        let printed = output(command)?;
        Ok((
            word(&printed, "value")?.to_string(),
            number(&printed, "seconds")?,
        ))
    };
    let (mut gem, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let (value, seconds) = run(machine.gem())?;
        gem.push(seconds);
        if let Some(command) = machine.peer() {
            let (expected, seconds) = run(command)?;
            ensure!(value == expected, "prints {value}, the peer {expected}");
            peer.push(seconds);
        }
    }
    let peer = (!peer.is_empty()).then(|| median(peer));
    Ok((median(gem), peer))
}
