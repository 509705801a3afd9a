//! The programs under measurement, and the ways to start them.

use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where everything is.
pub struct Machine {
    bin: PathBuf,
    images: PathBuf,
    sources: PathBuf,
    /// MRI, when the machine has it.
    pub peer: Option<PathBuf>,
    /// Whether figures are printed as lines of JSON.
    pub json: bool,
    /// How often the parts that print tables run each program on each side.
    pub turns: usize,
    /// The only programs to run; all when it is empty.
    pub programs: Vec<String>,
}

/// A stone with a home of its own. Dropping it kills it and removes the home.
pub struct Stone {
    home: tempfile::TempDir,
    child: Child,
}

impl Drop for Stone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Machine {
    /// `MAGLEV_BIN` or the directory of this program; `MAGLEV_IMAGES` or `build/images`.
    pub fn find() -> Result<Machine> {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf();
        let bin = match std::env::var_os("MAGLEV_BIN") {
            Some(bin) => PathBuf::from(bin),
            None => std::env::current_exe()?
                .parent()
                .context("a directory")?
                .to_path_buf(),
        };
        let images = match std::env::var_os("MAGLEV_IMAGES") {
            Some(images) => PathBuf::from(images),
            None => sources.join("../../build/images"),
        };
        ensure!(
            bin.join("gem").is_file(),
            "no gem in {}: use `make bench`",
            bin.display()
        );
        let peer = ["ruby3.1", "ruby"]
            .iter()
            .find(|name| Machine::works(name))
            .map(PathBuf::from);
        Ok(Machine {
            bin,
            images,
            sources,
            peer,
            json: false,
            turns: 3,
            programs: Vec::new(),
        })
    }

    /// Whether the machine has this program.
    pub fn works(name: &str) -> bool {
        let status = Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|s| s.success())
    }

    /// Whether this program is among those to run.
    pub fn wants(&self, program: &str) -> bool {
        self.programs.is_empty() || self.programs.iter().any(|p| p == program)
    }

    /// A file of this crate.
    pub fn source(&self, path: &str) -> PathBuf {
        self.sources.join(path)
    }

    /// `gem ruby` on the read-only image.
    pub fn gem(&self) -> Command {
        self.gem_for("ruby")
    }

    /// `gem smalltalk` on the read-only image.
    pub fn gem_smalltalk(&self) -> Command {
        self.gem_for("smalltalk")
    }

    fn gem_for(&self, language: &str) -> Command {
        let mut command = Command::new(self.bin.join("gem"));
        command
            .arg(language)
            .env("MAGLEV_IMAGES", &self.images)
            .env_remove("MAGLEV_STONE");
        command
    }

    /// `gem ruby` in a session of a stone.
    pub fn gem_of(&self, stone: &Stone) -> Command {
        let mut command = self.gem();
        command
            .args(["--stone", "maglev"])
            .env("MAGLEV_HOME", stone.home.path());
        command
    }

    /// MRI's interpreter, without its compiler.
    pub fn peer(&self) -> Option<Command> {
        let mut command = Command::new(self.peer.as_ref()?);
        command.args(["--disable-yjit", "--disable-gems"]);
        Some(command)
    }

    /// Starts a stone that adds so much time to each sync.
    pub fn stone(&self, sync_delay_ms: u32) -> Result<Stone> {
        let home = tempfile::tempdir()?;
        let log = std::fs::File::create(home.path().join("log"))?;
        let child = Command::new(self.bin.join("stone"))
            .args(["start", "--foreground"])
            .env("MAGLEV_HOME", home.path())
            .env("MAGLEV_IMAGES", &self.images)
            .env("MAGLEV_SYNC_DELAY_MS", sync_delay_ms.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut stone = Stone { home, child };
        let socket = stone.home.path().join("run/maglev.sock");
        for _ in 0..6000 {
            if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
                return Ok(stone);
            }
            if let Some(status) = stone.child.try_wait()? {
                let log = std::fs::read_to_string(stone.home.path().join("log"))?;
                bail!("the stone ended with {status}: {log}");
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        bail!("the stone does not serve within a minute")
    }
}

/// Runs a command to its end and answers what it printed.
pub fn output(mut command: Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{command:?}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{command:?} failed: {}",
            errors.lines().next().unwrap_or("without a word")
        );
    }
    Ok(text)
}

/// The rest of the line that begins with this word.
pub fn word<'a>(output: &'a str, name: &str) -> Result<&'a str> {
    output
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .with_context(|| format!("no line {name} in: {output}"))
}

/// A number behind a word.
pub fn number(output: &str, name: &str) -> Result<f64> {
    Ok(word(output, name)?.trim().parse()?)
}

/// The middle one. Not for an empty list.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_number_is_found_by_its_word() {
        let printed = "value 3\nseconds 0.25\n";
        assert_eq!(number(printed, "seconds").expect("a number"), 0.25);
        assert!(number(printed, "second").is_err());
        assert!(number("seconds soon\n", "seconds").is_err());
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
    }
}
