//! Programs and what they answer, run by the reference machine with and without fast paths.

mod machine;

use machine::{define, eval, machine};

fn both(setup: &[&str], source: &str) -> String {
    let results = [false, true].map(|slow| {
        let mut vm = machine(slow);
        setup.iter().for_each(|m| define(&mut vm, m));
        let value = eval(&mut vm, source);
        match vm.kernel.log.trim_end() {
            "" => value,
            log => format!("{value}; {log}"),
        }
    });
    assert_eq!(results[0], results[1], "fast and slow differ: {source}");
    results[0].clone()
}

fn expect_with(setup: &[&str], cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(both(setup, source), *expected, "{source}");
    }
}

fn expect(cases: &[(&str, &str)]) {
    expect_with(&[], cases);
}

#[test]
fn values_and_order() {
    expect(&[
        ("", "nil"),
        ("3. 4", "4"),
        ("^ 3. 4", "3"),
        ("-3 - -4", "1"),
        ("100000 + 1", "100001"),
        ("7 - 100000", "-99993"),
        ("12345678901234567890", "12345678901234567890"),
        ("7 // 2 * 10 + (7 \\\\ 2)", "31"),
        ("(12 bitAnd: 10) + (12 bitXor: 10) + (1 bitOr: 2)", "17"),
        ("| x | x := 1. x + (x := 5) + x", "11"),
        ("| x | x := 5. x - (x := 1)", "4"),
        ("| x y | x := y := 3. x + y", "6"),
        ("| x | (x := 2) * (x := 3)", "6"),
        ("| x | x := 2. {x. x := 3. x}", "(2 3 3)"),
        ("| x | x := {1. 2}. x at: 1 put: (x := {}). x", "()"),
        ("| x | x := {7. 8}. {x at: 1 put: (x := 5). x}", "(5 5)"),
        ("| x | x := {1}. x add: 2; add: 3; yourself", "(1 2 3)"),
        ("| x | x := {1}. x add: (x := {}) size; add: 5. x", "()"),
        (
            "#(1 $a #b c: #(2) true)",
            "(1 Character(97) #b #c: (2) true)",
        ),
        ("{0.0. -0.0. #(0.0). #(-0.0)}", "(0.0 -0.0 (0.0) (-0.0))"),
        ("3 == 3", "true"),
        ("3 ~~ 3", "false"),
        (
            "{nil == nil. 3 ~~ nil. nil isNil. nil notNil}",
            "(true true true false)",
        ),
        ("self @env1:foo: 1 bar: 2", "#ruby foo:bar:/2"),
        ("self @ruby1:each: 1 _: 2", "#ruby each/2"),
        ("self @env1:+ 2", "#ruby +/1"),
    ]);
    let many = format!("({{{}}} yourself) size", "1. ".repeat(200));
    assert_eq!(both(&[], &many), "200");
}

