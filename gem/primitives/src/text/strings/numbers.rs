//! Integers in texts, and Ruby's successor of a text.

use super::{UTF_8, encoding_of, new_like};
use crate::check::{Ask, Checked, ensure, fallback, index};
use crate::macros::primitives;
use crate::numbers::float_text::is_space;
use crate::numbers::integers::from_big;
use gem_vm::{Args, Oop, PrimResult, Vm};
use num_bigint::BigInt;

primitives! {
    stringToInteger => to_integer, "digits of large integers";
    stringSucc => succ, "one pass over the bytes";
}

/// Radix that a prefix names, and the length of the prefix.
fn prefix(text: &[u8]) -> Option<(u32, usize)> {
    let radix = match text.get(1).map(u8::to_ascii_lowercase) {
        Some(b'x') => 16,
        Some(b'b') => 2,
        Some(b'o') => 8,
        Some(b'd') => 10,
        _ => return Some((8, 1)).filter(|_| text.len() > 1 && text[0] == b'0'),
    };
    (text[0] == b'0').then_some((radix, 2))
}

/// The Integer that text begins with; strict: the text must hold nothing else. Radix 0: by prefix.
pub(crate) fn parse(text: &[u8], radix: u32, strict: bool) -> Option<BigInt> {
    let start = text
        .iter()
        .position(|&c| !is_space(c))
        .unwrap_or(text.len());
    let mut text = &text[start..];
    if strict {
        let end = text
            .iter()
            .rposition(|&c| !is_space(c))
            .map_or(0, |i| i + 1);
        text = &text[..end];
    }
    let negative = text.first() == Some(&b'-');
    if matches!(text.first(), Some(b'-' | b'+')) {
        text = &text[1..];
    }
    let mut base = if radix == 0 { 10 } else { radix };
    if let Some((named, length)) = prefix(text)
        && (radix == 0 || (radix == named && length == 2))
    {
        let digits = text.get(length..)?;
        let follows = digits.first().is_some_and(|&c| (c as char).is_digit(named));
        let underscore = length == 1 && digits.first() == Some(&b'_');
        if follows || underscore {
            base = named;
            // A lone 0 is a digit of its own, so that 0_7 and 08 read as they should.
            text = if length == 2 { digits } else { text };
        }
    }
    let mut digits = Vec::new();
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        if (c as char).is_digit(base) {
            digits.push(c);
            at += 1;
        } else if c == b'_'
            && at > 0
            && text
                .get(at + 1)
                .is_some_and(|&next| (next as char).is_digit(base))
        {
            at += 1;
        } else {
            break;
        }
    }
    if strict && (digits.is_empty() || at < text.len()) {
        return None;
    }
    let value = match small_value(&digits, base) {
        Some(value) => BigInt::from(value),
        None => BigInt::parse_bytes(&digits, base).unwrap_or_default(),
    };
    Some(if negative { -value } else { value })
}

/// The value of digits that surely fit.
fn small_value(digits: &[u8], base: u32) -> Option<i64> {
    if digits.len() > 11 && !(base <= 10 && digits.len() <= 18) {
        return None;
    }
    let step = |n: i64, &c: &u8| Some(n * base as i64 + (c as char).to_digit(base)? as i64);
    digits.iter().try_fold(0, step)
}

/// `stringToInteger(radix strict)`
fn to_integer(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let radix = match vm.given(args, 1) {
        Some(radix) => index(radix)?,
        None => 10,
    };
    ensure(radix == 0 || (2..=36).contains(&radix))?;
    let strict = vm.arg(args, 2) == Oop::TRUE;
    match parse(vm.model.heap.bytes(receiver), radix as u32, strict) {
        Some(value) => from_big(vm, &value),
        None => fallback(),
    }
}

/// The last alphanumeric run counts up and carries to alphanumerics before it; without any, the last characters themselves do.
pub(crate) fn successor(bytes: &[u8], utf8: bool) -> Option<Vec<u8>> {
    let mut made = bytes.to_vec();
    if utf8 && !bytes.is_ascii() {
        let text = std::str::from_utf8(bytes).ok()?;
        match text.char_indices().rev().find(|(_, c)| c.is_alphanumeric()) {
            None => return successor_of_last(made, utf8),
            Some((at, c)) if !c.is_ascii() => {
                let next = following(c)?;
                made.splice(at..at + c.len_utf8(), next.encode_utf8(&mut [0; 4]).bytes());
                return Some(made);
            }
            Some(_) => {}
        }
    }
    let Some(mut at) = made.iter().rposition(u8::is_ascii_alphanumeric) else {
        return successor_of_last(made, utf8);
    };
    loop {
        let (next, carry) = match made[at] {
            b'9' => (b'0', b'1'),
            b'z' => (b'a', b'a'),
            b'Z' => (b'A', b'A'),
            c => {
                made[at] = c + 1;
                return Some(made);
            }
        };
        made[at] = next;
        match carry_target(&made, at) {
            Some(left) => at = left,
            None => {
                made.insert(at, carry);
                return Some(made);
            }
        }
    }
}

