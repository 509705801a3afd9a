//! Breakpoints and processes of a real session.

use super::{Gem, frames, objects};
use crate::session::{Failure, Language, Listing, MethodName, Outcome, Session, Thread, Value};
use format::wellknown::slots::method;
use gem_debug::{StepPoint, step_points};
use gem_vm::{HeapError, Oop, ProcessId, ProcessState};

fn wrong(text: String) -> Failure {
    Failure::plain(2710, "Error", text)
}

fn heap(e: HeapError) -> Failure {
    wrong(e.to_string())
}

/// The GsNMethod that a command names.
fn method_named(gem: &mut Gem, name: &MethodName) -> Outcome<Oop> {
    let Value(class) = gem
        .execute(name.language, &format!("{}\n", name.class), false)
        .map_err(|f| wrong(format!("no class {}: {}", name.class, f.text)))?;
    let vm = &mut gem.inner.vm;
    if !objects::is_behavior(vm, class) {
        return Err(wrong(format!("{} is no class", name.class)));
    }
    let selector = vm.model.heap.symbol(&name.selector);
    let index = if name.singleton {
        Ok(vm.model.heap.class_index_of(class))
    } else {
        vm.model.heap.class_index(class)
    };
    let index = index.map_err(heap)?;
    let found = vm
        .model
        .lookup(index, selector, name.language.environment());
    match found.map_err(heap)? {
        None => Err(wrong(format!("there is no method {name}"))),
        Some(entry) if name.language == Language::Smalltalk && entry.owner != index => {
            let owner = vm.model.heap.class_object(entry.owner).map_err(heap)?;
            let owner = vm.model.smalltalk_class_name(owner);
            Err(wrong(format!(
                "{name} is inherited from {owner}: name that class"
            )))
        }
        Some(entry) => Ok(entry.method),
    }
}

fn points(gem: &mut Gem, method: Oop) -> Outcome<Vec<StepPoint>> {
    step_points(&mut gem.inner.vm, method).map_err(heap)
}

pub fn add_method(gem: &mut Gem, name: &MethodName, place: usize) -> Outcome<usize> {
    let method = method_named(gem, name)?;
    let points = points(gem, method)?;
    let point = place.checked_sub(1).and_then(|i| points.get(i));
    let point = point.ok_or_else(|| {
        wrong(format!(
            "{name} has places 1 to {}, not {place}; list steps shows them",
            points.len()
        ))
    })?;
    let label = if place == 1 {
        name.to_string()
    } else {
        format!("{name} @ {place}")
    };
    let vm = &mut gem.inner.vm;
    Ok(gem.debugger.breakpoints.add_method(vm, label, point))
}

/// Source and places of a method; lines count from 1 in the source.
pub fn places(gem: &mut Gem, name: &MethodName) -> Outcome<(Listing, Vec<(u32, u16)>)> {
    let found = method_named(gem, name)?;
    let points = points(gem, found)?;
    let vm = &mut gem.inner.vm;
    let source = vm.model.heap.slot(found, method::SOURCE).map_err(heap)?;
    let text = objects::text(vm, source).unwrap_or_default();
    let first_line = points.iter().map(|p| p.line).min().unwrap_or(1);
    let listing = Listing {
        text,
        first_line,
        ..Listing::default()
    };
    Ok((listing, points.iter().map(|p| (p.line, p.column)).collect()))
}

pub fn threads(gem: &mut Gem) -> Vec<Thread> {
    let ids = gem.inner.vm.process_ids();
    let current = gem.looked_at().map(|s| s.process());
    let mut threads = Vec::new();
    for id in ids {
        let Some(state) = state_text(gem, id) else {
            continue;
        };
        let label = match gem.stopped {
            Some(stopped) => {
                let process = stopped.other(&gem.inner.vm, id);
                frames::line_of(gem, &process, 1).label
            }
            None => String::new(),
        };
        threads.push(Thread {
            number: id.0 as usize,
            state,
            label,
            looked_at: current == Some(id),
        });
    }
    threads
}

/// What a process does; `None` when it has ended.
fn state_text(gem: &Gem, id: ProcessId) -> Option<String> {
    if gem.stopped.is_some_and(|s| s.process() == id) {
        return Some("stopped".to_string());
    }
    let text = match gem.inner.vm.process_state(id) {
        ProcessState::Finished | ProcessState::Failed => return None,
        ProcessState::Running => "running",
        _ if gem.inner.vm.is_process_held(id) => "suspended",
        ProcessState::Ready => "ready",
        ProcessState::Waiting => "waiting",
        ProcessState::Sleeping(_) => "sleeping",
    };
    Some(text.to_string())
}

pub fn look_at(gem: &mut Gem, number: Option<usize>) -> Outcome<()> {
    gem.stopped()?;
    let Some(number) = number else {
        gem.looked_at = None;
        return Ok(());
    };
    let ids = gem.inner.vm.process_ids();
    let id = ids.into_iter().find(|id| id.0 as usize == number);
    match id.filter(|&id| state_text(gem, id).is_some()) {
        Some(id) => {
            gem.looked_at = Some(id);
            Ok(())
        }
        None => Err(wrong(format!(
            "there is no process {number}; threads lists them"
        ))),
    }
}
