//! A bug of the machine's own ends what was asked for, not the process.
//!
//! After a panic nothing that the session holds in memory is to be believed: an object may be half written, a table may name what is not
//! there. So such a session neither commits nor aborts: it is dropped, which logs it out at its stone, and whoever wants to go on logs in
//! anew. What the repository holds was checked by the stone, and stays.
//!
//! Must not know: what runs, how its end is told.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the machine's own bug said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "internal error, which is a bug of MagLev: {what}; what was not committed is dropped (RUST_BACKTRACE=1 shows where)"
)]
pub struct InternalError {
    what: String,
}

/// Runs `job`, which may use a session.
///
/// # Errors
/// The panic that ended it. What `job` was changing is to be dropped, through `discard`.
pub fn guarded<T>(job: impl FnOnce() -> T) -> Result<T, InternalError> {
    catch_unwind(AssertUnwindSafe(job)).map_err(|panic| InternalError {
        what: words_of(&*panic),
    })
}

/// Drops what a panic left behind; a second one on the way changes nothing.
pub fn discard<T>(broken: T) {
    let _ = guarded(|| drop(broken));
}

/// From now on a panic by itself writes nothing on the thread that calls this, where whoever catches it says what it means, and one
/// sentence on others. With `RUST_BACKTRACE` it is told as Rust does.
pub fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| !v.is_empty() && v != "0") {
        return;
    }
    let own = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| {
        use std::io::Write;
        let thread = std::thread::current();
        if thread.id() == own {
            return;
        }
        let text = format!(
            "internal error in the thread {}: {}\n",
            thread.name().unwrap_or("without a name"),
            words_of(panic.payload())
        );
        let _ = std::io::stderr().write_all(text.as_bytes());
    }));
}

/// The message of a panic, on one line.
fn words_of(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("it said nothing");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("; ")
}
