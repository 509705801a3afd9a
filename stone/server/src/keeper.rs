//! The keeper: a thread that packs the backlog into pages and renews the base, beside commits.

use crate::engine::{BACKLOG_BYTES, Engine};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// A backlog is packed after this long even when it is small, so that a restart is short.
const IDLE: Duration = Duration::from_secs(60);

impl Engine {
    pub(crate) fn wake_keeper(&self) {
        self.keeper.lock().expect("no panic while held").wanted = true;
        self.keeper_moved.notify_all();
    }

    /// Waits for work. False: the stone ends.
    fn keeper_waits(&self) -> bool {
        let keeper = self.keeper.lock().expect("no panic while held");
        let waited = self
            .keeper_moved
            .wait_timeout_while(keeper, IDLE, |k| !k.wanted && !k.ended);
        let mut keeper = waited.expect("no panic while held").0;
        keeper.wanted = false;
        !keeper.ended
    }

    fn keep(&self) {
        if self.store.backlog_bytes() == 0 || self.poisoned.get().is_some() {
            return;
        }
        let done = self.run_checkpoint().and_then(|_| self.rotate_base());
        if let Err(error) = done {
            tracing::warn!("checkpoint: {error}");
        }
        // What is still loose are old versions for old views: those views have to go.
        if self.store.loose_size().1 > BACKLOG_BYTES {
            self.revoke_older_views();
        }
    }
}

/// Starts the keeper. It ends when the engine shuts down.
pub fn start(engine: &Arc<Engine>) -> std::io::Result<()> {
    start_with(engine, Engine::keep)
}

/// The same with another task. A keeper that fails inside takes the stone's writing with it: nothing would ever be packed again, and
/// what it was doing to the store is not to be believed.
fn start_with(
    engine: &Arc<Engine>,
    keep: impl Fn(&Engine) + Send + 'static,
) -> std::io::Result<()> {
    let weak: Weak<Engine> = Arc::downgrade(engine);
    let thread = std::thread::Builder::new()
        .name("stone-keeper".into())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                if !engine.keeper_waits() {
                    return;
                }
                if catch_unwind(AssertUnwindSafe(|| keep(&engine))).is_err() {
                    engine.poison(DIED);
                    return;
                }
            }
        })?;
    engine.keeper.lock().expect("no panic while held").thread = Some(thread);
    Ok(())
}

/// Why a stone without its keeper does not write.
const DIED: &str = "the keeper, which packs commits into pages, failed inside; \
    restart the stone, nothing acknowledged is lost";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Backing, Birth};
    use proto::messages::{CommitRequest, LoginRequest, StatusRequest};
    use proto::service::{Stone, StoneError};
    use std::time::Instant;
    use stone_store::{MemoryExtent, Store};

    #[test]
    fn a_keeper_that_fails_inside_stops_the_writing_and_says_so() {
        let store = Store::open(Box::new(MemoryExtent::default())).expect("an empty store");
        let birth = Birth::without_log().expect("random bytes");
        let engine = Arc::new(Engine::new("kept", store, Backing::Memory, birth));
        start_with(&engine, |_| panic!("on purpose")).expect("a thread");
        let status = |e: &Engine| e.status(StatusRequest {}).expect("a status").poisoned;
        assert_eq!(status(&engine), "");
        let session = engine.login(LoginRequest::default()).expect("a session");
        engine.wake_keeper();
        let end = Instant::now() + Duration::from_secs(20);
        while engine.poisoned.get().is_none() {
            assert!(Instant::now() < end, "nobody noticed");
            std::thread::yield_now();
        }
        assert_eq!(status(&engine), DIED);
        let refused = engine.commit(CommitRequest {
            session: session.session,
            ..CommitRequest::default()
        });
        assert!(matches!(refused, Err(StoneError::Poisoned(why)) if why == DIED));
        // It still ends in order.
        engine.shut_down();
    }
}
