use super::*;
use crate::ast::Message;

fn error(source: &str) -> String {
    match parse_doit(source) {
        Ok(_) => panic!("{source} was accepted"),
        Err(issue) => format!("{}: {}", issue.position, issue.message),
    }
}

fn only_literal(source: &str) -> Literal {
    let block = parse_doit(source).unwrap();
    match &block.statements[0].expression().kind {
        Kind::Literal(literal) => literal.clone(),
        _ => panic!("{source} is no literal"),
    }
}

/// The tree in a fully bracketed form.
fn shape(source: &str) -> String {
    fn show(e: &Expression) -> String {
        match &e.kind {
            Kind::Literal(Literal::Integer(i)) => i.to_string(),
            Kind::Literal(l) => format!("{l:?}"),
            Kind::SelfRef => "self".to_string(),
            Kind::Super => "super".to_string(),
            Kind::Name(n) => n.text.clone(),
            Kind::Assign(n, v) => format!("{}:={}", n.text, show(v)),
            Kind::Send(s) => format!("({} {})", show(&s.receiver), message(&s.message)),
            Kind::Cascade(r, all) => {
                let all: Vec<String> = all.iter().map(message).collect();
                format!("({} {})", show(r), all.join(";"))
            }
            Kind::Block(b) => {
                let all: Vec<String> = b.statements.iter().map(|s| show(s.expression())).collect();
                format!("[{}]", all.join("."))
            }
            Kind::Array(all) => {
                format!("{{{}}}", all.iter().map(show).collect::<Vec<_>>().join("."))
            }
        }
    }
    fn message(m: &Message) -> String {
        let arguments: String = m
            .arguments
            .iter()
            .map(|a| format!(" {}", show(a)))
            .collect();
        let ruby = if m.ruby { "ruby " } else { "" };
        format!("{ruby}{}{arguments}", m.selector)
    }
    match parse_doit(source) {
        Ok(block) => {
            let all: Vec<String> = block
                .statements
                .iter()
                .map(|s| show(s.expression()))
                .collect();
            all.join(". ")
        }
        Err(issue) => panic!("{source}: {}", issue.message),
    }
}

#[test]
fn precedence() {
    assert_eq!(
        shape("a foo + b bar at: c - 1 put: d"),
        "(((a foo) + (b bar)) at:put: (c - 1) d)"
    );
    assert_eq!(shape("a := b := 3"), "a:=b:=3");
    assert_eq!(shape("3 - -4"), "(3 - -4)");
    assert_eq!(shape("3--4"), "(3 - -4)");
    assert_eq!(shape("3 -4"), "(3 - 4)");
    assert_eq!(shape("a | b || c"), "((a | b) || c)");
    assert_eq!(shape("a x; y: 1; + 2"), "(a x;y: 1;+ 2)");
    assert_eq!(shape("a x y; z"), "((a x) y;z)");
    assert_eq!(shape("{}. {1. 2.}"), "{}. {1.2}");
    assert_eq!(shape("x . . y."), "x. y");
    assert_eq!(shape("super foo; bar"), "(super foo;bar)");
}

#[test]
fn environments() {
    assert_eq!(shape("a @env1:foo: 1 bar: 2"), "(a ruby foo:bar: 1 2)");
    assert_eq!(shape("a @ruby1:foo: 1 _: 2"), "(a ruby foo 1 2)");
    assert_eq!(shape("a @ruby1:empty? foo"), "((a ruby empty?) foo)");
    assert_eq!(shape("a @env1:+ 1"), "(a ruby + 1)");
    assert_eq!(shape("a @env0:foo"), "(a foo)");
    assert_eq!(shape("a foo; @env1:bar: 1"), "(a foo;ruby bar: 1)");
}

#[test]
fn literal_arrays() {
    let symbol = |s: &str| Literal::Symbol(s.into());
    assert_eq!(
        only_literal("#(foo bar: #baz a:b: $a -1 16r1F true (nil + |) #[1 2] [3] #(x))"),
        Literal::Array(vec![
            symbol("foo"),
            symbol("bar:"),
            symbol("baz"),
            symbol("a:b:"),
            Literal::Character(97),
            Literal::Integer((-1).into()),
            Literal::Integer(31.into()),
            Literal::True,
            Literal::Array(vec![Literal::Nil, symbol("+"), symbol("|")]),
            Literal::ByteArray(vec![1, 2]),
            Literal::ByteArray(vec![3]),
            Literal::Array(vec![symbol("x")]),
        ])
    );
}

#[test]
fn mistakes_are_named_and_placed() {
    assert_eq!(
        error("x :="),
        "4: an expression expected, but the source ends"
    );
    assert_eq!(error("(3"), "2: \")\" expected, but the source ends");
    assert_eq!(
        error("a foo: super"),
        "7: super is no value: it can only be sent a message"
    );
    assert_eq!(
        error("super"),
        "0: super is no value: it can only be sent a message"
    );
    assert_eq!(error("self := 3"), "0: self cannot be assigned to");
    assert_eq!(error("| a true |"), "4: true cannot be a variable");
    assert_eq!(error("3; foo"), "1: a cascade needs a message before it");
    assert_eq!(error("#[256]"), "2: a byte is between 0 and 255");
    assert_eq!(error("x foo: 'abc"), "7: a string is not closed");
    assert_eq!(
        error("3 ] "),
        "2: the end of the source expected, but found \"]\""
    );
    assert!(error("thisContext sender").starts_with("0: there is no thisContext"));
    assert!(error("a @env1: 3").contains("a selector expected"));
}

#[test]
fn methods() {
    let tree =
        parse_method("at: i put: v | a | <primitive: foo><category: 'x y'> | b | ^ v").unwrap();
    assert_eq!(tree.selector, "at:put:");
    assert_eq!(tree.primitive().unwrap().as_deref(), Some("foo"));
    assert_eq!(tree.category().as_deref(), Some("x y"));
    assert_eq!(tree.body.temporaries.len(), 2);
    assert_eq!(parse_selector("|| other").unwrap(), "||");
    assert_eq!(parse_selector("foo ^ 3").unwrap(), "foo");
    assert!(
        parse_method("foo <primitive: 12>")
            .unwrap()
            .primitive()
            .is_err()
    );
    assert!(parse_method("foo: ^ 3").is_err());
    assert!(parse_method("").is_err());
}

#[test]
fn depth_is_bounded() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("#(", ")"),
        ("a foo: (", ")"),
        ("[:x| x foo: ", "]"),
    ] {
        let deep = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
        assert!(parse_doit(&deep(200)).is_ok(), "{open}");
        assert!(
            error(&deep(100_000)).ends_with("nested too deeply"),
            "{open}"
        );
    }
    for link in [" foo", " + 1", "; foo"] {
        assert!(parse_doit(&format!("a foo{}", link.repeat(300))).is_ok());
    }
    assert!(error(&format!("a{}", " foo".repeat(100_000))).ends_with("nested too deeply"));
    assert!(error(&format!("1{}", " + 1".repeat(100_000))).ends_with("nested too deeply"));
    assert!(error(&format!("{}1", "a := ".repeat(100_000))).ends_with("nested too deeply"));
}
