//! Strings, symbols, patterns, formats of text and of packed bytes.

pub(crate) mod formatting;
pub(crate) mod matching;
pub(crate) mod pack_format;
pub(crate) mod packing;
pub(crate) mod pattern;
pub(crate) mod regexps;
pub(crate) mod strings;
pub(crate) mod symbols;
pub(crate) mod unpacking;
