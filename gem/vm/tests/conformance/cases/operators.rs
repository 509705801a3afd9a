//! Operators: each on every pair of operands, with methods for those pairs that have no fast path; and redefined.

use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::Op;

/// Instruction, its selectors in Smalltalk and Ruby, the fused branch.
const BINARY: &[(Op, &str, &str, Option<Op>)] = &[
    (Op::Add, "+", "+", None),
    (Op::Sub, "-", "-", None),
    (Op::Mul, "*", "*", None),
    (Op::Div, "/", "/", None),
    (Op::IntDiv, "//", "div", None),
    (Op::Mod, "\\\\", "%", None),
    (Op::BitAnd, "bitAnd:", "&", None),
    (Op::BitOr, "bitOr:", "|", None),
    (Op::BitXor, "bitXor:", "^", None),
    (Op::ShiftLeft, "shift:", "<<", None),
    (Op::ShiftRight, "unshift:", ">>", None),
    (Op::Lt, "<", "<", Some(Op::JumpUnlessLt)),
    (Op::Le, "<=", "<=", Some(Op::JumpUnlessLe)),
    (Op::Gt, ">", ">", Some(Op::JumpUnlessGt)),
    (Op::Ge, ">=", ">=", Some(Op::JumpUnlessGe)),
    (Op::Eq, "=", "==", Some(Op::JumpUnlessEq)),
    (Op::Ne, "~=", "!=", Some(Op::JumpUnlessNe)),
    (Op::Aref, "ref:", "[]", None),
    (Op::At, "at:", "at", None),
];

const OPERANDS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "-3",
    "7",
    "61",
    "62",
    "63",
    "64",
    "4611686018427387903",
    "-4611686018427387904",
    "3037000500",
    "0.0",
    "-0.0",
    "1.5",
    "-2.5",
    "1e300",
    "1e-300",
    "nil",
    "#a",
    "#b",
    "'x'",
    "'y'",
    "()",
];

/// Classes of the operands with a fast path for some instruction: a method of theirs takes it away.
const KINDS: &[&str] = &["SmallInteger", "SmallDouble", "Array", "String", "Symbol"];

fn programs() -> [(&'static str, Program); 2] {
    [("st", Program::smalltalk()), ("rb", Program::ruby())]
}

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for &(op, smalltalk, ruby, fused) in BINARY {
        for (language, program) in programs() {
            let selector = if language == "st" { smalltalk } else { ruby };
            binary(&mut all, op, selector, language, &program);
            if let Some(fused) = fused {
                fusion(&mut all, fused, selector, language, &program);
            }
        }
    }
    with_numbers(&mut all);
    stores(&mut all);
    windows(&mut all);
    all
}

/// A fresh operand in a register; an Array needs the next one, too.
fn load(register: u16, operand: &str) -> String {
    let next = register + 1;
    match operand {
        "()" => format!("LoadInt {register} 7; LoadInt {next} 8; NewArray {register} 2 {register}"),
        _ => format!("LoadLit {register} {operand}"),
    }
}

/// All pairs in one program: what each gives, or what its error is.
fn pairs(operation: impl Fn(&str, &str) -> String) -> String {
    let mut text = "NewArray 1 0 1; ".to_string();
    for (n, left) in OPERANDS.iter().enumerate() {
        for (m, right) in OPERANDS.iter().enumerate() {
            let here = format!("{n}_{m}");
            text += &format!(
                "s{here}:; {}; e{here}:; ArrayPush 1 5; Jump ->n{here}; h{here}:; ArrayPush 1 9; n{here}:;\n\
                 handler Rescue s{here} e{here} h{here} 9;",
                operation(left, right).replace('$', &here)
            );
        }
    }
    text + "Return 1"
}

fn binary(all: &mut Vec<Case>, op: Op, selector: &str, language: &str, program: &Program) {
    let text = pairs(|left, right| {
        format!(
            "{}; {}; {} 5 2 3; Send 5 {selector}/1 6",
            load(2, left),
            load(3, right),
            op.name()
        )
    });
    let name = format!("all pairs ({language})");
    all.push(case(op, name, program.clone().main(&text)));
    // What has no fast path goes to a method.
    let slow = "NewArray 3 2 0; Return 3";
    let slow = program
        .clone()
        .method("UndefinedObject", selector, "r1", slow)
        .method("Association", selector, "r1", "LoadLit 2 #mine; Return 2");
    for receiver in ["LoadNil 2", "Move 2 0"] {
        let text = format!(
            "{receiver}; LoadInt 3 1; {} 4 2 3; Send 4 {selector}/1 5; Return 4",
            op.name()
        );
        let name = format!("a method of {receiver} ({language})");
        all.push(case(op, name, slow.clone().main(&text)));
    }
}

