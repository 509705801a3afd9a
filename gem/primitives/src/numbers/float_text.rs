//! Decimal forms of Floats, both ways.

use crate::check::{Ask, fallback};
use gem_vm::{Args, Oop, PrimResult, Vm};

/// Digits (without leading or trailing zeros) and the position of the decimal point before them, as `0.DIGITS × 10^point`.
fn shortest(value: f64) -> (String, i32) {
    let text = format!("{:e}", value.abs());
    let (digits, point) = digits_of(&text);
    // Two texts of the same length can be equally near: the one that ends in an even digit is meant, as in C.
    let precision = digits.len() - 1;
    let text = format!("{:.precision$e}", value.abs());
    if text.parse() == Ok(value.abs()) {
        return digits_of(&text);
    }
    (digits, point)
}

fn digits_of(text: &str) -> (String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = digits.trim_end_matches('0');
    let digits = if trimmed.is_empty() { "0" } else { trimmed };
    (digits.to_string(), exponent + 1)
}

/// Sign, then plain decimals from 0.0001 to below 10^15 (and where digits follow the point), else `form(digits before the point, after it, exponent)`.
fn layout(value: f64, form: fn(&str, &str, i32) -> String) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (digits, point) = shortest(value);
    let body = if value == 0.0 {
        "0.0".to_string()
    } else if point >= 1 && (point <= 15 || (point as usize) < digits.len()) {
        let whole = point as usize;
        if digits.len() <= whole {
            format!("{digits:0<whole$}.0")
        } else {
            format!("{}.{}", &digits[..whole], &digits[whole..])
        }
    } else if (-3..=0).contains(&point) {
        format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize))
    } else {
        let rest = if digits.len() > 1 { &digits[1..] } else { "0" };
        form(&digits[..1], rest, point - 1)
    };
    format!("{sign}{body}")
}

/// Ruby's `to_s`: `1.0`, `1.0e+20`, `1.0e-05`, `Infinity`, `NaN`.
pub(crate) fn ruby(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_string();
    }
    layout(value, |whole, rest, exponent| {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{whole}.{rest}e{sign}{:02}", exponent.unsigned_abs())
    })
}

/// Smalltalk's form: `1.0`, `1.0e20`, `1.0e-5`.
pub(crate) fn smalltalk(value: f64) -> String {
    if value.is_nan() {
        return "PlusQuietNaN".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 {
            "PlusInfinity"
        } else {
            "MinusInfinity"
        }
        .to_string();
    }
    layout(value, |whole, rest, exponent| {
        format!("{whole}.{rest}e{exponent}")
    })
}

/// The longest start of `text` that is a decimal number, underscores between digits removed; and what is left over.
fn decimal_prefix(text: &[u8]) -> (String, &[u8]) {
    let mut out = String::new();
    let mut at = 0;
    if let Some(&sign @ (b'+' | b'-')) = text.first() {
        out.push(sign as char);
        at = 1;
    }
    let whole = digits(text, &mut at, &mut out);
    let mut fraction = 0;
    if text.get(at) == Some(&b'.') && text.get(at + 1).is_some_and(u8::is_ascii_digit) {
        if whole == 0 {
            out.push('0');
        }
        out.push('.');
        at += 1;
        fraction = digits(text, &mut at, &mut out);
    }
    if whole + fraction == 0 {
        return (String::new(), text);
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let mut end = at + 1;
        let mut exponent = String::from("e");
        if let Some(&sign @ (b'+' | b'-')) = text.get(end) {
            exponent.push(sign as char);
            end += 1;
        }
        if digits(text, &mut end, &mut exponent) > 0 {
            out.push_str(&exponent);
            at = end;
        }
    }
    (out, text.get(at..).unwrap_or(&[]))
}

/// Appends digits with single underscores between them; answers how many.
fn digits(text: &[u8], at: &mut usize, out: &mut String) -> usize {
    let mut count = 0;
    loop {
        match text.get(*at) {
            Some(c) if c.is_ascii_digit() => {
                out.push(*c as char);
                count += 1;
                *at += 1;
            }
            Some(b'_') if count > 0 && text.get(*at + 1).is_some_and(u8::is_ascii_digit) => {
                *at += 1
            }
            _ => return count,
        }
    }
}

