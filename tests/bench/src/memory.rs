//! Object memory: pauses with much alive, small objects a second, the load barrier, a graph larger than the session's memory.

use crate::machine::{Machine, number, output, word};
use anyhow::{Context, Result};

/// MiB alive while pauses are measured, and the most microseconds of a young one at the 99th percentile.
const ALIVE_MIB: &str = "512";
const PAUSE_US_MAX: f64 = 5000.0;
/// Million objects a second, and percent that a walk over faulted objects may take more.
const ALLOCATE_AIM: f64 = 50.0;
const BARRIER_PERCENT_MAX: f64 = 10.0;
/// MiB of the graph, and of the session that walks it; MiB of changes from commit to commit.
const GRAPH_MIB: &str = "1024";
const SESSION_MIB: &str = "64";
const COMMIT_MIB: &str = "20";

pub fn measure(machine: &Machine) -> Result<()> {
    println!("Object memory");
    pauses(machine)?;
    allocation(machine)?;
    barrier(machine)?;
    walk(machine)
}

fn verdict(reached: bool) -> &'static str {
    if reached { "reached" } else { "MISSED" }
}

fn program(machine: &Machine, name: &str) -> std::path::PathBuf {
    machine.source(&format!("programs/memory/{name}.rb"))
}

fn pauses(machine: &Machine) -> Result<()> {
    let mut command = machine.gem();
    command.arg(program(machine, "pauses")).arg(ALIVE_MIB);
    let printed = output(command)?;
    // The second line tells of the whole run, with the stores into old objects.
    let line = printed.lines().filter(|l| l.starts_with("young ")).nth(1);
    let line = line.context("two lines about young collections")?;
    let p99 = line
        .split_once(" p99 ")
        .and_then(|(_, rest)| rest.split(' ').next())
        .context("a p99")?
        .parse::<f64>()?;
    println!("{ALIVE_MIB} MiB alive: {line}");
    let verdict = verdict(p99 <= PAUSE_US_MAX);
    println!("aim p99 of young pauses {PAUSE_US_MAX} us: {p99} {verdict}");
    Ok(())
}

fn allocation(machine: &Machine) -> Result<()> {
    let mut command = machine.gem();
    command.arg(program(machine, "allocate"));
    let printed = output(command)?;
    for name in ["bare", "points"] {
        println!("{name} {}", word(&printed, name)?);
    }
    let bare = word(&printed, "bare")?.split(' ').next();
    let bare: f64 = bare.context("a rate")?.parse()?;
    let verdict = verdict(bare >= ALLOCATE_AIM);
    println!("aim {ALLOCATE_AIM} million bare objects a second: {bare} {verdict}");
    Ok(())
}

fn barrier(machine: &Machine) -> Result<()> {
    let stone = machine.stone(0)?;
    let mut command = machine.gem_of(&stone);
    command.arg(program(machine, "barrier")).arg("build");
    output(command)?;
    let mut command = machine.gem_of(&stone);
    command.arg(program(machine, "barrier"));
    let printed = output(command)?;
    let percent = number(&printed, "percent")?;
    print!("{printed}");
    let verdict = verdict(percent <= BARRIER_PERCENT_MAX);
    println!("aim {BARRIER_PERCENT_MAX} % more over faulted objects: {percent} {verdict}");
    Ok(())
}

fn walk(machine: &Machine) -> Result<()> {
    let stone = machine.stone(0)?;
    println!("a graph of {GRAPH_MIB} MiB in sessions of {SESSION_MIB} MiB:");
    for (name, arguments) in [
        ("build", [GRAPH_MIB, COMMIT_MIB].as_slice()),
        ("walk", [COMMIT_MIB].as_slice()),
    ] {
        let mut command = machine.gem_of(&stone);
        command
            .env("MAGLEV_MEMORY", SESSION_MIB)
            .arg(program(machine, name))
            .args(arguments);
        print!("{name}: {}", output(command)?);
    }
    Ok(())
}
