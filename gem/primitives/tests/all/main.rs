//! Primitives on a machine without a repository, called as methods.

mod collections;
mod numbers;
mod objects;
mod strings;
mod system;
mod tables;
mod text;
mod world;
