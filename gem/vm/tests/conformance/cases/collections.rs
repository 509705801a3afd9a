//! Arrays, Hashes, Ranges, Strings.

use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::Op;

const ONE_TO_FIVE: &str = "LoadInt 1 1; LoadInt 2 2; LoadInt 3 3; LoadInt 4 4; LoadInt 5 5";

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let mut add =
        |op, name: &str, program: Program, main: &str| all.push(case(op, name, program.main(main)));
    let ruby = Program::ruby;
    add(
        Op::NewArray,
        "of five",
        ruby(),
        &format!(
            "{ONE_TO_FIVE}; NewArray 6 5 1; NewArray 1 2 2; NewArray 2 0 1; NewArray 1 1 6; Return 1"
        ),
    );
    add(
        Op::NewArray,
        "of none",
        Program::smalltalk(),
        "NewArray 1 0 1; Return 1",
    );
    add(
        Op::ArrayPush,
        "two values",
        ruby(),
        "NewArray 1 0 1; ArrayPush 1 0; LoadInt 2 1; ArrayPush 1 2; Return 1",
    );
    add(
        Op::ArrayPush,
        "many",
        ruby(),
        "NewArray 1 0 1; LoadInt 2 0; LoadInt 3 100; again:; ArrayPush 1 2; AddInt 2 2 1; Send 2 +/1 5; JumpUnlessGe 2 3 ->again >=/1 5 BranchFalse; Return 1",
    );
    add(
        Op::ArrayConcat,
        "two arrays",
        ruby(),
        &format!(
            "{ONE_TO_FIVE}; NewArray 6 2 1; NewArray 7 3 3; ArrayConcat 6 7; NewArray 1 2 6; Return 1"
        ),
    );
    add(
        Op::ArrayConcat,
        "with itself",
        ruby(),
        &format!("{ONE_TO_FIVE}; NewArray 6 2 1; ArrayConcat 6 6; Return 6"),
    );
    let own = ruby()
        .method("Association", "__splat", "", "NewArray 1 1 0; Return 1")
        .method(
            "Association",
            "__to_ary_multi",
            "",
            "LoadInt 1 1; Move 2 0; NewArray 1 2 1; Return 1",
        )
        .method("Association", "to_s", "", "LoadLit 1 'me'; Return 1");
    for value in [
        "LoadNil 1",
        "NewArray 1 0 1",
        "LoadLit 1 (1_2)",
        "Move 1 0",
        "LoadInt 1 4",
    ] {
        add(
            Op::Splat,
            value,
            own.clone(),
            &format!(
                "{value}; Splat 2 1; Send 2 __splat/0 3; Identical 3 1 2; NewArray 1 2 2; Return 1"
            ),
        );
        add(
            Op::ToAry,
            value,
            own.clone(),
            &format!(
                "{value}; ToAry 2 1; Send 2 __to_ary_multi/0 3; Identical 3 1 2; NewArray 1 2 2; Return 1"
            ),
        );
    }
    for value in [
        "LoadLit 1 'a'",
        "NewString 1 'b'",
        "Move 1 0",
        "LoadLit 1 #a",
    ] {
        add(
            Op::ToStr,
            value,
            own.clone(),
            &format!(
                "{value}; ToStr 2 1; Send 2 to_s/0 3; Identical 3 1 2; NewArray 1 2 2; Return 1"
            ),
        );
    }
    // pre | splat << 16 | post << 32, of arrays with up to five elements.
    for (pre, splat, post) in [
        (2, 0, 0),
        (0, 1, 0),
        (1, 1, 1),
        (2, 0, 1),
        (2, 1, 2),
        (0, 0, 0),
    ] {
        let shape: u64 = pre | splat << 16 | post << 32;
        for count in 0..=5 {
            let wanted = pre + splat + post;
            let main = format!(
                "{ONE_TO_FIVE}; NewArray 6 {count} 1; LoadNils 7 6; ExpandArray 7 6 {shape}; NewArray 1 {wanted} 7; NewArray 1 1 1; Return 1"
            );
            add(
                Op::ExpandArray,
                &format!("{pre} {splat} {post} of {count}"),
                ruby(),
                &main,
            );
        }
    }
    let store = "Move 3 1; LoadLit 4 #k; LoadInt 5 7; Aset 5 3 4; Send 6 []=/2 7";
    add(
        Op::NewHash,
        "empty",
        ruby(),
        "NewHash 1; NewHash 2; Identical 3 1 2; NewArray 1 3 1; Return 1",
    );
    add(
        Op::NewHash,
        "without []=",
        ruby(),
        &format!("NewHash 1; s:; {store}; e:; Return 1; h:; Return 9; handler Rescue s e h 9"),
    );
    for (op, name) in [
        (Op::NewRange, "NewRange"),
        (Op::NewRangeExclusive, "NewRangeExclusive"),
    ] {
        for (low, high) in [
            ("1", "5"),
            ("5", "1"),
            ("'a'", "'b'"),
            ("nil", "3"),
            ("nil", "nil"),
            ("#a", "#b"),
            ("1.5", "2"),
        ] {
            add(
                op,
                &format!("{low} {high}"),
                ruby(),
                &format!("LoadLit 1 {low}; LoadLit 2 {high}; {name} 3 1 2; Return 3"),
            );
        }
    }
    add(
        Op::NewString,
        "is fresh",
        ruby(),
        "LoadInt 5 0; NewString 1 'abc'; NewString 2 'abc'; Identical 3 1 2; LoadLit 4 'abc'; NewArray 1 4 1; Return 1",
    );
    add(Op::NewString, "empty", ruby(), "NewString 1 ''; Return 1");
    add(
        Op::StrConcat,
        "three",
        ruby(),
        "LoadLit 1 'ab'; NewString 2 ''; NewString 3 'cä'; StrConcat 4 3 1; NewArray 1 4 1; Return 1",
    );
    add(Op::StrConcat, "none", ruby(), "StrConcat 1 0 1; Return 1");
    add(
        Op::StrConcat,
        "what is no String",
        ruby(),
        "LoadLit 1 'ab'; Move 2 0; StrConcat 3 2 1; Return 3",
    );
    let all_ops = "LoadLit 1 (1_2_3); LoadInt 2 -1; Aref 3 1 2; Send 3 []/1 6; LoadInt 2 3; Aref 4 1 2; Send 4 []/1 6; NewArray 1 2 3; Return 1";
    add(Op::Aref, "from the end and behind it", ruby(), all_ops);
    all
}
