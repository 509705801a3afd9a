//! Integers of both sizes. SmallIntegers are computed in `i64` and `i128`; only what does not fit goes through big integers.

use crate::check::{Ask, Checked, ensure, fallback, index, small};
use crate::macros::primitives;
use gem_vm::{Args, Oop, PrimResult, Vm};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

primitives! {
    intAdd => add, "machine arithmetic";
    intSub => sub, "machine arithmetic";
    intMul => mul, "machine arithmetic";
    intDiv => div, "machine arithmetic";
    intMod => modulo, "machine arithmetic";
    intQuo => quo, "machine arithmetic";
    intRem => rem, "machine arithmetic";
    intDivide => divide, "machine arithmetic";
    intDivmod => divmod, "machine arithmetic";
    intPow => pow, "machine arithmetic";
    intPowMod => pow_mod, "machine arithmetic";
    intNeg => neg, "machine arithmetic";
    intLt => lt, "machine arithmetic";
    intLe => le, "machine arithmetic";
    intGt => gt, "machine arithmetic";
    intGe => ge, "machine arithmetic";
    intEq => eq, "machine arithmetic";
    intCompare => compare, "machine arithmetic";
    intGcd => gcd, "machine arithmetic";
    intSqrt => sqrt, "machine arithmetic";
    intToFloat => to_float, "machine arithmetic";
    intToString => to_string, "digits of large integers";
}

/// Largest result of a power or shift, in bits: what 32 MiB hold.
pub(crate) const RESULT_BITS_MAX: u64 = 1 << 28;

/// Both operands, small.
#[inline(always)]
pub(crate) fn both_small(vm: &Vm, args: Args) -> Option<(i64, i64)> {
    Some((
        vm.receiver(args).as_small_int()?,
        vm.arg(args, 1).as_small_int()?,
    ))
}

/// The value of an integer of either size.
pub(crate) fn big(vm: &Vm, oop: Oop) -> Checked<BigInt> {
    vm.model
        .heap
        .integer_value(oop)
        .ok_or(gem_vm::Fail::Fallback)
}

pub(crate) fn both_big(vm: &Vm, args: Args) -> Checked<(BigInt, BigInt)> {
    Ok((big(vm, vm.receiver(args))?, big(vm, vm.arg(args, 1))?))
}

#[inline(always)]
pub(crate) fn from_i64(vm: &mut Vm, value: i64) -> PrimResult {
    Ok(vm.model.heap.new_integer_i64(value)?)
}

pub(crate) fn from_big(vm: &mut Vm, value: &BigInt) -> PrimResult {
    Ok(vm.model.heap.new_integer(value)?)
}

fn add(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        // Two 63-bit numbers never overflow 64 bits.
        return from_i64(vm, a.wrapping_add(b));
    }
    let (a, b) = both_big(vm, args)?;
    from_big(vm, &(a + b))
}

fn sub(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        return from_i64(vm, a.wrapping_sub(b));
    }
    let (a, b) = both_big(vm, args)?;
    from_big(vm, &(a - b))
}

fn mul(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        return match a.checked_mul(b) {
            Some(product) => from_i64(vm, product),
            None => from_big(vm, &BigInt::from(a as i128 * b as i128)),
        };
    }
    let (a, b) = both_big(vm, args)?;
    ensure(a.bits().saturating_add(b.bits()) <= RESULT_BITS_MAX)?;
    from_big(vm, &(a * b))
}

/// Floored quotient.
fn div(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        ensure(b != 0)?;
        return from_i64(vm, Integer::div_floor(&a, &b));
    }
    let (a, b) = both_big(vm, args)?;
    ensure(!b.is_zero())?;
    from_big(vm, &a.div_floor(&b))
}

/// Remainder of the floored quotient: the divisor's sign.
fn modulo(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        ensure(b != 0)?;
        return from_i64(vm, Integer::mod_floor(&a, &b));
    }
    let (a, b) = both_big(vm, args)?;
    ensure(!b.is_zero())?;
    from_big(vm, &a.mod_floor(&b))
}

/// Quotient truncated toward zero.
fn quo(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        ensure(b != 0)?;
        return from_i64(vm, a.wrapping_div(b));
    }
    let (a, b) = both_big(vm, args)?;
    ensure(!b.is_zero())?;
    from_big(vm, &(a / b))
}

/// Remainder of the truncated quotient: the dividend's sign.
fn rem(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        ensure(b != 0)?;
        return from_i64(vm, a.wrapping_rem(b));
    }
    let (a, b) = both_big(vm, args)?;
    ensure(!b.is_zero())?;
    from_big(vm, &(a % b))
}

/// The quotient when it is exact.
fn divide(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        ensure(b != 0 && a.wrapping_rem(b) == 0)?;
        return from_i64(vm, a.wrapping_div(b));
    }
    let (a, b) = both_big(vm, args)?;
    ensure(!b.is_zero())?;
    let (quotient, remainder) = a.div_rem(&b);
    ensure(remainder.is_zero())?;
    from_big(vm, &quotient)
}

