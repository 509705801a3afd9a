//! Sends and super: every shape of parameters, messages that nobody understands.

use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::Op;

/// A method that calls the block in its first register and one that yields, in both languages' ways.
pub fn callers(program: Program) -> Program {
    program
        .method("Object", "yielder", "", "LoadInt 2 10; Yield 1 call/1 1; Return 1")
        .method("Object", "keeper", "&", "SetGlobal 1 #$a; Return 1")
        .method("Object", "passer", "&", "Move 3 0; Move 4 1; Send 2 yielder/0:b 3; Return 2")
        .method("Object", "thrice", "", "LoadInt 2 1; Yield 1 call/1 1; LoadInt 2 2; Yield 1 call/1 1; LoadInt 2 3; Yield 1 call/1 1; ReturnSelf")
}

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    parameters(&mut all);
    misses(&mut all);
    supers(&mut all);
    all
}

/// Every shape of parameters against every shape of arguments.
fn parameters(all: &mut Vec<Case>) {
    let shapes = [
        "",
        "r1",
        "r2",
        "r1 o1",
        "r1 o2 &",
        "o1 *",
        "r1 * p1",
        "r1 o1 * p2 &",
        "k:a",
        "r1 K:a k:b",
        "r1 o1 k:a **",
        "* **",
        "r1 &",
        "~ r1",
        "~ r2",
        "~ r1 ,",
        "~ r1 o1 p1",
        "~ r1 *",
        "~ * p1",
        "~ r2 k:a &",
    ];
    let windows: [(&str, &str); 9] = [
        ("no argument", "Send 10 m/0 21"),
        ("one", "LoadInt 22 1; Send 10 m/1 21"),
        (
            "one array",
            "LoadInt 22 1; LoadInt 23 2; NewArray 22 2 22; Send 10 m/1 21",
        ),
        ("two", "LoadInt 22 1; LoadInt 23 2; Send 10 m/2 21"),
        (
            "five",
            "LoadInt 22 1; LoadInt 23 2; LoadInt 24 3; LoadInt 25 4; LoadInt 26 5; Send 10 m/5 21",
        ),
        (
            "a splat",
            "LoadInt 22 1; LoadInt 23 2; LoadInt 24 3; NewArray 22 3 22; Send 10 m/1:s 21",
        ),
        (
            "a keyword",
            "LoadInt 22 1; NewHash 23; LoadLit 25 #a; LoadInt 26 7; Move 24 23; Aset 26 24 25; Send 27 []=/2 30; Send 10 m/1:k 21",
        ),
        ("no keyword", "LoadInt 22 1; NewHash 23; Send 10 m/1:k 21"),
        (
            "a block",
            "LoadInt 22 1; MakeBlock 23 &b 2; Send 10 m/1:l 21",
        ),
    ];
    for shape in shapes {
        let lenient = shape.contains('~');
        let count = count(shape);
        // Answers all parameters, undef as a symbol.
        let mut body = String::new();
        for n in 1..=count {
            body += &format!("BranchNotUndef {n} ->n{n}; LoadLit {n} #undef; n{n}:; ");
        }
        body += &format!("NewArray {} {count} 1; Return {}", count + 1, count + 1);
        for (window, send) in windows {
            let name = format!("parameters {shape}, {window}");
            let keyed = window == "a keyword";
            let base = Program::ruby().method("RubyHash", "[]=", "r2", "ReturnSelf");
            let base = if keyed { base } else { Program::ruby() };
            let base = base.block("b", "", "LoadInt 1 1; Return 1");
            if lenient {
                // A block by yield, whose window has no receiver.
                let send = send.replace("Send 10 m/", "Yield 10 call/");
                let program = base.block("p", shape, &body).method(
                    "Object",
                    "y",
                    "",
                    &format!("MakeEnv 0 0; {send}; Return 10"),
                );
                let main = "MakeEnv 0 0; Move 2 0; MakeBlock 3 &p 2; s:; Send 1 y/0:l 2; e:; Return 1; h:; Return 9; handler Rescue s e h 9";
                all.push(case(Op::Send, name, program.main(main)));
            } else {
                let program = base.method("Association", "m", shape, &body);
                let main = format!(
                    "MakeEnv 0 0; Move 21 0; s:; {send}; e:; Return 10; h:; Return 9; handler Rescue s e h 9"
                );
                all.push(case(Op::Send, name, program.main(&main)));
            }
        }
    }
}

fn count(shape: &str) -> usize {
    shape
        .split_whitespace()
        .map(|word| match word.chars().next() {
            Some('r' | 'o' | 'p') => word[1..].parse().expect("a number"),
            Some('~' | ',') => 0,
            _ => 1,
        })
        .sum()
}

