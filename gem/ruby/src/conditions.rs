//! Conditions: truth values become jumps without being made first.

use crate::generator::{Gen, Goal, Want, on};
use crate::operators::{binary, fused_op, is_truth_value};
use crate::prologue::primitive_call;
use gem_bytecode::{Label, Op};
use ruby_prism::{CallNode, Node};

impl Gen<'_> {
    /// Jumps to `label` when `node` is true (`when` true) or when it is nil or false (`when` false); else falls through.
    pub(crate) fn condition(&mut self, node: &Node<'_>, label: Label, when: bool) {
        if self.error.is_some() || !self.deeper(node) {
            return;
        }
        let mark = self.mark();
        on!(node, {
            ParenthesesNode.as_parentheses_node => |n| match crate::generator::single_statement(n.body()) {
                Some(inner) => self.condition(&inner, label, when),
                None => self.condition_value(node, label, when),
            },
            TrueNode.as_true_node => |_n| if when { self.jump(label) },
            FalseNode.as_false_node => |_n| if !when { self.jump(label) },
            NilNode.as_nil_node => |_n| if !when { self.jump(label) },
            IntegerNode.as_integer_node => |_n| if when { self.jump(label) },
            AndNode.as_and_node => |n| self.condition_pair(&n.left(), &n.right(), label, when, false),
            OrNode.as_or_node => |n| self.condition_pair(&n.left(), &n.right(), label, when, true),
            CallNode.as_call_node => |n| self.condition_call(n, node, label, when),
            MatchPredicateNode.as_match_predicate_node => |n| self.condition_pattern(n, label, when),
        } else self.condition_value(node, label, when));
        self.release(mark);
        self.shallower();
    }

    fn condition_value(&mut self, node: &Node<'_>, label: Label, when: bool) {
        let value = self.operand(node);
        self.branch(
            if when {
                Op::BranchTrue
            } else {
                Op::BranchFalse
            },
            value,
            label,
        );
    }

    /// `and` decides by its left side when that is false, `or` when it is true.
    fn condition_pair(
        &mut self,
        left: &Node<'_>,
        right: &Node<'_>,
        label: Label,
        when: bool,
        decided_by: bool,
    ) {
        if when == decided_by {
            self.condition(left, label, when);
            self.condition(right, label, when);
        } else {
            let skip = self.label();
            self.condition(left, skip, decided_by);
            self.condition(right, label, when);
            self.bind(skip);
        }
    }

    fn condition_call(&mut self, call: &CallNode<'_>, node: &Node<'_>, label: Label, when: bool) {
        let id = call.name();
        let name = id.as_slice();
        if let Some((b"undefined?", 1)) = primitive_call(node)
            && let Some(argument) = call.arguments().and_then(|a| a.arguments().first())
        {
            let value = self.operand(&argument);
            return self.branch(
                if when {
                    Op::BranchUndef
                } else {
                    Op::BranchNotUndef
                },
                value,
                label,
            );
        }
        if name == b"!"
            && call.arguments().is_none()
            && let Some(operand) = call.receiver()
            && is_truth_value(&operand)
        {
            return self.condition(&operand, label, !when);
        }
        match (fused_op(name), binary(call)) {
            (Some(op), Some((left, right))) if self.fused => {
                self.fused_branch(op, call, &left, &right, label, when)
            }
            _ => self.condition_value(node, label, when),
        }
    }

    fn fused_branch(
        &mut self,
        op: Op,
        call: &CallNode<'_>,
        left: &Node<'_>,
        right: &Node<'_>,
        label: Label,
        when: bool,
    ) {
        let l = self.operand_before(left, &[right]);
        let r = self.operand(right);
        let window = self.temps(2);
        let flags = Self::self_flags(call.is_ignore_visibility(), false);
        let id = call.name();
        let selector = std::str::from_utf8(id.as_slice()).expect("operators are ASCII");
        let site = self.frame().site(selector, 1, flags);
        self.call_line(call);
        let target = if when { self.label() } else { label };
        self.frame()
            .asm
            .jump_unless(op, l, r, site, window, Op::BranchFalse, target);
        if when {
            self.jump(label);
            self.bind(target);
        }
    }

    /// `a and b`, `a or b` as values.
    pub(crate) fn and_or(&mut self, left: &Node<'_>, right: &Node<'_>, and: bool, want: Want) {
        let end = self.label();
        match want {
            None => {
                self.condition(left, end, !and);
                self.effect(right);
            }
            Some(to) => {
                let value = self.workspace(Some(to));
                self.into(left, value);
                self.branch(
                    if and { Op::BranchFalse } else { Op::BranchTrue },
                    value,
                    end,
                );
                self.into(right, value);
                self.bind(end);
                return self.move_to(to, value);
            }
        }
        self.bind(end);
    }

    /// `if` and its kin: `other` makes the value of the other branch, `None` when there is none.
    pub(crate) fn branches(
        &mut self,
        condition: &Node<'_>,
        when: bool,
        goal: Goal,
        then: impl FnOnce(&mut Self),
        other: Option<&mut dyn FnMut(&mut Self)>,
    ) {
        let (otherwise, end) = (self.label(), self.label());
        self.condition(condition, otherwise, !when);
        then(self);
        if other.is_none() && goal == Goal::Effect {
            self.bind(otherwise);
        } else {
            if goal != Goal::Tail {
                self.jump(end);
            }
            self.bind(otherwise);
            match other {
                Some(make) => make(self),
                None => self.nil(goal),
            }
            if goal != Goal::Tail {
                self.bind(end);
            }
        }
    }
}
