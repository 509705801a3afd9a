//! Ruby's `format` for the plain cases: directives in sequence, Integers, finite Floats and Strings. Everything else falls back to the kernel's own.

use crate::check::{Ask, Checked, ensure, fallback, new_encoded};
use crate::macros::primitives;
use crate::numbers::floats::number;
use crate::text::strings::{char_count, encoding_of, joint_encoding};
use gem_vm::{Args, Fail, Oop, PrimResult, Vm};
use num_bigint::BigInt;
use num_traits::Signed;

primitives! {
    stringFormat => format, "the common directives without a send for each character";
}

/// Widths and precisions beyond this are the kernel's to refuse.
const WIDTH_MAX: usize = 1 << 20;

/// Flags, width and precision of a directive.
#[derive(Clone, Copy, Default)]
struct Form {
    space: bool,
    alternate: bool,
    plus: bool,
    minus: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// Reads flags, width and precision behind a `%`; answers them and the directive's letter.
fn read_form(text: &[u8], at: &mut usize) -> Checked<(Form, u8)> {
    let mut form = Form::default();
    loop {
        let c = *text.get(*at).ok_or(Fail::Fallback)?;
        *at += 1;
        match c {
            b' ' => form.space = true,
            b'#' => form.alternate = true,
            b'+' => form.plus = true,
            b'-' => form.minus = true,
            b'0' => form.zero = true,
            b'1'..=b'9' => {
                *at -= 1;
                form.width = read_number(text, at)?;
            }
            b'.' => form.precision = Some(read_number(text, at)?),
            letter => return Ok((form, letter)),
        }
    }
}

fn read_number(text: &[u8], at: &mut usize) -> Checked<usize> {
    let mut number = 0usize;
    while let Some(digit) = text.get(*at).filter(|c| c.is_ascii_digit()) {
        number = number * 10 + (digit - b'0') as usize;
        ensure(number <= WIDTH_MAX)?;
        *at += 1;
    }
    Ok(number)
}

/// Blanks around, or zeros between sign and digits.
fn pad(out: &mut Vec<u8>, form: Form, sign: &str, body: &str, zeros: bool) {
    let length = sign.len() + body.len();
    let missing = form.width.saturating_sub(length);
    let fill = |out: &mut Vec<u8>, c: u8| out.resize(out.len() + missing, c);
    if !form.minus && !zeros {
        fill(out, b' ');
    }
    out.extend_from_slice(sign.as_bytes());
    if !form.minus && zeros {
        fill(out, b'0');
    }
    out.extend_from_slice(body.as_bytes());
    if form.minus {
        fill(out, b' ');
    }
}

fn sign(form: Form, negative: bool) -> &'static str {
    match (negative, form.plus, form.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

fn integer(out: &mut Vec<u8>, form: Form, letter: u8, value: &BigInt) -> Checked<()> {
    let (radix, prefix) = match letter {
        b'x' => (16, "0x"),
        b'X' => (16, "0X"),
        b'o' => (8, "0"),
        b'b' => (2, "0b"),
        b'B' => (2, "0B"),
        _ => (10, ""),
    };
    // Without a sign, a negative number in another radix is shown as two's complement.
    ensure(radix == 10 || !value.is_negative() || form.plus || form.space)?;
    let mut digits = value.abs().to_str_radix(radix);
    if letter == b'X' {
        digits.make_ascii_uppercase();
    }
    if let Some(precision) = form.precision {
        digits = format!("{digits:0>precision$}");
    }
    let mut sign = sign(form, value.is_negative()).to_string();
    if form.alternate && value.sign() != num_bigint::Sign::NoSign {
        sign.push_str(prefix);
    }
    pad(
        out,
        form,
        &sign,
        &digits,
        form.zero && form.precision.is_none(),
    );
    Ok(())
}

/// C's `%e`: at least two digits of exponent.
fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// C's `%g`: the shorter of both forms, without trailing zeros unless they are asked for.
fn general(value: f64, precision: usize, keep_zeros: bool) -> String {
    let precision = precision.max(1);
    let text = exponential(value, precision - 1);
    let exponent: i32 = text
        .rsplit('e')
        .next()
        .and_then(|e| e.parse().ok())
        .unwrap_or(0);
    let plain = (-4..precision as i32).contains(&exponent);
    let text = if plain {
        let decimals = (precision as i32 - 1 - exponent).max(0) as usize;
        format!("{value:.decimals$}")
    } else {
        text
    };
    if keep_zeros {
        return text;
    }
    let (mantissa, tail) = match text.find('e') {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    let trimmed = if mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    format!("{trimmed}{tail}")
}

fn float(out: &mut Vec<u8>, form: Form, letter: u8, value: f64) -> Checked<()> {
    ensure(value.is_finite())?;
    let precision = form.precision.unwrap_or(6);
    let magnitude = value.abs();
    let mut text = match letter {
        b'f' => format!("{magnitude:.precision$}"),
        b'e' | b'E' => exponential(magnitude, precision),
        _ => general(magnitude, precision, form.alternate),
    };
    if form.alternate && precision == 0 && letter == b'f' {
        text.push('.');
    }
    if letter.is_ascii_uppercase() {
        text.make_ascii_uppercase();
    }
    pad(
        out,
        form,
        sign(form, value.is_sign_negative()),
        &text,
        form.zero,
    );
    Ok(())
}

/// `stringFormat(arguments)`; the receiver is the template.
fn format(vm: &mut Vm, args: Args) -> PrimResult {
    let receiver = vm.text_arg(args, 0)?;
    let list = vm.indexed_arg(args, 1)?;
    let values = vm.model.heap.elements(list)?;
    let mut values = values.into_iter();
    let template = vm.model.heap.bytes(receiver).to_vec();
    let mut encoding = encoding_of(vm, receiver);
    let mut out = Vec::with_capacity(template.len() + 32);
    let mut at = 0;
    while at < template.len() {
        let plain = memchr::memchr(b'%', &template[at..]).unwrap_or(template.len() - at);
        out.extend_from_slice(&template[at..at + plain]);
        at += plain + 1;
        if at > template.len() {
            break;
        }
        if template.get(at) == Some(&b'%') {
            out.push(b'%');
            at += 1;
            continue;
        }
        let (form, letter) = read_form(&template, &mut at)?;
        let value = values.next().ok_or(Fail::Fallback)?;
        match letter {
            b'd' | b'i' | b'u' | b'x' | b'X' | b'o' | b'b' | b'B' => {
                let value = vm.model.heap.integer_value(value).ok_or(Fail::Fallback)?;
                // No digits at all, and octal's leading zero that counts as a digit: the kernel knows these.
                ensure(!(form.precision == Some(0) && value.sign() == num_bigint::Sign::NoSign))?;
                ensure(!(form.alternate && letter == b'o'))?;
                integer(&mut out, form, letter, &value)?;
            }
            b'f' | b'e' | b'E' | b'g' | b'G' => {
                let value = number(vm, value)?;
                float(&mut out, form, letter, value)?;
            }
            b's' => {
                encoding = string(vm, &mut out, form, receiver, encoding, value)?;
            }
            _ => return fallback(),
        }
    }
    new_encoded(vm, &out, encoding)
}

/// A String, cut to the precision and padded by characters; answers the encoding of the result so far.
fn string(
    vm: &mut Vm,
    out: &mut Vec<u8>,
    form: Form,
    template: Oop,
    encoding: u8,
    value: Oop,
) -> Checked<u8> {
    let value = crate::check::text(vm, value)?;
    let joint = joint_encoding(vm, template, value)?;
    let own = encoding_of(vm, value);
    ensure(joint == encoding || out.is_ascii())?;
    let bytes = vm.model.heap.bytes(value);
    let end = form
        .precision
        .and_then(|p| crate::text::strings::byte_offset(bytes, own, p));
    let bytes = &bytes[..end.unwrap_or(bytes.len())];
    let missing = form.width.saturating_sub(char_count(bytes, own));
    if !form.minus {
        out.resize(out.len() + missing, b' ');
    }
    out.extend_from_slice(bytes);
    if form.minus {
        out.resize(out.len() + missing, b' ');
    }
    Ok(joint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(template: &str, value: f64) -> String {
        let mut at = 1;
        let (form, letter) = read_form(template.as_bytes(), &mut at).unwrap();
        let mut out = Vec::new();
        float(&mut out, form, letter, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn integers(template: &str, value: i64) -> Option<String> {
        let mut at = 1;
        let (form, letter) = read_form(template.as_bytes(), &mut at).unwrap();
        let mut out = Vec::new();
        integer(&mut out, form, letter, &BigInt::from(value)).ok()?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn numbers_are_laid_out_as_in_c() {
        for (template, value, text) in [
            ("%f", 1.5, "1.500000"),
            ("%.2f", 2.675, "2.67"),
            ("%08.3f", -3.17859, "-003.179"),
            ("%-8.1f|", 2.25, "2.2     "),
            ("%+.0f", 0.5, "+0"),
            ("%e", 12345.678, "1.234568e+04"),
            ("%.3E", 0.00012, "1.200E-04"),
            ("%g", 100000.0, "100000"),
            ("%g", 1000000.0, "1e+06"),
            ("%g", 0.0001, "0.0001"),
            ("%g", 1.5, "1.5"),
            ("%.3g", 1234.5, "1.23e+03"),
        ] {
            assert_eq!(floats(template, value), text, "{template}");
        }
        for (template, value, text) in [
            ("%5d", 42, Some("   42")),
            ("%-5d", 42, Some("42   ")),
            ("%05d", -42, Some("-0042")),
            ("%+d", 42, Some("+42")),
            ("%.4d", 42, Some("0042")),
            ("%#x", 255, Some("0xff")),
            ("%08b", 5, Some("00000101")),
            ("%X", 255, Some("FF")),
            ("%x", -1, None),
        ] {
            assert_eq!(integers(template, value).as_deref(), text, "{template}");
        }
    }
}
