//! A text in pieces: characters, bytes, code points, lines, words.

use super::{UTF_8, caller_is_ruby, characters, encoding_of, joint_encoding, step};
use crate::check::{Ask, Checked, ensure, fallback, int, new_encoded, size_oop, small};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use memchr::memmem;
use std::ops::Range;

primitives! {
    stringChars => chars, "makes a String for each character";
    stringBytes => bytes, "one pass over the bytes";
    stringCodepoints => codepoints, "one pass over the bytes";
    stringLines => lines, "one pass over the bytes";
    stringSplit => split, "one pass over the bytes";
    stringSplitWhitespace => split_whitespace, "one pass over the bytes";
    stringOrd => ord, "decodes a character";
    stringCharBytes => char_bytes, "decodes a character";
    stringFromCodepoint => from_codepoint, "encodes a character";
    stringFromByte => from_byte, "sets the encoding";
}

/// An Array of Strings, one for each range of the receiver's bytes.
fn pieces(vm: &mut Vm, receiver: Oop, ranges: &[Range<usize>]) -> PrimResult {
    let encoding = encoding_of(vm, receiver);
    let mut made = Vec::with_capacity(ranges.len());
    for range in ranges {
        let part = vm
            .model
            .heap
            .bytes(receiver)
            .get(range.clone())
            .ok_or(Fail::Fallback)?
            .to_vec();
        made.push(new_encoded(vm, &part, encoding)?);
    }
    Ok(vm.model.heap.new_array(&made)?)
}

fn chars(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let all = characters(vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    let ranges: Vec<_> = all.map(|(at, raw, _)| at..at + raw.len()).collect();
    pieces(vm, receiver, &ranges)
}

fn bytes(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.bytes_arg(args, 0)?;
    let all: Vec<Oop> = vm
        .model
        .heap
        .bytes(receiver)
        .iter()
        .map(|&b| small(b as i64))
        .collect();
    Ok(vm.model.heap.new_array(&all)?)
}

fn codepoints(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let all = characters(vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    let all: Option<Vec<Oop>> = all.map(|(_, _, c)| c.map(|c| small(c as i64))).collect();
    Ok(vm.model.heap.new_array(&all.ok_or(Fail::Fallback)?)?)
}

/// At "\n", which stays.
fn lines(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let bytes = vm.model.heap.bytes(receiver);
    let mut ranges = Vec::new();
    let mut start = 0;
    for at in memchr::memchr_iter(b'\n', bytes) {
        ranges.push(start..at + 1);
        start = at + 1;
    }
    if start < bytes.len() {
        ranges.push(start..bytes.len());
    }
    pieces(vm, receiver, &ranges)
}

/// `stringSplit(separator limit)`: every part, empty ones too; a positive limit bounds their number.
fn split(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, separator) = (vm.text_arg(args, 0)?, vm.text_arg(args, 1)?);
    ensure(!(vm.model.heap.is_symbol(separator) && caller_is_ruby(vm)))?;
    let limit = vm.given(args, 2).map_or(Ok(0), int)?;
    joint_encoding(vm, receiver, separator)?;
    let (bytes, part) = (
        vm.model.heap.bytes(receiver),
        vm.model.heap.bytes(separator),
    );
    ensure(!part.is_empty())?;
    let most = if limit > 0 {
        limit as usize
    } else {
        usize::MAX
    };
    let mut ranges = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(bytes, part) {
        if ranges.len() + 1 >= most {
            break;
        }
        ranges.push(start..at);
        start = at + part.len();
    }
    ranges.push(start..bytes.len());
    pieces(vm, receiver, &ranges)
}

/// Words between ASCII white space.
fn split_whitespace(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let bytes = vm.model.heap.bytes(receiver);
    let mut ranges = Vec::new();
    let mut start = None;
    for (at, &c) in bytes.iter().enumerate() {
        match (crate::numbers::float_text::is_space(c), start) {
            (true, Some(from)) => {
                ranges.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    if let Some(from) = start {
        ranges.push(from..bytes.len());
    }
    pieces(vm, receiver, &ranges)
}

/// Code point of the first character.
fn ord(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let first = characters(vm.model.heap.bytes(receiver), encoding_of(vm, receiver)).next();
    match first.and_then(|(_, _, c)| c) {
        Some(c) => Ok(small(c as i64)),
        None => fallback(),
    }
}

/// Length in bytes of the character that begins at a byte position: at least 1.
fn char_bytes(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let at = vm.index_arg(args, 1)?;
    let bytes = vm.model.heap.bytes(receiver);
    let length = match at < bytes.len() && encoding_of(vm, receiver) == UTF_8 {
        true => step(bytes, at).0,
        false => 1,
    };
    Ok(size_oop(length))
}

/// A UTF-8 String of one character.
fn from_codepoint(vm: &mut Vm, args: Args) -> PrimResult {
    let code: Checked<u32> = u32::try_from(vm.int_arg(args, 1)?).map_err(|_| Fail::Fallback);
    let c = char::from_u32(code?).ok_or(Fail::Fallback)?;
    crate::check::new_text(vm, c.encode_utf8(&mut [0; 4]))
}

/// One byte: US-ASCII below 128, else binary.
fn from_byte(vm: &mut Vm, args: Args) -> PrimResult {
    let byte = u8::try_from(vm.int_arg(args, 1)?).map_err(|_| Fail::Fallback)?;
    let encoding = if byte < 128 {
        super::US_ASCII
    } else {
        super::BINARY
    };
    new_encoded(vm, &[byte], encoding)
}
