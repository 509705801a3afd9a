//! `if`, `unless`, `case`/`when`.

use crate::generator::{Gen, Goal};
use gem_bytecode::{Label, Op, site_flags};
use ruby_prism::{CaseNode, IfNode, Node, UnlessNode, WhenNode};

impl Gen<'_> {
    pub(crate) fn if_node(&mut self, node: &IfNode<'_>, goal: Goal) {
        let subsequent = node.subsequent();
        let mut other = |g: &mut Self| match &subsequent {
            Some(s) => g.else_or_elsif(s, goal),
            None => g.nil(goal),
        };
        let has_other = subsequent.is_some();
        let other: Option<&mut dyn FnMut(&mut Self)> =
            if has_other { Some(&mut other) } else { None };
        self.branches(
            &node.predicate(),
            true,
            goal,
            |g| g.statements(node.statements(), goal),
            other,
        );
    }

    fn else_or_elsif(&mut self, node: &Node<'_>, goal: Goal) {
        match node.as_else_node() {
            Some(e) => self.statements(e.statements(), goal),
            None => self.expr(node, goal),
        }
    }

    pub(crate) fn unless_node(&mut self, node: &UnlessNode<'_>, goal: Goal) {
        let clause = node.else_clause();
        let mut other =
            |g: &mut Self| g.statements(clause.as_ref().and_then(|c| c.statements()), goal);
        let other: Option<&mut dyn FnMut(&mut Self)> = if clause.is_some() {
            Some(&mut other)
        } else {
            None
        };
        self.branches(
            &node.predicate(),
            false,
            goal,
            |g| g.statements(node.statements(), goal),
            other,
        );
    }

    pub(crate) fn case_node(&mut self, node: &CaseNode<'_>, goal: Goal) {
        let conditions: Vec<Node<'_>> = node.conditions().iter().collect();
        let subject = node.predicate().map(|predicate| {
            let later: Vec<&Node<'_>> = conditions.iter().collect();
            self.operand_before(&predicate, &later)
        });
        let end = self.label();
        for clause in &conditions {
            let Some(when) = clause.as_when_node() else {
                continue;
            };
            let next = self.label();
            self.when_tests(&when, subject, next);
            self.statements(when.statements(), goal);
            if goal != Goal::Tail {
                self.jump(end);
            }
            self.bind(next);
        }
        match node.else_clause() {
            Some(e) => self.statements(e.statements(), goal),
            None => self.nil(goal),
        }
        if goal != Goal::Tail {
            self.bind(end);
        }
    }

    /// Falls through into the body when one of the conditions holds, else goes to `next`.
    fn when_tests(&mut self, when: &WhenNode<'_>, subject: Option<u16>, next: Label) {
        let body = self.label();
        let conditions: Vec<Node<'_>> = when.conditions().iter().collect();
        for (i, condition) in conditions.iter().enumerate() {
            let mark = self.mark();
            let last = i + 1 == conditions.len();
            self.set_line(condition);
            match subject {
                None => self.bare_test(condition, body, next, last),
                Some(subject) => self.subject_test(condition, subject, body, next, last),
            }
            self.release(mark);
        }
        self.bind(body);
    }

    /// To the body on a true value; to `next` when this was the last chance.
    fn decide(&mut self, value: u16, body: Label, next: Label, last: bool) {
        if last {
            self.branch(Op::BranchFalse, value, next);
        } else {
            self.branch(Op::BranchTrue, value, body);
        }
    }

    fn bare_test(&mut self, condition: &Node<'_>, body: Label, next: Label, last: bool) {
        if let Some(splat) = condition.as_splat_node() {
            let all = self.splatted(&splat.expression());
            self.send_helper(all, "__when_any", all, 0);
            return self.decide(all, body, next, last);
        }
        if last {
            self.condition(condition, next, false);
        } else {
            self.condition(condition, body, true);
        }
    }

    fn subject_test(
        &mut self,
        condition: &Node<'_>,
        subject: u16,
        body: Label,
        next: Label,
        last: bool,
    ) {
        if let Some(splat) = condition.as_splat_node() {
            let all = self.splatted(&splat.expression());
            let argument = self.temp();
            self.move_to(argument, subject);
            self.send_helper(all, "__when_splat", all, 1);
            return self.decide(all, body, next, last);
        }
        let base = self.temps(2);
        self.frozen_into(condition, base);
        let unique = matches!(
            condition,
            Node::SymbolNode { .. }
                | Node::NilNode { .. }
                | Node::TrueNode { .. }
                | Node::FalseNode { .. }
        );
        if unique {
            // `===` of these is identity
            self.emit(Op::Identical, base, base, subject);
            return self.decide(base, body, next, last);
        }
        if condition.as_integer_node().is_some() {
            self.emit(Op::Identical, base + 1, base, subject);
            self.branch(Op::BranchTrue, base + 1, body);
        }
        self.move_to(base + 1, subject);
        self.send(None, "===", base, 1, site_flags::SELF_CALL);
        self.decide(base, body, next, last);
    }

    /// A fresh Array of what `*x` spreads, in a register of its own.
    pub(crate) fn splatted(&mut self, expression: &Option<Node<'_>>) -> u16 {
        let all = self.temp();
        match expression {
            Some(e) => {
                let value = self.operand(e);
                self.splat(all, value);
            }
            None => self.emit(Op::NewArray, all, 0, 0),
        }
        self.release(all + 1);
        all
    }
}