#[test]
fn conditionals() {
    expect(&[
        ("3 < 4 ifTrue: [1]", "1"),
        ("3 > 4 ifTrue: [1]", "nil"),
        ("3 < 4 ifFalse: [1]", "nil"),
        ("3 > 4 ifFalse: [1] ifTrue: [2]", "1"),
        ("(3 < 4 ifTrue: [1] ifFalse: [2]) + 10", "11"),
        ("3 ifTrue: [1]", "error: mustBeBoolean"),
        ("(3 < 4 and: [4 < 5]) ifTrue: [1] ifFalse: [2]", "1"),
        ("(3 < 4 and: [4 > 5]) ifTrue: [1] ifFalse: [2]", "2"),
        ("(3 > 4 or: [4 < 5]) ifTrue: [1] ifFalse: [2]", "1"),
        ("(3 > 4 or: [4 > 5]) ifTrue: [1] ifFalse: [2]", "2"),
        (
            "(3 > 4 or: [4 < 5 and: [1 = 1]]) ifFalse: [1] ifTrue: [2]",
            "2",
        ),
        (
            "((3 > 4 or: [false]) or: [4 < 5 and: [1 ~= 1]]) ifFalse: [1]",
            "1",
        ),
        ("3 < 4 and: [17]", "17"),
        ("3 > 4 and: [17]", "false"),
        ("3 < 4 or: [17]", "true"),
        ("(3 < 4 and: []) ifTrue: [1]", "error: mustBeBoolean"),
        (
            "| x | x := 3 < 4. x := x and: [x ifTrue: [5] ifFalse: [6]]. x",
            "5",
        ),
        ("nil ifNil: [1]", "1"),
        ("3 ifNil: [1]", "3"),
        ("3 ifNotNil: [:x | x + 1]", "4"),
        ("nil ifNotNil: [:x | x + 1]", "nil"),
        ("nil ifNil: [1] ifNotNil: [:x | x + 1]", "1"),
        ("3 ifNotNil: [:x | x + 1] ifNil: [1]", "4"),
        ("3 ifNotNil: [8] ifNil: [1]", "8"),
        ("| x | x := 7. x := nil ifNil: [x + 1]. x", "8"),
        ("| x | x := 7. x := 5 ifNil: [x + 1]. x", "5"),
        ("| x | x := 7. x := x ifNotNil: [:y | x + y]. x", "14"),
        (
            "| r | r := {}. nil ifNil: [r add: 1]. 1 ifNil: [r add: 2]. 1 ifNotNil: [r add: 3]. nil ifNotNil: [r add: 4]. r",
            "(1 3)",
        ),
        ("| blk | 5 ifNotNil: [:x | blk := [x + 1]]. blk value", "6"),
        (
            "| a1 | a1 := nil. (a1 isNil and: [a1 == nil]) ifTrue: [1] ifFalse: [2]",
            "1",
        ),
        ("(3 notNil and: [3 ~~ nil]) ifTrue: [1] ifFalse: [2]", "1"),
        ("(3 == 3 and: [3 ~~ 4]) ifTrue: [1] ifFalse: [2]", "1"),
        ("(1.0 < 0.5) ifFalse: [1] ifTrue: [2]", "1"),
        ("3 < 4 ifTrue: [^ 9]. 8", "9"),
        ("3 < 4 ifTrue: [^ 9] ifFalse: [^ 8]", "9"),
        (
            "^ 3 < 4 ifTrue: [3 > 4 ifTrue: [1] ifFalse: [2]] ifFalse: [3]",
            "2",
        ),
        (
            "3 < 4 ifTrue: [:x | x]",
            "error: true does not understand ifTrue:",
        ),
    ]);
}

#[test]
fn loops() {
    expect(&[
        ("| s | s := 0. 1 to: 5 do: [:i | s := s + i]. s", "15"),
        (
            "| s | s := 0. 5 to: 1 by: -2 do: [:i | s := s * 10 + i]. s",
            "531",
        ),
        (
            "| s | s := {}. 1 to: 100000 by: 40000 do: [:i | s add: i]. s",
            "(1 40001 80001)",
        ),
        ("1 to: 3 do: [:i | ]", "1"),
        ("| n | n := 2. (n to: 3 do: [:i | n := 9]) + n", "11"),
        (
            "| n s | n := 3. s := 0. 1 to: n do: [:i | n := 1. s := s + 1]. s",
            "3",
        ),
        ("| s | s := 0. 4 timesRepeat: [s := s + 2]. s", "8"),
        ("4 timesRepeat: []", "4"),
        ("| i | i := 0. [i < 5] whileTrue: [i := i + 1]. i", "5"),
        ("| i | i := 0. [i >= 5] whileFalse: [i := i + 1]. i", "5"),
        ("| i | i := 0. [i := i + 1. i < 5] whileTrue. i", "5"),
        ("| i | i := 0. [i := i + 1. i >= 5] whileFalse. i", "5"),
        (
            "| i | i := 0. [i := i + 1. i = 7 ifTrue: [^ i * 2]] repeat",
            "14",
        ),
        ("[false] whileTrue: [3]", "nil"),
        (
            "| i | i := 0. [i < 9 and: [i ~= 4]] whileTrue: [i := i + 1]. i",
            "4",
        ),
        (
            "| i | i := 0. [true] whileTrue: [i := i + 1. i > 3 ifTrue: [^ i]]",
            "4",
        ),
        (
            "| r | r := {}. 1 to: 2 do: [:i | 1 to: 2 do: [:j | r add: i * 10 + j]]. r",
            "(11 12 21 22)",
        ),
        (
            "| r | r := {}. 1 to: 3 do: [:i | | t | r add: t. t := i]. r",
            "(nil nil nil)",
        ),
        (
            "| r | r := {}. 1 to: 3 do: [:i | i > 0 ifTrue: [| t | r add: t. t := i]]. r",
            "(nil nil nil)",
        ),
        (
            "| r | r := {}. 1 to: 3 do: [:i | | t | t := i. r add: t]. r",
            "(1 2 3)",
        ),
        ("1 to: 3 do: []", "error: 1 does not understand to:do:"),
        (
            "1 to: 3 by: 0 do: [:i | ]",
            "error: 1 does not understand to:by:do:",
        ),
    ]);
}

