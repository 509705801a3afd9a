//! Proves, before a code first runs, that no instruction can leave its frame: every register, literal, call site,
//! cache index and jump is within bounds, fast paths have their slow path, and control cannot run off the end.
//!
//! The interpreter relies on this and does not check again.

use crate::code::{Code, HandlerKind};
use crate::{CREF, Op};

/// Why a code may not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("compiled code {name} is damaged at instruction {pc}: {what}")]
pub struct VerifyError {
    pub name: String,
    pub pc: usize,
    pub what: &'static str,
}

/// Checks `code`, whose literal table has `literals` entries.
///
/// # Errors
/// The first rule that is broken.
pub fn verify(code: &Code, literals: usize) -> Result<(), VerifyError> {
    let fail = |pc: usize, what| {
        Err(VerifyError {
            name: code.name.clone(),
            pc,
            what,
        })
    };
    let registers = code.registers as usize;
    let count = code.instructions.len();
    if registers > crate_limit() {
        return fail(0, "too many registers");
    }
    if registers < 1 + code.params.registers() {
        return fail(0, "fewer registers than parameters");
    }
    for &(symbol, _) in &code.params.keywords {
        if symbol as usize >= literals {
            return fail(0, "a keyword is no literal");
        }
    }
    for site in &code.sites {
        if site.selector as usize >= literals {
            return fail(0, "a selector is no literal");
        }
    }
    let mut made_env = false;
    for (pc, instr) in code.instructions.iter().enumerate() {
        let Some(op) = instr.op() else {
            return fail(pc, "unknown opcode");
        };
        if op == Op::Trap {
            return fail(pc, "a trap, which only the machine may place");
        }
        let operands = op.operands();
        let fields = [instr.a(), instr.b(), instr.c()];
        for (kind, field) in operands.kinds.iter().zip(fields) {
            let ok = match kind {
                b'W' | b'R' => (field as usize) < registers,
                b'X' => field == CREF || (field as usize) < registers,
                b'L' => (field as usize) < literals,
                b'S' => (field as usize) < code.sites.len(),
                b'K' => field < code.caches,
                _ => true,
            };
            if !ok {
                return fail(pc, "an operand is out of range");
            }
        }
        let extent = match op {
            Op::Send | Op::SendSuper | Op::Yield => {
                let site = code.sites[instr.b() as usize];
                let extra = [crate::site_flags::KEYWORDS, crate::site_flags::BLOCK]
                    .iter()
                    .filter(|&&f| site.flags & f != 0)
                    .count();
                instr.c() as usize + 1 + site.argc as usize + extra
            }
            Op::LoadNils | Op::MakeEnv => instr.a() as usize + instr.b() as usize,
            Op::NewArray | Op::StrConcat => instr.c() as usize + instr.b() as usize,
            Op::DefClass | Op::DefModule => instr.c() as usize + 2,
            Op::OpenSingleton => instr.c() as usize + 1,
            _ => 0,
        };
        if extent > registers {
            return fail(pc, "a register window leaves the frame");
        }
        if op == Op::MakeEnv {
            if made_env {
                return fail(pc, "a second environment");
            }
            made_env = true;
        }
        if operands.send_follows {
            let next = code
                .instructions
                .get(pc + 1)
                .filter(|i| i.op() == Some(Op::Send));
            let Some(send) = next else {
                return fail(pc, "a fast path without slow path");
            };
            let argc = match op {
                Op::Aset | Op::AtPut => 2,
                Op::Splat | Op::ToAry | Op::ToStr | Op::Size => 0,
                _ => 1,
            };
            let site = code.sites.get(send.b() as usize);
            if site.is_none_or(|s| {
                s.argc != argc
                    || s.flags & !crate::site_flags::RUBY & !crate::site_flags::SELF_CALL != 0
            }) {
                return fail(pc, "a slow path with other arguments than its fast path");
            }
        }
        let jump = match operands.kinds {
            [_, b'J', _] => Some(pc as i64 + 1 + instr.imm() as i64),
            [_, _, b'j'] => Some(pc as i64 + 3 + instr.sc() as i64),
            _ => None,
        };
        if let Some(to) = jump
            && (to < 0 || to >= count as i64)
        {
            return fail(pc, "a jump leaves the code");
        }
        if op.is_fused() && pc + 3 >= count {
            return fail(pc, "a fused branch without its slow path");
        }
    }
    match code.instructions.last().and_then(|i| i.op()) {
        Some(
            Op::Return | Op::ReturnSelf | Op::Jump | Op::ReturnHome | Op::BreakBlock | Op::Reraise,
        ) => {}
        _ => return fail(count, "control runs off the end"),
    }
    for h in &code.handlers {
        if h.start > h.end || h.end as usize > count || h.target as usize >= count {
            return fail(h.start as usize, "a handler leaves the code");
        }
        let used = match h.kind {
            HandlerKind::OnDo => 3,
            HandlerKind::Catch => 2,
            _ => 1,
        };
        if h.reg as usize + used > registers {
            return fail(h.start as usize, "a handler's register leaves the frame");
        }
    }
    Ok(())
}

