//! Ruby's `inspect` of a String.

use super::{UTF_8, characters, encoding_of};
use crate::check::Ask;
use crate::macros::primitives;
use gem_vm::{Args, PrimResult, Vm};
use std::fmt::Write;

primitives! {
    stringInspect => inspect, "one pass over the bytes";
}

/// Whether a character beyond ASCII shows itself: letters, marks, symbols, spaces, formats, private use; not controls, separators of lines, unassigned ones.
fn is_printable(c: char) -> bool {
    match c {
        '\u{80}'..='\u{9F}' | '\u{2028}' | '\u{2029}' => false,
        // Private use and formats, which Rust's own escaping hides.
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}' => true,
        '\u{AD}' | '\u{600}'..='\u{605}' | '\u{61C}' | '\u{6DD}' | '\u{70F}' | '\u{180E}' => true,
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' => true,
        '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' => true,
        '\u{E0001}' | '\u{E0020}'..='\u{E007F}' => true,
        c if c.is_whitespace() => true,
        // A mark alone is escaped; behind a letter it is not.
        c => ['a', c].iter().collect::<String>().escape_debug().count() == 2,
    }
}

/// The text between quotes, escaped where it must be.
pub(crate) fn inspected(bytes: &[u8], encoding: u8) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for (at, raw, c) in characters(bytes, encoding) {
        let escape = match raw[0] {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x0C => "\\f",
            0x0B => "\\v",
            0x08 => "\\b",
            0x07 => "\\a",
            0x1B => "\\e",
            b'#' if matches!(bytes.get(at + 1), Some(b'{' | b'$' | b'@')) => "\\#",
            _ => "",
        };
        if !escape.is_empty() {
            out.push_str(escape);
            continue;
        }
        // Writing to a String cannot fail.
        let _ = match c {
            Some(c) if (' '..='~').contains(&c) => write!(out, "{c}"),
            Some('\u{7F}') => write!(out, "\\x7F"),
            Some(c) if encoding == UTF_8 && c >= '\u{80}' && is_printable(c) => write!(out, "{c}"),
            Some(c) if encoding == UTF_8 && (c as u32) < 0x10000 => {
                write!(out, "\\u{:04X}", c as u32)
            }
            Some(c) if encoding == UTF_8 => write!(out, "\\u{{{:X}}}", c as u32),
            _ => write!(out, "\\x{:02X}", raw[0]),
        };
    }
    out.push('"');
    out
}

fn inspect(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let text = inspected(vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    crate::check::new_text(vm, &text)
}

#[cfg(test)]
mod tests {
    use super::super::{BINARY, US_ASCII};
    use super::*;

    #[test]
    fn texts_are_shown_as_ruby_shows_them() {
        for (bytes, encoding, shown) in [
            (&b"a\"b\\c\n\t\x1b"[..], UTF_8, r#""a\"b\\c\n\t\e""#),
            (b"\0\x01\x7f", UTF_8, r#""\u0000\u0001\x7F""#),
            (b"\0\xff", BINARY, r#""\x00\xFF""#),
            (b"\xe9", US_ASCII, r#""\xE9""#),
            (b"#{x} #$x #@x #x", UTF_8, r##""\#{x} \#$x \#@x #x""##),
            (
                "aé\u{301}\u{200B}\u{2028}\u{378}😀\u{10FFFF}".as_bytes(),
                UTF_8,
                "\"aé\u{301}\u{200B}\\u2028\\u0378😀\\u{10FFFF}\"",
            ),
            (b"\xE3\x81x", UTF_8, r#""\xE3\x81x""#),
        ] {
            assert_eq!(inspected(bytes, encoding), shown);
        }
    }
}
