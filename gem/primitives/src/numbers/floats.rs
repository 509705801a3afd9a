//! Floats. Arguments of arithmetic and comparisons are Floats or Integers; comparisons with Integers are exact.

use crate::check::{Checked, ensure, fallback, small};
use crate::macros::primitives;
use crate::numbers::float_text;
use crate::numbers::integers::{big, float_of, from_big};
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
    floatPow => pow, "machine arithmetic";
    floatLt => lt, "machine arithmetic";
    floatLe => le, "machine arithmetic";
    floatGt => gt, "machine arithmetic";
    floatGe => ge, "machine arithmetic";
    floatEq => eq, "machine arithmetic";
    floatNeg => neg, "machine arithmetic";
    floatCompare => compare, "machine arithmetic";
    floatTruncated => truncated, "machine arithmetic";
    floatFloor => floor, "machine arithmetic";
    floatCeil => ceil, "machine arithmetic";
    floatRound => round, "machine arithmetic";
    floatIsNaN => is_nan, "machine arithmetic";
    floatIsNan => is_nan, "machine arithmetic";
    floatIsInfinite => is_infinite, "machine arithmetic";
    floatBits => bits, "the machine's number";
    floatFromBits => from_bits, "the machine's number";
    floatToString => to_string, "shortest digits that read back";
    floatPrintString => print_string, "shortest digits that read back";
    stringToFloat => crate::numbers::float_text::string_to_float, "nearest Float of decimal digits";
    floatSqrt => sqrt, "the C library's functions";
    floatCbrt => cbrt, "the C library's functions";
    floatSin => sin, "the C library's functions";
    floatCos => cos, "the C library's functions";
    floatTan => tan, "the C library's functions";
    floatAsin => asin, "the C library's functions";
    floatAcos => acos, "the C library's functions";
    floatAtan => atan, "the C library's functions";
    floatAtan2 => atan2, "the C library's functions";
    floatSinh => sinh, "the C library's functions";
    floatCosh => cosh, "the C library's functions";
    floatTanh => tanh, "the C library's functions";
    floatAsinh => asinh, "the C library's functions";
    floatAcosh => acosh, "the C library's functions";
    floatAtanh => atanh, "the C library's functions";
    floatExp => exp, "the C library's functions";
    floatLog => log, "the C library's functions";
    floatLog2 => log2, "the C library's functions";
    floatLog10 => log10, "the C library's functions";
    floatHypot => hypot, "the C library's functions";
}

#[inline(always)]
fn receiver(vm: &Vm, args: Args) -> Checked<f64> {
    vm.model
        .heap
        .float_value(vm.receiver(args))
        .ok_or(Fail::Fallback)
}

/// A Float or Integer as a Float.
#[inline(always)]
pub(crate) fn number(vm: &Vm, oop: Oop) -> Checked<f64> {
    if let Some(value) = vm.model.heap.float_value(oop) {
        return Ok(value);
    }
    match oop.as_small_int() {
        Some(value) => Ok(value as f64),
        None => Ok(float_of(&big(vm, oop)?)),
    }
}

#[inline(always)]
fn operands(vm: &Vm, args: Args) -> Checked<(f64, f64)> {
    Ok((receiver(vm, args)?, number(vm, vm.arg(args, 1))?))
}

fn add(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    Ok(vm.model.heap.new_float(a + b))
}

fn sub(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    Ok(vm.model.heap.new_float(a - b))
}

fn mul(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    Ok(vm.model.heap.new_float(a * b))
}

fn div(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    Ok(vm.model.heap.new_float(a / b))
}

/// Floored: the result has the divisor's sign.
fn modulo(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    let mut m = if b.is_infinite() && a.is_finite() {
        a
    } else {
        a % b
    };
    if m != 0.0 && (m < 0.0) != (b < 0.0) {
        m += b;
    }
    Ok(vm.model.heap.new_float(m))
}

fn pow(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    Ok(vm.model.heap.new_float(a.powf(b)))
}

fn neg(vm: &mut Vm, args: Args) -> PrimResult {
    let a = receiver(vm, args)?;
    Ok(vm.model.heap.new_float(-a))
}

/// Exact order of a Float and a number; `None` with NaN.
fn ordering(vm: &Vm, args: Args) -> Checked<Option<Ordering>> {
    let a = receiver(vm, args)?;
    let other = vm.arg(args, 1);
    if let Some(b) = vm.model.heap.float_value(other) {
        return Ok(a.partial_cmp(&b));
    }
    // Up to 2^53 every Integer is a Float.
    if let Some(b) = other.as_small_int()
        && b.unsigned_abs() <= 1 << 53
    {
        return Ok(a.partial_cmp(&(b as f64)));
    }
    let b = big(vm, other)?;
    if a.is_nan() {
        return Ok(None);
    }
    if a.is_infinite() {
        return Ok(Some(if a > 0.0 {
            Ordering::Greater
        } else {
            Ordering::Less
        }));
    }
    let whole = BigInt::from_f64(a.trunc()).ok_or(Fail::Fallback)?;
    let rest = || a.partial_cmp(&a.trunc());
    Ok(match whole.cmp(&b) {
        Ordering::Equal => rest(),
        other => Some(other),
    })
}

