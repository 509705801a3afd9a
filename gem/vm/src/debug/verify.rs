//! The machine's verifier: what frames, registers and the scheduler rely on, checked for the running process and for every parked one.
//! It runs after each collection under `VmOptions::verify`, and tests call it. A failure is a sentence with process, frame and register.
//!
//! Must not change anything, nor fault: it reads what is there. What objects rely on is the heap's verifier's business.

mod registers;
#[cfg(test)]
mod scene;
mod scheduler;
mod stack;
#[cfg(test)]
mod tests;

use crate::codes::code::CodeBlock;
use crate::processes::process::{Event, ProcessId};
use crate::vm::Vm;
use gem_heap::{Oop, Verifier};
use hashbrown::HashMap;
use registers::Analyses;
use stack::Stack;

/// What the checks of all processes share.
struct Verification<'a> {
    vm: &'a Vm,
    memory: Verifier<'a>,
    /// Who has which serial.
    serials: HashMap<u64, String>,
    analyses: Analyses,
}

impl Vm {
    /// Checks frames, registers, scheduler, and what the machine holds beside them (tests, stress runs). Only at a safepoint or in a
    /// primitive: elsewhere the top frame's pc lags behind.
    ///
    /// # Errors
    /// A sentence about the first thing that is wrong.
    pub fn verify_machine(&self) -> Result<(), String> {
        let mut verification = Verification {
            vm: self,
            memory: self.model.heap.verifier(),
            serials: HashMap::new(),
            analyses: Analyses::default(),
        };
        scheduler::verify(self)?;
        for id in self.processes.ids() {
            verification.process(id)?;
        }
        verification.held()
    }

    /// The code that blocks on the stack and closures mean by a number.
    fn code_with_number(&self, number: u64) -> Option<&'static CodeBlock> {
        self.codes.get(usize::try_from(number).ok()?)
    }
}

impl Verification<'_> {
    fn process(&mut self, id: ProcessId) -> Result<(), String> {
        let vm = self.vm;
        let p = vm.processes.get(id);
        let runs = id == vm.processes.current;
        let stack = Stack {
            vm,
            process: id,
            regs: if runs { &vm.exec.regs } else { &p.regs },
            frames: if runs { &vm.exec.frames } else { &p.frames },
            depth: if runs { vm.exec.run_depth } else { p.run_depth },
        };
        stack.verify(&self.memory, &mut self.serials)?;
        registers::verify(&stack, &self.memory, &mut self.analyses)?;
        if !p.started {
            self.arguments(&stack, p.argc)?;
        }
        let error_info = if runs {
            vm.exec.error_info
        } else {
            p.error_info
        };
        for (oop, what) in [
            (p.object, "object"),
            (p.outcome, "result"),
            (p.wake_value, "value to wake with"),
            (p.timeout_value, "value after its time"),
            (p.granted, "semaphore"),
            (error_info, "$!"),
        ] {
            self.field(oop, || format!("{}, its {what}", name(id)))?;
        }
        for event in &p.events {
            if let Event::Raise(exception) = event {
                self.field(*exception, || {
                    format!("{}, an exception on its way", name(id))
                })?;
            }
        }
        for &(_, frame) in &p.stored {
            self.field(frame, || format!("{}, a stored frame", name(id)))?;
        }
        Ok(())
    }

    /// Closure and arguments of a process that has not started.
    fn arguments(&self, stack: &Stack, argc: usize) -> Result<(), String> {
        if stack.regs.len() <= argc {
            return Err(format!(
                "{}: {argc} arguments in {} registers",
                name(stack.process),
                stack.regs.len()
            ));
        }
        for (i, &oop) in stack.regs.slice(0, argc + 1).iter().enumerate() {
            self.field(oop, || {
                format!("{}, register {i} before its start", name(stack.process))
            })?;
        }
        Ok(())
    }

    /// What the machine holds beside processes.
    fn held(&self) -> Result<(), String> {
        let vm = self.vm;
        for (i, &oop) in vm.model.held_objects().iter().enumerate() {
            self.field(oop, || format!("handle {i}"))?;
        }
        self.field(vm.exec.finished, || "the value of the last run".to_string())?;
        for &(serial, _, value) in &vm.exec.specials {
            self.named(serial, "a special variable")?;
            self.field(value, || format!("special variable of frame {serial}"))?;
        }
        for v in &vm.exec.visibilities {
            self.named(v.0, "a default visibility")?;
        }
        for (&variable, &value) in vm
            .model
            .globals
            .values
            .iter()
            .chain(&vm.model.globals.aliases)
        {
            self.field(variable, || "the name of a global variable".to_string())?;
            self.field(value, || {
                format!("global variable {}", vm.model.heap.text(variable))
            })?;
        }
        for refinement in &vm.model.classes.refinements {
            self.field(refinement.module_object, || "a refinement".to_string())?;
        }
        Ok(())
    }

    fn named(&self, serial: u64, what: &str) -> Result<(), String> {
        if serial > self.vm.exec.serial {
            return Err(format!(
                "{what} is of frame serial {serial}, and serials were given up to {}",
                self.vm.exec.serial
            ));
        }
        Ok(())
    }

    /// A reference that programs can reach: an object or an immediate that they may see.
    fn field(&self, oop: Oop, holder: impl Fn() -> String) -> Result<(), String> {
        if oop.is_undef() || oop.is_stack() {
            return Err(format!("{}: {oop:?} has left the registers", holder()));
        }
        self.memory
            .reference(oop)
            .map_err(|wrong| format!("{}: {wrong}", holder()))
    }
}

/// A process in sentences.
fn name(id: ProcessId) -> String {
    match id {
        ProcessId::MAIN => "the main process".to_string(),
        other => format!("process {}", other.0),
    }
}
