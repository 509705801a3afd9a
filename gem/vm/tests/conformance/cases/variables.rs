//! Variables that are not in registers, constants, and what `defined?` says of them.

use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::{CodeKind, Op};

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    slots(&mut all);
    globals(&mut all);
    constants(&mut all);
    class_variables(&mut all);
    specials(&mut all);
    defined(&mut all);
    all
}

fn slots(all: &mut Vec<Case>) {
    let mut add = |ops: &[Op], name: &str, program: Program, main: &str| {
        ops.iter()
            .for_each(|&op| all.push(case(op, name, program.clone().main(main))));
    };
    let both = [Op::GetSlot, Op::SetSlot];
    add(
        &both,
        "both",
        Program::smalltalk(),
        "LoadInt 1 5; SetSlot 1 1; GetSlot 2 1; GetSlot 3 0; NewArray 1 3 1; Return 1",
    );
    let block = Program::smalltalk().block("b", "", "GetSlot 1 0; SetSlot 1 1; Return 1");
    add(
        &both,
        "in a block",
        block,
        "MakeEnv 0 0; LoadInt 1 5; SetSlot 1 0; MakeBlock 2 &b 0; Send 1 value/0 2; Return 1",
    );
    let both = [Op::GetIvar, Op::SetIvar];
    add(
        &both,
        "absent and present",
        Program::ruby(),
        "GetIvar 1 #@a; LoadInt 2 5; SetIvar 2 #@a; GetIvar 3 #@a; GetIvar 4 #@b; NewArray 1 4 1; Return 1",
    );
    let many = Program::ruby().method("Association", "set", "r1", "SetIvar 1 #@a; LoadInt 2 1; SetIvar 2 #@b; GetIvar 2 #@c; SetIvar 1 #@c; GetIvar 3 #@a; NewArray 2 2 2; Return 2");
    add(
        &both,
        "through a warm cache",
        many,
        "Move 2 0; LoadInt 3 5; Send 1 set/1 2; Move 3 0; LoadInt 4 6; Send 2 set/1 3; NewArray 1 2 1; Return 1",
    );
    let other = Program::ruby().method("SmallInteger", "get", "", "GetIvar 1 #@a; Return 1");
    add(
        &[Op::GetIvar],
        "of a number",
        other,
        "LoadInt 2 4; Send 1 get/0 2; Return 1",
    );
    let both = [Op::GetAssoc, Op::SetAssoc];
    add(
        &both,
        "a global",
        Program::smalltalk(),
        "GetAssoc 1 @A; LoadInt 2 5; SetAssoc 2 @A; GetAssoc 3 @A; NewArray 1 3 1; Return 1",
    );
    let shared = Program::smalltalk().method("Object", "get", "", "GetAssoc 1 @B; Return 1");
    add(
        &both,
        "of two methods",
        shared,
        "LoadInt 1 5; SetAssoc 1 @B; GetAssoc 1 @B; Move 2 0; Send 1 get/0 2; Return 1",
    );
}

fn globals(all: &mut Vec<Case>) {
    for op in [Op::GetGlobal, Op::SetGlobal] {
        let main = "GetGlobal 1 #$a; LoadInt 2 5; SetGlobal 2 #$a; GetGlobal 3 #$a; NewArray 1 3 1; Return 1";
        all.push(case(op, "unset and set", Program::ruby().main(main)));
        let shared = Program::ruby().method(
            "Object",
            "get",
            "",
            "GetGlobal 1 #$b; LoadNil 2; SetGlobal 2 #$b; Return 1",
        );
        let main = "SetGlobal 0 #$b; Move 2 0; Send 1 get/0 2; Return 1";
        all.push(case(op, "of two methods", shared.main(main)));
    }
}

