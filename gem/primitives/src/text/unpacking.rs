//! `String#unpack`. What it does not know, and text that is too short for a jump, is the method's body's.

use crate::check::{Ask, Checked, ensure, new_encoded, small};
use crate::macros::primitives;
use crate::text::pack_format::{Count, Item, Layout, parse};
use format::wellknown::encoding::{BINARY, US_ASCII};
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use num_bigint::BigInt;

primitives! {
    stringUnpack => unpack, "reads machine integers and floats";
}

/// The text, how far it was read, and the values so far.
struct Unpacking {
    text: Vec<u8>,
    at: usize,
    values: Vec<Oop>,
}

impl Unpacking {
    fn left(&self) -> usize {
        self.text.len() - self.at
    }

    /// The next `count` bytes, or as many as there are.
    fn take(&mut self, count: usize) -> Vec<u8> {
        let end = self.at + count.min(self.left());
        let part = self.text[self.at..end].to_vec();
        self.at = end;
        part
    }

    fn push_text(&mut self, vm: &mut Vm, bytes: &[u8], encoding: u16) -> Checked<()> {
        let text = new_encoded(vm, bytes, encoding as u8)?;
        self.values.push(text);
        Ok(())
    }
}

/// `stringUnpack(format)`
fn unpack(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let format = vm.text_arg(args, 1)?;
    let items = parse(vm.model.heap.bytes(format))?;
    let mut u = Unpacking {
        text: vm.model.heap.bytes(receiver).to_vec(),
        at: 0,
        values: Vec::new(),
    };
    for item in items {
        one(vm, &mut u, item)?;
    }
    Ok(vm.model.heap.new_array(&u.values)?)
}

fn one(vm: &mut Vm, u: &mut Unpacking, item: Item) -> Checked<()> {
    if let Some(layout) = item.layout() {
        return sized(vm, u, item, layout.bytes, |vm, bytes| {
            Ok(vm.model.heap.new_integer(&integer(bytes, layout))?)
        });
    }
    if let Some((double, big)) = item.float() {
        return sized(vm, u, item, if double { 8 } else { 4 }, |vm, bytes| {
            let mut bytes = bytes.to_vec();
            if big {
                bytes.reverse();
            }
            let value = match <[u8; 8]>::try_from(bytes.as_slice()) {
                Ok(eight) => f64::from_le_bytes(eight),
                Err(_) => {
                    let four = <[u8; 4]>::try_from(bytes.as_slice());
                    f64::from(f32::from_le_bytes(four.map_err(|_| Fail::Fallback)?))
                }
            };
            Ok(vm.model.heap.new_float(value))
        });
    }
    match item.letter {
        b'a' | b'A' | b'Z' => text(vm, u, item),
        b'B' | b'b' => digits(vm, u, item, 8),
        b'H' | b'h' => digits(vm, u, item, 2),
        b'm' => base64(vm, u, item),
        b'U' => characters(u, item),
        b'w' => compressed(vm, u, item),
        b'x' | b'X' | b'@' => jump(u, item),
        _ => Err(Fail::Fallback),
    }
}

/// Values of a fixed size; what the text is too short for is nil.
fn sized(
    vm: &mut Vm,
    u: &mut Unpacking,
    item: Item,
    size: usize,
    value: impl Fn(&mut Vm, &[u8]) -> PrimResult,
) -> Checked<()> {
    let there = u.left() / size;
    let (wanted, fill) = match item.count {
        Count::Once => (1, true),
        Count::Times(n) => (n, true),
        Count::Star => (there, false),
    };
    ensure(wanted <= there || wanted - there <= 1 << 20)?;
    for _ in 0..wanted.min(there) {
        let bytes = u.take(size);
        let made = value(vm, &bytes)?;
        u.values.push(made);
    }
    if fill {
        let missing = wanted.saturating_sub(there);
        u.values.extend(std::iter::repeat_n(Oop::NIL, missing));
    }
    Ok(())
}

fn integer(bytes: &[u8], layout: Layout) -> BigInt {
    let mut bytes = bytes.to_vec();
    if layout.big {
        bytes.reverse();
    }
    if layout.signed {
        BigInt::from_signed_bytes_le(&bytes)
    } else {
        BigInt::from_bytes_le(num_bigint::Sign::Plus, &bytes)
    }
}

fn text(vm: &mut Vm, u: &mut Unpacking, item: Item) -> Checked<()> {
    let count = match item.count {
        Count::Once => 1,
        Count::Times(n) => n,
        Count::Star => u.left(),
    };
    let from = u.at;
    let mut bytes = u.take(count);
    match item.letter {
        b'A' => {
            let end = bytes.iter().rposition(|b| *b != b' ' && *b != 0);
            bytes.truncate(end.map_or(0, |i| i + 1));
        }
        b'Z' => {
            if let Some(end) = bytes.iter().position(|b| *b == 0) {
                bytes.truncate(end);
                if item.count == Count::Star {
                    u.at = from + end + 1;
                }
            }
        }
        _ => {}
    }
    u.push_text(vm, &bytes, BINARY)
}

