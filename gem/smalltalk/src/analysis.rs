//! Who is who and what lives where: binds every name, decides which blocks become closures and which variables live in an
//! environment.
//!
//! A variable that a closure uses, and that is declared in another frame, lives in that frame's environment. A frame has one
//! environment, so a variable that must be new in each round of a loop and is captured forces the loop's body to be a closure
//! of its own, called in each round. Arguments are never assigned, so a captured one keeps its register too.

mod walk;

pub(crate) use walk::{assigned_in, mentions, needs_nil};

use crate::ast::{Block, BlockId, Declaration, Expression, Kind, Message, Name};
use crate::control::{Control, Role};
use crate::error::Issue;
use crate::scope::{Scope, Variable};

pub(crate) type VarId = usize;

/// Far more than the instruction format's registers are worth; keeps every count within 16 bits.
const VARIABLES_MAX: usize = 20_000;

/// What a name means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Binding {
    Local(VarId),
    Outside(Variable),
}

pub(crate) struct Var {
    pub name: String,
    /// The block that declares it.
    pub block: BlockId,
    /// An argument: set once, before the block's statements.
    pub argument: bool,
    /// Index in its frame's environment, when a closure uses it.
    pub env: Option<u16>,
}

pub(crate) struct BlockInfo {
    pub parent: Option<BlockId>,
    role: Role,
    /// A frame of its own: a closure, or the method itself.
    pub real: bool,
    /// The real block whose frame it runs in; itself when real.
    pub frame: BlockId,
    /// Runs several times in one frame.
    pub in_loop: bool,
    pub variables: Vec<VarId>,
    /// For real blocks: the frame has an environment, with these variables.
    pub environment: Option<Vec<VarId>>,
    /// For real blocks: every variable of the frame, in the order of declaration.
    pub frame_variables: Vec<VarId>,
}

pub(crate) struct Analysis {
    pub vars: Vec<Var>,
    pub blocks: Vec<BlockInfo>,
    /// By the number of the occurrence.
    pub names: Vec<Option<Binding>>,
}

impl Analysis {
    /// How many environments lie between the one that code of frame `from` sees at level 0 and the one of frame `to`.
    pub fn levels(&self, from: BlockId, to: BlockId) -> u16 {
        let mut frame = from;
        let mut levels = 0;
        while frame != to {
            let block = &self.blocks[frame];
            levels += block.environment.is_some() as u16;
            let parent = block.parent.expect("a variable's frame encloses its uses");
            frame = self.blocks[parent].frame;
        }
        levels
    }

    pub fn local(&self, name: &Name) -> Option<VarId> {
        match self.names[name.index] {
            Some(Binding::Local(var)) => Some(var),
            _ => None,
        }
    }
}

/// Binds names and decides places for `body`, the block that stands for a method or doit.
pub(crate) fn analyse(body: &Block, scope: &dyn Scope) -> Result<Analysis, Issue> {
    let mut resolver = Resolver {
        scope,
        all: Analysis {
            vars: Vec::new(),
            blocks: Vec::new(),
            names: Vec::new(),
        },
        uses: Vec::new(),
    };
    resolver.block(body, None, Role::Real)?;
    let Resolver { mut all, uses, .. } = resolver;
    make_loop_bodies_real(&mut all, &uses);
    place_frames(&mut all);
    place_variables(&mut all, &uses);
    Ok(all)
}

struct Resolver<'a> {
    scope: &'a dyn Scope,
    all: Analysis,
    uses: Vec<(VarId, BlockId)>,
}

