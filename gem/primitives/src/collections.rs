//! Arrays, hashes, dictionaries, tables by identity.

pub(crate) mod array_sort;
pub(crate) mod arrays;
pub(crate) mod dictionaries;
pub(crate) mod hashes;
pub(crate) mod tables;
pub(crate) mod value_hash;
