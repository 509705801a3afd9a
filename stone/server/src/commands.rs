//! What each command of `stone` does.

use crate::cli::Command;
use crate::start;
use proto::client::GrpcStone;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use stone_server::data_dir::restore;
use stone_server::{console, places};
use stone_store::replay::Until;

type Outcome = Result<(), String>;

pub fn run(command: Command) -> Outcome {
    match command {
        Command::Start(arguments) => start::run(&arguments),
        Command::Stop { stone, force } => stop(&stone.name, force),
        Command::Status { stone, json } => status(&stone.name, json),
        Command::Sessions { stone, json } => sessions(&stone.name, json),
        Command::Wait { stone, seconds } => wait(&stone.name, seconds),
        Command::Checkpoint { stone } => {
            let done = connect(&stone.name)?
                .checkpoint(CheckpointRequest {})
                .map_err(text)?;
            say(format_args!(
                "checkpoint at commit {}, {} records packed",
                done.seq, done.packed_records
            ))
        }
        Command::Gc { .. } => {
            Err("garbage collection of the repository is not in this version".into())
        }
        Command::Backup { words } => backup(&words),
        Command::Restore {
            file,
            data,
            tranlogs,
            until,
        } => {
            let until = parse_until(until.as_deref())?;
            let seq = restore(&file, &data, tranlogs.as_deref(), until).map_err(text)?;
            say(format_args!("{} restored at commit {seq}", data.display()))
        }
        Command::Audit { target, data } => audit(target, data),
    }
}

fn text(error: StoneError) -> String {
    error.to_string()
}

/// A line of the command's answer.
fn say(line: impl std::fmt::Display) -> Outcome {
    console::say(line).map_err(|e| console::lost(&e))
}

fn address(name: &str) -> Result<String, String> {
    start::check_name(name)?;
    Ok(format!("unix:{}", places::socket(name).display()))
}

fn connect(name: &str) -> Result<GrpcStone, String> {
    GrpcStone::connect(&address(name)?).map_err(|_| {
        format!("no stone named {name} is running (start it with `stone start {name}`)")
    })
}

fn stop(name: &str, force: bool) -> Outcome {
    let stone = connect(name)?;
    let status = stone.status(StatusRequest {}).map_err(text)?;
    stone.stop(StopRequest { force }).map_err(text)?;
    drop(stone);
    // It has ended when its directory's lock is free: the last thing that it lets go of.
    let lock = Path::new(&status.data_dir).join("lock");
    let file =
        std::fs::File::open(&lock).map_err(|e| format!("cannot open {}: {e}", lock.display()))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockShared)
        .map_err(|e| format!("cannot wait for the stone: {e}"))
}

fn status(name: &str, as_json: bool) -> Outcome {
    let s = connect(name)?.status(StatusRequest {}).map_err(text)?;
    let rows = [
        ("name", json!(s.name)),
        ("pid", json!(s.pid)),
        ("version", json!(s.version)),
        ("data_dir", json!(s.data_dir)),
        ("commit_seq", json!(s.commit_seq)),
        ("checkpoint_seq", json!(s.checkpoint_seq)),
        ("next_id", json!(s.next_id)),
        ("pages", json!(s.page_count)),
        ("symbols", json!(s.symbol_count)),
        ("sessions", json!(s.session_count)),
        ("loose_records", json!(s.loose_records)),
        ("loose_bytes", json!(s.loose_bytes)),
        ("tranlog_bytes", json!(s.tranlog_bytes)),
        ("commits", json!(s.commit_count)),
        ("conflicts", json!(s.conflict_count)),
        ("syncs", json!(s.sync_count)),
        ("poisoned", json!(s.poisoned)),
    ];
    if as_json {
        let object: serde_json::Map<_, _> =
            rows.map(|(k, v)| (k.to_string(), v)).into_iter().collect();
        return say(serde_json::Value::Object(object));
    }
    for (key, value) in rows {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_string);
        say(format_args!("{key:<15} {value}"))?;
    }
    Ok(())
}

