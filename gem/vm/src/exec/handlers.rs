//! What a handler may do beyond returning, retrying and resuming.

use crate::errors::Fail;
use crate::exec::primitive::PrimResult;
use crate::exec::unwind::Goal;
use crate::vm::Vm;
use format::wellknown::slots::exception;
use gem_heap::Oop;

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
