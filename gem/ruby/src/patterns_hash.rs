//! Hash patterns.

use crate::generator::Gen;
use gem_bytecode::{Label, Op};
use ruby_prism::{AssocNode, HashPatternNode, Node};

impl Gen<'_> {
    pub(crate) fn hash_pattern(&mut self, node: &HashPatternNode<'_>, subject: u16, fail: Label) {
        self.constant_pattern(node.constant(), subject, fail);
        let pairs: Vec<AssocNode<'_>> = node
            .elements()
            .iter()
            .filter_map(|e| e.as_assoc_node())
            .collect();
        let takes_rest = node
            .rest()
            .is_some_and(|r| r.as_assoc_splat_node().is_some_and(|s| s.value().is_some()));
        let exact = node
            .rest()
            .is_some_and(|r| r.as_no_keywords_parameter_node().is_some());
        let hash = self.deconstruct_keys(&pairs, takes_rest, subject, fail);
        if takes_rest || exact {
            self.send_to(hash, "dup");
        }
        for pair in &pairs {
            self.pair_pattern(pair, hash, takes_rest || exact, fail);
        }
        if pairs.is_empty() && node.rest().is_none() {
            // `{}` matches only what is empty
            self.empty_test(hash, "not_empty", fail);
        }
        if exact {
            self.empty_test(hash, "rest", fail);
        }
        if let Some(target) = node
            .rest()
            .and_then(|r| r.as_assoc_splat_node())
            .and_then(|s| s.value())
        {
            self.pattern(&target, hash, fail);
        }
    }

    /// The Hash of a subject's keys: asked only for those in the pattern, unless the rest is wanted too.
    fn deconstruct_keys(
        &mut self,
        pairs: &[AssocNode<'_>],
        all: bool,
        subject: u16,
        fail: Label,
    ) -> u16 {
        let hash = self.temp();
        let base = self.kernel_base();
        let arguments = self.temps(2);
        self.move_to(arguments, subject);
        if all {
            self.emit(Op::LoadNil, arguments + 1, 0, 0);
        } else {
            let keys: Vec<Node<'_>> = pairs.iter().map(AssocNode::key).collect();
            self.gather(&keys, arguments + 1);
        }
        self.send(Some(hash), "__deconstruct_keys", base, 2, 0);
        self.release(base);
        self.fail_unless(hash, fail, "deconstruct_keys", subject, subject);
        hash
    }

    /// `register` = the result of a send without arguments to it.
    fn send_to(&mut self, register: u16, selector: &str) {
        let base = self.temp();
        self.move_to(base, register);
        self.send(Some(register), selector, base, 0, 0);
        self.release(base);
    }

    fn pair_pattern(&mut self, pair: &AssocNode<'_>, hash: u16, removes: bool, fail: Label) {
        let mark = self.mark();
        let (key, base) = (self.temp(), self.temps(2));
        self.into(&pair.key(), key);
        self.move_to(base, hash);
        self.move_to(base + 1, key);
        self.send(None, "key?", base, 1, 0);
        self.fail_unless(base, fail, "key", hash, key);
        self.move_to(base, hash);
        self.move_to(base + 1, key);
        self.send(None, if removes { "delete" } else { "[]" }, base, 1, 0);
        self.pattern(&pair.value(), base, fail);
        self.release(mark);
    }

    fn empty_test(&mut self, hash: u16, reason: &str, fail: Label) {
        let base = self.temp();
        self.move_to(base, hash);
        self.send(None, "empty?", base, 0, 0);
        self.fail_unless(base, fail, reason, hash, hash);
    }
}
