//! Whole programs through the compiler: everything that is compiled must verify.

mod hostile;
mod machine;
mod programs;
mod shapes;
mod stdlib;

use crate::{compile_eval, compile_script};
use gem_bytecode::{Code, Literal, disassemble, verify};

/// Every code in `code` verifies.
fn check(code: &Code) {
    verify(code, code.literals.len()).unwrap_or_else(|e| panic!("{e}\n{}", disassemble(code)));
    for inner in inner_codes(code) {
        check(inner);
    }
}

fn inner_codes(code: &Code) -> impl Iterator<Item = &Code> {
    code.literals.iter().filter_map(|l| match l {
        Literal::Code(inner) => Some(&**inner),
        _ => None,
    })
}

fn script(source: &str) -> Code {
    let code = compile_script(source.as_bytes(), "test.rb", 1).unwrap_or_else(|e| panic!("{e}"));
    check(&code);
    code
}

fn eval(source: &str, scopes: &[&[&str]]) -> Code {
    let scopes: Vec<Vec<String>> = scopes
        .iter()
        .map(|names| names.iter().map(|n| n.to_string()).collect())
        .collect();
    let code =
        compile_eval(source.as_bytes(), "(eval)", 1, &scopes).unwrap_or_else(|e| panic!("{e}"));
    check(&code);
    code
}

/// The first code in the script.
fn first(source: &str) -> Code {
    let code = script(source);
    inner_codes(&code).next().expect("a nested code").clone()
}

/// The listing without its heading, one instruction a line, numbers and operands separated by single spaces.
fn listing(code: &Code) -> Vec<String> {
    let text = disassemble(code);
    let own = text
        .lines()
        .skip(1)
        .take(code.instructions.len() + code.handlers.len());
    own.map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

fn assert_listing(source: &str, expected: &[&str]) {
    assert_eq!(listing(&first(source)), expected, "{source}");
}
