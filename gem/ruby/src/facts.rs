//! What must be known of a source before its code is made: which variables inner blocks use (those live in environments),
//! which scopes call `eval` or `binding` (all their variables do), where locals are written.
//!
//! One walk over the tree, before compilation. Must not know: registers, instructions.

use crate::facts_walk::Walk;
use ruby_prism::{Node, Visit};
use std::collections::{HashMap, HashSet};

/// Nodes may nest this deep; the stack of the compiling thread is sized for it.
pub(crate) const NESTING_MAX: usize = 10_000;

/// What opens a scope; with the offset of its first byte this names the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tag {
    Program,
    Method,
    Module,
    Block,
    Lambda,
    For,
    End,
    Once,
}

pub(crate) type ScopeKey = (Tag, u32);

#[derive(Clone, Debug, Default)]
pub(crate) struct ScopeFacts {
    /// Variables that inner code uses.
    pub captured: HashSet<String>,
    /// Contains a block somewhere.
    pub closures: bool,
    /// Every variable must be visible to `eval`.
    pub evals: bool,
    /// A class body with a jump that may leave it.
    pub escapes: bool,
    /// Variables that the program does not name (states of flip-flops).
    pub hidden: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) scopes: HashMap<ScopeKey, ScopeFacts>,
    /// Offsets at which a local is written, ascending.
    pub(crate) writes: Vec<u32>,
    pub too_deep: bool,
}

impl Facts {
    pub(crate) fn of(program: &Node<'_>) -> Facts {
        let mut walk = Walk::default();
        walk.open((Tag::Program, 0), true, Vec::new());
        walk.visit(program);
        walk.close();
        walk.facts.writes.sort_unstable();
        walk.facts
    }

    pub(crate) fn scope(&self, key: ScopeKey) -> ScopeFacts {
        self.scopes.get(&key).cloned().unwrap_or_default()
    }

    /// Whether some local is written between these offsets.
    pub(crate) fn writes_between(&self, start: u32, end: u32) -> bool {
        let i = self.writes.partition_point(|&w| w < start);
        self.writes.get(i).is_some_and(|&w| w < end)
    }
}

/// Name of the variable that keeps a flip-flop's state.
pub(crate) fn flip_flop_name(offset: u32) -> String {
    format!("%flip{offset}")
}
