//! The stopped process as topaz shows it.

use super::failures::{source_failure, stone_failure};
use super::{DOIT, Gem, objects};
use crate::session::{Failure, FrameDetail, FrameLine, Language, Listing, Outcome, Value};
use format::wellknown;
use format::wellknown::slots::method;
use gem_debug::Stopped;
use gem_vm::{Location, Oop, Vm};

/// Lines around the current one that are shown of a file.
const FILE_WINDOW: u32 = 10;

/// Largest source file that is read for a listing.
const FILE_BYTES_MAX: u64 = 16 << 20;

pub fn line(gem: &mut Gem, level: usize) -> FrameLine {
    match gem.looked_at() {
        Some(stopped) => line_of(gem, &stopped, level),
        None => FrameLine::default(),
    }
}

/// A level of a process.
pub fn line_of(gem: &mut Gem, stopped: &Stopped, level: usize) -> FrameLine {
    let vm = &mut gem.inner.vm;
    let Some(location) = stopped.location(vm, level) else {
        return FrameLine::default();
    };
    let shown = location.file != DOIT && location.file != "(method)";
    FrameLine {
        label: label(vm, stopped, level, &location),
        file: if shown { location.file } else { String::new() },
        line: location.line,
    }
}

/// `Array>>do:`, `block in executed code`: Smalltalk code under the names that Smalltalk knows, Ruby code as Ruby shows it.
fn label(vm: &mut Vm, stopped: &Stopped, level: usize, location: &Location) -> String {
    if location.environment != 0 {
        return location.label.clone();
    }
    let home = stopped.home_method(vm, level).unwrap_or(Oop::NIL);
    let part = |vm: &mut Vm, slot| match vm.model.heap.is_instance(home, wellknown::GS_NMETHOD) {
        true => vm.model.heap.slot(home, slot).unwrap_or(Oop::NIL),
        false => Oop::NIL,
    };
    let class = part(vm, method::IN_CLASS);
    let selector = part(vm, method::SELECTOR);
    let name = match (class.is_nil(), objects::text(vm, selector)) {
        (false, Some(selector)) => format!("{}>>{selector}", objects::class_name(vm, class)),
        _ => "executed code".to_string(),
    };
    if location.label.starts_with("block in ") {
        format!("block in {name}")
    } else {
        name
    }
}

pub fn no_frame(level: usize) -> Failure {
    Failure::plain(2003, "OffsetError", format!("there is no frame {level}"))
}

pub fn detail(gem: &mut Gem, level: usize) -> Outcome<FrameDetail> {
    let stopped = gem.looked_at().ok_or_else(|| no_frame(level))?;
    if level == 0 || level > stopped.levels() {
        return Err(no_frame(level));
    }
    let receiver = match stopped.receiver(&mut gem.inner.vm, level) {
        Some(oop) => Some(gem.value(oop)?),
        None => None,
    };
    let mut variables = Vec::new();
    for variable in stopped.variables(&mut gem.inner.vm, level) {
        let value = match variable.value {
            Some(oop) => Some(gem.value(oop)?),
            None => None,
        };
        variables.push((variable.name, value));
    }
    Ok(FrameDetail {
        receiver,
        variables,
    })
}

pub fn listing(gem: &mut Gem, level: usize) -> Outcome<Listing> {
    let stopped = gem.looked_at().ok_or_else(|| no_frame(level))?;
    let vm = &mut gem.inner.vm;
    let location = stopped.location(vm, level).ok_or_else(|| no_frame(level))?;
    if location.file == DOIT && !gem.text.is_empty() && stopped.is_doit(vm, level) {
        return Ok(Listing {
            text: gem.text.clone(),
            first_line: 1,
            current_line: location.line,
            current_column: location.column,
        });
    }
    let stored = stopped.listing(vm, level).unwrap_or_default();
    if stored.current_line != 0 {
        return Ok(Listing {
            text: stored.text,
            first_line: stored.first_line,
            current_line: stored.current_line,
            current_column: stored.current_column,
        });
    }
    if let Some(listing) = of_file(&location.file, location.line) {
        return Ok(listing);
    }
    if stored.text.is_empty() {
        let text = format!("the source of {} is not stored", location.label);
        return Err(Failure::plain(2710, "Error", text));
    }
    Ok(Listing {
        text: stored.text,
        first_line: 1,
        ..Listing::default()
    })
}

/// The value of a text in a frame.
pub fn evaluate(gem: &mut Gem, level: usize, language: Language, source: &str) -> Outcome<Value> {
    let stopped = gem.looked_at().ok_or_else(|| no_frame(level))?;
    let vm = &mut gem.inner.vm;
    let scope = stopped.scope(vm, level).ok_or_else(|| no_frame(level))?;
    let compiled = match language {
        Language::Smalltalk => {
            let class = vm.model.heap.class_of(scope.receiver);
            let class = class.map_err(|e| stone_failure(&e.into()))?;
            gem_session::compile_smalltalk_in_frame(vm, source, DOIT, &scope.names, class)
        }
        Language::Ruby => {
            gem_session::compile_ruby_in_frame(vm, source, DOIT, &scope.names, scope.home)
        }
    };
    let method = compiled.map_err(|e| source_failure(&e, source))?;
    let environment = stopped.environment_for(vm, &scope, method);
    let held = vm.model.held();
    vm.model.hold(environment);
    let outer = std::mem::replace(&mut gem.language, language);
    let value = gem.run(false, |vm| vm.run_eval(method, environment, scope.receiver));
    gem.language = outer;
    let vm = &mut gem.inner.vm;
    let taken = stopped.take_back(vm, &scope, environment);
    vm.model.release(held);
    taken.map_err(|e| stone_failure(&e.into()))?;
    value
}

/// The surroundings of a line in a file, when the file is there.
fn of_file(path: &str, line: u32) -> Option<Listing> {
    let facts = std::fs::metadata(path).ok()?;
    if line == 0 || !facts.is_file() || facts.len() > FILE_BYTES_MAX {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let first_line = line.saturating_sub(FILE_WINDOW).max(1);
    let count = line - first_line + FILE_WINDOW + 1;
    let shown: Vec<&str> = text
        .lines()
        .skip(first_line as usize - 1)
        .take(count as usize)
        .collect();
    ((line - first_line) < shown.len() as u32).then(|| Listing {
        text: shown.join("\n"),
        first_line,
        current_line: line,
        current_column: 0,
    })
}
