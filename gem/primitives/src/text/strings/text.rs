//! Size, elements, joining, slicing, comparing, encodings.

use super::positions::{count_of, offset_in, range_in};
use super::{
    US_ASCII, UTF_8, caller_is_ruby, counting_encoding, encoding_of, is_valid, joint_encoding,
    new_like, step,
};
use crate::check::{
    Ask, Checked, ensure, fallback, index1, new_encoded, room, size_oop, small, writable,
};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

primitives! {
    stringSize => size, "counts characters";
    stringAt => at, "finds a character";
    stringAtPut => at_put, "changes the body";
    stringEq => eq, "compares bytes";
    stringCompare => compare, "compares bytes";
    stringHash => hash, "hashes bytes";
    stringConcat => concat, "copies bytes";
    stringAppend => append, "changes the body";
    stringSlice => slice, "copies bytes";
    stringAref => aref, "one character or a part, the commonest question asked of a String";
    stringReplaceRange => replace_range, "changes the body";
    stringReplace => replace, "changes the body";
    stringDup => dup, "copies bytes";
    stringReverse => reverse, "copies bytes";
    stringRepeat => repeat, "copies bytes";
    stringEncoding => encoding, "reads the header";
    stringForceEncoding => force_encoding, "changes the header";
    stringValidEncoding => valid_encoding, "checks bytes";
    stringAsciiOnly => ascii_only, "checks bytes";
}

/// The receiver, a String that may be changed.
fn changeable(vm: &mut Vm, args: Args) -> Checked<Oop> {
    let receiver = vm.text_arg(args, 0)?;
    writable(vm, receiver)
}

fn size(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    Ok(size_oop(count_of(vm, receiver)))
}

/// A Character; an invalid byte is the Character of its value.
fn at(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let i = index1(vm.arg(args, 1))?;
    let (bytes, encoding) = (vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    let at = offset_in(vm, receiver, i).ok_or(Fail::Fallback)?;
    ensure(at < bytes.len())?;
    let c = match encoding {
        UTF_8 => step(bytes, at).1.map_or(bytes[at] as u32, u32::from),
        _ => bytes[at] as u32,
    };
    Ok(Oop::character(c))
}

/// Bytes of a character in an encoding.
fn encoded(c: u32, encoding: u8) -> Checked<Vec<u8>> {
    match encoding {
        UTF_8 => {
            let c = char::from_u32(c).ok_or(Fail::Fallback)?;
            Ok(c.encode_utf8(&mut [0; 4]).as_bytes().to_vec())
        }
        US_ASCII if c >= 128 => fallback(),
        _ => Ok(vec![u8::try_from(c).map_err(|_| Fail::Fallback)?]),
    }
}

fn at_put(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let i = index1(vm.arg(args, 1))?;
    let value = vm.arg(args, 2);
    ensure(value.is_character())?;
    let encoding = encoding_of(vm, receiver);
    let fresh = encoded(value.character_value(), encoding)?;
    let (start, end) = range_in(vm, receiver, i, 1).ok_or(Fail::Fallback)?;
    ensure(start < end)?;
    let (memo, ascii) = (
        vm.model.heap.text_memo(receiver),
        vm.model.heap.is_ascii(receiver),
    );
    splice(vm, receiver, start, end, &fresh)?;
    if end - start == fresh.len() {
        // A character took the place of one of the same length: all others are where they were.
        if let Some(memo) = memo {
            vm.model.heap.remember_text(receiver, memo);
        } else if ascii && fresh.is_ascii() {
            vm.model.heap.remember_ascii(receiver);
        }
    }
    Ok(value)
}

/// Puts `fresh` in the place of bytes `start..end`.
pub(crate) fn splice(
    vm: &mut Vm,
    receiver: Oop,
    start: usize,
    end: usize,
    fresh: &[u8],
) -> Checked<()> {
    let old = vm.model.heap.bytes(receiver).len();
    if end - start == fresh.len() {
        vm.model.heap.bytes_mut(receiver)?[start..end].copy_from_slice(fresh);
        return Ok(());
    }
    let size = old - (end - start) + fresh.len();
    room(size, 1)?;
    if size > old {
        vm.model.heap.resize_bytes(receiver, size)?;
    }
    let bytes = vm.model.heap.bytes_mut(receiver)?;
    bytes.copy_within(end..old, start + fresh.len());
    bytes[start..start + fresh.len()].copy_from_slice(fresh);
    if size < old {
        vm.model.heap.resize_bytes(receiver, size)?;
    }
    Ok(())
}

/// false between a String and a Symbol. Equal bytes in encodings that do not go together are different texts.
fn eq(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, other) = (vm.text_arg(args, 0)?, vm.text_arg(args, 1)?);
    if receiver == other {
        return Ok(Oop::TRUE);
    }
    if vm.model.heap.is_symbol(receiver) || vm.model.heap.is_symbol(other) {
        return Ok(Oop::FALSE);
    }
    let (a, b) = (vm.model.heap.bytes(receiver), vm.model.heap.bytes(other));
    let same = a == b && (encoding_of(vm, receiver) == encoding_of(vm, other) || a.is_ascii());
    Ok(Oop::from_bool(same))
}

