//! A `MAGLEV_HOME` of a test's own, with stones that end when the test does.

use crate::programs::{images, program};
use crate::run::{Outcome, run};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a stone may take until it serves.
const START_MAX: Duration = Duration::from_secs(60);

/// A temporary home. Dropping it removes everything.
pub struct Home {
    directory: tempfile::TempDir,
}

/// A running stone in the foreground. Dropping it kills it as a power cut would.
pub struct Stone {
    child: Child,
    log: PathBuf,
}

impl Default for Home {
    fn default() -> Self {
        Home::new()
    }
}

impl Home {
    /// # Panics
    /// When there is no place for temporary files.
    pub fn new() -> Home {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Home { directory }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes a file into the home and answers its path.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path().join(name);
        std::fs::write(&path, text).expect("a writable home");
        path.to_str().expect("a path in UTF-8").to_string()
    }

    /// One of the programs, with this home.
    pub fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program(name));
        command
            .args(arguments)
            .env("MAGLEV_HOME", self.path())
            .env("MAGLEV_IMAGES", images())
            .env("MAGLEV_COMMIT_WAIT", "0")
            .env_remove("MAGLEV_STONE")
            .current_dir(self.path());
        command
    }

    /// Starts the stone `maglev` and waits until it serves.
    ///
    /// # Panics
    /// When it ends instead, or does not serve in time.
    #[track_caller]
    pub fn start(&self) -> Stone {
        let log = self.path().join("stone.log");
        let file = std::fs::File::create(&log).expect("a log");
        let child = self
            .command("stone", &["start", "--foreground"])
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .spawn()
            .expect("a stone starts");
        let mut stone = Stone { child, log };
        let socket = self.path().join("run/maglev.sock");
        let end = Instant::now() + START_MAX;
        while UnixStream::connect(&socket).is_err() {
            if let Some(status) = stone.child.try_wait().expect("a child") {
                panic!("the stone ended with {status}: {}", stone.log());
            }
            assert!(Instant::now() < end, "no stone serves: {}", stone.log());
            std::thread::sleep(Duration::from_millis(10));
        }
        stone
    }

    /// Runs Ruby in a gem of the stone `maglev`.
    #[track_caller]
    pub fn ruby(&self, code: &str) -> Outcome {
        let mut command = self.command("gem", &["ruby", "--stone", "maglev", "-"]);
        run(&mut command, code)
    }

    /// Runs Smalltalk in a gem of the stone `maglev`; prints the value.
    #[track_caller]
    pub fn smalltalk(&self, code: &str) -> Outcome {
        let arguments = ["smalltalk", "--stone", "maglev", "-e", code];
        run(&mut self.command("gem", &arguments), "")
    }
}

impl Stone {
    /// SIGKILL: nothing is flushed, nobody is told.
    ///
    /// # Panics
    /// When it had ended before.
    #[track_caller]
    pub fn kill(mut self) {
        let ended = self.child.try_wait().expect("a child");
        assert!(
            ended.is_none(),
            "the stone had ended before: {}",
            self.log()
        );
        self.child.kill().expect("a process to kill");
        self.child.wait().expect("a child");
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Stone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
