//! What only methods have: the message pattern and pragmas.

use super::Parser;
use crate::ast::{Declaration, MethodTree, Pragma};
use crate::error::Issue;
use crate::lexer::TokenKind;
use gem_bytecode::Literal;

impl<'s> Parser<'s> {
    pub(super) fn method(&mut self) -> Result<MethodTree, Issue> {
        let id = self.next_block();
        let position = self.start();
        let (selector, parameters) = self.pattern()?;
        let mut pragmas = Vec::new();
        let mut temporaries = Vec::new();
        loop {
            match self.kind() {
                TokenKind::Bar => temporaries.extend(self.temporaries()?),
                TokenKind::Binary(text) if text.starts_with('<') => self.pragma(&mut pragmas)?,
                _ => break,
            }
        }
        let statements = self.statements()?;
        Ok(MethodTree {
            selector,
            position,
            pragmas,
            body: self.block_of(id, position, parameters, temporaries, statements)?,
        })
    }

    /// The selector and the arguments.
    pub(super) fn pattern(&mut self) -> Result<(String, Vec<Declaration>), Issue> {
        match *self.kind() {
            TokenKind::Name(text) => {
                self.advance();
                Ok((text.to_string(), Vec::new()))
            }
            TokenKind::Binary(text) => {
                self.advance();
                Ok((text.to_string(), vec![self.declaration()?]))
            }
            TokenKind::Bar => {
                let text = self.bars();
                self.advance();
                Ok((text, vec![self.declaration()?]))
            }
            TokenKind::Keyword(_) => {
                let (mut selector, mut arguments) = (String::new(), Vec::new());
                while let TokenKind::Keyword(text) = *self.kind() {
                    self.advance();
                    selector.push_str(text);
                    arguments.push(self.declaration()?);
                }
                Ok((selector, arguments))
            }
            _ => Err(self.unexpected("a message pattern")),
        }
    }

    /// `<name>`, `<a: 1 b: #c>` or GemStone's `<protected primitive: x>`, which counts as two.
    fn pragma(&mut self, all: &mut Vec<Pragma>) -> Result<(), Issue> {
        self.take_operator_char();
        let position = self.start();
        let mut found = false;
        while let TokenKind::Name(text) = *self.kind() {
            self.advance();
            found = true;
            all.push(Pragma {
                selector: text.to_string(),
                arguments: Vec::new(),
                position,
            });
        }
        let (mut selector, mut arguments) = (String::new(), Vec::new());
        while let TokenKind::Keyword(text) = *self.kind() {
            self.advance();
            selector.push_str(text);
            arguments.push(self.pragma_argument()?);
        }
        if !arguments.is_empty() {
            found = true;
            all.push(Pragma {
                selector,
                arguments,
                position,
            });
        }
        match self.kind() {
            _ if !found => Err(self.unexpected("a pragma")),
            TokenKind::Binary(text) if text.starts_with('>') => {
                self.take_operator_char();
                Ok(())
            }
            _ => Err(self.unexpected("\">\"")),
        }
    }

    /// A literal; bare words and keywords stand for symbols.
    fn pragma_argument(&mut self) -> Result<Literal, Issue> {
        if let Some(literal) = self.literal()? {
            return Ok(literal);
        }
        let literal = match *self.kind() {
            TokenKind::Name("true") => Literal::True,
            TokenKind::Name("false") => Literal::False,
            TokenKind::Name("nil") => Literal::Nil,
            TokenKind::Name(text) => Literal::Symbol(text.to_string()),
            _ => return Err(self.unexpected("a literal")),
        };
        self.advance();
        Ok(literal)
    }

    /// Consumes one character of an operator: pragmas may touch (`<a><b>`), and then their marks make one token.
    fn take_operator_char(&mut self) {
        let at = self.at;
        match &mut self.tokens[at] {
            token if matches!(token.kind, TokenKind::Binary(text) if text.len() > 1) => {
                if let TokenKind::Binary(text) = token.kind {
                    token.kind = TokenKind::Binary(&text[1..]);
                    token.start += 1;
                }
            }
            _ => self.advance(),
        }
    }
}
