//! Integers of both sizes. Small ones are computed in machine words first.

use crate::check::{Ask, Checked, ensure, fallback, int, small};
use crate::macros::primitives;
use gem_vm::{Args, Fail, HeapError, Oop, PrimResult, Vm};
use num_bigint::{BigInt, Sign};
use num_integer::{Integer, Roots};
use num_traits::{Signed, ToPrimitive, Zero};

primitives! {
    intAdd => add, "machine arithmetic";
    intSub => sub, "machine arithmetic";
    intMul => mul, "machine arithmetic";
    intDiv => div, "machine arithmetic";
    intMod => modulo, "machine arithmetic";
    intQuo => quo, "machine arithmetic";
    intRem => rem, "machine arithmetic";
    intDivide => divide, "machine arithmetic";
    intDivmod => divmod, "one division instead of two";
    intPow => pow, "long multiplication";
    intNeg => neg, "machine arithmetic";
    intLt => lt, "machine arithmetic";
    intLe => le, "machine arithmetic";
    intGt => gt, "machine arithmetic";
    intGe => ge, "machine arithmetic";
    intEq => eq, "machine arithmetic";
    intCompare => compare, "machine arithmetic";
    intAnd => and, "machine words";
    intOr => or, "machine words";
    intXor => xor, "machine words";
    intShift => shift, "machine words";
    intBitAt => bit_at, "machine words";
    intBitLength => bit_length, "machine words";
    intToFloat => to_float, "correct rounding";
    intToString => to_string, "conversion of radix";
    intGcd => gcd, "long division";
    intSqrt => sqrt, "long division";
    intParse => parse, "conversion of radix";
}

/// Most bits that a result of `**` or a shift may have: 512 MiB.
const RESULT_BITS_MAX: u64 = 1 << 32;

pub(crate) fn big(vm: &Vm, oop: Oop) -> Checked<BigInt> {
    vm.heap.integer_value(oop).ok_or(Fail::Fallback)
}

fn both_small(vm: &Vm, args: Args) -> Option<(i64, i64)> {
    Some((vm.receiver(args).as_small_int()?, vm.arg(args, 1).as_small_int()?))
}

fn both_big(vm: &Vm, args: Args) -> Checked<(BigInt, BigInt)> {
    Ok((big(vm, vm.receiver(args))?, big(vm, vm.arg(args, 1))?))
}

fn answer(vm: &mut Vm, value: &BigInt) -> PrimResult {
    Ok(vm.heap.new_integer(value)?)
}

fn answer_wide(vm: &mut Vm, value: i128) -> PrimResult {
    match i64::try_from(value) {
        Ok(v) => Ok(vm.heap.new_integer_i64(v)?),
        Err(_) => answer(vm, &BigInt::from(value)),
    }
}

macro_rules! arithmetic {
    ($( $name:ident |$a:ident, $b:ident| $wide:expr; $big:expr; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            if let Some((a, b)) = both_small(vm, args) {
                let ($a, $b) = (a as i128, b as i128);
                return answer_wide(vm, $wide);
            }
            let ($a, $b) = both_big(vm, args)?;
            let result: BigInt = $big;
            answer(vm, &result)
        } )+
    };
}

arithmetic! {
    add |a, b| a + b; a + b;
    sub |a, b| a - b; a - b;
    mul |a, b| a * b; a * b;
    and |a, b| a & b; a & b;
    or |a, b| a | b; a | b;
    xor |a, b| a ^ b; a ^ b;
    gcd |a, b| a.gcd(&b); a.gcd(&b);
}

macro_rules! division {
    ($( $name:ident |$a:ident, $b:ident| $wide:expr; $big:expr; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            if let Some((a, b)) = both_small(vm, args) {
                ensure(b != 0)?;
                let ($a, $b) = (a as i128, b as i128);
                return answer_wide(vm, $wide);
            }
            let ($a, $b) = both_big(vm, args)?;
            ensure(!$b.is_zero())?;
            let result: BigInt = $big;
            answer(vm, &result)
        } )+
    };
}

division! {
    div |a, b| Integer::div_floor(&a, &b); a.div_floor(&b);
    modulo |a, b| Integer::mod_floor(&a, &b); a.mod_floor(&b);
    quo |a, b| a / b; a / b;
    rem |a, b| a % b; a % b;
}

fn divide(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = both_big(vm, args)?;
    ensure(!b.is_zero())?;
    let (q, r) = a.div_rem(&b);
    ensure(r.is_zero())?;
    answer(vm, &q)
}

fn divmod(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = both_big(vm, args)?;
    ensure(!b.is_zero())?;
    let (q, r) = a.div_mod_floor(&b);
    let (q, r) = (answer(vm, &q)?, answer(vm, &r)?);
    Ok(vm.heap.new_array(&[q, r])?)
}

