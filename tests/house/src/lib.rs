//! The rules of the house as functions: each takes a [`Tree`] of files and answers what breaks the rule.
//!
//! The tests run every rule twice: over the sources, where it must find nothing, and over a small tree
//! made to break it, where it must find just that. Must not know: any other crate.

pub mod arrows;
pub mod documents;
pub mod kernel;
pub mod manifest;
pub mod places;
pub mod primitives;
pub mod sources;
mod tree;
pub mod unused;

pub use tree::Tree;
