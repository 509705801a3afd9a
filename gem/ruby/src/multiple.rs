//! Multiple assignment and the destructuring of parameters.

use crate::assignments::{Target, Targets};
use crate::generator::{Gen, Want};
use gem_bytecode::{Literal, Op};
use ruby_prism::{ArrayNode, MultiWriteNode, Node, NodeList};

impl Gen<'_> {
    pub(crate) fn prepare_targets(
        &mut self,
        lefts: &NodeList<'_>,
        rest: Option<Node<'_>>,
        rights: &NodeList<'_>,
    ) -> Targets {
        let before = lefts.iter().map(|n| self.prepare_one(&n)).collect();
        let splat = rest.filter(|r| r.as_splat_node().is_some());
        let rest = splat.map(|r| Box::new(self.prepare_target(&r)));
        let after = rights.iter().map(|n| self.prepare_one(&n)).collect();
        Targets {
            before,
            rest,
            after,
        }
    }

    fn prepare_one(&mut self, node: &Node<'_>) -> Target {
        if !self.deeper(node) {
            return Target::Nothing;
        }
        let target = self.prepare_target(node);
        self.shallower();
        target
    }

    /// Receivers on the left are evaluated before the right side, assignments come last.
    pub(crate) fn multi_write(&mut self, node: &MultiWriteNode<'_>, want: Want) {
        let keep = want.map(|to| self.workspace(Some(to)));
        let targets = self.prepare_targets(&node.lefts(), node.rest(), &node.rights());
        let value = node.value();
        match value.as_array_node() {
            Some(array) if one_to_one(&targets, &array) => self.assign_each(&targets, &array, keep),
            Some(array) => {
                let all = self.out(keep);
                let elements: Vec<Node<'_>> = array.elements().iter().collect();
                self.gather(&elements, all);
                self.expand(&targets, all);
            }
            None => {
                let v = self.valued(&value, keep);
                self.set_line(&node.as_node());
                self.spread_into(&targets, v);
            }
        }
        if let (Some(to), Some(kept)) = (want, keep) {
            self.move_to(to, kept);
        }
    }

    /// `a, b = x, y`: no Array is needed, unless its value is asked for.
    fn assign_each(&mut self, targets: &Targets, array: &ArrayNode<'_>, keep: Option<u16>) {
        let first = self.mark();
        for element in array.elements().iter() {
            let t = self.temp();
            self.into(&element, t);
        }
        if let Some(to) = keep {
            self.emit(Op::NewArray, to, targets.before.len() as u16, first);
        }
        for (i, target) in targets.before.iter().enumerate() {
            self.store_target(target, first + i as u16);
        }
    }

    /// Any value over the targets: what is no Array becomes one.
    pub(crate) fn spread_into(&mut self, targets: &Targets, value: u16) {
        let mark = self.mark();
        let all = self.temp();
        self.fast(Op::ToAry, all, value, 0, all, "__to_ary_multi", 0, 0);
        self.expand(targets, all);
        self.release(mark);
    }

    /// The elements of an Array over the targets.
    fn expand(&mut self, targets: &Targets, all: u16) {
        let (before, rest, after) = (
            targets.before.len(),
            targets.rest.iter().len(),
            targets.after.len(),
        );
        let count = before + rest + after;
        if count > u16::MAX as usize {
            return self.fail(0, "too many assignment targets");
        }
        let first = self.temps(count.max(1) as u16);
        let shape = before as i64 | (rest as i64) << 16 | (after as i64) << 32;
        let literal = self.frame().push_literal(Literal::Integer(shape.into()));
        self.emit(Op::ExpandArray, first, all, literal);
        let rest = targets.rest.iter().map(|t| &**t);
        for (i, target) in targets
            .before
            .iter()
            .chain(rest)
            .chain(&targets.after)
            .enumerate()
        {
            self.store_target(target, first + i as u16);
        }
    }

    /// A nested parameter list.
    pub(crate) fn destructure(
        &mut self,
        value: u16,
        lefts: &NodeList<'_>,
        rest: Option<Node<'_>>,
        rights: &NodeList<'_>,
    ) {
        let targets = self.prepare_targets(lefts, rest, rights);
        self.spread_into(&targets, value);
    }
}

/// As many values as targets, and nothing spread on either side.
fn one_to_one(targets: &Targets, array: &ArrayNode<'_>) -> bool {
    targets.rest.is_none()
        && targets.after.is_empty()
        && array.elements().len() == targets.before.len()
        && !array
            .elements()
            .iter()
            .any(|e| crate::collections::is_spread(&e) || e.as_keyword_hash_node().is_some())
}
