//! Array and Hash literals, and argument lists gathered into Arrays.

use crate::generator::{Gen, Want};
use crate::literals::big_integer;
use crate::params::{ANONYMOUS_KEYREST, ANONYMOUS_REST};
use crate::variables::Access;
use gem_bytecode::{Literal, Op};
use ruby_prism::{ArrayNode, Node, NodeList};

/// So many elements are made in registers at once; longer literals are made in pieces.
const RUN_MAX: u16 = 64;
/// From this many constant elements on, an Array is copied from a literal one.
const COPIED_FROM: usize = 16;

impl Gen<'_> {
    pub(crate) fn array_node(&mut self, node: &ArrayNode<'_>, want: Want) {
        let elements: Vec<Node<'_>> = node.elements().iter().collect();
        let Some(to) = want else {
            // splats have effects even when nobody wants the Array
            if !node.is_contains_splat() {
                elements.iter().for_each(|e| self.effect(e));
                return;
            }
            let t = self.temp();
            return self.gather(&elements, t);
        };
        if elements.len() >= COPIED_FROM && self.copied_array(&elements, to) {
            return;
        }
        self.gather(&elements, to);
    }

    /// An Array of constants: copied from a literal. Answers false when some element is no constant.
    fn copied_array(&mut self, elements: &[Node<'_>], to: u16) -> bool {
        let Some(literals) = elements
            .iter()
            .map(|e| self.constant_element(e))
            .collect::<Option<Vec<_>>>()
        else {
            return false;
        };
        let strings = elements
            .iter()
            .any(|e| e.as_string_node().is_some_and(|s| !s.is_frozen()));
        let t = self.temp();
        self.load_literal(t, Literal::Array(literals));
        if strings {
            self.send_helper(to, "__fresh_strings", t, 0);
        } else {
            self.splat(to, t);
        }
        true
    }

    fn constant_element(&self, node: &Node<'_>) -> Option<Literal> {
        match node {
            Node::IntegerNode { .. } => node
                .as_integer_node()
                .map(|n| Literal::Integer(big_integer(&n.value()))),
            Node::FloatNode { .. } => node.as_float_node().map(|n| Literal::Float(n.value())),
            Node::NilNode { .. } => Some(Literal::Nil),
            Node::TrueNode { .. } => Some(Literal::True),
            Node::FalseNode { .. } => Some(Literal::False),
            Node::SymbolNode { .. } => {
                let symbol = node.as_symbol_node()?;
                std::str::from_utf8(symbol.unescaped())
                    .ok()
                    .map(|s| Literal::Symbol(s.to_string()))
            }
            Node::StringNode { .. } => {
                let string = node.as_string_node()?;
                let plain = !string.is_forced_binary_encoding()
                    && matches!(
                        self.encoding,
                        crate::encoding::SourceEncoding::Known(crate::encoding::UTF_8)
                    );
                plain.then(|| Literal::String {
                    bytes: string.unescaped().to_vec(),
                    encoding: crate::encoding::UTF_8,
                })
            }
            _ => None,
        }
    }

    /// `to` = a fresh Array of `r`'s elements.
    pub(crate) fn splat(&mut self, to: u16, r: u16) {
        self.fast(Op::Splat, to, r, 0, to, "__splat", 0, 0);
    }

    /// A new Array of the elements in `to`; splats are spread, keywords become a Hash, `...` passes the rest.
    pub(crate) fn gather(&mut self, elements: &[Node<'_>], to: u16) {
        let mark = self.mark();
        let splats = elements.iter().any(is_spread);
        if !splats && elements.len() <= RUN_MAX as usize {
            let first = self.run(elements);
            let first = if elements.is_empty() { to } else { first };
            self.emit(Op::NewArray, to, elements.len() as u16, first);
            self.release(mark);
            return;
        }
        let all = self.workspace(Some(to));
        let mut started = false;
        let mut rest = elements;
        while let Some(element) = rest.first() {
            let inner = self.mark();
            if is_spread(element) {
                let value = self.spread_value(element);
                self.append_spread(all, value, &mut started);
                rest = &rest[1..];
            } else {
                let length = rest
                    .iter()
                    .take(RUN_MAX as usize)
                    .take_while(|e| !is_spread(e))
                    .count();
                let first = self.run(&rest[..length]);
                self.append_run(all, first, length as u16, &mut started);
                rest = &rest[length..];
            }
            self.release(inner);
        }
        if !started {
            self.emit(Op::NewArray, all, 0, 0);
        }
        self.move_to(to, all);
        self.release(mark);
    }

    fn run(&mut self, elements: &[Node<'_>]) -> u16 {
        let first = self.mark();
        for element in elements {
            let t = self.temp();
            self.into(element, t);
        }
        first
    }

    fn append_run(&mut self, all: u16, first: u16, count: u16, started: &mut bool) {
        if !*started {
            self.emit(Op::NewArray, all, count, first);
        } else if count == 1 {
            self.emit(Op::ArrayPush, all, first, 0);
        } else {
            self.emit(Op::NewArray, first, count, first);
            self.emit(Op::ArrayConcat, all, first, 0);
        }
        *started = true;
    }

    fn append_spread(&mut self, all: u16, value: u16, started: &mut bool) {
        if *started {
            let t = self.temp();
            self.splat(t, value);
            self.emit(Op::ArrayConcat, all, t, 0);
        } else {
            self.splat(all, value);
        }
        *started = true;
    }

    /// The register of what `*x`, `*` or the positional part of `...` spreads.
    fn spread_value(&mut self, node: &Node<'_>) -> u16 {
        match node.as_splat_node().and_then(|s| s.expression()) {
            Some(expression) => self.operand(&expression),
            None => self.anonymous(ANONYMOUS_REST, node),
        }
    }

    /// Like `into`, for places where nobody can tell a fresh String from the literal one.
    pub(crate) fn frozen_into(&mut self, node: &Node<'_>, to: u16) {
        match (node.as_string_node(), self.constant_element(node)) {
            (Some(string), Some(_)) => {
                let i = self
                    .frame()
                    .string(string.unescaped(), crate::encoding::UTF_8);
                self.emit(Op::LoadLit, to, i, 0);
            }
            _ => self.into(node, to),
        }
    }

    /// The value of an anonymous parameter.
    pub(crate) fn anonymous(&mut self, name: &str, node: &Node<'_>) -> u16 {
        match self.method_access(name) {
            Some(Access::Register(r)) => r,
            Some(access) => {
                let t = self.temp();
                self.read_access(access, t);
                t
            }
            None => {
                self.fail(node.location().start(), "no anonymous parameter to pass on");
                0
            }
        }
    }

    /// A new Hash of these pairs; `**other` is merged.
    pub(crate) fn hash_elements(&mut self, elements: &NodeList<'_>, want: Want) {
        let base = self.hash_base(elements);
        if let Some(to) = want {
            self.move_to(to, base);
        }
    }

    /// Builds the Hash in a fresh register: helpers answer their receiver, so it stays where it is.
    fn hash_base(&mut self, elements: &NodeList<'_>) -> u16 {
        let base = self.temp();
        self.emit(Op::NewHash, base, 0, 0);
        for element in elements.iter() {
            let argument = self.temps(1);
            if let Some(pair) = element.as_assoc_node() {
                self.frozen_into(&pair.key(), argument);
                let value = self.temp();
                self.into(&pair.value(), value);
                self.set_line(&element);
                self.send_helper(base, "__store", base, 2);
            } else if let Some(splat) = element.as_assoc_splat_node() {
                match splat.value() {
                    Some(value) => self.into(&value, argument),
                    None => {
                        let r = self.anonymous(ANONYMOUS_KEYREST, &element);
                        self.move_to(argument, r);
                    }
                }
                self.set_line(&element);
                self.send_helper(base, "__merge_splat", base, 1);
            } else {
                self.fail(element.location().start(), "unexpected syntax in a Hash");
            }
            self.release(base + 1);
        }
        base
    }
}

/// Elements whose values are spread over the Array.
pub(crate) fn is_spread(node: &Node<'_>) -> bool {
    matches!(
        node,
        Node::SplatNode { .. } | Node::ForwardingArgumentsNode { .. }
    )
}
