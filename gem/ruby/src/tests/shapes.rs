//! The instructions that matter for speed, and the tables that other parts of the system read.

use super::{assert_listing, eval, first, inner_codes, listing, script};
use crate::compile_script;
use gem_bytecode::{CodeKind, KeyRest, Literal, Op, Params};

#[test]
fn locals_are_operands_in_place() {
    assert_listing(
        "def m(a, b) = a + b",
        &["0 Add r3 r1 r2", "1 Send r3 #+/1:1 r4", "2 Return r3"],
    );
    assert_listing(
        "def m(n)\n i = 0\n while i < n\n i += 1\n end\n i\nend",
        &[
            "0 LoadNil r2",
            "1 LoadInt r2 0",
            "2 JumpUnlessLt r2 r1 ->8",
            "3 Send r3 #</1:1 r3",
            "4 BranchFalse r3 ->8",
            "5 AddInt r2 r2 1",
            "6 Send r2 #+/1:1 r3",
            "7 Jump ->2",
            "8 Return r2",
        ],
    );
}

#[test]
fn a_local_written_on_the_right_is_copied_first() {
    let code = listing(&first("def m(a) = a + (a = 2)"));
    assert_eq!(
        code[..3],
        ["0 Move r3 r1", "1 LoadInt r1 2", "2 Add r2 r3 r1"]
    );
    let code = listing(&first("def m(a) = a + <<T.size\n#{a = 2}\nT\n"));
    assert_eq!(code[0], "0 Move r3 r1");
}

#[test]
fn conditions_do_not_make_values() {
    let code = first("def m(a, b, c) = (a && !b.nil? || c > 1) ? 1 : 2");
    let ops: Vec<Op> = code.instructions.iter().filter_map(|i| i.op()).collect();
    assert!(
        !ops.iter()
            .any(|op| matches!(op, Op::Not | Op::LoadTrue | Op::LoadFalse)),
        "{:?}",
        listing(&code)
    );
    assert!(ops.contains(&Op::JumpUnlessGt));
}

#[test]
fn primitives_lead_a_method() {
    let code = first("def size\n Primitive.array_size\n raise 'no'\nend");
    assert_eq!(code.primitive.as_deref(), Some("array_size"));
    assert_eq!(
        code.instructions
            .iter()
            .filter(|i| i.op() == Some(Op::GetConst))
            .count(),
        0
    );
    let code = first(
        "def first(n = Primitive.undefined)\n Primitive.array_first\n return self if Primitive.undefined?(n)\n n\nend",
    );
    assert_eq!(code.primitive.as_deref(), Some("array_first"));
    assert_eq!(
        listing(&code),
        ["0 BranchNotUndef r1 ->2", "1 Return r0", "2 Return r1"]
    );
    assert_eq!(first("def m = Primitive.undefined?(1)").primitive, None);
    assert_eq!(
        listing(&first("def m\n Primitive.p\nend")),
        ["0 LoadNil r1", "1 Return r1"]
    );
}

#[test]
fn parameters_are_described_in_register_order() {
    let code = first("def m(a, b = 1, *c, d, e:, f: 2, **g, &h) = nil");
    let p = &code.params;
    assert_eq!(
        (p.required, p.optional, p.rest, p.post, p.keyrest, p.block),
        (1, 1, true, 1, KeyRest::Present, true)
    );
    assert_eq!(p.names, ["a", "b", "c", "d", "e", "f", "g", "h"]);
    let keywords: Vec<_> = p
        .keywords
        .iter()
        .map(|&(i, required)| (code.literals[i as usize].clone(), required))
        .collect();
    assert_eq!(
        keywords,
        [
            (Literal::Symbol("e".into()), true),
            (Literal::Symbol("f".into()), false)
        ]
    );
    assert_eq!(first("def m(**nil) = 1").params.keyrest, KeyRest::Forbidden);
    let p = first("def m(a, ...) = n(...)").params;
    assert_eq!(
        (p.required, p.rest, p.keyrest, p.block, p.names),
        (
            1,
            true,
            KeyRest::Present,
            true,
            vec!["a".into(), "".into(), "".into(), "".into()]
        )
    );
    let block = |source: &str| -> Params { first(source).params };
    assert!(block("m { |a| a }").lenient && !block("->(a) { a }").lenient);
    assert!(block("m { |a, | a }").trailing_comma);
    let p = block("m { _1 + _2 }");
    assert_eq!((p.required, p.implicit), (2, true));
    let p = block("m { it }");
    assert_eq!(
        (p.required, p.implicit, p.names),
        (1, true, vec![String::new()])
    );
}

