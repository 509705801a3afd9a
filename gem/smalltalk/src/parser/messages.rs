//! Messages by precedence, cascades, and the prefixes that send to another environment.

use super::{Parsed, Parser, heights, too_deep, tree};
use crate::ast::{Expression, Kind, Message, Send};
use crate::error::Issue;
use crate::lexer::TokenKind;

/// Which environment prefix a message has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Environment {
    None,
    Smalltalk,
    Ruby,
    RubyName,
}

impl Environment {
    fn is_ruby(self) -> bool {
        matches!(self, Environment::Ruby | Environment::RubyName)
    }
}

impl<'s> Parser<'s> {
    #[inline(never)]
    pub(super) fn cascade(&mut self, first: Box<Expression>) -> Parsed {
        if *self.kind() != TokenKind::Semicolon {
            return Ok(first);
        }
        let (position, mut height) = (first.position, first.height);
        let Kind::Send(send) = first.kind else {
            return Err(Issue::new(
                self.start(),
                "a cascade needs a message before it",
            ));
        };
        let Send { receiver, message } = *send;
        let mut messages = vec![message];
        while self.eat(&TokenKind::Semicolon) {
            let Some(message) = self.any_message()? else {
                return Err(self.unexpected("a message"));
            };
            height = height.max(heights(&message.arguments));
            messages.push(message);
        }
        tree(position, height, Kind::Cascade(receiver, messages))
    }

    /// A message of any kind, as in a cascade.
    fn any_message(&mut self) -> Result<Option<Message>, Issue> {
        let ruby = self.environment();
        if let Some(message) = self.unary_message(ruby)? {
            return Ok(Some(message));
        }
        if let Some(message) = self.binary_message(ruby)? {
            return Ok(Some(message));
        }
        self.keyword_message(ruby)
    }

    /// Consumes an environment prefix. What it says must go to the message that follows.
    fn environment(&mut self) -> Environment {
        let environment = match self.kind() {
            TokenKind::Environment(1) => Environment::Ruby,
            TokenKind::Environment(_) => Environment::Smalltalk,
            TokenKind::Ruby => Environment::RubyName,
            _ => return Environment::None,
        };
        self.advance();
        environment
    }

    /// The token that decides which kind of message comes next: the one behind an environment prefix.
    fn upcoming(&self) -> &TokenKind<'s> {
        match self.kind() {
            TokenKind::Environment(_) | TokenKind::Ruby => {
                let last = self.tokens.len() - 1;
                &self.tokens[(self.at + 1).min(last)].kind
            }
            kind => kind,
        }
    }

    pub(super) fn keyword_send(&mut self) -> Parsed {
        let receiver = self.binary_send()?;
        match self.upcoming() {
            TokenKind::Keyword(_) => {}
            _ if matches!(self.kind(), TokenKind::Environment(_) | TokenKind::Ruby) => {
                self.advance();
                return Err(self.unexpected("a selector"));
            }
            _ => return self.no_lone_super(receiver),
        }
        let environment = self.environment();
        match self.keyword_message(environment)? {
            Some(message) => send(receiver, message),
            None => Err(self.unexpected("a selector")),
        }
    }

    fn binary_send(&mut self) -> Parsed {
        let mut receiver = self.unary_send()?;
        while matches!(self.upcoming(), TokenKind::Binary(_) | TokenKind::Bar) {
            let environment = self.environment();
            match self.binary_message(environment)? {
                Some(message) => receiver = send(receiver, message)?,
                None => return Err(self.unexpected("a selector")),
            }
        }
        Ok(receiver)
    }

    pub(super) fn unary_send(&mut self) -> Parsed {
        let mut receiver = self.primary()?;
        while matches!(self.upcoming(), TokenKind::Name(_)) {
            let environment = self.environment();
            match self.unary_message(environment)? {
                Some(message) => receiver = send(receiver, message)?,
                None => return Err(self.unexpected("a selector")),
            }
        }
        Ok(receiver)
    }

    fn no_lone_super(&self, expression: Box<Expression>) -> Parsed {
        match expression.kind {
            Kind::Super => Err(lone_super(expression.position)),
            _ => Ok(expression),
        }
    }

    #[inline(never)]
    fn unary_message(&mut self, environment: Environment) -> Result<Option<Message>, Issue> {
        let position = self.start();
        let TokenKind::Name(text) = *self.kind() else {
            return Ok(None);
        };
        self.advance();
        Ok(Some(Message {
            selector: text.to_string(),
            position,
            arguments: Vec::new(),
            ruby: environment.is_ruby(),
        }))
    }

    #[inline(never)]
    fn binary_message(&mut self, environment: Environment) -> Result<Option<Message>, Issue> {
        let position = self.start();
        let selector = match *self.kind() {
            TokenKind::Binary(text) => text.to_string(),
            TokenKind::Bar => self.bars(),
            _ => return Ok(None),
        };
        self.advance();
        let argument = self.unary_send()?;
        let argument = self.no_lone_super(argument)?;
        Ok(Some(Message {
            selector,
            position,
            arguments: vec![*argument],
            ruby: environment.is_ruby(),
        }))
    }

    /// `|` or `||` as an operator; stays on its last token.
    pub(super) fn bars(&mut self) -> String {
        let end = self.token().end;
        match self.tokens.get(self.at + 1) {
            Some(next) if next.kind == TokenKind::Bar && next.start == end => {
                self.advance();
                "||".to_string()
            }
            _ => "|".to_string(),
        }
    }

    #[inline(never)]
    fn keyword_message(&mut self, environment: Environment) -> Result<Option<Message>, Issue> {
        let position = self.start();
        let mut selector = String::new();
        let mut arguments = Vec::new();
        while let TokenKind::Keyword(text) = *self.kind() {
            self.advance();
            match environment {
                // The Ruby name ends at the first colon; the other keywords only separate arguments.
                Environment::RubyName if arguments.is_empty() => {
                    selector.push_str(&text[..text.len() - 1])
                }
                Environment::RubyName => {}
                _ => selector.push_str(text),
            }
            let argument = self.binary_send()?;
            arguments.push(*self.no_lone_super(argument)?);
        }
        Ok((!arguments.is_empty()).then_some(Message {
            selector,
            position,
            arguments,
            ruby: environment.is_ruby(),
        }))
    }
}

fn lone_super(position: usize) -> Issue {
    Issue::new(position, "super is no value: it can only be sent a message")
}

#[inline(never)]
fn send(receiver: Box<Expression>, message: Message) -> Parsed {
    let height = receiver.height.max(heights(&message.arguments));
    let (start, position) = (receiver.position, message.position);
    let kind = Kind::Send(Box::new(Send { receiver, message }));
    tree(start, height, kind).map_err(|_| too_deep(position))
}
