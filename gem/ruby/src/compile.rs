//! The entry points: parse, walk once for the facts, generate.
//!
//! Both the parser and the generator recurse over the tree, so longer texts are compiled on a thread with a stack
//! that the deepest permitted tree cannot use up.

use crate::encoding::SourceEncoding;
use crate::error::SyntaxError;
use crate::facts::{Facts, NESTING_MAX, Tag};
use crate::frame::{CodeFrame, FrameKind};
use crate::generator::{Gen, Goal};
use crate::params::{ANONYMOUS_BLOCK, ANONYMOUS_KEYREST, ANONYMOUS_REST, ParamList};
use crate::prologue::FramePlan;
use crate::warnings::{Warning, warnings};
use gem_bytecode::Code;
use ruby_prism::{Options, ProgramNode, Scope, ScopeForwardingFlag, Version};

/// Texts up to this length cannot nest deeply enough to trouble any thread's stack.
const SHORT_BYTES_MAX: usize = 128;
/// Stack for one level of nesting in parser and generator (an unoptimized build; measured: under six kilobytes). A text nests
/// at most once a byte, and at most `NESTING_MAX` levels deep.
const STACK_BYTES_PER_LEVEL: usize = 8 << 10;
const STACK_BYTES_MIN: usize = 1 << 20;
/// Stack for the parser's own walks over left-nested trees, which it does not bound.
const STACK_BYTES_PER_SOURCE_BYTE: usize = 96;
/// Sources beyond this are refused: positions are 32 bits.
const SOURCE_BYTES_MAX: usize = 64 << 20;

/// Compiles a file or `-e` text; the code answers the last statement's value.
///
/// # Errors
/// What the parser complains about, or that the text is too large or nested too deeply.
pub fn compile_script(source: &[u8], file: &str, first_line: u32) -> Result<Code, SyntaxError> {
    compile(source, file, first_line, None, true)
}

/// As `compile_script`, for a file of the kernel: those who run programs cannot act on what the parser warns of there.
///
/// # Errors
/// As `compile_script`.
pub fn compile_kernel(source: &[u8], file: &str, first_line: u32) -> Result<Code, SyntaxError> {
    compile(source, file, first_line, None, false)
}

/// Compiles text for `eval`. `scopes` names the variables of each environment of the binding, innermost first. New locals
/// become variables of an environment that this code makes.
///
/// # Errors
/// As `compile_script`.
pub fn compile_eval(
    source: &[u8],
    file: &str,
    first_line: u32,
    scopes: &[Vec<String>],
) -> Result<Code, SyntaxError> {
    compile(source, file, first_line, Some(scopes), true)
}

/// Where the text after `__END__` begins, when there is such a line.
pub fn script_data_offset(source: &[u8]) -> Option<usize> {
    if !source.windows(7).any(|w| w == b"__END__") {
        return None;
    }
    on_big_stack(source.len(), || {
        let result = ruby_prism::parse(source);
        let start = result.data_loc()?.start() as usize;
        let line = source[start..].iter().position(|&b| b == b'\n');
        Some(line.map_or(source.len(), |i| start + i + 1))
    })
    .flatten()
}

fn compile(
    source: &[u8],
    file: &str,
    first_line: u32,
    scopes: Option<&[Vec<String>]>,
    warn: bool,
) -> Result<Code, SyntaxError> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(SyntaxError::new(file, first_line, "this file is too long"));
    }
    let made = on_big_stack(source.len(), || {
        parse_and_generate(source, file, first_line, scopes, warn)
    });
    made.unwrap_or_else(|| {
        Err(SyntaxError::new(
            file,
            first_line,
            "not enough memory to compile this",
        ))
    })
}

