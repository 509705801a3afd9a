//! The programs, by family of opcodes.

mod blocks;
mod collections;
mod control;
mod definitions;
mod moves;
mod operators;
mod sends;
mod variables;

use super::Case;

pub fn all() -> Vec<Case> {
    [
        moves::cases(),
        operators::cases(),
        sends::cases(),
        blocks::cases(),
        variables::cases(),
        collections::cases(),
        control::cases(),
        definitions::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
