//! Definitions of methods, classes and modules, and Bindings.

use crate::both::Program;
use crate::{Case, case};
use gem_bytecode::{CodeKind, Op};

pub fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let mut add = |ops: &[Op], name: &str, program: &Program, main: &str| {
        ops.iter()
            .for_each(|&op| all.push(case(op, name, program.clone().main(main))));
    };
    let body = CodeKind::Body;
    let method = CodeKind::Method;
    let p = Program::ruby()
        .code("m", method, "r1", "AddInt 2 1 1; Send 2 +/1 3; Return 2")
        .code("k", method, "", "GetConst 1 #K; Return 1")
        .code("Empty", body, "", "LoadNil 1; Return 1")
        .code("Cls", body, "", "LoadInt 1 5; SetConst 1 #K cref; DefMethod 1 &m #m; DefMethod 2 &k #k; GetDefinee 3; NewArray 1 3 1; Return 1")
        .code("Again", body, "", "GetDefinee 1; Identical 2 1 0; NewArray 1 2 1; Return 1")
        .code("Own", body, "", "DefMethod 1 &m #own; GetDefinee 2; Identical 2 2 0; NewArray 1 2 1; Return 1")
        .method("Class", "new", "", "ReturnSelf");
    let undef = "LoadUndef 2; LoadUndef 3";
    let class = format!("{undef}; DefClass 1 &Cls 2");

    add(
        &[Op::DefMethod, Op::GetDefinee, Op::DefClass],
        "in a class",
        &p,
        &format!("{class}; Return 1"),
    );
    let called = format!(
        "{class}; GetConst 3 #Cls; DefSingleton 3 &m #s; GetConst 4 #Cls; LoadInt 5 8; Send 4 s/1 4; Move 2 1; NewArray 1 3 2; Return 1"
    );
    add(&[Op::DefSingleton, Op::DefClass], "of a class", &p, &called);
    let on_self = "Move 2 0; DefSingleton 2 &m #s; Move 3 0; LoadInt 4 8; Send 3 s/1 3; NewArray 1 2 2; Return 1";
    add(&[Op::DefSingleton], "of self", &p, on_self);
    let subclass = format!(
        "{class}; GetConst 3 #Cls; LoadUndef 4; DefClass 2 &Empty 3; GetConst 3 #Empty; DefSingleton 3 &k #k; GetConst 3 #Cls; LoadUndef 4; DefClass 3 &Empty 3; NewArray 1 3 1; Return 1"
    );
    add(&[Op::DefClass], "a subclass, opened again", &p, &subclass);
    for (name, above) in [
        ("a superclass that is none", "LoadInt 2 5"),
        ("a scope that is none", "LoadUndef 2"),
    ] {
        let within = if above == "LoadUndef 2" {
            "LoadInt 3 1"
        } else {
            "LoadUndef 3"
        };
        for op in [Op::DefClass, Op::DefModule] {
            let main = format!(
                "{above}; {within}; s:; {} 1 &Empty 2; e:; Return 1; h:; Return 4; handler Rescue s e h 4",
                op.name()
            );
            add(&[op], name, &p, &main);
        }
    }
    let mismatch = format!(
        "{class}; GetAssoc 2 @Array; LoadUndef 3; s:; DefClass 1 &Cls 2; e:; Return 1; h:; Return 4; handler Rescue s e h 4"
    );
    add(&[Op::DefClass], "another superclass", &p, &mismatch);
    let constant = format!(
        "LoadInt 1 5; SetConst 1 #Empty cref; {undef}; s:; OP 1 &Empty 2; e:; Return 1; h:; Return 4; handler Rescue s e h 4"
    );
    add(
        &[Op::DefClass],
        "a constant that is no class",
        &p,
        &constant.replace("OP", "DefClass"),
    );
    add(
        &[Op::DefModule],
        "a constant that is no module",
        &p,
        &constant.replace("OP", "DefModule"),
    );
    let crossed = format!(
        "{undef}; DefModule 1 &Empty 2; {undef}; s:; DefClass 1 &Empty 2; e:; Return 1; h:; Return 4; handler Rescue s e h 4"
    );
    add(
        &[Op::DefModule, Op::DefClass],
        "a module is no class",
        &p,
        &crossed,
    );
    let inside = format!(
        "{undef}; DefModule 1 &Cls 2; LoadUndef 2; GetConst 3 #Cls; DefModule 2 &Again 2; GetConst 3 #Cls; GetConstIn 3 #Again 3; NewArray 1 3 1; Return 1"
    );
    add(
        &[Op::DefModule, Op::GetDefinee],
        "a module in another",
        &p,
        &inside,
    );
    let inside = format!(
        "{class}; LoadUndef 2; GetConst 3 #Cls; DefClass 2 &Again 2; GetConst 3 #Cls; GetConstIn 3 #Again 3; NewArray 1 3 1; Return 1"
    );
    add(&[Op::DefClass], "a class in another", &p, &inside);
    let single = format!(
        "{class}; GetConst 3 #Cls; OpenSingleton 2 &Own 3; GetConst 4 #Cls; LoadInt 5 1; Send 3 own/1 4; Move 4 2; NewArray 1 2 3; Return 1"
    );
    add(
        &[Op::OpenSingleton, Op::DefMethod],
        "of a class",
        &p,
        &single,
    );
    let single = "Move 3 0; OpenSingleton 2 &Own 3; Move 4 0; LoadInt 5 1; Send 3 own/1 4; Move 3 0; OpenSingleton 4 &Again 3; Return 2";
    add(&[Op::OpenSingleton], "of an object", &p, single);
    add(
        &[Op::GetDefinee],
        "at top level",
        &p,
        "GetDefinee 1; Return 1",
    );
    let raises = Program::ruby().code("Fails", body, "", "Move 2 0; Send 1 boom/0 2; Return 1");
    for op in [Op::DefClass, Op::DefModule] {
        let main = format!(
            "{undef}; s:; {} 1 &Fails 2; e:; Return 1; h:; GetConst 5 #Fails; NewArray 1 2 4; Return 1; handler Rescue s e h 4",
            op.name()
        );
        add(&[op], "a body that raises", &raises, &main);
    }
    let bindings = Program::ruby().block("b", "", "MakeEnv 0 2; MakeBinding 1; Return 1");
    add(
        &[Op::MakeBinding],
        "of a home",
        &bindings,
        "MakeEnv 0 3; MakeBinding 1; Return 1",
    );
    add(
        &[Op::MakeBinding],
        "of a block",
        &bindings,
        "MakeEnv 0 1; MakeBlock 2 &b 0; Send 1 call/0 2; Return 1",
    );
    add(
        &[Op::MakeBinding],
        "of variables in registers",
        &bindings,
        "MakeEnv 1 2; LoadInt 3 4; SetEnv 3 0 1; MakeBinding 3; GetEnv 4 0 1; NewArray 3 2 3; Return 3",
    );
    all
}
