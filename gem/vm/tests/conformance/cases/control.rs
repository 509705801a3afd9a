//! Handlers: rescue, ensure, on:do:, ifCurtailed:, catch; and `$!`.

use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::Op;

const BOOM: &str = "Move 5 0; Send 5 boom/0 5";

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for (language, program) in [("st", Program::smalltalk()), ("rb", Program::ruby())] {
        let value = if language == "st" { "value" } else { "call" };
        let program = program
            .block("boom", "", "Move 2 0; Send 1 boom/0 2; Return 1")
            .block("thrower", "", "Move 2 0; LoadLit 3 #tag; LoadInt 4 8; Send 1 throw:value:/2 2; Return 1")
            .block("two", "r1", "NewArray 2 1 1; Return 2")
            .block("fails", "r1", "Move 3 0; Send 2 boom/0 3; Return 2")
            .block("leaves", "r1", "LoadLit 2 #left; ReturnHome 2")
            .method("Object", "run", "r1", &format!("Move 2 1; Send 2 {value}/0 2; Return 2"))
            .method("Object", "guarded", "r1", &format!(
                "s:; Move 3 1; Send 2 {value}/0 3; e:; LoadNil 4; h:; LoadInt 5 7; SetAssoc 5 @A; EndEnsure 4; Return 2; handler Ensure s e h 4"
            ));
        let mut add = |op: Op, name: &str, main: &str| {
            let main = main.replace("BOOM", BOOM).replace("VALUE", value);
            let name = format!("{name} ({language})");
            all.push(case(op, name, program.clone().main(&main)));
        };
        ensures(&mut add);
        rescues(&mut add);
        handler_blocks(&mut add);
        catches(&mut add);
    }
    all
}

fn ensures(add: &mut impl FnMut(Op, &str, &str)) {
    let op = Op::EndEnsure;
    add(
        op,
        "normal completion",
        "s:; LoadInt 1 1; e:; LoadNil 3; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; Return 1; handler Ensure s e h 3",
    );
    add(
        op,
        "an exception passes",
        "s:; BOOM; e:; LoadNil 3; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; Return 3; handler Ensure s e h 3",
    );
    add(
        op,
        "an exception passes to a rescue around",
        "o:; s:; BOOM; e:; LoadNil 3; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; Return 3; p:; r:; Return 4; handler Ensure s e h 3; handler Rescue o p r 4",
    );
    add(
        op,
        "the body raises another",
        "o:; s:; BOOM; e:; LoadNil 3; h:; Move 2 0; Send 2 nobody/0 2; EndEnsure 3; Return 3; p:; r:; Return 4; handler Ensure s e h 3; handler Rescue o p r 4",
    );
    add(
        op,
        "two, inner first",
        "LoadNils 1 2; o:; s:; BOOM; e:; LoadNil 3; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; p:; LoadNil 4; q:; GetSlot 2 0; AddInt 2 2 1; Send 2 +/1 6; \
         SetSlot 2 1; EndEnsure 4; Return 4; handler Ensure s e h 3; handler Ensure o p q 4",
    );
    add(
        op,
        "ifCurtailed: in normal completion",
        "s:; LoadInt 1 1; e:; Return 1; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; Return 3; handler Curtail s e h 3",
    );
    add(
        op,
        "ifCurtailed: when an exception passes",
        "s:; BOOM; e:; Return 1; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; Return 3; handler Curtail s e h 3",
    );
    add(
        op,
        "Return in the range does not run it",
        "s:; LoadInt 1 1; Return 1; e:; LoadNil 3; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; Return 1; handler Ensure s e h 3",
    );
    add(
        op,
        "ReturnHome in the range runs it",
        "s:; LoadInt 1 1; ReturnHome 1; e:; LoadNil 3; h:; LoadInt 2 2; SetSlot 2 0; EndEnsure 3; Return 3; handler Ensure s e h 3",
    );
}

fn rescues(add: &mut impl FnMut(Op, &str, &str)) {
    add(
        Op::Reraise,
        "from a rescue that does not match",
        "o:; s:; BOOM; e:; Return 5; h:; LoadInt 2 2; SetSlot 2 0; Reraise 4; p:; r:; NewArray 1 1 1; Return 1; handler Rescue s e h 4; handler Rescue o p r 1",
    );
    add(
        Op::Reraise,
        "out of the code",
        "s:; BOOM; e:; Return 5; h:; Reraise 4; handler Rescue s e h 4",
    );
    add(
        Op::Reraise,
        "through an ensure body",
        "o:; s:; BOOM; e:; Return 5; h:; Reraise 4; p:; q:; LoadInt 2 3; SetSlot 2 1; EndEnsure 1; Return 1; handler Rescue s e h 4; handler Ensure o p q 1",
    );
    let info = "GetErrInfo 1; s:; BOOM; e:; Return 5; h:; SetErrInfo 4; GetErrInfo 2; LoadNil 6; SetErrInfo 6; GetErrInfo 3; NewArray 1 3 1; Return 1; \
                handler Rescue s e h 4";
    for op in [Op::GetErrInfo, Op::SetErrInfo] {
        add(op, "in a rescue", info);
        add(
            op,
            "left as it is",
            "LoadNil 1; SetErrInfo 1; s:; BOOM; e:; Return 5; h:; SetErrInfo 4; GetErrInfo 1; Return 1; handler Rescue s e h 4",
        );
    }
    add(
        Op::GetErrInfo,
        "what raise sets",
        "s:; BOOM; e:; Return 5; h:; o:; Move 5 0; Move 6 4; Send 5 raise/1 5; p:; Return 5; r:; GetErrInfo 2; Identical 3 2 1; NewArray 1 2 2; Return 1; \
         handler Rescue s e h 4; handler Rescue o p r 1",
    );
}

