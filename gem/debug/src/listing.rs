//! The source that a frame runs, with the line it is at.

use crate::stopped::Stopped;
use format::wellknown::slots::method;
use gem_vm::{Oop, Vm};

/// Source text of a frame's method (or of the method its block was written in).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listing {
    /// Empty when the repository does not hold it.
    pub text: String,
    pub file: String,
    /// Line of the file on which the text begins.
    pub first_line: u32,
    /// Line that runs; 0 when it is not known.
    pub current_line: u32,
    /// Where in it, in characters from 1; 0 when it is not known.
    pub current_column: u16,
}

impl Stopped {
    /// The listing of a level.
    pub fn listing(&self, vm: &mut Vm, level: usize) -> Option<Listing> {
        let location = self.location(vm, level)?;
        let home = self.home_method(vm, level)?;
        let source = vm.model.heap.slot(home, method::SOURCE).unwrap_or(Oop::NIL);
        let text = if vm.model.heap.is_bytes(source) {
            vm.model.heap.text(source)
        } else {
            String::new()
        };
        let code = vm.load_method(home).ok()?;
        let head = code.lines.iter().map(|&(_, line)| line).find(|&l| l != 0);
        let first_line = head.map_or(1, |line| {
            line.saturating_sub(lines_before_head(&text)).max(1)
        });
        let last_line = first_line + (text.lines().count().max(1) as u32) - 1;
        let inside = (first_line..=last_line).contains(&location.line);
        Some(Listing {
            text,
            file: location.file,
            first_line,
            current_line: if inside { location.line } else { 0 },
            current_column: if inside { location.column } else { 0 },
        })
    }
}

/// Lines of a method's source before its head: blank ones and comments. Code knows on which line of the file its head stands.
fn lines_before_head(text: &str) -> u32 {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix('"') {
        let Some(end) = comment.find('"') else {
            break;
        };
        rest = comment[end + 1..].trim_start();
    }
    text[..text.len() - rest.len()].matches('\n').count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_found_behind_blank_lines_and_comments() {
        for (text, wanted) in [
            ("foo\n\t^ 1", 0),
            ("\n\n foo", 2),
            ("\"why\nnot\"\nfoo", 2),
            ("\"open", 0),
            ("", 0),
        ] {
            assert_eq!(lines_before_head(text), wanted, "{text}");
        }
    }
}
