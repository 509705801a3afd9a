//! Bits of integers of both sizes: two's complement without end.

use crate::check::{Ask, ensure, small};
use crate::macros::primitives;
use crate::numbers::integers::{RESULT_BITS_MAX, big, both_big, both_small, from_big, from_i64};
use gem_vm::{Args, Oop, PrimResult, Vm};
use num_bigint::BigInt;
use num_traits::Signed;

primitives! {
    intAnd => and, "machine arithmetic";
    intOr => or, "machine arithmetic";
    intXor => xor, "machine arithmetic";
    intShift => shift, "machine arithmetic";
    intBitLength => bit_length, "machine arithmetic";
}

fn and(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        return Ok(Oop::small_int_wrapping(a & b));
    }
    let (a, b) = both_big(vm, args)?;
    from_big(vm, &(a & b))
}

fn or(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        return Ok(Oop::small_int_wrapping(a | b));
    }
    let (a, b) = both_big(vm, args)?;
    from_big(vm, &(a | b))
}

fn xor(vm: &mut Vm, args: Args) -> PrimResult {
    if let Some((a, b)) = both_small(vm, args) {
        return Ok(Oop::small_int_wrapping(a ^ b));
    }
    let (a, b) = both_big(vm, args)?;
    from_big(vm, &(a ^ b))
}

/// Left by a positive count, right (floored) by a negative one.
fn shift(vm: &mut Vm, args: Args) -> PrimResult {
    let count = vm.int_arg(args, 1)?;
    if let Some(a) = vm.receiver(args).as_small_int() {
        if count <= 0 {
            let by = count.unsigned_abs().min(63) as u32;
            return Ok(Oop::small_int_wrapping(a >> by));
        }
        if a == 0 {
            return Ok(Oop::ZERO);
        }
        if count < 64 {
            return from_i128(vm, (a as i128) << count);
        }
    }
    let a = big(vm, vm.receiver(args))?;
    if count >= 0 {
        ensure(a.bits().saturating_add(count as u64) <= RESULT_BITS_MAX)?;
        return from_big(vm, &(a << count as u64));
    }
    let by = count.unsigned_abs();
    if by >= a.bits() {
        return Ok(small(if a.is_negative() { -1 } else { 0 }));
    }
    from_big(vm, &(a >> by))
}

/// Bits of the two's complement without its sign.
fn bit_length(vm: &mut Vm, args: Args) -> PrimResult {
    let a = big(vm, vm.receiver(args))?;
    let bits = if a.is_negative() {
        (BigInt::from(-1) - &a).bits()
    } else {
        a.bits()
    };
    Ok(small(bits as i64))
}

fn from_i128(vm: &mut Vm, value: i128) -> PrimResult {
    match i64::try_from(value) {
        Ok(value) => from_i64(vm, value),
        Err(_) => from_big(vm, &BigInt::from(value)),
    }
}
