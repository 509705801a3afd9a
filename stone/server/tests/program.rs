//! The `stone` program from outside: start, stop, and every refusal in one clear line.

mod common;

use common::{Client, genesis, record};
use proto::client::GrpcStone;
use proto::messages::*;
use proto::service::Stone;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

fn stone(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stone"));
    command
        .args(arguments)
        .env("MAGLEV_HOME", home)
        .env_remove("MAGLEV_IMAGES");
    command.output().unwrap()
}

#[track_caller]
fn succeeds(home: &Path, arguments: &[&str]) -> String {
    let output = stone(home, arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Fails with status 1 and one line on standard error that says `what`.
#[track_caller]
fn fails(home: &Path, arguments: &[&str], what: &str) {
    let output = stone(home, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert!(
        said.contains(what) && said.lines().count() == 1,
        "{arguments:?}: {said}"
    );
}

fn seed(home: &Path) -> PathBuf {
    let stone = stone_server::in_memory(None).unwrap();
    Client::login(&stone).must_commit(genesis());
    let path = home.join("seed.dbf");
    stone
        .backup(BackupRequest {
            path: path.display().to_string(),
        })
        .unwrap();
    path
}

#[test]
fn a_stone_starts_works_and_stops() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let seed = seed(home);
    let seed = seed.to_str().unwrap();
    fails(home, &["status"], "no stone named maglev is running");
    fails(
        home,
        &["start", "--seed", "/nowhere.dbf"],
        "there is no seed",
    );
    succeeds(home, &["start", "--seed", seed]);
    succeeds(home, &["wait", "--seconds", "1"]);
    fails(home, &["start"], "in use by another stone");
    assert!(succeeds(home, &["status"]).contains("commit_seq      1"));

    let address = format!("unix:{}", home.join("run/maglev.sock").display());
    let remote: Arc<dyn Stone> = Arc::new(GrpcStone::connect(&address).unwrap());
    let mut client = Client::login(&remote);
    let id = client.lease(1);
    client.must_commit(record(id, b"kept"));
    fails(home, &["stop"], "1 sessions are logged in");
    assert!(succeeds(home, &["sessions"]).contains("tests"));
    succeeds(home, &["checkpoint"]);
    succeeds(home, &["audit"]);
    fails(home, &["gc"], "not in this version");
    let copy = home.join("copy.dbf");
    succeeds(home, &["backup", copy.to_str().unwrap()]);
    succeeds(home, &["audit", copy.to_str().unwrap()]);
    // The connection breaks: the stone ends its session.
    drop((client, remote));
    let other: Arc<dyn Stone> = Arc::new(GrpcStone::connect(&address).unwrap());
    while !other
        .sessions(SessionsRequest {})
        .unwrap()
        .sessions
        .is_empty()
    {
        std::thread::yield_now();
    }
    drop(other);
    succeeds(home, &["stop"]);
    assert!(!home.join("run/maglev.sock").exists());
    succeeds(
        home,
        &[
            "audit",
            "--data",
            home.join("data/maglev").to_str().unwrap(),
        ],
    );

    let restored = home.join("restored");
    let restored = restored.to_str().unwrap();
    succeeds(
        home,
        &["restore", copy.to_str().unwrap(), "--data", restored],
    );
    fails(
        home,
        &["restore", copy.to_str().unwrap(), "--data", restored],
        "already",
    );
    succeeds(home, &["start", "second", "--data", restored]);
    let status = succeeds(home, &["status", "second", "--json"]);
    assert!(status.contains("\"commit_seq\":2"), "{status}");
    succeeds(home, &["stop", "second"]);
}

#[test]
fn damaged_and_absent_things_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    fails(home, &["start"], "there is no image to seed it from");
    let hurt = home.join("hurt.dbf");
    let mut bytes = std::fs::read(seed(home)).unwrap();
    bytes.truncate(bytes.len() - 5);
    std::fs::write(&hurt, bytes).unwrap();
    fails(
        home,
        &["start", "--seed", hurt.to_str().unwrap()],
        "cut short",
    );
    fails(home, &["audit", hurt.to_str().unwrap()], "cut short");
    fails(home, &["start", "../evil"], "cannot be a stone's name");
    fails(home, &["start", "--listen", "tcp:1"], "unix:PATH");
    assert_eq!(
        stone(home, &["start", "--no-such-option"]).status.code(),
        Some(2)
    );
}

/// A stone whose files may not grow further: commits are refused with a clear error, nothing
/// acknowledged is lost, and with room again it goes on.
#[test]
fn a_full_disk_refuses_commits_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    let seed = seed(home);
    let mut limited = Command::new("bash")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 600; exec \"$0\" start --foreground --seed \"$1\"",
        ])
        .arg(env!("CARGO_BIN_EXE_stone"))
        .arg(&seed)
        .env("MAGLEV_HOME", home)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    succeeds(home, &["wait"]);
    let address = format!("unix:{}", home.join("run/maglev.sock").display());
    let remote: Arc<dyn Stone> = Arc::new(GrpcStone::connect(&address).unwrap());
    let mut client = Client::login(&remote);
    let first = client.lease(1000);
    let mut kept = 0;
    let error = loop {
        let request = CommitRequest {
            write_set: record(first + kept, &[3; 50_000]).into(),
            ..Default::default()
        };
        match client.try_commit(request) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(error, proto::service::StoneError::DiskFull(_)),
        "{error}"
    );
    assert!(kept > 3);
    // A smaller one still fits.
    client.must_commit(record(first + 999, b"small"));
    limited.kill().unwrap();
    limited.wait().unwrap();
    succeeds(home, &["start"]);
    let remote: Arc<dyn Stone> = Arc::new(GrpcStone::connect(&address).unwrap());
    let client = Client::login(&remote);
    let ids: Vec<u64> = (first..first + kept).chain([first + 999]).collect();
    assert_eq!(client.read(&ids).len(), ids.len());
    succeeds(home, &["audit"]);
    succeeds(home, &["stop", "--force"]);
}
