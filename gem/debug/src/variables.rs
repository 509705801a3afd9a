//! Arguments and temporaries of a frame, by name: those in registers, those in its environment, and those of the scopes around it.

use crate::stopped::Stopped;
use gem_vm::{HeapError, Oop, Vm};
use proto::wellknown::slots::context;

/// One variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Variable {
    pub name: String,
    /// `None`: an argument that was not given, or a variable the frame has not come to.
    pub value: Option<Oop>,
    place: Place,
}

/// Where a variable lives.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    /// Of frame, number.
    Register(usize, u16),
    /// Slot of an environment.
    Environment(Oop, usize),
}

/// Why a variable was not changed.
#[derive(Debug, PartialEq)]
pub enum VariableError {
    /// The frame has no variable of this name.
    Unknown,
    Heap(String),
}

impl std::fmt::Display for VariableError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            VariableError::Unknown => f.write_str("the frame has no such variable"),
            VariableError::Heap(e) => f.write_str(e),
        }
    }
}

impl Stopped {
    /// The variables of a level: its own, arguments first, then those of the scopes around it. A name stands for its innermost variable.
    pub fn variables(&self, vm: &mut Vm, level: usize) -> Vec<Variable> {
        let Some(index) = self.index(level) else {
            return Vec::new();
        };
        let Some(frame) = vm.frames.get(index).copied() else {
            return Vec::new();
        };
        // A captured argument is copied from its register to the environment: the environment's value is the living one.
        let captured = environments(vm, index).unwrap_or_default();
        let mut found: Vec<Variable> = Vec::new();
        let parameters = frame.code.params.names.iter().cloned();
        let in_registers = parameters
            .zip(1u16..)
            .chain(frame.code.local_names.iter().cloned());
        for (name, register) in in_registers {
            if !is_shown(&name) || found.iter().any(|v| v.name == name) {
                continue;
            }
            let own = captured
                .iter()
                .find(|v| v.name == name && frame.code.env_names.contains(&name));
            found.push(own.cloned().unwrap_or_else(|| Variable {
                value: vm.register(index, register),
                place: Place::Register(index, register),
                name,
            }));
        }
        for variable in captured {
            if is_shown(&variable.name) && !found.iter().any(|v| v.name == variable.name) {
                found.push(variable);
            }
        }
        found
    }

    /// Stores `value` in a variable of a level.
    ///
    /// # Errors
    /// See `VariableError`.
    pub fn set_variable(
        &self,
        vm: &mut Vm,
        level: usize,
        name: &str,
        value: Oop,
    ) -> Result<(), VariableError> {
        let variables = self.variables(vm, level);
        let variable = variables
            .iter()
            .find(|v| v.name == name)
            .ok_or(VariableError::Unknown)?;
        match variable.place {
            Place::Register(frame, register) => {
                let stored = vm.set_register(frame, register, value);
                stored.then_some(()).ok_or(VariableError::Unknown)
            }
            Place::Environment(environment, slot) => vm
                .heap
                .set_slot(environment, slot, value)
                .map_err(|e| VariableError::Heap(e.to_string())),
        }
    }
}

/// Compilers name what they need for themselves with signs that no program can write.
fn is_shown(name: &str) -> bool {
    name.chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// The variables in the environments that a frame sees, innermost first.
fn environments(vm: &mut Vm, index: usize) -> Result<Vec<Variable>, HeapError> {
    let frame = vm.frames[index];
    if !frame.env.is_pointer() {
        return Ok(Vec::new());
    }
    let Ok(names) = vm.environment_names(&frame) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut environment = frame.env;
    for list in names {
        if !environment.is_pointer() {
            break;
        }
        for (i, name) in list.into_iter().enumerate() {
            let slot = context::FIRST_VARIABLE + i;
            if slot >= vm.heap.inline_slots(environment) {
                break;
            }
            let value = vm.heap.slot(environment, slot)?;
            found.push(Variable {
                name,
                value: (!value.is_undef()).then_some(value),
                place: Place::Environment(environment, slot),
            });
        }
        environment = vm.heap.slot(environment, context::PARENT)?;
    }
    Ok(found)
}
