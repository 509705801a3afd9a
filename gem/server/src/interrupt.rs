//! Ctrl-C becomes an Interrupt of the running program.

use crate::console::complain;
use gem_session::Session;
use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// From now on SIGINT asks the session's machine to look around at its next safepoint.
pub fn listen(session: &Session) {
    // The machine reads `interrupted` only after it saw `attention`, so the order matters.
    for wanted in [&session.vm.exec.interrupted, &session.vm.exec.attention] {
        if flag::register(SIGINT, wanted.clone()).is_err() {
            complain("gem: Ctrl-C cannot be caught; it will end the program at once");
            return;
        }
    }
}

/// While `idle` says so, SIGINT ends the program as if nobody listened.
pub fn end_while_idle(idle: &std::sync::Arc<std::sync::atomic::AtomicBool>) {
    const STATUS: i32 = 128 + SIGINT;
    if flag::register_conditional_shutdown(SIGINT, STATUS, idle.clone()).is_err() {
        complain("topaz: Ctrl-C cannot be caught; it will end the program at once");
    }
}
