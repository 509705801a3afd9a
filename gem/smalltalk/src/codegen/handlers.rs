//! Methods marked `<handlerFrame: #kind>`: the frames that the exception mechanism looks for. The receiver is the protected
//! block. Their instructions are fixed; statements behind the pragma are not compiled.

use super::Unit;
use crate::ast::{MethodTree, text_of};
use crate::error::Issue;
use gem_bytecode::{Assembler, Code, CodeKind, HandlerKind, Op, Params, SELF};

/// What a handler frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandlerFrame {
    /// `on: class do: block`
    OnDo,
    /// `on: class do: block on: class do: block`
    OnDoOnDo,
    /// `ensure: block`
    Ensure,
    /// `ifCurtailed: block`
    IfCurtailed,
    /// `catch: tag`, sent to a block with one argument.
    Catch,
}

impl HandlerFrame {
    fn named(name: &str) -> Option<HandlerFrame> {
        Some(match name {
            "onDo" => HandlerFrame::OnDo,
            "onDoOnDo" => HandlerFrame::OnDoOnDo,
            "ensure" => HandlerFrame::Ensure,
            "ifCurtailed" => HandlerFrame::IfCurtailed,
            "catch" => HandlerFrame::Catch,
            _ => return None,
        })
    }

    fn arguments(self) -> usize {
        match self {
            HandlerFrame::OnDo => 2,
            HandlerFrame::OnDoOnDo => 4,
            HandlerFrame::Ensure | HandlerFrame::IfCurtailed | HandlerFrame::Catch => 1,
        }
    }
}

/// The kind of handler frame that a method wants to be, if any.
pub(crate) fn wanted(tree: &MethodTree) -> Result<Option<HandlerFrame>, Issue> {
    let Some(pragma) = tree.pragma("handlerFrame:") else {
        return Ok(None);
    };
    let name = pragma.arguments.first().and_then(text_of);
    let Some(frame) = name.as_deref().and_then(HandlerFrame::named) else {
        return Err(Issue::new(
            pragma.position,
            "a handler frame is #onDo, #onDoOnDo, #ensure, #ifCurtailed or #catch",
        ));
    };
    let (has, needs) = (tree.body.parameters.len(), frame.arguments());
    if has != needs {
        let message = format!("this handler frame takes {needs} arguments, not {has}");
        return Err(Issue::new(tree.position, message));
    }
    Ok(Some(frame))
}

/// The code of a handler frame.
pub(crate) fn generate(
    unit: &Unit<'_>,
    tree: &MethodTree,
    frame: HandlerFrame,
) -> Result<Code, Issue> {
    let names: Vec<String> = tree
        .body
        .parameters
        .iter()
        .map(|p| p.name.clone())
        .collect();
    let locals = names.iter().cloned().zip(1..).collect();
    let params = Params {
        required: names.len() as u16,
        names,
        ..Params::default()
    };
    let mut asm = Assembler::new(unit.name, CodeKind::Method, unit.environment, params);
    asm.set_line(unit.lines.line_at(tree.position));
    match frame {
        HandlerFrame::OnDo => on_do(&mut asm),
        HandlerFrame::OnDoOnDo => on_do_on_do(&mut asm),
        HandlerFrame::Ensure => ensure(&mut asm),
        HandlerFrame::IfCurtailed => if_curtailed(&mut asm),
        HandlerFrame::Catch => catch(&mut asm),
    }
    let code = asm.code_mut();
    code.file = unit.file.to_string();
    code.local_names = locals;
    asm.finish()
        .map_err(|message| Issue::new(tree.position, message))
}

/// `result := block value`
fn call(asm: &mut Assembler, block: u16, result: u16) {
    let window = asm.temp();
    let site = asm.site("value", 0, 0);
    asm.emit(Op::Move, window, block, 0);
    asm.emit(Op::Send, result, site, window);
    asm.release_to(window);
}

/// r1 class, r2 handler block, r3 result: the three that the handler entry wants in a row.
fn on_do(asm: &mut Assembler) {
    let result = asm.temp();
    asm.emit(Op::LoadNil, result, 0, 0);
    let start = asm.here();
    call(asm, SELF, result);
    let end = asm.here();
    asm.handler(start, end, end, HandlerKind::OnDo, 1);
    asm.emit(Op::Return, result, 0, 0);
}

/// Two such rows, copied behind the four arguments. The first pair is the inner one.
fn on_do_on_do(asm: &mut Assembler) {
    let (first, second) = (asm.temps(3), asm.temps(3));
    for (row, argument) in [(first, 1), (second, 3)] {
        asm.emit(Op::Move, row, argument, 0);
        asm.emit(Op::Move, row + 1, argument + 1, 0);
        asm.emit(Op::LoadNil, row + 2, 0, 0);
    }
    let start = asm.here();
    call(asm, SELF, first + 2);
    let end = asm.here();
    asm.emit(Op::Return, first + 2, 0, 0);
    let other = asm.here();
    asm.emit(Op::Return, second + 2, 0, 0);
    asm.handler(start, end, end, HandlerKind::OnDo, first);
    asm.handler(start, end, other, HandlerKind::OnDo, second);
}

/// r1 the block to run at the end, r2 result, r3 pending state.
fn ensure(asm: &mut Assembler) {
    let (result, pending) = (asm.temp(), asm.temp());
    asm.emit(Op::LoadNils, result, 2, 0);
    let start = asm.here();
    call(asm, SELF, result);
    let end = asm.here();
    asm.emit(Op::LoadNil, pending, 0, 0);
    let target = asm.here();
    let dropped = asm.temp();
    call(asm, 1, dropped);
    asm.emit(Op::EndEnsure, pending, 0, 0);
    asm.emit(Op::Return, result, 0, 0);
    asm.handler(start, end, target, HandlerKind::Ensure, pending);
}

/// As `ensure`, but normal completion returns before the block.
fn if_curtailed(asm: &mut Assembler) {
    let (result, pending) = (asm.temp(), asm.temp());
    asm.emit(Op::LoadNils, result, 2, 0);
    let start = asm.here();
    call(asm, SELF, result);
    let end = asm.here();
    asm.emit(Op::Return, result, 0, 0);
    let target = asm.here();
    let dropped = asm.temp();
    call(asm, 1, dropped);
    asm.emit(Op::EndEnsure, pending, 0, 0);
    asm.emit(Op::Return, result, 0, 0);
    asm.handler(start, end, target, HandlerKind::Curtail, pending);
}

/// r1 tag, r2 its copy, r3 result or the value thrown.
fn catch(asm: &mut Assembler) {
    let tag = asm.temps(2);
    asm.emit(Op::Move, tag, 1, 0);
    asm.emit(Op::LoadNil, tag + 1, 0, 0);
    let window = asm.temps(2);
    let site = asm.site("value:", 1, 0);
    let start = asm.here();
    asm.emit(Op::Move, window, SELF, 0);
    asm.emit(Op::Move, window + 1, 1, 0);
    asm.emit(Op::Send, tag + 1, site, window);
    let end = asm.here();
    asm.handler(start, end, end, HandlerKind::Catch, tag);
    asm.emit(Op::Return, tag + 1, 0, 0);
}