/// `[floored quotient, remainder]`
fn divmod(vm: &mut Vm, args: Args) -> PrimResult {
    let (quotient, remainder) = match both_small(vm, args) {
        Some((a, b)) => {
            ensure(b != 0)?;
            let (q, r) = Integer::div_mod_floor(&a, &b);
            (from_i64(vm, q)?, from_i64(vm, r)?)
        }
        None => {
            let (a, b) = both_big(vm, args)?;
            ensure(!b.is_zero())?;
            let (q, r) = a.div_mod_floor(&b);
            (from_big(vm, &q)?, from_big(vm, &r)?)
        }
    };
    Ok(vm.model.heap.new_array(&[quotient, remainder])?)
}

/// Falls back for negative exponents and results too large for memory.
fn pow(vm: &mut Vm, args: Args) -> PrimResult {
    let exponent = vm.index_arg(args, 1)?;
    if let Some(base) = vm.receiver(args).as_small_int() {
        match (base, exponent) {
            (0 | 1, e) => return Ok(small(if e == 0 { 1 } else { base })),
            (-1, e) => return Ok(small(if e % 2 == 0 { 1 } else { -1 })),
            (_, e) => {
                if let Some(power) = u32::try_from(e).ok().and_then(|e| base.checked_pow(e)) {
                    return from_i64(vm, power);
                }
            }
        }
    }
    let base = big(vm, vm.receiver(args))?;
    let bits = (base.bits().saturating_sub(1)).saturating_mul(exponent as u64);
    ensure(bits <= RESULT_BITS_MAX)?;
    let exponent = u32::try_from(exponent).map_err(|_| gem_vm::Fail::Fallback)?;
    from_big(vm, &base.pow(exponent))
}

/// `intPowMod(exponent modulus)`: floored, exponent not negative.
fn pow_mod(vm: &mut Vm, args: Args) -> PrimResult {
    let base = big(vm, vm.receiver(args))?;
    let exponent = big(vm, vm.arg(args, 1))?;
    let modulus = big(vm, vm.arg(args, 2))?;
    ensure(!exponent.is_negative() && !modulus.is_zero())?;
    from_big(vm, &base.modpow(&exponent, &modulus).mod_floor(&modulus))
}

fn neg(vm: &mut Vm, args: Args) -> PrimResult {
    match vm.receiver(args).as_small_int() {
        Some(a) => from_i64(vm, a.wrapping_neg()),
        None => {
            let a = big(vm, vm.receiver(args))?;
            from_big(vm, &-a)
        }
    }
}

#[inline(always)]
fn ordering(vm: &mut Vm, args: Args) -> Checked<Ordering> {
    if let Some((a, b)) = both_small(vm, args) {
        return Ok(a.cmp(&b));
    }
    let (a, b) = both_big(vm, args)?;
    Ok(a.cmp(&b))
}

fn lt(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(ordering(vm, args)?.is_lt()))
}

fn le(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(ordering(vm, args)?.is_le()))
}

fn gt(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(ordering(vm, args)?.is_gt()))
}

fn ge(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(ordering(vm, args)?.is_ge()))
}

fn eq(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(ordering(vm, args)?.is_eq()))
}

fn compare(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(small(ordering(vm, args)? as i64))
}

fn gcd(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        return from_i64(vm, Integer::gcd(&a, &b));
    }
    let (a, b) = both_big(vm, args)?;
    from_big(vm, &a.gcd(&b))
}

/// Floor of the square root.
fn sqrt(vm: &mut Vm, args: Args) -> PrimResult {
    let a = big(vm, vm.receiver(args))?;
    ensure(!a.is_negative())?;
    from_big(vm, &a.sqrt())
}

/// The nearest Float; infinite beyond the range of Floats.
pub(crate) fn float_of(value: &BigInt) -> f64 {
    let infinite = if value.is_negative() {
        f64::NEG_INFINITY
    } else {
        f64::INFINITY
    };
    value.to_f64().unwrap_or(infinite)
}

fn to_float(vm: &mut Vm, args: Args) -> PrimResult {
    let value = match vm.receiver(args).as_small_int() {
        Some(a) => a as f64,
        None => float_of(&big(vm, vm.receiver(args))?),
    };
    Ok(vm.model.heap.new_float(value))
}

fn radix(oop: Oop) -> Checked<u32> {
    match index(oop)? {
        radix @ 2..=36 => Ok(radix as u32),
        _ => fallback(),
    }
}

/// Digits in lower case for Ruby; the Smalltalk library asks for its own form.
fn to_string(vm: &mut Vm, args: Args) -> PrimResult {
    let radix = match vm.given(args, 1) {
        Some(given) => radix(given)?,
        None => 10,
    };
    let receiver = vm.receiver(args);
    let text = match receiver.as_small_int() {
        Some(value) if radix == 10 => value.to_string(),
        _ => big(vm, receiver)?.to_str_radix(radix),
    };
    crate::check::new_encoded(
        vm,
        text.as_bytes(),
        format::wellknown::encoding::US_ASCII as u8,
    )
}
