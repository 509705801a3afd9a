//! Random programs: short codes of arithmetic, moves, branches, loops, sends of known methods, blocks and handlers, on both machines.

mod maker;

use crate::both::{Program, differing};
use gem_bytecode::{Op, disassemble};

/// Programs of one run.
const SEEDS: u64 = 4000;
/// One in so many is run with a collection at every chance, too.
const STRESSED: u64 = 40;
const OPERATORS: &[(Op, &str, &str)] = &[
    (Op::Add, "+", "+"),
    (Op::Sub, "-", "-"),
    (Op::Mul, "*", "*"),
    (Op::IntDiv, "//", "div"),
    (Op::Mod, "\\\\", "%"),
    (Op::BitAnd, "bitAnd:", "&"),
    (Op::BitXor, "bitXor:", "^"),
    (Op::Lt, "<", "<"),
    (Op::Ge, ">=", ">="),
    (Op::Eq, "=", "=="),
    (Op::Ne, "~=", "!="),
    (Op::Aref, "ref:", "[]"),
    (Op::At, "at:", "at"),
    (Op::ShiftLeft, "shift:", "<<"),
];

/// Selectors of the methods below, with their number of arguments.
const KNOWN: &[(&str, u16)] = &[
    ("pick", 2),
    ("grow", 0),
    ("wrap", 1),
    ("swap", 1),
    ("boom", 0),
    ("collect", 0),
    ("nobody", 1),
];

const BLOCKS: &[&str] = &["count", "leave", "fail", "nest", "stop"];

/// What the programs find.
fn kernel(program: Program) -> Program {
    let value = if program.environment() == 0 {
        "value:"
    } else {
        "call_1"
    };
    let mut program = program
        .method(
            "Object",
            "pick",
            "r2",
            "BranchTrue 1 ->a; Return 1; a:; Return 2",
        )
        .method(
            "SmallInteger",
            "grow",
            "",
            "AddInt 1 0 7; Send 1 +/1 2; Return 1",
        )
        .method("Array", "grow", "", "ArrayPush 0 0; ReturnSelf")
        .method("Object", "wrap", "r1", "NewArray 2 2 0; Return 2")
        .method(
            "Association",
            "swap",
            "r1",
            "GetSlot 2 0; SetSlot 1 0; Return 2",
        )
        .method(
            "Object",
            "apply",
            "r2",
            &format!("Move 3 1; Move 4 2; Send 3 {value}/1 3; Return 3"),
        )
        .method("Object", "give", "r1", "Move 3 1; Yield 2 call/1 2; Return 2")
        .block("inner", "~ r1", "GetEnv 2 0 0; GetEnv 3 1 0; SetEnv 2 1 1; SetEnv 3 0 0; BranchNil 3 ->a; ReturnHome 2; a:; Return 1")
        .block("nest", "~ r1", &format!("MakeEnv 0 1; SetEnv 1 0 0; MakeBlock 3 &inner 0; Move 4 1; Send 2 {value}/1 3; GetEnv 3 0 0; NewArray 2 2 2; Return 2"))
        .block("stop", "~ r1", "BranchNil 1 ->a; BreakBlock 1; a:; Return 1")
        .block(
            "count",
            "~ r1",
            "GetEnv 2 0 0; Add 2 2 1; Send 2 +/1 3; SetEnv 2 0 0; SetEnv 1 0 1; Return 2",
        )
        .block(
            "leave",
            "~ r1",
            "BranchNil 1 ->stay; ReturnHome 1; stay:; Return 0",
        )
        .block(
            "fail",
            "~ r1",
            "Move 3 0; BranchNotNil 1 ->boom; Return 1; boom:; Send 2 boom/0 3; Return 2",
        );
    for class in ["UndefinedObject", "True", "False"] {
        for (_, smalltalk, ruby) in OPERATORS.iter().take(4) {
            let selector = if program.environment() == 0 {
                smalltalk
            } else {
                ruby
            };
            program = program.method(class, selector, "r1", "Return 1");
        }
    }
    program
}

#[test]
fn random_programs_do_what_the_reference_says() {
    for program in [kernel(Program::smalltalk()), kernel(Program::ruby())] {
        let mut reference = program.reference();
        let mut real = program.real(false);
        let mut stressed = program.real(true);
        let mut ended_well = 0;
        for seed in 0..SEEDS / 2 {
            let code = maker::make(&program, seed);
            println!("seed {seed}");
            let expected = reference.run(&code);
            if expected.vague {
                continue;
            }
            let expected = expected.text;
            ended_well += u64::from(!expected.starts_with("unhandled"));
            let mut found = vec![real.run(&code).text];
            if seed % STRESSED == 0 {
                found.push(stressed.run(&code).text);
            }
            for found in found {
                assert_eq!(
                    found,
                    expected,
                    "environment {}, seed {seed}: {}\n{}",
                    program.environment(),
                    differing(&expected, &found),
                    disassemble(&code)
                );
            }
        }
        real.verify();
        stressed.verify();
        assert!(ended_well > SEEDS / 8, "{ended_well} programs ended well");
    }
}
