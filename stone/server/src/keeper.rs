//! The keeper: a thread that packs the backlog into pages and renews the base, beside commits.

use crate::engine::{BACKLOG_BYTES, Engine};
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
    let weak: Weak<Engine> = Arc::downgrade(engine);
    let thread = std::thread::Builder::new()
        .name("stone-keeper".into())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                if !engine.keeper_waits() {
                    return;
                }
                engine.keep();
            }
        })?;
    engine.keeper.lock().expect("no panic while held").thread = Some(thread);
    Ok(())
}
