//! Literals without parts: numbers, symbols, ranges, regular expressions, `__FILE__` and its kin.

use crate::encoding::{SourceEncoding, UTF_8};
use crate::generator::{Gen, Want, on};
use gem_bytecode::{Literal, Op};
use num_bigint::{BigInt, BigUint, Sign};
use ruby_prism::{ImaginaryNode, Integer, Node, RangeNode, RegularExpressionNode, StatementsNode};

/// Regexp option bits of `Literal::Regexp`.
pub(crate) mod regexp {
    pub const IGNORE_CASE: u32 = 1;
    pub const EXTENDED: u32 = 2;
    pub const MULTI_LINE: u32 = 4;
    pub const FIXED_ENCODING: u32 = 16;
    pub const NO_ENCODING: u32 = 32;
}

/// The option bits that a regular expression node's flags say.
macro_rules! regexp_options {
    ($n:expr) => {{
        let mut bits = 0;
        let flags = [
            ($n.is_ignore_case(), $crate::literals::regexp::IGNORE_CASE),
            ($n.is_extended(), $crate::literals::regexp::EXTENDED),
            ($n.is_multi_line(), $crate::literals::regexp::MULTI_LINE),
            (
                $n.is_utf_8() || $n.is_euc_jp() || $n.is_windows_31j(),
                $crate::literals::regexp::FIXED_ENCODING,
            ),
            ($n.is_ascii_8bit(), $crate::literals::regexp::NO_ENCODING),
        ];
        for (set, bit) in flags {
            if set {
                bits |= bit;
            }
        }
        bits
    }};
}

pub(crate) fn big_integer(value: &Integer<'_>) -> BigInt {
    let (negative, digits) = value.to_u32_digits();
    BigInt::from_biguint(
        if negative { Sign::Minus } else { Sign::Plus },
        BigUint::from_slice(digits),
    )
}

/// A literal integer that fits `LoadInt`.
pub(crate) fn small_integer(node: &Node<'_>) -> Option<i32> {
    let value: Result<i32, ()> = node.as_integer_node()?.value().try_into();
    value.ok()
}

/// A number as a literal, imaginary and rational ones included.
fn number(node: &Node<'_>) -> Option<Literal> {
    on!(node, {
        IntegerNode.as_integer_node => |n| Some(Literal::Integer(big_integer(&n.value()))),
        FloatNode.as_float_node => |n| Some(Literal::Float(n.value())),
        RationalNode.as_rational_node => |n| Some(Literal::Rational(big_integer(&n.numerator()), big_integer(&n.denominator()))),
        ImaginaryNode.as_imaginary_node => |n| number(&n.numeric()).map(|part| Literal::Imaginary(Box::new(part))),
    } else None)
}

/// Nodes that compile to one load and mention nothing else.
pub(crate) fn is_plain_literal(node: &Node<'_>) -> bool {
    matches!(
        node,
        Node::IntegerNode { .. }
            | Node::FloatNode { .. }
            | Node::StringNode { .. }
            | Node::SymbolNode { .. }
            | Node::NilNode { .. }
            | Node::TrueNode { .. }
            | Node::FalseNode { .. }
            | Node::SelfNode { .. }
            | Node::ConstantReadNode { .. }
    )
}

