//! The primitives that need the session: transactions, compilers, names.

mod compiling;
mod names;
mod repository;
mod stone;
mod transactions;

use gem_vm::PrimitiveRow;

/// All tables of this crate.
pub const TABLES: &[&[PrimitiveRow]] = &[
    transactions::ROWS,
    compiling::ROWS,
    names::ROWS,
    repository::ROWS,
    stone::ROWS,
];

/// Declares the file's `ROWS`.
macro_rules! rows {
    ($( $name:ident => $function:path, $reason:literal; )+) => {
        pub(super) const ROWS: &[gem_vm::PrimitiveRow] = &[
            $( gem_vm::PrimitiveRow { name: stringify!($name), function: $function, reason: $reason } ),+
        ];
    };
}
use rows;