impl Resolver<'_> {
    fn block(&mut self, block: &Block, parent: Option<BlockId>, role: Role) -> Result<(), Issue> {
        // Blocks are numbered in the order of their opening brackets, which is the order of this walk.
        assert_eq!(block.id, self.all.blocks.len());
        self.all.blocks.push(BlockInfo {
            parent,
            role,
            real: role == Role::Real,
            frame: block.id,
            in_loop: false,
            variables: Vec::new(),
            environment: None,
            frame_variables: Vec::new(),
        });
        for declaration in &block.parameters {
            self.declare(block.id, declaration, true)?;
        }
        for declaration in &block.temporaries {
            self.declare(block.id, declaration, false)?;
        }
        for statement in &block.statements {
            self.expression(statement.expression(), block.id)?;
        }
        Ok(())
    }

    fn declare(&mut self, block: BlockId, d: &Declaration, argument: bool) -> Result<(), Issue> {
        let vars = &mut self.all.vars;
        let siblings = &mut self.all.blocks[block].variables;
        if siblings.iter().any(|&v| vars[v].name == d.name) {
            let message = format!("{} is declared twice", d.name);
            return Err(Issue::new(d.position, message));
        }
        if vars.len() >= VARIABLES_MAX {
            return Err(Issue::new(d.position, "too many variables"));
        }
        siblings.push(vars.len());
        vars.push(Var {
            name: d.name.clone(),
            block,
            argument,
            env: None,
        });
        Ok(())
    }

    fn expression(&mut self, e: &Expression, block: BlockId) -> Result<(), Issue> {
        match &e.kind {
            Kind::Literal(_) | Kind::SelfRef | Kind::Super => Ok(()),
            Kind::Name(name) => self.name(name, block).map(|_| ()),
            Kind::Assign(name, value) => {
                if let Binding::Local(var) = self.name(name, block)?
                    && self.all.vars[var].argument
                {
                    let message = format!("{} is an argument: it cannot be assigned to", name.text);
                    return Err(Issue::new(name.position, message));
                }
                self.expression(value, block)
            }
            Kind::Send(send) => {
                let control = Control::of(send);
                let role = control.map_or(Role::Real, Control::receiver_role);
                self.part(&send.receiver, block, role)?;
                self.arguments(&send.message, block, control)
            }
            Kind::Cascade(receiver, messages) => {
                self.expression(receiver, block)?;
                messages
                    .iter()
                    .try_for_each(|m| self.arguments(m, block, None))
            }
            Kind::Block(inner) => self.block(inner, Some(block), Role::Real),
            Kind::Array(all) => all.iter().try_for_each(|e| self.expression(e, block)),
        }
    }

    fn arguments(
        &mut self,
        message: &Message,
        block: BlockId,
        control: Option<Control>,
    ) -> Result<(), Issue> {
        for (i, argument) in message.arguments.iter().enumerate() {
            let role = control.map_or(Role::Real, |c| c.argument_role(i));
            self.part(argument, block, role)?;
        }
        Ok(())
    }

    fn part(&mut self, e: &Expression, block: BlockId, role: Role) -> Result<(), Issue> {
        match e.as_block() {
            Some(inner) => self.block(inner, Some(block), role),
            None => self.expression(e, block),
        }
    }

    fn name(&mut self, name: &Name, block: BlockId) -> Result<Binding, Issue> {
        let binding = match self.lookup(&name.text, block) {
            Some(var) => {
                self.uses.push((var, block));
                Binding::Local(var)
            }
            None => match self.scope.resolve(&name.text) {
                Some(variable) => Binding::Outside(variable),
                None => {
                    let message = format!("{} is not declared", name.text);
                    return Err(Issue::new(name.position, message));
                }
            },
        };
        if self.all.names.len() <= name.index {
            self.all.names.resize(name.index + 1, None);
        }
        self.all.names[name.index] = Some(binding.clone());
        Ok(binding)
    }

    fn lookup(&self, text: &str, block: BlockId) -> Option<VarId> {
        let mut next = Some(block);
        while let Some(block) = next {
            let info = &self.all.blocks[block];
            let found = info
                .variables
                .iter()
                .find(|&&v| self.all.vars[v].name == text);
            if let Some(&var) = found {
                return Some(var);
            }
            next = info.parent;
        }
        None
    }
}

/// Makes closures of the loop bodies that declare a variable which a written closure captures.
fn make_loop_bodies_real(all: &mut Analysis, uses: &[(VarId, BlockId)]) {
    let mut captured = vec![false; all.vars.len()];
    for &(var, user) in uses {
        let mut block = user;
        while block != all.vars[var].block && !captured[var] {
            captured[var] = all.blocks[block].role == Role::Real;
            block = all.blocks[block].parent.expect("uses lie within");
        }
    }
    for (var, _) in captured.iter().enumerate().filter(|&(_, &c)| c) {
        let mut next = Some(all.vars[var].block);
        while let Some(block) = next {
            let info = &mut all.blocks[block];
            info.real |= info.role == Role::Loop;
            next = if info.real { None } else { info.parent };
        }
    }
}

/// Finds the frame of every block. Parents have lower numbers than their inner blocks.
fn place_frames(all: &mut Analysis) {
    for block in 0..all.blocks.len() {
        let info = &all.blocks[block];
        if let Some(parent) = info.parent.filter(|_| !info.real) {
            let (frame, looping) = (all.blocks[parent].frame, all.blocks[parent].in_loop);
            let info = &mut all.blocks[block];
            info.frame = frame;
            info.in_loop = looping || info.role == Role::Loop;
        }
        let info = &all.blocks[block];
        let (frame, variables) = (info.frame, info.variables.clone());
        all.blocks[frame].frame_variables.extend(variables);
    }
}

fn place_variables(all: &mut Analysis, uses: &[(VarId, BlockId)]) {
    // A home with closures has an environment even without variables: it names the home for them.
    if all.blocks.iter().skip(1).any(|b| b.real) {
        all.blocks[0].environment = Some(Vec::new());
    }
    for &(var, user) in uses {
        let home = all.blocks[all.vars[var].block].frame;
        if all.blocks[user].frame == home || all.vars[var].env.is_some() {
            continue;
        }
        let environment = all.blocks[home].environment.get_or_insert_default();
        all.vars[var].env = Some(environment.len() as u16);
        environment.push(var);
    }
}
