//! Instructions with a fast path. The Send behind them is their slow path; whichever is taken, the registers of its window are lost.

use crate::run::Flow;
use crate::{Library, Machine, Unwind, Value};
use gem_bytecode::{Instr, Op};

/// SmallIntegers have 63 bits.
const SMALL: std::ops::Range<i64> = -(1 << 62)..1 << 62;

impl<L: Library> Machine<L> {
    pub(crate) fn fast(&mut self, op: Op, i: Instr, pc: usize) -> Result<Flow, Unwind> {
        let send = self.instruction(pc + 1);
        let operands = match op {
            Op::AddInt | Op::SubInt | Op::WindowInt => {
                vec![self.get(i.b()), Value::Int(i.sc().into())]
            }
            Op::Aset | Op::AtPut | Op::WindowStore => {
                vec![self.get(i.b()), self.get(i.c()), self.get(i.a())]
            }
            Op::Splat | Op::ToAry | Op::ToStr | Op::Size | Op::WindowUnary => vec![self.get(i.b())],
            _ if op.is_fused() || op == Op::WindowFused => vec![self.get(i.a()), self.get(i.b())],
            _ => vec![self.get(i.b()), self.get(i.c())],
        };
        let repeats = op.operands().kinds[0] == b'W';
        assert!(!repeats || i.a() == send.a(), "another destination");
        let value = match op {
            // What Ruby's syntax means, not an operator that can be redefined.
            Op::Splat | Op::ToAry | Op::ToStr => converted(op, &operands[0]),
            _ if self.slow || self.is_redefined(send, &operands[0]) => None,
            _ => quick(op, &operands),
        };
        self.destroy_from(send.c());
        let Some(value) = value else {
            for (register, operand) in (send.c()..).zip(operands) {
                self.set(register, operand);
            }
            return Ok(Flow::Next);
        };
        if op.is_fused() {
            let offset = if value.is_truthy() {
                0
            } else {
                i64::from(i.sc())
            };
            return Ok(Flow::To((pc as i64 + 3 + offset) as usize));
        }
        // The destination of Aset is scratch.
        if op != Op::Aset {
            self.set(send.a(), value);
        }
        Ok(Flow::To(pc + 2))
    }

    /// Whether the program has a method of its own for the operator.
    fn is_redefined(&self, send: Instr, receiver: &Value) -> bool {
        let site = self.site(send.b());
        let environment = site.flags as u8 & 1;
        let selector = self.name(site.selector);
        let class = self.class_of(receiver);
        self.find(&class, environment, &selector).is_some()
    }
}

fn converted(op: Op, value: &Value) -> Option<Value> {
    match (op, value) {
        (Op::Splat, Value::Nil) => Some(Value::array(vec![])),
        (Op::Splat, Value::Array(items)) => Some(Value::array(items.borrow().clone())),
        (Op::ToAry, Value::Array(_)) | (Op::ToStr, Value::String(_)) => Some(value.clone()),
        _ => None,
    }
}

/// The value of an operator on the kinds that have a fast path.
fn quick(op: Op, operands: &[Value]) -> Option<Value> {
    match (op, operands) {
        (Op::Eq | Op::JumpUnlessEq, [a, b]) => equal(a, b).map(Value::bool),
        (Op::Ne | Op::JumpUnlessNe, [a, b]) => equal(a, b).map(|same| Value::bool(!same)),
        (_, [Value::Int(a), Value::Int(b)]) => integers(op, *a, *b),
        (_, [Value::Float(a), Value::Float(b)]) if both(*a, *b) => floats(op, *a, *b),
        (_, [Value::Float(a), Value::Int(b)]) if is_small(*a) => match op {
            Op::AddInt => Some(Value::Float(a + *b as f64)),
            Op::SubInt => Some(Value::Float(a - *b as f64)),
            _ => None,
        },
        (Op::Aref, [Value::Hash(pairs), key]) => {
            let pairs = pairs.borrow();
            let found = pairs.iter().find(|(own, _)| own.same_key(key));
            found.map(|(_, value)| value.clone())
        }
        (_, [Value::Array(items), rest @ ..]) => arrays(op, &operands[0], items, rest),
        _ => None,
    }
}

