//! Errors of the session as topaz shows them.

use super::objects;
use crate::session::Failure;
use format::errors;
use format::wellknown::slots::exception;
use gem_session::{RubyEnd, SessionError};
use gem_vm::{Oop, Vm, VmExit};
use std::time::Duration;

/// The failure of an exception that nobody handled. Asks the exception itself; falls back on its variables when it cannot answer.
pub fn raised(vm: &mut Vm, exception_object: Oop) -> Failure {
    let class = vm.model.heap.class_of(exception_object).unwrap_or(Oop::NIL);
    let classes = objects::class_chain(vm, class);
    let number = ask(vm, exception_object, "number")
        .and_then(|n| n.as_small_int())
        .unwrap_or_else(|| number_of(&classes));
    let text = ask(vm, exception_object, "asString")
        .and_then(|t| objects::text(vm, t))
        .or_else(|| {
            let message = vm
                .model
                .heap
                .slot(exception_object, exception::MESSAGE)
                .ok()?;
            objects::text(vm, message)
        })
        .unwrap_or_else(|| "no text".to_string());
    Failure {
        number,
        classes,
        text,
        ..Failure::default()
    }
}

/// What the object answers to a message without arguments; `None` when that fails.
fn ask(vm: &mut Vm, receiver: Oop, selector: &str) -> Option<Oop> {
    let depth = vm.exec.frames.len();
    let selector = vm.model.heap.symbol(selector);
    let answer = vm.send(receiver, selector, &[], 0);
    vm.unwind_to(depth);
    answer.ok()
}

/// Number of the first class in the table of numbered errors.
fn number_of(classes: &[String]) -> i64 {
    let row = classes.iter().find_map(|class| {
        errors::ERRORS
            .iter()
            .find(|(_, name, _)| name == class)
            .map(|(number, _, _)| *number)
    });
    i64::from(row.unwrap_or(errors::ERROR))
}

/// How the machine was left otherwise.
pub fn exit_text(exit: &VmExit) -> String {
    match exit {
        VmExit::Unhandled(_) => "an error that nobody handled".to_string(),
        VmExit::Internal(text) => text.clone(),
        VmExit::Trap => "a breakpoint where nothing may stop".to_string(),
    }
}

/// The failure of a request to the stone, or of object memory.
pub fn stone_failure(e: &SessionError) -> Failure {
    let (number, class) = match e {
        SessionError::Conflict(_)
        | SessionError::Replay(_)
        | SessionError::Rejected(_)
        | SessionError::LineBroke
        | SessionError::AbortNeeded => (errors::TRANSACTION, "TransactionError"),
        SessionError::NotPersistable(_) => (errors::NOT_PERSISTABLE, "TransactionError"),
        SessionError::Stone(proto::service::StoneError::TransactionRevoked)
        | SessionError::Incomplete => (errors::REVOKED, "TransactionRevoked"),
        SessionError::Stone(proto::service::StoneError::ReadOnly) => {
            (errors::TRANSACTION, "TransactionError")
        }
        SessionError::Stone(_) | SessionError::OutcomeUnknown { .. } | SessionError::Heap(_) => {
            (errors::REPOSITORY, "RepositoryError")
        }
        SessionError::Compile { .. } => (errors::COMPILE, "CompileError"),
        SessionError::Definition(_) | SessionError::Exit(_) => (errors::ERROR, "Error"),
    };
    Failure::plain(i64::from(number), class, e.to_string())
}

/// The failure of a text that was to be compiled, with the line that is wrong.
pub fn source_failure(e: &SessionError, source: &str) -> Failure {
    let mut failure = stone_failure(e);
    if let SessionError::Compile {
        line,
        column,
        message,
        ..
    } = e
    {
        failure.text = format!("line {line}: {message}");
        failure.line = *line;
        if *column > 0 {
            let column = *column as usize;
            let shown = match source.lines().nth((*line as usize).saturating_sub(1)) {
                Some(text) => pointed(text, column),
                // The text ends too early: behind its last line.
                None => source
                    .lines()
                    .last()
                    .map_or_else(String::new, |text| pointed(text, text.chars().count() + 1)),
            };
            failure.text.push_str(&shown);
        }
    }
    failure
}

/// A line of source and a caret under its `column` (from 1), on lines of their own.
fn pointed(line: &str, column: usize) -> String {
    let before: String = line
        .chars()
        .take(column.saturating_sub(1))
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    format!("\n    {line}\n    {before}^")
}

/// The failure that a Ruby program ended with.
pub fn ruby_end(vm: &mut Vm, end: RubyEnd) -> Failure {
    match end {
        RubyEnd::Value(_) => Failure::plain(0, "Error", "no failure"),
        RubyEnd::Exit(status) => {
            let text = format!("the Ruby program left with exit {status}");
            Failure::plain(i64::from(errors::ERROR), "SystemExit", text)
        }
        RubyEnd::Uncaught { exception, text } => {
            let class = vm.model.heap.class_of(exception).unwrap_or(Oop::NIL);
            let classes = objects::class_chain(vm, class);
            Failure {
                number: number_of(&classes),
                classes,
                text,
                ..Failure::default()
            }
        }
        RubyEnd::Syntax(text) => {
            let mut failure = Failure::plain(i64::from(errors::COMPILE), "SyntaxError", text);
            // `FILE:LINE: what`
            let line = failure.text.split(':').nth(1).and_then(|n| n.parse().ok());
            failure.line = line.unwrap_or(0);
            failure
        }
        RubyEnd::Broken(text) => Failure::plain(i64::from(errors::ERROR), "Error", text),
    }
}

/// Processor time of this process, from the system's own count (in ticks of 10 ms: USER_HZ is 100 on every Linux port).
pub fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields = stat.rsplit_once(')')?.1;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_mistake() {
        assert_eq!(pointed("\tfoo bar", 6), "\n    \tfoo bar\n    \t    ^");
    }

    #[test]
    fn processor_time_is_known() {
        assert!(cpu_time().is_some());
    }

    #[test]
    fn classes_have_numbers() {
        let chain = |l: &[&str]| l.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(number_of(&chain(&["ZeroDivide", "Error"])), 2733);
        assert_eq!(number_of(&chain(&["Mine"])), i64::from(errors::ERROR));
    }
}