/// The alphanumeric that a carry from `at` goes to: the neighbour; or, past other characters, one of the same kind (digits
/// carry to digits, as in "1.9").
fn carry_target(bytes: &[u8], at: usize) -> Option<usize> {
    let left = bytes[..at].iter().rposition(u8::is_ascii_alphanumeric)?;
    if left + 1 == at {
        return Some(left);
    }
    let same = bytes[left].is_ascii_digit() == bytes[at].is_ascii_digit();
    same.then_some(left)
}

/// The next code point that is a character.
fn following(c: char) -> Option<char> {
    (c as u32 + 1..=0x10_FFFF).find_map(char::from_u32)
}

fn successor_of_last(mut bytes: Vec<u8>, utf8: bool) -> Option<Vec<u8>> {
    if bytes.is_empty() {
        return Some(bytes);
    }
    if !utf8 || bytes.is_ascii() {
        for i in (0..bytes.len()).rev() {
            let most = if utf8 { 0x7F } else { 0xFF };
            if bytes[i] < most {
                bytes[i] += 1;
                return Some(bytes);
            }
            bytes[i] = 0;
        }
        bytes.insert(0, 1);
        return Some(bytes);
    }
    let mut text: Vec<char> = std::str::from_utf8(&bytes).ok()?.chars().collect();
    let last = text.pop()?;
    text.push(following(last)?);
    Some(text.into_iter().collect::<String>().into_bytes())
}

fn succ(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let utf8 = encoding_of(vm, receiver) == UTF_8;
    let next: Checked<Vec<u8>> =
        successor(vm.model.heap.bytes(receiver), utf8).ok_or(gem_vm::Fail::Fallback);
    new_like(vm, receiver, &next?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_ruby_reads_them() {
        for (text, radix, lenient, strict) in [
            ("0x1A", 16, 26, Some(26)),
            ("0b11", 0, 3, Some(3)),
            ("0o17", 0, 15, Some(15)),
            ("017", 0, 15, Some(15)),
            ("017", 10, 17, Some(17)),
            ("0_8", 0, 0, None),
            ("1_000", 10, 1000, Some(1000)),
            ("1__0", 10, 1, None),
            (" 12 ", 10, 12, Some(12)),
            ("0x", 16, 0, None),
            ("_1", 10, 0, None),
            ("- 1", 10, 0, None),
            ("+5", 10, 5, Some(5)),
            ("-0x1f", 0, -31, Some(-31)),
            ("12e3", 10, 12, None),
            ("", 10, 0, None),
            ("zz", 36, 1295, Some(1295)),
        ] {
            assert_eq!(
                parse(text.as_bytes(), radix, false),
                Some(BigInt::from(lenient)),
                "{text}"
            );
            assert_eq!(
                parse(text.as_bytes(), radix, true),
                strict.map(BigInt::from),
                "{text}"
            );
        }
    }

    #[test]
    fn successors_carry_as_in_ruby() {
        for (text, next) in [
            ("az", "ba"),
            ("zz", "aaa"),
            ("a9", "b0"),
            ("Az", "Ba"),
            ("zZ9", "aaA0"),
            ("-9", "-10"),
            ("1.9.9", "2.0.0"),
            ("", ""),
            ("***", "**+"),
            ("<<koala>>", "<<koalb>>"),
            ("1999zzz", "2000aaa"),
            ("ZZZ9999", "AAAA0000"),
            ("é", "ê"),
            ("aé!", "aê!"),
            ("zé", "zê"),
            ("a😀", "b😀"),
            ("a-", "b-"),
            ("Zz9!", "AAa0!"),
        ] {
            assert_eq!(
                successor(text.as_bytes(), true).unwrap(),
                next.as_bytes(),
                "{text}"
            );
        }
        assert_eq!(successor(b"\xff", false).unwrap(), b"\x01\x00");
    }
}