#[test]
fn captured_variables_live_in_environments() {
    let code = first("def m(a, b)\n c = 1\n n { a + c }\n b\nend");
    assert_eq!(code.env_names, ["a", "c"]);
    assert_eq!(code.local_names, [("b".to_string(), 2)]);
    let block = inner_codes(&code).next().unwrap();
    assert!(block.env_names.is_empty());
    assert_eq!(block.instructions[0].op(), Some(Op::GetEnv));
    // a block makes an environment only for blocks inside it
    let code = first("def m\n n { |x| y = x; o { y } }\nend");
    let block = inner_codes(&code).next().unwrap();
    assert_eq!(
        (code.env_names.len(), block.env_names.as_slice()),
        (0, &["y".to_string()][..])
    );
    assert_eq!(code.instructions[0].op(), Some(Op::MakeEnv));
}

#[test]
fn eval_sees_every_variable() {
    for source in [
        "def m(a)\n b = 1\n eval('b')\nend",
        "def m(a)\n b = 1\n binding\nend",
        "def m(a)\n b = 1\n a.instance_eval('b')\nend",
        "def m(a)\n b = 1\n send(:binding)\nend",
    ] {
        assert_eq!(first(source).env_names, ["a", "b"], "{source}");
    }
    let code = first("def m(a)\n b = 1\n n { |c| binding }\nend");
    assert_eq!(code.env_names, ["a", "b"]);
    assert_eq!(inner_codes(&code).next().unwrap().env_names, ["c"]);
    assert!(
        first("def m(a)\n a.instance_eval { 1 }\nend")
            .env_names
            .is_empty()
    );
}

#[test]
fn eval_levels_count_from_the_innermost() {
    let code = eval("a + b", &[&["a"], &["x", "b"]]);
    assert_eq!(code.kind, CodeKind::Eval);
    assert_eq!(listing(&code)[..2], ["0 GetEnv r2 0 0", "1 GetEnv r3 1 1"]);
    let code = eval("c = a\nb", &[&["a"], &["x", "b"]]);
    assert_eq!(code.env_names, ["c"]);
    assert_eq!(
        listing(&code)[..4],
        [
            "0 MakeEnv r0 1",
            "1 GetEnv r1 1 0",
            "2 SetEnv r1 0 0",
            "3 GetEnv r1 2 1"
        ]
    );
    eval("f(*, **, &)", &[&["*", "**", "&"]]);
    eval("f(...)", &[&["*", "**", "&"]]);
    eval("x { a }", &[&["a"]]);
    eval("return 1", &[&[]]);
    eval("yield 1, super, super(2)", &[&[]]);
    assert_eq!(eval("x { 1 }", &[]).instructions[0].op(), Some(Op::MakeEnv));
    for refused in ["next", "break", "redo", "retry", "next if x; 1"] {
        assert!(
            crate::compile_eval(refused.as_bytes(), "e", 1, &[vec![]]).is_err(),
            "{refused}"
        );
    }
}

#[test]
fn names_files_sources_and_lines() {
    let code =
        compile_script(b"\nclass A::B\n def m\n  x {\n   1 }\n end\nend", "f.rb", 5).unwrap();
    assert_eq!(
        (code.name.as_str(), code.kind, code.file.as_str()),
        ("<main>", CodeKind::Body, "f.rb")
    );
    let class = inner_codes(&code).next().unwrap();
    assert_eq!((class.name.as_str(), class.kind), ("B", CodeKind::Body));
    let method = inner_codes(class).next().unwrap();
    assert_eq!(
        (method.name.as_str(), method.source.as_str()),
        ("m", "def m\n  x {\n   1 }\n end")
    );
    let block = inner_codes(method).next().unwrap();
    assert_eq!((block.name.as_str(), block.kind), ("m", CodeKind::Block));
    let send = method
        .instructions
        .iter()
        .position(|i| i.op() == Some(Op::Send))
        .unwrap();
    assert_eq!(method.line_at(send as u32), 8);
}

