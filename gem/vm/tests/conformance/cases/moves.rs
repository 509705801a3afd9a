//! Moves, constants, jumps, identity.

use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::Op;

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |op, name: &str, text: &str| {
        for (language, program) in [("st", Program::smalltalk()), ("rb", Program::ruby())] {
            all.push(case(op, format!("{name} ({language})"), program.main(text)));
        }
    };
    add(Op::Nop, "nothing", "Nop; LoadInt 1 3; Nop; Return 1");
    add(
        Op::Move,
        "copies, leaves its source",
        "LoadInt 1 3; Move 2 1; LoadInt 1 4; Move 3 0; NewArray 4 3 1; Return 4",
    );
    add(
        Op::LoadLit,
        "literals of all kinds",
        "LoadLit 1 #a; LoadLit 2 'text'; LoadLit 3 1.5; LoadLit 4 4611686018427387903; LoadLit 5 (1_#b_'c'_nil); \
         NewArray 6 5 1; Return 6",
    );
    add(
        Op::LoadLit,
        "is one object",
        "loop:; LoadLit 1 'a'; LoadLit 2 'a'; Identical 3 1 2; NewArray 4 1 3; Return 4",
    );
    add(
        Op::LoadInt,
        "the ends of its range",
        "LoadInt 1 2147483647; LoadInt 2 -2147483648; LoadInt 3 0; NewArray 4 3 1; Return 4",
    );
    add(
        Op::LoadNil,
        "three constants",
        "LoadTrue 2; LoadFalse 3; LoadNil 1; NewArray 4 3 1; Return 4",
    );
    add(
        Op::LoadTrue,
        "over another",
        "LoadNil 1; LoadTrue 1; Return 1",
    );
    add(
        Op::LoadFalse,
        "over another",
        "LoadTrue 1; LoadFalse 1; Return 1",
    );
    add(
        Op::LoadUndef,
        "is undef and no nil",
        "LoadUndef 1; BranchNil 1 ->no; BranchUndef 1 ->yes; no:; LoadFalse 1; Return 1; yes:; LoadTrue 1; Return 1",
    );
    add(
        Op::LoadNils,
        "as many as it says",
        "LoadInt 1 1; LoadInt 4 4; LoadNils 2 2; NewArray 5 4 1; Return 5",
    );
    add(Op::LoadNils, "none", "LoadInt 1 1; LoadNils 1 0; Return 1");
    add(
        Op::Jump,
        "forward and back",
        "Jump ->b; a:; LoadInt 1 1; Return 1; b:; LoadInt 1 2; Jump ->a",
    );
    let values = [
        "LoadNil 1",
        "LoadTrue 1",
        "LoadFalse 1",
        "LoadInt 1 0",
        "LoadUndef 1",
        "Move 1 0",
    ];
    let branches = [
        Op::BranchTrue,
        Op::BranchFalse,
        Op::BranchNil,
        Op::BranchNotNil,
        Op::BranchUndef,
        Op::BranchNotUndef,
        Op::BoolBranchTrue,
        Op::BoolBranchFalse,
    ];
    for op in branches {
        for value in values {
            // Undef is only ever asked whether it is.
            let asks = matches!(op, Op::BranchUndef | Op::BranchNotUndef);
            if asks || value != "LoadUndef 1" {
                let name = op.name();
                let text = format!(
                    "{value}; {name} 1 ->yes; LoadInt 2 0; Return 2; yes:; LoadInt 2 1; Return 2"
                );
                add(op, value, &text);
            }
        }
        let text = format!(
            "LoadTrue 1; LoadInt 3 0; again:; AddInt 3 3 1; Send 3 +/1 5; LoadInt 4 3; Eq 2 3 4; Send 2 =/1 5; \
             {} 2 ->end; Eq 2 3 4; Send 2 =/1 5; BranchFalse 2 ->again; end:; Return 3",
            op.name()
        );
        add(op, "in a loop", &text);
    }
    add(
        Op::Jump,
        "a loop",
        "LoadInt 1 0; LoadInt 2 1000; again:; JumpUnlessLt 1 2 ->end </1 4 BranchFalse; AddInt 1 1 1; Send 1 +/1 4; \
         Jump ->again; end:; Return 1",
    );
    let same = [
        ("LoadInt 1 5; LoadInt 2 5", "small integers"),
        ("LoadLit 1 1.5; LoadLit 2 1.5", "small doubles"),
        ("LoadLit 1 #a; LoadLit 2 #a", "symbols"),
        ("LoadNil 1; LoadFalse 2", "nil and false"),
        ("NewArray 1 0 1; NewArray 2 0 1", "two arrays"),
        ("NewArray 1 0 1; Move 2 1", "one array"),
        ("Move 1 0; LoadInt 2 1", "self and a number"),
    ];
    for (values, name) in same {
        for op in [Op::Identical, Op::NotIdentical] {
            add(
                op,
                name,
                &format!("{values}; {} 3 1 2; Return 3", op.name()),
            );
        }
    }
    for value in &values[..4] {
        for op in [Op::Not, Op::IsNil] {
            add(op, value, &format!("{value}; {} 1 1; Return 1", op.name()));
        }
    }
    add(Op::ReturnSelf, "self", "LoadInt 1 1; ReturnSelf");
    add(
        Op::ReturnSelf,
        "early",
        "LoadTrue 1; BranchTrue 1 ->a; Return 1; a:; ReturnSelf",
    );
    add(Op::Return, "a value", "LoadInt 1 1; Return 1");
    add(Op::Return, "self", "Return 0");
    all
}
