//! Reading and writing variables wherever they live, and loading literals.

use super::Target;
use super::frame::CodeFrame;
use crate::analysis::{Binding, VarId};
use crate::ast::{Expression, Name};
use crate::scope::Variable;
use gem_bytecode::{Literal, Op};

impl CodeFrame<'_> {
    /// The register of a variable that can be used in place.
    pub fn register_of(&self, name: &Name) -> Option<u16> {
        let var = self.all.local(name)?;
        self.registers.get(&var).copied()
    }

    /// The variable that owns a register.
    pub fn variable_in(&self, register: u16) -> Option<VarId> {
        let own = &self.all.blocks[self.id].frame_variables;
        let found = own
            .iter()
            .find(|v| self.registers.get(v) == Some(&register));
        found.copied()
    }

    /// Level and index of a variable that lives in an environment.
    fn environment_place(&self, var: VarId) -> (u16, u16) {
        let variable = &self.all.vars[var];
        let frame = self.all.blocks[variable.block].frame;
        let index = variable
            .env
            .expect("a variable without register is in an environment");
        (self.all.levels(self.id, frame), index)
    }

    /// The level, seen from here, of an environment that the whole text runs in.
    fn outer_level(&self, level: u16) -> u16 {
        let home = self.all.blocks[0].environment.is_some();
        self.all.levels(self.id, 0) + u16::from(home) + level
    }

    pub fn read(&mut self, name: &Name, register: u16) {
        let all = self.all;
        match all.names[name.index].as_ref().expect("every name is bound") {
            Binding::Local(var) => match self.registers.get(var) {
                Some(&from) => self.copy(register, from),
                None => {
                    let (level, index) = self.environment_place(*var);
                    self.asm.emit(Op::GetEnv, register, level, index);
                }
            },
            Binding::Outside(Variable::InstVar(slot)) => {
                self.asm.emit(Op::GetSlot, register, *slot, 0);
            }
            Binding::Outside(Variable::Outer { level, index }) => {
                let level = self.outer_level(*level);
                self.asm.emit(Op::GetEnv, register, level, *index);
            }
            Binding::Outside(outside) => {
                let literal = self.association(outside);
                self.asm.emit(Op::GetAssoc, register, literal, 0);
            }
        }
    }

    /// Assigns, and answers a register that holds the value.
    pub fn assign(&mut self, name: &Name, value: &Expression) -> u16 {
        if let Some(register) = self.register_of(name) {
            self.expression(value, Target::Register(register));
            return register;
        }
        let register = self.operand(value);
        self.at(name.position);
        let all = self.all;
        match all.names[name.index].as_ref().expect("every name is bound") {
            Binding::Local(var) => self.write_environment(*var, register),
            Binding::Outside(Variable::InstVar(slot)) => {
                self.asm.emit(Op::SetSlot, register, *slot, 0);
            }
            Binding::Outside(Variable::Outer { level, index }) => {
                let level = self.outer_level(*level);
                self.asm.emit(Op::SetEnv, register, level, *index);
            }
            Binding::Outside(outside) => {
                let literal = self.association(outside);
                self.asm.emit(Op::SetAssoc, register, literal, 0);
            }
        }
        register
    }

    fn write_environment(&mut self, var: VarId, register: u16) {
        let (level, index) = self.environment_place(var);
        self.asm.emit(Op::SetEnv, register, level, index);
    }

    /// nil into a temporary of this frame.
    pub fn clear_variable(&mut self, var: VarId) {
        match self.registers.get(&var) {
            Some(&register) => {
                self.asm.emit(Op::LoadNil, register, 0, 0);
            }
            None => {
                let register = self.asm.temp();
                self.asm.emit(Op::LoadNil, register, 0, 0);
                self.write_environment(var, register);
                self.asm.release_to(register);
            }
        }
    }

    fn association(&mut self, variable: &Variable) -> u16 {
        self.asm.literal(match variable {
            Variable::ClassVar { class, name } => Literal::ClassVariable {
                class: class.clone(),
                name: name.clone(),
            },
            Variable::Global(name) => Literal::Global(name.clone()),
            Variable::InstVar(_) | Variable::Outer { .. } => {
                unreachable!("only shared variables have an association")
            }
        })
    }

    pub fn load(&mut self, literal: &Literal, register: u16) {
        let small = match literal {
            Literal::Integer(i) => i32::try_from(i).ok(),
            _ => None,
        };
        match (literal, small) {
            (_, Some(i)) => self.asm.emit_imm(Op::LoadInt, register, i),
            (Literal::Nil, _) => self.asm.emit(Op::LoadNil, register, 0, 0),
            (Literal::True, _) => self.asm.emit(Op::LoadTrue, register, 0, 0),
            (Literal::False, _) => self.asm.emit(Op::LoadFalse, register, 0, 0),
            _ => {
                let index = self.literal_index(literal);
                self.asm.emit(Op::LoadLit, register, index, 0)
            }
        };
    }

    /// Equal literals share an index, but `-0.0` equals `0.0` and is another number.
    fn literal_index(&mut self, literal: &Literal) -> u16 {
        let literals = &mut self.asm.code_mut().literals;
        if holds_float(literal) && literals.len() < u16::MAX as usize {
            literals.push(literal.clone());
            return (literals.len() - 1) as u16;
        }
        self.asm.literal(literal.clone())
    }
}

fn holds_float(literal: &Literal) -> bool {
    match literal {
        Literal::Float(_) => true,
        Literal::Array(elements) => elements.iter().any(holds_float),
        _ => false,
    }
}
