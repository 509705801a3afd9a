//! A sampling profiler: a thread asks for attention at an interval, and the next safepoint notes which codes are on the running process's stack.
//!
//! Time inside a primitive counts for the code that called it. A safepoint is a call or a backward jump, so a sample is late by what lies between two of them.

use crate::codes::code::CodeBlock;
use crate::vm::Vm;
use gem_heap::Oop;
use hashbrown::{HashMap, HashSet};
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
    tallies: HashMap<*const CodeBlock, Tally>,
    samples: u64,
    due: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    started: Instant,
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

impl Vm {
    /// Begins to sample; what an earlier profile found is dropped.
    pub fn start_profile(&mut self, interval: Duration) {
        let (due, stop) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicBool::new(false)),
        );
        let attention = self.exec.attention.clone();
        let (asked, ended) = (due.clone(), stop.clone());
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                std::thread::sleep(interval);
                asked.store(true, Ordering::Relaxed);
                attention.store(true, Ordering::Relaxed);
            }
        });
        self.debug.profile = Some(Box::new(Profile {
            tallies: HashMap::new(),
            samples: 0,
            due,
            stop,
            started: Instant::now(),
        }));
    }

    /// Ends sampling; `None` when there was none.
    pub fn stop_profile(&mut self) -> Option<ProfileResult> {
        let profile = self.debug.profile.take()?;
        let mut by_label: HashMap<String, Tally> = HashMap::new();
        for (&code, tally) in &profile.tallies {
            let Some(code) = self.codes.iter().find(|c| std::ptr::eq(*c, code)) else {
                continue;
            };
            let method = code.method;
            let locations = self.locations(&[method, Oop::ZERO]);
            let label = locations
                .first()
                .map_or_else(|| "?".to_string(), |l| l.label.clone());
            let sum = by_label.entry(label).or_default();
            sum.own += tally.own;
            sum.total += tally.total;
        }
        let mut rows: Vec<(String, Tally)> = by_label.into_iter().collect();
        rows.sort_by(|a, b| (b.1.own, b.1.total, &a.0).cmp(&(a.1.own, a.1.total, &b.0)));
        Some(ProfileResult {
            samples: profile.samples,
            elapsed: profile.started.elapsed(),
            rows,
        })
    }
}

/// At a safepoint: takes a sample when one is due.
#[cold]
pub(crate) fn sample(vm: &mut Vm) {
    let Some(profile) = vm.debug.profile.as_mut() else {
        return;
    };
    if !profile.due.swap(false, Ordering::Relaxed) {
        return;
    }
    profile.samples += 1;
    let mut seen = HashSet::new();
    for (i, frame) in vm.exec.frames.iter().rev().enumerate() {
        let code: *const CodeBlock = frame.code;
        if seen.insert(code) {
            let tally = profile.tallies.entry(code).or_default();
            tally.total += 1;
            tally.own += u64::from(i == 0);
        }
    }
}
