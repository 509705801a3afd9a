//! Pattern matching: `case … in`, `=>`, `in`; values, alternatives, captures, arrays. Hash patterns are in `patterns_hash`.
//!
//! A pattern is code that falls through when the subject matches and jumps to a label when it does not. When there is only
//! one pattern, every failure first leaves the reason for the error message in registers.

use crate::generator::{Gen, Goal, Want, on};
use crate::params::text;
use gem_bytecode::{Label, Op, site_flags};
use ruby_prism::*;

/// Three registers that say why the only pattern failed: a kind (Symbol or nil) and two values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SinglePattern {
    pub reason: u16,
}

impl Gen<'_> {
    pub(crate) fn case_match(&mut self, node: &CaseMatchNode<'_>, goal: Goal) {
        let clauses: Vec<Node<'_>> = node.conditions().iter().collect();
        // patterns bind variables: the subject is kept apart from all of them
        let subject = self.temp();
        match node.predicate() {
            Some(predicate) => self.into(&predicate, subject),
            None => self.emit(Op::LoadNil, subject, 0, 0),
        }
        let explained = clauses.len() == 1 && node.else_clause().is_none();
        let outer = (self.single, self.deconstructed);
        self.single = explained.then(|| self.reason_registers());
        let cache = self.temp();
        self.emit(Op::LoadUndef, cache, 0, 0);
        let end = self.label();
        for clause in &clauses {
            let Some(branch) = clause.as_in_node() else {
                continue;
            };
            let next = self.label();
            self.deconstructed = Some((subject, cache));
            self.set_line(clause);
            let mark = self.mark();
            self.guarded_pattern(&branch.pattern(), subject, next);
            self.release(mark);
            let (single, deconstructed) = (self.single.take(), self.deconstructed.take());
            self.statements(branch.statements(), goal);
            (self.single, self.deconstructed) = (single, deconstructed);
            if goal != Goal::Tail {
                self.jump(end);
            }
            self.bind(next);
        }
        let single = self.single.take();
        (self.single, self.deconstructed) = outer;
        match node.else_clause() {
            Some(e) => self.statements(e.statements(), goal),
            None => {
                self.set_line(&node.as_node());
                self.no_match(subject, single);
                self.nil(goal);
            }
        }
        if goal != Goal::Tail {
            self.bind(end);
        }
    }

    /// A pattern may carry a guard: the parser wraps it in a modifier.
    fn guarded_pattern(&mut self, pattern: &Node<'_>, subject: u16, fail: Label) {
        on!(pattern, {
            IfNode.as_if_node => |n| if let Some(inner) = only_statement(n.statements()) {
                self.pattern(&inner, subject, fail);
                self.guard(&n.predicate(), true, fail);
            },
            UnlessNode.as_unless_node => |n| if let Some(inner) = only_statement(n.statements()) {
                self.pattern(&inner, subject, fail);
                self.guard(&n.predicate(), false, fail);
            },
        } else self.pattern(pattern, subject, fail));
    }

    fn guard(&mut self, predicate: &Node<'_>, when: bool, fail: Label) {
        let (single, deconstructed) = (self.single.take(), self.deconstructed.take());
        if single.is_none() {
            self.condition(predicate, fail, !when);
        } else {
            let holds = self.label();
            self.condition(predicate, holds, when);
            self.single = single;
            self.explain("guard", 0, 0);
            self.jump(fail);
            self.bind(holds);
        }
        (self.single, self.deconstructed) = (single, deconstructed);
    }

    /// `value => pattern`
    pub(crate) fn match_required(&mut self, node: &MatchRequiredNode<'_>, want: Want) {
        let subject = self.temp();
        self.into(&node.value(), subject);
        let outer = (self.single, self.deconstructed.take());
        let single = self.reason_registers();
        self.single = Some(single);
        let (fail, done) = (self.label(), self.label());
        self.pattern(&node.pattern(), subject, fail);
        (self.single, self.deconstructed) = outer;
        self.jump(done);
        self.bind(fail);
        self.set_line(&node.as_node());
        self.no_match(subject, Some(single));
        self.bind(done);
        if let Some(to) = want {
            self.emit(Op::LoadNil, to, 0, 0);
        }
    }

    /// `value in pattern`
    pub(crate) fn match_predicate(&mut self, node: &MatchPredicateNode<'_>, want: Want) {
        let (fail, done) = (self.label(), self.label());
        self.condition_pattern(node, fail, false);
        if let Some(to) = want {
            self.emit(Op::LoadTrue, to, 0, 0);
        }
        self.jump(done);
        self.bind(fail);
        if let Some(to) = want {
            self.emit(Op::LoadFalse, to, 0, 0);
        }
        self.bind(done);
    }

    pub(crate) fn condition_pattern(
        &mut self,
        node: &MatchPredicateNode<'_>,
        label: Label,
        when: bool,
    ) {
        let subject = self.temp();
        self.into(&node.value(), subject);
        let outer = (self.single.take(), self.deconstructed.take());
        if when {
            let fail = self.label();
            self.pattern(&node.pattern(), subject, fail);
            self.jump(label);
            self.bind(fail);
        } else {
            self.pattern(&node.pattern(), subject, label);
        }
        (self.single, self.deconstructed) = outer;
    }

    fn reason_registers(&mut self) -> SinglePattern {
        let reason = self.temps(3);
        self.emit(Op::LoadNils, reason, 3, 0);
        SinglePattern { reason }
    }

    /// Raises NoMatchingPatternError, or NoMatchingPatternKeyError when a key was missing.
    fn no_match(&mut self, subject: u16, single: Option<SinglePattern>) {
        let base = self.kernel_base();
        let arguments = self.temps(4);
        self.move_to(arguments, subject);
        match single {
            Some(s) => (0..3).for_each(|i| self.move_to(arguments + 1 + i, s.reason + i)),
            None => self.emit(Op::LoadNils, arguments + 1, 3, 0),
        }
        self.send(None, "__no_matching_pattern", base, 4, 0);
        self.release(base);
    }

    /// Leaves the reason of a failure, where somebody will ask for it.
    pub(crate) fn explain(&mut self, kind: &str, first: u16, second: u16) {
        if let Some(single) = self.single {
            self.load_symbol(single.reason, kind);
            self.move_to(single.reason + 1, first);
            self.move_to(single.reason + 2, second);
        }
    }

    /// To `fail` when `value` is nil or false, with the reason.
    pub(crate) fn fail_unless(
        &mut self,
        value: u16,
        fail: Label,
        kind: &str,
        first: u16,
        second: u16,
    ) {
        if self.single.is_none() {
            return self.branch(Op::BranchFalse, value, fail);
        }
        let holds = self.label();
        self.branch(Op::BranchTrue, value, holds);
        self.explain(kind, first, second);
        self.jump(fail);
        self.bind(holds);
    }

    /// Falls through when `subject` matches; else jumps to `fail`.
    pub(crate) fn pattern(&mut self, node: &Node<'_>, subject: u16, fail: Label) {
        if self.error.is_some() || !self.deeper(node) {
            return;
        }
        let mark = self.mark();
        on!(node, {
            LocalVariableTargetNode.as_local_variable_target_node => |n| {
                let access = self.local_access(&text(&n.name()), n.depth());
                self.write_access(access, subject);
            },
            CapturePatternNode.as_capture_pattern_node => |n| {
                self.pattern(&n.value(), subject, fail);
                self.pattern(&n.target().as_node(), subject, fail);
            },
            AlternationPatternNode.as_alternation_pattern_node => |n| {
                let (other, matched) = (self.label(), self.label());
                self.pattern(&n.left(), subject, other);
                self.jump(matched);
                self.bind(other);
                self.pattern(&n.right(), subject, fail);
                self.bind(matched);
            },
            ParenthesesNode.as_parentheses_node => |n| match crate::generator::single_statement(n.body()).or(n.body()) {
                Some(inner) => self.pattern(&inner, subject, fail),
                None => self.value_pattern(node, subject, fail),
            },
            ImplicitNode.as_implicit_node => |n| self.pattern(&n.value(), subject, fail),
            PinnedVariableNode.as_pinned_variable_node => |n| self.value_pattern(&n.variable(), subject, fail),
            PinnedExpressionNode.as_pinned_expression_node => |n| self.value_pattern(&n.expression(), subject, fail),
            ArrayPatternNode.as_array_pattern_node => |n| self.array_pattern(n, subject, fail),
            FindPatternNode.as_find_pattern_node => |n| self.find_pattern(n, subject, fail),
            HashPatternNode.as_hash_pattern_node => |n| self.hash_pattern(n, subject, fail),
        } else self.value_pattern(node, subject, fail));
        self.release(mark);
        self.shallower();
    }

    /// `pattern === subject`
    pub(crate) fn value_pattern(&mut self, node: &Node<'_>, subject: u16, fail: Label) {
        let (single, deconstructed) = (self.single.take(), self.deconstructed.take());
        let value = self.temp();
        self.into(node, value);
        (self.single, self.deconstructed) = (single, deconstructed);
        let base = self.temps(2);
        self.move_to(base, value);
        self.move_to(base + 1, subject);
        self.set_line(node);
        self.send(None, "===", base, 1, site_flags::SELF_CALL);
        self.fail_unless(base, fail, "===", value, subject);
    }

    pub(crate) fn constant_pattern(
        &mut self,
        constant: Option<Node<'_>>,
        subject: u16,
        fail: Label,
    ) {
        if let Some(class) = constant {
            self.value_pattern(&class, subject, fail);
        }
    }

    /// `/(?<name>…)/ =~ string`: named groups become variables.
    pub(crate) fn match_write(&mut self, node: &MatchWriteNode<'_>, want: Want) {
        let keep = match want {
            Some(to) => self.workspace(Some(to)),
            None => self.temp(),
        };
        self.call(&node.call(), Some(keep));
        let found = self.temp();
        let (failed, end) = (self.label(), self.label());
        self.emit(Op::GetSpecial, found, 0, 0);
        self.branch(Op::BranchNil, found, failed);
        for target in node.targets().iter() {
            let Some(local) = target.as_local_variable_target_node() else {
                continue;
            };
            let base = self.temps(2);
            self.move_to(base, found);
            self.load_symbol(base + 1, &text(&local.name()));
            self.send(None, "[]", base, 1, 0);
            let access = self.local_access(&text(&local.name()), local.depth());
            self.write_access(access, base);
            self.release(base);
        }
        self.jump(end);
        self.bind(failed);
        for target in node.targets().iter() {
            let Some(local) = target.as_local_variable_target_node() else {
                continue;
            };
            let access = self.local_access(&text(&local.name()), local.depth());
            // `found` is nil here
            self.write_access(access, found);
        }
        self.bind(end);
        if let Some(to) = want {
            self.move_to(to, keep);
        }
    }
}

fn only_statement<'pr>(body: Option<StatementsNode<'pr>>) -> Option<Node<'pr>> {
    body?.body().first()
}
