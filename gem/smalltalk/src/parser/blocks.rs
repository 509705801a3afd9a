//! Statements, temporaries, blocks, and arrays in braces.

use super::{PARAMETERS_MAX, Parsed, Parser, heights, is_reserved, tree};
use crate::ast::{Block, Declaration, Kind, Statement};
use crate::error::Issue;
use crate::lexer::TokenKind;

impl<'s> Parser<'s> {
    #[inline(never)]
    pub(super) fn declaration(&mut self) -> Result<Declaration, Issue> {
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
    #[inline(never)]
    pub(super) fn temporaries(&mut self) -> Result<Vec<Declaration>, Issue> {
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
    pub(super) fn statements(&mut self) -> Result<Vec<Statement>, Issue> {
        let mut all = Vec::new();
        loop {
            while self.eat(&TokenKind::Period) {}
            if matches!(self.kind(), TokenKind::CloseBracket | TokenKind::End) {
                return Ok(all);
            }
            all.push(match self.eat(&TokenKind::Caret) {
                true => Statement::Return(*self.expression()?),
                false => Statement::Expression(*self.expression()?),
            });
            if !matches!(
                self.kind(),
                TokenKind::Period | TokenKind::CloseBracket | TokenKind::End
            ) {
                return Err(self.unexpected("the end of the statement"));
            }
        }
    }

    #[inline(never)]
    pub(super) fn block_of(
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

    #[inline(never)]
    pub(super) fn brace_array(&mut self) -> Parsed {
        let position = self.start();
        self.advance();
        let mut elements = Vec::new();
        loop {
            while self.eat(&TokenKind::Period) {}
            if self.eat(&TokenKind::CloseBrace) {
                return tree(position, heights(&elements), Kind::Array(elements));
            }
            elements.push(*self.expression()?);
            if !matches!(self.kind(), TokenKind::Period | TokenKind::CloseBrace) {
                return Err(self.unexpected("\".\" or \"}\""));
            }
        }
    }

    #[inline(never)]
    pub(super) fn block(&mut self) -> Parsed {
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
    #[inline(never)]
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
