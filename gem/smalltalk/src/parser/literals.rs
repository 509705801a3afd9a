//! Literals that the lexer does not make alone: negative numbers, arrays, byte arrays.

use super::Parser;
use crate::error::Issue;
use crate::lexer::TokenKind;
use crate::number;
use gem_bytecode::Literal;
use num_bigint::BigInt;

impl<'s> Parser<'s> {
    /// The literal that stands here, if one does.
    pub(super) fn literal(&mut self) -> Result<Option<Literal>, Issue> {
        match self.kind() {
            TokenKind::Number(literal) | TokenKind::Value(literal) => {
                let literal = literal.clone();
                self.advance();
                Ok(Some(literal))
            }
            TokenKind::Binary("-") => Ok(self.negative_number()),
            TokenKind::OpenArray => {
                self.advance();
                self.literal_array().map(Some)
            }
            TokenKind::OpenBytes => {
                self.advance();
                self.literal_bytes().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// A minus with a number right behind it.
    fn negative_number(&mut self) -> Option<Literal> {
        let end = self.token().end;
        let next = self.tokens.get(self.at + 1)?;
        match &next.kind {
            TokenKind::Number(literal) if next.start == end => {
                let literal = number::negate(literal.clone());
                self.at += 2;
                Some(literal)
            }
            _ => None,
        }
    }

    /// Elements up to the closing parenthesis. Bare words are symbols, but `true`, `false` and `nil` are themselves.
    fn literal_array(&mut self) -> Result<Literal, Issue> {
        self.deeper(|parser| {
            let mut elements = Vec::new();
            while !parser.eat(&TokenKind::CloseParen) {
                elements.push(parser.array_element()?);
            }
            Ok(Literal::Array(elements))
        })
    }

    fn array_element(&mut self) -> Result<Literal, Issue> {
        if let Some(literal) = self.literal()? {
            return Ok(literal);
        }
        let literal = match *self.kind() {
            TokenKind::Name("true") => Literal::True,
            TokenKind::Name("false") => Literal::False,
            TokenKind::Name("nil") => Literal::Nil,
            TokenKind::Name(text) => Literal::Symbol(text.to_string()),
            TokenKind::Binary(text) => Literal::Symbol(text.to_string()),
            TokenKind::Bar => Literal::Symbol(self.bars()),
            TokenKind::Keyword(_) => return Ok(self.keywords()),
            TokenKind::OpenParen => {
                self.advance();
                return self.literal_array();
            }
            TokenKind::OpenBracket => {
                self.advance();
                return self.literal_bytes();
            }
            _ => return Err(self.unexpected("a literal or \")\"")),
        };
        self.advance();
        Ok(literal)
    }

    /// Keywords written without a space between them make one symbol; a name may end it (`a:b`).
    fn keywords(&mut self) -> Literal {
        let mut text = String::new();
        let mut end = self.start();
        while self.start() == end {
            match *self.kind() {
                TokenKind::Keyword(part) => text.push_str(part),
                TokenKind::Name(part) => {
                    text.push_str(part);
                    self.advance();
                    break;
                }
                _ => break,
            }
            end = self.token().end;
            self.advance();
        }
        Literal::Symbol(text)
    }

    fn literal_bytes(&mut self) -> Result<Literal, Issue> {
        let mut bytes = Vec::new();
        loop {
            if self.eat(&TokenKind::CloseBracket) {
                return Ok(Literal::ByteArray(bytes));
            }
            match self.kind() {
                TokenKind::Number(Literal::Integer(value)) => match byte(value) {
                    Some(byte) => bytes.push(byte),
                    None => return Err(Issue::new(self.start(), "a byte is between 0 and 255")),
                },
                _ => return Err(self.unexpected("a byte or \"]\"")),
            }
            self.advance();
        }
    }
}

fn byte(value: &BigInt) -> Option<u8> {
    u8::try_from(value).ok()
}
