//! Sessions over a make-believe stone: a repository is born, objects travel, others change them.

mod model_stone;
mod transactions;
