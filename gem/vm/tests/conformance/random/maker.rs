//! Makes the text of a random program.

use super::{BLOCKS, KNOWN, OPERATORS};
use crate::both::Program;
use gem_bytecode::{Assembler, Code, CodeKind, HandlerKind, Literal, Op, Params, site_flags};

/// Statements within statements.
const NESTED_MAX: u16 = 3;

// Registers, in this order: values, counters of loops, zero, exceptions, pending states, then what sends may destroy.
const VALUES: std::ops::RangeInclusive<u16> = 1..=6;
const COUNTER: u16 = 7;
const ZERO: u16 = 10;
const CAUGHT: u16 = 11;
const PENDING: u16 = 14;
const WINDOW: u16 = 17;

const FUSED: &[(Op, &str, &str)] = &[
    (Op::JumpUnlessLt, "<", "<"),
    (Op::JumpUnlessLe, "<=", "<="),
    (Op::JumpUnlessGt, ">", ">"),
    (Op::JumpUnlessGe, ">=", ">="),
    (Op::JumpUnlessEq, "=", "=="),
    (Op::JumpUnlessNe, "~=", "!="),
];

const BRANCHES: &[Op] = &[
    Op::BranchTrue,
    Op::BranchFalse,
    Op::BranchNil,
    Op::BranchNotNil,
    Op::BoolBranchTrue,
    Op::BoolBranchFalse,
];

struct Maker<'a> {
    state: u64,
    a: Assembler,
    program: &'a Program,
}

