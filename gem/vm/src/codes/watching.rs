//! Watching the operators that have fast paths: a redefinition takes those away from all code.

use crate::codes::code::CodeBlock;
use crate::codes::operators::*;
use crate::vm::Vm;
use gem_bytecode::{Instr, Op};
use gem_heap::{HeapError, HeapResult, HostError, Oop};
use std::cell::Cell;

impl Vm {
    /// Whether an operator of Integer, Float or Array was redefined.
    pub fn operators_redefined(&self) -> bool {
        self.codes.operators_redefined
    }

    /// Code was loaded. The first of a language that is not the kernel's makes the machine watch the operators of that language: until then
    /// nothing can have redefined them but what the repository already holds.
    ///
    /// # Errors
    /// As `Model::lookup`, for the operators with fast paths, once for each language. A class that is `Missing` is none.
    pub(crate) fn code_loaded(&mut self, code: &CodeBlock) -> HeapResult<()> {
        let environment = code.environment as usize & 1;
        if !code.kernel && !self.model.booting && !self.codes.operators.watching[environment] {
            self.codes.operators.watching[environment] = true;
            self.watch_operators(environment)?;
        }
        self.slow_down_code(code);
        Ok(())
    }

    fn watch_operators(&mut self, environment: usize) -> HeapResult<()> {
        self.codes.operators.watched.resize(ROWS.len(), None);
        for (at, row) in ROWS.iter().enumerate() {
            if row.environment as usize != environment {
                continue;
            }
            let selector = self.model.heap.symbol(row.selector);
            let methods = self.operator_methods(row, selector)?;
            for &found in methods.iter().flatten() {
                if !self.model.is_kernel_method(found)? {
                    self.slow_down(row);
                }
            }
            self.codes.operators.watched[at] = Some((selector, methods));
        }
        Ok(())
    }

    fn operator_methods(&mut self, row: &Row, selector: Oop) -> HeapResult<Vec<Option<Oop>>> {
        let mut found = Vec::with_capacity(row.classes.len());
        for &class in row.classes {
            let class = self.model.heap.wellknown_class(class);
            let entry = match self.model.lookup(class, selector, row.environment) {
                // A repository without this class has no instance that an instruction could serve.
                Err(HeapError::Host(HostError::Missing(_))) => None,
                entry => entry?,
            };
            found.push(entry.map(|e| e.method));
        }
        Ok(found)
    }

    /// Looks again at the operators called `selector`, at all of them without one: methods or ancestors changed.
    pub(crate) fn check_operators(&mut self, selector: Option<Oop>) {
        for (at, row) in ROWS.iter().enumerate() {
            let Some(Some((own, before))) = self.codes.operators.watched.get(at) else {
                continue;
            };
            if selector.is_some_and(|s| s != *own) {
                continue;
            }
            let (own, before) = (*own, before.clone());
            // A class that cannot be read answers nothing; the send that needs it will say so.
            let Ok(found) = self.operator_methods(row, own) else {
                continue;
            };
            if found != before {
                self.slow_down(row);
            }
        }
    }

    /// Takes the fast paths of a row's instructions from loaded code and from what will be loaded.
    fn slow_down(&mut self, row: &Row) {
        self.codes.operators_redefined = true;
        let bits = row.ops.iter().fold(0, |bits, &op| bits | 1 << op as u16);
        let slow = &mut self.codes.operators.slow[row.environment as usize];
        if *slow & bits == bits {
            return;
        }
        *slow |= bits;
        for code in self.codes.iter() {
            self.slow_down_code(code);
        }
    }

    /// Takes from `code` the fast paths that are gone.
    fn slow_down_code(&self, code: &CodeBlock) {
        let slow = self.codes.operators.slow[code.environment as usize & 1];
        if slow == 0 || code.kernel {
            return;
        }
        let covered = code.untrapped.get().into_iter().flatten();
        for place in code.instructions.iter().chain(covered) {
            slow_form(place, slow);
        }
    }
}

/// Puts the instruction in the place of another that only fills the window.
fn slow_form(place: &Cell<Instr>, slow: u128) {
    let instruction = place.get();
    let Some(op) = instruction.op() else { return };
    if slow & (1 << op as u16) == 0 {
        return;
    }
    let form = match op {
        Op::AddInt | Op::SubInt => Op::WindowInt,
        Op::Aset | Op::AtPut => Op::WindowStore,
        Op::Size => Op::WindowUnary,
        op if op.is_fused() => Op::WindowFused,
        _ => Op::Window,
    };
    place.set(Instr::abc(
        form,
        instruction.a(),
        instruction.b(),
        instruction.c(),
    ));
}
