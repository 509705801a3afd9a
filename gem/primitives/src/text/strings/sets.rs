//! Ruby's character sets: `tr`, `count`, `delete`, `squeeze`.

use super::{UTF_8, characters, encoding_of, joint_encoding};
use crate::check::{Ask, Checked, ensure, fallback, int, new_encoded, size_oop};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, Vm};

primitives! {
    stringTr => tr, "one pass over the bytes";
    stringCount => count, "one pass over the bytes";
    stringDelete => delete, "one pass over the bytes";
    stringSqueeze => squeeze, "one pass over the bytes";
}

/// A set as written: ranges in order, and whether it is the complement.
struct Set {
    ranges: Vec<(u32, u32)>,
    negated: bool,
}

/// Numbers of characters beyond Unicode's stand for invalid bytes.
const INVALID: u32 = 0x11_0000;

fn code(raw: &[u8], c: Option<char>) -> u32 {
    c.map_or(INVALID + raw[0] as u32, u32::from)
}

/// Reads `a-z`, `^a-z`, `\\-`; `None` for a range that goes down.
fn parse(bytes: &[u8], encoding: u8) -> Option<Set> {
    let all: Vec<u32> = characters(bytes, encoding)
        .map(|(_, raw, c)| code(raw, c))
        .collect();
    let negated = all.len() > 1 && all[0] == '^' as u32;
    let mut at = usize::from(negated);
    let mut ranges = Vec::new();
    let take = |at: &mut usize| {
        if all[*at] == '\\' as u32 && *at + 1 < all.len() {
            *at += 1;
        }
        *at += 1;
        all[*at - 1]
    };
    while at < all.len() {
        let low = take(&mut at);
        if at + 1 < all.len() && all[at] == '-' as u32 {
            at += 1;
            let high = take(&mut at);
            if high < low {
                return None;
            }
            ranges.push((low, high));
        } else {
            ranges.push((low, low));
        }
    }
    Some(Set { ranges, negated })
}

impl Set {
    fn contains(&self, c: u32) -> bool {
        self.ranges.iter().any(|r| r.0 <= c && c <= r.1) != self.negated
    }

    /// Position of a character in the order of the set; the last one counts when it is there twice.
    fn position(&self, c: u32) -> Option<u64> {
        let mut before = 0u64;
        let mut found = None;
        for &(low, high) in &self.ranges {
            if low <= c && c <= high {
                found = Some(before + (c - low) as u64);
            }
            before += (high - low) as u64 + 1;
        }
        found
    }

    fn at(&self, position: u64) -> Option<u32> {
        let mut rest = position;
        for &(low, high) in &self.ranges {
            let size = (high - low) as u64 + 1;
            if rest < size {
                return Some(low + rest as u32);
            }
            rest -= size;
        }
        self.ranges.last().map(|r| r.1)
    }
}

fn push(out: &mut Vec<u8>, c: u32, encoding: u8) {
    match char::from_u32(c) {
        Some(c) if encoding == UTF_8 => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        _ => out.push(c as u8),
    }
}

/// The text with characters of `from` replaced by those of `to` at the same position.
fn translate(bytes: &[u8], encoding: u8, from: &Set, to: &Set, squeeze: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = None;
    for (_, raw, c) in characters(bytes, encoding) {
        let c = code(raw, c);
        let replacement = if from.negated {
            // Whatever is not in the set becomes the last character of the other one.
            from.contains(c).then(|| to.at(u64::MAX))
        } else {
            from.position(c).map(|p| to.at(p))
        };
        match replacement {
            None => {
                out.extend_from_slice(raw);
                last = None;
            }
            Some(None) => {}
            Some(Some(by)) => {
                if !squeeze || last != Some(by) {
                    push(&mut out, by, encoding);
                }
                last = Some(by);
            }
        }
    }
    out
}

/// The set that argument `i` writes.
fn set(vm: &mut Vm, receiver: Oop, args: Args, i: usize) -> Checked<Set> {
    let text = vm.text_arg(args, i)?;
    let encoding = joint_encoding(vm, receiver, text)?;
    match parse(vm.model.heap.bytes(text), encoding) {
        Some(set) => Ok(set),
        None => fallback(),
    }
}

/// `stringTr(from to flags)`; flag 1 leaves one of equal neighbours that were translated.
fn tr(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let from = set(vm, receiver, args, 1)?;
    let mut to = set(vm, receiver, args, 2)?;
    let flags = vm.given(args, 3).map_or(Ok(0), int)?;
    if to.negated {
        // A ^ has no meaning here: it is a character.
        to.negated = false;
        to.ranges.insert(0, ('^' as u32, '^' as u32));
    }
    let by = vm.text_arg(args, 2)?;
    let encoding = joint_encoding(vm, receiver, by)?;
    let made = translate(
        vm.model.heap.bytes(receiver),
        encoding,
        &from,
        &to,
        flags & 1 != 0,
    );
    new_encoded(vm, &made, encoding)
}

fn count(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let set = set(vm, receiver, args, 1)?;
    let all = characters(vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    Ok(size_oop(
        all.filter(|(_, raw, c)| set.contains(code(raw, *c)))
            .count(),
    ))
}

fn delete(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let set = set(vm, receiver, args, 1)?;
    let encoding = encoding_of(vm, receiver);
    let mut made = Vec::new();
    for (_, raw, c) in characters(vm.model.heap.bytes(receiver), encoding) {
        if !set.contains(code(raw, c)) {
            made.extend_from_slice(raw);
        }
    }
    new_encoded(vm, &made, encoding)
}

/// One of each run of equal characters, of those in the set (nil: of all).
fn squeeze(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let set = match vm.given(args, 1) {
        Some(_) => Some(set(vm, receiver, args, 1)?),
        None => None,
    };
    let encoding = encoding_of(vm, receiver);
    let mut made = Vec::new();
    let mut last = None;
    for (_, raw, c) in characters(vm.model.heap.bytes(receiver), encoding) {
        let c = code(raw, c);
        if last != Some(c) || set.as_ref().is_some_and(|s| !s.contains(c)) {
            made.extend_from_slice(raw);
        }
        last = Some(c);
    }
    ensure(made.len() <= vm.model.heap.bytes(receiver).len())?;
    new_encoded(vm, &made, encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tr(text: &str, from: &str, to: &str) -> String {
        let (from, to) = (
            parse(from.as_bytes(), 0).unwrap(),
            parse(to.as_bytes(), 0).unwrap(),
        );
        String::from_utf8(translate(text.as_bytes(), 0, &from, &to, false)).unwrap()
    }

    #[test]
    fn sets_are_rubys() {
        for (text, from, to, made) in [
            ("hello", "el", "ip", "hippo"),
            ("hello", "a-y", "b-z", "ifmmp"),
            ("hello", "^l", "*", "**ll*"),
            ("hello", "elo", "1", "h1111"),
            ("he-llo", "-", "_", "he_llo"),
            ("hel\\lo", "\\\\", "/", "hel/lo"),
            ("hello", "a-eo", "A-E0", "hEll0"),
            ("abc", "a-c", "", ""),
            ("abc", "b-", "12", "a1c"),
            ("a^b", "\\^", "x", "axb"),
            ("hello", "", "x", "hello"),
            ("é€", "é-€", "x", "xx"),
        ] {
            assert_eq!(tr(text, from, to), made, "{text} {from} {to}");
        }
        assert!(parse(b"z-a", 0).is_none());
    }
}