/// Whether a Float is a SmallDouble: one whose exponent lies near 0, or plain zero.
pub(crate) fn is_small(f: f64) -> bool {
    let bits = f.to_bits();
    bits == 0 || matches!(bits >> 60 & 7, 3 | 4) && bits != 3 << 60
}

fn both(a: f64, b: f64) -> bool {
    is_small(a) && is_small(b)
}

fn integers(op: Op, a: i64, b: i64) -> Option<Value> {
    let number = match op {
        Op::Add | Op::AddInt => a.checked_add(b),
        Op::Sub | Op::SubInt => a.checked_sub(b),
        Op::Mul => a.checked_mul(b),
        Op::Div | Op::IntDiv => (b != 0).then(|| floor_div(a, b)),
        Op::Mod => (b != 0).then(|| a - floor_div(a, b) * b),
        Op::BitAnd => Some(a & b),
        Op::BitOr => Some(a | b),
        Op::BitXor => Some(a ^ b),
        Op::ShiftLeft if (0..62).contains(&b) => a.checked_mul(1 << b),
        Op::ShiftRight if (0..64).contains(&b) => Some(a >> b),
        _ => return ordered(op, a, b),
    };
    number.filter(|n| SMALL.contains(n)).map(Value::Int)
}

fn floor_div(a: i64, b: i64) -> i64 {
    a.div_euclid(b) - i64::from(b < 0 && a.rem_euclid(b) != 0)
}

fn floats(op: Op, a: f64, b: f64) -> Option<Value> {
    Some(Value::Float(match op {
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Mul => a * b,
        Op::Div => a / b,
        // What a division by zero is each language's own.
        Op::Mod if b != 0.0 => {
            let rest = a % b;
            let wrong = rest != 0.0 && (rest < 0.0) != (b < 0.0);
            if wrong { rest + b } else { rest }
        }
        _ => return ordered(op, a, b),
    }))
}

fn ordered<T: PartialOrd>(op: Op, a: T, b: T) -> Option<Value> {
    Some(Value::bool(match op {
        Op::Lt | Op::JumpUnlessLt => a < b,
        Op::Le | Op::JumpUnlessLe => a <= b,
        Op::Gt | Op::JumpUnlessGt => a > b,
        Op::Ge | Op::JumpUnlessGe => a >= b,
        _ => return None,
    }))
}

fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a == b),
        (Value::Float(a), Value::Float(b)) if both(*a, *b) => Some(a == b),
        (Value::String(a), Value::String(b)) => Some(*a.borrow() == *b.borrow()),
        (Value::Nil | Value::True | Value::False | Value::Symbol(_), _) => Some(a.same(b)),
        _ => None,
    }
}

fn arrays(
    op: Op,
    array: &Value,
    items: &std::cell::RefCell<Vec<Value>>,
    rest: &[Value],
) -> Option<Value> {
    let count = items.borrow().len();
    match (op, rest) {
        (Op::Size, []) => Some(Value::Int(count as i64)),
        (Op::ShiftLeft, [value]) => {
            items.borrow_mut().push(value.clone());
            Some(array.clone())
        }
        (Op::Aref, [Value::Int(n)]) => {
            let from_end = if *n < 0 { count as i64 } else { 0 };
            let at = usize::try_from(n + from_end).ok();
            let found = at.and_then(|at| items.borrow().get(at).cloned());
            Some(found.unwrap_or_default())
        }
        (Op::At, [Value::Int(n)]) => {
            let at = usize::try_from(n - 1).ok()?;
            items.borrow().get(at).cloned()
        }
        (Op::Aset | Op::AtPut, [Value::Int(n), value]) => {
            let at = usize::try_from(n - i64::from(op == Op::AtPut)).ok()?;
            *items.borrow_mut().get_mut(at)? = value.clone();
            Some(value.clone())
        }
        _ => None,
    }
}
