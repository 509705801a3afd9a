//! The scheduler: one process runs, the queue holds who can, and who waits is known to whom it waits for.

use super::name;
use crate::processes::process::{Parked, ProcessId, ProcessState};
use crate::vm::Vm;
use hashbrown::HashSet;

/// Checks the tables of processes.
pub(super) fn verify(vm: &Vm) -> Result<(), String> {
    let scheduler = &vm.processes;
    let current = scheduler.current;
    if scheduler.all.get(current.0 as usize).is_none() {
        return Err(format!("{} runs and does not exist", name(current)));
    }
    queue(vm)?;
    let free: HashSet<u32> = scheduler.free.iter().copied().collect();
    if free.len() != scheduler.free.len() {
        return Err("a place of an ended process is free twice".to_string());
    }
    for id in scheduler.ids() {
        let p = scheduler.get(id);
        if p.has_ended() != free.contains(&id.0) {
            return Err(wrong(id, "has ended, or its place is free, and not both"));
        }
        match p.has_ended() {
            true => ended(id, p)?,
            false => living(vm, id, p)?,
        }
    }
    if let Some(mourner) = vm.processes.mourner {
        let waits = |p: &Parked| p.state == ProcessState::Waiting;
        if !scheduler.all.get(mourner.0 as usize).is_some_and(waits) {
            return Err(wrong(
                mourner,
                "is to be told of ephemerons and does not wait",
            ));
        }
    }
    Ok(())
}

fn wrong(id: ProcessId, what: &str) -> String {
    format!("{} {what}", name(id))
}

/// The run queue: each process once, those of higher priority first, all of them able to run.
fn queue(vm: &Vm) -> Result<(), String> {
    let scheduler = &vm.processes;
    let mut seen = HashSet::new();
    let mut last = i64::MAX;
    for &(priority, id) in &scheduler.ready {
        let Some(p) = scheduler.all.get(id.0 as usize) else {
            return Err(wrong(id, "is in the run queue and does not exist"));
        };
        if !seen.insert(id) {
            return Err(wrong(id, "is in the run queue twice"));
        }
        if p.state != ProcessState::Ready || p.held {
            let held = if p.held { " and held" } else { "" };
            let what = format!("is in the run queue and is {:?}{held}", p.state);
            return Err(wrong(id, &what));
        }
        if p.priority != priority || priority > last {
            return Err(wrong(
                id,
                "is in the run queue at the place of another priority",
            ));
        }
        last = priority;
    }
    for id in scheduler.ids() {
        let p = scheduler.get(id);
        if p.state == ProcessState::Ready && !p.held && !seen.contains(&id) {
            return Err(wrong(id, "can run and is not in the run queue"));
        }
    }
    Ok(())
}

fn ended(id: ProcessId, p: &Parked) -> Result<(), String> {
    if id == ProcessId::MAIN {
        return Err(wrong(id, "has ended"));
    }
    if !p.frames.is_empty() || p.regs.len() != 0 {
        return Err(wrong(id, "has ended and still has a stack"));
    }
    let tied = p.resumer.is_some() || p.resumed.is_some() || p.joining.is_some();
    if tied || !p.joiners.is_empty() {
        return Err(wrong(id, "has ended and is tied to others"));
    }
    Ok(())
}

fn living(vm: &Vm, id: ProcessId, p: &Parked) -> Result<(), String> {
    let runs = id == vm.processes.current;
    if runs != (p.state == ProcessState::Running) {
        let current = name(vm.processes.current);
        return Err(wrong(id, &format!("is {:?}, and {current} runs", p.state)));
    }
    if runs && !p.frames.is_empty() {
        return Err(wrong(id, "runs and has a second, parked stack"));
    }
    if !runs && p.started && p.frames.is_empty() && id != ProcessId::MAIN {
        return Err(wrong(id, "has begun and has no frame to go on with"));
    }
    if let (Some(dst), Some(top)) = (p.dst, p.frames.last())
        && top.base as usize + dst as usize >= p.regs.len()
    {
        return Err(wrong(
            id,
            &format!("is to get a value in register {dst}, which is none"),
        ));
    }
    waiting(vm, id, p)?;
    fibers(vm, id, p)?;
    joins(vm, id, p)
}

/// Who waits, and for what.
fn waiting(vm: &Vm, id: ProcessId, p: &Parked) -> Result<(), String> {
    let waits = matches!(p.state, ProcessState::Waiting | ProcessState::Sleeping(_));
    if !waits && (p.parked || p.ticket.is_some() || p.joining.is_some()) {
        return Err(wrong(id, &format!("is {:?} and is said to wait", p.state)));
    }
    if let ProcessState::Sleeping(until) = p.state
        && vm.processes.next_wake.is_none_or(|next| next > until)
    {
        return Err(wrong(id, "sleeps and the scheduler would wake it too late"));
    }
    let known = p.parked || p.ticket.is_some() || p.joining.is_some() || p.resumed.is_some();
    if p.state == ProcessState::Waiting && !known && vm.processes.mourner != Some(id) {
        return Err(wrong(id, "waits and nobody knows for what"));
    }
    if p.ticket.is_some_and(|ticket| ticket > vm.processes.tickets) {
        return Err(wrong(
            id,
            "waits for a semaphore with a number that was not given",
        ));
    }
    Ok(())
}

/// Resumer and resumed know each other, and the resumer waits.
fn fibers(vm: &Vm, id: ProcessId, p: &Parked) -> Result<(), String> {
    let get = |other: ProcessId| vm.processes.all.get(other.0 as usize);
    if let Some(resumer) = p.resumer
        && get(resumer).is_none_or(|r| r.resumed != Some(id))
    {
        let what = format!(
            "was resumed by {}, which does not wait for it",
            name(resumer)
        );
        return Err(wrong(id, &what));
    }
    if let Some(fiber) = p.resumed {
        if get(fiber).is_none_or(|f| f.resumer != Some(id)) {
            let what = format!("waits for {}, which it did not resume", name(fiber));
            return Err(wrong(id, &what));
        }
        if p.state != ProcessState::Waiting {
            let what = format!("is {:?} while {} runs for it", p.state, name(fiber));
            return Err(wrong(id, &what));
        }
    }
    Ok(())
}

/// Joiners and joined know each other.
fn joins(vm: &Vm, id: ProcessId, p: &Parked) -> Result<(), String> {
    let get = |other: ProcessId| vm.processes.all.get(other.0 as usize);
    if let Some(joined) = p.joining
        && !get(joined).is_some_and(|j| j.joiners.iter().any(|joiner| joiner.0 == id))
    {
        let what = format!("waits for the end of {}, which does not know", name(joined));
        return Err(wrong(id, &what));
    }
    for (n, &(joiner, _)) in p.joiners.iter().enumerate() {
        if get(joiner).is_none_or(|j| j.joining != Some(id)) {
            let what = format!(
                "would tell its end to {}, which does not wait",
                name(joiner)
            );
            return Err(wrong(id, &what));
        }
        if p.joiners[..n].iter().any(|other| other.0 == joiner) {
            let what = format!("would tell its end to {} twice", name(joiner));
            return Err(wrong(id, &what));
        }
    }
    Ok(())
}
