//! The source that a frame runs, with the line it is at.

use crate::stopped::Stopped;
use gem_vm::{Oop, Vm};
use proto::wellknown::slots::method;

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
}

impl Stopped {
    /// The listing of a level.
    pub fn listing(&self, vm: &mut Vm, level: usize) -> Option<Listing> {
        let location = self.location(vm, level)?;
        let home = self.home_method(vm, level)?;
        let source = vm.heap.slot(home, method::SOURCE).unwrap_or(Oop::NIL);
        let text = if vm.heap.is_bytes(source) {
            vm.heap.text(source)
        } else {
            String::new()
        };
        let code = vm.load_method(home).ok()?;
        let first_statement = code.lines.iter().map(|&(_, line)| line).min();
        let before = if code.environment == 0 {
            lines_before_statements(&text)
        } else {
            lines_before_ruby_body(&text)
        };
        let first_line = first_statement.map_or(1, |line| line.saturating_sub(before).max(1));
        let last_line = first_line + (text.lines().count().max(1) as u32) - 1;
        let inside = (first_line..=last_line).contains(&location.line);
        Some(Listing {
            text,
            file: location.file,
            first_line,
            current_line: if inside { location.line } else { 0 },
        })
    }
}

/// Lines between the first line of a Smalltalk method and its first statement. Methods store their text and the lines of their
/// instructions, not where the text stood in its file: this connects the two.
fn lines_before_statements(text: &str) -> u32 {
    let mut rest = skip_pattern(text);
    loop {
        rest = skip_blanks(rest);
        rest = match rest.chars().next() {
            Some('"') => after(rest, '"'),
            Some('|') => after(rest, '|'),
            Some('<') => after(rest, '>'),
            _ => break,
        };
    }
    newlines(&text[..text.len() - rest.len()])
}

/// A Ruby method's instructions begin with those of its first line that does anything: what stands after the parameters.
fn lines_before_ruby_body(text: &str) -> u32 {
    let Some((first, rest)) = text.split_once('\n') else {
        return 0;
    };
    if first.contains(';') {
        return 0;
    }
    let does_something = |line: &str| !line.is_empty() && !line.starts_with('#');
    let body = rest.lines().position(|line| does_something(line.trim()));
    body.map_or(0, |at| at as u32 + 1)
}

/// What follows the message pattern.
fn skip_pattern(text: &str) -> &str {
    let mut rest = skip_comments(text);
    let unary = word(rest);
    if unary.is_empty() {
        let end = rest
            .find(|c: char| c.is_whitespace() || c.is_alphanumeric() || c == '_')
            .unwrap_or(rest.len());
        rest = skip_comments(&rest[end..]);
        return &rest[word(rest).len()..];
    }
    if !rest[unary.len()..].starts_with(':') {
        return &rest[unary.len()..];
    }
    loop {
        let keyword = word(rest);
        if keyword.is_empty() || !rest[keyword.len()..].starts_with(':') {
            return rest;
        }
        let argument = skip_comments(&rest[keyword.len() + 1..]);
        let next = &argument[word(argument).len()..];
        let following = skip_comments(next);
        let more = word(following);
        if more.is_empty()
            || !following[more.len()..].starts_with(':')
            || following[more.len()..].starts_with(":=")
        {
            return next;
        }
        rest = following;
    }
}

fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len());
    &text[..end]
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start()
}

fn skip_comments(text: &str) -> &str {
    let mut rest = skip_blanks(text);
    while rest.starts_with('"') {
        rest = skip_blanks(after(rest, '"'));
    }
    rest
}

/// What follows the second `end` of a text that begins with the first.
fn after(text: &str, end: char) -> &str {
    let inner = text.char_indices().skip(1).find(|(_, c)| *c == end);
    inner.map_or("", |(at, c)| &text[at + c.len_utf8()..])
}

fn newlines(text: &str) -> u32 {
    text.matches('\n').count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_statement_is_found_behind_pattern_comments_and_temporaries() {
        for (text, wanted) in [
            ("foo\n\t^ 1", 1),
            ("foo ^ 1", 0),
            ("+ other\n\t\"adds\"\n\n\t| a b |\n\t^ 1", 4),
            (
                "at: i put: v\n\t\"two\n\tlines\"\n\t<primitive: arrayAtPut>\n\t^ 1",
                4,
            ),
            ("at: i\n\tput: v\n\ta := 1", 2),
            ("foo: a\n\tb := 1", 1),
            ("foo", 0),
            ("", 0),
        ] {
            assert_eq!(lines_before_statements(text), wanted, "{text}");
        }
        assert_eq!(lines_before_ruby_body("def a\n  # why\n\n  b\nend"), 3);
        assert_eq!(lines_before_ruby_body("def a = 1"), 0);
    }
}
