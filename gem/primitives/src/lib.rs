//! gem-primitives
