//! `begin … rescue … else … ensure … end` and the rescue modifier.
//!
//! `$!` is read when the structure is entered and put back when a rescue clause is left.

use crate::frame::{Control, Ensure};
use crate::generator::{Gen, Goal, Want};
use gem_bytecode::{HandlerKind, Label, Op, site_flags};
use ruby_prism::{BeginNode, Node, RescueModifierNode, RescueNode, StatementsNode};

impl Gen<'_> {
    pub(crate) fn begin_node(&mut self, node: &BeginNode<'_>, goal: Goal) {
        match (node.rescue_clause(), node.ensure_clause()) {
            (None, None) => self.begin_body(node, goal),
            (_, None) => self.staged(goal, |g, want| g.rescue_region(node, want)),
            (_, Some(ensure)) => {
                let rescues = node.rescue_clause().is_some();
                self.staged(goal, |g, want| {
                    g.ensure_region(want, ensure.statements(), |g, want| {
                        if rescues {
                            g.rescue_region(node, want)
                        } else {
                            g.begin_body(node, goal_of(want))
                        }
                    });
                });
            }
        }
    }

    /// Parts that can read a local run after the value is made: it is made in a register of its own first.
    fn staged(&mut self, goal: Goal, make: impl FnOnce(&mut Self, Want)) {
        match goal {
            Goal::Into(to) => {
                let value = self.workspace(Some(to));
                make(self, Some(value));
                self.move_to(to, value);
            }
            _ => make(self, None),
        }
    }

    /// Body and `else` of a begin without rescue clauses.
    fn begin_body(&mut self, node: &BeginNode<'_>, goal: Goal) {
        match node.else_clause() {
            None => self.statements(node.statements(), goal),
            Some(e) => {
                self.statements(node.statements(), Goal::Effect);
                self.statements(e.statements(), goal);
            }
        }
    }

    fn rescue_region(&mut self, node: &BeginNode<'_>, want: Want) {
        let Some(first) = node.rescue_clause() else {
            return;
        };
        let has_else = node.else_clause().is_some();
        self.rescued(
            |g| {
                g.statements(
                    node.statements(),
                    if has_else {
                        Goal::Effect
                    } else {
                        goal_of(want)
                    },
                )
            },
            |g| {
                if let Some(e) = node.else_clause() {
                    g.statements(e.statements(), goal_of(want));
                }
            },
            |g, exception, done| g.rescue_clauses(&first, exception, want, done),
        );
    }

    /// `body` under a rescue handler; `otherwise` when nothing was raised; `clauses` test the exception and end with a jump.
    fn rescued(
        &mut self,
        body: impl FnOnce(&mut Self),
        otherwise: impl FnOnce(&mut Self),
        clauses: impl FnOnce(&mut Self, Rescued, Label),
    ) {
        let (saved, exception) = (self.temp(), self.temp());
        self.emit(Op::GetErrInfo, saved, 0, 0);
        let done = self.label();
        let start = self.here();
        body(self);
        let end = self.here();
        otherwise(self);
        self.jump(done);
        let target = self.here();
        self.frame()
            .asm
            .handler(start, end, target, HandlerKind::Rescue, exception);
        self.emit(Op::SetErrInfo, exception, 0, 0);
        clauses(
            self,
            Rescued {
                saved,
                exception,
                start,
            },
            done,
        );
        self.emit(Op::Reraise, exception, 0, 0);
        self.bind(done);
    }

    fn rescue_clauses(
        &mut self,
        first: &RescueNode<'_>,
        rescued: Rescued,
        want: Want,
        done: Label,
    ) {
        let mut clause = first.as_node().as_rescue_node();
        while let Some(node) = clause {
            let (next, matched) = (self.label(), self.label());
            self.rescue_tests(&node, rescued.exception, matched);
            self.jump(next);
            self.bind(matched);
            self.rescue_body(&rescued, want, |g, goal| {
                if let Some(reference) = node.reference() {
                    let mark = g.mark();
                    let place = g.prepare_target(&reference);
                    g.store_target(&place, rescued.exception);
                    g.release(mark);
                }
                g.statements(node.statements(), goal);
            });
            self.jump(done);
            self.bind(next);
            clause = node.subsequent();
        }
    }

    /// A clause's body: `retry` starts over, leaving it in any way puts `$!` back.
    fn rescue_body(&mut self, rescued: &Rescued, want: Want, body: impl FnOnce(&mut Self, Goal)) {
        self.frame().controls.push(Control::Retry(rescued.start));
        self.frame().controls.push(Control::ErrInfo(rescued.saved));
        body(self, goal_of(want));
        self.frame().controls.pop();
        self.frame().controls.pop();
        self.emit(Op::SetErrInfo, rescued.saved, 0, 0);
    }

    /// Jumps to `matched` when one of the clause's classes matches the exception.
    fn rescue_tests(&mut self, node: &RescueNode<'_>, exception: u16, matched: Label) {
        let classes: Vec<Node<'_>> = node.exceptions().iter().collect();
        if classes.is_empty() {
            self.standard_error_test(exception, matched);
        }
        for class in &classes {
            let mark = self.mark();
            self.set_line(class);
            if let Some(splat) = class.as_splat_node() {
                let base = self.kernel_base();
                let arguments = self.temps(2);
                let all = self.splatted(&splat.expression());
                self.move_to(arguments, all);
                self.move_to(arguments + 1, exception);
                self.send(None, "__rescue_any", base, 2, 0);
                self.branch(Op::BranchTrue, base, matched);
            } else if matches!(
                class,
                Node::ConstantReadNode { .. } | Node::ConstantPathNode { .. }
            ) {
                let base = self.temps(2);
                self.into(class, base);
                self.class_test(base, exception, matched);
            } else {
                let base = self.kernel_base();
                let arguments = self.temps(2);
                self.into(class, arguments);
                self.move_to(arguments + 1, exception);
                self.send(None, "__rescue_match", base, 2, 0);
                self.branch(Op::BranchTrue, base, matched);
            }
            self.release(mark);
        }
    }

    fn standard_error_test(&mut self, exception: u16, matched: Label) {
        let base = self.temps(2);
        let name = self.frame().symbol("StandardError");
        self.emit(Op::GetConstTop, base, name, 0);
        self.class_test(base, exception, matched);
        self.release(base);
    }

    fn class_test(&mut self, base: u16, exception: u16, matched: Label) {
        self.move_to(base + 1, exception);
        self.send(None, "===", base, 1, site_flags::SELF_CALL);
        self.branch(Op::BranchTrue, base, matched);
    }

    pub(crate) fn rescue_modifier(&mut self, node: &RescueModifierNode<'_>, want: Want) {
        self.staged(goal_of(want), |g, want| {
            g.rescued(
                |g| g.expr(&node.expression(), goal_of(want)),
                |_| {},
                |g, rescued, done| {
                    let (next, matched) = (g.label(), g.label());
                    g.standard_error_test(rescued.exception, matched);
                    g.jump(next);
                    g.bind(matched);
                    g.rescue_body(&rescued, want, |g, goal| {
                        g.expr(&node.rescue_expression(), goal)
                    });
                    g.jump(done);
                    g.bind(next);
                },
            );
        });
    }

    /// `body` with an ensure body behind it, which every way out runs.
    fn ensure_region(
        &mut self,
        want: Want,
        ensure: Option<StatementsNode<'_>>,
        body: impl FnOnce(&mut Self, Want),
    ) {
        let (saved, pending, which, value) = (self.temp(), self.temp(), self.temp(), self.temp());
        self.emit(Op::GetErrInfo, saved, 0, 0);
        let entry = self.label();
        let start = self.here();
        self.frame().controls.push(Control::Ensure(Ensure {
            pending,
            which,
            value,
            entry,
            jumps: Vec::new(),
        }));
        body(self, want);
        let Some(Control::Ensure(state)) = self.frame().controls.pop() else {
            unreachable!("pushed above")
        };
        let end = self.here();
        self.emit(Op::LoadNil, pending, 0, 0);
        if !state.jumps.is_empty() {
            self.load_int(which, 0);
        }
        self.bind(entry);
        self.frame()
            .asm
            .handler(start, end, entry, HandlerKind::Ensure, pending);
        self.frame().controls.push(Control::ErrInfo(saved));
        self.statements(ensure, Goal::Effect);
        self.frame().controls.pop();
        self.emit(Op::EndEnsure, pending, 0, 0);
        self.go_on(&state);
    }

    /// After an ensure body: the jumps that passed through it go on, by their numbers.
    fn go_on(&mut self, state: &Ensure) {
        if state.jumps.is_empty() {
            return;
        }
        let (done, number) = (self.label(), self.temp());
        self.load_int(number, 0);
        self.emit(Op::Identical, number, state.which, number);
        self.branch(Op::BranchTrue, number, done);
        for (i, jump) in state.jumps.iter().enumerate() {
            let next = self.label();
            if i + 1 < state.jumps.len() {
                self.load_int(number, i as i32 + 1);
                self.emit(Op::Identical, number, state.which, number);
                self.branch(Op::BranchFalse, number, next);
            }
            self.leave(*jump, jump.carries_value().then_some(state.value));
            self.bind(next);
        }
        self.bind(done);
    }
}

/// A caught exception: the register it is in, the one with `$!` as it was, and where `retry` goes.
#[derive(Clone, Copy)]
struct Rescued {
    saved: u16,
    exception: u16,
    start: Label,
}

pub(crate) fn goal_of(want: Want) -> Goal {
    want.map_or(Goal::Effect, Goal::Into)
}
