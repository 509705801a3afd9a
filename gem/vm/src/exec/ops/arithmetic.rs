//! Arithmetic on SmallIntegers and SmallDoubles; everything else goes on with the Send that follows.

use super::Step;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::Oop;

/// The fast path applied: stores the value where the following Send would, and skips it.
#[inline(always)]
pub(crate) fn done(cur: &mut Cursor, value: Oop) -> Step {
    let send = cur.following();
    cur.set(send.a(), value);
    cur.jump(1);
    Ok(())
}

/// As `done`, for bodies that have only a copy of the loop's locals.
#[inline(always)]
pub(crate) fn done_cold(vm: &mut Vm, mut cur: Cursor, value: Oop) -> Step {
    done(&mut cur, value)?;
    cur.save(vm);
    Err(crate::Fail::Reenter)
}

/// The fast path does not apply: puts the operands into the following Send's window.
#[inline(always)]
pub(crate) fn slow(cur: &mut Cursor, receiver: Oop, argument: Oop) -> Step {
    let base = cur.following().c();
    cur.set(base, receiver);
    cur.set(base + 1, argument);
    Ok(())
}

/// Both operands are SmallIntegers.
#[inline(always)]
pub(crate) fn both_int(a: Oop, b: Oop) -> bool {
    a.bits() & b.bits() & 1 == 1
}

#[inline(always)]
pub(crate) fn both_double(a: Oop, b: Oop) -> bool {
    a.is_small_double() && b.is_small_double()
}

#[inline(always)]
fn float(vm: &mut Vm, cur: &mut Cursor, value: f64) -> Step {
    match Oop::small_double(value) {
        Some(v) => done(cur, v),
        None => {
            let v = vm.model.heap.new_float(value);
            done(cur, v)
        }
    }
}

macro_rules! arithmetic {
    ($( $name:ident |$a:ident, $b:ident| int $int:expr; float $float:expr; )+) => {
        $( #[inline(always)]
        pub(crate) fn $name(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
            let ($a, $b) = (cur.r(i.b()), cur.r(i.c()));
            if both_int($a, $b) {
                if let Some(word) = $int {
                    return done(cur, word);
                }
            } else if both_double($a, $b) {
                let ($a, $b) = ($a.small_double_value(), $b.small_double_value());
                return float(vm, cur, $float);
            }
            slow(cur, $a, $b)
        } )+
    };
}

/// Tagged words add without untagging: (2a+1) + (2b+1) - 1.
#[inline(always)]
fn int_add(a: Oop, b: Oop) -> Option<Oop> {
    (a.bits() as i64)
        .checked_add((b.bits() - 1) as i64)
        .map(|w| Oop::small_int_from_word(w as u64))
}

#[inline(always)]
fn int_sub(a: Oop, b: Oop) -> Option<Oop> {
    (a.bits() as i64)
        .checked_sub((b.bits() - 1) as i64)
        .map(|w| Oop::small_int_from_word(w as u64))
}

#[inline(always)]
fn int_mul(a: Oop, b: Oop) -> Option<Oop> {
    ((b.bits() - 1) as i64)
        .checked_mul(a.small_int_value())
        .map(|w| Oop::small_int_from_word(w as u64 | 1))
}

#[inline(always)]
fn floor_div(a: Oop, b: Oop) -> Option<Oop> {
    let (a, b) = (a.small_int_value(), b.small_int_value());
    if b == 0 {
        return None;
    }
    let q = a / b;
    let q = if a % b != 0 && (a < 0) != (b < 0) {
        q - 1
    } else {
        q
    };
    Oop::small_int(q)
}

#[inline(always)]
fn floor_mod(a: Oop, b: Oop) -> Option<Oop> {
    let (a, b) = (a.small_int_value(), b.small_int_value());
    if b == 0 {
        return None;
    }
    let r = a % b;
    Some(Oop::small_int_wrapping(if r != 0 && (r < 0) != (b < 0) {
        r + b
    } else {
        r
    }))
}