/// Runs `work` where it may recurse; `None` when there is no memory for that.
fn on_big_stack<T: Send>(length: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    if length <= SHORT_BYTES_MAX {
        return Some(work());
    }
    // small stacks are also cheap ones: the system keeps them for the next thread
    let levels = length.min(4 * NESTING_MAX);
    let stack =
        STACK_BYTES_MIN + levels * STACK_BYTES_PER_LEVEL + length * STACK_BYTES_PER_SOURCE_BYTE;
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new()
            .name("ruby compiler".to_string())
            .stack_size(stack);
        let thread = builder.spawn_scoped(scope, work).ok()?;
        match thread.join() {
            Ok(value) => Some(value),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn parse_and_generate(
    source: &[u8],
    file: &str,
    first_line: u32,
    scopes: Option<&[Vec<String>]>,
    warn: bool,
) -> Result<Code, SyntaxError> {
    let options = options(file, first_line, scopes).build();
    let result = ruby_prism::parse_with_options(source, &options);
    if let Some(error) = SyntaxError::from_parser(&result, file) {
        return Err(error);
    }
    let root = result.node();
    let Some(program) = root.as_program_node() else {
        return Err(SyntaxError::new(file, first_line, "this is no program"));
    };
    let generate = |fused: bool| {
        let facts = Facts::of(&root);
        if facts.too_deep {
            return Err(SyntaxError::new(file, first_line, "nested too deeply"));
        }
        let warnings = if warn {
            warnings(&result, file)
        } else {
            Vec::new()
        };
        let mut generator = Gen::new(
            source,
            file,
            first_line,
            result.line_offsets(),
            facts,
            fused,
        );
        generator.program(&program, scopes, &warnings)
    };
    // fused branches reach only so far; a body too long for them is made once more without
    generate(true).or_else(|error| {
        if error.message.contains("too long") {
            generate(false)
        } else {
            Err(error)
        }
    })
}

fn options(file: &str, first_line: u32, scopes: Option<&[Vec<String>]>) -> Options {
    let mut options = Options::default()
        .filepath(&file.replace('\0', "?"))
        .line(i32::try_from(first_line).unwrap_or(i32::MAX))
        .version(Version::CRuby4_0);
    let Some(levels) = scopes else {
        return options.main_script(false);
    };
    for names in levels.iter().rev() {
        let mut scope = Scope::default().locals(
            names
                .iter()
                .map(|n| n.clone().into_bytes())
                .filter(|n| !n.is_empty())
                .collect(),
        );
        let has = |name: &str| names.iter().any(|n| n == name);
        let forwarding = [
            (ANONYMOUS_REST, ScopeForwardingFlag::Positionals),
            (ANONYMOUS_KEYREST, ScopeForwardingFlag::Keywords),
            (ANONYMOUS_BLOCK, ScopeForwardingFlag::Block),
        ];
        let mut flags: Vec<_> = forwarding
            .iter()
            .filter(|(name, _)| has(name))
            .map(|(_, flag)| *flag)
            .collect();
        if flags.len() == forwarding.len() {
            flags.push(ScopeForwardingFlag::All);
        }
        scope = scope.forwarding(flags);
        options = options.scope(scope);
    }
    // the text's own variables belong to a level of their own
    options.scope(Scope::default())
}

impl Gen<'_> {
    fn program(
        &mut self,
        program: &ProgramNode<'_>,
        scopes: Option<&[Vec<String>]>,
        warnings: &[Warning],
    ) -> Result<Code, SyntaxError> {
        debug_assert!(matches!(
            self.encoding,
            SourceEncoding::Known(_) | SourceEncoding::Named(_)
        ));
        for names in scopes.unwrap_or_default().iter().rev() {
            self.frames.push(CodeFrame::outer(names));
        }
        let params = ParamList::default();
        let plan = FramePlan {
            key: (Tag::Program, 0),
            kind: if scopes.is_some() {
                FrameKind::Eval
            } else {
                FrameKind::Body
            },
            name: "<main>".to_string(),
            params: &params,
            locals: Some(program.locals()),
            offset: 0,
        };
        let code = self.code(&plan, |g| {
            g.warn(warnings);
            g.pre_executions(program);
            g.statements(Some(program.statements()), Goal::Tail);
        });
        match (self.error.take(), code) {
            (None, Some(code)) => Ok(code),
            (Some(error), _) => Err(error),
            (None, None) => Err(SyntaxError::new(
                &self.file,
                self.first_line,
                "nothing was compiled",
            )),
        }
    }

    /// `BEGIN { }` runs before everything else, in the order of the text.
    fn pre_executions(&mut self, program: &ProgramNode<'_>) {
        for statement in program.statements().body().iter() {
            if let Some(begin) = statement.as_pre_execution_node() {
                self.statements(begin.statements(), Goal::Effect);
            }
        }
    }
}