fn constants(all: &mut Vec<Case>) {
    let body = |program: Program, text: &str| program.code("Mod", CodeKind::Body, "", text);
    let open = "LoadUndef 2; LoadUndef 3; DefModule 1 &Mod 2";
    let mut add = |ops: &[Op], name: &str, program: Program, main: &str| {
        ops.iter()
            .for_each(|&op| all.push(case(op, name, program.clone().main(main))));
    };
    let set = "LoadInt 1 5; SetConst 1 #K cref";
    add(
        &[Op::SetConst, Op::GetConst],
        "at top level",
        Program::ruby(),
        &format!("{set}; GetConst 1 #K; Return 1"),
    );
    add(
        &[Op::GetConst],
        "twice",
        Program::ruby(),
        &format!(
            "{set}; LoadInt 3 2; again:; GetConst 1 #K; SubInt 3 3 1; Send 3 -/1 4; LoadInt 4 0; JumpUnlessLe 3 4 ->again <=/1 5 BranchFalse; Return 1"
        ),
    );
    add(
        &[Op::GetConstTop],
        "at top level",
        Program::ruby(),
        &format!("{set}; GetConstTop 1 #K; Return 1"),
    );
    for (op, get) in [
        (Op::GetConst, "GetConst 1 #K"),
        (Op::GetConstTop, "GetConstTop 1 #K"),
    ] {
        add(
            &[op],
            "missing",
            Program::ruby(),
            &format!("s:; {get}; e:; Return 1; h:; Return 2; handler Rescue s e h 2"),
        );
    }
    let inner = body(
        Program::ruby(),
        "LoadInt 1 6; SetConst 1 #K cref; GetConst 1 #K; GetConst 2 #Top; GetConstTop 3 #Top; NewArray 1 3 1; Return 1",
    );
    let main = format!("LoadInt 1 1; SetConst 1 #Top cref; {open}; Return 1");
    add(
        &[Op::SetConst, Op::GetConst, Op::GetConstTop],
        "in a module",
        inner.clone(),
        &main,
    );
    let within = format!(
        "LoadInt 1 1; SetConst 1 #Top cref; {open}; GetConst 2 #Mod; GetConstIn 3 #K 2; LoadInt 4 9; SetConst 4 #L 2; GetConstIn 4 #L 2; NewArray 1 4 1; Return 1"
    );
    add(
        &[Op::GetConstIn, Op::SetConst],
        "of a module from outside",
        inner.clone(),
        &within,
    );
    let missing = format!(
        "LoadInt 1 1; SetConst 1 #Top cref; {open}; GetConst 2 #Mod; s:; GetConstIn 3 #Nope 2; e:; Return 3; h:; Return 4; handler Rescue s e h 4"
    );
    add(&[Op::GetConstIn], "missing", inner, &missing);
    for (op, text) in [
        (Op::GetConstIn, "GetConstIn 3 #K 2"),
        (Op::SetConst, "SetConst 2 #K 2"),
    ] {
        let main = format!(
            "LoadInt 2 5; LoadNil 3; s:; {text}; e:; Return 3; h:; Return 4; handler Rescue s e h 4"
        );
        add(&[op], "of no module", Program::ruby(), &main);
    }
    let asks = Program::ruby().method("Class", "const_missing", "r1", "NewArray 2 1 1; Return 2");
    add(
        &[Op::GetConst],
        "const_missing",
        asks.clone(),
        "GetConst 1 #Nope; Return 1",
    );
    add(
        &[Op::GetConstTop],
        "const_missing",
        asks,
        "GetConstTop 1 #Nope; Return 1",
    );
}

fn class_variables(all: &mut Vec<Case>) {
    let uses = Program::ruby()
        .code(
            "m",
            CodeKind::Method,
            "",
            "GetClassVar 1 #@@a; AddInt 1 1 1; Send 1 +/1 2; SetClassVar 1 #@@a; Return 1",
        )
        .code(
            "Sub",
            CodeKind::Body,
            "",
            "LoadInt 1 20; SetClassVar 1 #@@a; GetClassVar 2 #@@a; NewArray 1 2 1; Return 1",
        )
        .code(
            "Cls",
            CodeKind::Body,
            "",
            "LoadInt 1 5; SetClassVar 1 #@@a; DefMethod 1 &m #m; GetClassVar 1 #@@a; Return 1",
        )
        .code("Look", CodeKind::Body, "", "GetClassVar 1 #@@a; Return 1");
    let class = "LoadUndef 2; LoadUndef 3; DefClass 1 &Cls 2";
    let sub = "GetConst 3 #Cls; LoadUndef 4; DefClass 2 &Sub 3";
    for op in [Op::GetClassVar, Op::SetClassVar] {
        all.push(case(
            op,
            "in a body",
            uses.clone().main(&format!("{class}; Return 1")),
        ));
        let main = format!(
            "{class}; {sub}; LoadUndef 4; LoadUndef 5; DefClass 3 &Cls 4; NewArray 1 3 1; Return 1"
        );
        all.push(case(op, "inherited", uses.clone().main(&main)));
    }
    let missing = "LoadUndef 2; LoadUndef 3; s:; DefClass 1 &Look 2; e:; Return 1; h:; Return 4; handler Rescue s e h 4";
    all.push(case(Op::GetClassVar, "missing", uses.main(missing)));
}

