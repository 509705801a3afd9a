//! Tokens to tree, by recursive descent. Recursion and tree height are bounded, so that no input exhausts the stack here
//! or in a later walk.

mod blocks;
mod literals;
mod messages;
mod methods;

use crate::ast::{Block, Expression, Kind, MethodTree, Name};
use crate::error::Issue;
use crate::lexer::{Token, TokenKind, tokenize};
use gem_bytecode::Literal;

/// Deeper nesting, or a longer chain of messages each sent to the result of the one before, is refused.
pub(crate) const DEPTH_MAX: usize = 500;
/// Arguments of a method or block, so that counts fit the instruction format many times over.
const PARAMETERS_MAX: usize = 255;

/// A method: pattern, pragmas and temporaries, statements.
pub(crate) fn parse_method(source: &str) -> Result<MethodTree, Issue> {
    let mut parser = Parser::new(source);
    let tree = parser.method()?;
    parser.expect_end()?;
    Ok(tree)
}

/// Temporaries and statements.
pub(crate) fn parse_doit(source: &str) -> Result<Block, Issue> {
    let mut parser = Parser::new(source);
    let id = parser.next_block();
    let temporaries = parser.temporaries()?;
    let statements = parser.statements()?;
    parser.expect_end()?;
    parser.block_of(id, 0, Vec::new(), temporaries, statements)
}

/// The selector of a message pattern.
pub(crate) fn parse_selector(source: &str) -> Result<String, Issue> {
    Parser::new(source).pattern().map(|(selector, _)| selector)
}

/// Boxed, because parsing recurses: the frames must stay small.
type Parsed = Result<Box<Expression>, Issue>;

