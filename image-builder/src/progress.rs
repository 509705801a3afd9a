//! One line for each step, with its time.

use std::time::{Duration, Instant};
use stone_server::console::{complain, lost, say};

/// Writes steps as they end.
pub struct Progress {
    quiet: bool,
    started: Instant,
    step: Instant,
}

impl Progress {
    pub fn to_stderr() -> Progress {
        Progress {
            quiet: false,
            started: Instant::now(),
            step: Instant::now(),
        }
    }

    /// Says nothing (tests).
    pub fn quiet() -> Progress {
        Progress {
            quiet: true,
            ..Progress::to_stderr()
        }
    }

    /// A step ended.
    pub fn done(&mut self, what: &str) {
        let took = self.step.elapsed();
        self.step = Instant::now();
        if !self.quiet {
            complain(format_args!("{:>8} {what}", milliseconds(took)));
        }
    }

    /// Everything ended.
    ///
    /// # Errors
    /// When standard output does not take `lines`.
    pub fn finish(&mut self, lines: &[String]) -> anyhow::Result<()> {
        if self.quiet {
            return Ok(());
        }
        complain(format_args!(
            "{:>8} in all",
            milliseconds(self.started.elapsed())
        ));
        for line in lines {
            say(line).map_err(|e| anyhow::anyhow!(lost(&e)))?;
        }
        Ok(())
    }
}

fn milliseconds(d: Duration) -> String {
    format!("{} ms", d.as_millis())
}
