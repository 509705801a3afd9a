//! Operators with a fast path of their own, and `!`.

use crate::generator::{Gen, Want, on};
use crate::literals::small_integer;
use gem_bytecode::Op;
use ruby_prism::{CallNode, Node};

/// The instruction for a binary operator.
pub(crate) fn binary_op(name: &[u8]) -> Option<Op> {
    Some(match name {
        b"+" => Op::Add,
        b"-" => Op::Sub,
        b"*" => Op::Mul,
        b"/" => Op::Div,
        b"%" => Op::Mod,
        b"&" => Op::BitAnd,
        b"|" => Op::BitOr,
        b"^" => Op::BitXor,
        b"<<" => Op::ShiftLeft,
        b">>" => Op::ShiftRight,
        b"<" => Op::Lt,
        b"<=" => Op::Le,
        b">" => Op::Gt,
        b">=" => Op::Ge,
        b"==" => Op::Eq,
        b"!=" => Op::Ne,
        b"[]" => Op::Aref,
        _ => return None,
    })
}

/// The fused branch for a comparison.
pub(crate) fn fused_op(name: &[u8]) -> Option<Op> {
    Some(match name {
        b"<" => Op::JumpUnlessLt,
        b"<=" => Op::JumpUnlessLe,
        b">" => Op::JumpUnlessGt,
        b">=" => Op::JumpUnlessGe,
        b"==" => Op::JumpUnlessEq,
        b"!=" => Op::JumpUnlessNe,
        _ => return None,
    })
}

/// The small integer operand that `AddInt` and `SubInt` take.
fn immediate(op: Op, argument: &Node<'_>) -> Option<(Op, u16)> {
    let value = i16::try_from(small_integer(argument)?).ok()?;
    match op {
        Op::Add => Some((Op::AddInt, value as u16)),
        Op::Sub => Some((Op::SubInt, value as u16)),
        _ => None,
    }
}

/// Receiver and argument of a call that is nothing but a binary operator.
pub(crate) fn binary<'pr>(call: &CallNode<'pr>) -> Option<(Node<'pr>, Node<'pr>)> {
    if call.is_safe_navigation() || call.block().is_some() || call.is_attribute_write() {
        return None;
    }
    let arguments = call.arguments()?.arguments();
    let (receiver, argument) = (call.receiver()?, arguments.first()?);
    let plain = !matches!(
        argument,
        Node::SplatNode { .. }
            | Node::KeywordHashNode { .. }
            | Node::ForwardingArgumentsNode { .. }
    );
    (arguments.len() == 1 && plain).then_some((receiver, argument))
}

impl Gen<'_> {
    /// An instruction with a fast path and the Send behind it, whose window lies above everything in use.
    #[allow(clippy::too_many_arguments)] // the shape of the instruction pair
    pub(crate) fn fast(
        &mut self,
        op: Op,
        a: u16,
        b: u16,
        c: u16,
        dst: u16,
        selector: &str,
        argc: u16,
        flags: u16,
    ) {
        let window = self.temps(argc + 1);
        let site = self.frame().site(selector, argc, flags);
        self.frame().asm.with_send(op, a, b, c, dst, site, window);
        self.release(window);
    }

    /// `left op right` through its fast path.
    pub(crate) fn binary_operator(
        &mut self,
        op: Op,
        call: &CallNode<'_>,
        left: &Node<'_>,
        right: &Node<'_>,
        want: Want,
    ) {
        let name = call.name();
        let selector = std::str::from_utf8(name.as_slice()).expect("operators are ASCII");
        let flags = Self::self_flags(call.is_ignore_visibility(), false);
        if let Some((op, number)) = immediate(op, right) {
            let l = self.operand(left);
            let to = self.out(want);
            self.call_line(call);
            return self.fast(op, to, l, number, to, selector, 1, flags);
        }
        let l = self.operand_before(left, &[right]);
        let r = self.operand(right);
        let to = self.out(want);
        self.call_line(call);
        self.fast(op, to, l, r, to, selector, 1, flags);
    }

    /// `left op right` on registers, for operator assignment.
    pub(crate) fn apply_operator(&mut self, operator: &str, left: u16, right: &Node<'_>, to: u16) {
        let op = binary_op(operator.as_bytes());
        if let Some((op, number)) = op.and_then(|op| immediate(op, right)) {
            return self.fast(op, to, left, number, to, operator, 1, 0);
        }
        match op {
            Some(op) => {
                let r = self.operand(right);
                self.fast(op, to, left, r, to, operator, 1, 0);
            }
            None => {
                let base = self.temps(2);
                self.move_to(base, left);
                self.into(right, base + 1);
                self.send(Some(to), operator, base, 1, 0);
                self.release(base);
            }
        }
    }

    /// `!x`. nil and false are never asked; other objects may have a `!` of their own.
    pub(crate) fn not(&mut self, call: &CallNode<'_>, operand: &Node<'_>, want: Want) {
        let value = self.operand(operand);
        let to = self.out(want);
        if is_truth_value(operand) {
            return self.emit(Op::Not, to, value, 0);
        }
        let (falsy, end) = (self.label(), self.label());
        self.branch(Op::BranchFalse, value, falsy);
        let base = self.temp();
        self.move_to(base, value);
        self.call_line(call);
        self.send(
            Some(to),
            "!",
            base,
            0,
            Self::self_flags(call.is_ignore_visibility(), false),
        );
        self.jump(end);
        self.bind(falsy);
        self.emit(Op::LoadTrue, to, 0, 0);
        self.bind(end);
    }

    /// Backtraces show a call at the line of its name.
    pub(crate) fn call_line(&mut self, call: &CallNode<'_>) {
        let at = call
            .message_loc()
            .map_or(call.location().start(), |l| l.start());
        self.set_line_at(at);
    }
}

/// Whether a value is true, false, nil or another object whose `!` nobody overrides, as far as the text shows.
pub(crate) fn is_truth_value(node: &Node<'_>) -> bool {
    on!(node, {
        CallNode.as_call_node => |n| {
            let name = n.name();
            let name = name.as_slice();
            name == b"!" || name == b"==" || name == b"!=" || name == b"===" || fused_op(name).is_some() || name.ends_with(b"?")
        },
        AndNode.as_and_node => |n| is_truth_value(&n.left()) && is_truth_value(&n.right()),
        OrNode.as_or_node => |n| is_truth_value(&n.left()) && is_truth_value(&n.right()),
        ParenthesesNode.as_parentheses_node => |n| crate::generator::single_statement(n.body()).is_some_and(|s| is_truth_value(&s)),
    } else {
        matches!(
            node,
            Node::TrueNode { .. } | Node::FalseNode { .. } | Node::NilNode { .. } | Node::DefinedNode { .. } | Node::MatchPredicateNode { .. } | Node::IntegerNode { .. }
        )
    })
}