impl Gen<'_> {
    /// Literals of every kind; answers false for other nodes.
    pub(crate) fn literal_node(&mut self, node: &Node<'_>, want: Want) -> bool {
        on!(node, {
            IntegerNode.as_integer_node => |_n| if let Some(to) = want {
                match small_integer(node) {
                    Some(i) => self.load_int(to, i),
                    None => self.load_number(node, to),
                }
            },
            FloatNode.as_float_node => |_n| if let Some(to) = want { self.load_number(node, to) },
            RationalNode.as_rational_node => |_n| if let Some(to) = want { self.load_number(node, to) },
            ImaginaryNode.as_imaginary_node => |n| self.imaginary(n, want),
            SymbolNode.as_symbol_node => |n| self.symbol_node(n, want),
            StringNode.as_string_node => |n| self.string_node(n, want),
            XStringNode.as_x_string_node => |n| self.x_string(n, want),
            InterpolatedStringNode.as_interpolated_string_node => |n| self.interpolated_string(n, want),
            InterpolatedSymbolNode.as_interpolated_symbol_node => |n| self.interpolated_symbol(n, want),
            InterpolatedXStringNode.as_interpolated_x_string_node => |n| self.interpolated_x_string(n, want),
            RegularExpressionNode.as_regular_expression_node => |n| self.regexp(n, want),
            InterpolatedRegularExpressionNode.as_interpolated_regular_expression_node => |n| {
                let to = self.out(want);
                self.dynamic_regexp(&n.parts(), regexp_options!(n), n.is_once().then(|| n.location().start()), to);
            },
            MatchLastLineNode.as_match_last_line_node => |n| {
                let base = self.temps(2);
                self.load_literal(base, Literal::Regexp { source: n.unescaped().to_vec(), options: regexp_options!(n) });
                self.match_last_line(base, want);
            },
            InterpolatedMatchLastLineNode.as_interpolated_match_last_line_node => |n| {
                let base = self.temps(2);
                self.dynamic_regexp(&n.parts(), regexp_options!(n), n.is_once().then(|| n.location().start()), base);
                self.match_last_line(base, want);
            },
            ArrayNode.as_array_node => |n| self.array_node(n, want),
            HashNode.as_hash_node => |n| self.hash_elements(&n.elements(), want),
            KeywordHashNode.as_keyword_hash_node => |n| self.hash_elements(&n.elements(), want),
            RangeNode.as_range_node => |n| self.range(n, want),
            SourceFileNode.as_source_file_node => |n| if let Some(to) = want {
                let i = self.frame().string(n.filepath(), UTF_8);
                self.emit(if n.is_frozen() { Op::LoadLit } else { Op::NewString }, to, i, 0);
            },
            SourceLineNode.as_source_line_node => |_n| if let Some(to) = want {
                let line = self.line_of(node.location().start());
                self.load_int(to, i32::try_from(line).unwrap_or(i32::MAX));
            },
            SourceEncodingNode.as_source_encoding_node => |_n| self.source_encoding(want),
            EmbeddedStatementsNode.as_embedded_statements_node => |n| self.statements(n.statements(), want.map_or(crate::generator::Goal::Effect, crate::generator::Goal::Into)),
            EmbeddedVariableNode.as_embedded_variable_node => |n| self.expr(&n.variable(), want.map_or(crate::generator::Goal::Effect, crate::generator::Goal::Into)),
        } else return false);
        true
    }

    fn load_number(&mut self, node: &Node<'_>, to: u16) {
        if let Some(literal) = number(node) {
            self.load_literal(to, literal);
        }
    }

    fn imaginary(&mut self, node: &ImaginaryNode<'_>, want: Want) {
        if let (Some(to), Some(part)) = (want, number(&node.numeric())) {
            self.load_literal(to, Literal::Imaginary(Box::new(part)));
        }
    }

    fn regexp(&mut self, node: &RegularExpressionNode<'_>, want: Want) {
        if let Some(to) = want {
            self.load_literal(
                to,
                Literal::Regexp {
                    source: node.unescaped().to_vec(),
                    options: regexp_options!(node),
                },
            );
        }
    }

    /// A condition that is only a regular expression: it is matched with `$_`.
    fn match_last_line(&mut self, base: u16, want: Want) {
        self.emit(Op::GetSpecial, base + 1, 1, 0);
        self.send(want, "=~", base, 1, 0);
    }

    fn range(&mut self, node: &RangeNode<'_>, want: Want) {
        let constant = |part: &Option<Node<'_>>| match part {
            None => Some(Literal::Nil),
            Some(n) if n.as_nil_node().is_some() => Some(Literal::Nil),
            Some(n) => n
                .as_integer_node()
                .map(|i| Literal::Integer(big_integer(&i.value()))),
        };
        let (left, right) = (node.left(), node.right());
        if let (Some(low), Some(high)) = (constant(&left), constant(&right)) {
            if let Some(to) = want {
                self.load_literal(
                    to,
                    Literal::Range {
                        low: Box::new(low),
                        high: Box::new(high),
                        exclusive: node.is_exclude_end(),
                    },
                );
            }
            return;
        }
        let later: Vec<&Node<'_>> = right.iter().collect();
        let low = self.optional_operand(left.as_ref(), &later);
        let high = self.optional_operand(right.as_ref(), &[]);
        let to = self.out(want);
        self.set_line(&node.as_node());
        self.emit(
            if node.is_exclude_end() {
                Op::NewRangeExclusive
            } else {
                Op::NewRange
            },
            to,
            low,
            high,
        );
    }

    fn optional_operand(&mut self, node: Option<&Node<'_>>, later: &[&Node<'_>]) -> u16 {
        match node {
            Some(n) => self.operand_before(n, later),
            None => {
                let t = self.temp();
                self.emit(Op::LoadNil, t, 0, 0);
                t
            }
        }
    }

    fn source_encoding(&mut self, want: Want) {
        let to = self.out(want);
        let base = self.temps(2);
        let class = self.frame().symbol("Encoding");
        self.emit(Op::GetConstTop, base, class, 0);
        match (self.encoding.constant(), self.encoding.clone()) {
            (None, SourceEncoding::Named(name)) => {
                let i = self.frame().string(name.as_bytes(), UTF_8);
                self.emit(Op::LoadLit, base + 1, i, 0);
                self.send(Some(to), "find", base, 1, 0);
            }
            (constant, _) => {
                let symbol = self.frame().symbol(constant.unwrap_or("UTF_8"));
                self.emit(Op::GetConstIn, to, symbol, base);
            }
        }
    }

    /// A value computed once for this place in the source: the kernel keeps it under a key.
    pub(crate) fn once_key(&mut self, offset: u32) -> String {
        let source = self.source;
        let hash = *self.source_hash.get_or_insert_with(|| {
            // FNV-1a: tells apart different texts evaluated under one file name
            source.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| {
                (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
            })
        });
        format!(
            "{}:{}:{hash:x}",
            self.file,
            self.line_of(offset) as u64 * 1_000_000 + u64::from(offset)
        )
    }
}

/// The statements of an interpolated part, when it is nothing but a literal string.
pub(crate) fn statements_of<'pr>(node: &Node<'pr>) -> Option<StatementsNode<'pr>> {
    node.as_embedded_statements_node()?.statements()
}
