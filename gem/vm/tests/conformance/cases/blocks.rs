//! Blocks and their environments, yields, and the returns out of blocks.

use super::sends::callers;
use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::Op;

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    yields(&mut all);
    blocks(&mut all);
    returns(&mut all);
    all
}

fn yields(all: &mut Vec<Case>) {
    let block = Program::ruby().block("b", "~ r1", "Add 2 1 1; Send 2 +/1 3; Return 2");
    let give = "MakeEnv 0 0; Move 2 0; MakeBlock 3 &b 2; Send 1 SELECTOR/0:l 2; Return 1";
    for selector in ["yielder", "passer", "thrice"] {
        let main = give.replace("SELECTOR", selector);
        all.push(case(
            Op::Yield,
            selector,
            callers(block.clone()).main(&main),
        ));
    }
    let none =
        "Move 2 0; s:; Send 1 yielder/0 2; e:; Return 1; h:; Return 3; handler Rescue s e h 3";
    all.push(case(
        Op::Yield,
        "without block",
        callers(Program::ruby()).main(none),
    ));
    let inner = Program::ruby()
        .block("inner", "", "LoadInt 2 4; Yield 1 call/1 1; Return 1")
        .block("b", "~ r1", "Add 2 1 1; Send 2 +/1 3; Return 2")
        .method(
            "Object",
            "indirect",
            "",
            "MakeEnv 0 0; MakeBlock 2 &inner 0; Send 1 call/0 2; Return 1",
        );
    let main = give.replace("SELECTOR", "indirect");
    all.push(case(Op::Yield, "in a block", inner.main(&main)));
    for (op, instruction) in [
        (Op::GetBlock, "GetBlock 1"),
        (Op::BlockGiven, "BlockGiven 1"),
    ] {
        let asks = Program::ruby()
            .block("b", "", "LoadInt 1 1; Return 1")
            .block("in", "", &format!("{instruction}; Return 1"))
            .method("Object", "asks", "", &format!("{instruction}; Return 1"))
            .method(
                "Object",
                "inner",
                "",
                "MakeEnv 0 0; MakeBlock 2 &in 0; Send 1 call/0 2; Return 1",
            );
        for selector in ["asks", "inner"] {
            let with = give.replace("SELECTOR", selector);
            all.push(case(
                op,
                format!("{selector} with a block"),
                asks.clone().main(&with),
            ));
            let without = format!("Move 2 0; Send 1 {selector}/0 2; Return 1");
            all.push(case(
                op,
                format!("{selector} without"),
                asks.clone().main(&without),
            ));
        }
    }
}

