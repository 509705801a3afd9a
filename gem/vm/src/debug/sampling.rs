//! Taking a profile: the clock asks, the next safepoint looks at the stack.

use crate::codes::code::CodeBlock;
use crate::debug::profile::*;
use crate::vm::Vm;
use gem_heap::Oop;
use hashbrown::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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