/// Messages that nobody understands, blocks that are none.
fn misses(all: &mut Vec<Case>) {
    let mut add = |name: &str, program: Program, main: &str| {
        all.push(case(Op::Send, name, program.main(main)))
    };
    let send = "Move 1 0; LoadInt 2 5; Send 1 nobody/1 1; Return 1";
    add("not understood (st)", Program::smalltalk(), send);
    add("not understood (rb)", Program::ruby(), send);
    let asked = Program::smalltalk().method("Association", "doesNotUnderstand:", "r1", "Return 1");
    add("doesNotUnderstand:", asked, send);
    let asked = Program::ruby().method(
        "Association",
        "method_missing",
        "r1 *",
        "NewArray 3 2 1; Return 3",
    );
    add("method_missing", asked, send);
    let other = "Move 1 0; Move 2 0; Send 1 yielder/0:b 1; Return 1";
    add("a block that is none", callers(Program::ruby()), other);
    let b = Program::ruby().block("b", "r1", "AddInt 2 1 1; Send 2 +/1 3; Return 2");
    let converts = callers(b).method(
        "Association",
        "to_proc",
        "",
        "MakeEnv 0 0; MakeBlock 1 &b 0; Return 1",
    );
    add("to_proc", converts, other);
    let symbol = callers(Program::ruby()).method(
        "SmallInteger",
        "twice",
        "",
        "Add 1 0 0; Send 1 +/1 2; Return 1",
    );
    add(
        "a symbol as block",
        symbol,
        "Move 1 0; LoadLit 2 #twice; Send 1 yielder/0:b 1; Return 1",
    );
    add(
        "nil as block",
        callers(Program::ruby()),
        "Move 1 0; LoadNil 2; Send 1 yielder/0:b 1; Return 1",
    );
    let endless =
        Program::ruby().method("Object", "deep", "", "Move 1 0; Send 1 deep/0 1; Return 1");
    add("too deep", endless, "Move 1 0; Send 1 deep/0 1; Return 1");
    let caches = Program::ruby()
        .method("SmallInteger", "m", "", "LoadInt 1 1; Return 1")
        .method("UndefinedObject", "m", "o1", "LoadInt 2 2; Return 2")
        .method("Array", "m", "*", "LoadInt 2 3; Return 2")
        .method("True", "m", "", "ReturnSelf")
        .method("Association", "m", "&", "GetIvar 2 #@x; Return 2")
        .method("Symbol", "m", "", "ReturnSelf");
    let main = "NewArray 1 0 1; LoadInt 2 3; NewArray 3 0 3; LoadTrue 4; LoadNil 5; Move 6 0; LoadLit 7 #s; NewArray 8 6 2; \
                LoadInt 9 0; again:; AddInt 9 9 1; Send 9 +/1 20; LoadInt 10 6; Mod 10 9 10; Send 10 %/1 20; Aref 21 8 10; Send 21 []/1 22; \
                Send 11 m/0 21; ArrayPush 1 11; LoadInt 10 20; JumpUnlessGe 9 10 ->again >=/1 20 BranchFalse; Return 1";
    add("a site of many classes", caches, main);
}

fn supers(all: &mut Vec<Case>) {
    for (language, program) in [("st", Program::smalltalk()), ("rb", Program::ruby())] {
        let up = program
            .method("Object", "m", "r1", "LoadInt 2 1; NewArray 2 2 1; Return 2")
            .method(
                "Magnitude",
                "m",
                "r1",
                "Move 2 0; AddInt 3 1 1; Send 3 +/1 4; SendSuper 2 m/1:f 2; Return 2",
            )
            .method(
                "Association",
                "m",
                "r1",
                "Move 2 0; Move 3 1; SendSuper 2 m/1:f 2; NewArray 2 1 2; Return 2",
            );
        let main = "Move 2 0; LoadInt 3 5; Send 1 m/1 2; Return 1";
        all.push(case(
            Op::SendSuper,
            format!("two levels ({language})"),
            up.main(main),
        ));
    }
    let block = Program::ruby()
        .method("Object", "m", "r1", "Return 1")
        .block(
            "b",
            "",
            "Move 1 0; LoadInt 2 8; SendSuper 1 m/1:f 1; Return 1",
        )
        .method(
            "Association",
            "m",
            "r1",
            "MakeEnv 0 0; MakeBlock 3 &b 0; Send 2 call/0 3; Return 2",
        );
    let main = "Move 2 0; LoadInt 3 5; Send 1 m/1 2; Return 1";
    all.push(case(Op::SendSuper, "in a block", block.main(main)));
    let nothing =
        Program::ruby().method("Object", "m", "", "Move 1 0; SendSuper 1 m/0:f 1; Return 1");
    all.push(case(
        Op::SendSuper,
        "nothing above",
        nothing.main("Move 1 0; Send 1 m/0 1; Return 1"),
    ));
    let outside =
        "Move 1 0; s:; SendSuper 1 m/0:f 1; e:; Return 1; h:; Return 2; handler Rescue s e h 2";
    all.push(case(
        Op::SendSuper,
        "outside of a method",
        Program::ruby().main(outside),
    ));
    let other = Program::smalltalk()
        .method("Object", "a", "", "LoadLit 1 #above; Return 1")
        .method("Association", "a", "", "LoadLit 1 #mine; Return 1")
        .method(
            "Association",
            "b",
            "",
            "Move 1 0; SendSuper 1 a/0 1; Return 1",
        );
    all.push(case(
        Op::SendSuper,
        "of another selector",
        other.main("Move 1 0; Send 1 b/0 1; Return 1"),
    ));
}
