//! Floats, immediate and boxed.

use crate::check::{Ask, Checked, ensure, fallback, small};
use crate::macros::primitives;
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};
use std::cmp::Ordering;

primitives! {
    floatAdd => add, "machine arithmetic";
    floatSub => sub, "machine arithmetic";
    floatMul => mul, "machine arithmetic";
    floatDiv => div, "machine arithmetic";
    floatMod => modulo, "machine arithmetic";
    floatPow => pow, "C library";
    floatNeg => neg, "machine arithmetic";
    floatLt => lt, "machine arithmetic";
    floatLe => le, "machine arithmetic";
    floatGt => gt, "machine arithmetic";
    floatGe => ge, "machine arithmetic";
    floatEq => eq, "machine arithmetic";
    floatCompare => compare, "machine arithmetic";
    floatTruncated => truncated, "machine arithmetic";
    floatFloor => floor, "machine arithmetic";
    floatCeil => ceil, "machine arithmetic";
    floatRound => round, "machine arithmetic";
    floatToString => to_string, "shortest decimal";
    floatPrintString => print_string, "shortest decimal";
    floatIsNaN => is_nan, "machine arithmetic";
    floatIsNan => is_nan, "machine arithmetic";
    floatIsInfinite => is_infinite, "machine arithmetic";
    floatSqrt => sqrt, "C library";
    floatCbrt => cbrt, "C library";
    floatSin => sin, "C library";
    floatCos => cos, "C library";
    floatTan => tan, "C library";
    floatAsin => asin, "C library";
    floatAcos => acos, "C library";
    floatAtan => atan, "C library";
    floatSinh => sinh, "C library";
    floatCosh => cosh, "C library";
    floatTanh => tanh, "C library";
    floatAsinh => asinh, "C library";
    floatAcosh => acosh, "C library";
    floatAtanh => atanh, "C library";
    floatExp => exp, "C library";
    floatLog => log, "C library";
    floatLog10 => log10, "C library";
    floatLog2 => log2, "C library";
    floatAtan2 => atan2, "C library";
    floatHypot => hypot, "C library";
    floatBits => bits, "machine word";
    floatFromBits => from_bits, "machine word";
    floatFraction => fraction, "machine arithmetic";
    stringToFloat => string_to_float, "correct rounding";
}

fn receiver(vm: &Vm, args: Args) -> Checked<f64> {
    vm.heap.float_value(vm.receiver(args)).ok_or(Fail::Fallback)
}

/// A Float or an Integer.
fn number(vm: &Vm, oop: Oop) -> Checked<f64> {
    if let Some(f) = vm.heap.float_value(oop) {
        return Ok(f);
    }
    if let Some(i) = oop.as_small_int() {
        return Ok(i as f64);
    }
    vm.heap.integer_value(oop).and_then(|i| i.to_f64()).ok_or(Fail::Fallback)
}

macro_rules! arithmetic {
    ($( $name:ident |$a:ident, $b:ident| $e:expr; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            let ($a, $b) = (receiver(vm, args)?, number(vm, vm.arg(args, 1))?);
            Ok(vm.heap.new_float($e))
        } )+
    };
}

arithmetic! {
    add |a, b| a + b;
    sub |a, b| a - b;
    mul |a, b| a * b;
    div |a, b| a / b;
    modulo |a, b| floored(a, b);
    pow |a, b| a.powf(b);
    atan2 |a, b| a.atan2(b);
    hypot |a, b| a.hypot(b);
}

fn floored(a: f64, b: f64) -> f64 {
    if b.is_infinite() && a.is_finite() {
        return if a == 0.0 || (a < 0.0) == (b < 0.0) { a } else { b };
    }
    let r = a % b;
    if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r }
}

macro_rules! functions {
    ($( $name:ident; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            let value = receiver(vm, args)?.$name();
            Ok(vm.heap.new_float(value))
        } )+
    };
}

functions! { sqrt; cbrt; sin; cos; tan; asin; acos; atan; sinh; cosh; tanh; asinh; acosh; atanh; exp; log10; log2; }

fn log(vm: &mut Vm, args: Args) -> PrimResult {
    let value = receiver(vm, args)?.ln();
    Ok(vm.heap.new_float(value))
}

fn neg(vm: &mut Vm, args: Args) -> PrimResult {
    let value = -receiver(vm, args)?;
    Ok(vm.heap.new_float(value))
}

/// Exact order of a Float and a number; `None` with NaN.
fn order(vm: &Vm, args: Args) -> Checked<Option<Ordering>> {
    let a = receiver(vm, args)?;
    let other = vm.arg(args, 1);
    if let Some(b) = vm.heap.float_value(other) {
        return Ok(a.partial_cmp(&b));
    }
    let b = vm.heap.integer_value(other).ok_or(Fail::Fallback)?;
    if a.is_nan() {
        return Ok(None);
    }
    if a.is_infinite() {
        return Ok(Some(if a > 0.0 { Ordering::Greater } else { Ordering::Less }));
    }
    let whole = BigInt::from_f64(a.trunc()).ok_or(Fail::Fallback)?;
    let fraction = a - a.trunc();
    let by_fraction = fraction.partial_cmp(&0.0).unwrap_or(Ordering::Equal);
    Ok(Some(whole.cmp(&b).then(by_fraction)))
}

macro_rules! comparison {
    ($( $name:ident |$o:ident| $e:expr; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            let $o = order(vm, args)?;
            Ok(Oop::from_bool($e))
        } )+
    };
}

comparison! {
    lt |o| o == Some(Ordering::Less);
    le |o| matches!(o, Some(Ordering::Less | Ordering::Equal));
    gt |o| o == Some(Ordering::Greater);
    ge |o| matches!(o, Some(Ordering::Greater | Ordering::Equal));
    eq |o| o == Some(Ordering::Equal);
}

