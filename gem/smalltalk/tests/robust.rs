//! No input makes the compiler panic or build code that the verifier refuses, and mistakes are reported where they are.

mod machine;

use gem_bytecode::{Code, Op};
use gem_smalltalk::{CompileError, MethodOptions, NoScope, compile_doit, compile_method};
use machine::{Names, check};

const SOURCES: &[&str] = &[
    "at: i put: v | t u | <primitive: foo> <category: 'x'> t := a at: i ifAbsent: [^ nil]. u := {t. v. [:x :y | | z | z := x + y. [z] value]}. ^ u",
    "on: c do: b <handlerFrame: #onDo>",
    "+ other 1 to: 10 by: 2 do: [:i | | k | k := i. other add: [k := k + i. ^ k]]. ^ super + other",
    "run [b isNil or: [b = 16r1F and: [C ~~ nil]]] whileFalse: [b := b - -3. self foo; bar: #(1 $a #[1 2] (x y:) 'it''s'); + 1.5e3s2]. ^ b ifNil: [1.5s2] ifNotNil: [:x | x @env1:foo: 1 bar: #a:b:]",
    "go | x | x := 3. [| y | y := x. [x := y] value. x > 1000000000000000000000] whileTrue: [x // 2 \\\\ 3. x timesRepeat: [Smalltalk at: #Foo put: x]]. [^ x] ensure: [\"comment\" x := $]]",
];

fn try_method(source: &str) -> Result<Code, CompileError> {
    let method = compile_method(source, &Names, &MethodOptions::default())?;
    check(&method.code);
    Ok(method.code)
}

fn try_everything(source: &str) {
    let shown = |e: CompileError| {
        assert!(source.is_char_boundary(e.position), "{source}");
        assert!(!e.message.is_empty() && e.line > 0 && e.column > 0);
        e.with_caret(source)
    };
    let _ = try_method(source).map_err(shown);
    match compile_doit(source, &Names, "fuzz") {
        Ok(code) => check(&code),
        Err(e) => drop(shown(e)),
    }
    let _ = gem_smalltalk::selector_of(source).map_err(shown);
    let _ = gem_smalltalk::tonel::parse("fuzz", source);
}

/// xorshift: the same sequence for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

#[test]
fn mutated_sources_never_panic() {
    let seed = 0x5eed_1234_abcd;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    const PIECES: &[&str] = &[
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "|",
        ":",
        ":=",
        "^",
        ".",
        ";",
        "#",
        "#(",
        "#[",
        "'",
        "\"",
        "$",
        "<",
        ">",
        "-",
        "16r",
        "1e9",
        "1s",
        " self ",
        " super ",
        " foo: ",
        " foo ",
        " x ",
        "[:x | ",
        "| t |",
        " ifTrue: [",
        " whileTrue: [",
        "@env1:",
        "@ruby1:",
        "ü",
        "\u{1F600}",
        "\0",
        "thisContext",
        " to: 3 do: [:i | ",
    ];
    for round in 0..6000 {
        let mut source = SOURCES[round % SOURCES.len()].to_string();
        for _ in 0..=random.below(6) {
            let mut at = random.below(source.len() + 1);
            while !source.is_char_boundary(at) {
                at -= 1;
            }
            match random.below(3) {
                0 => source.insert_str(at, PIECES[random.below(PIECES.len())]),
                1 => {
                    let mut end = (at + random.below(8)).min(source.len());
                    while !source.is_char_boundary(end) {
                        end -= 1;
                    }
                    source.replace_range(at..end.max(at), "");
                }
                _ => {
                    let mut from = random.below(source.len() + 1);
                    while !source.is_char_boundary(from) {
                        from -= 1;
                    }
                    let piece: String = source[from..].chars().take(12).collect();
                    source.insert_str(at, &piece);
                }
            }
        }
        try_everything(&source);
    }
}

#[test]
fn every_cut_of_a_source_is_survived() {
    for source in SOURCES {
        try_method(source).unwrap_or_else(|e| panic!("{}", e.with_caret(source)));
        for (i, _) in source.char_indices() {
            try_everything(&source[..i]);
            try_everything(&source[i..]);
        }
    }
}

