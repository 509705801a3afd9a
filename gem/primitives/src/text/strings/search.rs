//! Finding and replacing texts.

use super::{
    byte_offset, caller_is_ruby, char_count, counting_encoding, encoding_of, joint_encoding,
};
use crate::check::{Ask, Checked, ensure, new_encoded, size_oop};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use memchr::memmem;

primitives! {
    stringIndex => index_of, "searches bytes";
    stringRindex => rindex_of, "searches bytes";
    stringStartsWith => starts_with, "compares bytes";
    stringEndsWith => ends_with, "compares bytes";
    stringReplaceAll => replace_all, "searches and copies bytes";
}

/// Receiver and argument, texts whose encodings go together.
fn pair(vm: &mut Vm, args: Args) -> Checked<(Oop, Oop)> {
    let (receiver, other) = (vm.text_arg(args, 0)?, vm.text_arg(args, 1)?);
    ensure(!(vm.model.heap.is_symbol(other) && caller_is_ruby(vm)))?;
    joint_encoding(vm, receiver, other)?;
    Ok((receiver, other))
}

/// Whether a character of a UTF-8 text begins at `at`.
fn is_boundary(bytes: &[u8], encoding: u8, at: usize) -> bool {
    if encoding != super::UTF_8 || bytes.get(at).is_none_or(|b| b & 0xC0 != 0x80) {
        return true;
    }
    // A continuation byte begins a character only when no sequence around it is valid.
    (at.saturating_sub(3)..at).all(|start| {
        let (length, c) = super::step(bytes, start);
        c.is_none() || start + length <= at
    })
}

/// `stringIndex(text from)`: character offset of the first occurrence at or after `from`, or nil.
fn index_of(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, part) = pair(vm, args)?;
    let from = match vm.given(args, 2) {
        Some(from) => crate::check::index(from)?,
        None => 0,
    };
    let encoding = counting_encoding(vm, receiver);
    let (bytes, part) = (vm.model.heap.bytes(receiver), vm.model.heap.bytes(part));
    let Some(start) = super::positions::offset_in(vm, receiver, from) else {
        return Ok(Oop::NIL);
    };
    let mut found = memmem::find_iter(&bytes[start..], part).map(|at| start + at);
    match found.find(|&at| is_boundary(bytes, encoding, at)) {
        Some(at) => Ok(size_oop(from + char_count(&bytes[start..at], encoding))),
        None => Ok(Oop::NIL),
    }
}

/// `stringRindex(text from)`: the last occurrence that starts at or before character `from`, or nil.
fn rindex_of(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, part) = pair(vm, args)?;
    let encoding = counting_encoding(vm, receiver);
    let (bytes, part) = (vm.model.heap.bytes(receiver), vm.model.heap.bytes(part));
    let last = match vm.given(args, 2) {
        Some(from) => byte_offset(bytes, encoding, crate::check::index(from)?),
        None => None,
    };
    let end = last
        .unwrap_or(bytes.len())
        .saturating_add(part.len())
        .min(bytes.len());
    let mut found = memmem::rfind_iter(&bytes[..end], part);
    match found.find(|&at| is_boundary(bytes, encoding, at)) {
        Some(at) => Ok(size_oop(char_count(&bytes[..at], encoding))),
        None => Ok(Oop::NIL),
    }
}

fn starts_with(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, part) = pair(vm, args)?;
    Ok(Oop::from_bool(
        vm.model
            .heap
            .bytes(receiver)
            .starts_with(vm.model.heap.bytes(part)),
    ))
}

fn ends_with(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, part) = pair(vm, args)?;
    let (bytes, part) = (vm.model.heap.bytes(receiver), vm.model.heap.bytes(part));
    let ends = bytes.ends_with(part)
        && is_boundary(bytes, encoding_of(vm, receiver), bytes.len() - part.len());
    Ok(Oop::from_bool(ends))
}

/// `stringReplaceAll(text by)`: a new String.
fn replace_all(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, part) = pair(vm, args)?;
    let by = vm.text_arg(args, 2)?;
    let encoding = joint_encoding(vm, receiver, by)?;
    let (bytes, part, by) = (
        vm.model.heap.bytes(receiver),
        vm.model.heap.bytes(part),
        vm.model.heap.bytes(by),
    );
    ensure(!part.is_empty())?;
    let finder = memmem::Finder::new(part);
    let count = finder.find_iter(bytes).count();
    let grown = by.len().saturating_sub(part.len()).saturating_mul(count);
    crate::check::room(bytes.len().saturating_add(grown), 1)?;
    let of_receiver = encoding_of(vm, receiver);
    let mut made = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for at in finder.find_iter(bytes) {
        if is_boundary(bytes, of_receiver, at) {
            made.extend_from_slice(&bytes[done..at]);
            made.extend_from_slice(by);
            done = at + part.len();
        }
    }
    made.extend_from_slice(bytes.get(done..).ok_or(Fail::Fallback)?);
    new_encoded(vm, &made, encoding)
}