#[test]
fn closures() {
    expect(&[
        ("[] value", "nil"),
        ("[:x :y | x - y] value: 5 value: 3", "2"),
        ("[:x | ] value: 3", "nil"),
        ("[:x | x] value", "error: wrong number of arguments"),
        (
            "| x b1 | x := 1. b1 := [x := x + 1]. b1 value. b1 value. x",
            "3",
        ),
        (
            "| f | f := [:x | [:y | x * 10 + y]]. (f value: 3) value: 4",
            "34",
        ),
        ("[:x | [[x + 1] value] value] value: 3", "4"),
        (
            "[:x | | t | t := x + 1. [t := t * 2] value. t] value: 3",
            "8",
        ),
        ("[3. ^ 7] value. 8", "7"),
        ("[[^ 7] value] value. 8", "7"),
        ("| x | [:k | [x := k]. [x := x] value. x] value: 3", "nil"),
        // Captured variables are new in each round.
        (
            "| r | r := {}. 1 to: 3 do: [:i | r add: [i]]. {(r at: 1) value. (r at: 2) value. (r at: 3) value}",
            "(1 2 3)",
        ),
        (
            "| r i | r := {}. i := 0. [i < 3] whileTrue: [| t | t := i. r add: [t := t + 10]. i := i + 1]. (r at: 1) value. {(r at: 1) value. (r at: 2) value. (r at: 3) value}",
            "(20 11 12)",
        ),
        (
            "| r | r := {}. 2 timesRepeat: [| t | r add: t. t := 5. [t] value]. r",
            "(nil nil)",
        ),
        (
            "| r | r := {}. 1 to: 2 do: [:i | 1 to: 2 do: [:j | r add: [i * 10 + j]]]. {(r at: 1) value. (r at: 2) value. (r at: 3) value. (r at: 4) value}",
            "(11 12 21 22)",
        ),
        (
            "| r | r := {}. 1 to: 2 do: [:i | | t | r add: t. t := 1. 1 to: 2 do: [:j | t := t + j. r add: t. [j] value]]. r",
            "(nil 2 4 nil 2 4)",
        ),
        (
            "| r | r := {}. 5 to: 1 by: -2 do: [:i | i = 3 ifTrue: [| u | u := i. r add: [u]]. r add: [i]]. {r size. (r at: 2) value. (r at: 4) value}",
            "(4 3 1)",
        ),
        (
            "1 to: 3 do: [:i | [i = 2 ifTrue: [^ i * 100]] value]",
            "200",
        ),
        (
            "| i | i := 0. [| t | t := i. [t] value < 3] whileTrue: [i := i + 1]. i",
            "3",
        ),
        (
            "| i | i := 0. [| t | t := i. [t] value >= 3] whileFalse: [i := i + 1]. i",
            "3",
        ),
        (
            "| i | i := 0. [| t | t := i. i := i + 1. [t] value = 4 ifTrue: [^ t]] repeat",
            "4",
        ),
        (
            "| x | x := 2. [(1 to: 3 do: [:i | [i + x] value]) + x] value",
            "3",
        ),
        (
            "| n r | r := {}. n := 3. 1 to: n do: [:i | n := 1. r add: [i + n]]. r size",
            "3",
        ),
        ("[:x | x ifNotNil: [:y | [x + y]]] value: 4", "a block"),
        ("([:x | x ifNotNil: [:y | [x + y]]] value: 4) value", "8"),
    ]);
}

