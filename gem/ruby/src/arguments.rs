//! Argument lists: into the registers after a receiver, with splats, keywords and the block.

use crate::collections::is_spread;
use crate::generator::Gen;
use crate::params::{ANONYMOUS_BLOCK, ANONYMOUS_KEYREST};
use gem_bytecode::{Op, site_flags};
use ruby_prism::{ArgumentsNode, Node};

/// The shape of a call: what its site says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    pub argc: u16,
    pub flags: u16,
}

impl Gen<'_> {
    /// Evaluates arguments and block into the registers after the receiver's (which is the last one in use).
    pub(crate) fn arguments(
        &mut self,
        arguments: Option<ArgumentsNode<'_>>,
        block: Option<Node<'_>>,
    ) -> Shape {
        let nodes: Vec<Node<'_>> = arguments
            .iter()
            .flat_map(|a| a.arguments().iter().collect::<Vec<_>>())
            .collect();
        let mut shape = self.positional(&nodes);
        self.keywords(&nodes, &mut shape);
        let forwards = nodes
            .iter()
            .find(|n| n.as_forwarding_arguments_node().is_some());
        match (block, forwards) {
            (Some(block), _) => self.block_argument(&block, &mut shape),
            (None, Some(node)) => {
                let t = self.temp();
                let r = self.anonymous(ANONYMOUS_BLOCK, node);
                self.move_to(t, r);
                self.release(t + 1);
                shape.flags |= site_flags::BLOCK;
            }
            (None, None) => {}
        }
        shape
    }

    fn positional(&mut self, nodes: &[Node<'_>]) -> Shape {
        let count = nodes
            .iter()
            .take_while(|n| n.as_keyword_hash_node().is_none())
            .count();
        let nodes = &nodes[..count];
        if nodes.iter().any(is_spread) {
            let t = self.temp();
            self.gather(nodes, t);
            return Shape {
                argc: 1,
                flags: site_flags::SPLAT,
            };
        }
        for node in nodes {
            let t = self.temp();
            self.into(node, t);
        }
        Shape {
            argc: count.min(u16::MAX as usize) as u16,
            flags: 0,
        }
    }

    fn keywords(&mut self, nodes: &[Node<'_>], shape: &mut Shape) {
        for node in nodes {
            if let Some(hash) = node.as_keyword_hash_node() {
                let t = self.temp();
                self.hash_elements(&hash.elements(), Some(t));
                self.release(t + 1);
                shape.flags |= site_flags::KEYWORDS;
            } else if node.as_forwarding_arguments_node().is_some() {
                let t = self.temp();
                let r = self.anonymous(ANONYMOUS_KEYREST, node);
                self.move_to(t, r);
                self.release(t + 1);
                shape.flags |= site_flags::KEYWORDS;
            }
        }
    }

    fn block_argument(&mut self, block: &Node<'_>, shape: &mut Shape) {
        let t = self.temp();
        shape.flags |= site_flags::BLOCK;
        if let Some(written) = block.as_block_node() {
            self.block(&written, t);
            shape.flags |= site_flags::LITERAL_BLOCK;
            return;
        }
        match block.as_block_argument_node().and_then(|b| b.expression()) {
            Some(expression) => self.into(&expression, t),
            None => {
                let r = self.anonymous(ANONYMOUS_BLOCK, block);
                self.move_to(t, r);
                self.release(t + 1);
            }
        }
    }

    /// The values after `return`, `break`, `next`: nothing, one, or an Array.
    pub(crate) fn jump_value(&mut self, arguments: Option<ArgumentsNode<'_>>) -> u16 {
        let nodes: Vec<Node<'_>> = arguments
            .iter()
            .flat_map(|a| a.arguments().iter().collect::<Vec<_>>())
            .collect();
        match nodes.as_slice() {
            [] => {
                let t = self.temp();
                self.emit(Op::LoadNil, t, 0, 0);
                t
            }
            [one] if !is_spread(one) => self.operand(one),
            several => {
                let t = self.temp();
                self.gather(several, t);
                t
            }
        }
    }
}
