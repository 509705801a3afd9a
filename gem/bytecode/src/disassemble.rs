//! The listing of a code, for the debugger and for tests.

use crate::code::{Code, Literal};
use std::fmt::Write;

/// One line an instruction, nested codes after their home, handlers at the end.
pub fn disassemble(code: &Code) -> String {
    let mut out = String::new();
    list(code, 0, &mut out);
    out
}

fn list(code: &Code, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    let _ = writeln!(
        out,
        "{pad}{:?} {} ({} registers, {} parameters)",
        code.kind,
        code.name,
        code.registers,
        code.params.registers()
    );
    for (pc, i) in code.instructions.iter().enumerate() {
        let Some(op) = i.op() else {
            let _ = writeln!(out, "{pad}{pc:4}  ?");
            continue;
        };
        let _ = write!(out, "{pad}{pc:4}  {:<16}", op.name());
        let kinds = op.operands().kinds;
        for (kind, field) in kinds.iter().zip([i.a(), i.b(), i.c()]) {
            match kind {
                b'W' | b'R' | b'B' | b'X' => {
                    let _ = write!(out, " r{field}");
                }
                b'L' => match code.literals.get(field as usize) {
                    Some(Literal::Code(c)) => {
                        let _ = write!(out, " <{:?} {}>", c.kind, c.name);
                    }
                    Some(l) => {
                        let _ = write!(out, " {l:?}");
                    }
                    None => {
                        let _ = write!(out, " literal{field}");
                    }
                },
                b'S' => {
                    if let Some(s) = code.sites.get(field as usize) {
                        let name = match code.literals.get(s.selector as usize) {
                            Some(Literal::Symbol(name)) => name.as_str(),
                            _ => "?",
                        };
                        let _ = write!(out, " #{name}/{}:{:x}", s.argc, s.flags);
                    }
                }
                b'N' | b'K' => {
                    let _ = write!(out, " {field}");
                }
                b'I' => {
                    let _ = write!(out, " {}", i.imm());
                }
                b'J' => {
                    let _ = write!(out, " ->{}", pc as i64 + 1 + i.imm() as i64);
                }
                b'j' => {
                    let _ = write!(out, " ->{}", pc as i64 + 3 + i.sc() as i64);
                }
                _ => {}
            }
        }
        out.push('\n');
    }
    for h in &code.handlers {
        let _ = writeln!(
            out,
            "{pad}      {:?} {}..{} -> {} r{}",
            h.kind, h.start, h.end, h.target, h.reg
        );
    }
    for l in &code.literals {
        if let Literal::Code(c) = l {
            list(c, depth + 1, out);
        }
    }
}
