//! `Array#pack` for values that need no conversion; the method's body does the others.

use crate::check::{Ask, Checked, ensure, new_encoded, room};
use crate::macros::primitives;
use crate::text::pack_format::{Count, Item, parse};
use format::wellknown::encoding::{BINARY, US_ASCII, UTF_8};
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;

primitives! {
    arrayPack => pack, "writes machine integers and floats";
}

/// What is being made, and the values that are left.
struct Packing {
    made: Vec<u8>,
    values: std::vec::IntoIter<Oop>,
}

impl Packing {
    fn next(&mut self) -> Checked<Oop> {
        self.values.next().ok_or(Fail::Fallback)
    }

    fn text(&mut self, vm: &mut Vm) -> Checked<Vec<u8>> {
        let value = self.next()?;
        crate::check::string(vm, value)?;
        Ok(vm.model.heap.bytes(value).to_vec())
    }

    fn integer(&mut self, vm: &Vm) -> Checked<BigInt> {
        let value = self.next()?;
        vm.model.heap.integer_value(value).ok_or(Fail::Fallback)
    }

    fn zeros(&mut self, count: usize) -> Checked<()> {
        room(self.made.len().saturating_add(count), 1)?;
        self.made.resize(self.made.len() + count, 0);
        Ok(())
    }

    /// How often an item of single values is to be done.
    fn times(&self, item: Item) -> usize {
        match item.count {
            Count::Once => 1,
            Count::Times(n) => n,
            Count::Star => self.values.len(),
        }
    }
}

/// `arrayPack(format)`
fn pack(vm: &mut Vm, args: Args) -> PrimResult {
    let array = vm.array_arg(args, 0)?;
    let format = vm.text_arg(args, 1)?;
    let items = parse(vm.model.heap.bytes(format))?;
    let mut encoding = US_ASCII;
    for item in &items {
        match item.letter {
            b'U' if encoding == US_ASCII => encoding = UTF_8,
            b'm' | b'M' | b'u' => {}
            _ if encoding == US_ASCII => encoding = BINARY,
            _ => {}
        }
    }
    let mut packing = Packing {
        made: Vec::new(),
        values: vm.model.heap.elements(array)?.into_iter(),
    };
    for item in items {
        one(vm, &mut packing, item)?;
        room(packing.made.len(), 1)?;
    }
    new_encoded(vm, &packing.made, encoding as u8)
}

fn one(vm: &mut Vm, p: &mut Packing, item: Item) -> Checked<()> {
    if let Some(layout) = item.layout() {
        for _ in 0..p.times(item) {
            let mut bytes = low_bytes(&p.integer(vm)?);
            bytes.truncate(layout.bytes);
            if layout.big {
                bytes.reverse();
            }
            p.made.extend(bytes);
        }
        return Ok(());
    }
    if let Some((double, big)) = item.float() {
        for _ in 0..p.times(item) {
            let value = p.next()?;
            let number = match vm.model.heap.float_value(value) {
                Some(number) => number,
                None => vm
                    .model
                    .heap
                    .integer_value(value)
                    .and_then(|n| n.to_f64())
                    .ok_or(Fail::Fallback)?,
            };
            let mut bytes = if double {
                number.to_le_bytes().to_vec()
            } else {
                (number as f32).to_le_bytes().to_vec()
            };
            if big {
                bytes.reverse();
            }
            p.made.extend(bytes);
        }
        return Ok(());
    }
    match item.letter {
        b'a' | b'A' | b'Z' => text(vm, p, item),
        b'B' | b'b' => digits(vm, p, item, 8),
        b'H' | b'h' => digits(vm, p, item, 2),
        b'm' => base64(vm, p, item),
        b'U' => characters(vm, p, item),
        b'w' => compressed(vm, p, item),
        b'x' => p.zeros(match item.count {
            Count::Once => 1,
            Count::Times(n) => n,
            Count::Star => 0,
        }),
        b'X' => {
            let back = match item.count {
                Count::Once => 1,
                Count::Times(n) => n,
                Count::Star => 0,
            };
            let left = p.made.len().checked_sub(back).ok_or(Fail::Fallback)?;
            p.made.truncate(left);
            Ok(())
        }
        b'@' => {
            let to = match item.count {
                Count::Once => 1,
                Count::Times(n) => n,
                Count::Star => 0,
            };
            match to.checked_sub(p.made.len()) {
                Some(more) => p.zeros(more),
                None => {
                    p.made.truncate(to);
                    Ok(())
                }
            }
        }
        _ => Err(Fail::Fallback),
    }
}

