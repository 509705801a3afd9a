//! Tokens to tree, by recursive descent. Recursion and tree height are bounded, so that no input exhausts the stack here
//! or in a later walk.

mod literals;
mod methods;

use crate::ast::{
    Block, Declaration, Expression, Kind, Message, MethodTree, Name, Send, Statement,
};
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

    fn declaration(&mut self) -> Result<Declaration, Issue> {
        let position = self.start();
        let TokenKind::Name(name) = *self.kind() else {
            return Err(self.unexpected("a variable's name"));
        };
        if is_reserved(name) {
            return Err(Issue::new(position, format!("{name} cannot be a variable")));
        }
        self.advance();
        Ok(Declaration {
            name: name.to_string(),
            position,
        })
    }

    /// `| a b |`, several times or not at all.
    fn temporaries(&mut self) -> Result<Vec<Declaration>, Issue> {
        let mut all = Vec::new();
        while self.eat(&TokenKind::Bar) {
            while !self.eat(&TokenKind::Bar) {
                match self.declaration() {
                    Ok(declaration) => all.push(declaration),
                    Err(e) if matches!(self.kind(), TokenKind::Name(_) | TokenKind::Bad(_)) => {
                        return Err(e);
                    }
                    Err(_) => return Err(self.unexpected("a variable's name or \"|\"")),
                }
            }
        }
        Ok(all)
    }

    /// Statements up to a closing bracket or the end. Surplus periods are let pass.
    fn statements(&mut self) -> Result<Vec<Statement>, Issue> {
        let mut all = Vec::new();
        loop {
            while self.eat(&TokenKind::Period) {}
            if matches!(self.kind(), TokenKind::CloseBracket | TokenKind::End) {
                return Ok(all);
            }
            all.push(match self.eat(&TokenKind::Caret) {
                true => Statement::Return(self.expression()?),
                false => Statement::Expression(self.expression()?),
            });
            if !matches!(
                self.kind(),
                TokenKind::Period | TokenKind::CloseBracket | TokenKind::End
            ) {
                return Err(self.unexpected("the end of the statement"));
            }
        }
    }

    fn block_of(
        &self,
        id: usize,
        position: usize,
        parameters: Vec<Declaration>,
        temporaries: Vec<Declaration>,
        statements: Vec<Statement>,
    ) -> Result<Block, Issue> {
        if parameters.len() > PARAMETERS_MAX {
            return Err(Issue::new(
                position,
                format!("more than {PARAMETERS_MAX} arguments"),
            ));
        }
        let height = statements
            .iter()
            .map(|s| s.expression().height)
            .max()
            .unwrap_or(0);
        Ok(Block {
            id,
            position,
            parameters,
            temporaries,
            statements,
            height,
        })
    }

    fn expression(&mut self) -> Result<Expression, Issue> {
        self.deeper(|parser| {
            let position = parser.start();
            if let TokenKind::Name(text) = *parser.kind()
                && parser
                    .tokens
                    .get(parser.at + 1)
                    .is_some_and(|t| t.kind == TokenKind::Assign)
            {
                if is_reserved(text) {
                    return Err(Issue::new(
                        position,
                        format!("{text} cannot be assigned to"),
                    ));
                }
                let name = parser.name(text, position);
                parser.advance();
                parser.advance();
                let value = parser.expression()?;
                let height = value.height;
                return tree(position, height, Kind::Assign(name, Box::new(value)));
            }
            let first = parser.keyword_send()?;
            parser.cascade(first)
        })
    }

    fn name(&mut self, text: &str, position: usize) -> Name {
        self.names += 1;
        Name {
            text: text.to_string(),
            position,
            index: self.names - 1,
        }
    }

    fn cascade(&mut self, first: Expression) -> Result<Expression, Issue> {
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
        tree(
            position,
            height,
            Kind::Cascade(Box::new(receiver), messages),
        )
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

    /// The prefix here and the kind of message behind it; the prefix stays.
    fn upcoming(&self) -> (&TokenKind<'s>, &TokenKind<'s>) {
        let first = self.kind();
        match first {
            TokenKind::Environment(_) | TokenKind::Ruby => {
                let last = self.tokens.len() - 1;
                (first, &self.tokens[(self.at + 1).min(last)].kind)
            }
            _ => (first, first),
        }
    }

    fn keyword_send(&mut self) -> Result<Expression, Issue> {
        let receiver = self.binary_send()?;
        match self.upcoming().1 {
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

    fn binary_send(&mut self) -> Result<Expression, Issue> {
        let mut receiver = self.unary_send()?;
        while matches!(self.upcoming().1, TokenKind::Binary(_) | TokenKind::Bar) {
            let environment = self.environment();
            match self.binary_message(environment)? {
                Some(message) => receiver = send(receiver, message)?,
                None => return Err(self.unexpected("a selector")),
            }
        }
        Ok(receiver)
    }

    fn unary_send(&mut self) -> Result<Expression, Issue> {
        let mut receiver = self.primary()?;
        while matches!(self.upcoming().1, TokenKind::Name(_)) {
            let environment = self.environment();
            match self.unary_message(environment)? {
                Some(message) => receiver = send(receiver, message)?,
                None => return Err(self.unexpected("a selector")),
            }
        }
        Ok(receiver)
    }

    fn no_lone_super(&self, expression: Expression) -> Result<Expression, Issue> {
        match expression.kind {
            Kind::Super => Err(lone_super(expression.position)),
            _ => Ok(expression),
        }
    }

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
            arguments: vec![argument],
            ruby: environment.is_ruby(),
        }))
    }

    /// `|` or `||` as an operator; stays on its last token.
    fn bars(&mut self) -> String {
        let end = self.token().end;
        match self.tokens.get(self.at + 1) {
            Some(next) if next.kind == TokenKind::Bar && next.start == end => {
                self.advance();
                "||".to_string()
            }
            _ => "|".to_string(),
        }
    }

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
            arguments.push(self.no_lone_super(argument)?);
        }
        Ok((!arguments.is_empty()).then_some(Message {
            selector,
            position,
            arguments,
            ruby: environment.is_ruby(),
        }))
    }

    fn primary(&mut self) -> Result<Expression, Issue> {
        let position = self.start();
        let leaf = |kind| tree(position, 0, kind);
        match *self.kind() {
            TokenKind::Name(text) => {
                self.advance();
                match text {
                    "self" => leaf(Kind::SelfRef),
                    "super" => leaf(Kind::Super),
                    "nil" => leaf(Kind::Literal(Literal::Nil)),
                    "true" => leaf(Kind::Literal(Literal::True)),
                    "false" => leaf(Kind::Literal(Literal::False)),
                    "thisContext" => Err(Issue::new(
                        position,
                        "there is no thisContext: frames are no objects here; GsProcess answers about the stack",
                    )),
                    _ => {
                        let name = self.name(text, position);
                        leaf(Kind::Name(name))
                    }
                }
            }
            TokenKind::OpenParen => {
                self.advance();
                let inner = self.expression()?;
                self.expect(&TokenKind::CloseParen, "\")\"")?;
                Ok(inner)
            }
            TokenKind::OpenBracket => self.block(),
            TokenKind::OpenBrace => self.brace_array(),
            _ => match self.literal()? {
                Some(literal) => leaf(Kind::Literal(literal)),
                None => Err(self.unexpected("an expression")),
            },
        }
    }

    fn brace_array(&mut self) -> Result<Expression, Issue> {
        let position = self.start();
        self.advance();
        let mut elements = Vec::new();
        loop {
            while self.eat(&TokenKind::Period) {}
            if self.eat(&TokenKind::CloseBrace) {
                return tree(position, heights(&elements), Kind::Array(elements));
            }
            elements.push(self.expression()?);
            if !matches!(self.kind(), TokenKind::Period | TokenKind::CloseBrace) {
                return Err(self.unexpected("\".\" or \"}\""));
            }
        }
    }

    fn block(&mut self) -> Result<Expression, Issue> {
        let position = self.start();
        let id = self.next_block();
        self.advance();
        let parameters = self.block_parameters()?;
        let temporaries = self.temporaries()?;
        let statements = self.statements()?;
        self.expect(&TokenKind::CloseBracket, "\"]\"")?;
        let block = self.block_of(id, position, parameters, temporaries, statements)?;
        tree(position, block.height, Kind::Block(Box::new(block)))
    }

    /// `:a :b |`; the bar may be missing before the closing bracket.
    fn block_parameters(&mut self) -> Result<Vec<Declaration>, Issue> {
        let mut all = Vec::new();
        let mut colon = self.eat(&TokenKind::Colon);
        while colon {
            // Written without a space, `:a:b` gives the keyword `a:`.
            if let TokenKind::Keyword(text) = *self.kind() {
                let position = self.start();
                let name = &text[..text.len() - 1];
                if is_reserved(name) {
                    return Err(Issue::new(position, format!("{name} cannot be a variable")));
                }
                self.advance();
                all.push(Declaration {
                    name: name.to_string(),
                    position,
                });
                continue;
            }
            all.push(self.declaration()?);
            colon = self.eat(&TokenKind::Colon);
        }
        if !all.is_empty() && !self.eat(&TokenKind::Bar) && *self.kind() != TokenKind::CloseBracket
        {
            return Err(self.unexpected("\"|\""));
        }
        Ok(all)
    }
}

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

fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "self" | "super" | "nil" | "true" | "false" | "thisContext"
    )
}

fn lone_super(position: usize) -> Issue {
    Issue::new(position, "super is no value: it can only be sent a message")
}

fn too_deep(position: usize) -> Issue {
    Issue::new(position, "nested too deeply")
}

fn heights(expressions: &[Expression]) -> usize {
    expressions.iter().map(|e| e.height).max().unwrap_or(0)
}

/// A node above trees of the given height.
fn tree(position: usize, below: usize, kind: Kind) -> Result<Expression, Issue> {
    if below >= DEPTH_MAX {
        return Err(too_deep(position));
    }
    Ok(Expression {
        position,
        height: below + 1,
        kind,
    })
}

fn send(receiver: Expression, message: Message) -> Result<Expression, Issue> {
    let height = receiver.height.max(heights(&message.arguments));
    let (start, position) = (receiver.position, message.position);
    let kind = Kind::Send(Box::new(Send { receiver, message }));
    tree(start, height, kind).map_err(|_| too_deep(position))
}

#[cfg(test)]
mod tests;