#[test]
fn the_deepest_accepted_source_compiles_on_a_small_stack() {
    let nests = [
        ("(", ")"),
        ("[", "] value"),
        ("[:x | x foo: ", "]"),
        ("{", "}"),
        ("3 < 4 ifTrue: [", "]"),
        ("3 < 4 and: [", "]"),
        ("nil ifNil: [", "]"),
        ("1 to: 2 do: [:i | [i] value. ", "]"),
        ("[true] whileTrue: [", "]"),
        ("3 + (", ")"),
        ("a at: 1 put: (", ")"),
        ("self foo: (", ")"),
        ("{1} add: 3; add: (", ")"),
        ("a := ", ""),
        ("#(", ")"),
        ("", " foo"),
        ("", " + 1"),
        ("3 < (", ") ifTrue: [4]"),
    ];
    for (open, close) in nests {
        let (mut good, mut bad) = (0, 2000);
        while bad - good > 1 {
            let n = (good + bad) / 2;
            let source = format!("{}1{}", open.repeat(n), close.repeat(n));
            match compile_doit(&source, &Names, "deep") {
                Ok(code) => {
                    check(&code);
                    good = n;
                }
                Err(e) => {
                    assert!(e.message.ends_with("nested too deeply"), "{e}");
                    bad = n;
                }
            }
        }
        assert!(good >= 160, "{open} {close}: only {good}");
    }
}

#[test]
fn a_long_method_does_without_fused_branches() {
    let body = "self foo: 1. ".repeat(12_000);
    let code = try_method(&format!(
        "long 3 < 4 ifTrue: [{body}]. ^ [3 < 4 ifTrue: [1]]"
    ))
    .unwrap();
    assert!(!code.instructions.iter().any(|i| i.op().unwrap().is_fused()));
    let e = try_method(&format!("long {}", "self foo: 1. ".repeat(70_000))).unwrap_err();
    assert!(e.message.starts_with("too many"), "{e}");
}

#[test]
fn mistakes() {
    let cases = [
        ("foo ^ x", 6, "x is not declared"),
        ("foo x := 3", 4, "x is not declared"),
        (
            "foo: x x := 3",
            7,
            "x is an argument: it cannot be assigned to",
        ),
        (
            "foo ^ [:x | x := 3]",
            12,
            "x is an argument: it cannot be assigned to",
        ),
        (
            "foo 3 to: 4 do: [:i | i := 3]",
            22,
            "i is an argument: it cannot be assigned to",
        ),
        ("foo: x | x |", 9, "x is declared twice"),
        ("foo | x y x |", 10, "x is declared twice"),
        ("foo ^ [:x :x | 3]", 11, "x is declared twice"),
        (
            "foo <handlerFrame: #onDo>",
            0,
            "this handler frame takes 2 arguments, not 0",
        ),
        (
            "foo <handlerFrame: #what>",
            5,
            "a handler frame is #onDo, #onDoOnDo, #ensure, #ifCurtailed or #catch",
        ),
        ("foo <primitive: 12>", 5, "a primitive is given by its name"),
    ];
    for (source, position, message) in cases {
        let e = try_method(source).unwrap_err();
        assert_eq!(
            (e.position, e.message.as_str()),
            (position, message),
            "{source}"
        );
    }
    let e = compile_doit("| x |\n x := 3.\n\ty := 4", &NoScope, "").unwrap_err();
    assert_eq!((e.line, e.column), (3, 2));
    assert_eq!(
        e.with_caret("| x |\n x := 3.\n\ty := 4"),
        "y is not declared at 3:2\n\ty := 4\n\t^"
    );
    let options = MethodOptions {
        first_line: 20,
        ..MethodOptions::default()
    };
    assert_eq!(
        compile_method("foo\n^ y", &NoScope, &options)
            .unwrap_err()
            .line,
        21
    );
}

#[test]
fn what_a_method_carries() {
    let source = "at: i put: v\n\t| t |\n\t<primitive: atPut>\n\t<category: 'x'>\n\t<other: 1 more: #b>\n\tt := i.\n\t^ [t := v]";
    let options = MethodOptions {
        environment: 1,
        file: "F.st".into(),
        first_line: 10,
    };
    let method = compile_method(source, &NoScope, &options).unwrap();
    let code = &method.code;
    check(code);
    assert_eq!(
        (method.selector.as_str(), method.category.as_deref()),
        ("at:put:", Some("x"))
    );
    assert_eq!(method.pragmas.len(), 3);
    assert_eq!(code.primitive.as_deref(), Some("atPut"));
    assert_eq!(
        (code.environment, code.file.as_str(), code.source.as_str()),
        (1, "F.st", source)
    );
    assert_eq!(code.params.names, ["i", "v"]);
    assert_eq!(
        code.env_names,
        ["v", "t"]
            .map(String::from)
            .as_slice()
            .iter()
            .rev()
            .cloned()
            .collect::<Vec<_>>()
    );
    assert_eq!(
        code.local_names,
        [("i".to_string(), 1), ("v".to_string(), 2)]
    );
    let make = code
        .instructions
        .iter()
        .position(|i| i.op() == Some(Op::MakeBlock))
        .unwrap();
    assert_eq!(code.line_at(make as u32), 16);
}
