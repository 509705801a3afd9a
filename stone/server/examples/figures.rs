//! Prints the stone's figures: group commit against one append and sync at a time (with 2 ms
//! added to each sync on both sides), one large commit, bulk faults, opening a file.
//!
//! `cargo run -p stone-server --example figures`; run it on an optimised build for real numbers.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Client, genesis, record};
use proto::messages::*;
use proto::service::Stone;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SYNC_DELAY: Duration = Duration::from_millis(2);
const SPAN: Duration = Duration::from_secs(2);

fn main() {
    // The embedded stones of this process read it when they open; set it from outside.
    if std::env::var_os("MAGLEV_SYNC_DELAY_MS").is_none() {
        let program = std::env::current_exe().expect("this program");
        let status = std::process::Command::new(program)
            .env("MAGLEV_SYNC_DELAY_MS", "2")
            .status();
        std::process::exit(status.map_or(1, |s| s.code().unwrap_or(1)));
    }
    let dir = tempfile::tempdir().expect("a directory");
    let serial = serial_appends(dir.path());
    let grouped = grouped_commits(&dir.path().join("a"), 8);
    let alone = grouped_commits(&dir.path().join("b"), 1);
    println!("append+sync one at a time, +2 ms      {serial:>9.0} commits/s");
    println!("stone, 1 client, +2 ms                {alone:>9.0} commits/s");
    println!(
        "stone, 8 clients, +2 ms               {grouped:>9.0} commits/s = {:.1} x",
        grouped / serial
    );
    large(&dir.path().join("c"));
}

fn write_set(first: u64) -> Vec<u8> {
    (first..first + 10)
        .flat_map(|id| record(id, &[1; 100]))
        .collect()
}

fn serial_appends(dir: &std::path::Path) -> f64 {
    use std::io::Write;
    let mut file = std::fs::File::create(dir.join("raw")).expect("a file");
    let (bytes, start, mut n) = (write_set(5000), Instant::now(), 0);
    while start.elapsed() < SPAN {
        file.write_all(&bytes).expect("a write");
        std::thread::sleep(SYNC_DELAY);
        file.sync_data().expect("a sync");
        n += 1;
    }
    n as f64 / start.elapsed().as_secs_f64()
}

fn grouped_commits(data: &std::path::Path, clients: usize) -> f64 {
    let stone = stone_server::seed_new(data).expect("a stone");
    Client::login(&stone).must_commit(genesis());
    let start = Instant::now();
    let total: usize = std::thread::scope(|scope| {
        let run = |stone: Arc<dyn Stone>| {
            let mut c = Client::login(&stone);
            let first = c.lease(10_000_000);
            let mut n = 0;
            while start.elapsed() < SPAN {
                c.must_commit(write_set(first + n as u64 * 10));
                n += 1;
            }
            n
        };
        let threads: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn({
                    let s = stone.clone();
                    move || run(s)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|t| t.join().expect("a client"))
            .sum()
    });
    total as f64 / start.elapsed().as_secs_f64()
}

fn large(data: &std::path::Path) {
    const COUNT: u64 = 100_000;
    let stone = stone_server::seed_new(data).expect("a stone");
    let mut c = Client::login(&stone);
    c.must_commit(genesis());
    let first = c.lease(COUNT);
    let bytes: Vec<u8> = (first..first + COUNT)
        .flat_map(|id| record(id, &[2; 100]))
        .collect();
    let start = Instant::now();
    c.must_commit(bytes);
    println!(
        "one commit of 100,000 objects         {:>9.3} s",
        start.elapsed().as_secs_f64()
    );
    traverse("loose", &c, first, COUNT);
    let start = Instant::now();
    stone
        .checkpoint(CheckpointRequest {})
        .expect("a checkpoint");
    println!(
        "checkpoint of them                    {:>9.3} s",
        start.elapsed().as_secs_f64()
    );
    traverse("packed", &c, first, COUNT);
    let dbf = data.join("big.dbf");
    let start = Instant::now();
    stone
        .backup(BackupRequest {
            path: dbf.display().to_string(),
        })
        .expect("a backup");
    println!(
        "backup                                {:>9.3} s",
        start.elapsed().as_secs_f64()
    );
    let start = Instant::now();
    let file = stone_server::read_only(&dbf).expect("a file");
    println!(
        "open it read-only                     {:>9.3} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    traverse("mapped", &Client::login(&file), first, COUNT);
    let start = Instant::now();
    let reply = file.audit(AuditRequest {}).expect("an audit");
    println!(
        "audit of {} objects              {:>9.3} s",
        reply.objects,
        start.elapsed().as_secs_f64()
    );
}

fn traverse(what: &str, c: &Client, first: u64, count: u64) {
    let start = Instant::now();
    let (mut id, mut calls) = (first, 0);
    while id < first + count {
        let reply = c.fault(&[id], 64).expect("a fault");
        calls += 1;
        reply
            .for_each_record(|r| id = id.max(r.id().0 + 1))
            .expect("records");
    }
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("faults of {what:<8} objects, {calls:>4} calls  {rate:>9.0} objects/s");
}
