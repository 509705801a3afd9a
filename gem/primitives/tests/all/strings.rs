//! Strings, Symbols, Characters.

use crate::world::{Did, World};
use gem_heap::Oop;

/// An argument as a row writes it.
enum A {
    T(&'static str),
    N(i64),
    Nil,
}
use A::{N, Nil, T};

fn oop(w: &mut World, a: &A) -> Oop {
    match a {
        T(text) => w.string(text),
        N(n) => w.int(*n),
        Nil => Oop::NIL,
    }
}

#[test]
fn texts_are_cut_searched_and_changed_by_characters() {
    let rows: &[(&str, &str, &[A], &str)] = &[
        ("stringSize", "aé€😀", &[], "4"),
        ("byteSize", "aé€😀", &[], "10"),
        ("stringSlice", "aé€😀", &[N(1), N(2)], "\"é€\""),
        ("stringSlice", "aé€😀", &[N(4), N(2)], "\"\""),
        ("stringSlice", "aé€😀", &[N(5), N(0)], "-"),
        ("byteSlice", "aé€", &[N(1), N(2)], "\"é\""),
        ("stringIndex", "ééaé", &[T("é"), N(2)], "3"),
        ("stringIndex", "abc", &[T(""), N(3)], "3"),
        ("stringIndex", "abc", &[T("x"), N(0)], "nil"),
        ("stringIndex", "abc", &[T("a"), N(9)], "nil"),
        ("stringRindex", "éaéa", &[T("a"), N(2)], "1"),
        ("stringRindex", "abc", &[T(""), N(3)], "3"),
        ("byteIndex", "éa", &[T("a"), N(0)], "2"),
        ("stringStartsWith", "éa", &[T("é")], "true"),
        ("stringEndsWith", "aé", &[T("é")], "true"),
        ("stringReverse", "aé€", &[], "\"€éa\""),
        ("stringRepeat", "ab", &[N(3)], "\"ababab\""),
        ("stringUpcase", "straße", &[], "\"STRASSE\""),
        ("stringCapitalize", "éCOLE", &[], "\"École\""),
        ("stringSwapcase", "aBé", &[], "\"AbÉ\""),
        ("stringStrip", " \0 a \n", &[], "\"a\""),
        ("stringReplaceAll", "aXbX", &[T("X"), T("€")], "\"a€b€\""),
        (
            "stringSplit",
            ",a,,b,",
            &[T(","), N(0)],
            "[\"\", \"a\", \"\", \"b\", \"\"]",
        ),
        ("stringSplit", "a,b,c", &[T(","), N(2)], "[\"a\", \"b,c\"]"),
        ("stringSplitWhitespace", " a \t b\n", &[], "[\"a\", \"b\"]"),
        (
            "stringLines",
            "a\nb\n\nc",
            &[],
            "[\"a\\n\", \"b\\n\", \"\\n\", \"c\"]",
        ),
        ("stringChars", "aé", &[], "[\"a\", \"é\"]"),
        ("stringCodepoints", "aé", &[], "[97, 233]"),
        ("stringBytes", "é", &[], "[195, 169]"),
        ("stringOrd", "€", &[], "8364"),
        ("stringOrd", "", &[], "-"),
        ("stringCharBytes", "a€", &[N(1)], "3"),
        ("stringConcat", "a", &[T("é")], "\"aé\""),
        ("stringCompare", "a", &[T("b")], "-1"),
        ("stringEq", "a", &[T("a")], "true"),
        ("stringEq", "a", &[N(1)], "-"),
        ("stringGetbyte", "abc", &[N(-1)], "99"),
        ("stringGetbyte", "abc", &[N(3)], "nil"),
        ("stringSqueeze", "aabb", &[Nil], "\"ab\""),
        ("stringCount", "hello", &[T("a-z")], "5"),
        ("stringDelete", "hello", &[T("l-o")], "\"he\""),
        ("stringTr", "hello", &[T("z-a"), T("x"), N(0)], "-"),
        ("stringSucc", "az", &[], "\"ba\""),
        ("stringToInteger", "12x", &[N(10)], "12"),
        ("stringAsciiOnly", "é", &[], "false"),
        (
            "stringInspect",
            "a\"é\n",
            &[],
            "\"\\\"a\\\\\\\"é\\\\n\\\"\"",
        ),
    ];
    let mut w = World::new();
    for (primitive, receiver, arguments, shown) in rows {
        let receiver = w.string(receiver);
        let arguments: Vec<Oop> = arguments.iter().map(|a| oop(&mut w, a)).collect();
        let did = match w.call(primitive, receiver, &arguments) {
            Did::Answer(Oop::TRUE) => "true".to_string(),
            Did::Answer(Oop::FALSE) => "false".to_string(),
            Did::Answer(value) => w.show(value),
            Did::FellBack => "-".to_string(),
            Did::Raised(e) => panic!("{primitive} raised {e:?}"),
        };
        assert_eq!(&did, shown, "{primitive}");
    }
}

#[test]
fn texts_grow_and_shrink_in_place() {
    let mut w = World::new();
    let s = w.string("aéb");
    let (more, sign) = (w.string("x"), w.int(0x20AC));
    w.value("stringAppend", s, &[more]);
    w.value("stringAppend", s, &[sign]);
    w.value("stringAppend", s, &[Oop::character('!' as u32)]);
    w.value("stringAppend", s, &[s]);
    assert_eq!(w.text(s), "aébx€!aébx€!");
    let (two, one) = (w.int(2), w.int(1));
    w.value("stringAtPut", s, &[two, Oop::character('e' as u32)]);
    assert_eq!(w.value("stringAt", s, &[two]), Oop::character('e' as u32));
    let (five, six, by) = (w.int(5), w.int(7), w.string("€€"));
    w.value("stringReplaceRange", s, &[five, six, by]);
    assert_eq!(w.text(s), "aebx€€€");
    assert_eq!(
        w.call("stringReplaceRange", s, &[w.int(8), one, by]),
        Did::FellBack
    );
    w.vm.model.heap.freeze(s);
    for primitive in ["stringAppend", "stringReplace"] {
        assert_eq!(w.call(primitive, s, &[more]), Did::FellBack);
    }
    assert_eq!(w.text(s), "aebx€€€");
}

#[test]
fn encodings_join_only_when_they_go_together() {
    let mut w = World::new();
    let (utf, bin, plain) = (w.string("é"), w.binary(b"\xff"), w.binary(b"ab"));
    assert_eq!(w.call("stringConcat", utf, &[bin]), Did::FellBack);
    let joined = w.value("stringConcat", utf, &[plain]);
    assert_eq!(w.vm.model.heap.detail(joined), 0);
    let joined = w.value("stringConcat", plain, &[utf]);
    assert_eq!(w.vm.model.heap.detail(joined), 0);
    let ascii = w.string("ab");
    let joined = w.value("stringConcat", ascii, &[bin]);
    assert_eq!(w.vm.model.heap.detail(joined), 1);
    assert_eq!(w.value("stringEq", ascii, &[plain]), Oop::TRUE);
    let again = w.binary("é".as_bytes());
    assert_eq!(w.value("stringEq", utf, &[again]), Oop::FALSE);
    assert_eq!(w.value("stringValidEncoding", bin, &[]), Oop::TRUE);
    let zero = w.int(0);
    w.value("stringForceEncoding", bin, &[zero]);
    assert_eq!(w.value("stringValidEncoding", bin, &[]), Oop::FALSE);
}

#[test]
fn symbols_and_characters() {
    let mut w = World::new();
    let text = w.string("hello");
    let symbol = w.value("stringToSymbol", text, &[]);
    assert_eq!(symbol, w.vm.model.heap.symbol("hello"));
    assert_eq!(w.value("stringEq", text, &[symbol]), Oop::FALSE);
    let (a, b) = (
        w.value("stringHash", text, &[]),
        w.value("stringHash", symbol, &[]),
    );
    assert_eq!(a, b);
    let back = w.value("symbolToString", symbol, &[]);
    assert!(!w.vm.model.heap.is_symbol(back) && !w.vm.model.heap.is_frozen(back));
    let name = w.value("symbolName", symbol, &[]);
    assert!(w.vm.model.heap.is_frozen(name));
    let broken = w.binary(b"\xff");
    assert_eq!(w.call("stringToSymbol", broken, &[]), Did::FellBack);
    let (n, high) = (w.int(65), w.int(0x110000));
    assert_eq!(w.value("characterFromValue", n, &[]), Oop::character(65));
    assert_eq!(w.call("characterFromValue", high, &[]), Did::FellBack);
    let sharp = Oop::character('ß' as u32);
    assert_eq!(w.value("charUpcase", sharp, &[]), sharp);
    assert_eq!(w.value("charIsLetter", sharp, &[]), Oop::TRUE);
}

#[test]
fn templates_are_filled_or_left_to_the_kernel() {
    let mut w = World::new();
    let template = w.string("%d of %-5s|%05.1f%%");
    let values = [w.int(3), w.string("é"), w.vm.model.heap.new_float(2.25)];
    let list = w.array(&values);
    let made = w.value("stringFormat", template, &[list]);
    assert_eq!(w.text(made), "3 of é    |002.2%");
    let template = w.string("%p");
    assert_eq!(w.call("stringFormat", template, &[list]), Did::FellBack);
}
