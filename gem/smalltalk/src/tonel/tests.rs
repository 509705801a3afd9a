use super::*;
use crate::{MethodOptions, NoScope, compile_method};

const ACCOUNT: &str = r#""
An account. It says ""no"" when [empty.
"
Class {
	#name : 'Account',
	#superclass : 'Object',
	#type : 'variable',
	#instVars : [
		'balance',
		'owner'
	],
	#classVars : [ 'Rate' ],
	#pools : [ 'Texts' ],
	#classInstVars : [
		'all'
	],
	#gs_options : [ 'dbTransient' ],
	#gs_reservedoop : '12345',
	#gs_constraints : [ [ #balance, 'Integer' ] ],
	#category : 'Bank-Core',
	#package : 'Bank'
}

{ #category : 'instance creation' }
Account class >> with: aNumber [
	"Brackets ] in comments, 'strings ]' and $] do not count."
	^ [ :x | 'it''s ]' size + x ] value: aNumber
]

{ #category : 'ruby', #env : 1 }
Account >> + other [
	^ other
]

Account >> empty [

]

{ #category : #accessing }
Account >> class [ ^3 ]
"#;

#[test]
fn a_class_file() {
    let file = parse("Account.class.st", ACCOUNT).unwrap();
    let d = file.definition.as_ref().unwrap();
    assert_eq!(file.comment, "An account. It says \"no\" when [empty.");
    assert_eq!(
        (d.name.as_str(), d.superclass.as_deref()),
        ("Account", Some("Object"))
    );
    assert_eq!(
        (d.kind.as_str(), d.category.as_str()),
        ("variable", "Bank-Core")
    );
    assert_eq!(d.inst_vars, ["balance", "owner"]);
    assert_eq!(
        (d.class_vars[0].as_str(), d.pools[0].as_str()),
        ("Rate", "Texts")
    );
    assert_eq!(
        (d.class_inst_vars[0].as_str(), d.options[0].as_str()),
        ("all", "dbTransient")
    );
    assert_eq!(d.reserved_oop, Some(12345));
    let brief: Vec<_> = file
        .methods
        .iter()
        .map(|m| {
            (
                m.class_side,
                m.selector.as_str(),
                m.category.as_str(),
                m.env,
                m.line,
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            (true, "with:", "instance creation", 0, 25),
            (false, "+", "ruby", 1, 31),
            (false, "empty", "as yet unclassified", 0, 35),
            (false, "class", "accessing", 0, 40),
        ]
    );
    assert_eq!(file.methods[3].source, "class ^3");
    assert_eq!(file.methods[2].source, "empty");
}

#[test]
fn methods_compile_with_the_lines_of_the_file() {
    let file = parse("Account.class.st", ACCOUNT).unwrap();
    for m in &file.methods {
        let options = MethodOptions {
            environment: m.env,
            file: "Account.class.st".to_string(),
            first_line: m.line,
        };
        let method = compile_method(&m.source, &NoScope, &options).unwrap();
        assert_eq!(method.selector, m.selector);
        assert_eq!(method.code.environment, m.env);
    }
    let options = MethodOptions {
        first_line: file.methods[0].line,
        ..MethodOptions::default()
    };
    let code = compile_method(&file.methods[0].source, &NoScope, &options)
        .unwrap()
        .code;
    assert_eq!(code.lines.last().unwrap().1, 27);
}

#[test]
fn extensions() {
    let text = "Extension { #name : #Object }\n\n{ #category : #'*Bank' }\nObject >> isAccount [\n\t^ false\n]\n";
    let file = parse("Object.extension.st", text).unwrap();
    assert_eq!(file.extends.as_deref(), Some("Object"));
    assert!(file.definition.is_none());
    assert_eq!(file.methods[0].category, "*Bank");
    assert_eq!(file.methods[0].source, "isAccount\n\t^ false");
}

#[test]
fn a_root_class_and_an_environment_for_the_whole_file() {
    let text = "Class { #name : 'Root', #superclass : nil, #env : 1, }\nRoot >> a [ ^self ]";
    let file = parse("Root.class.st", text).unwrap();
    assert_eq!(file.definition.unwrap().superclass, None);
    assert_eq!(file.methods[0].env, 1);
}

#[test]
fn mistakes_are_named_and_placed() {
    let fails = |text: &str, line: u32, message: &str| {
        let e = parse("x.st", text).unwrap_err();
        assert!(e.message.contains(message), "{e}");
        assert_eq!(e.line, line, "{e}");
    };
    fails("", 1, "\"Class\" or \"Extension\" expected");
    fails("Trait { #name : 'A' }", 1, "traits");
    fails("Class { #name : 'A'", 1, "',' expected");
    fails("Class { #superclass : 'A' }", 1, "#name is missing");
    fails("\"open", 1, "not closed");
    fails(
        "Class { #name : 'A' }\nB >> x [ ]",
        2,
        "a method of B in the file of A",
    );
    fails("Class { #name : 'A' }\n\nA >> x [ '] ", 3, "not closed");
    fails("Class { #name : 'A' }\nA >> x", 2, "\"[\" expected");
    fails("Class { #name : 'A' }\nA x", 2, "\">>\" expected");
    fails(
        "Class { #name : 'A' }\nA >> x: [ ]",
        2,
        "variable's name expected",
    );
    fails("Class { #name : 'A' }\n{ #env : 2 }\nA >> x [ ]", 2, "#env");
    fails("Class { #name : 'A', #instVars : { } }", 1, "#instVars");
    fails(
        &format!("Class {{ #name : {}", "[".repeat(10_000)),
        1,
        "nested too deeply",
    );
}

#[test]
fn no_cut_of_a_file_makes_it_panic() {
    for (i, _) in ACCOUNT.char_indices() {
        let _ = parse("cut", &ACCOUNT[..i]);
        let _ = parse("cut", &ACCOUNT[i..]);
    }
}
