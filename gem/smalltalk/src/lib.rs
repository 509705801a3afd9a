//! The Smalltalk compiler: source text of one method or one doit in, one `gem_bytecode::Code` out.
//! `tonel` reads class files into pieces that `compile_method` takes, `filein` reads GemStone's file-ins.
//!
//! Must not know: the heap, the interpreter, how names that are no locals are found (`Scope` answers for the session),
//! how literals become objects.
//!
//! Reading order: `lexer`, `parser` (builds `ast`), `scope` (who is who, what lives where), `codegen`.

mod analysis;
mod ast;
mod codegen;
mod control;
mod error;
pub mod filein;
mod lexer;
mod number;
mod parser;
mod scope;
pub mod tonel;

pub use error::CompileError;
pub use scope::{NoScope, Scope, Variable};

use error::{Issue, Lines};
use gem_bytecode::{Code, CodeKind, ENV_SMALLTALK, Literal};

/// Where a method comes from and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodOptions {
    /// 0 Smalltalk, 1 Ruby: the method dictionary it will be installed in.
    pub environment: u8,
    pub file: String,
    /// Line of the file on which the source's first line stands.
    pub first_line: u32,
}

impl Default for MethodOptions {
    fn default() -> MethodOptions {
        MethodOptions {
            environment: ENV_SMALLTALK,
            file: String::new(),
            first_line: 1,
        }
    }
}

/// A compiled method and what its pragmas say.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    pub selector: String,
    pub code: Code,
    /// From `<category: 'x'>`.
    pub category: Option<String>,
    /// Every pragma, in order: its selector and literal arguments.
    pub pragmas: Vec<(String, Vec<Literal>)>,
}

/// Compiles the source of one method, pattern first.
///
/// # Errors
/// The first mistake in the source, with its position.
pub fn compile_method(
    source: &str,
    scope: &dyn Scope,
    options: &MethodOptions,
) -> Result<Method, CompileError> {
    let lines = Lines::new(source, options.first_line);
    let compile = || -> Result<Method, Issue> {
        let tree = parser::parse_method(source)?;
        let frame = codegen::handlers::wanted(&tree)?;
        let unit = codegen::Unit {
            name: &tree.selector,
            file: &options.file,
            environment: options.environment,
            lines: &lines,
        };
        let mut code = match frame {
            Some(frame) => codegen::handlers::generate(&unit, &tree, frame)?,
            None => {
                let analysis = analysis::analyse(&tree.body, scope)?;
                codegen::generate(&unit, &analysis, &tree.body, CodeKind::Method)?
            }
        };
        code.source = source.to_string();
        code.primitive = tree.primitive()?;
        let category = tree.category();
        let pragmas = tree
            .pragmas
            .into_iter()
            .map(|p| (p.selector, p.arguments))
            .collect();
        Ok(Method {
            selector: tree.selector,
            code,
            category,
            pragmas,
        })
    };
    compile().map_err(|issue| lines.error(source, issue))
}

/// Compiles statements, with optional temporaries before them. The code answers the value of the last one.
///
/// # Errors
/// The first mistake in the source, with its position.
pub fn compile_doit(source: &str, scope: &dyn Scope, file: &str) -> Result<Code, CompileError> {
    compile_statements(source, scope, file, CodeKind::Body)
}

/// The same for a text that runs inside an environment, whose variables the scope knows as `Variable::Outer`.
///
/// # Errors
/// The first mistake in the source, with its position.
pub fn compile_eval(source: &str, scope: &dyn Scope, file: &str) -> Result<Code, CompileError> {
    compile_statements(source, scope, file, CodeKind::Eval)
}

fn compile_statements(
    source: &str,
    scope: &dyn Scope,
    file: &str,
    kind: CodeKind,
) -> Result<Code, CompileError> {
    let lines = Lines::new(source, 1);
    let compile = || -> Result<Code, Issue> {
        let body = parser::parse_doit(source)?;
        let analysis = analysis::analyse(&body, scope)?;
        let unit = codegen::Unit {
            name: "doit",
            file,
            environment: ENV_SMALLTALK,
            lines: &lines,
        };
        codegen::generate(&unit, &analysis, &body, kind)
    };
    compile().map_err(|issue| lines.error(source, issue))
}

/// The selector of the message pattern that `source` begins with.
///
/// # Errors
/// When it begins with none.
pub fn selector_of(source: &str) -> Result<String, CompileError> {
    parser::parse_selector(source).map_err(|issue| Lines::new(source, 1).error(source, issue))
}
