//! Tree to instructions. One `CodeFrame` builds the code of one frame: a method, a doit, or a block that became a closure.
//!
//! Values go straight where they are wanted: every expression is compiled towards a `Target`. Variables in registers are
//! operands where they are; only a send's window needs copies.

mod arrays;
mod branches;
mod fast;
mod frame;
pub(crate) mod handlers;
mod loops;
mod sends;
mod variables;

use crate::analysis::Analysis;
use crate::ast::Block;
use crate::error::{Issue, Lines};
use gem_bytecode::{Code, CodeKind, Op};

/// What all codes of one compilation share.
pub(crate) struct Unit<'a> {
    /// The method's selector; closures repeat it.
    pub name: &'a str,
    pub file: &'a str,
    pub environment: u8,
    pub lines: &'a Lines,
}

/// Where the value of an expression goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// Nowhere.
    Effect,
    Register(u16),
    /// Out of the frame, by `Return` or `ReturnHome`.
    Answer(Op),
}

/// The code of a method or doit.
pub(crate) fn generate(
    unit: &Unit<'_>,
    analysis: &Analysis,
    body: &Block,
    kind: CodeKind,
) -> Result<Code, Issue> {
    let build = |fused| frame::build(unit, analysis, body, kind, fused);
    // Fused branches reach 32,767 instructions far. A longer method does without them.
    build(true)
        .or_else(|_| build(false))
        .map(|code| *code)
        .map_err(|message| Issue::new(body.position, message))
}
