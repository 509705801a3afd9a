//! Waiting for descriptors.

use crate::check::{Checked, array, small};
use crate::io::channels::Channels;
use crate::io::files::{attempt, begin, flush_standard};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

primitives! {
    fileReady => ready, "calls the system";
}

/// How long one wait goes on before it looks for an interrupt.
const PATIENCE: Duration = Duration::from_millis(100);

fn numbers(vm: &mut Vm, list: Oop) -> Checked<Vec<i32>> {
    array(vm, list)?;
    let elements = vm.model.heap.elements(list)?;
    elements
        .into_iter()
        .map(|e| i32::try_from(crate::check::int(e)?).map_err(|_| Fail::Fallback))
        .collect()
}

/// A descriptor of our own for the time of the wait: whoever closes the file meanwhile harms nobody.
fn own(vm: &mut Vm, number: i32) -> Checked<OwnedFd> {
    let channels = vm.exec.extensions.get::<Channels>();
    let copy = channels
        .at(number)
        .and_then(|c| c.descriptor()?.try_clone_to_owned());
    attempt(vm, copy)
}

/// `fileReady(read write milliseconds-or-nil)`: both Arrays with what is ready, nil when the time is over.
fn ready(vm: &mut Vm, args: Args) -> PrimResult {
    begin(vm);
    let (readable, writable) = (vm.arg(args, 1), vm.arg(args, 2));
    let (readable, writable) = (numbers(vm, readable)?, numbers(vm, writable)?);
    let until = match vm.given(args, 3) {
        Some(time) => {
            let time = Duration::from_millis(crate::check::index(time)? as u64);
            Some(Instant::now().checked_add(time).ok_or(Fail::Fallback)?)
        }
        None => None,
    };
    let mut owned = Vec::new();
    for &number in readable.iter().chain(&writable) {
        owned.push(own(vm, number)?);
    }
    flush_standard(vm);
    let here = |channels: &Channels, n: &i32| channels.has_ahead(*n);
    let channels = vm.exec.extensions.get::<Channels>();
    let ahead: Vec<i32> = readable
        .iter()
        .copied()
        .filter(|n| here(channels, n))
        .collect();
    let until = if ahead.is_empty() {
        until
    } else {
        Some(Instant::now())
    };
    let mut fds: Vec<PollFd<'_>> = owned
        .iter()
        .enumerate()
        .map(|(i, fd)| {
            let what = if i < readable.len() {
                PollFlags::IN
            } else {
                PollFlags::OUT
            };
            PollFd::new(fd, what)
        })
        .collect();
    let outcome = loop {
        let left = until.map_or(PATIENCE, |u| {
            u.saturating_duration_since(Instant::now()).min(PATIENCE)
        });
        let time = Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match poll(&mut fds, Some(&time)) {
            Ok(0) | Err(Errno::INTR) => {}
            other => break other.map_err(io::Error::from),
        }
        if vm.exec.interrupted.load(Ordering::Relaxed) {
            break Err(io::ErrorKind::Interrupted.into());
        }
        if until.is_some_and(|u| Instant::now() >= u) {
            break Ok(0);
        }
    };
    let found: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
    let count = attempt(vm, outcome)?;
    if count == 0 && ahead.is_empty() {
        return Ok(Oop::NIL);
    }
    let is_ready = |i: usize| found.get(i).copied().unwrap_or(false);
    let mut lists = [Vec::new(), Vec::new()];
    for (i, &n) in readable.iter().enumerate() {
        if is_ready(i) || ahead.contains(&n) {
            lists[0].push(small(n.into()));
        }
    }
    for (i, &n) in writable.iter().enumerate() {
        if is_ready(readable.len() + i) {
            lists[1].push(small(n.into()));
        }
    }
    let first = vm.model.heap.new_array(&lists[0])?;
    let second = vm.model.heap.new_array(&lists[1])?;
    Ok(vm.model.heap.new_array(&[first, second])?)
}
