//! Instructions that lost their fast path: they only put the operands into the window of the Send behind them.

use super::Step;
use crate::exec::interp::Cursor;
use crate::vm::Vm;
use gem_bytecode::Instr;
use gem_heap::Oop;

macro_rules! windows {
    ($( $name:ident |$cur:ident, $i:ident| [ $($operand:expr),+ ]; )+) => {
        $( #[inline(never)]
        pub(crate) fn $name(_: &mut Vm, $cur: Cursor, $i: Instr) -> Step {
            let base = $cur.following().c();
            for (place, operand) in [$($operand),+].into_iter().enumerate() {
                $cur.set(base + place as u16, operand);
            }
            Ok(())
        } )+
    };
}

windows! {
    window |cur, i| [cur.r(i.b()), cur.r(i.c())];
    window_int |cur, i| [cur.r(i.b()), Oop::small_int_wrapping(i.sc() as i64)];
    window_store |cur, i| [cur.r(i.b()), cur.r(i.c()), cur.r(i.a())];
    window_unary |cur, i| [cur.r(i.b())];
    window_fused |cur, i| [cur.r(i.a()), cur.r(i.b())];
}
