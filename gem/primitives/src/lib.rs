//! The primitives: what the kernel of either language binds by name.
//!
//! Must not know: compilers, sessions, the repository (those primitives are the session's own). A primitive checks everything, faults and allocates before
//! its first visible write; it falls back when the method's body shall deal with the arguments, and never runs bytecode itself.

mod array_sort;
mod arrays;
mod behavior;
mod bindings;
mod blocks;
mod channels;
mod check;
mod children;
mod class_copy;
mod control;
mod dictionaries;
mod environment;
mod fibers;
mod files;
mod float_text;
mod floats;
mod formatting;
mod hashes;
mod identity;
mod integer_bits;
mod integers;
mod machine_parts;
mod macros;
mod matching;
mod memory;
mod method_stubs;
mod methods;
mod modules;
mod object;
mod pack_format;
mod packing;
mod parameters;
mod paths;
mod pattern;
mod processes;
mod profiles;
mod random;
mod ready;
mod regexps;
mod semaphores;
mod sends;
mod slots;
mod sockets;
mod strings;
mod symbols;
mod tables;
mod times;
mod unpacking;
mod value_hash;

pub use files::{flush_output, redirect_output};

use gem_vm::PrimitiveRow;

/// Every table of this crate, for `Vm::new`.
pub const TABLES: &[&[PrimitiveRow]] = &[
    array_sort::ROWS,
    arrays::ROWS,
    behavior::ROWS,
    bindings::ROWS,
    blocks::ROWS,
    children::ROWS,
    control::ROWS,
    dictionaries::ROWS,
    environment::ROWS,
    fibers::ROWS,
    files::ROWS,
    floats::ROWS,
    formatting::ROWS,
    hashes::ROWS,
    identity::ROWS,
    integer_bits::ROWS,
    integers::ROWS,
    matching::ROWS,
    memory::ROWS,
    method_stubs::ROWS,
    methods::ROWS,
    modules::ROWS,
    object::ROWS,
    packing::ROWS,
    paths::ROWS,
    processes::ROWS,
    profiles::ROWS,
    random::ROWS,
    ready::ROWS,
    regexps::ROWS,
    semaphores::ROWS,
    sends::ROWS,
    slots::ROWS,
    sockets::ROWS,
    strings::bytes::ROWS,
    strings::case::ROWS,
    strings::characters::ROWS,
    strings::inspect::ROWS,
    strings::numbers::ROWS,
    strings::parts::ROWS,
    strings::search::ROWS,
    strings::sets::ROWS,
    strings::text::ROWS,
    symbols::ROWS,
    tables::ROWS,
    times::ROWS,
    unpacking::ROWS,
];
