//! Whole programs through the compiler: everything that is compiled must verify.

use crate::{compile_eval, compile_script};
use gem_bytecode::{Code, Literal, disassemble, verify};

fn check(code: &Code) {
    verify(code, code.literals.len()).unwrap_or_else(|e| panic!("{e}\n{}", disassemble(code)));
    for literal in &code.literals {
        if let Literal::Code(inner) = literal {
            check(inner);
        }
    }
}

fn script(source: &str) -> Code {
    let code = compile_script(source.as_bytes(), "test.rb", 1).unwrap_or_else(|e| panic!("{e}"));
    check(&code);
    code
}

#[test]
fn show() {
    if let Ok(path) = std::env::var("RB_SHOW") {
        println!("{}", disassemble(&script(&std::fs::read_to_string(path).unwrap())));
    }
}

#[test]
fn standard_library() {
    fn walk(dir: &std::path::Path, out: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rb") {
                out.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(std::path::Path::new("/usr/lib/ruby"), &mut files);
    let (mut good, mut bad) = (0, 0);
    for path in files {
        let source = std::fs::read(&path).unwrap();
        match compile_script(&source, &path.to_string_lossy(), 1) {
            Ok(code) => {
                check(&code);
                good += 1;
            }
            Err(e) => {
                bad += 1;
                println!("{e}");
            }
        }
    }
    println!("{good} files compiled, {bad} not");
    let _ = compile_eval(b"1", "x", 1, &[]);
}
