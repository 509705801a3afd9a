//! Primitives on a machine without a repository, called as methods.

mod system;
mod tables;
mod text;
mod world;
