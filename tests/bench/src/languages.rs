//! The well-known benchmarks in both languages: Ruby beside MRI's interpreter, Smalltalk beside the same program in Ruby here and
//! beside GNU Smalltalk when the machine has it.

use crate::machine::{Machine, median, output};
use crate::table::{Row, Table};
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// Iterations of a run; the first ones warm up and do not count.
const ITERATIONS: usize = 6;
const WARM: usize = 2;

/// Each program with its inner number: what makes an iteration last a quarter of a second on MRI, more or less.
const PROGRAMS: &[(&str, u32)] = &[
    ("Bounce", 200),
    ("List", 150),
    ("Permute", 100),
    ("Queens", 100),
    ("Sieve", 200),
    ("Storage", 80),
    ("Towers", 40),
    ("Mandelbrot", 500),
    ("NBody", 20_000),
    ("Json", 15),
    ("Richards", 5),
    ("DeltaBlue", 2000),
    ("CD", 10),
    ("Havlak", 0),
];

const RUBY: &str = "programs/ruby";
const SMALLTALK: &str = "programs/smalltalk";

/// A way to run a program by its name.
type System<'a> = &'a dyn Fn() -> Command;

pub fn measure(machine: &Machine) -> Result<()> {
    let mut failed = ruby(machine)?;
    if !machine.json {
        println!();
    }
    failed.extend(smalltalk(machine)?);
    ensure!(failed.is_empty(), "these failed:\n{}", failed.join("\n"));
    Ok(())
}

fn ruby(machine: &Machine) -> Result<Vec<String>> {
    let ours = || harness(machine, machine.gem());
    let peer = || harness(machine, machine.peer().expect("a peer"));
    let peers: Vec<(&str, System)> = match &machine.peer {
        Some(_) => vec![("ruby3.1", &peer)],
        None => Vec::new(),
    };
    table(machine, "Ruby", ("gem ruby", &ours), &peers)
}

fn smalltalk(machine: &Machine) -> Result<Vec<String>> {
    let directory = machine.source(SMALLTALK);
    let ours = || {
        let mut command = machine.gem_smalltalk();
        command.arg("gem.st").current_dir(&directory);
        command
    };
    let ruby = || harness(machine, machine.gem());
    let gst = || {
        let mut command = Command::new("gst");
        command.args(["-q", "gst.st", "-a"]).current_dir(&directory);
        command
    };
    let mut peers: Vec<(&str, System)> = vec![("gem ruby", &ruby)];
    if Machine::works("gst") {
        peers.push(("gst", &gst));
    }
    table(machine, "Smalltalk", ("gem smalltalk", &ours), &peers)
}

fn harness(machine: &Machine, mut command: Command) -> Command {
    command.arg(machine.source(RUBY).join("harness.rb"));
    command
}

/// Answers what failed.
fn table(
    machine: &Machine,
    title: &'static str,
    ours: (&'static str, System),
    peers: &[(&'static str, System)],
) -> Result<Vec<String>> {
    let names = peers.iter().map(|(name, _)| *name).collect();
    let unit = "microseconds of the processor an iteration (medians)";
    let mut table = Table::begin(title, unit, ours.0, names, machine.json);
    let mut failed = Vec::new();
    for (name, inner) in PROGRAMS.iter().filter(|(name, _)| machine.wants(name)) {
        match one(machine.turns, (name, *inner), ours.1, peers) {
            Ok(row) => table.add(row),
            Err(error) => failed.push(format!("{title} {name}: {error:#}")),
        }
    }
    table.end();
    Ok(failed)
}

/// Medians over all turns. A peer that fails leaves a gap; a failure of ours is an error.
fn one(
    turns: usize,
    (name, inner): (&str, u32),
    ours: System,
    peers: &[(&'static str, System)],
) -> Result<Row> {
    let mut times = Vec::new();
    let mut peer_times: Vec<Option<Vec<f64>>> = vec![Some(Vec::new()); peers.len()];
    for _ in 0..turns {
        times.extend(run(ours(), name, inner)?);
        for ((_, peer), times) in peers.iter().zip(&mut peer_times) {
            let Some(collected) = times else { continue };
            match run(peer(), name, inner) {
                Ok(more) => collected.extend(more),
                Err(_) => *times = None,
            }
        }
    }
    Ok(Row {
        name: name.to_string(),
        ours: median(times),
        peers: peer_times.into_iter().map(|t| t.map(median)).collect(),
    })
}

fn run(mut command: Command, name: &str, inner: u32) -> Result<Vec<f64>> {
    command.args([name, &ITERATIONS.to_string(), &inner.to_string()]);
    times_of(&output(command)?)
}

/// The times of the warm iterations.
fn times_of(printed: &str) -> Result<Vec<f64>> {
    let times = printed
        .lines()
        .filter_map(|line| line.split_once(": iterations=1 runtime: "))
        .map(|(_, time)| Ok(time.trim_end_matches("us").parse::<f64>()?))
        .collect::<Result<Vec<f64>>>()
        .with_context(|| format!("no times in: {printed}"))?;
    ensure!(
        times.len() == ITERATIONS,
        "{} iterations instead of {ITERATIONS}: {printed}",
        times.len()
    );
    Ok(times[WARM..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warm_iterations_are_left_out() {
        let mut printed = String::new();
        for i in 1..=ITERATIONS {
            printed += &format!("Sieve: iterations=1 runtime: {i}us\n");
        }
        printed += "Sieve: iterations=6 average: 3us total: 21us\n";
        assert_eq!(times_of(&printed).expect("times"), vec![3.0, 4.0, 5.0, 6.0]);
        assert!(times_of("Sieve: wrong result\n").is_err());
    }
}
