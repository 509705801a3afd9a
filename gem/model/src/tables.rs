//! Hash tables: RubyHash, whose small and large forms lie here.

mod hash;
mod hash_keys;
mod hash_large;

pub use hash_keys::{HASH_MASK, HashKey};
