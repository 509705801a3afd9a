//! Words for the person at the command line: standard output and standard error, which may be closed, full, or a pipe that nobody
//! reads. The standard library's `print` macros panic then; these do not.
//!
//! Must not know: what is said.

use std::fmt::Display;
use std::io::{self, Write};

/// Writes a line to standard output, at once.
///
/// # Errors
/// When it cannot be written: a full disk, a reader that has left.
pub fn say(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Writes a line to standard error. Where that cannot be written there is nobody to tell.
pub fn complain(line: impl Display) {
    // One write: lines of several processes on one file do not mix.
    let text = format!("{line}\n");
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Why a command whose answer did not reach standard output has failed.
pub fn lost(error: &io::Error) -> String {
    format!("cannot write to standard output: {error}")
}

/// Says the whole answer of a `program`; answers its exit status. A reader that has left knows it.
pub fn said(program: &str, answer: impl Display) -> u8 {
    match say(answer) {
        Ok(()) => 0,
        Err(error) => {
            if error.kind() != io::ErrorKind::BrokenPipe {
                complain(format_args!("{program}: {}", lost(&error)));
            }
            1
        }
    }
}