/// `0x1.8p3`: hexadecimal digits, optional fraction and binary exponent.
fn hexadecimal(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?.to_ascii_lowercase();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let text = text.strip_prefix("0x")?;
    let (mantissa, exponent) = match text.split_once('p') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || (mantissa.contains('.') && fraction.is_empty()) {
        return None;
    }
    let mut value = 0.0f64;
    let mut scale = 0i32;
    for (i, c) in whole.chars().chain(fraction.chars()).enumerate() {
        value = value * 16.0 + c.to_digit(16)? as f64;
        scale -= if i >= whole.len() { 4 } else { 0 };
    }
    let value = value * 2f64.powi(exponent.saturating_add(scale));
    Some(if negative { -value } else { value })
}

pub(crate) fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t'..=b'\r')
}

/// The Float that text begins with, white space skipped; strict: the text must hold nothing else.
pub(crate) fn parse(text: &[u8], strict: bool) -> Option<f64> {
    let start = text
        .iter()
        .position(|&c| !is_space(c))
        .unwrap_or(text.len());
    let text = &text[start..];
    if strict {
        let end = text
            .iter()
            .rposition(|&c| !is_space(c))
            .map_or(0, |i| i + 1);
        let text = &text[..end];
        if let Some(value) = hexadecimal(text) {
            return Some(value);
        }
        let (number, rest) = decimal_prefix(text);
        return if rest.is_empty() && !number.is_empty() {
            number.parse().ok()
        } else {
            None
        };
    }
    let (number, _) = decimal_prefix(text);
    if number.is_empty() {
        Some(0.0)
    } else {
        number.parse().ok()
    }
}

/// `stringToFloat(strict)`
pub(crate) fn string_to_float(vm: &mut Vm, args: Args) -> PrimResult {
    let text = vm.text_arg(args, 0)?;
    let strict = vm.arg(args, 1) == Oop::TRUE;
    match parse(vm.model.heap.bytes(text), strict) {
        Some(value) => Ok(vm.model.heap.new_float(value)),
        None => fallback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ruby_writes_shortest_digits_in_its_own_layout() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (100.0, "100.0"),
            (1e14, "100000000000000.0"),
            (1e15, "1.0e+15"),
            (1e16, "1.0e+16"),
            (1e20, "1.0e+20"),
            (1e-4, "0.0001"),
            (1e-5, "1.0e-05"),
            (1.5e300, "1.5e+300"),
            (123456.789, "123456.789"),
            (5e-324, "5.0e-324"),
            (2f64.powi(64) / 1e4, "1844674407370955.2"),
            (9007199254740993.0, "9.007199254740992e+15"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(ruby(value), text);
        }
        assert_eq!(smalltalk(1e20), "1.0e20");
        assert_eq!(smalltalk(2.5e-7), "2.5e-7");
    }

    #[test]
    fn texts_become_floats_as_in_ruby() {
        for (text, lenient, strict) in [
            ("1.5", 1.5, Some(1.5)),
            ("  -2.5e3 ", -2500.0, Some(-2500.0)),
            ("1_000.5", 1000.5, Some(1000.5)),
            ("1__0", 1.0, None),
            ("12abc", 12.0, None),
            (".5", 0.5, Some(0.5)),
            ("1.", 1.0, None),
            ("1e", 1.0, None),
            ("", 0.0, None),
            ("abc", 0.0, None),
            ("0x1A", 0.0, Some(26.0)),
            ("0x1.8p1", 0.0, Some(3.0)),
            ("1e400", f64::INFINITY, Some(f64::INFINITY)),
        ] {
            assert_eq!(parse(text.as_bytes(), false), Some(lenient), "{text}");
            assert_eq!(parse(text.as_bytes(), true), strict, "{text}");
        }
    }
}
