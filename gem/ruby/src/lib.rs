//! The Ruby compiler: Prism's nodes become `gem_bytecode::Code` directly, family by family, without a second syntax tree.
//!
//! Must not know: the heap, the interpreter, classes or methods that exist. Nothing outside this crate knows Prism.
//! What compiled code expects of the kernel library stands in `docs/ruby-compiler.md`.
//!
//! Reading order: `compile` (entry points), `facts` (which variables blocks capture), `frame` (one code under construction),
//! `generator` (dispatch over nodes), then one file per family of nodes.

mod arguments;
mod assignments;
mod blocks;
mod branches;
mod caller_methods;
mod calls;
mod collections;
mod compile;
mod conditions;
mod constants;
mod defined;
mod definitions;
mod emitting;
mod encoding;
mod error;
mod escapes;
mod facts;
mod facts_walk;
mod frame;
mod generator;
mod jumps;
mod literals;
mod loops;
mod multiple;
mod operators;
mod params;
mod patterns;
mod patterns_array;
mod patterns_hash;
mod prologue;
mod rescue;
mod strings;
mod supers;
mod updates;
mod variables;
mod warnings;

pub use compile::{compile_eval, compile_kernel, compile_script, script_data_offset};
pub use error::SyntaxError;

#[cfg(test)]
mod tests;
