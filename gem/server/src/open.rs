//! From a place to a session.

use crate::memory;
use crate::place::{SessionPlace, address_of, ruby_image};
use gem_session::{LoginOptions, Session, SessionError};
use proto::client::GrpcStone;
use proto::service::{Stone, StoneError};
use std::sync::Arc;
use std::time::Duration;

/// Opens a session at `place`; `client` is what the operator sees.
///
/// # Errors
/// One sentence that says what to do.
pub fn open_session(place: &SessionPlace, client: &str) -> Result<Session, String> {
    let stone = stone(place)?;
    let options = LoginOptions {
        user: user(),
        client: client.to_string(),
        stone_name: place.stone_name(),
        remote: matches!(place, SessionPlace::Stone(_)),
        memory_bytes_max: memory::bytes_max()?,
        stress: memory::stress()?,
        verify: std::env::var_os("MAGLEV_GC_VERIFY").is_some(),
        commit_patience: commit_patience(place)?,
        ..LoginOptions::default()
    };
    Session::login(stone, &options)
        .map_err(|e| format!("cannot log in to {}: {e}", place.describe()))
}

/// Seconds for which a commit whose answer was lost is asked for, unless `$MAGLEV_COMMIT_WAIT` says otherwise: enough to start a stone again.
const COMMIT_WAIT_S: u64 = 30;

fn commit_patience(place: &SessionPlace) -> Result<Duration, String> {
    // A stone in this process that failed does not come back.
    if !matches!(place, SessionPlace::Stone(_)) {
        return Ok(Duration::ZERO);
    }
    let seconds = match std::env::var("MAGLEV_COMMIT_WAIT") {
        Err(_) => COMMIT_WAIT_S,
        Ok(text) => text
            .parse()
            .map_err(|_| format!("MAGLEV_COMMIT_WAIT is {text:?}, not a number of seconds"))?,
    };
    Ok(Duration::from_secs(seconds))
}

/// Who runs this program, as the operator and the loser of a conflict see it.
fn user() -> String {
    let named = ["USER", "LOGNAME"]
        .into_iter()
        .filter_map(|v| std::env::var(v).ok())
        .find(|v| !v.is_empty());
    named.unwrap_or_else(|| {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata("/proc/self")
            .map_or_else(|_| "somebody".to_string(), |m| format!("uid {}", m.uid()))
    })
}

fn stone(place: &SessionPlace) -> Result<Arc<dyn Stone>, String> {
    match place {
        SessionPlace::Stone(name) => {
            let address = address_of(name)?;
            let stone = GrpcStone::connect(&address).map_err(|e| advice(&e, name))?;
            Ok(Arc::new(stone))
        }
        SessionPlace::Data(dir) => {
            let seed = ruby_image();
            let stone = stone_server::embedded(dir, seed.as_deref().ok());
            stone.map_err(|e| match (e, seed) {
                (StoneError::Refused(_), Err(no_image)) => format!("{}: {no_image}", dir.display()),
                (e, _) => format!("{}: {e}", dir.display()),
            })
        }
        SessionPlace::Image(file) => {
            stone_server::read_only(file).map_err(|e| format!("{}: {e}", file.display()))
        }
        SessionPlace::Default => {
            let file = ruby_image()?;
            stone_server::read_only(&file).map_err(|e| format!("{}: {e}", file.display()))
        }
    }
}

fn advice(e: &StoneError, name: &str) -> String {
    match e {
        StoneError::Unavailable(_) if !name.contains(':') => {
            format!("{e}; stone status {name} tells more, stone start {name} starts it")
        }
        _ => e.to_string(),
    }
}

/// Runs Smalltalk statements and answers the printString of the last one's value.
///
/// # Errors
/// The text of the mistake, or of the exception that nobody handled, with its stack.
pub fn run_smalltalk(session: &mut Session, source: &str, file: &str) -> Result<String, String> {
    let value = session
        .evaluate_smalltalk(source, file)
        .map_err(|e| match e {
            SessionError::Exit(text) => text,
            other => other.to_string(),
        })?;
    session.print_string(value).map_err(|e| e.to_string())
}