fn digits(vm: &mut Vm, u: &mut Unpacking, item: Item, per_byte: usize) -> Checked<()> {
    let there = u.left() * per_byte;
    let count = match item.count {
        Count::Once => 1,
        Count::Times(n) => n.min(there),
        Count::Star => there,
    };
    let count = count.min(there);
    let width = 8 / per_byte;
    let high_first = item.letter.is_ascii_uppercase();
    let bytes = u.take(count.div_ceil(per_byte));
    let mut made = Vec::with_capacity(count);
    for i in 0..count {
        let within = i % per_byte;
        let place = if high_first {
            per_byte - 1 - within
        } else {
            within
        };
        let digit = u32::from(bytes[i / per_byte] >> (place * width)) & ((1 << width) - 1);
        made.push(char::from_digit(digit, 16).map_or(b'0', |c| c as u8));
    }
    u.push_text(vm, &made, US_ASCII)
}

fn base64_digit(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

/// Base64. With count 0 the text must be exactly so; else what is no digit is skipped, up to the first `=`.
fn base64(vm: &mut Vm, u: &mut Unpacking, item: Item) -> Checked<()> {
    let text = u.take(usize::MAX);
    let body = match text.iter().position(|b| *b == b'=') {
        Some(end) => &text[..end],
        None => &text[..],
    };
    if item.count == Count::Times(0) {
        let padding = text.len() - body.len();
        let padded = text[body.len()..].iter().all(|b| *b == b'=');
        let all = body.iter().all(|b| base64_digit(*b).is_some());
        ensure(all && padded && padding <= 2 && text.len().is_multiple_of(4))?;
    }
    let (mut bits, mut held) = (0u32, 0);
    let mut made = Vec::with_capacity(body.len() / 4 * 3 + 3);
    for digit in body.iter().filter_map(|b| base64_digit(*b)) {
        bits = bits << 6 | digit;
        held += 6;
        if held >= 8 {
            held -= 8;
            made.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    ensure(item.count != Count::Times(0) || bits == 0)?;
    u.push_text(vm, &made, BINARY)
}

fn characters(u: &mut Unpacking, item: Item) -> Checked<()> {
    let count = match item.count {
        Count::Once => 1,
        Count::Times(n) => n,
        Count::Star => usize::MAX,
    };
    let mut done = 0;
    while done < count && u.left() > 0 {
        let rest = &u.text[u.at..u.text.len().min(u.at + 4)];
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => text,
            Err(e) => std::str::from_utf8(&rest[..e.valid_up_to()]).unwrap_or_default(),
        };
        let c = valid.chars().next().ok_or(Fail::Fallback)?;
        u.values.push(small(u32::from(c).into()));
        u.at += c.len_utf8();
        done += 1;
    }
    Ok(())
}

/// BER-compressed integers.
fn compressed(vm: &mut Vm, u: &mut Unpacking, item: Item) -> Checked<()> {
    let count = match item.count {
        Count::Once => 1,
        Count::Times(n) => n,
        Count::Star => usize::MAX,
    };
    let mut done = 0;
    while done < count && u.left() > 0 {
        let rest = &u.text[u.at..];
        let Some(last) = rest.iter().position(|b| b & 0x80 == 0) else {
            u.at = u.text.len();
            return Ok(());
        };
        let groups: Vec<u8> = rest[..=last].iter().map(|b| b & 0x7f).collect();
        let value = num_bigint::BigUint::from_radix_be(&groups, 128).ok_or(Fail::Fallback)?;
        let made = vm.model.heap.new_integer(&value.into())?;
        u.values.push(made);
        u.at += last + 1;
        done += 1;
    }
    Ok(())
}

/// `x`, `X` and `@`.
fn jump(u: &mut Unpacking, item: Item) -> Checked<()> {
    let count = match (item.count, item.letter) {
        (Count::Once, b'@') => 0,
        (Count::Once, _) => 1,
        (Count::Times(n), _) => n,
        (Count::Star, b'x') => u.left(),
        (Count::Star, _) => 0,
    };
    let to = match item.letter {
        b'x' => u.at.checked_add(count),
        b'X' => u.at.checked_sub(count),
        _ => Some(count),
    };
    u.at = to.filter(|to| *to <= u.text.len()).ok_or(Fail::Fallback)?;
    Ok(())
}
