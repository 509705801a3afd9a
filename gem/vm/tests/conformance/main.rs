//! The machine against the reference machine, opcode by opcode. Every opcode has cases, or a reason why it has none.

mod both;
mod cases;
mod random;
mod show;
mod text;

use both::Program;
use gem_bytecode::Op;
use std::collections::HashMap;

/// A program that is about an opcode.
struct Case {
    op: Op,
    name: String,
    program: Program,
}

fn case(op: Op, name: impl Into<String>, program: Program) -> Case {
    let name = name.into();
    Case { op, name, program }
}

/// Opcodes that cannot be compared by what a program does, and why.
const NOT_COMPARED: &[(Op, &str)] = &[(
    Op::Trap,
    "a debugger's: it never stands in stored code, the verifier refuses it, and what it does is to stop",
)];

/// Fewer do not show much.
const CASES_MIN: usize = 2;

#[test]
fn every_opcode_does_what_the_reference_says() {
    let mut count: HashMap<Op, usize> = HashMap::new();
    let mut failures = Vec::new();
    for case in cases::all() {
        let name = format!("{:?}, {}", case.op, case.name);
        match std::panic::catch_unwind(|| case.program.compare()) {
            Ok(Ok(seen)) if seen.contains(&case.op) => *count.entry(case.op).or_default() += 1,
            Ok(Ok(_)) => failures.push(format!("{name}: the opcode is not executed")),
            Ok(Err(differing)) => failures.push(format!("{name}, {differing}")),
            Err(_) => failures.push(format!("{name}: a panic, see above")),
        }
    }
    for op in Op::ALL {
        let cases = count.get(op).copied().unwrap_or(0);
        let excused = NOT_COMPARED.iter().any(|(excused, _)| excused == op);
        match (excused, cases) {
            (true, 0) => {}
            (true, _) => failures.push(format!("{op:?} is compared and excused")),
            (false, n) if n < CASES_MIN => failures.push(format!("{op:?} has {n} cases")),
            _ => {}
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