/// The low 64 bits of an integer, two's complement, low byte first.
fn low_bytes(value: &BigInt) -> Vec<u8> {
    let mut bytes = value.to_signed_bytes_le();
    let fill = if value.sign() == Sign::Minus { 0xff } else { 0 };
    bytes.resize(bytes.len().max(8), fill);
    bytes.truncate(8);
    bytes
}

fn text(vm: &mut Vm, p: &mut Packing, item: Item) -> Checked<()> {
    let mut bytes = p.text(vm)?;
    let size = match item.count {
        Count::Once => 1,
        Count::Times(n) => n,
        Count::Star => bytes.len() + usize::from(item.letter == b'Z'),
    };
    room(p.made.len().saturating_add(size), 1)?;
    let fill = if item.letter == b'A' { b' ' } else { 0 };
    bytes.resize(size, fill);
    p.made.extend(bytes);
    Ok(())
}

/// Digits of which `per_byte` make a byte: bits or hexadecimal; capitals begin with the high ones.
fn digits(vm: &mut Vm, p: &mut Packing, item: Item, per_byte: usize) -> Checked<()> {
    let text = p.text(vm)?;
    let wanted = match item.count {
        Count::Once => 1,
        Count::Times(n) => n,
        Count::Star => text.len(),
    };
    room(p.made.len().saturating_add(wanted / per_byte), 1)?;
    let width = 8 / per_byte;
    let high_first = item.letter.is_ascii_uppercase();
    let mask = (1u8 << width).wrapping_sub(1);
    let digits = text[..wanted.min(text.len())].iter().map(|&c| {
        let value = if c.is_ascii_alphabetic() {
            (c & 7) + 9
        } else {
            c
        };
        value & mask
    });
    let digits: Vec<u8> = digits.collect();
    for group in digits.chunks(per_byte) {
        let mut byte = 0u8;
        for (i, digit) in group.iter().enumerate() {
            let place = if high_first { per_byte - 1 - i } else { i };
            byte |= digit << (place * width);
        }
        p.made.push(byte);
    }
    let bytes = wanted.div_ceil(per_byte);
    p.zeros(bytes - digits.len().div_ceil(per_byte))
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(vm: &mut Vm, p: &mut Packing, item: Item) -> Checked<()> {
    let text = p.text(vm)?;
    let (line, ends) = match item.count {
        Count::Times(0) => (text.len().max(1), false),
        Count::Times(n) if n >= 3 => (n / 3 * 3, true),
        _ => (45, true),
    };
    for part in text.chunks(line) {
        for three in part.chunks(3) {
            let byte = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for i in 0..4 {
                let digit = BASE64[(bits >> (18 - 6 * i) & 63) as usize];
                p.made.push(if i <= three.len() { digit } else { b'=' });
            }
        }
        if ends {
            p.made.push(b'\n');
        }
    }
    Ok(())
}

fn characters(vm: &mut Vm, p: &mut Packing, item: Item) -> Checked<()> {
    for _ in 0..p.times(item) {
        let code = p.integer(vm)?.to_u32().ok_or(Fail::Fallback)?;
        let c = char::from_u32(code).ok_or(Fail::Fallback)?;
        p.made
            .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(())
}

/// BER-compressed integers: seven bits a byte, the high ones first.
fn compressed(vm: &mut Vm, p: &mut Packing, item: Item) -> Checked<()> {
    for _ in 0..p.times(item) {
        let value = p.integer(vm)?;
        ensure(value.sign() != Sign::Minus)?;
        let mut groups = value.magnitude().to_radix_le(128);
        groups.reverse();
        let last = groups.len().saturating_sub(1);
        p.made.extend(
            groups
                .iter()
                .enumerate()
                .map(|(i, g)| if i < last { g | 0x80 } else { *g }),
        );
    }
    Ok(())
}