/// on:do: of the block named, in a method that calls it, with what its handler row holds.
fn handler_blocks(add: &mut impl FnMut(Op, &str, &str)) {
    let on_do = |filter: &str, handler: &str, body: &str| {
        format!(
            "MakeEnv 0 0; {filter}; MakeBlock 3 &{handler} 0; s:; {body}; e:; NewArray 4 1 4; Return 4; h:; NewArray 1 1 4; Return 1; \
             handler OnDo s e h 2"
        )
    };
    let class = "GetAssoc 2 @ZeroDivide";
    let op = Op::MakeBlock;
    add(
        op,
        "on:do: answers",
        &on_do(class, "two", "Move 4 0; Send 4 boom/0 4"),
    );
    add(
        op,
        "on:do: is not needed",
        &on_do(class, "two", "LoadInt 4 3"),
    );
    add(
        op,
        "on:do: of another class",
        &on_do("GetAssoc 2 @Array", "two", "Move 4 0; Send 4 boom/0 4"),
    );
    add(
        op,
        "on:do: of several",
        &on_do(
            "GetAssoc 2 @Array; GetAssoc 3 @ZeroDivide; NewArray 2 2 2",
            "two",
            "Move 4 0; Send 4 boom/0 4",
        ),
    );
    add(
        op,
        "on:do: whose handler raises",
        &on_do(class, "fails", "Move 4 0; Send 4 boom/0 4"),
    );
    add(
        op,
        "on:do: whose handler leaves",
        &on_do(class, "leaves", "Move 4 0; Send 4 boom/0 4"),
    );
    add(
        op,
        "on:do: of a handler that takes nothing",
        &on_do(class, "thrower", "Move 4 0; Send 4 boom/0 4"),
    );
    let value = "GetAssoc 2 @ZeroDivide; LoadInt 3 77; s:; BOOM; e:; Return 5; h:; NewArray 1 1 4; Return 1; handler OnDo s e h 2";
    add(Op::LoadInt, "on:do: with a value for a handler", value);
    // The handler runs before the ensure body, and what it raises goes past the handlers between.
    let order = on_do(
        class,
        "two",
        "Move 4 0; MakeBlock 5 &boom 0; Send 4 guarded/1 4",
    );
    add(Op::EndEnsure, "on:do: around an ensure", &order);
    let order = on_do(
        class,
        "fails",
        "Move 4 0; MakeBlock 5 &boom 0; Send 4 guarded/1 4",
    );
    add(Op::EndEnsure, "on:do: around an ensure, failing", &order);
    let nested = "MakeEnv 0 0; o:; GetAssoc 2 @ZeroDivide; MakeBlock 3 &fails 0; s:; BOOM; e:; Return 5; h:; NewArray 1 1 4; Return 1; p:; \
                  r:; NewArray 1 1 6; NewArray 1 1 1; Return 1; handler OnDo s e h 2; handler Rescue o p r 6";
    add(
        Op::MakeBlock,
        "a rescue around a failing handler block",
        nested,
    );
}

fn catches(add: &mut impl FnMut(Op, &str, &str)) {
    let catch = |tag: &str, body: &str| {
        format!(
            "MakeEnv 0 0; LoadLit 1 {tag}; s:; {body}; e:; Return 4; h:; NewArray 1 1 2; Return 1; handler Catch s e h 1"
        )
    };
    let throw = "Move 4 0; MakeBlock 5 &thrower 0; Send 4 run/1 4";
    let guarded = "Move 4 0; MakeBlock 5 &thrower 0; Send 4 guarded/1 4";
    add(Op::Send, "throw to its tag", &catch("#tag", throw));
    add(Op::Send, "throw to another tag", &catch("#other", throw));
    add(
        Op::LoadInt,
        "catch without throw",
        &catch("#tag", "LoadInt 4 3"),
    );
    add(
        Op::EndEnsure,
        "throw through an ensure body",
        &catch("#tag", guarded),
    );
    let rescued = "MakeEnv 0 0; s:; Move 4 0; MakeBlock 5 &thrower 0; Send 4 run/1 4; e:; Return 4; h:; NewArray 1 1 1; Return 1; handler Rescue s e h 1";
    add(Op::Send, "throw that nobody catches", rescued);
}
