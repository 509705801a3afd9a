//! One line for each step, with its time.

use std::time::{Duration, Instant};

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
            eprintln!("{:>8} {what}", milliseconds(took));
        }
    }

    /// Everything ended.
    pub fn finish(&mut self, lines: &[String]) {
        if self.quiet {
            return;
        }
        eprintln!("{:>8} in all", milliseconds(self.started.elapsed()));
        for line in lines {
            println!("{line}");
        }
    }
}

fn milliseconds(d: Duration) -> String {
    format!("{} ms", d.as_millis())
}
