//! Numbered language errors (GemStone's numbers where it has one), once.

macro_rules! errors {
    ($( $const:ident = $number:literal $class:literal $text:literal ; )+) => {
        $( #[doc = concat!($text, " (", $class, ")")] pub const $const: u32 = $number; )+
        /// (number, class name, what it means) of every error.
        pub const ERRORS: &[(u32, &str, &str)] = &[ $( ($number, $class, $text) ),+ ];
    };
}

errors! {
    COMPILE = 1001 "CompileError" "the source does not compile";
    DOES_NOT_UNDERSTAND = 2010 "MessageNotUnderstood" "the receiver has no such method";
    OFFSET = 2003 "OffsetError" "index out of bounds";
    OUT_OF_RANGE = 2701 "OutOfRange" "value out of range";
    ARGUMENT = 2004 "ArgumentError" "wrong argument";
    ARGUMENT_TYPE = 2094 "ArgumentTypeError" "argument of the wrong class";
    NAME = 2402 "NameError" "no such name";
    ERROR = 2710 "Error" "error";
    INVARIANT = 2016 "ImproperOperation" "the object may not be changed";
    STACK = 2059 "AlmostOutOfStack" "the stack is too deep";
    MEMORY = 2744 "AlmostOutOfMemory" "memory is nearly full";
    CANNOT_RETURN = 2079 "CannotReturn" "the home of the return is gone";
    ZERO_DIVIDE = 2733 "ZeroDivide" "division by zero";
    TRANSACTION = 2738 "TransactionError" "the transaction cannot commit";
    NOT_PERSISTABLE = 2407 "TransactionError" "the object may not be committed";
    REVOKED = 3031 "TransactionRevoked" "the view of this session was revoked";
    REPOSITORY = 4001 "RepositoryError" "the repository did not answer";
    IO = 2370 "IOError" "input or output failed";
}