fn lt(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(
        ordering(vm, args)?.is_some_and(Ordering::is_lt),
    ))
}

fn le(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(
        ordering(vm, args)?.is_some_and(Ordering::is_le),
    ))
}

fn gt(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(
        ordering(vm, args)?.is_some_and(Ordering::is_gt),
    ))
}

fn ge(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(
        ordering(vm, args)?.is_some_and(Ordering::is_ge),
    ))
}

fn eq(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(
        ordering(vm, args)?.is_some_and(Ordering::is_eq),
    ))
}

fn compare(vm: &mut Vm, args: Args) -> PrimResult {
    match ordering(vm, args)? {
        Some(order) => Ok(small(order as i64)),
        None => fallback(),
    }
}

/// The Integer of a whole Float.
fn integer(vm: &mut Vm, value: f64) -> PrimResult {
    ensure(value.is_finite())?;
    if value.abs() < 4e18 {
        return Ok(vm.model.heap.new_integer_i64(value as i64)?);
    }
    let value = BigInt::from_f64(value).ok_or(Fail::Fallback)?;
    from_big(vm, &value)
}

fn truncated(vm: &mut Vm, args: Args) -> PrimResult {
    let a = receiver(vm, args)?;
    integer(vm, a.trunc())
}

fn floor(vm: &mut Vm, args: Args) -> PrimResult {
    let a = receiver(vm, args)?;
    integer(vm, a.floor())
}

fn ceil(vm: &mut Vm, args: Args) -> PrimResult {
    let a = receiver(vm, args)?;
    integer(vm, a.ceil())
}

/// Half away from zero.
fn round(vm: &mut Vm, args: Args) -> PrimResult {
    let a = receiver(vm, args)?;
    integer(vm, a.round())
}

fn is_nan(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(receiver(vm, args)?.is_nan()))
}

fn is_infinite(vm: &mut Vm, args: Args) -> PrimResult {
    Ok(Oop::from_bool(receiver(vm, args)?.is_infinite()))
}

fn bits(vm: &mut Vm, args: Args) -> PrimResult {
    let bits = BigInt::from(receiver(vm, args)?.to_bits());
    from_big(vm, &bits)
}

/// The receiver, or for a class method the argument, holds the bits.
fn from_bits(vm: &mut Vm, args: Args) -> PrimResult {
    let given = if args.is_empty() {
        vm.receiver(args)
    } else {
        vm.arg(args, 1)
    };
    let bits = big(vm, given)?.to_u64().ok_or(Fail::Fallback)?;
    Ok(vm.model.heap.new_float(f64::from_bits(bits)))
}

fn to_string(vm: &mut Vm, args: Args) -> PrimResult {
    let text = float_text::ruby(receiver(vm, args)?);
    crate::check::new_encoded(
        vm,
        text.as_bytes(),
        format::wellknown::encoding::US_ASCII as u8,
    )
}

fn print_string(vm: &mut Vm, args: Args) -> PrimResult {
    let text = float_text::smalltalk(receiver(vm, args)?);
    crate::check::new_text(vm, &text)
}

macro_rules! functions {
    ($( $name:ident $function:expr ; )+) => {
        $( fn $name(vm: &mut Vm, args: Args) -> PrimResult {
            let function: fn(f64) -> f64 = $function;
            let value = function(receiver(vm, args)?);
            Ok(vm.model.heap.new_float(value))
        } )+
    };
}

functions! {
    sqrt f64::sqrt;
    cbrt f64::cbrt;
    sin f64::sin;
    cos f64::cos;
    tan f64::tan;
    asin f64::asin;
    acos f64::acos;
    atan f64::atan;
    sinh f64::sinh;
    cosh f64::cosh;
    tanh f64::tanh;
    asinh f64::asinh;
    acosh f64::acosh;
    atanh f64::atanh;
    exp f64::exp;
    log f64::ln;
    log2 f64::log2;
    log10 f64::log10;
}

fn atan2(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    Ok(vm.model.heap.new_float(a.atan2(b)))
}

fn hypot(vm: &mut Vm, args: Args) -> PrimResult {
    let (a, b) = operands(vm, args)?;
    Ok(vm.model.heap.new_float(a.hypot(b)))
}
