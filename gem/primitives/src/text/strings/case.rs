//! Upper and lower case, white space at the ends.

use super::{UTF_8, characters, encoding_of, is_valid, new_like};
use crate::check::{Ask, Checked, ensure, fallback};
use crate::macros::primitives;
use gem_vm::{Args, PrimResult, Vm};

primitives! {
    stringUpcase => upcase, "Unicode's tables";
    stringDowncase => downcase, "Unicode's tables";
    stringCapitalize => capitalize, "Unicode's tables";
    stringSwapcase => swapcase, "Unicode's tables";
    stringStrip => strip, "copies bytes";
    stringLstrip => lstrip, "copies bytes";
    stringRstrip => rstrip, "copies bytes";
}

/// Which characters change.
#[derive(Clone, Copy, PartialEq)]
enum Mapping {
    Full,
    Ascii,
    Fold,
}

/// The mapping that `*options` ask for; Smalltalk methods have none.
fn mapping(vm: &mut Vm, args: Args) -> Checked<Mapping> {
    let list = vm.arg(args, 1);
    if list.is_undef() {
        return Ok(Mapping::Full);
    }
    crate::check::indexed(vm, list)?;
    match vm.model.heap.elements(list)?[..] {
        [] => Ok(Mapping::Full),
        [option] => match vm.model.heap.bytes(option) {
            b"ascii" => Ok(Mapping::Ascii),
            b"fold" => Ok(Mapping::Fold),
            _ => fallback(),
        },
        _ => fallback(),
    }
}

fn upper(c: char, out: &mut String) {
    out.extend(c.to_uppercase());
}

fn lower(c: char, out: &mut String) {
    out.extend(c.to_lowercase());
}

/// The form that begins a capitalized word: ligatures keep their other letters small.
fn title(c: char, out: &mut String) {
    match c {
        'Ǆ'..='ǆ' => out.push('ǅ'),
        'Ǉ'..='ǉ' => out.push('ǈ'),
        'Ǌ'..='ǌ' => out.push('ǋ'),
        'Ǳ'..='ǳ' => out.push('ǲ'),
        _ => {
            for (i, u) in c.to_uppercase().enumerate() {
                if i == 0 { out.push(u) } else { lower(u, out) }
            }
        }
    }
}

/// Case folding where it differs from lower case: the letters whose capital is two letters.
fn fold(c: char, out: &mut String) {
    let mut capital = c.to_uppercase();
    if capital.len() > 1 {
        for u in capital.by_ref() {
            lower(u, out);
        }
    } else if c == 'ς' {
        out.push('σ');
    } else {
        lower(c, out);
    }
}

/// A new String whose characters went through `change`, which gets whether the character is the first. `ascii` is the same for text
/// that is known to have ASCII characters only, which all mappings change alike.
fn mapped(
    vm: &mut Vm,
    args: Args,
    ascii: impl Fn(&mut [u8]),
    change: impl Fn(Mapping, bool, char, &mut String),
) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let mapping = mapping(vm, args)?;
    let (bytes, encoding) = (vm.model.heap.bytes(receiver), encoding_of(vm, receiver));
    if bytes.is_ascii() {
        let mut made = bytes.to_vec();
        ascii(&mut made);
        return new_like(vm, receiver, &made);
    }
    ensure(is_valid(bytes, encoding))?;
    let plain = mapping == Mapping::Ascii || encoding != UTF_8;
    let mut made = Vec::with_capacity(bytes.len());
    let mut buffer = String::new();
    for (at, raw, c) in characters(bytes, encoding) {
        let Some(c) = c.filter(|c| c.is_ascii() || !plain) else {
            made.extend_from_slice(raw);
            continue;
        };
        buffer.clear();
        change(mapping, at == 0, c, &mut buffer);
        made.extend_from_slice(buffer.as_bytes());
    }
    new_like(vm, receiver, &made)
}

fn upcase(vm: &mut Vm, args: Args) -> PrimResult {
    mapped(vm, args, <[u8]>::make_ascii_uppercase, |_, _, c, out| {
        upper(c, out)
    })
}

fn downcase(vm: &mut Vm, args: Args) -> PrimResult {
    let ascii = <[u8]>::make_ascii_lowercase;
    mapped(vm, args, ascii, |mapping, _, c, out| match mapping {
        Mapping::Fold => fold(c, out),
        _ => lower(c, out),
    })
}

fn capitalize(vm: &mut Vm, args: Args) -> PrimResult {
    mapped(
        vm,
        args,
        |text| {
            text.make_ascii_lowercase();
            if let Some(first) = text.first_mut() {
                first.make_ascii_uppercase();
            }
        },
        |_, first, c, out| if first { title(c, out) } else { lower(c, out) },
    )
}

fn swapcase(vm: &mut Vm, args: Args) -> PrimResult {
    let ascii = |text: &mut [u8]| text.iter_mut().for_each(|c| *c = swapped(*c));
    mapped(vm, args, ascii, |_, _, c, out| {
        if c.is_uppercase() {
            lower(c, out)
        } else {
            upper(c, out)
        }
    })
}

fn swapped(c: u8) -> u8 {
    if c.is_ascii_alphabetic() { c ^ 0x20 } else { c }
}

/// White space of Ruby's `strip`: NUL counts on both ends.
pub(crate) fn is_blank(c: u8) -> bool {
    c == 0 || crate::numbers::float_text::is_space(c)
}

fn stripped(vm: &mut Vm, args: Args, left: bool, right: bool) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let bytes = vm.model.heap.bytes(receiver);
    let mut start = 0;
    let mut end = bytes.len();
    while left && start < end && is_blank(bytes[start]) {
        start += 1;
    }
    while right && end > start && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    let part = bytes[start..end].to_vec();
    new_like(vm, receiver, &part)
}

fn strip(vm: &mut Vm, args: Args) -> PrimResult {
    stripped(vm, args, true, true)
}

fn lstrip(vm: &mut Vm, args: Args) -> PrimResult {
    stripped(vm, args, true, false)
}

fn rstrip(vm: &mut Vm, args: Args) -> PrimResult {
    stripped(vm, args, false, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(f: fn(char, &mut String), text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| f(c, &mut out));
        out
    }

    #[test]
    fn letters_of_ascii_swap() {
        assert_eq!(b"aZ @[`{".map(swapped), *b"Az @[`{");
    }

    #[test]
    fn mappings_are_unicodes() {
        assert_eq!(all(upper, "straße é"), "STRASSE É");
        assert_eq!(all(lower, "ΑΣİ"), "ασi\u{307}");
        assert_eq!(all(title, "ß"), "Ss");
        assert_eq!(all(title, "ǆ"), "ǅ");
        assert_eq!(all(fold, "Straße"), "strasse");
    }
}