impl Maker<'_> {
    fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 11) % n as u64) as usize
    }

    fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    fn value(&mut self) -> u16 {
        VALUES.start() + self.below(VALUES.len()) as u16
    }

    fn site(&mut self, selector: &str, argc: u16) -> u16 {
        self.a
            .site(selector, argc, self.program.environment().into())
    }

    fn selector(&self, smalltalk: &'static str, ruby: &'static str) -> &'static str {
        if self.program.environment() == 0 {
            smalltalk
        } else {
            ruby
        }
    }

    fn statements(&mut self, nested: u16) {
        for _ in 0..1 + self.below(4) {
            self.statement(nested);
        }
    }

    fn statement(&mut self, nested: u16) {
        let kinds = if nested < NESTED_MAX { 16 } else { 12 };
        match self.below(kinds) {
            0 | 1 => self.constant(),
            2 => {
                let (to, from) = (self.value(), self.value());
                self.a.emit(Op::Move, to, from, 0);
            }
            3..=5 => self.operator(),
            6 => self.test(),
            7 => self.array(),
            8 => self.variable(),
            9 | 10 => self.send(),
            11 => self.block(),
            12 => self.condition(nested),
            13 => self.repetition(nested),
            14 => self.rescue(nested),
            _ => self.ensure(nested),
        }
    }

    fn constant(&mut self) {
        let to = self.value();
        match self.below(7) {
            0 => drop(self.a.emit(Op::LoadNil, to, 0, 0)),
            1 => drop(self.a.emit(Op::LoadTrue, to, 0, 0)),
            2 => drop(self.a.emit(Op::LoadFalse, to, 0, 0)),
            3 => {
                let number = *self.one(&[i64::MAX >> 1, i64::MIN >> 1, 1 << 31, -(1 << 40)]);
                let literal = self.a.literal(Literal::Integer(number.into()));
                self.a.emit(Op::LoadLit, to, literal, 0);
            }
            4 => {
                let float = *self.one(&[0.0, 1.5, -2.0, 1e40, -0.0]);
                let literal = self.a.literal(Literal::Float(float));
                self.a.emit(Op::LoadLit, to, literal, 0);
            }
            _ => {
                let number = self.below(9) as i32 - 3;
                self.a.emit_imm(Op::LoadInt, to, number);
            }
        }
    }

    fn operator(&mut self) {
        let (to, left, right) = (self.value(), self.value(), self.value());
        match self.below(8) {
            0 => {
                let number = self.below(200) as i16 - 100;
                let (op, selector) = *self.one(&[(Op::AddInt, "+"), (Op::SubInt, "-")]);
                let site = self.site(selector, 1);
                self.a
                    .with_send(op, to, left, number as u16, to, site, WINDOW);
            }
            1 => {
                let selector = self.selector("at:put:", "[]=");
                let site = self.site(selector, 2);
                let op = *self.one(&[Op::Aset, Op::AtPut]);
                // The destination of Aset is scratch.
                let dst = if op == Op::Aset { WINDOW } else { to };
                self.a.with_send(op, to, left, right, dst, site, WINDOW);
            }
            2 => {
                let site = self.site("size", 0);
                self.a.with_send(Op::Size, to, left, 0, to, site, WINDOW);
            }
            _ => {
                let &(op, smalltalk, ruby) = self.one(OPERATORS);
                let selector = self.selector(smalltalk, ruby);
                let site = self.site(selector, 1);
                self.a.with_send(op, to, left, right, to, site, WINDOW);
            }
        }
    }

    fn test(&mut self) {
        let (to, left, right) = (self.value(), self.value(), self.value());
        let op = *self.one(&[Op::Identical, Op::NotIdentical, Op::Not, Op::IsNil]);
        self.a.emit(op, to, left, right);
    }

    fn array(&mut self) {
        let (to, count) = (self.value(), self.below(4) as u16);
        let first = VALUES.start() + self.below(3) as u16;
        let element = self.value();
        self.a.emit(Op::NewArray, WINDOW, count, first);
        self.a.emit(Op::ArrayPush, WINDOW, element, 0);
        self.a.emit(Op::Move, to, WINDOW, 0);
    }

    fn variable(&mut self) {
        let (register, which) = (self.value(), self.below(2) as u16);
        match self.below(4) {
            0 => self.a.emit(Op::GetEnv, register, 0, which),
            1 => self.a.emit(Op::SetEnv, register, 0, which),
            2 => self.a.emit(Op::GetSlot, register, which, 0),
            _ => self.a.emit(Op::SetSlot, register, which, 0),
        };
    }

    fn send(&mut self) {
        let &(selector, argc) = self.one(KNOWN);
        let (to, own) = (self.value(), self.below(3) == 0);
        for n in 0..=argc {
            let from = if n == 0 && own { 0 } else { self.value() };
            self.a.emit(Op::Move, WINDOW + n, from, 0);
        }
        let site = self.site(selector, argc);
        self.a.emit(Op::Send, to, site, WINDOW);
    }

    /// Calls a block: here, in a method that gets it as an argument, or (Ruby) in one that yields.
    fn block(&mut self) {
        let ruby = self.program.environment() == 1;
        let name = self.one(BLOCKS);
        let (to, argument) = (self.value(), self.value());
        let code = Literal::Code(Box::new(self.program.named(name)));
        let literal = self.a.literal(code);
        let kind = self.below(2) as u16;
        let site = match self.below(3) {
            0 => {
                self.a.emit(Op::MakeBlock, WINDOW, literal, kind);
                self.a.emit(Op::Move, WINDOW + 1, argument, 0);
                let selector = self.selector("value:", "call_1");
                self.site(selector, 1)
            }
            1 if ruby => {
                self.a.emit(Op::Move, WINDOW, 0, 0);
                self.a.emit(Op::Move, WINDOW + 1, argument, 0);
                self.a.emit(Op::MakeBlock, WINDOW + 2, literal, 2);
                let flags = site_flags::RUBY | site_flags::BLOCK | site_flags::LITERAL_BLOCK;
                self.a.site("give", 1, flags)
            }
            _ => {
                self.a.emit(Op::Move, WINDOW, 0, 0);
                self.a.emit(Op::MakeBlock, WINDOW + 1, literal, kind);
                self.a.emit(Op::Move, WINDOW + 2, argument, 0);
                self.site("apply", 2)
            }
        };
        self.a.emit(Op::Send, to, site, WINDOW);
    }

    fn condition(&mut self, nested: u16) {
        let (other, end) = (self.a.label(), self.a.label());
        let (left, right) = (self.value(), self.value());
        if self.below(2) == 0 {
            let op = *self.one(BRANCHES);
            self.a.jump(op, left, other);
        } else {
            let &(op, smalltalk, ruby) = self.one(FUSED);
            let selector = self.selector(smalltalk, ruby);
            let site = self.site(selector, 1);
            self.a
                .jump_unless(op, left, right, site, WINDOW, Op::BranchFalse, other);
        }
        self.statements(nested + 1);
        self.a.jump(Op::Jump, 0, end);
        self.a.bind(other);
        self.statements(nested + 1);
        self.a.bind(end);
    }

    fn repetition(&mut self, nested: u16) {
        let counter = COUNTER + nested;
        let rounds = self.below(4) as i32;
        self.a.emit_imm(Op::LoadInt, counter, rounds);
        let (again, out) = (self.a.here(), self.a.label());
        let site = self.site(">", 1);
        self.a.jump_unless(
            Op::JumpUnlessGt,
            counter,
            ZERO,
            site,
            WINDOW,
            Op::BranchFalse,
            out,
        );
        self.statements(nested + 1);
        let site = self.site("-", 1);
        self.a
            .with_send(Op::SubInt, counter, counter, 1, counter, site, WINDOW);
        self.a.jump(Op::Jump, 0, again);
        self.a.bind(out);
    }

    fn rescue(&mut self, nested: u16) {
        let (start, over) = (self.a.here(), self.a.label());
        self.statements(nested + 1);
        let end = self.a.here();
        self.a.jump(Op::Jump, 0, over);
        let target = self.a.here();
        let caught = CAUGHT + nested;
        self.a
            .handler(start, end, target, HandlerKind::Rescue, caught);
        let to = self.value();
        self.a.emit(Op::Move, to, caught, 0);
        if self.below(25) == 0 {
            self.a.emit(Op::Reraise, caught, 0, 0);
        }
        self.a.bind(over);
        self.a.emit(Op::Nop, 0, 0, 0);
    }

    fn ensure(&mut self, nested: u16) {
        let pending = PENDING + nested;
        let start = self.a.here();
        self.statements(nested + 1);
        let end = self.a.here();
        self.a.emit(Op::LoadNil, pending, 0, 0);
        let target = self.a.here();
        self.a
            .handler(start, end, target, HandlerKind::Ensure, pending);
        // It may run when the program is given up, and has to end then.
        self.variable();
        self.constant();
        self.a.emit(Op::EndEnsure, pending, 0, 0);
    }

    fn program(mut self) -> Code {
        self.a.temps(WINDOW + 8);
        self.a.emit(Op::MakeEnv, 0, 2, 0);
        self.a.emit(Op::LoadNils, 1, WINDOW - 1, 0);
        self.a.emit_imm(Op::LoadInt, ZERO, 0);
        for register in VALUES.take(3) {
            self.a.emit_imm(Op::LoadInt, register, i32::from(register));
        }
        for _ in 0..4 {
            self.rescue(0);
        }
        for variable in [0, 1] {
            self.a.emit(Op::GetEnv, 7 + variable, 0, variable);
        }
        self.a.emit(Op::NewArray, WINDOW, 8, 1);
        self.a.emit(Op::Return, WINDOW, 0, 0);
        self.a.finish().expect("a small code")
    }
}

/// The program of a seed.
pub fn make(program: &Program, seed: u64) -> Code {
    let environment = program.environment();
    let a = Assembler::new("main", CodeKind::Method, environment, Params::default());
    // Neighbours differ from their first number on; xorshift may not begin with 0.
    let state = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Maker { state, a, program }.program()
}
