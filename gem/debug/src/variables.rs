//! Arguments and temporaries of a frame, by name: those in registers, those in its environment, and those of the scopes around it.

use crate::stopped::Stopped;
use format::wellknown;
use format::wellknown::slots::context;
use gem_vm::{HeapError, Oop, Vm};

/// One variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Variable {
    pub name: String,
    /// `None`: an argument that was not given, or a variable the frame has not come to.
    pub value: Option<Oop>,
    place: VariableHome,
}

/// Where a variable lives.
#[derive(Clone, Copy, PartialEq, Debug)]
enum VariableHome {
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

/// What a text that is evaluated in a frame sees.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Names of the variables by environment, innermost first: those of the frame's registers come first, then those of `environment`.
    pub names: Vec<Vec<String>>,
    /// The frame's environment, nil without one.
    pub environment: Oop,
    pub receiver: Oop,
    /// GsNMethod that the frame's code was written in.
    pub home: Oop,
    /// The block that was given to the home method, or nil.
    pub block: Oop,
    /// Values of the names in `names[0]`.
    values: Vec<Oop>,
    /// Frame and register of each of them.
    registers: Vec<(usize, u16)>,
}

impl Stopped {
    /// The variables of a level: its own, arguments first, then those of the scopes around it. A name stands for its innermost variable.
    pub fn variables(&self, vm: &mut Vm, level: usize) -> Vec<Variable> {
        match self.index(level) {
            Some(index) => self.looking(vm, |vm| variables_of(vm, index)),
            None => Vec::new(),
        }
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
            VariableHome::Register(frame, register) => {
                let stored = self.looking(vm, |vm| vm.set_register(frame, register, value));
                stored.then_some(()).ok_or(VariableError::Unknown)
            }
            VariableHome::Environment(environment, slot) => vm
                .model
                .heap
                .set_slot(environment, slot, value)
                .map_err(|e| VariableError::Heap(e.to_string())),
        }
    }

    /// What a text sees that is evaluated in a level.
    pub fn scope(&self, vm: &mut Vm, level: usize) -> Option<Scope> {
        let index = self.index(level)?;
        let variables = self.variables(vm, level);
        let environment = self.looking(vm, |vm| vm.settled_env_of(index)).ok()?;
        let mut frame = self.frame(vm, level)?;
        frame.env = environment;
        let home = self.home_method(vm, level).or_else(|| {
            let code = vm.frame_code(&frame);
            code.map(|code| code.method)
        })?;
        let receiver = self.receiver(vm, level).unwrap_or(Oop::NIL);
        let block = self.looking(vm, |vm| vm.home_block_at(vm.exec.frames.len() - index - 1));
        let mut scope = Scope {
            names: vec![Vec::new()],
            environment,
            receiver,
            home,
            block: block.unwrap_or(Oop::NIL),
            values: Vec::new(),
            registers: Vec::new(),
        };
        for variable in variables {
            if let VariableHome::Register(frame, register) = variable.place {
                scope.names[0].push(variable.name);
                scope.values.push(variable.value.unwrap_or(Oop::NIL));
                scope.registers.push((frame, register));
            }
        }
        let outer = vm.environment_names(&frame).unwrap_or_default();
        scope.names.extend(outer);
        Some(scope)
    }

    /// The environment for a text's code, `method`: one with the variables of the frame's registers, inside the frame's own.
    pub fn environment_for(&self, vm: &mut Vm, scope: &Scope, method: Oop) -> Oop {
        let mut slots = vec![Oop::NIL; context::FIRST_VARIABLE];
        slots[context::PARENT] = scope.environment;
        slots[context::HOME] = Oop::ZERO;
        slots[context::METHOD] = method;
        slots[context::BLOCK] = scope.block;
        slots.extend(&scope.values);
        vm.model
            .heap
            .new_with_slots(wellknown::VARIABLE_CONTEXT, &slots)
    }

    /// Copies what a text assigned back to the frame's registers.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the value of a variable is not in memory yet. Variables before it are back then.
    pub fn take_back(&self, vm: &mut Vm, scope: &Scope, environment: Oop) -> Result<(), HeapError> {
        for (i, (&before, &(frame, register))) in
            scope.values.iter().zip(&scope.registers).enumerate()
        {
            let now = vm
                .model
                .heap
                .slot(environment, context::FIRST_VARIABLE + i)?;
            if now != before {
                self.looking(vm, |vm| vm.set_register(frame, register, now));
            }
        }
        Ok(())
    }
}

fn variables_of(vm: &mut Vm, index: usize) -> Vec<Variable> {
    let Some(frame) = vm.exec.frames.get(index).copied() else {
        return Vec::new();
    };
    // A captured argument is copied from its register to the environment: the environment's value is the living one.
    let captured = environments(vm, index).unwrap_or_default();
    let own_names = captured.first().map_or(&[][..], |own| own.1.as_slice());
    let mut found: Vec<Variable> = Vec::new();
    let names = vm.frame_code(&frame).map(|code| {
        let parameters = code.params.names.iter().cloned().zip(1u16..);
        let locals = code.local_names.iter().cloned();
        let in_registers: Vec<_> = parameters.chain(locals).collect();
        (in_registers, code.env_names.clone())
    });
    let (in_registers, env_names) = names.unwrap_or_default();
    for (name, register) in in_registers {
        if !is_shown(&name) || found.iter().any(|v| v.name == name) {
            continue;
        }
        let own = own_names
            .iter()
            .find(|v| v.name == name && env_names.contains(&name));
        found.push(own.cloned().unwrap_or_else(|| Variable {
            value: vm.register(index, register),
            place: VariableHome::Register(index, register),
            name,
        }));
    }
    for variable in captured.into_iter().flat_map(|(_, list)| list) {
        if is_shown(&variable.name) && !found.iter().any(|v| v.name == variable.name) {
            found.push(variable);
        }
    }
    found
}

/// Compilers name what they need for themselves with signs that no program can write.
fn is_shown(name: &str) -> bool {
    name.chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// The environments that a frame sees, innermost first, each with its variables.
fn environments(vm: &mut Vm, index: usize) -> Result<Vec<(Oop, Vec<Variable>)>, HeapError> {
    let Ok(env) = vm.settled_env_of(index) else {
        return Ok(Vec::new());
    };
    let frame = vm.exec.frames[index];
    let Ok(names) = vm.environment_names(&frame) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut environment = env;
    for list in names {
        if !environment.is_pointer() {
            break;
        }
        let mut variables = Vec::new();
        for (i, name) in list.into_iter().enumerate() {
            let slot = context::FIRST_VARIABLE + i;
            if slot >= vm.model.heap.inline_slots(environment) {
                break;
            }
            let value = vm.model.heap.slot(environment, slot)?;
            variables.push(Variable {
                name,
                value: (!value.is_undef()).then_some(value),
                place: VariableHome::Environment(environment, slot),
            });
        }
        found.push((environment, variables));
        environment = vm.model.heap.slot(environment, context::PARENT)?;
    }
    Ok(found)
}
