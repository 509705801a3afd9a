//! `stone start`: in this process, or in one of its own that says when it serves.

use crate::cli::Start;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use stone_server::{console, grpc, open_engine, places};

/// What the background process says when it serves.
const READY: &str = "ready";

pub fn run(start: &Start) -> Result<(), String> {
    check_name(&start.stone.name)?;
    let socket = socket(start)?;
    if start.foreground {
        serve(start, &socket)
    } else {
        background(start, &socket)
    }
}

/// Names become file names.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        return Err(format!("{name:?} cannot be a stone's name"));
    }
    Ok(())
}

fn data(start: &Start) -> PathBuf {
    start
        .data
        .clone()
        .unwrap_or_else(|| places::data_dir(&start.stone.name))
}

fn socket(start: &Start) -> Result<PathBuf, String> {
    match start.listen.as_slice() {
        [] => Ok(places::socket(&start.stone.name)),
        [one] => match one.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            Some(path) => Ok(PathBuf::from(path)),
            None => Err(format!(
                "cannot listen on {one}: this version listens on unix:PATH only"
            )),
        },
        _ => Err("this version listens on one address".into()),
    }
}

fn create_dirs(data: &Path, socket: &Path) -> Result<(), String> {
    for dir in [Some(data), socket.parent()].into_iter().flatten() {
        std::fs::create_dir_all(dir)
            .map_err(|e| format!("cannot create {}: {e}", dir.display()))?;
    }
    Ok(())
}

fn serve(start: &Start, socket: &Path) -> Result<(), String> {
    if start.announce {
        // A session of its own, so that closing the terminal does not end it.
        let _ = rustix::process::setsid();
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // It would say on standard error that standard error cannot be written, and panic.
        .log_internal_errors(false)
        .init();
    let result = serve_until_stopped(start, socket);
    if let (Err(text), true) = (&result, start.announce) {
        // The process that started this one says it to the user; the log has it too.
        let _ = console::say(text);
    }
    result
}

fn serve_until_stopped(start: &Start, socket: &Path) -> Result<(), String> {
    let data = data(start);
    create_dirs(&data, socket)?;
    let seed = match &start.seed {
        Some(seed) if !seed.is_file() => {
            return Err(format!("there is no seed {}", seed.display()));
        }
        Some(seed) => Some(seed.clone()),
        None => places::find_seed(),
    };
    let name = &start.stone.name;
    let engine = open_engine(name, &data, seed.as_deref()).map_err(|e| e.to_string())?;
    let pid_file = places::pid_file(name);
    let written = pid_file
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&pid_file, std::process::id().to_string()));
    if let Err(error) = written {
        tracing::warn!("no {}: {error}", pid_file.display());
    }
    let served = grpc::serve(engine, socket, || {
        tracing::info!("{name} serves {} on {}", data.display(), socket.display());
        if start.announce {
            // Whoever started this one may have left: the stone serves all the same.
            let _ = console::say(READY);
        }
    });
    let _ = std::fs::remove_file(&pid_file);
    served.map_err(|e| e.to_string())
}

fn background(start: &Start, socket: &Path) -> Result<(), String> {
    let data = data(start);
    create_dirs(&data, socket)?;
    let log = data.join("stone.log");
    let log_file: File = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&log)
        .map_err(|e| format!("cannot write {}: {e}", log.display()))?;
    let program = std::env::current_exe().map_err(|e| format!("cannot find this program: {e}"))?;
    let mut command = Command::new(program);
    command
        .args([
            "start",
            &start.stone.name,
            "--foreground",
            "--announce",
            "--data",
        ])
        .arg(&data);
    if let Some(seed) = &start.seed {
        command.arg("--seed").arg(seed);
    }
    start.listen.iter().for_each(|address| {
        command.arg("--listen").arg(address);
    });
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log_file)
        .spawn()
        .map_err(|e| format!("cannot start the stone: {e}"))?;
    let mut said = String::new();
    let stdout = child.stdout.take().expect("it was piped");
    let heard = BufReader::new(stdout).read_line(&mut said);
    match said.trim_end() {
        READY => Ok(()),
        "" => Err(match heard {
            Err(error) => format!("the stone does not say whether it serves: {error}"),
            Ok(_) => format!("the stone ended before it served; see {}", log.display()),
        }),
        text => {
            let _ = child.wait();
            Err(text.to_string())
        }
    }
}
