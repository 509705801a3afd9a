//! From character positions to byte positions, with what the heap remembers of the texts read last: going through a long UTF-8 text
//! character by character costs one step for each.

use super::{BINARY, UTF_8, byte_offset, char_count, encoding_of, step};
use gem_heap::TextMemo;
use gem_vm::{Oop, Vm};

/// Texts up to this many bytes are scanned: that is as fast as remembering.
const SHORT: usize = 32;

/// The encoding in which `text` is scanned when nothing is worth remembering: characters are bytes, or there are few of them.
fn scanned(vm: &Vm, text: Oop) -> Option<u8> {
    let encoding = encoding_of(vm, text);
    if encoding != UTF_8 || vm.model.heap.bytes(text).len() <= SHORT {
        return Some(encoding);
    }
    (vm.model.heap.text_memo(text).is_none() && vm.model.heap.is_ascii(text)).then_some(BINARY)
}

/// What is known of `text`, or a first look at it.
fn memo_of(vm: &Vm, text: Oop) -> TextMemo {
    vm.model.heap.text_memo(text).unwrap_or_else(|| {
        let memo = TextMemo {
            valid: std::str::from_utf8(vm.model.heap.bytes(text)).is_ok(),
            ..TextMemo::default()
        };
        vm.model.heap.remember_text(text, memo);
        memo
    })
}

/// Number of characters of `text`.
pub(crate) fn count_of(vm: &Vm, text: Oop) -> usize {
    let bytes = vm.model.heap.bytes(text);
    if let Some(encoding) = scanned(vm, text) {
        return char_count(bytes, encoding);
    }
    let memo = memo_of(vm, text);
    memo.count.unwrap_or_else(|| {
        let count = char_count(bytes, UTF_8);
        let counted = TextMemo {
            count: Some(count),
            ..memo
        };
        vm.model.heap.remember_text(text, counted);
        count
    })
}

/// Byte position of character `index` of `text`, which may be the end.
pub(crate) fn offset_in(vm: &Vm, text: Oop, index: usize) -> Option<usize> {
    let bytes = vm.model.heap.bytes(text);
    if let Some(encoding) = scanned(vm, text) {
        return byte_offset(bytes, encoding, index);
    }
    let memo = memo_of(vm, text);
    let byte = walk(bytes, &memo, index)?;
    let here = TextMemo {
        character: index,
        byte,
        ..memo
    };
    vm.model.heap.remember_text(text, here);
    Some(byte)
}

/// From the remembered position, or from the start when that is nearer.
fn walk(bytes: &[u8], memo: &TextMemo, index: usize) -> Option<usize> {
    if memo.valid && index < memo.character && memo.character - index < index {
        let mut at = memo.byte;
        for _ in index..memo.character {
            at -= 1;
            while bytes[at] & 0xC0 == 0x80 {
                at -= 1;
            }
        }
        return Some(at);
    }
    let (mut character, mut at) = match index >= memo.character {
        true => (memo.character, memo.byte),
        false => (0, 0),
    };
    while character < index {
        if at >= bytes.len() {
            return None;
        }
        at += step(bytes, at).0;
        character += 1;
    }
    Some(at)
}

/// Bytes of `count` characters of `text` from character `from` on; the count is cut at the end.
pub(crate) fn range_in(vm: &Vm, text: Oop, from: usize, count: usize) -> Option<(usize, usize)> {
    let start = offset_in(vm, text, from)?;
    let bytes = vm.model.heap.bytes(text);
    let encoding = scanned(vm, text).unwrap_or(UTF_8);
    let length = byte_offset(&bytes[start..], encoding, count);
    Some((start, length.map_or(bytes.len(), |n| start + n)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walking_finds_what_scanning_finds() {
        let text = "añ€😀bc".repeat(20);
        for bytes in [
            text.as_bytes(),
            b"a\xFF\xE3\x81b\xC3\xA9".repeat(20).as_slice(),
        ] {
            let count = char_count(bytes, UTF_8);
            for from in (0..=count).step_by(7) {
                let memo = TextMemo {
                    valid: std::str::from_utf8(bytes).is_ok(),
                    character: from,
                    byte: byte_offset(bytes, UTF_8, from).unwrap(),
                    ..TextMemo::default()
                };
                for index in 0..=count + 1 {
                    let scanned = byte_offset(bytes, UTF_8, index);
                    assert_eq!(walk(bytes, &memo, index), scanned, "{index} from {from}");
                }
            }
        }
    }
}
