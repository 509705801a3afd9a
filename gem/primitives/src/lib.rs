//! The primitives: what the kernel of either language binds by name.
//!
//! Must not know: compilers, sessions, the repository (those primitives are the session's own). A primitive checks everything, faults and allocates before
//! its first visible write; it falls back when the method's body shall deal with the arguments, and never runs bytecode itself.

mod array_sort;
mod arrays;
mod behavior;
mod bindings;
mod blocks;
mod check;
mod class_copy;
mod control;
mod dictionaries;
mod files;
mod float_text;
mod floats;
mod hashes;
mod integers;
mod macros;
mod method_stubs;
mod methods;
mod modules;
mod object;
mod parameters;
mod process_stubs;
mod processes;
mod sends;
mod slots;
mod value_hash;

use gem_vm::PrimitiveRow;

/// Every table of this crate, for `Vm::new`.
pub const TABLES: &[&[PrimitiveRow]] = &[
    array_sort::ROWS,
    arrays::ROWS,
    behavior::ROWS,
    bindings::ROWS,
    blocks::ROWS,
    control::ROWS,
    dictionaries::ROWS,
    files::ROWS,
    floats::ROWS,
    hashes::ROWS,
    integers::ROWS,
    method_stubs::ROWS,
    methods::ROWS,
    modules::ROWS,
    object::ROWS,
    processes::ROWS,
    sends::ROWS,
    slots::ROWS,
];
