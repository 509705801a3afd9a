//! One instruction: 64 bits, fixed width. `op` in the low 16 bits, then `a`, `b`, `c` of 16 bits.
//! An operand pair `bc` can hold a signed 32-bit immediate or jump offset.

use crate::op::Op;
use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Instr(pub u64);

impl Instr {
    #[inline(always)]
    pub const fn abc(op: Op, a: u16, b: u16, c: u16) -> Instr {
        Instr(op as u64 | (a as u64) << 16 | (b as u64) << 32 | (c as u64) << 48)
    }
    /// `imm` occupies b and c.
    #[inline(always)]
    pub const fn a_imm(op: Op, a: u16, imm: i32) -> Instr {
        Instr(op as u64 | (a as u64) << 16 | ((imm as u32) as u64) << 32)
    }
    #[inline(always)]
    pub const fn op_bits(self) -> u16 {
        self.0 as u16
    }
    /// The opcode, or `None` when the bits name none.
    pub fn op(self) -> Option<Op> {
        Op::from_bits(self.op_bits())
    }
    #[inline(always)]
    pub const fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }
    #[inline(always)]
    pub const fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }
    #[inline(always)]
    pub const fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }
    #[inline(always)]
    pub const fn imm(self) -> i32 {
        (self.0 >> 32) as i32
    }
    /// `c` as a signed number (short jump offsets, small integer operands).
    #[inline(always)]
    pub const fn sc(self) -> i16 {
        self.c() as i16
    }
}

impl fmt::Debug for Instr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.op() {
            Some(op) => write!(f, "{op:?} {} {} {}", self.a(), self.b(), self.c()),
            None => write!(f, "?{:x}", self.0),
        }
    }
}
