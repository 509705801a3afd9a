//! Which messages are control structures, compiled in line instead of sent. `analysis` and `codegen` both ask here,
//! so that they cannot disagree.

use crate::ast::{Expression, Kind, Send};
use gem_bytecode::Literal;
use num_bigint::Sign;

/// A control structure, by the shape of its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// One branch: taken when the receiver is this.
    If(bool),
    /// Two branches: the first taken when the receiver is this.
    IfElse(bool),
    /// `ifNil:`
    IfNil,
    /// `ifNotNil:`
    IfNotNil,
    /// Both: whether the block for nil comes first.
    IfNilElse { nil_first: bool },
    /// `and:`
    And,
    /// `or:`
    Or,
    /// Condition and body: goes on while the condition is this.
    While(bool),
    /// The receiver alone is condition and body.
    WhileAlone(bool),
    /// `repeat`
    Repeat,
    /// `to:do:`
    To,
    /// `to:by:do:` with a literal step; whether it counts down.
    ToBy { down: bool },
    /// `timesRepeat:`
    Times,
}

/// How a literal block that is part of a send is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A closure.
    Real,
    /// In line, at most once each time control gets there.
    Inline,
    /// In line, again and again: its variables are new in each round.
    Loop,
}

impl Control {
    /// The control structure that `send` is, if its blocks are literal and take the right number of arguments.
    pub fn of(send: &Send) -> Option<Control> {
        let message = &send.message;
        if message.ruby || matches!(send.receiver.kind, Kind::Super) {
            return None;
        }
        let takes = |e: &Expression, counts: &[usize]| {
            e.as_block()
                .is_some_and(|b| counts.iter().any(|&n| b.takes(n)))
        };
        let args = &message.arguments;
        let arg = |i: usize, counts: &[usize]| takes(&args[i], counts);
        let receiver = || takes(&send.receiver, &[0]);
        let (control, fits) = match message.selector.as_str() {
            "ifTrue:" => (Control::If(true), arg(0, &[0])),
            "ifFalse:" => (Control::If(false), arg(0, &[0])),
            "ifTrue:ifFalse:" => (Control::IfElse(true), arg(0, &[0]) && arg(1, &[0])),
            "ifFalse:ifTrue:" => (Control::IfElse(false), arg(0, &[0]) && arg(1, &[0])),
            "ifNil:" => (Control::IfNil, arg(0, &[0])),
            "ifNotNil:" => (Control::IfNotNil, arg(0, &[0, 1])),
            "ifNil:ifNotNil:" => (
                Control::IfNilElse { nil_first: true },
                arg(0, &[0]) && arg(1, &[0, 1]),
            ),
            "ifNotNil:ifNil:" => (
                Control::IfNilElse { nil_first: false },
                arg(0, &[0, 1]) && arg(1, &[0]),
            ),
            "and:" => (Control::And, arg(0, &[0])),
            "or:" => (Control::Or, arg(0, &[0])),
            "whileTrue:" => (Control::While(true), receiver() && arg(0, &[0])),
            "whileFalse:" => (Control::While(false), receiver() && arg(0, &[0])),
            "whileTrue" => (Control::WhileAlone(true), receiver()),
            "whileFalse" => (Control::WhileAlone(false), receiver()),
            "repeat" => (Control::Repeat, receiver()),
            "to:do:" => (Control::To, arg(1, &[1])),
            "to:by:do:" => {
                let down = step_sign(&args[1])?;
                (Control::ToBy { down }, arg(2, &[1]))
            }
            "timesRepeat:" => (Control::Times, arg(0, &[0])),
            _ => return None,
        };
        fits.then_some(control)
    }

    /// How a literal block is compiled that is the receiver.
    pub fn receiver_role(self) -> Role {
        match self {
            Control::While(_) | Control::WhileAlone(_) | Control::Repeat => Role::Loop,
            _ => Role::Real,
        }
    }

    /// How a literal block is compiled that is the argument at `index`.
    pub fn argument_role(self, index: usize) -> Role {
        match self {
            Control::While(_) | Control::Times => Role::Loop,
            Control::To if index == 1 => Role::Loop,
            Control::ToBy { .. } if index == 2 => Role::Loop,
            Control::To | Control::ToBy { .. } => Role::Real,
            _ => Role::Inline,
        }
    }
}

/// Whether a literal number is negative; None when it is none, or zero.
fn step_sign(e: &Expression) -> Option<bool> {
    let Kind::Literal(literal) = &e.kind else {
        return None;
    };
    match literal {
        Literal::Integer(i)
        | Literal::ScaledDecimal(i, _, _)
        | Literal::FixedPoint(i, _, _)
        | Literal::DecimalFloat(i, _) => match i.sign() {
            Sign::Minus => Some(true),
            Sign::Plus => Some(false),
            Sign::NoSign => None,
        },
        Literal::Float(f) if *f < 0.0 => Some(true),
        Literal::Float(f) if *f > 0.0 => Some(false),
        _ => None,
    }
}
