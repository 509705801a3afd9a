//! What primitives of other crates need to see of the machine and nothing else offers.

use crate::errors::Fail;
use crate::primitive::PrimResult;
use crate::unwind::Goal;
use crate::vm::Vm;
use gem_heap::{Oop, Roots};
use gem_model::Visibility;
use hashbrown::HashSet;
use proto::wellknown::slots::exception;

impl Vm {
    /// Every object in memory that the machine refers to, directly or through others. For `allInstances`.
    pub fn reachable_objects(&mut self) -> Vec<Oop> {
        let (heap, roots) = self.heap_and_roots(true);
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut note = |oop: Oop, found: &mut Vec<Oop>| {
            if oop.is_pointer() && oop.bits() != 0 && seen.insert(oop.bits()) {
                found.push(oop);
            }
        };
        roots.visit(&mut |oop| note(oop, &mut found));
        for index in 0..heap.class_count() {
            let class = heap.class_info(gem_heap::ClassIndex(index as u32)).class;
            note(class, &mut found);
        }
        let mut next = 0;
        while next < found.len() {
            let object = found[next];
            next += 1;
            heap.each_reference(object, |oop| note(oop, &mut found));
        }
        found
    }

    /// What `private` and the like without arguments set for the frame `frames_up` above the running one: visibility, and whether
    /// `module_function` is on.
    pub fn visibility_set_in(&self, frames_up: usize) -> (Visibility, bool) {
        let index = self.exec.frames.len().checked_sub(1 + frames_up);
        let serial = index.map_or(0, |i| self.exec.frames[i].serial);
        let set = self
            .exec
            .visibilities
            .iter()
            .rev()
            .find(|v| v.0 == serial && serial != 0);
        set.map_or((Visibility::Public, false), |v| (v.1, v.2))
    }
}

impl Vm {
    /// The home method of the frame `frames_up` above the running one, nil without such a frame.
    pub fn home_method_at(&mut self, frames_up: usize) -> Oop {
        match self.exec.frames.len().checked_sub(1 + frames_up) {
            Some(index) => {
                let frame = self.exec.frames[index];
                self.home_method_of(&frame)
            }
            None => Oop::NIL,
        }
    }

    /// Whether the block given to the home method of the frame `frames_up` above the running one is no lambda and has two or more
    /// parameters, all of them required.
    ///
    /// # Errors
    /// A failed fault.
    pub fn home_block_takes_two(&mut self, frames_up: usize) -> Result<bool, Fail> {
        let Some(index) = self.exec.frames.len().checked_sub(1 + frames_up) else {
            return Ok(false);
        };
        let frame = self.exec.frames[index];
        let given = self.home_block_of(&frame)?;
        let code = if given.is_stack() {
            self.stack_block(given).code
        } else {
            let special = crate::closures::LAMBDA
                | crate::closures::FROM_SYMBOL
                | crate::closures::FROM_METHOD;
            if given.is_nil() || self.closure_flags(given)? & special != 0 {
                return Ok(false);
            }
            self.code_of_closure(given)?
        };
        Ok(code.plain_params && code.params.required > 1)
    }

    /// The block given to the home method of the frame `frames_up` above the running one.
    ///
    /// # Errors
    /// A failed fault.
    pub fn home_block_at(&mut self, frames_up: usize) -> Result<Oop, Fail> {
        match self.exec.frames.len().checked_sub(1 + frames_up) {
            Some(index) => {
                let frame = self.exec.frames[index];
                let given = self.home_block_of(&frame)?;
                self.settled_block(given)
            }
            None => Ok(Oop::NIL),
        }
    }
}

/// Elements of the Array in a signalled exception's SIGNAL_CONTEXT that the functions here read (see `signal::signalled`).
const RESUME: usize = 0;
const FRAME: usize = 1;

impl Vm {
    /// A frame number of a signalled exception.
    fn signalled_frame(&mut self, exception: Oop, element: usize) -> Result<usize, Fail> {
        let context = self.model.heap.slot(exception, exception::SIGNAL_CONTEXT)?;
        let index = self.model.heap.element(context, element)?.as_small_int();
        let index = index.and_then(|i| usize::try_from(i).ok());
        match index {
            Some(index) if index < self.exec.frames.len() && index >= self.exec.run_depth => {
                Ok(index)
            }
            _ => Err(Fail::Fallback),
        }
    }

    /// Primitive `exceptionRetryUsing`: the frame of the handler starts again with `closure` as the block that it protects.
    pub fn exception_retry_using(&mut self, exception: Oop, closure: Oop) -> PrimResult {
        if !self.is_handled(exception) {
            return Err(Fail::Fallback);
        }
        let depth = self.signalled_frame(exception, FRAME)?;
        // `on:do:` evaluates its receiver, which is register 0 of its frame.
        let base = self.exec.frames[depth].base as usize;
        self.exec.regs.set(base, closure);
        self.exception_retry(exception)
    }

    /// Primitive `exceptionResignalAs`: leaves the handler, then signals `other` where `exception` was signalled.
    pub fn exception_resignal_as(&mut self, exception: Oop, other: Oop) -> PrimResult {
        if !self.is_handled(exception) {
            return Err(Fail::Fallback);
        }
        let depth = self.signalled_frame(exception, RESUME)?;
        self.model
            .heap
            .set_slot_quietly(exception, exception::SIGNAL_CONTEXT, Oop::NIL);
        self.unwind(Goal::Signal {
            depth,
            exception: other,
        })?;
        Err(Fail::Reenter)
    }
}
