//! Operators that programs redefine. Instructions with a fast path of their own (`Add`, `Aref`, ...) trust the kernel's methods; when
//! a class that they serve gets another one, all loaded code of that language loses the fast path: the instruction becomes one that only
//! fills the window of the Send behind it. A program that redefines nothing pays nothing. The kernel's own code keeps its fast paths, as
//! code written in the machine's language would: `p` works while `Integer#<` does not.

use format::{ObjectId, wellknown};
use gem_bytecode::Op;
use gem_heap::{Oop, References};

/// A selector, its environment, the classes whose instances the instructions serve, the instructions.
pub(crate) struct Row {
    pub(crate) selector: &'static str,
    pub(crate) environment: u8,
    pub(crate) classes: &'static [ObjectId],
    pub(crate) ops: &'static [Op],
}

const NUMBERS: &[ObjectId] = &[wellknown::SMALL_INTEGER, wellknown::SMALL_DOUBLE];
const INTEGERS: &[ObjectId] = &[wellknown::SMALL_INTEGER];
const ARRAYS: &[ObjectId] = &[wellknown::ARRAY];
const COMPARED: &[ObjectId] = &[
    wellknown::SMALL_INTEGER,
    wellknown::SMALL_DOUBLE,
    wellknown::STRING,
    wellknown::SYMBOL,
    wellknown::UNDEFINED_OBJECT,
    wellknown::TRUE_CLASS,
    wellknown::FALSE_CLASS,
    wellknown::CHARACTER,
];

macro_rules! rows {
    ($( $environment:literal { $( $selector:literal $classes:ident [ $($op:ident),* ]; )+ } )+) => {
        pub(crate) const ROWS: &[Row] = &[ $( $( Row {
            selector: $selector,
            environment: $environment,
            classes: $classes,
            ops: &[$(Op::$op),*],
        } ),+ ),+ ];
    };
}

const SHIFTED: &[ObjectId] = &[wellknown::SMALL_INTEGER, wellknown::ARRAY];
const INDEXED: &[ObjectId] = &[wellknown::ARRAY, wellknown::RUBY_HASH];
const SORTED: &[ObjectId] = &[
    wellknown::SMALL_INTEGER,
    wellknown::SMALL_DOUBLE,
    wellknown::STRING,
];

rows! {
    1 {
        "+" NUMBERS [Add, AddInt];
        "-" NUMBERS [Sub, SubInt];
        "*" NUMBERS [Mul];
        "/" NUMBERS [Div];
        "%" NUMBERS [Mod];
        "&" INTEGERS [BitAnd];
        "|" INTEGERS [BitOr];
        "^" INTEGERS [BitXor];
        "<<" SHIFTED [ShiftLeft];
        ">>" INTEGERS [ShiftRight];
        "<" NUMBERS [Lt, JumpUnlessLt];
        "<=" NUMBERS [Le, JumpUnlessLe];
        ">" NUMBERS [Gt, JumpUnlessGt];
        ">=" NUMBERS [Ge, JumpUnlessGe];
        "==" COMPARED [Eq, JumpUnlessEq, Ne, JumpUnlessNe];
        "!=" COMPARED [Ne, JumpUnlessNe];
        "<=>" SORTED [];
        "[]" INDEXED [Aref];
        "[]=" ARRAYS [Aset];
        "size" ARRAYS [Size];
        "length" ARRAYS [Size];
    }
    0 {
        "+" NUMBERS [Add, AddInt];
        "-" NUMBERS [Sub, SubInt];
        "*" NUMBERS [Mul];
        "//" NUMBERS [IntDiv];
        "\\\\" NUMBERS [Mod];
        "bitAnd:" INTEGERS [BitAnd];
        "bitOr:" INTEGERS [BitOr];
        "bitXor:" INTEGERS [BitXor];
        "<" NUMBERS [Lt, JumpUnlessLt];
        "<=" NUMBERS [Le, JumpUnlessLe];
        ">" NUMBERS [Gt, JumpUnlessGt];
        ">=" NUMBERS [Ge, JumpUnlessGe];
        "=" COMPARED [Eq, JumpUnlessEq, Ne, JumpUnlessNe];
        "~=" COMPARED [Ne, JumpUnlessNe];
        "at:" ARRAYS [At];
        "at:put:" ARRAYS [AtPut];
        "size" ARRAYS [Size];
    }
}

/// What the machine knows of the operators.
#[derive(Default)]
pub(crate) struct Operators {
    /// Selector of each row and the methods that its classes had when the first code outside the kernel was loaded; nothing before.
    pub(crate) watched: Vec<Option<(Oop, Vec<Option<Oop>>)>>,
    /// Environments that are watched.
    pub(crate) watching: [bool; 2],
    /// By environment: a bit for each instruction that lost its fast path.
    pub(crate) slow: [u128; 2],
}

impl References for Operators {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        for (selector, methods) in self.watched.iter().flatten() {
            visit(*selector);
            methods.iter().flatten().for_each(|&found| visit(found));
        }
    }

    /// None: they are compared with the method that lookup finds, and another one is a redefinition.
    fn each_mut(&mut self, _: &mut dyn FnMut(&mut Oop)) {}
}

const _: () = assert!(Op::ALL.len() <= 128);
