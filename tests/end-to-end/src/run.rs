//! One process from start to end, with a limit on its life.

use std::fmt;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest life of a process under test. A hang is a failure, not a stuck run.
const LIFE_MAX: Duration = Duration::from_secs(120);

/// What a process left behind.
pub struct Outcome {
    /// `None` when a signal ended it.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    what: String,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome {
            status,
            stdout,
            stderr,
            what,
        } = self;
        write!(
            f,
            "{what}\nstatus {status:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}"
        )
    }
}

impl Outcome {
    /// Exit status 0.
    ///
    /// # Panics
    /// When it is another one.
    #[track_caller]
    pub fn ok(self) -> Outcome {
        assert_eq!(self.status, Some(0), "{self}");
        self
    }

    /// The job failed in an orderly way: this exit status, something on stderr, no panic.
    ///
    /// # Panics
    /// When it is not so.
    #[track_caller]
    pub fn failed(self, status: i32) -> Outcome {
        assert_eq!(self.status, Some(status), "{self}");
        assert!(!self.stderr.trim().is_empty(), "silent: {self}");
        assert!(!self.stderr.contains("panicked at"), "{self}");
        self
    }

    /// Standard output is exactly this, white space at the ends aside.
    ///
    /// # Panics
    /// When it is not.
    #[track_caller]
    pub fn prints(self, expected: &str) -> Outcome {
        assert_eq!(self.stdout.trim(), expected.trim(), "{self}");
        self
    }

    /// Standard error contains this.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn complains(self, part: &str) -> Outcome {
        assert!(
            self.stderr.contains(part),
            "no {part:?} on stderr of\n{self}"
        );
        self
    }
}

/// Runs a command to its end with this standard input.
///
/// # Panics
/// When it cannot be started or lives too long.
#[track_caller]
pub fn run(command: &mut Command, input: &str) -> Outcome {
    let what = format!("{command:?}");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|e| panic!("{what} does not start: {e}"));
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_string();
    // A process that does not read its input closes the pipe: no reason to complain.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let stdout = collect(child.stdout.take().expect("a pipe"));
    let stderr = collect(child.stderr.take().expect("a pipe"));
    let end = Instant::now() + LIFE_MAX;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            break status;
        }
        if Instant::now() > end {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{what} still runs after {} s", LIFE_MAX.as_secs());
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    let _ = writer.join();
    Outcome {
        status: status.code(),
        stdout: stdout.join().expect("a reader"),
        stderr: stderr.join().expect("a reader"),
        what,
    }
}

/// Reads a pipe to its end beside the process, so that a full pipe never stops it.
fn collect(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