const fn crate_limit() -> usize {
    60_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Assembler, CodeKind, Instr, Literal, Params, decode, encode};

    fn sample() -> Code {
        let mut asm = Assembler::new(
            "sample",
            CodeKind::Method,
            0,
            Params {
                required: 1,
                ..Params::default()
            },
        );
        let (window, out) = (asm.temps(2), asm.label());
        let site = asm.site("<", 1, 0);
        asm.jump_unless(
            Op::JumpUnlessLt,
            0,
            1,
            site,
            window,
            Op::BoolBranchFalse,
            out,
        );
        asm.emit(Op::ReturnSelf, 0, 0, 0);
        asm.bind(out);
        let lit = asm.literal(Literal::Symbol("x".into()));
        asm.emit(Op::LoadLit, window, lit, 0);
        asm.emit(Op::Return, window, 0, 0);
        asm.finish().unwrap()
    }

    #[test]
    fn assembled_code_verifies_and_round_trips() {
        let code = sample();
        verify(&code, code.literals.len()).unwrap();
        let mut back = decode(&encode(&code)).unwrap();
        back.literals = code.literals.clone();
        assert_eq!(back, code);
    }

    #[test]
    fn places_round_trip_in_any_order_and_traps_are_refused() {
        let mut asm = Assembler::new("places", CodeKind::Method, 0, Params::default());
        let window = asm.temps(2);
        asm.set_place(70_000, 3);
        asm.mark_place();
        for (line, column) in [
            (70_001, 4),
            (12, 60_000),
            (12, 60_000),
            (12, 1),
            (u32::MAX, 0),
        ] {
            asm.set_place(line, column);
            asm.emit(Op::LoadNil, window, 0, 0);
        }
        asm.emit(Op::ReturnSelf, 0, 0, 0);
        let mut code = asm.finish().unwrap();
        let places = [(0, 70_000), (0, 70_001), (1, 12), (3, 12), (4, u32::MAX)];
        assert_eq!(code.lines, places);
        assert_eq!(code.columns, [3, 4, 60_000, 1, 0]);
        assert_eq!(decode(&encode(&code)).unwrap(), code);
        code.instructions[0] = Instr::abc(Op::Trap, 0, 0, 0);
        assert!(verify(&code, 0).is_err());
    }

    #[test]
    fn damaged_code_is_refused_and_never_panics() {
        let code = sample();
        let bytes = encode(&code);
        for i in 0..bytes.len() {
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[i] ^= 1 << bit;
                if let Ok(c) = decode(&bad) {
                    let _ = verify(&c, code.literals.len());
                }
            }
            assert!(decode(&bytes[..i]).is_err());
        }
        let mut wild = sample();
        wild.instructions[0] = Instr::abc(Op::Move, 500, 0, 0);
        assert!(verify(&wild, 2).is_err());
    }
}
