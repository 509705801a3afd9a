//! The form of a primitive table.

/// `primitives! { name => function, "why it is not written above"; … }` declares the file's `ROWS`.
macro_rules! primitives {
    ($( $name:ident => $function:path, $reason:literal; )+) => {
        pub(crate) const ROWS: &[gem_vm::PrimitiveRow] = &[
            $( gem_vm::PrimitiveRow { name: stringify!($name), function: $function, reason: $reason } ),+
        ];
    };
}
pub(crate) use primitives;
