//! A sampling profiler: a thread asks for attention at an interval, and the next safepoint notes which codes are on the running process's stack.
//!
//! Time inside a primitive counts for the code that called it. A safepoint is a call or a backward jump, so a sample is late by what lies between two of them.

use crate::codes::code::CodeBlock;
use hashbrown::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often one code was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// On top of the stack.
    pub own: u64,
    /// Anywhere on the stack.
    pub total: u64,
}

/// A running profile.
pub struct Profile {
    pub(crate) tallies: HashMap<*const CodeBlock, Tally>,
    pub(crate) samples: u64,
    pub(crate) due: Arc<AtomicBool>,
    pub(crate) stop: Arc<AtomicBool>,
    pub(crate) started: Instant,
}

/// What a profile found.
#[derive(Clone, Debug, Default)]
pub struct ProfileResult {
    pub samples: u64,
    pub elapsed: Duration,
    /// Label and tally, the most frequent on top first.
    pub rows: Vec<(String, Tally)>,
}

impl Profile {
    /// Whether `code` was met. Then it stays until the profile is taken, to be named in it.
    pub(crate) fn names(&self, code: &CodeBlock) -> bool {
        self.tallies.contains_key(&std::ptr::from_ref(code))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