fn pow(vm: &mut Vm, args: Args) -> PrimResult {
    let (base, exponent) = both_big(vm, args)?;
    ensure(!exponent.is_negative())?;
    if base.is_zero() || base.magnitude().bits() == 1 {
        let odd = exponent.bit(0);
        let value = match (base.is_zero(), base.is_negative() && odd) {
            (true, _) => small(exponent.is_zero() as i64),
            (false, true) => small(-1),
            (false, false) => small(1),
        };
        return Ok(value);
    }
    let exponent = exponent.to_u32().ok_or(Fail::Fallback)?;
    ensure(base.bits().saturating_mul(exponent as u64) <= RESULT_BITS_MAX)?;
    answer(vm, &base.pow(exponent))
}

fn neg(vm: &mut Vm, args: Args) -> PrimResult {
    let value = big(vm, vm.receiver(args))?;
    answer(vm, &-value)
}

macro_rules! comparison {
    ($( $name:ident $method:ident; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            if let Some((a, b)) = both_small(vm, args) {
                return Ok(Oop::from_bool(a.$method(&b)));
            }
            let (a, b) = both_big(vm, args)?;
            Ok(Oop::from_bool(a.$method(&b)))
        } )+
    };
}

comparison! { lt lt; le le; gt gt; ge ge; eq eq; }

fn compare(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = both_big(vm, args)?;
    Ok(small(a.cmp(&b) as i64))
}

fn shift(vm: &mut Vm, args: Args) -> PrimResult {
    let count = vm.int_arg(args, 1)?;
    if let Some(value) = vm.receiver(args).as_small_int() {
        if count <= 0 {
            return Ok(small(value >> count.unsigned_abs().min(63)));
        }
        if count < 64 {
            return answer_wide(vm, (value as i128) << count);
        }
    }
    let value = big(vm, vm.receiver(args))?;
    if value.is_zero() {
        return Ok(Oop::ZERO);
    }
    if count < 0 {
        return answer(vm, &(value >> count.unsigned_abs()));
    }
    let bits = value.bits().saturating_add(count as u64);
    if bits > RESULT_BITS_MAX {
        return Err(HeapError::OutOfMemory { bytes: bits / 8 }.into());
    }
    answer(vm, &(value << count as u64))
}

/// Bit at a 0-based position, of the infinite two's complement.
fn bit_at(vm: &mut Vm, args: Args) -> PrimResult {
    let position = vm.index_arg(args, 1)?;
    let value = big(vm, vm.receiver(args))?;
    Ok(small(value.bit(position as u64) as i64))
}

fn bit_length(vm: &mut Vm, args: Args) -> PrimResult {
    let value = big(vm, vm.receiver(args))?;
    let bits = if value.is_negative() { (-value - 1u8).bits() } else { value.bits() };
    Ok(small(bits as i64))
}

fn to_float(vm: &mut Vm, args: Args) -> PrimResult {
    let value = big(vm, vm.receiver(args))?;
    Ok(vm.heap.new_float(value.to_f64().unwrap_or(f64::INFINITY)))
}

fn to_string(vm: &mut Vm, args: Args) -> PrimResult {
    let radix = match vm.given(args, 1) {
        Some(r) => int(r)?,
        None => 10,
    };
    ensure((2..=36).contains(&radix))?;
    let receiver = vm.receiver(args);
    let text = match (receiver.as_small_int(), radix) {
        (Some(value), 10) => value.to_string(),
        _ => big(vm, receiver)?.to_str_radix(radix as u32),
    };
    crate::check::new_encoded(vm, text.as_bytes(), proto::wellknown::encoding::US_ASCII as u8)
}

fn sqrt(vm: &mut Vm, args: Args) -> PrimResult {
    let value = big(vm, vm.receiver(args))?;
    ensure(!value.is_negative())?;
    answer(vm, &value.sqrt())
}

/// `intParse(string radix)`: digits with an optional sign, nothing else.
fn parse(vm: &mut Vm, args: Args) -> PrimResult {
    let text = vm.text_arg(args, 1)?;
    let radix = vm.int_arg(args, 2)?;
    ensure((2..=36).contains(&radix))?;
    let bytes = vm.heap.bytes(text);
    let (sign, digits) = match bytes.first() {
        Some(b'-') => (Sign::Minus, &bytes[1..]),
        Some(b'+') => (Sign::Plus, &bytes[1..]),
        _ => (Sign::Plus, bytes),
    };
    if digits.is_empty() || digits.contains(&b'_') || digits.contains(&b'-') || digits.contains(&b'+') {
        return fallback();
    }
    let Some(value) = BigInt::parse_bytes(digits, radix as u32) else { return fallback() };
    answer(vm, &if sign == Sign::Minus { -value } else { value })
}