#[test]
fn constants_of_literals() {
    // as an eval, whose last value is used: the parser has nothing to warn of
    let literals = |source: &str| {
        let code = crate::compile_eval(source.as_bytes(), "test.rb", 1, &[]);
        code.unwrap().literals
    };
    assert_eq!(
        literals("12345678901234567890"),
        [Literal::Integer("12345678901234567890".parse().unwrap())]
    );
    assert_eq!(literals("1.5r"), [Literal::Rational(3.into(), 2.into())]);
    assert_eq!(
        literals("2i"),
        [Literal::Imaginary(Box::new(Literal::Integer(2.into())))]
    );
    assert_eq!(
        literals("/a/mi"),
        [Literal::Regexp {
            source: b"a".to_vec(),
            options: 5
        }]
    );
    assert_eq!(
        literals("(1..)"),
        [Literal::Range {
            low: Box::new(Literal::Integer(1.into())),
            high: Box::new(Literal::Nil),
            exclusive: false
        }]
    );
    let has = |source: &str, op| {
        let code = crate::compile_eval(source.as_bytes(), "test.rb", 1, &[]).unwrap();
        code.instructions.iter().any(|i| i.op() == Some(op))
    };
    assert!(has("'a'", Op::NewString));
    assert!(!has("# frozen_string_literal: true\n'a'", Op::NewString));
    assert!(has("# frozen_string_literal: true\n'a'", Op::LoadLit));
    assert_eq!(
        literals("# encoding: us-ascii\n'a'"),
        [Literal::String {
            bytes: b"a".to_vec(),
            encoding: 2
        }]
    );
    assert_eq!(
        literals("# encoding: us-ascii\n\"\\u00e9\""),
        [Literal::String {
            bytes: "é".as_bytes().to_vec(),
            encoding: 0
        }]
    );
}

#[test]
fn strings_of_other_encodings_get_them_at_run_time() {
    let code = script("# encoding: windows-1252\np '\u{e9}', __ENCODING__");
    let named = |name: &str| code.literals.contains(&Literal::Symbol(name.into()));
    assert!(named("force_encoding") && named("find"));
    assert!(
        script("# encoding: binary\n:\"\\xff\"")
            .literals
            .contains(&Literal::Symbol("to_sym".into()))
    );
    assert!(
        script("__ENCODING__")
            .literals
            .contains(&Literal::Symbol("UTF_8".into()))
    );
}

#[test]
fn anonymous_parameters_reach_into_blocks() {
    for source in [
        "def m(*, **, &) = [1].each { |x| f(x, *, **, &) }",
        "def m(...) = [1].each { |x| f(x, ...) }",
        "def m(*, **, &) = -> { [1].each { |x| f(x, *, **, &) } }",
        "def m(&) = ->(a) { [1].each { |x| f(a, &) } }",
        "def m(a, *, k:, **) = [1].each { |x| super }",
    ] {
        script(source);
    }
}

