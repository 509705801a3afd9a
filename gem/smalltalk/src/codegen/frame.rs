//! The code of one frame: registers for its variables, its environment, its statements.

use super::{Target, Unit};
use crate::analysis::{Analysis, VarId};
use crate::ast::{Block, BlockId, Expression, Kind, Statement};
use gem_bytecode::{Assembler, Code, CodeKind, Literal, Op, Params, SELF};
use std::collections::HashMap;

pub(super) struct CodeFrame<'a> {
    pub unit: &'a Unit<'a>,
    pub all: &'a Analysis,
    pub asm: Assembler,
    /// The real block (or body) that this is the code of.
    pub id: BlockId,
    /// Not a closure: `^` returns from this very frame.
    pub home: bool,
    /// Use fused compare-and-branch instructions.
    pub fused: bool,
    pub registers: HashMap<VarId, u16>,
    /// What went wrong in a closure's code.
    pub failure: Option<String>,
}

/// The code of `block`. Blocks nest, so this recurses: what is large is boxed.
pub(super) fn build(
    unit: &Unit<'_>,
    all: &Analysis,
    block: &Block,
    kind: CodeKind,
    fused: bool,
) -> Result<Box<Code>, String> {
    let mut frame = begin(unit, all, block, kind, fused);
    frame.body(block, kind);
    frame.finish()
}

#[inline(never)]
fn begin<'a>(
    unit: &'a Unit<'a>,
    all: &'a Analysis,
    block: &Block,
    kind: CodeKind,
    fused: bool,
) -> Box<CodeFrame<'a>> {
    let names: Vec<String> = block.parameters.iter().map(|p| p.name.clone()).collect();
    let params = Params {
        required: names.len() as u16,
        names,
        ..Params::default()
    };
    Box::new(CodeFrame {
        unit,
        all,
        asm: Assembler::new(unit.name, kind, unit.environment, params),
        id: block.id,
        home: kind != CodeKind::Block,
        fused,
        registers: HashMap::new(),
        failure: None,
    })
}

impl<'a> CodeFrame<'a> {
    fn body(&mut self, block: &Block, kind: CodeKind) {
        self.at(block.position);
        self.asm.mark_place();
        self.place_variables(block);
        self.make_environment();
        if kind == CodeKind::Method {
            self.statements(&block.statements, Target::Effect);
            if !matches!(block.statements.last(), Some(Statement::Return(_))) {
                self.asm.emit(Op::ReturnSelf, 0, 0, 0);
            }
        } else {
            self.statements(&block.statements, Target::Answer(Op::Return));
            self.close();
        }
    }

    /// The instructions that follow belong to the line of this place in the source.
    pub fn at(&mut self, position: usize) {
        let (line, column) = self.unit.lines.place_at(position);
        self.asm.set_place(line, column);
    }

    /// Arguments are where the caller put them; all other variables in registers lie in one row, nil at first.
    fn place_variables(&mut self, block: &Block) {
        let all = self.all;
        let parameters = block.parameters.len();
        let mut locals = 0;
        for (i, &var) in all.blocks[self.id].frame_variables.iter().enumerate() {
            if i < parameters {
                self.registers.insert(var, 1 + i as u16);
            } else if all.vars[var].argument || all.vars[var].env.is_none() {
                let register = self.asm.temp();
                self.registers.insert(var, register);
                locals += 1;
            }
        }
        match locals {
            0 => {}
            1 => {
                self.asm.emit(Op::LoadNil, 1 + parameters as u16, 0, 0);
            }
            n => {
                self.asm.emit(Op::LoadNils, 1 + parameters as u16, n, 0);
            }
        }
    }

    fn make_environment(&mut self) {
        let all = self.all;
        let Some(variables) = &all.blocks[self.id].environment else {
            return;
        };
        self.asm.emit(Op::MakeEnv, 0, variables.len() as u16, 0);
        for &var in &all.blocks[self.id].variables {
            if all.vars[var].argument {
                self.share_argument(var);
            }
        }
    }

    /// Copies a captured argument from its register into the environment.
    pub fn share_argument(&mut self, var: VarId) {
        if let Some(index) = self.all.vars[var].env {
            let register = self.registers[&var];
            self.asm.emit(Op::SetEnv, register, 0, index);
        }
    }

    #[inline(never)]
    fn finish(mut self: Box<Self>) -> Result<Box<Code>, String> {
        let all = self.all;
        let name = |var: VarId| all.vars[var].name.clone();
        let mut locals: Vec<(String, u16)> =
            self.registers.iter().map(|(&v, &r)| (name(v), r)).collect();
        locals.sort_by_key(|&(_, register)| register);
        let code = self.asm.code_mut();
        code.local_names = locals;
        code.file = self.unit.file.to_string();
        if let Some(variables) = &all.blocks[self.id].environment {
            code.env_names = variables.iter().map(|&v| name(v)).collect();
        }
        match self.failure {
            Some(message) => Err(message),
            None => self.asm.finish().map(Box::new),
        }
    }

    /// Ends a code whose last statement answers, in case control seems to get past it (an endless loop, say).
    fn close(&mut self) {
        let code = self.asm.code_mut();
        let last = code.instructions.last().and_then(|i| i.op());
        if !matches!(last, Some(Op::Return | Op::ReturnSelf | Op::ReturnHome)) {
            self.asm.emit(Op::ReturnSelf, 0, 0, 0);
        }
    }

