//! Strings: bytes with an encoding (the detail byte: 0 UTF-8, 1 binary, 2 US-ASCII, others count as single bytes).
//!
//! Positions are characters unless a name says bytes. An invalid byte of a UTF-8 String is a character of its own, as in Ruby.

pub(crate) mod bytes;
pub(crate) mod case;
pub(crate) mod characters;
pub(crate) mod inspect;
pub(crate) mod numbers;
pub(crate) mod parts;
pub(crate) mod positions;
pub(crate) mod search;
pub(crate) mod sets;
pub(crate) mod text;

use crate::check::{Checked, fallback};
use format::wellknown::encoding;
use gem_vm::{Oop, Vm};

pub(crate) const UTF_8: u8 = encoding::UTF_8 as u8;
pub(crate) const BINARY: u8 = encoding::BINARY as u8;
pub(crate) const US_ASCII: u8 = encoding::US_ASCII as u8;

/// Encoding of a String or Symbol.
#[inline]
pub(crate) fn encoding_of(vm: &Vm, text: Oop) -> u8 {
    vm.model.heap.detail(text)
}

/// The encoding by which positions in `text` count: one byte a character when all of it is ASCII.
#[inline]
pub(crate) fn counting_encoding(vm: &Vm, text: Oop) -> u8 {
    match encoding_of(vm, text) {
        UTF_8 if vm.model.heap.is_ascii(text) => BINARY,
        encoding => encoding,
    }
}

/// The character that begins at `at` (below the length): its length in bytes, and its code point unless the byte is invalid.
#[inline]
pub(crate) fn step(bytes: &[u8], at: usize) -> (usize, Option<char>) {
    let lead = bytes[at];
    let length = match lead {
        0..=0x7F => return (1, Some(lead as char)),
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (1, None),
    };
    let sequence = bytes
        .get(at..at + length)
        .and_then(|s| std::str::from_utf8(s).ok());
    match sequence.and_then(|s| s.chars().next()) {
        Some(c) => (length, Some(c)),
        None => (1, None),
    }
}

/// Characters of a text: byte position, bytes, code point unless invalid.
pub(crate) struct Characters<'a> {
    bytes: &'a [u8],
    at: usize,
    single: bool,
}

pub(crate) fn characters(bytes: &[u8], encoding: u8) -> Characters<'_> {
    Characters {
        bytes,
        at: 0,
        single: encoding != UTF_8,
    }
}

impl<'a> Iterator for Characters<'a> {
    type Item = (usize, &'a [u8], Option<char>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let at = self.at;
        let (length, c) = if self.single {
            (1, Some(self.bytes[at] as char))
        } else {
            step(self.bytes, at)
        };
        self.at += length;
        Some((at, &self.bytes[at..at + length], c))
    }
}

/// Number of characters.
pub(crate) fn char_count(bytes: &[u8], encoding: u8) -> usize {
    if encoding != UTF_8 || bytes.is_ascii() {
        return bytes.len();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().count(),
        Err(_) => characters(bytes, encoding).count(),
    }
}

/// Byte position of character `index`, which may be the end.
pub(crate) fn byte_offset(bytes: &[u8], encoding: u8, index: usize) -> Option<usize> {
    let plain = index <= bytes.len() && (encoding != UTF_8 || bytes[..index].is_ascii());
    if plain {
        return Some(index);
    }
    if encoding != UTF_8 {
        return None;
    }
    let mut at = 0;
    for _ in 0..index {
        if at >= bytes.len() {
            return None;
        }
        at += step(bytes, at).0;
    }
    Some(at)
}

/// Whether the bytes are valid in their encoding.
pub(crate) fn is_valid(bytes: &[u8], encoding: u8) -> bool {
    match encoding {
        UTF_8 => std::str::from_utf8(bytes).is_ok(),
        US_ASCII => bytes.is_ascii(),
        _ => true,
    }
}

/// The encoding of a text made of both; falls back when they do not go together.
pub(crate) fn joint_encoding(vm: &Vm, a: Oop, b: Oop) -> Checked<u8> {
    let (of_a, of_b) = (encoding_of(vm, a), encoding_of(vm, b));
    if of_a == of_b {
        return Ok(of_a);
    }
    let (bytes_a, bytes_b) = (vm.model.heap.bytes(a), vm.model.heap.bytes(b));
    if bytes_b.is_empty() || (bytes_b.is_ascii() && !bytes_a.is_empty()) {
        return Ok(of_a);
    }
    if bytes_a.is_empty() {
        let plain = bytes_b.is_ascii();
        return Ok(if plain { of_a } else { of_b });
    }
    if bytes_a.is_ascii() {
        Ok(of_b)
    } else {
        fallback()
    }
}

/// Whether the running method's caller is Ruby code, where a Symbol is no String.
pub(crate) fn caller_is_ruby(vm: &Vm) -> bool {
    vm.running_environment() == Some(1)
}

/// A new String like `like`: class String, its encoding.
pub(crate) fn new_like(vm: &mut Vm, like: Oop, bytes: &[u8]) -> gem_vm::PrimResult {
    let encoding = encoding_of(vm, like);
    crate::check::new_encoded(vm, bytes, encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_are_characters_of_their_own() {
        assert_eq!(char_count(b"\xE3\x81", UTF_8), 2);
        assert_eq!(char_count("aé€😀".as_bytes(), UTF_8), 4);
        assert_eq!(char_count("aé€😀".as_bytes(), BINARY), 10);
        let broken = b"a\xFFb\xC3\xA9";
        let kinds: Vec<_> = characters(broken, UTF_8)
            .map(|(at, _, c)| (at, c))
            .collect();
        assert_eq!(
            kinds,
            [(0, Some('a')), (1, None), (2, Some('b')), (3, Some('é'))]
        );
    }

    #[test]
    fn positions_beyond_the_end_are_refused() {
        let text = "aé€".as_bytes();
        assert_eq!(byte_offset(text, UTF_8, 1), Some(1));
        assert_eq!(byte_offset(text, UTF_8, 2), Some(3));
        assert_eq!(byte_offset(text, UTF_8, 3), Some(6));
        assert_eq!(byte_offset(text, UTF_8, 4), None);
        assert_eq!(byte_offset(b"abc", UTF_8, 3), Some(3));
        assert_eq!(byte_offset(b"abc", UTF_8, 4), None);
    }
}