pub(crate) struct Parser<'s> {
    tokens: Vec<Token<'s>>,
    at: usize,
    depth: usize,
    names: usize,
    blocks: usize,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Parser<'s> {
        Parser {
            tokens: tokenize(source),
            at: 0,
            depth: 0,
            names: 0,
            blocks: 0,
        }
    }

    fn token(&self) -> &Token<'s> {
        // The last token is End or Bad, which nothing consumes.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> &TokenKind<'s> {
        &self.token().kind
    }

    fn start(&self) -> usize {
        self.token().start
    }

    fn advance(&mut self) {
        if !matches!(self.kind(), TokenKind::End | TokenKind::Bad(_)) {
            self.at += 1;
        }
    }

    fn eat(&mut self, kind: &TokenKind<'_>) -> bool {
        let found = self.kind() == kind;
        if found {
            self.advance();
        }
        found
    }

    /// The complaint about the token here, when something else was expected.
    #[inline(never)]
    fn unexpected(&self, expected: &str) -> Issue {
        let found = match self.kind() {
            TokenKind::Bad(message) => return Issue::new(self.start(), message.clone()),
            TokenKind::End => {
                return Issue::new(
                    self.start(),
                    format!("{expected} expected, but the source ends"),
                );
            }
            TokenKind::Name(text) | TokenKind::Keyword(text) | TokenKind::Binary(text) => {
                format!("{text:?}")
            }
            TokenKind::Bar => "\"|\"".to_string(),
            TokenKind::Number(_) => "a number".to_string(),
            TokenKind::Value(_) => "a literal".to_string(),
            TokenKind::OpenParen => "\"(\"".to_string(),
            TokenKind::CloseParen => "\")\"".to_string(),
            TokenKind::OpenBracket => "\"[\"".to_string(),
            TokenKind::CloseBracket => "\"]\"".to_string(),
            TokenKind::OpenBrace => "\"{\"".to_string(),
            TokenKind::CloseBrace => "\"}\"".to_string(),
            TokenKind::OpenArray => "\"#(\"".to_string(),
            TokenKind::OpenBytes => "\"#[\"".to_string(),
            TokenKind::Caret => "\"^\"".to_string(),
            TokenKind::Period => "\".\"".to_string(),
            TokenKind::Semicolon => "\";\"".to_string(),
            TokenKind::Colon => "\":\"".to_string(),
            TokenKind::Assign => "\":=\"".to_string(),
            TokenKind::Environment(_) | TokenKind::Ruby => "an environment".to_string(),
        };
        Issue::new(
            self.start(),
            format!("{expected} expected, but found {found}"),
        )
    }

    fn expect(&mut self, kind: &TokenKind<'_>, what: &str) -> Result<(), Issue> {
        match self.eat(kind) {
            true => Ok(()),
            false => Err(self.unexpected(what)),
        }
    }

    fn expect_end(&self) -> Result<(), Issue> {
        match self.kind() {
            TokenKind::End => Ok(()),
            _ => Err(self.unexpected("the end of the source")),
        }
    }

    fn next_block(&mut self) -> usize {
        self.blocks += 1;
        self.blocks - 1
    }

    /// Runs `parse` one level deeper.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Issue>) -> Result<T, Issue> {
        if self.depth >= DEPTH_MAX {
            return Err(too_deep(self.start()));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    fn expression(&mut self) -> Parsed {
        self.deeper(|parser| match parser.tokens.get(parser.at + 1) {
            Some(next) if next.kind == TokenKind::Assign => parser.assignment(),
            _ => {
                let first = parser.keyword_send()?;
                parser.cascade(first)
            }
        })
    }

    fn assignment(&mut self) -> Parsed {
        let position = self.start();
        let TokenKind::Name(text) = *self.kind() else {
            return Err(self.unexpected("a variable's name"));
        };
        if is_reserved(text) {
            return Err(Issue::new(
                position,
                format!("{text} cannot be assigned to"),
            ));
        }
        let name = self.name(text, position);
        self.advance();
        self.advance();
        let value = self.expression()?;
        let height = value.height;
        tree(position, height, Kind::Assign(name, value))
    }

    fn name(&mut self, text: &str, position: usize) -> Name {
        self.names += 1;
        Name {
            text: text.to_string(),
            position,
            index: self.names - 1,
        }
    }

    fn primary(&mut self) -> Parsed {
        match *self.kind() {
            TokenKind::Name(text) => self.word(text),
            TokenKind::OpenParen => {
                self.advance();
                let inner = self.expression()?;
                self.expect(&TokenKind::CloseParen, "\")\"")?;
                Ok(inner)
            }
            TokenKind::OpenBracket => self.block(),
            TokenKind::OpenBrace => self.brace_array(),
            _ => self.literal_expression(),
        }
    }

    #[inline(never)]
    fn word(&mut self, text: &str) -> Parsed {
        let position = self.start();
        self.advance();
        let kind = match text {
            "self" => Kind::SelfRef,
            "super" => Kind::Super,
            "nil" => Kind::Literal(Literal::Nil),
            "true" => Kind::Literal(Literal::True),
            "false" => Kind::Literal(Literal::False),
            "thisContext" => {
                let message = "there is no thisContext: frames are no objects here; GsProcess answers about the stack";
                return Err(Issue::new(position, message));
            }
            _ => Kind::Name(self.name(text, position)),
        };
        tree(position, 0, kind)
    }

    #[inline(never)]
    fn literal_expression(&mut self) -> Parsed {
        let position = self.start();
        match self.literal()? {
            Some(literal) => tree(position, 0, Kind::Literal(literal)),
            None => Err(self.unexpected("an expression")),
        }
    }
}

fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "self" | "super" | "nil" | "true" | "false" | "thisContext"
    )
}

fn too_deep(position: usize) -> Issue {
    Issue::new(position, "nested too deeply")
}

fn heights(expressions: &[Expression]) -> usize {
    expressions.iter().map(|e| e.height).max().unwrap_or(0)
}

/// A node above trees of the given height.
#[inline(never)]
fn tree(position: usize, below: usize, kind: Kind) -> Parsed {
    if below >= DEPTH_MAX {
        return Err(too_deep(position));
    }
    Ok(Box::new(Expression {
        position,
        height: below + 1,
        kind,
    }))
}

#[cfg(test)]
mod tests;