    /// Compiles statements; the last one's value goes to `target`, nil when there is none.
    pub fn statements(&mut self, statements: &[Statement], target: Target) {
        if statements.is_empty() {
            self.nil(target);
        }
        for (i, statement) in statements.iter().enumerate() {
            self.at(statement.expression().position);
            match statement {
                Statement::Return(e) => {
                    let op = if self.home {
                        Op::Return
                    } else {
                        Op::ReturnHome
                    };
                    // What follows is never reached.
                    return self.expression(e, Target::Answer(op));
                }
                Statement::Expression(e) if i + 1 == statements.len() => self.expression(e, target),
                Statement::Expression(e) => self.expression(e, Target::Effect),
            }
        }
    }

    /// Compiles a block in line: its parameter, if any, is set already.
    pub fn inline(&mut self, block: &Block, target: Target) {
        self.start_inline(block);
        self.statements(&block.statements, target);
    }

    /// In a loop, the temporaries of a block are nil again each time, unless they are assigned first anyway.
    pub fn start_inline(&mut self, block: &Block) {
        let all = self.all;
        let info = &all.blocks[block.id];
        for &var in &info.variables {
            if all.vars[var].argument {
                self.share_argument(var);
            } else if info.in_loop && crate::analysis::needs_nil(all, &block.statements, var) {
                self.clear_variable(var);
            }
        }
    }

    /// Compiles `e`, its value to `target`. Registers taken on the way are given back.
    pub fn expression(&mut self, e: &Expression, target: Target) {
        let mark = self.asm.mark();
        match (&e.kind, target) {
            (Kind::Send(send), _) => self.send(send, target),
            (Kind::Cascade(receiver, messages), _) => self.cascade(receiver, messages, target),
            (_, Target::Effect) => self.effect(e),
            (_, Target::Register(register)) => self.value(e, register),
            (_, Target::Answer(op)) => {
                let register = self.operand(e);
                self.answer(op, register);
            }
        }
        self.asm.release_to(mark);
    }

    fn effect(&mut self, e: &Expression) {
        match &e.kind {
            Kind::Assign(name, value) => {
                self.assign(name, value);
            }
            Kind::Array(elements) => {
                for element in elements {
                    self.expression(element, Target::Effect);
                }
            }
            // A global may be absent at run time only if the installer deferred it; reading a variable has no effect.
            _ => {}
        }
    }

    /// Neither a send nor a cascade: its value into `register`.
    fn value(&mut self, e: &Expression, register: u16) {
        match &e.kind {
            Kind::Literal(literal) => self.load(literal, register),
            Kind::SelfRef | Kind::Super => self.copy(register, SELF),
            Kind::Name(name) => self.read(name, register),
            Kind::Assign(name, value) => {
                let held = self.assign(name, value);
                self.copy(register, held);
            }
            Kind::Block(block) => self.closure(block, register),
            Kind::Array(elements) => self.brace_array(elements, register),
            Kind::Send(_) | Kind::Cascade(..) => self.expression(e, Target::Register(register)),
        }
    }

    /// A register that holds the value of `e`: the variable's own, or a new one.
    pub fn operand(&mut self, e: &Expression) -> u16 {
        match &e.kind {
            Kind::SelfRef => return SELF,
            Kind::Name(name) => {
                if let Some(register) = self.register_of(name) {
                    return register;
                }
            }
            Kind::Assign(name, value) => return self.assign(name, value),
            _ => {}
        }
        let register = self.asm.temp();
        self.expression(e, Target::Register(register));
        register
    }

    /// An operand that keeps its value while `later` is computed.
    pub fn stable_operand(&mut self, e: &Expression, later: &[Expression]) -> u16 {
        let register = self.operand(e);
        let all = self.all;
        match self.variable_in(register) {
            Some(var)
                if later
                    .iter()
                    .any(|l| crate::analysis::assigned_in(all, l, var)) =>
            {
                let copy = self.asm.temp();
                self.copy(copy, register);
                copy
            }
            _ => register,
        }
    }

    pub fn copy(&mut self, to: u16, from: u16) {
        if to != from {
            self.asm.emit(Op::Move, to, from, 0);
        }
    }

    pub fn answer(&mut self, op: Op, register: u16) {
        match (op, register) {
            (Op::Return, SELF) => self.asm.emit(Op::ReturnSelf, 0, 0, 0),
            _ => self.asm.emit(op, register, 0, 0),
        };
    }

    pub fn nil(&mut self, target: Target) {
        self.literal(&Literal::Nil, target);
    }

    pub fn literal(&mut self, literal: &Literal, target: Target) {
        match target {
            Target::Effect => {}
            Target::Register(register) => self.load(literal, register),
            Target::Answer(op) => {
                let register = self.asm.temp();
                self.load(literal, register);
                self.answer(op, register);
                self.asm.release_to(register);
            }
        }
    }

    /// A value that lies in `register` goes to `target`.
    pub fn deliver(&mut self, register: u16, target: Target) {
        match target {
            Target::Effect => {}
            Target::Register(to) => self.copy(to, register),
            Target::Answer(op) => self.answer(op, register),
        }
    }

    /// The register to compute a value in that goes to `target`: the target itself, or `scratch`.
    pub fn destination(target: Target, scratch: u16) -> u16 {
        match target {
            Target::Register(register) => register,
            _ => scratch,
        }
    }

    /// A closure of `block`.
    pub fn closure(&mut self, block: &Block, register: u16) {
        let code = build(self.unit, self.all, block, CodeKind::Block, self.fused);
        self.make_block(code, register);
    }

    #[inline(never)]
    fn make_block(&mut self, code: Result<Box<Code>, String>, register: u16) {
        match code {
            Ok(code) => {
                let literal = self.asm.literal(Literal::Code(code));
                self.asm.emit(Op::MakeBlock, register, literal, 0);
            }
            Err(message) => {
                self.failure.get_or_insert(message);
            }
        }
    }
}
