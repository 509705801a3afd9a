//! Sessions over a make-believe stone: a repository is born, objects travel, others change them.

mod checker;
mod dice;
mod dice_stone;
mod r#become;
mod model_stone;
mod never_torn;
mod panics;
mod shadow;
mod transactions;
mod world;
