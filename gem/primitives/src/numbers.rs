//! Integers and floats.

pub(crate) mod float_text;
pub(crate) mod floats;
pub(crate) mod integer_bits;
pub(crate) mod integers;