/// Float remainder with the sign of the divisor.
pub(crate) fn float_mod(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r != 0.0 && (r < 0.0) != (b < 0.0) {
        r + b
    } else {
        r
    }
}

arithmetic! {
    add |a, b| int int_add(a, b); float a + b;
    sub |a, b| int int_sub(a, b); float a - b;
    mul |a, b| int int_mul(a, b); float a * b;
    div |a, b| int floor_div(a, b); float a / b;
}

/// Not for floats: the quotient is an Integer, of any size, and what a division by zero is the language's own.
#[inline(always)]
pub(crate) fn int_div(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (a, b) = (cur.r(i.b()), cur.r(i.c()));
    if both_int(a, b)
        && let Some(quotient) = floor_div(a, b)
    {
        return done(cur, quotient);
    }
    slow(cur, a, b)
}

#[inline(always)]
pub(crate) fn modulo(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (a, b) = (cur.r(i.b()), cur.r(i.c()));
    if both_int(a, b) {
        if let Some(rest) = floor_mod(a, b) {
            return done(cur, rest);
        }
    } else if both_double(a, b) && b.small_double_value() != 0.0 {
        let rest = float_mod(a.small_double_value(), b.small_double_value());
        return float(vm, cur, rest);
    }
    slow(cur, a, b)
}

#[inline(always)]
pub(crate) fn add_int(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (a, b) = (cur.r(i.b()), Oop::small_int_wrapping(i.sc() as i64));
    if a.is_small_int() {
        if let Some(word) = int_add(a, b) {
            return done(cur, word);
        }
    } else if a.is_small_double() {
        return float(vm, cur, a.small_double_value() + i.sc() as f64);
    }
    slow(cur, a, b)
}

#[inline(always)]
pub(crate) fn sub_int(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (a, b) = (cur.r(i.b()), Oop::small_int_wrapping(i.sc() as i64));
    if a.is_small_int() {
        if let Some(word) = int_sub(a, b) {
            return done(cur, word);
        }
    } else if a.is_small_double() {
        return float(vm, cur, a.small_double_value() - i.sc() as f64);
    }
    slow(cur, a, b)
}

macro_rules! bits {
    ($( $name:ident |$a:ident, $b:ident| $e:expr; )+) => {
        $( #[inline(always)]
        pub(crate) fn $name(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
            let ($a, $b) = (cur.r(i.b()), cur.r(i.c()));
            if both_int($a, $b) { done(cur, $e) } else { slow(cur, $a, $b) }
        } )+
    };
}

bits! {
    bit_and |a, b| Oop::small_int_from_word(a.bits() & b.bits());
    bit_or |a, b| Oop::small_int_from_word(a.bits() | b.bits());
    bit_xor |a, b| Oop::small_int_from_word((a.bits() ^ b.bits()) | 1);
}

#[inline(always)]
pub(crate) fn shift_left(vm: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (a, b) = (cur.r(i.b()), cur.r(i.c()));
    if both_int(a, b) {
        let (x, n) = (a.small_int_value(), b.small_int_value());
        if (0..62).contains(&n)
            && let Some(v) = x.checked_mul(1 << n).and_then(Oop::small_int)
        {
            return done(cur, v);
        }
    } else if a.is_pointer() && vm.model.heap.shape_of(a) == gem_heap::ShapeId::ARRAY {
        vm.model.heap.push(a, b)?;
        return done(cur, a);
    }
    slow(cur, a, b)
}

#[inline(always)]
pub(crate) fn shift_right(_: &mut Vm, cur: &mut Cursor, i: Instr) -> Step {
    let (a, b) = (cur.r(i.b()), cur.r(i.c()));
    if both_int(a, b) && (0..64).contains(&b.small_int_value()) {
        let n = b.small_int_value().min(63);
        return done(cur, Oop::small_int_wrapping(a.small_int_value() >> n));
    }
    slow(cur, a, b)
}
