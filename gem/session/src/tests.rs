//! Sessions over a make-believe stone: a repository is born, objects travel, others change them.

mod r#become;
mod checker;
mod dice;
mod dice_stone;
mod glass;
mod graph;
mod machine_parts;
mod model_stone;
mod never_torn;
mod panics;
mod shadow;
mod survival;
mod torn;
mod transactions;
mod world;