#[test]
fn methods() {
    let setup = [
        "fib: n ^ n < 2 ifTrue: [n] ifFalse: [(self fib: n - 1) + (self fib: n - 2)]",
        "plain",
        "one: x self log: x",
        "find: x in: all all size = 0 ifTrue: [^ nil]. 1 to: all size do: [:i | (all at: i) = x ifTrue: [^ i]]. ^ 0",
        "each: aBlock aBlock value: 1. aBlock value: 2",
        "search self each: [:e | e = 2 ifTrue: [^ #found]]. ^ #lost",
        "isNil ^ super isNil",
        "= other ^ super = other",
        "a: x a := x. b := a. ^ b",
        "setLater: x [a := x] value. ^ [:k | a + k] value: 1",
        "count C := (C ifNil: [0]) + 1. Counter := C. ^ Counter",
        "chain: x ^ super foo; bar: x",
        "superInBlock ^ [super foo] value",
        "dead ^ [^ 3]",
        "capture: x ^ [:y | x + y]",
    ];
    expect_with(
        &setup,
        &[
            ("self fib: 15", "610"),
            ("self plain", "an object"),
            ("self one: 3", "an object; 3"),
            ("self find: 3 in: #(1 2 3 4)", "3"),
            ("self find: 9 in: #(1 2 3 4)", "0"),
            ("self search", "#found"),
            ("self = 3", "#super =3"),
            ("self a: 4", "4"),
            ("self setLater: 4", "5"),
            ("self count. self count", "2"),
            ("self chain: 3", "#super bar:3"),
            ("self superInBlock", "#super foo"),
            ("self dead value", "error: dead home"),
            ("(self capture: 3) value: 4", "7"),
        ],
    );
}

#[test]
fn handler_frames() {
    let setup = [
        "on: class do: aBlock <handlerFrame: #onDo>",
        "on: c1 do: b1 on: c2 do: b2 <handlerFrame: #onDoOnDo> ^ unknown",
        "ensure: aBlock <handlerFrame: #ensure>",
        "ifCurtailed: aBlock <handlerFrame: #ifCurtailed>",
        "catch: tag <handlerFrame: #catch>",
        "leave [^ 5] ensure: [self log: #out]. ^ 6",
        "leaveCurtailed [^ 5] ifCurtailed: [self log: #out]",
    ];
    expect_with(
        &setup,
        &[
            ("[1] on: #e do: [:x | 2]", "1"),
            ("[self signal: #e. 1] on: #e do: [:x | x]", "#e"),
            (
                "[[self signal: #e] on: #f do: [:x | 1]] on: #e do: [:x | 2]",
                "2",
            ),
            (
                "[self signal: #f] on: #e do: [:x | 1] on: #f do: [:x | x]",
                "#f",
            ),
            (
                "[self signal: #e] on: #e do: [:x | 1] on: #f do: [:x | x]",
                "1",
            ),
            ("[7] on: #e do: [:x | 1] on: #f do: [:x | x]", "7"),
            ("[1] ensure: [self log: 2]", "1; 2"),
            ("[self signal: #e] ensure: [self log: 2]", "error: e; 2"),
            ("self leave", "5; #out"),
            ("[1] ifCurtailed: [self log: 2]", "1"),
            ("self leaveCurtailed", "5; #out"),
            ("[:t | 5] catch: #a", "5"),
            ("[:t | self throw: t. 5] catch: #a", "77"),
        ],
    );
}
