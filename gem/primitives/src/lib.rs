//! The primitives: what the kernel of either language binds by name.
//!
//! Must not know: compilers, sessions, the repository (those primitives are the session's own). A primitive checks everything, faults and allocates before
//! its first visible write; it falls back when the method's body shall deal with the arguments, and never runs bytecode itself.

mod check;
mod collections;
mod io;
mod macros;
mod numbers;
mod reflection;
mod system;
mod text;

pub use io::files::{flush_output, redirect_output};

use gem_vm::PrimitiveRow;

/// Every table of this crate, for `Vm::new`.
pub const TABLES: &[&[PrimitiveRow]] = &[
    collections::array_sort::ROWS,
    collections::arrays::ROWS,
    reflection::behavior::ROWS,
    reflection::bindings::ROWS,
    reflection::blocks::ROWS,
    system::children::ROWS,
    reflection::control::ROWS,
    collections::dictionaries::ROWS,
    system::environment::ROWS,
    system::fibers::ROWS,
    io::files::ROWS,
    numbers::floats::ROWS,
    text::formatting::ROWS,
    collections::hashes::ROWS,
    reflection::identity::ROWS,
    numbers::integer_bits::ROWS,
    numbers::integers::ROWS,
    text::matching::ROWS,
    system::memory::ROWS,
    reflection::method_stubs::ROWS,
    reflection::methods::ROWS,
    reflection::modules::ROWS,
    reflection::object::ROWS,
    text::packing::ROWS,
    io::paths::ROWS,
    system::processes::ROWS,
    system::profiles::ROWS,
    io::ready::ROWS,
    text::regexps::ROWS,
    system::semaphores::ROWS,
    reflection::sends::ROWS,
    reflection::slots::ROWS,
    io::sockets::ROWS,
    text::strings::bytes::ROWS,
    text::strings::case::ROWS,
    text::strings::characters::ROWS,
    text::strings::inspect::ROWS,
    text::strings::numbers::ROWS,
    text::strings::parts::ROWS,
    text::strings::search::ROWS,
    text::strings::sets::ROWS,
    text::strings::text::ROWS,
    text::symbols::ROWS,
    collections::tables::ROWS,
    system::times::ROWS,
    text::unpacking::ROWS,
];