#[test]
fn odd_but_legal_programs_compile() {
    for source in [
        "def m(a, b = (c ? (return 5) : 1), d: (e = 1)) = b",
        "a&.b ||= a&.c&.d += 1",
        "x = y = z ||= (w &&= 1)",
        "if /a(?<n>b)/ =~ s and n then n end",
        "/(?<n>b)/ =~ s; -> { n }",
        "a.b, c[1, *d], ::E, F::G, @h, @@i, $j, *k.l = 1",
        "def (a.b).c(&) = d(&)",
        "class << self; class A::B < (C = Struct.new(:x)); end; end",
        "module ::M; end; class ::N < M::O; end; ::P = 1; ::Q ||= 2; R::S += 3",
        "p(*a, **b, &c); p(a, *b, c => d, e: 1, **f) { |g| }",
        "foo[1, k: 2]; foo[*a] ||= 1; foo[] += 1; self[1] = 2; self.a = 1; self.a += 1",
        "->(a, (b, *c), d = 1, *e, f, g:, h: 1, **i, &j) { k { |_k| } } rescue 1",
        "case; when a, *b then 1 end; case a; when *b, 1, nil, 'x' then 2 else 3 end",
        "a = 1; case a; in {b: Integer | Float => c, **} then 1; in {b: 1} | {d: nil} then 1; in [^a, ^(1 + 1), ^@b, nil, *] then 2 end",
        "case a; in Foo(x:, y: [z, *]) then x; in Bar[1, 2] then 2; in [*, Integer, *w] then w; in %w[a b] | 'c'.. then 3 end",
        "while a do begin; next; ensure; break; end end until b",
        "begin; rescue A, *B, c => d.e; rescue => f[1]; else; ensure; end while g",
        "begin; a; rescue; b; else; c; ensure; d; end.then { retry_it }",
        "alias a b; alias :c :\"d\"; alias $e $f; undef g, :h, :\"i#{j}\"",
        "%w[a #{b}] + %W[a #{b}c] + %i[d e] + %I[f#{g}] + [*1..2, 3r, 2i, 1.5ri, ?a, :'b c', %q(x), __FILE__, __LINE__]",
        "`a #{b}`; %x(c); /d#{e}/imxo; /f/n; /g/u; if /h/ then 1 end; if /i#{j}/o then 2 end",
        "a ? b : c ? d : e; a and b or not c; !a; !(a && b); (a; b); (); not()",
        "puts <<~A, <<-'B', <<C\n  x #{y}\n    z\nA\n  raw #{n}\n  B\nplain\nC\n",
        "END { a = 1; p a }; BEGIN { b = 2 }; p b",
        "for a, (b, *c), d.e in f do g = a; next if b; break c; redo end; for @h in 1..2; end; for i, in j; end",
        "def m = (yield 1, *a, k: 2, **b); def n = yield(*a); def o = yield([1, 2])",
        "super_it = proc { |x, y = x, *z, k: 1, **o, &b| [x, y, z, k, o, b] }; proc { _1 + _2 }; proc { it }; -> { it }",
        "return if a; return 1, *b; ",
        "defined?(a.b(c).d) && defined?(@@e) && defined?(super) && defined?(yield) && defined?(F::G) && defined?(::H) && defined?($1) && defined?($&) && defined?(a&.b)",
        "if (a == 1)..(b == 2) then end; c if d...e; [f].each { |g| g if h..i }",
        "x = if a then b elsif c then d end; y = while e do break 1 end; z = begin; f; rescue; g; end; w = (h rescue i)",
        "a = *b; a = *b, 1; a, = b; *a = b; (a, b), c = d; a, (b, (c, *)), *e = f",
        "private def m = 1; private attr_reader :a; public_send :x, &:y",
        "class A; @@a = 1; @@a ||= 2; @b &&= 3; C = D = 4; C ||= 5; def self.e = @@a; end",
        "a => {b:}; a => [c, *]; a in {d: String} and d; (a in Integer | Float) ? 1 : 2",
        "def +(o) = 1; def -@ = 2; def [](*) = 3; def []=(*) ; end; def !; end; def `(s) = s; def ==(o) = true; def a? = 1; def b! = 2; def c=(v); end",
        "0x7fff_ffff; -2147483648; 2147483648; 0b1; 0o7; 1_000; 1e3; -1.5; 123456789012345678901234567890r",
    ] {
        script(source);
    }
}

#[test]
fn warnings_of_the_parser_are_two_strings_at_most() {
    let warned = |source: &str| -> Vec<String> {
        let texts = script(source).literals.into_iter().filter_map(|l| match l {
            Literal::String { bytes, .. } => Some(String::from_utf8(bytes).unwrap()),
            _ => None,
        });
        texts.collect()
    };
    assert_eq!(
        warned("{a: 1, a: 2}; x = 1; y = 2"),
        [
            "test.rb:1: warning: key :a is duplicated and overwritten on line 1",
            "test.rb:1: warning: assigned but unused variable - x\n\
             test.rb:1: warning: assigned but unused variable - y",
        ]
    );
    assert!(warned("p 1").is_empty());
}
