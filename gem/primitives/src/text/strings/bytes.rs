//! Bytes of Strings and ByteArrays.

use super::new_like;
use crate::check::{Ask, Checked, ensure, index1, size_oop, small, writable};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

primitives! {
    byteAt => at, "bounds check";
    byteAtPut => at_put, "changes the body";
    byteSize => size, "reads the header";
    byteSlice => slice, "copies bytes";
    byteIndex => index_of, "searches bytes";
    byteAppend => append, "changes the body";
    stringGetbyte => getbyte, "bounds check";
    stringSetbyte => setbyte, "changes the body";
}

fn byte(oop: Oop) -> Checked<u8> {
    oop.as_small_int()
        .and_then(|n| u8::try_from(n).ok())
        .ok_or(Fail::Fallback)
}

fn at(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.bytes_arg(args, 0)?;
    let i = index1(vm.arg(args, 1))?;
    let byte = vm
        .model
        .heap
        .bytes(receiver)
        .get(i)
        .copied()
        .ok_or(Fail::Fallback)?;
    Ok(small(byte as i64))
}

fn at_put(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.bytes_arg(args, 0)?;
    let i = index1(vm.arg(args, 1))?;
    set(vm, args, receiver, i)
}

/// Argument 2 becomes byte `i`.
fn set(vm: &mut Vm, args: Args, receiver: Oop, i: usize) -> PrimResult {
    let value = vm.arg(args, 2);
    let byte = byte(value)?;
    writable(vm, receiver)?;
    ensure(!vm.model.heap.is_large_integer(receiver) && i < vm.model.heap.bytes(receiver).len())?;
    vm.model.heap.bytes_mut(receiver)?[i] = byte;
    Ok(value)
}

fn size(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.bytes_arg(args, 0)?;
    Ok(size_oop(vm.model.heap.bytes(receiver).len()))
}

/// `byteSlice(from count)`, 0-based, cut at the end: of a ByteArray a ByteArray, else a String of the same encoding.
fn slice(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.bytes_arg(args, 0)?;
    let (from, count) = (vm.index_arg(args, 1)?, vm.index_arg(args, 2)?);
    let bytes = vm.model.heap.bytes(receiver);
    ensure(from <= bytes.len())?;
    let end = from.saturating_add(count).min(bytes.len());
    let part = bytes[from..end].to_vec();
    if crate::check::is_text(vm, receiver)? {
        return new_like(vm, receiver, &part);
    }
    ensure(!vm.model.heap.is_large_integer(receiver))?;
    Ok(vm
        .model
        .heap
        .new_bytes_of(format::wellknown::BYTE_ARRAY, &part)?)
}

/// `byteIndex(bytes from)`: 0-based byte offset, or nil.
fn index_of(vm: &mut Vm, args: Args) -> PrimResult {
    let (receiver, part) = (vm.bytes_arg(args, 0)?, vm.bytes_arg(args, 1)?);
    let from = match vm.given(args, 2) {
        Some(from) => crate::check::index(from)?,
        None => 0,
    };
    let (bytes, part) = (vm.model.heap.bytes(receiver), vm.model.heap.bytes(part));
    let found = bytes
        .get(from..)
        .and_then(|b| memchr::memmem::find(b, part));
    Ok(found.map_or(Oop::NIL, |at| size_oop(from + at)))
}

/// Appends a byte, or the bytes of another object; answers the receiver.
fn append(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.bytes_arg(args, 0)?;
    writable(vm, receiver)?;
    let given = vm.arg(args, 1);
    if given.is_small_int() {
        let byte = byte(given)?;
        vm.model.heap.append_bytes(receiver, &[byte])?;
    } else {
        let other = vm.bytes_arg(args, 1)?;
        ensure(!vm.model.heap.is_large_integer(other))?;
        vm.model.heap.append_bytes_of(receiver, other)?;
    }
    Ok(receiver)
}

/// 0-based, negative from the end; nil outside.
fn getbyte(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let i = vm.int_arg(args, 1)?;
    let bytes = vm.model.heap.bytes(receiver);
    let i = if i < 0 { i + bytes.len() as i64 } else { i };
    let byte = usize::try_from(i).ok().and_then(|i| bytes.get(i));
    Ok(byte.map_or(Oop::NIL, |&b| small(b as i64)))
}

/// `stringSetbyte(index byte)`
fn setbyte(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let i = vm.index_arg(args, 1)?;
    set(vm, args, receiver, i)
}
