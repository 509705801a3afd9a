//! Matching. A MatchData holds the Regexp, a frozen String and the byte offsets of the groups: an Array of pairs, nil where a group
//! took no part.

use crate::check::{Ask, Checked, ensure, new_encoded, size_oop};
use crate::macros::primitives;
use crate::text::regexps::{Compiled, Regexps, compiled, failed, regexp_arg};
use format::wellknown;
use format::wellknown::encoding::UTF_8;
use gem_vm::{Args, Oop, PrimResult, Vm, raise};
use onig::{EncodedBytes, MatchParam, SearchOptions};

primitives! {
    regexpMatch => match_from, "runs the matcher";
    regexpMatchAt => match_at, "runs the matcher";
    regexpMatchByte => match_from_byte, "runs the matcher";
    matchSize => size, "reads the offsets";
    matchGet => get, "copies bytes";
    matchBegin => begin, "counts characters";
    matchEnd => end, "counts characters";
    matchByteBegin => byte_begin, "reads the offsets";
    matchByteEnd => byte_end, "reads the offsets";
}

/// Slots of a MatchData.
mod slot {
    pub const STRING: usize = 1;
    pub const OFFSETS: usize = 2;
}

/// Steps and stack that one match may take.
const RETRIES_MAX: u32 = 100_000_000;
const STACK_MAX: u32 = 16_000_000;

/// Whether a String is to be seen as bytes. UTF-8 must be valid.
fn is_of_bytes(vm: &mut Vm, text: Oop) -> Checked<bool> {
    let collections = vm.model.heap.stats().collections();
    let note = (text.bits(), vm.model.heap.size(text), collections);
    if vm.exec.extensions.get::<Regexps>().valid == Some(note) {
        return Ok(false);
    }
    let bytes = vm.model.heap.bytes(text);
    if vm.model.heap.detail(text) != UTF_8 as u8 {
        return Ok(!bytes.is_ascii());
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(raise(
            wellknown::ARGUMENT_ERROR,
            "invalid byte sequence in UTF-8",
        ));
    }
    // Only what cannot change stays valid; objects do not move, and none takes another's place before a collection.
    if vm.model.heap.is_frozen(text) {
        vm.exec.extensions.get::<Regexps>().valid = Some(note);
    }
    Ok(false)
}

/// Where character `n` begins, `None` beyond the end.
fn byte_of(bytes: &[u8], single: bool, n: usize) -> Option<usize> {
    if n == 0 {
        return Some(0);
    }
    if single {
        return (n <= bytes.len()).then_some(n);
    }
    let starts = bytes.iter().enumerate().filter(|(_, b)| **b & 0xc0 != 0x80);
    let found = starts.skip(n).map(|(i, _)| i).next();
    found.or_else(|| (char_of(bytes, single) == n).then_some(bytes.len()))
}

/// Number of characters of whole text.
fn char_of(bytes: &[u8], single: bool) -> usize {
    if single {
        return bytes.len();
    }
    bytes.iter().filter(|b| **b & 0xc0 != 0x80).count()
}

/// Finds the first match at or after byte `from`, or the one right there.
fn run(vm: &mut Vm, pattern: &Compiled, text: Oop, from: usize, anchored: bool) -> Checked<bool> {
    let (heap, extensions) = (&vm.model.heap, &mut vm.exec.extensions);
    let region = &mut extensions.get::<Regexps>().region;
    region.clear();
    let bytes = heap.bytes(text);
    let mut limits = MatchParam::default();
    limits.set_retry_limit_in_match(RETRIES_MAX);
    limits.set_match_stack_limit(STACK_MAX);
    let subject = EncodedBytes::from_parts(bytes, pattern.regex.encoding());
    let none = SearchOptions::SEARCH_OPTION_NONE;
    let outcome = if anchored {
        let regex = &pattern.regex;
        regex.match_with_param(subject, from, none, Some(region), limits)
    } else {
        let regex = &pattern.regex;
        regex.search_with_param(subject, from, bytes.len(), none, Some(region), limits)
    };
    outcome.map(|found| found.is_some()).map_err(|e| failed(&e))
}

/// The MatchData of the groups that `run` found.
fn match_data(vm: &mut Vm, regexp: Oop, text: Oop) -> PrimResult {
    let region = &vm.exec.extensions.get::<Regexps>().region;
    let mut offsets = Vec::with_capacity(region.len() * 2);
    for group in 0..region.len() {
        match region.pos(group) {
            Some((from, to)) => offsets.extend([size_oop(from), size_oop(to)]),
            None => offsets.extend([Oop::NIL, Oop::NIL]),
        }
    }
    let offsets = vm.model.heap.new_array(&offsets)?;
    let text = if vm.model.heap.is_frozen(text) && !vm.model.heap.is_symbol(text) {
        text
    } else {
        let bytes = vm.model.heap.bytes(text).to_vec();
        let detail = vm.model.heap.detail(text);
        let copy = new_encoded(vm, &bytes, detail)?;
        vm.model.heap.freeze(copy);
        copy
    };
    let slots = [regexp, text, offsets];
    Ok(vm.model.heap.new_with_slots(wellknown::MATCH_DATA, &slots))
}

