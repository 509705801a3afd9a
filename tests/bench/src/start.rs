//! How long `gem ruby -e 1` takes, and how much memory a gem has when its program begins.

use crate::machine::{Machine, median};
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

const TURNS: usize = 15;
/// Figures to reach.
const MS_MAX: f64 = 60.0;
const MB_MAX: f64 = 60.0;

pub fn measure(machine: &Machine) -> Result<()> {
    println!(
        "Start of `ruby -e 1` on the read-only image (median of {TURNS}), peak of resident memory"
    );
    println!("{:<14}{:>10}{:>10}", "", "ms", "MB");
    let gem = || machine.gem();
    let (ms, mb) = one(&gem)?;
    println!("{:<14}{ms:>10.1}{mb:>10.1}", "gem");
    if machine.peer.is_some() {
        let peer = || machine.peer().expect("a peer");
        let (peer_ms, peer_mb) = one(&peer)?;
        println!("{:<14}{peer_ms:>10.1}{peer_mb:>10.1}", "peer");
    }
    for (what, value, most) in [("ms", ms, MS_MAX), ("MB", mb, MB_MAX)] {
        let verdict = if value <= most { "reached" } else { "MISSED" };
        println!("aim {most} {what}: {value:.1} {verdict}");
    }
    Ok(())
}

fn one(command: &dyn Fn() -> Command) -> Result<(f64, f64)> {
    let mut times = Vec::new();
    for _ in 0..TURNS {
        let started = Instant::now();
        let status = command()
            .args(["-e", "1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()?;
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        ensure!(status.success(), "it failed with {status}");
    }
    Ok((median(times), peak_mb(command())?))
}

/// Peak of resident memory, mapped pages counted, as the kernel tells it while the program waits at its end.
fn peak_mb(mut command: Command) -> Result<f64> {
    let mut child = command
        .args(["-e", "puts 1; $stdout.flush; $stdin.gets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("a pipe")?).read_line(&mut line)?;
    let about = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    // A program that has failed has closed the pipe already.
    let _ = child.stdin.take().context("a pipe")?.write_all(b"\n");
    let ended = child.wait()?;
    ensure!(
        line.trim() == "1",
        "it printed {line:?} and ended with {ended}"
    );
    peak_of(&about?)
}

fn peak_of(status: &str) -> Result<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("no VmHWM in /proc")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::peak_of;

    #[test]
    fn the_kernel_counts_in_kilobytes() {
        let status = "Name:\tgem\nVmPeak:\t  999 kB\nVmHWM:\t   2048 kB\n";
        assert_eq!(peak_of(status).expect("a peak"), 2.0);
        assert!(peak_of("Name:\tgem\n").is_err());
    }
}
