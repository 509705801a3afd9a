//! What an ExecBlock says of itself in its FLAGS.

/// Bits of an ExecBlock's flags.
pub const LAMBDA: i64 = 1;
/// Made of a symbol (`&:name`): METHOD is the symbol.
pub const FROM_SYMBOL: i64 = 2;
/// Made of a method object: METHOD is the GsNMethod, RECEIVER its receiver.
pub const FROM_METHOD: i64 = 4;
/// `def` inside defines into the receiver.
pub const DEFINEE_SELF: i64 = 8;
/// `def` inside defines into the receiver's singleton class.
pub const DEFINEE_SINGLETON: i64 = 16;
/// The closure is the body of a method made by `define_method`: its code's method is its own home for `super`.
pub const DEFINED_METHOD: i64 = 32;
/// Made in a lambda: ReturnHome never leaves more than that, also when it has ended.
pub const IN_LAMBDA: i64 = 64;
