//! Regular expressions, pack and unpack.

use crate::world::{Did, World};
use format::wellknown;
use gem_heap::Oop;

fn regexp(w: &mut World, source: &str, options: i64) -> Oop {
    let class = w.class(wellknown::REGEXP);
    let (source, options) = (w.string(source), w.int(options));
    w.value("regexpCompile", class, &[source, options])
}

/// All groups of the first match, as text.
fn groups(w: &mut World, pattern: Oop, text: Oop, from: i64) -> String {
    let from = w.int(from);
    let found = w.value("regexpMatch", pattern, &[text, from]);
    if found.is_nil() {
        return "none".into();
    }
    let count = w.value("matchSize", found, &[]).as_small_int().unwrap();
    let mut all = Vec::new();
    for i in 0..count {
        let group = w.value("matchGet", found, &[w.int(i)]);
        all.push(w.show(group));
    }
    all.join(" ")
}

#[test]
fn patterns_match_as_in_ruby() {
    let rows = [
        (r"(\d+)-(\d+)?", "ab 12-", r#""12-" "12" nil"#),
        (
            r"(?<y>\d+)/(?<m>\d+)",
            "2024/05",
            r#""2024/05" "2024" "05""#,
        ),
        (r"\w+", "résumé", r#""r""#),
        (r"[[:alpha:]]+", "résumé", r#""résumé""#),
        (r"\bé", "a é", r#""é""#),
        (r"^b$", "a\nb\nc", r#""b""#),
        (r"a.c", "a\nc", "none"),
        (r"(?m:a.c)", "a\nc", r#""a\nc""#),
        (r"(?<=x)y(?!z)", "xyz xy", r#""y""#),
        (r"(a)(?:b)\1", "aba", r#""aba" "a""#),
        (
            r"(?<p>\((?:[^()]|\g<p>)*\))",
            "f(a(b)c)",
            r#""(a(b)c)" "(a(b)c)""#,
        ),
        (r"\h+", "xyz1F", r#""1F""#),
        (r"\p{Hiragana}+", "aあい", r#""あい""#),
        (r"[\w&&[^a]]+", "aab", r#""b""#),
        (r"[\w.\-]+", "a-b.c!", r#""a-b.c""#),
        (r"\u{3042 3044}", "あい", r#""あい""#),
        (r"\A\s*\z", "  ", r#""  ""#),
        (r"x*+x", "xxx", "none"),
        (r"\R", "\r\n", r#""\r\n""#),
        (r"foo\Kbar", "foobar", r#""bar""#),
        (r"a{,2}", "aaa", r#""aa""#),
        (r"[a\]]+", "a]", r#""a]""#),
        (r"[^\d\s]+", "1 ab", r#""ab""#),
        (r"(?i)STRASSE", "strasse", r#""strasse""#),
    ];
    let mut w = World::new();
    for (source, text, expected) in rows {
        let pattern = regexp(&mut w, source, 0);
        let text = w.string(text);
        assert_eq!(groups(&mut w, pattern, text, 0), expected, "{source}");
    }
    let pattern = regexp(&mut w, "a  b # no\n c", 2);
    let text = w.string("abc");
    assert_eq!(groups(&mut w, pattern, text, 0), r#""abc""#);
    let pattern = regexp(&mut w, "É.", 1 | 4);
    let text = w.string("é\n");
    assert_eq!(groups(&mut w, pattern, text, 0), r#""é\n""#);
}

#[test]
fn positions_are_characters_or_bytes() {
    let mut w = World::new();
    let pattern = regexp(&mut w, "é(x)?", 0);
    let text = w.string("aébéc");
    let found = w.value("regexpMatch", pattern, &[text, w.int(2)]);
    let (zero, one, nine) = (w.int(0), w.int(1), w.int(9));
    assert_eq!(w.value("matchBegin", found, &[zero]), w.int(3));
    assert_eq!(w.value("matchEnd", found, &[zero]), w.int(4));
    assert_eq!(w.value("matchByteBegin", found, &[zero]), w.int(4));
    assert_eq!(w.value("matchByteEnd", found, &[zero]), w.int(6));
    for group in [one, nine, w.int(-1)] {
        assert_eq!(w.value("matchBegin", found, &[group]), Oop::NIL);
        assert_eq!(w.value("matchGet", found, &[group]), Oop::NIL);
    }
    assert_eq!(w.value("regexpMatchAt", pattern, &[text, zero]), Oop::NIL);
    assert!(!w.value("regexpMatchAt", pattern, &[text, one]).is_nil());
    assert!(
        !w.value("regexpMatchByte", pattern, &[text, w.int(4)])
            .is_nil()
    );
    assert_eq!(w.value("regexpMatch", pattern, &[text, nine]), Oop::NIL);
    assert_eq!(w.value("regexpMatchByte", pattern, &[text, nine]), Oop::NIL);
    // In the middle of a character.
    assert_eq!(
        w.call("regexpMatchByte", pattern, &[text, w.int(2)]),
        Did::FellBack
    );
    let empty = regexp(&mut w, "", 0);
    let end = w.value("regexpMatch", empty, &[text, w.int(5)]);
    assert_eq!(w.value("matchBegin", end, &[zero]), w.int(5));
    let copy = w.vm.model.heap.slot(found, 1).unwrap();
    assert!(copy != text && w.vm.model.heap.is_frozen(copy));
}

#[test]
fn wrong_patterns_and_texts_raise() {
    let mut w = World::new();
    let class = w.class(wellknown::REGEXP);
    let zero = w.int(0);
    for source in ["(", "[a", "*", "(?<x", "a{2}{999999999}\\", "(?<n>a)\\1"] {
        let source = w.string(source);
        let did = w.call("regexpCompile", class, &[source, zero]);
        assert!(matches!(did, Did::Raised(_)), "{did:?}");
    }
    let pattern = regexp(&mut w, "a", 0);
    let broken = w.string("");
    w.vm.model.heap.set_bytes(broken, b"\xff\xe3\x81").unwrap();
    assert!(matches!(
        w.call("regexpMatch", pattern, &[broken, zero]),
        Did::Raised(_)
    ));
    let binary = w.binary(b"\xffa\xe3");
    assert_eq!(groups(&mut w, pattern, binary, 0), r#""a""#);
    let bytes = regexp(&mut w, r"\xe3", 32);
    let found = w.value("regexpMatch", bytes, &[binary, zero]);
    assert_eq!(w.value("matchBegin", found, &[zero]), w.int(2));
    let other = w.string("x");
    assert_eq!(w.call("regexpMatch", other, &[other, zero]), Did::FellBack);
}

#[test]
fn endless_backtracking_ends() {
    let mut w = World::new();
    let pattern = regexp(&mut w, r"^(([a-z])+.)+[A-Z]([a-z])+$", 0);
    let text = w.string(&"a".repeat(40));
    let did = w.call("regexpMatch", pattern, &[text, w.int(0)]);
    assert!(matches!(did, Did::Raised(_) | Did::Answer(Oop::NIL)));
}

#[test]
fn names_and_escapes() {
    let mut w = World::new();
    let pattern = regexp(&mut w, "(?<b>x)(?<a>y)|(?<b>z)", 0);
    let names = w.value("regexpNames", pattern, &[]);
    assert_eq!(w.show(names), r#"[["b", [1, 3]], ["a", [2]]]"#);
    let text = w.string("a.b c\n[é]");
    let escaped = w.value("regexpSourceEscape", text, &[]);
    assert_eq!(w.text(escaped), r"a\.b\ c\n\[é\]");
}

fn pack(w: &mut World, values: &[Oop], format: &str) -> Vec<u8> {
    let (array, format) = (w.array(values), w.string(format));
    let made = w.value("arrayPack", array, &[format]);
    w.vm.model.heap.bytes(made).to_vec()
}

fn unpack(w: &mut World, bytes: &[u8], format: &str) -> String {
    let (text, format) = (w.binary(bytes), w.string(format));
    let made = w.value("stringUnpack", text, &[format]);
    w.show(made)
}

#[test]
fn values_are_packed() {
    let mut w = World::new();
    let (one, minus) = (w.int(1), w.int(-2));
    assert_eq!(pack(&mut w, &[one, minus], "Cc"), [1, 0xfe]);
    assert_eq!(
        pack(&mut w, &[one, minus], "nN"),
        [0, 1, 255, 255, 255, 254]
    );
    assert_eq!(pack(&mut w, &[one, one], "s>l<"), [0, 1, 1, 0, 0, 0]);
    assert_eq!(
        pack(&mut w, &[minus], "Q>"),
        [255, 255, 255, 255, 255, 255, 255, 254]
    );
    let big = num_bigint::BigInt::from(u64::MAX);
    let big = w.vm.model.heap.new_integer(&big).unwrap();
    assert_eq!(pack(&mut w, &[big], "Q"), [255; 8]);
    let text = w.string("ab");
    assert_eq!(pack(&mut w, &[text, text, text], "a3A3Z*"), b"ab\0ab ab\0");
    let bits = w.string("10101");
    assert_eq!(
        pack(&mut w, &[bits, bits], "B*b*"),
        [0b1010_1000, 0b0001_0101]
    );
    let hex = w.string("1aF");
    assert_eq!(pack(&mut w, &[hex, hex], "H*h*"), [0x1a, 0xf0, 0xa1, 0x0f]);
    let snow = w.int(0x2603);
    assert_eq!(pack(&mut w, &[snow, one], "Uw"), "☃\u{1}".as_bytes());
    let wide = w.int(300);
    assert_eq!(pack(&mut w, &[wide], "w"), [0x82, 0x2c]);
    let float = w.vm.model.heap.new_float(1.5);
    assert_eq!(pack(&mut w, &[float], "G"), 1.5f64.to_be_bytes());
    assert_eq!(pack(&mut w, &[one, one], "Cx2C@6"), [1, 0, 0, 1, 0, 0]);
    let plain = w.string("hello world");
    assert_eq!(pack(&mut w, &[plain], "m"), b"aGVsbG8gd29ybGQ=\n");
    assert_eq!(pack(&mut w, &[plain], "m0"), b"aGVsbG8gd29ybGQ=");
    let (few, format) = (w.array(&[]), w.string("C"));
    assert_eq!(w.call("arrayPack", few, &[format]), Did::FellBack);
    let (nil, format) = (w.array(&[Oop::NIL]), w.string("a4"));
    assert_eq!(w.call("arrayPack", nil, &[format]), Did::FellBack);
}

#[test]
fn values_are_unpacked() {
    let mut w = World::new();
    let rows: &[(&[u8], &str, &str)] = &[
        (&[1, 0xfe], "Cc", "[1, -2]"),
        (&[0, 1, 255, 255, 255, 254], "nN", "[1, 4294967294]"),
        (&[1], "C3", "[1, nil, nil]"),
        (&[1, 2, 3], "C*", "[1, 2, 3]"),
        (&[255; 8], "q", "[-1]"),
        (&[255; 8], "Q", "[18446744073709551615]"),
        (b"ab \0cd\0e", "A4Z*a", r#"["ab", "cd", "e"]"#),
        (&[0b1010_1000, 0b0001_0101], "B5b5", r#"["10101", "10101"]"#),
        (&[0x1a, 0xf0], "H3h*", r#"["1af", ""]"#),
        ("☃a".as_bytes(), "U*", "[9731, 97]"),
        (&[0x82, 0x2c, 1], "w*", "[300, 1]"),
        (b"aGVsbG8gd29ybGQ=\n", "m", r#"["hello world"]"#),
        (b"aGVsbG8gd29ybGQ=", "m0", r#"["hello world"]"#),
        (&[1, 2, 3, 4], "x2C@0C", "[3, 1]"),
        (&[0, 0, 0xc0, 0x3f], "e", "[1.5]"),
    ];
    for (bytes, format, expected) in rows {
        assert_eq!(unpack(&mut w, bytes, format), *expected, "{format}");
    }
    for format in ["x9", "@9", "X", "y", "P"] {
        let (text, format) = (w.binary(b"ab"), w.string(format));
        assert_eq!(w.call("stringUnpack", text, &[format]), Did::FellBack);
    }
}