fn sessions(name: &str, as_json: bool) -> Outcome {
    let rows = connect(name)?
        .sessions(SessionsRequest {})
        .map_err(text)?
        .sessions;
    if as_json {
        let list = rows.iter().map(|s| {
            json!({
                "session": s.session, "user": s.user, "client": s.client, "pid": s.pid,
                "view": s.view, "behind": s.behind, "commits": s.commits,
                "outside_transaction": s.outside_transaction, "view_revoked": s.view_revoked,
            })
        });
        return say(serde_json::Value::Array(list.collect()));
    }
    say(format_args!(
        "{:>7} {:<12} {:>7} {:>9} {:>7} {:>7}  client",
        "session", "user", "pid", "view", "behind", "commits"
    ))?;
    for s in rows {
        say(format_args!(
            "{:>7} {:<12} {:>7} {:>9} {:>7} {:>7}  {}",
            s.session, s.user, s.pid, s.view, s.behind, s.commits, s.client
        ))?;
    }
    Ok(())
}

/// Between two tries to connect.
const WAIT_STEP: Duration = Duration::from_millis(20);

fn wait(name: &str, seconds: u64) -> Outcome {
    let address = address(name)?;
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        let served = GrpcStone::connect(&address).and_then(|stone| stone.status(StatusRequest {}));
        match served {
            Ok(_) => return Ok(()),
            Err(_) if Instant::now() < end => std::thread::sleep(WAIT_STEP),
            Err(error) => return Err(format!("{name} does not serve after {seconds} s: {error}")),
        }
    }
}

fn backup(words: &[String]) -> Outcome {
    let (name, file) = match words {
        [file] => ("maglev", file),
        [name, file] => (name.as_str(), file),
        _ => unreachable!("the parser allows one or two"),
    };
    let path = std::path::absolute(file).map_err(|e| format!("cannot use {file}: {e}"))?;
    let request = BackupRequest {
        path: path.display().to_string(),
    };
    let done = connect(name)?.backup(request).map_err(text)?;
    say(format_args!(
        "{file}: commit {}, {} objects, {} bytes",
        done.seq, done.objects, done.bytes
    ))
}

fn parse_until(until: Option<&str>) -> Result<Until, String> {
    let bad = |_| {
        format!(
            "{} is neither a commit number nor @SECONDS",
            until.unwrap_or_default()
        )
    };
    match until {
        None => Ok(Until::End),
        Some(text) => match text.strip_prefix('@') {
            Some(seconds) => Ok(Until::TimeMs(
                seconds.parse::<u64>().map_err(bad)?.saturating_mul(1000),
            )),
            None => Ok(Until::Commit(text.parse().map_err(bad)?)),
        },
    }
}

fn audit(target: Option<String>, data: Option<PathBuf>) -> Outcome {
    let reply = match (data, target) {
        (Some(data), _) => {
            if !data.is_dir() {
                return Err(format!("there is no data directory {}", data.display()));
            }
            stone_server::embedded(&data, None)
                .map_err(text)?
                .audit(AuditRequest {})
                .map_err(text)?
        }
        (None, Some(file)) if Path::new(&file).extension().is_some_and(|e| e == "dbf") => {
            stone_server::read_only(Path::new(&file))
                .map_err(text)?
                .audit(AuditRequest {})
                .map_err(text)?
        }
        (None, name) => {
            let stone = connect(name.as_deref().unwrap_or("maglev"))?;
            stone.audit(AuditRequest {}).map_err(text)?
        }
    };
    for problem in &reply.problems {
        say(problem)?;
    }
    say(format_args!(
        "{} objects, {} pages, {} symbols",
        reply.objects, reply.pages, reply.symbols
    ))?;
    match reply.problems.len() {
        0 => Ok(()),
        n => Err(format!("the audit found {n} problems")),
    }
}
