//! The tree that the parser builds. Positions are byte offsets into the source.
//!
//! Blocks and name occurrences carry numbers, by which `analysis` keeps what it finds out about them.

use crate::error::Issue;
use gem_bytecode::Literal;

/// Number of a block, in the order of their opening brackets; 0 is the body of the method or doit.
pub(crate) type BlockId = usize;

pub(crate) struct MethodTree {
    pub selector: String,
    pub position: usize,
    pub pragmas: Vec<Pragma>,
    /// The method's arguments are this block's parameters.
    pub body: Block,
}

pub(crate) struct Pragma {
    pub selector: String,
    pub arguments: Vec<Literal>,
    pub position: usize,
}

pub(crate) struct Declaration {
    pub name: String,
    pub position: usize,
}

pub(crate) struct Block {
    pub id: BlockId,
    pub position: usize,
    pub parameters: Vec<Declaration>,
    pub temporaries: Vec<Declaration>,
    pub statements: Vec<Statement>,
    /// Height of the tree below, 0 when empty.
    pub height: usize,
}

pub(crate) enum Statement {
    Expression(Expression),
    Return(Expression),
}

impl Statement {
    pub fn expression(&self) -> &Expression {
        match self {
            Statement::Expression(e) | Statement::Return(e) => e,
        }
    }
}

pub(crate) struct Expression {
    pub position: usize,
    /// Height of this tree; bounded by the parser, so that walks may recurse.
    pub height: usize,
    pub kind: Kind,
}

pub(crate) enum Kind {
    Literal(Literal),
    SelfRef,
    /// Only as the receiver of a message.
    Super,
    Name(Name),
    Assign(Name, Box<Expression>),
    Send(Box<Send>),
    /// Receiver and at least two messages.
    Cascade(Box<Expression>, Vec<Message>),
    Block(Box<Block>),
    /// `{ a. b }`
    Array(Vec<Expression>),
}

/// One occurrence of a variable's name.
pub(crate) struct Name {
    pub text: String,
    pub position: usize,
    /// Number of the occurrence.
    pub index: usize,
}

pub(crate) struct Send {
    pub receiver: Box<Expression>,
    pub message: Message,
}

pub(crate) struct Message {
    pub selector: String,
    pub position: usize,
    pub arguments: Vec<Expression>,
    /// Sent to the Ruby environment.
    pub ruby: bool,
}

impl Block {
    /// The block has the form that can be compiled in line with this many arguments.
    pub fn takes(&self, arguments: usize) -> bool {
        self.parameters.len() == arguments
    }

    /// Control never reaches the end of the block.
    pub fn returns(&self) -> bool {
        self.statements
            .iter()
            .any(|s| matches!(s, Statement::Return(_)))
    }
}

impl Expression {
    pub fn as_block(&self) -> Option<&Block> {
        match &self.kind {
            Kind::Block(block) => Some(block),
            _ => None,
        }
    }

    pub fn is_nil(&self) -> bool {
        matches!(self.kind, Kind::Literal(Literal::Nil))
    }
}

impl MethodTree {
    pub fn pragma(&self, selector: &str) -> Option<&Pragma> {
        self.pragmas.iter().find(|p| p.selector == selector)
    }

    /// The name in `<primitive: name>`.
    pub fn primitive(&self) -> Result<Option<String>, Issue> {
        let Some(pragma) = self.pragma("primitive:") else {
            return Ok(None);
        };
        match pragma.arguments.first().and_then(text_of) {
            Some(name) if !name.is_empty() => Ok(Some(name)),
            _ => Err(Issue::new(
                pragma.position,
                "a primitive is given by its name",
            )),
        }
    }

    /// The text in `<category: 'x'>`.
    pub fn category(&self) -> Option<String> {
        self.pragma("category:")
            .and_then(|p| p.arguments.first())
            .and_then(text_of)
    }
}

/// The characters of a string or symbol literal.
pub(crate) fn text_of(literal: &Literal) -> Option<String> {
    match literal {
        Literal::Symbol(text) => Some(text.clone()),
        Literal::String { bytes, .. } => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}