fn fusion(all: &mut Vec<Case>, op: Op, selector: &str, language: &str, program: &Program) {
    for branch in ["BranchFalse", "BoolBranchFalse"] {
        let text = pairs(|left, right| {
            format!(
                "{}; {}; LoadInt 5 0; {} 2 3 ->x$ {selector}/1 6 {branch}; \
                 LoadInt 5 1; x$:; Nop",
                load(2, left),
                load(3, right),
                op.name()
            )
        });
        let name = format!("all pairs, {branch} ({language})");
        all.push(case(op, name, program.clone().main(&text)));
        for answer in ["LoadTrue 2", "LoadFalse 2", "LoadNil 2"] {
            let program = program.clone().method(
                "Association",
                selector,
                "r1",
                &format!("{answer}; Return 2"),
            );
            let text = format!(
                "LoadInt 2 7; {} 0 2 ->out {selector}/1 3 {branch}; LoadInt 2 1; Return 2; out:; LoadInt 2 0; Return 2",
                op.name()
            );
            let name = format!("a method with {answer}, {branch} ({language})");
            all.push(case(op, name, program.main(&text)));
        }
    }
}

/// AddInt, SubInt, Size.
fn with_numbers(all: &mut Vec<Case>) {
    for (language, program) in programs() {
        for (op, selector) in [(Op::AddInt, "+"), (Op::SubInt, "-")] {
            for number in [0, 1, -1, 32767, -32768] {
                let text = pairs(|left, _| {
                    format!(
                        "{}; {} 5 2 {number}; Send 5 {selector}/1 6",
                        load(2, left),
                        op.name()
                    )
                });
                let name = format!("{number} ({language})");
                all.push(case(op, name, program.clone().main(&text)));
            }
        }
        let text = pairs(|left, _| format!("{}; Size 5 2; Send 5 size/0 6", load(2, left)));
        all.push(case(
            Op::Size,
            format!("all ({language})"),
            program.clone().main(&text),
        ));
        let sized = program.method("Association", "size", "", "LoadInt 1 42; Return 1");
        let text = "Size 1 0; Send 1 size/0 2; NewArray 2 1 1; Size 3 2; Send 3 size/0 4; NewArray 4 2 2; Return 4";
        all.push(case(
            Op::Size,
            format!("a method ({language})"),
            sized.main(text),
        ));
    }
}

/// Aset and AtPut.
fn stores(all: &mut Vec<Case>) {
    for (language, program) in programs() {
        let selector = if language == "st" { "at:put:" } else { "[]=" };
        for op in [Op::Aset, Op::AtPut] {
            let text = pairs(|left, right| {
                // The destination of Aset is scratch.
                let value = if op == Op::Aset { "LoadNil 5; " } else { "" };
                format!(
                    "LoadInt 2 1; LoadInt 3 2; NewArray 10 2 2; {}; {}; {} 3 10 2; \
                     Send 5 {selector}/2 20; {value}ArrayPush 1 10",
                    load(2, left),
                    load(3, right),
                    op.name()
                )
            });
            let name = format!("all pairs ({language})");
            all.push(case(op, name, program.clone().main(&text)));
            let stored = "NewArray 4 2 1; SetSlot 4 0; Return 2";
            let own = program
                .clone()
                .method("Association", selector, "r2", stored);
            let text = format!(
                "LoadInt 1 5; LoadInt 2 6; {} 2 0 1; Send 3 {selector}/2 4; Return 2",
                op.name()
            );
            all.push(case(op, format!("a method ({language})"), own.main(&text)));
        }
    }
}

/// Operators that the program redefines: the real machine puts instructions without fast paths over those it loaded.
fn windows(all: &mut Vec<Case>) {
    for (language, program) in programs() {
        let (equal, put) = if language == "st" {
            ("=", "at:put:")
        } else {
            ("==", "[]=")
        };
        let store = if language == "st" { "AtPut" } else { "Aset" };
        for (kind, value) in KINDS.iter().zip(["3", "2.5", "(1_2)", "'x'", "#x"]) {
            let mine = "NewArray 3 2 0; Return 3";
            let own = program
                .clone()
                .method(kind, "+", "r1", mine)
                .method(kind, equal, "r1", "LoadFalse 2; Return 2")
                .method(kind, put, "r2", "NewArray 3 3 0; Return 3")
                .method(kind, "size", "", "LoadLit 1 #mine; Return 1");
            let load = format!("LoadLit 1 {value}; LoadLit 2 {value}; LoadInt 3 1");
            let mut add = |op: Op, text: &str| {
                let name = format!("{kind} ({language}): {text}");
                all.push(case(
                    op,
                    name,
                    own.clone().main(&format!("{load}; {text}; Return 4")),
                ));
            };
            let is_number = *kind == "SmallInteger" || *kind == "SmallDouble";
            if is_number {
                add(Op::Window, "Add 4 1 3; Send 4 +/1 5");
                add(Op::WindowInt, "AddInt 4 1 9; Send 4 +/1 5");
            }
            if *kind == "Array" {
                add(
                    Op::WindowStore,
                    &format!("{store} 2 1 3; Send 4 {put}/2 5; LoadInt 4 1"),
                );
                add(Op::WindowUnary, "Size 4 1; Send 4 size/0 5");
            } else {
                let fused = format!(
                    "LoadInt 4 1; JumpUnlessEq 1 2 ->no {equal}/1 5 BranchFalse; LoadInt 4 2; no:; Nop"
                );
                add(Op::WindowFused, &fused);
                add(Op::Window, &format!("Eq 4 1 2; Send 4 {equal}/1 5"));
            }
        }
    }
}