fn compare(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, other) = (vm.text_arg(args, 0)?, vm.text_arg(args, 1)?);
    if vm.model.heap.is_symbol(receiver) != vm.model.heap.is_symbol(other) {
        ensure(!caller_is_ruby(vm))?;
    }
    let order = vm
        .model
        .heap
        .bytes(receiver)
        .cmp(vm.model.heap.bytes(other));
    Ok(small(order as i64))
}

fn hash(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    Ok(small(
        vm.model.heap.bytes_hash(receiver) & crate::check::HASH_MASK,
    ))
}

fn concat(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, other) = (vm.text_arg(args, 0)?, vm.text_arg(args, 1)?);
    ensure(!(vm.model.heap.is_symbol(other) && caller_is_ruby(vm)))?;
    let encoding = joint_encoding(vm, receiver, other)?;
    let made = vm
        .model
        .heap
        .new_string(vm.model.heap.bytes(receiver).to_vec().as_slice())?;
    vm.model.heap.append_bytes_of(made, other)?;
    if encoding != UTF_8 {
        vm.model.heap.set_detail(made, encoding)?;
    }
    Ok(made)
}

/// Appends a text, a Character or a code point; answers the receiver.
fn append(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let given = vm.arg(args, 1);
    let code_point = match given.as_small_int() {
        Some(n) => Some(u32::try_from(n).map_err(|_| Fail::Fallback)?),
        None if given.is_character() => Some(given.character_value()),
        None => None,
    };
    if let Some(c) = code_point {
        let tail = encoded(c, encoding_of(vm, receiver))?;
        vm.model.heap.append_bytes(receiver, &tail)?;
        return Ok(receiver);
    }
    let other = vm.text_arg(args, 1)?;
    ensure(!(vm.model.heap.is_symbol(other) && caller_is_ruby(vm)))?;
    let encoding = joint_encoding(vm, receiver, other)?;
    vm.model.heap.append_bytes_of(receiver, other)?;
    if encoding != encoding_of(vm, receiver) {
        vm.model.heap.set_detail(receiver, encoding)?;
    }
    Ok(receiver)
}

/// `stringAref(index, count)` with plain Integers, negative ones from the end: a new String, or nil outside. Anything else is the
/// kernel's.
fn aref(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let index = vm.int_arg(args, 1)?;
    let count = match vm.arg(args, 2) {
        given if given.is_undef() => None,
        given => Some(crate::check::int(given)?),
    };
    let encoding = encoding_of(vm, receiver);
    let size = count_of(vm, receiver) as i64;
    let index = if index < 0 { index + size } else { index };
    // A single character must exist; a part may be empty at the end.
    let end = if count.is_none() { size } else { size + 1 };
    if !(0..end).contains(&index) || count.is_some_and(|n| n < 0) {
        return Ok(Oop::NIL);
    }
    let count = count.unwrap_or(1) as usize;
    let (start, end) = range_in(vm, receiver, index as usize, count).ok_or(Fail::Fallback)?;
    let part = vm.model.heap.bytes(receiver)[start..end].to_vec();
    new_encoded(vm, &part, encoding)
}

