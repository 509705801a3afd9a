//! Characters, which are immediates.

use crate::check::{Checked, fallback, small};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};

primitives! {
    characterValue => value, "reads the word";
    characterFromValue => from_value, "makes the word";
    charIsLetter => is_letter, "Unicode's tables";
    charIsDigit => is_digit, "Unicode's tables";
    charIsUppercase => is_uppercase, "Unicode's tables";
    charIsLowercase => is_lowercase, "Unicode's tables";
    charIsSpace => is_space, "Unicode's tables";
    charUpcase => upcase, "Unicode's tables";
    charDowncase => downcase, "Unicode's tables";
}

fn receiver(vm: &Vm, args: Args) -> Checked<Oop> {
    Some(vm.receiver(args))
        .filter(|c| c.is_character())
        .ok_or(Fail::Fallback)
}

/// The receiver as a Unicode character; surrogates are none.
fn unicode(vm: &Vm, args: Args) -> Checked<char> {
    char::from_u32(receiver(vm, args)?.character_value()).ok_or(Fail::Fallback)
}

fn value(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(small(receiver(vm, args)?.character_value() as i64))
}

fn from_value(vm: &mut Vm, args: Args) -> PrimResult {
    let given = if args.is_empty() {
        vm.receiver(args)
    } else {
        vm.arg(args, 1)
    };
    match given.as_small_int() {
        Some(n @ 0..=0x10_FFFF) => Ok(Oop::character(n as u32)),
        _ => fallback(),
    }
}

fn is_letter(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(unicode(vm, args)?.is_alphabetic()))
}

fn is_digit(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(unicode(vm, args)?.is_ascii_digit()))
}

fn is_uppercase(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(unicode(vm, args)?.is_uppercase()))
}

fn is_lowercase(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(unicode(vm, args)?.is_lowercase()))
}

fn is_space(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(unicode(vm, args)?.is_whitespace()))
}

/// The one character that `mapped` gives, else the original: a Character cannot become two.
fn one(original: char, mut mapped: impl Iterator<Item = char>) -> Oop {
    match (mapped.next(), mapped.next()) {
        (Some(c), None) => Oop::character(c as u32),
        _ => Oop::character(original as u32),
    }
}

fn upcase(vm: &mut Vm, args: Args) -> PrimResult {
    let c = unicode(vm, args)?;
    Ok(one(c, c.to_uppercase()))
}

fn downcase(vm: &mut Vm, args: Args) -> PrimResult {
    let c = unicode(vm, args)?;
    Ok(one(c, c.to_lowercase()))
}
