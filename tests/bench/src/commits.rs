//! Small durable commits from several gems at once, beside a program that appends and syncs, one at a time.
//!
//! Both sides add 2 ms to each sync, so that the disk's mood does not decide; the raw disk is printed beside.

use crate::machine::{Machine, Stone, number};
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const CLIENTS: usize = 8;
const COMMITS: usize = 200;
const SYNC_DELAY_MS: u32 = 2;
/// Bytes one commit brings: ten objects of 100 bytes.
const COMMIT_BYTES: usize = 1000;
const AIM: f64 = 4.0;

pub fn measure(machine: &Machine) -> Result<()> {
    println!(
        "Durable commits of 10 objects of 100 bytes, {CLIENTS} gems at once, {SYNC_DELAY_MS} ms added to each sync"
    );
    let delay = Duration::from_millis(SYNC_DELAY_MS.into());
    let single = appends_per_second(COMMITS, delay)?;
    let group = commits_per_second(machine, SYNC_DELAY_MS)?;
    // The raw figures say what disk the rest was measured on.
    let raw = appends_per_second(COMMITS, Duration::ZERO)?;
    let raw_group = commits_per_second(machine, 0)?;
    let ratio = group / single;
    println!("{:<34}{:>10}{:>12}", "", "commits/s", "raw disk");
    println!("{:<34}{group:>10.0}{raw_group:>12.0}", "stone");
    println!(
        "{:<34}{single:>10.0}{raw:>12.0}",
        "append and sync, one at a time"
    );
    let verdict = if ratio >= AIM { "reached" } else { "MISSED" };
    println!("aim {AIM} times: {ratio:.1} {verdict}");
    Ok(())
}

/// What a program gets that appends a commit's bytes and syncs, again and again.
fn appends_per_second(count: usize, delay: Duration) -> Result<f64> {
    let mut file: File = tempfile::tempfile()?;
    let bytes = [b'x'; COMMIT_BYTES];
    let started = Instant::now();
    for _ in 0..count {
        file.write_all(&bytes)?;
        file.sync_data()?;
        if !delay.is_zero() {
            std::thread::sleep(delay);
        }
    }
    Ok(count as f64 / started.elapsed().as_secs_f64())
}

fn commits_per_second(machine: &Machine, sync_delay_ms: u32) -> Result<f64> {
    let stone = machine.stone(sync_delay_ms)?;
    let mut prepare = machine.gem_of(&stone);
    prepare
        .arg(machine.source("repository/prepare_commits.rb"))
        .arg(CLIENTS.to_string());
    crate::machine::output(prepare)?;
    let mut clients: Vec<Client> = (0..CLIENTS)
        .map(|number| Client::start(machine, &stone, number))
        .collect::<Result<_>>()?;
    for client in &mut clients {
        client.await_ready()?;
    }
    let started = Instant::now();
    for client in &mut clients {
        client.go()?;
    }
    for client in &mut clients {
        client.finish()?;
    }
    Ok((CLIENTS * COMMITS) as f64 / started.elapsed().as_secs_f64())
}

/// One gem that waits for the word to begin.
struct Client {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Client {
    fn start(machine: &Machine, stone: &Stone, number: usize) -> Result<Client> {
        let mut child = machine
            .gem_of(stone)
            .arg(machine.source("repository/commits.rb"))
            .arg(number.to_string())
            .arg(COMMITS.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(child.stdout.take().context("a pipe")?);
        Ok(Client { child, output })
    }

    fn await_ready(&mut self) -> Result<()> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(line.trim() == "ready", "a client says {line:?}");
        Ok(())
    }

    fn go(&mut self) -> Result<()> {
        let stdin = self.child.stdin.as_mut().context("a pipe")?;
        Ok(stdin.write_all(b"go\n")?)
    }

    fn finish(&mut self) -> Result<()> {
        let mut printed = String::new();
        self.output.read_to_string(&mut printed)?;
        let status = self.child.wait()?;
        ensure!(status.success(), "a client failed: {printed}");
        number(&printed, "seconds")?;
        Ok(())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