/// Matches from a character or byte position.
fn search(vm: &mut Vm, args: Args, characters: bool, anchored: bool) -> PrimResult {
    let regexp = regexp_arg(vm, args, 0)?;
    let text = vm.text_arg(args, 1)?;
    let from = vm.index_arg(args, 2)?;
    let of_bytes = is_of_bytes(vm, text)?;
    let pattern = compiled(vm, regexp, of_bytes)?;
    let single = of_bytes || pattern.is_of_bytes();
    let bytes = vm.model.heap.bytes(text);
    let from = if characters {
        match byte_of(bytes, of_bytes, from) {
            Some(from) => from,
            None => return Ok(Oop::NIL),
        }
    } else if from > bytes.len() {
        return Ok(Oop::NIL);
    } else {
        from
    };
    ensure(single || bytes.get(from).is_none_or(|b| b & 0xc0 != 0x80))?;
    if !run(vm, &pattern, text, from, anchored)? {
        return Ok(Oop::NIL);
    }
    match_data(vm, regexp, text)
}

/// `regexpMatch(string character)`
fn match_from(vm: &mut Vm, args: Args) -> PrimResult {
    search(vm, args, true, false)
}

/// `regexpMatchAt(string character)`
fn match_at(vm: &mut Vm, args: Args) -> PrimResult {
    search(vm, args, true, true)
}

/// `regexpMatchByte(string byte)`
fn match_from_byte(vm: &mut Vm, args: Args) -> PrimResult {
    search(vm, args, false, false)
}

/// Offsets of a MatchData that matching made.
fn offsets(vm: &mut Vm, args: Args) -> Checked<Oop> {
    let data = vm.known_arg(args, 0, wellknown::MATCH_DATA)?;
    let offsets = vm.model.heap.slot(data, slot::OFFSETS)?;
    crate::check::array(vm, offsets)
}

/// Number of groups, group 0 included.
fn size(vm: &mut Vm, args: Args) -> PrimResult {
    let offsets = offsets(vm, args)?;
    Ok(size_oop(vm.model.heap.size(offsets) / 2))
}

/// Byte offsets of the group that is argument 1, and the String; `None` when it took no part or does not exist.
fn group(vm: &mut Vm, args: Args) -> Checked<Option<(Oop, usize, usize)>> {
    let offsets = offsets(vm, args)?;
    let Ok(number) = usize::try_from(vm.int_arg(args, 1)?) else {
        return Ok(None);
    };
    let Some(at) = number.checked_mul(2) else {
        return Ok(None);
    };
    if at + 1 >= vm.model.heap.size(offsets) {
        return Ok(None);
    }
    let (from, to) = (
        vm.model.heap.element(offsets, at)?,
        vm.model.heap.element(offsets, at + 1)?,
    );
    if from.is_nil() {
        return Ok(None);
    }
    let (from, to) = (crate::check::index(from)?, crate::check::index(to)?);
    let text = vm.model.heap.slot(vm.receiver(args), slot::STRING)?;
    crate::check::bytes_object(vm, text)?;
    ensure(from <= to && to <= vm.model.heap.size(text))?;
    Ok(Some((text, from, to)))
}

fn get(vm: &mut Vm, args: Args) -> PrimResult {
    match group(vm, args)? {
        Some((text, from, to)) => {
            let bytes = vm.model.heap.bytes(text)[from..to].to_vec();
            let detail = vm.model.heap.detail(text);
            new_encoded(vm, &bytes, detail)
        }
        None => Ok(Oop::NIL),
    }
}

/// Number of the character at a byte offset.
fn character(vm: &Vm, text: Oop, byte: usize) -> Oop {
    let single = vm.model.heap.detail(text) != UTF_8 as u8;
    size_oop(char_of(&vm.model.heap.bytes(text)[..byte], single))
}

fn begin(vm: &mut Vm, args: Args) -> PrimResult {
    let group = group(vm, args)?;
    Ok(group.map_or(Oop::NIL, |(text, from, _)| character(vm, text, from)))
}

fn end(vm: &mut Vm, args: Args) -> PrimResult {
    let group = group(vm, args)?;
    Ok(group.map_or(Oop::NIL, |(text, _, to)| character(vm, text, to)))
}

fn byte_begin(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(group(vm, args)?.map_or(Oop::NIL, |(_, from, _)| size_oop(from)))
}

fn byte_end(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(group(vm, args)?.map_or(Oop::NIL, |(_, _, to)| size_oop(to)))
}