fn blocks(all: &mut Vec<Case>) {
    let counter = "GetEnv 1 0 0; AddInt 1 1 1; Send 1 +/1 2; SetEnv 1 0 0; Return 1";
    for (language, program) in [("st", Program::smalltalk()), ("rb", Program::ruby())] {
        let value = if language == "st" { "value" } else { "call" };
        let value_1 = if language == "st" { "value:" } else { "call_1" };
        for kind in [0, 1] {
            let main = format!(
                "MakeEnv 0 1; LoadInt 1 5; SetEnv 1 0 0; MakeBlock 1 &b {kind}; Move 3 1; Send 2 {value}/0 3; Move 3 1; Send 2 {value}/0 3; \
                 GetEnv 3 0 0; NewArray 1 2 2; Return 1"
            );
            let program = program.clone().block("b", "", counter).main(&main);
            all.push(case(
                Op::MakeBlock,
                format!("kind {kind} ({language})"),
                program.clone(),
            ));
            all.push(case(
                Op::MakeEnv,
                format!("kind {kind} ({language})"),
                program.clone(),
            ));
            all.push(case(
                Op::GetEnv,
                format!("kind {kind} ({language})"),
                program.clone(),
            ));
            all.push(case(
                Op::SetEnv,
                format!("kind {kind} ({language})"),
                program,
            ));
        }
        // Blocks in blocks; the inner one outlives all.
        let nested = program
            .clone()
            .block(
                "inner",
                "",
                "GetEnv 1 0 0; GetEnv 2 1 1; Add 1 1 2; Send 1 +/1 3; SetEnv 1 1 1; Return 1",
            )
            .block(
                "outer",
                "r1",
                "MakeEnv 0 1; SetEnv 1 0 0; MakeBlock 2 &inner 0; Return 2",
            )
            .method(
                "Association",
                "make",
                "",
                "MakeEnv 0 2; LoadInt 1 100; SetEnv 1 0 1; MakeBlock 1 &outer 0; Return 1",
            );
        let main = format!(
            "Move 2 0; Send 1 make/0 2; Move 3 1; LoadInt 4 7; Send 2 {value_1}/1 3; Move 4 2; Send 3 {value}/0 4; Move 5 2; Send 4 {value}/0 5; \
             Move 6 0; Send 5 collect/0 6; Move 6 2; Send 5 {value}/0 6; NewArray 1 3 3; Return 1"
        );
        all.push(case(
            Op::GetEnv,
            format!("nested ({language})"),
            nested.clone().main(&main),
        ));
        all.push(case(
            Op::SetEnv,
            format!("nested ({language})"),
            nested.main(&main),
        ));
    }
    // Variables that stay in registers until somebody keeps the environment.
    for (name, selector) in [("used up", "thrice"), ("kept", "keeper")] {
        let block = "GetEnv 2 0 0; Add 2 2 1; Send 2 +/1 3; SetEnv 2 0 0; Return 2";
        let main = format!(
            "MakeEnv 1 2; LoadInt 4 1; SetEnv 4 0 0; Move 4 0; MakeBlock 5 &b 2; Send 3 {selector}/0:l 4; GetEnv 4 0 0; GetEnv 5 0 1; \
             NewArray 3 3 3; Return 3"
        );
        let program = callers(Program::ruby().block("b", "~ r1", block)).main(&main);
        all.push(case(Op::MakeEnv, name, program.clone()));
        all.push(case(Op::MakeBlock, name, program));
    }
    let kept = callers(Program::ruby().block("b", "~ r1", "GetEnv 2 0 0; Add 2 2 1; Send 2 +/1 3; SetEnv 2 0 0; Return 2"))
        .method("Object", "m", "", "MakeEnv 1 1; LoadInt 3 40; SetEnv 3 0 0; Move 3 0; MakeBlock 4 &b 2; Send 2 keeper/0:l 3; Return 2");
    let main = "Move 2 0; Send 1 m/0 2; Move 2 0; Send 3 collect/0 2; Move 2 1; LoadInt 3 2; Send 2 call_1/1 2; Move 3 1; LoadInt 4 3; Send 3 call_1/1 3; \
                NewArray 1 3 1; Return 1";
    all.push(case(Op::MakeEnv, "its method has ended", kept.main(main)));
    for (kind, name) in [(0, "a proc"), (1, "a lambda")] {
        let counts = Program::ruby().block("b", "~ r2", "NewArray 3 2 1; Return 3");
        let main = format!(
            "MakeEnv 0 0; MakeBlock 2 &b {kind}; LoadInt 3 1; s:; Send 1 call_1/1 2; e:; Return 1; h:; Return 9; handler Rescue s e h 9"
        );
        all.push(case(
            Op::MakeBlock,
            format!("{name} counts its arguments"),
            counts.main(&main),
        ));
    }
}