/// `stringSlice(from count)`: the count is cut at the end.
fn slice(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let (from, count) = (vm.index_arg(args, 1)?, vm.index_arg(args, 2)?);
    let (bytes, encoding) = (vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    let (start, end) = range_in(vm, receiver, from, count).ok_or(Fail::Fallback)?;
    let part = bytes[start..end].to_vec();
    new_encoded(vm, &part, encoding)
}

/// `stringReplaceRange(from count text)`
fn replace_range(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let (from, count) = (vm.index_arg(args, 1)?, vm.index_arg(args, 2)?);
    let other = vm.text_arg(args, 3)?;
    let encoding = joint_encoding(vm, receiver, other)?;
    let (start, end) = range_in(vm, receiver, from, count).ok_or(Fail::Fallback)?;
    let fresh = vm.model.heap.bytes(other).to_vec();
    splice(vm, receiver, start, end, &fresh)?;
    if encoding != encoding_of(vm, receiver) {
        vm.model.heap.set_detail(receiver, encoding)?;
    }
    Ok(receiver)
}

fn replace(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let other = vm.text_arg(args, 1)?;
    let (bytes, encoding) = (vm.model.heap.bytes(other).to_vec(), encoding_of(vm, other));
    vm.model.heap.set_bytes(receiver, &bytes)?;
    vm.model.heap.set_detail(receiver, encoding)?;
    Ok(receiver)
}

/// A plain String with the same bytes.
fn dup(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let bytes = vm.model.heap.bytes(receiver).to_vec();
    new_like(vm, receiver, &bytes)
}

fn reverse(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let (bytes, encoding) = (vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    let mut made = Vec::with_capacity(bytes.len());
    if encoding != UTF_8 || bytes.is_ascii() {
        made.extend(bytes.iter().rev());
    } else {
        let parts: Vec<&[u8]> = super::characters(bytes, encoding).map(|c| c.1).collect();
        parts
            .into_iter()
            .rev()
            .for_each(|c| made.extend_from_slice(c));
    }
    new_encoded(vm, &made, encoding)
}

fn repeat(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let count = vm.index_arg(args, 1)?;
    let bytes = vm.model.heap.bytes(receiver).to_vec();
    let total = bytes.len().saturating_mul(count);
    room(total, 1)?;
    let made = new_like(vm, receiver, &[])?;
    // The heap refuses what does not fit before the copies are made.
    vm.model.heap.resize_bytes(made, total)?;
    if let [byte] = bytes[..] {
        vm.model.heap.bytes_mut(made)?.fill(byte);
    } else if !bytes.is_empty() {
        for chunk in vm.model.heap.bytes_mut(made)?.chunks_exact_mut(bytes.len()) {
            chunk.copy_from_slice(&bytes);
        }
    }
    Ok(made)
}

fn encoding(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let encoding = encoding_of(vm, receiver);
    // A Symbol without other characters is US-ASCII.
    if vm.model.heap.is_symbol(receiver) && vm.model.heap.bytes(receiver).is_ascii() {
        return Ok(small(US_ASCII as i64));
    }
    Ok(small(encoding as i64))
}

fn force_encoding(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = changeable(vm, args)?;
    let encoding = u8::try_from(vm.int_arg(args, 1)?).map_err(|_| Fail::Fallback)?;
    vm.model.heap.set_detail(receiver, encoding)?;
    Ok(receiver)
}

fn valid_encoding(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    Ok(Oop::from_bool(is_valid(
        vm.model.heap.bytes(receiver),
        counting_encoding(vm, receiver),
    )))
}

fn ascii_only(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    Ok(Oop::from_bool(vm.model.heap.bytes(receiver).is_ascii()))
}