fn compare(vm: &mut Vm, args: Args) -> PrimResult {
    match order(vm, args)? {
        Some(o) => Ok(small(o as i64)),
        None => fallback(),
    }
}

fn to_integer(vm: &mut Vm, value: f64) -> PrimResult {
    ensure(value.is_finite())?;
    if value.abs() < 4e18 {
        return Ok(vm.heap.new_integer_i64(value as i64)?);
    }
    let big = BigInt::from_f64(value).ok_or(Fail::Fallback)?;
    Ok(vm.heap.new_integer(&big)?)
}

macro_rules! rounding {
    ($( $name:ident $method:ident; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            let value = receiver(vm, args)?.$method();
            to_integer(vm, value)
        } )+
    };
}

rounding! { truncated trunc; floor floor; ceil ceil; round round; }

fn fraction(vm: &mut Vm, args: Args) -> PrimResult {
    let value = receiver(vm, args)?.fract();
    Ok(vm.heap.new_float(value))
}

fn is_nan(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(receiver(vm, args)?.is_nan()))
}

fn is_infinite(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(receiver(vm, args)?.is_infinite()))
}

fn bits(vm: &mut Vm, args: Args) -> PrimResult {
    let bits = receiver(vm, args)?.to_bits();
    Ok(vm.heap.new_integer(&BigInt::from(bits))?)
}

/// The Integer is the receiver (Smalltalk) or the argument (Ruby).
fn from_bits(vm: &mut Vm, args: Args) -> PrimResult {
    let word = match vm.given(args, 1) {
        Some(argument) => argument,
        None => vm.receiver(args),
    };
    let bits = vm.heap.integer_value(word).and_then(|i| i.to_u64()).ok_or(Fail::Fallback)?;
    Ok(vm.heap.new_float(f64::from_bits(bits)))
}

/// Shortest digits that read back as the same Float, in Ruby's form.
pub(crate) fn ruby_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_string();
    }
    if value == 0.0 {
        return if value.is_sign_negative() { "-0.0" } else { "0.0" }.to_string();
    }
    let magnitude = value.abs();
    if (1e-4..1e16).contains(&magnitude) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = if mantissa.contains('.') { mantissa.to_string() } else { format!("{mantissa}.0") };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn to_string(vm: &mut Vm, args: Args) -> PrimResult {
    let text = ruby_float(receiver(vm, args)?);
    crate::check::new_encoded(vm, text.as_bytes(), proto::wellknown::encoding::US_ASCII as u8)
}

fn print_string(vm: &mut Vm, args: Args) -> PrimResult {
    let text = ruby_float(receiver(vm, args)?).replace("e+", "e").replace("e-0", "e-");
    crate::check::new_text(vm, &text)
}

/// `stringToFloat(strict)`: the number at the beginning; strict: nothing may be left over.
fn string_to_float(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.receiver(args);
    let text = crate::check::text(vm, receiver)?;
    let strict = vm.arg(args, 1) == Oop::TRUE;
    let bytes = vm.heap.bytes(text).to_vec();
    match parse_float(&bytes, strict) {
        Some(value) => Ok(vm.heap.new_float(value)),
        None if strict => fallback(),
        None => Ok(vm.heap.new_float(0.0)),
    }
}

/// Reads `[sign] digits [. digits] [e [sign] digits]` with single underscores between digits.
fn parse_float(bytes: &[u8], strict: bool) -> Option<f64> {
    let trimmed = bytes.trim_ascii_start();
    let trimmed = if strict { trimmed.trim_ascii_end() } else { trimmed };
    let mut out = String::new();
    let mut at = 0;
    if let Some(sign @ (b'-' | b'+')) = trimmed.first() {
        out.push(*sign as char);
        at = 1;
    }
    let digits = |out: &mut String, mut at: usize| {
        let start = at;
        while let Some(c) = trimmed.get(at) {
            let separator = *c == b'_' && at > start && trimmed.get(at + 1).is_some_and(u8::is_ascii_digit);
            if c.is_ascii_digit() {
                out.push(*c as char);
            } else if !separator {
                break;
            }
            at += 1;
        }
        at
    };
    let start = at;
    at = digits(&mut out, at);
    if at == start {
        return None;
    }
    if trimmed.get(at) == Some(&b'.') && trimmed.get(at + 1).is_some_and(u8::is_ascii_digit) {
        out.push('.');
        at = digits(&mut out, at + 1);
    }
    if matches!(trimmed.get(at), Some(b'e' | b'E')) {
        let mut next = at + 1;
        let mut tail = String::from("e");
        if let Some(sign @ (b'-' | b'+')) = trimmed.get(next) {
            tail.push(*sign as char);
            next += 1;
        }
        let end = digits(&mut tail, next);
        if end > next {
            out.push_str(&tail);
            at = end;
        }
    }
    if strict && at != trimmed.len() {
        return None;
    }
    out.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_ruby_prints_them() {
        for (value, text) in [(1.0, "1.0"), (1e20, "1.0e+20"), (1e-5, "1.0e-05"), (0.1, "0.1"), (123456789.125, "123456789.125"), (1e16, "1.0e+16"), (1e15, "1000000000000000.0")] {
            assert_eq!(ruby_float(value), text);
        }
    }

    #[test]
    fn text_is_read_up_to_where_it_stops_being_a_number() {
        assert_eq!(parse_float(b" 1_000.5e2xyz", false), Some(100050.0));
        assert_eq!(parse_float(b"1.", true), None);
        assert_eq!(parse_float(b"abc", false), None);
        assert_eq!(parse_float(b"-2e-1 ", true), Some(-0.2));
    }
}