/// ReturnHome and BreakBlock.
fn returns(all: &mut Vec<Case>) {
    for (language, program) in [("st", Program::smalltalk()), ("rb", Program::ruby())] {
        let value = if language == "st" { "value" } else { "call" };
        let mut add = |name: &str, program: Program, main: &str| {
            let main = main.replace("VALUE", value);
            all.push(case(
                Op::ReturnHome,
                format!("{name} ({language})"),
                program.main(&main),
            ));
        };
        let program = program.block("b", "", "LoadInt 1 3; ReturnHome 1");
        let leave =
            format!("MakeEnv 0 0; MakeBlock 2 &b 0; Send 1 {value}/0 2; LoadInt 1 4; Return 1");
        let kept = "MakeEnv 0 0; MakeBlock 1 &b 0; Return 1";
        let program = program
            .method("Association", "leave", "", &leave)
            .method("Association", "kept", "", kept)
            .method(
                "Association",
                "run",
                "r1",
                &format!("Move 2 1; Send 2 {value}/0 2; NewArray 2 1 2; Return 2"),
            );
        add(
            "from a block",
            program.clone(),
            "Move 2 0; Send 2 leave/0 2; Return 2",
        );
        add(
            "through a method",
            program.clone(),
            "MakeEnv 0 0; Move 2 0; MakeBlock 3 &b 0; Send 2 run/1 2; LoadInt 2 4; Return 2",
        );
        let dead = "Move 3 0; Send 3 kept/0 3; s:; Send 2 VALUE/0 3; e:; Return 2; h:; Return 2; handler Rescue s e h 2";
        add("to a home that has ended", program.clone(), dead);
        add("in a home", program.clone(), "LoadInt 1 9; ReturnHome 1");
        // The block around the returning one has ended, the home has not.
        let inner = program
            .clone()
            .block("outer", "", "MakeEnv 0 0; MakeBlock 1 &b 0; Return 1")
            .method(
                "Association",
                "twice",
                "",
                &format!("MakeEnv 0 0; MakeBlock 2 &outer 0; Send 1 {value}/0 2; Move 2 1; Send 1 {value}/0 2; LoadInt 1 4; Return 1"),
            );
        add(
            "past a block that has ended",
            inner,
            "Move 2 0; Send 1 twice/0 2; Return 1",
        );
        let ensured = program.clone().method(
            "Association",
            "ensured",
            "",
            &format!(
                "MakeEnv 0 0; s:; MakeBlock 2 &b 0; Send 1 {value}/0 2; e:; LoadNil 3; h:; LoadInt 4 7; SetSlot 4 0; EndEnsure 3; LoadInt 1 4; \
                 Return 1; handler Ensure s e h 3"
            ),
        );
        add(
            "through an ensure body",
            ensured,
            "Move 2 0; Send 1 ensured/0 2; Return 1",
        );
        let lambda = "MakeEnv 0 0; MakeBlock 2 &b 1; Send 1 VALUE/0 2; NewArray 1 1 1; Return 1";
        add("from a lambda", program, lambda);
    }
    let deep = Program::ruby()
        .block("b", "", "LoadInt 1 3; ReturnHome 1")
        .block(
            "in",
            "",
            "MakeEnv 0 0; MakeBlock 2 &b 0; Send 1 call/0 2; LoadInt 1 5; Return 1",
        );
    let main = "MakeEnv 0 0; MakeBlock 2 &in 1; Send 1 call/0 2; NewArray 1 1 1; Return 1";
    all.push(case(
        Op::ReturnHome,
        "from a block in a lambda",
        deep.clone().main(main),
    ));
    let late = deep.block("make", "", "MakeEnv 0 0; MakeBlock 1 &in 0; Return 1");
    let main = "MakeEnv 0 0; MakeBlock 3 &make 1; Send 3 call/0 3; s:; Send 2 call/0 3; e:; Return 2; h:; Return 2; \
                handler Rescue s e h 2";
    let name = "to a lambda that has ended";
    all.push(case(Op::ReturnHome, name, late.main(main)));
    breaks(all);
}

fn breaks(all: &mut Vec<Case>) {
    let mut add = |name: &str, program: Program, main: &str| {
        all.push(case(Op::BreakBlock, name, program.main(main)))
    };
    let program = callers(Program::ruby().block("b", "~ r1", "BreakBlock 1"));
    let give =
        "MakeEnv 0 0; Move 2 0; MakeBlock 3 &b 2; Send 1 SELECTOR/0:l 2; NewArray 1 1 1; Return 1";
    for selector in ["yielder", "passer", "thrice"] {
        add(
            selector,
            program.clone(),
            &give.replace("SELECTOR", selector),
        );
    }
    let late = "MakeEnv 0 0; Move 2 0; MakeBlock 3 &b 2; Send 2 keeper/0:l 2; LoadInt 3 1; s:; Send 1 call_1/1 2; e:; NewArray 1 1 1; Return 1; \
                h:; Return 2; handler Rescue s e h 2";
    add("when the call has ended", program.clone(), late);
    let lambda =
        "MakeEnv 0 0; MakeBlock 2 &b 1; LoadInt 3 6; Send 1 call_1/1 2; NewArray 1 1 1; Return 1";
    add("in a lambda", program.clone(), lambda);
    let ensured = program.clone().method(
        "Object",
        "ensured",
        "",
        "s:; LoadInt 3 5; Yield 2 call/1 2; e:; LoadNil 4; h:; LoadInt 5 8; SetSlot 5 1; EndEnsure 4; Return 2; handler Ensure s e h 4",
    );
    add(
        "through an ensure body",
        ensured,
        &give.replace("SELECTOR", "ensured"),
    );
}
