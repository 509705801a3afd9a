//! Questions about the uses of one variable in a tree, for decisions on copies and initial values.

use super::{Analysis, VarId};
use crate::ast::{Block, Expression, Kind, Statement};

/// Whether `test(variable, assigned)` holds for a local name in `e`, inner blocks included.
fn any(all: &Analysis, e: &Expression, test: &dyn Fn(VarId, bool) -> bool) -> bool {
    let check = |name, assigned| all.local(name).is_some_and(|var| test(var, assigned));
    match &e.kind {
        Kind::Literal(_) | Kind::SelfRef | Kind::Super => false,
        Kind::Name(name) => check(name, false),
        Kind::Assign(name, value) => check(name, true) || any(all, value, test),
        Kind::Send(send) => {
            any(all, &send.receiver, test)
                || send.message.arguments.iter().any(|a| any(all, a, test))
        }
        Kind::Cascade(receiver, messages) => {
            any(all, receiver, test)
                || messages
                    .iter()
                    .flat_map(|m| &m.arguments)
                    .any(|a| any(all, a, test))
        }
        Kind::Block(block) => any_in_block(all, block, test),
        Kind::Array(elements) => elements.iter().any(|e| any(all, e, test)),
    }
}

fn any_in_block(all: &Analysis, block: &Block, test: &dyn Fn(VarId, bool) -> bool) -> bool {
    block
        .statements
        .iter()
        .any(|s| any(all, s.expression(), test))
}

/// Whether `e` reads or writes `var`.
pub(crate) fn mentions(all: &Analysis, e: &Expression, var: VarId) -> bool {
    any(all, e, &|v, _| v == var)
}

/// Whether `e` writes `var`.
pub(crate) fn assigned_in(all: &Analysis, e: &Expression, var: VarId) -> bool {
    !all.vars[var].argument && any(all, e, &|v, assigned| assigned && v == var)
}

/// Whether `var` could be read in `statements` before one of them has assigned it.
pub(crate) fn needs_nil(all: &Analysis, statements: &[Statement], var: VarId) -> bool {
    for statement in statements {
        let e = statement.expression();
        if let Kind::Assign(name, value) = &e.kind
            && all.local(name) == Some(var)
        {
            return mentions(all, value, var);
        }
        if mentions(all, e, var) {
            return true;
        }
    }
    false
}
