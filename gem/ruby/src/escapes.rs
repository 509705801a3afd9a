//! `break`, `next`, `redo` in a class body that stands in a loop or block, `return` in a `class <<` inside a method.
//!
//! A class body is a frame of its own, so such a jump leaves the body with its number: a body that may do so answers
//! `[number, value]` (0 for its ordinary end), and the code around it goes on by the number.

use crate::frame::{Escape, Jump};
use crate::generator::{Gen, Want};
use gem_bytecode::{Literal, Op};
use ruby_prism::Node;

impl Gen<'_> {
    /// The body of a class whose end must be told apart from its escapes.
    pub(crate) fn wrapped_body(&mut self, body: Option<Node<'_>>) {
        let value = self.temp();
        match body {
            Some(node) => self.into(&node, value),
            None => self.emit(Op::LoadNil, value, 0, 0),
        }
        let pair = self.numbered(0, value);
        self.emit(Op::Return, pair, 0, 0);
    }

    fn numbered(&mut self, number: usize, value: u16) -> u16 {
        let pair = self.temps(2);
        self.load_int(pair, number as i32);
        self.move_to(pair + 1, value);
        self.emit(Op::NewArray, pair, 2, pair);
        pair
    }

    /// Leaves a class body towards the code around it.
    pub(crate) fn escape(&mut self, escape: Escape, value: Option<u16>) {
        let escapes = &mut self.frame().escapes;
        let number = match escapes.iter().position(|e| *e == escape) {
            Some(i) => i + 1,
            None => {
                escapes.push(escape);
                escapes.len()
            }
        };
        let value = value.unwrap_or_else(|| self.jump_value(None));
        let pair = self.numbered(number, value);
        self.leave(Jump::RETURN, Some(pair));
    }

    /// Behind a wrapped body, whose answer is in `pair`: its value, or the jump it asks for.
    pub(crate) fn unwrap_body(&mut self, pair: u16, escapes: &[Escape], offset: u32, want: Want) {
        let number = self.temps(2);
        let (value, test) = (number + 1, self.temp());
        let shape = self.frame().push_literal(Literal::Integer(2.into()));
        self.emit(Op::ExpandArray, number, pair, shape);
        for (i, escape) in escapes.iter().enumerate() {
            let other = self.label();
            self.load_int(test, i as i32 + 1);
            self.emit(Op::Identical, test, number, test);
            self.branch(Op::BranchFalse, test, other);
            match escape {
                Escape::Break => self.break_value(value, offset),
                Escape::Next => self.next_value(Some(value), offset),
                Escape::Redo => self.redo(offset),
                Escape::Return => self.return_value(value),
            }
            self.bind(other);
        }
        if let Some(to) = want {
            self.move_to(to, value);
        }
    }
}
