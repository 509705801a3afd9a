//! Running spec files.

use super::results::FileResult;
use super::source::Source;
use crate::programs::{gem, program, repository};
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Longest time for one file, in an unoptimized build on a busy machine.
const FILE_TIME_MAX: Duration = Duration::from_secs(120);

/// Runs the files, as many at once as the machine has processors, and answers their results in the order of `files`.
///
/// # Panics
/// When a process cannot be started.
pub fn run_files(source: &Source, files: &[String]) -> Vec<FileResult> {
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let next = Mutex::new(files.iter().enumerate());
    let made = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().expect("no worker panicked").next();
                    let Some((index, file)) = taken else { break };
                    let result = run_file(source, file);
                    made.lock()
                        .expect("no worker panicked")
                        .push((index, result));
                }
            });
        }
    });
    let mut made = made.into_inner().expect("no worker panicked");
    made.sort_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, result)| result).collect()
}

/// Runs one file in a process of its own.
///
/// # Panics
/// When the process cannot be started.
pub fn run_file(source: &Source, file: &str) -> FileResult {
    let place = tempfile::tempdir().expect("a temporary directory");
    let results = place.path().join("results");
    let runner = source.mspec.join("bin/mspec-run");
    let formatter = repository().join("tests/ruby-spec/results.rb");
    let mut command = gem(&["ruby"]);
    command
        .arg(runner)
        .arg("-f")
        .arg(formatter)
        .arg("-o")
        .arg(&results)
        .arg(file)
        .current_dir(&source.spec)
        .env("SPEC_TEMP_DIR", place.path().join("files"))
        .env("MAGLEV_HOME", place.path())
        // The specs start `RbConfig.ruby`, which is to be the program under test.
        .env("MAGLEV_BIN", program("gem").parent().expect("a directory"))
        .env("MAGLEV_RUBY_LIB", repository().join("ruby-src/lib"))
        .env_remove("RUBY_EXE")
        .env_remove("RUBYLIB")
        .env_remove("RUBYOPT")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Children of the specs end with it.
        .process_group(0);
    let start = Instant::now();
    let mut child = command.spawn().expect("gem starts");
    let ended = match wait(&mut child, start + FILE_TIME_MAX) {
        None => Some(format!("still running after {} s", FILE_TIME_MAX.as_secs())),
        Some(status) if status.code().is_none() => Some(format!("ended by {status}")),
        Some(_) => None,
    };
    let lines = std::fs::read(&results).unwrap_or_default();
    let lines = String::from_utf8_lossy(&lines);
    FileResult::read(file, &lines, ended, start.elapsed())
}

/// Waits until `limit`, then ends the process and its children; `None` when it had to.
fn wait(child: &mut Child, limit: Instant) -> Option<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        if Instant::now() > limit {
            let group = format!("-{}", child.id());
            let _ = std::process::Command::new("kill")
                .args(["-KILL", "--", &group])
                .status();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
