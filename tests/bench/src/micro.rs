//! Single operations, in nanoseconds: in Ruby beside MRI's interpreter, in Smalltalk beside GNU Smalltalk; and the walk over objects
//! that came out of a repository, beside the same walk over objects made here.

use crate::machine::{Machine, median, number, output};
use crate::table::{Row, Table};
use anyhow::{Context, Result, ensure};
use std::process::Command;

/// Objects of two variables a second.
const ALLOCATION: &str = "object of two variables";
const ALLOCATION_AIM: f64 = 50e6;
/// How much longer a walk over committed objects may take.
const GRAPH_AIM: f64 = 1.10;

type Times = Vec<(String, f64)>;

pub fn measure(machine: &Machine) -> Result<()> {
    let ruby = machine.source("programs/micro");
    let smalltalk = machine.source("programs/smalltalk");
    let mut table = Table::begin(
        "Single operations in Ruby",
        "ns",
        "gem ruby",
        vec!["ruby3.1"],
        machine.json,
    );
    let mut made = None;
    for file in programs(&ruby, ".rb")? {
        let ours = || {
            let mut command = machine.gem();
            command.arg(&file).current_dir(&ruby);
            command
        };
        let peer = machine.peer.is_some().then_some(|| {
            let mut command = machine.peer().expect("a peer");
            command.arg(&file).current_dir(&ruby);
            command
        });
        for row in rows(machine.turns, &ours, &peer)? {
            made = made.or((row.name == ALLOCATION).then_some(row.ours));
            table.add(row);
        }
    }
    table.end();
    let rate = 1e9 / made.with_context(|| format!("no figure for {ALLOCATION}"))?;
    verdict(
        machine,
        "objects a second",
        rate,
        ALLOCATION_AIM,
        rate >= ALLOCATION_AIM,
    );
    let mut table = Table::begin(
        "Single operations in Smalltalk",
        "ns",
        "gem smalltalk",
        vec!["gst"],
        machine.json,
    );
    for file in programs(&smalltalk, ".st")? {
        let name = file.trim_end_matches(".st");
        let ours = || {
            let mut command = machine.gem_smalltalk();
            command.args(["gem.st", name]).current_dir(&smalltalk);
            command
        };
        let peer = Machine::works("gst").then_some(|| {
            let mut command = Command::new("gst");
            command
                .args(["-q", "gst.st", "-a", name])
                .current_dir(&smalltalk);
            command
        });
        for row in rows(machine.turns, &ours, &peer)? {
            table.add(row);
        }
    }
    table.end();
    graph(machine)
}

/// Files of single operations, in order.
fn programs(directory: &std::path::Path, ending: &str) -> Result<Vec<String>> {
    let mut names: Vec<String> = std::fs::read_dir(directory)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("micro_") && name.ends_with(ending))
        .collect();
    names.sort();
    ensure!(!names.is_empty(), "no programs in {}", directory.display());
    Ok(names)
}

/// Medians of the turns. What the peer cannot run, it has no time for.
fn rows(
    turns: usize,
    ours: &dyn Fn() -> Command,
    peer: &Option<impl Fn() -> Command>,
) -> Result<Vec<Row>> {
    let mut our_runs = Vec::new();
    let mut peer_runs = Vec::new();
    for _ in 0..turns {
        our_runs.push(times_of(&output(ours())?)?);
        if let Some(peer) = peer {
            // Deep recursion ends MRI's run.
            peer_runs.push(
                output(peer())
                    .and_then(|p| times_of(&p))
                    .unwrap_or_default(),
            );
        }
    }
    let names: Vec<String> = our_runs[0].iter().map(|(name, _)| name.clone()).collect();
    let rows = names.into_iter().map(|name| Row {
        ours: median(collect(&our_runs, &name)),
        peers: vec![
            Some(collect(&peer_runs, &name))
                .filter(|t| !t.is_empty())
                .map(median),
        ],
        name,
    });
    Ok(rows.collect())
}

fn collect(runs: &[Times], name: &str) -> Vec<f64> {
    let of_run = |run: &Times| run.iter().find(|(n, _)| n == name).map(|(_, time)| *time);
    runs.iter().filter_map(of_run).collect()
}

fn times_of(printed: &str) -> Result<Times> {
    printed
        .lines()
        .map(|line| {
            let (name, time) = line.rsplit_once(": ").context("no figure")?;
            Ok((name.to_string(), time.trim().parse()?))
        })
        .collect::<Result<Times>>()
        .with_context(|| format!("not a list of figures: {printed}"))
}

fn graph(machine: &Machine) -> Result<()> {
    let (mut committed, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..machine.turns {
        let stone = machine.stone(0)?;
        let run = |program: &str| {
            let mut command = machine.gem_of(&stone);
            command.arg(machine.source(&format!("repository/{program}.rb")));
            output(command)
        };
        run("graph")?;
        let printed = run("graph_walk")?;
        committed.push(number(&printed, "committed")?);
        memory.push(number(&printed, "memory")?);
    }
    let ratio = median(committed) / median(memory);
    verdict(
        machine,
        "walk over committed objects / over made ones",
        ratio,
        GRAPH_AIM,
        ratio <= GRAPH_AIM,
    );
    Ok(())
}

fn verdict(machine: &Machine, what: &str, value: f64, aim: f64, reached: bool) {
    if machine.json {
        println!(r#"{{"figure":"{what}","value":{value:.3},"aim":{aim},"reached":{reached}}}"#);
    } else {
        let word = if reached { "reached" } else { "MISSED" };
        println!("aim {aim}: {what} {value:.2} {word}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_their_names() {
        let runs = vec![
            times_of("send: 10.5\nblock yield: 20\n").expect("figures"),
            times_of("send: 11.5\nensure:: 3.5\n").expect("figures"),
        ];
        assert_eq!(collect(&runs, "send"), vec![10.5, 11.5]);
        assert_eq!(collect(&runs, "block yield"), vec![20.0]);
        assert_eq!(collect(&runs, "ensure:"), vec![3.5]);
        assert!(times_of("an error\n").is_err());
    }
}
