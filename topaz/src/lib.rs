//! topaz
