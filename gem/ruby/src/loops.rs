//! `while`, `until`, `for`, and the flip-flop.

use crate::facts::{Tag, flip_flop_name};
use crate::frame::Control;
use crate::generator::{Gen, Goal, Want};
use crate::params::ParamList;
use gem_bytecode::{Op, site_flags};
use ruby_prism::{FlipFlopNode, ForNode, Node, StatementsNode};

impl Gen<'_> {
    pub(crate) fn while_loop(
        &mut self,
        predicate: &Node<'_>,
        body: Option<StatementsNode<'_>>,
        body_first: bool,
        until: bool,
        want: Want,
    ) {
        let result = want.map(|to| self.workspace(Some(to)));
        let (next, again, out, broken) = (self.label(), self.label(), self.label(), self.label());
        self.frame().controls.push(Control::Loop {
            break_to: broken,
            next_to: next,
            redo_to: again,
            result,
        });
        if body_first {
            self.bind(again);
            self.statements(body, Goal::Effect);
            self.bind(next);
            self.set_line(predicate);
            self.condition(predicate, again, !until);
        } else {
            self.bind(next);
            self.set_line(predicate);
            self.condition(predicate, out, until);
            self.bind(again);
            self.statements(body, Goal::Effect);
            self.jump(next);
        }
        self.frame().controls.pop();
        self.bind(out);
        if let Some(r) = result {
            self.emit(Op::LoadNil, r, 0, 0);
        }
        self.bind(broken);
        if let (Some(to), Some(r)) = (want, result) {
            self.move_to(to, r);
        }
    }

    /// `for` is `each` with a block whose variables are those around it.
    pub(crate) fn for_node(&mut self, node: &ForNode<'_>, want: Want) {
        let base = self.temps(1);
        self.into(&node.collection(), base);
        let block = self.temp();
        let index = node.index();
        let params = for_params(&index);
        let plan_start = node.location().start();
        self.transparent_code(Tag::For, plan_start, &params, block, |g| {
            g.for_variables(&index);
            let start = g.here();
            g.frame().body_start = Some(start);
            g.statements(node.statements(), Goal::Tail);
        });
        self.set_line(&node.as_node());
        self.send(
            want,
            "each",
            base,
            0,
            site_flags::BLOCK | site_flags::LITERAL_BLOCK,
        );
    }

    /// From the block's parameters into the loop's variables.
    fn for_variables(&mut self, index: &Node<'_>) {
        let mark = self.mark();
        match index.as_multi_target_node() {
            None => {
                let place = self.prepare_target(index);
                self.store_target(&place, 1);
            }
            Some(targets) => {
                let lefts = targets.lefts();
                let rights = targets.rights();
                let rest = targets.rest().and_then(|r| r.as_splat_node());
                let mut all: Vec<Option<Node<'_>>> = lefts.iter().map(Some).collect();
                if let Some(splat) = rest {
                    all.push(splat.expression());
                }
                all.extend(rights.iter().map(Some));
                for (register, target) in (1..).zip(all) {
                    if let Some(target) = target {
                        let place = self.prepare_target(&target);
                        self.store_target(&place, register);
                    }
                }
            }
        }
        self.release(mark);
    }

    /// `a..b` as a condition: a state that belongs to the method.
    pub(crate) fn flip_flop(&mut self, node: &FlipFlopNode<'_>, want: Want) {
        let name = flip_flop_name(node.location().start());
        let Some(state) = self.method_access(&name) else {
            return self.fail(node.location().start(), "no place for a flip-flop");
        };
        let to = self.out(want);
        let value = self.temp();
        let (on, out_on, end, off) = (self.label(), self.label(), self.label(), self.label());
        self.read_access(state, value);
        self.branch(Op::BranchTrue, value, on);
        self.flip_side(node.left(), off, false);
        self.emit(Op::LoadTrue, value, 0, 0);
        self.write_access(state, value);
        if node.is_exclude_end() {
            // with three dots the end is not asked on the same round
            self.jump(out_on);
        }
        self.bind(on);
        self.flip_side(node.right(), out_on, false);
        self.emit(Op::LoadFalse, value, 0, 0);
        self.write_access(state, value);
        self.bind(out_on);
        self.emit(Op::LoadTrue, to, 0, 0);
        self.jump(end);
        self.bind(off);
        self.emit(Op::LoadFalse, to, 0, 0);
        self.bind(end);
    }

    fn flip_side(&mut self, side: Option<Node<'_>>, label: gem_bytecode::Label, when: bool) {
        match side {
            Some(node) => self.condition(&node, label, when),
            None => self.jump(label),
        }
    }
}

/// The block of a `for` takes as many arguments as there are variables, as a block with those parameters would.
fn for_params<'pr>(index: &Node<'pr>) -> ParamList<'pr> {
    let mut params = ParamList {
        lenient: true,
        ..ParamList::default()
    };
    match index.as_multi_target_node() {
        None => params.hidden_positional(1, false, 0),
        Some(targets) => {
            let rest = targets.rest();
            let splat = rest.as_ref().is_some_and(|r| r.as_splat_node().is_some());
            params.trailing_comma = rest.is_some() && !splat;
            params.hidden_positional(targets.lefts().len(), splat, targets.rights().len());
        }
    }
    params
}