fn specials(all: &mut Vec<Case>) {
    let set = Program::ruby()
        .method(
            "Object",
            "other",
            "",
            "LoadLit 1 'other'; SetSpecial 1 1; GetSpecial 1 1; Return 1",
        )
        .block(
            "b",
            "",
            "GetSpecial 1 1; LoadLit 2 'block'; SetSpecial 2 1; Return 1",
        );
    let own = "GetSpecial 1 1; LoadLit 2 'mine'; SetSpecial 2 1; Move 4 0; Send 3 other/0 4; GetSpecial 4 1; GetSpecial 5 0; NewArray 1 5 1; Return 1";
    let shared = "MakeEnv 0 0; LoadLit 2 'mine'; SetSpecial 2 1; MakeBlock 3 &b 0; Send 2 call/0 3; GetSpecial 3 1; NewArray 1 2 2; Return 1";
    let nil = "LoadNil 1; SetSpecial 1 0; GetSpecial 1 0; Return 1";
    for op in [Op::GetSpecial, Op::SetSpecial] {
        all.push(case(op, "of each frame its own", set.clone().main(own)));
        all.push(case(op, "shared with blocks", set.clone().main(shared)));
        all.push(case(op, "no match", set.clone().main(nil)));
    }
    // A match is the library's to make.
    for part in [0, 1, 1001, 1002, 1003] {
        let main = format!("NthRef 1 {part}; Return 1");
        all.push(case(
            Op::NthRef,
            format!("{part} of no match"),
            Program::ruby().main(&main),
        ));
    }
}

fn defined(all: &mut Vec<Case>) {
    let mut add = |name: &str, program: Program, main: &str| {
        all.push(case(Op::Defined, name, program.main(main)))
    };
    let twice = |kind: u16, name: &str, set: &str| {
        format!(
            "LoadNil 1; Defined 1 #{name} {kind}; {set}; LoadNil 2; Defined 2 #{name} {kind}; NewArray 1 2 1; Return 1"
        )
    };
    add(
        "an instance variable",
        Program::ruby(),
        &twice(0, "@a", "LoadNil 3; SetIvar 3 #@a"),
    );
    add(
        "a global",
        Program::ruby(),
        &twice(1, "$a", "LoadInt 3 1; SetGlobal 3 #$a"),
    );
    add(
        "a constant",
        Program::ruby(),
        &twice(2, "K", "LoadInt 3 1; SetConst 3 #K cref"),
    );
    let class = Program::ruby().code(
        "Cls",
        CodeKind::Body,
        "",
        &twice(3, "@@a", "LoadInt 3 1; SetClassVar 3 #@@a"),
    );
    add(
        "a class variable",
        class,
        "LoadUndef 2; LoadUndef 3; DefClass 1 &Cls 2; Return 1",
    );
    let method = Program::ruby().method("Association", "m", "", "ReturnSelf");
    add(
        "a method",
        method.clone(),
        "Defined 1 #m 4; Defined 2 #n 4; NewArray 1 2 1; Return 1",
    );
    add(
        "a method of another",
        method,
        "Move 1 0; Defined 1 #m 8; LoadInt 2 1; Defined 2 #m 8; NewArray 1 2 1; Return 1",
    );
    let yields = Program::ruby().block("b", "", "ReturnSelf").method(
        "Object",
        "y",
        "",
        "Defined 1 #yield 5; Return 1",
    );
    add(
        "a yield",
        yields,
        "MakeEnv 0 0; Move 2 0; MakeBlock 3 &b 2; Send 1 y/0:l 2; Move 3 0; Send 2 y/0 3; NewArray 1 2 1; Return 1",
    );
    let up = Program::ruby()
        .method("Object", "a", "", "ReturnSelf")
        .method("Association", "a", "", "Defined 1 #a 6; Return 1")
        .method("Association", "b", "", "Defined 1 #b 6; Return 1");
    add(
        "a super",
        up,
        "Move 2 0; Send 1 a/0 2; Move 3 0; Send 2 b/0 3; NewArray 1 2 1; Return 1",
    );
    let within = "LoadUndef 2; LoadUndef 3; DefModule 1 &Mod 2; GetConst 1 #Mod; Move 2 1; Defined 1 #K 7; Defined 2 #L 7; LoadInt 3 1; Defined 3 #K 7; NewArray 1 3 1; Return 1";
    let module = Program::ruby().code(
        "Mod",
        CodeKind::Body,
        "",
        "LoadInt 1 1; SetConst 1 #K cref; Return 1",
    );
    add("a constant of a module", module, within);
    add(
        "a part of no match",
        Program::ruby(),
        "Defined 1 #$1 9; Return 1",
    );
}
