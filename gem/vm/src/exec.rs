//! The state of execution: the stack of the process that runs, and what the interpreter remembers between two instructions.

pub(crate) mod args;
pub(crate) mod bind;
pub(crate) mod block_flags;
pub(crate) mod call;
pub(crate) mod callers;
pub(crate) mod closures;
pub(crate) mod define;
pub(crate) mod entry;
pub(crate) mod escape;
pub(crate) mod eval;
pub(crate) mod extensions;
pub(crate) mod frame;
pub(crate) mod globals;
pub(crate) mod handlers;
pub(crate) mod interp;
pub(crate) mod names;
pub(crate) mod ops;
pub(crate) mod primitive;
pub(crate) mod refinements;
pub(crate) mod registers;
pub(crate) mod sends;
pub(crate) mod signal;
pub(crate) mod unwind;

use crate::errors::{Fail, raise};
use crate::exec::extensions::Extensions;
use crate::exec::frame::Frame;
use crate::exec::registers::Registers;
use crate::options::VmOptions;
use format::wellknown;
use gem_heap::{Oop, References};
use gem_model::Visibility;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// See the module text.
pub struct Exec {
    pub(crate) regs: Registers,
    pub frames: Vec<Frame>,
    pub(crate) serial: u64,
    /// `$!` of the running process.
    pub error_info: Oop,
    /// The call whose primitive is running: what `tail_send` and the like continue.
    pub(crate) current: crate::exec::call::Current,
    /// Frames below this one belong to an outer run of the interpreter.
    pub(crate) run_depth: usize,
    /// Deepest stack at the moment: a handler of a stack overflow gets some room above `frames_max`.
    pub(crate) frame_limit: usize,
    /// Deepest stack, in frames.
    pub(crate) frames_max: usize,
    /// The last unhandled exception was raised between two instructions of the top frame.
    pub(crate) stopped_between: bool,
    /// The value of the run that just ended.
    pub(crate) finished: Oop,
    /// Frame-local specials of homes without environment: frame serial, whether `$_`, value.
    pub(crate) specials: Vec<(u64, bool, Oop)>,
    /// Default visibilities set by `private` and the like: frame serial, visibility, module_function.
    pub(crate) visibilities: Vec<(u64, Visibility, bool)>,
    /// Why the last missing method was missing: 0 unknown, 1 private, 2 protected, 3 super, 4 could be a variable.
    pub missing_reason: u8,
    /// Set by the clock, signals and other threads: look around at the next safepoint.
    pub attention: Arc<AtomicBool>,
    /// An interrupt (Ctrl-C) is waiting.
    pub interrupted: Arc<AtomicBool>,
    pub(crate) started: Instant,
    /// What the primitives of other crates keep.
    pub extensions: Extensions,
}

impl Exec {
    pub(crate) fn new(options: &VmOptions) -> Exec {
        Exec {
            regs: Registers::default(),
            frames: Vec::with_capacity(256),
            serial: 0,
            error_info: Oop::NIL,
            current: crate::exec::call::Current::default(),
            run_depth: 0,
            frame_limit: options.frames_max,
            frames_max: options.frames_max,
            stopped_between: false,
            finished: Oop::NIL,
            specials: Vec::new(),
            visibilities: Vec::new(),
            missing_reason: 0,
            attention: Arc::new(AtomicBool::new(false)),
            interrupted: Arc::new(AtomicBool::new(false)),
            started: Instant::now(),
            extensions: Extensions::default(),
        }
    }
}

impl Exec {
    /// Puts a frame on the stack: the one place where frames of running code come from.
    ///
    /// # Errors
    /// Raises `AlmostOutOfStack` (SystemStackError) when the stack is as deep as it may be.
    #[inline(always)]
    pub(crate) fn push(&mut self, frame: Frame) -> Result<(), Fail> {
        if self.frames.len() >= self.frame_limit {
            return Err(too_deep());
        }
        debug_assert!(!frame.env.is_undef() && !frame.block.is_undef() && !frame.block.is_id());
        debug_assert!(frame.base as usize + frame.code.registers as usize <= self.regs.len());
        self.frames.push(frame);
        Ok(())
    }
}

#[cold]
#[inline(never)]
fn too_deep() -> Fail {
    raise(wellknown::ALMOST_OUT_OF_STACK, "stack level too deep")
}

impl References for Exec {
    fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        visit_stack(&self.regs, &self.frames, visit);
        visit(self.error_info);
        visit(self.finished);
        for special in &self.specials {
            visit(special.2);
        }
    }

    fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        self.regs.each_mut(change);
        self.frames.iter_mut().for_each(|f| f.each_mut(change));
        change(&mut self.error_info);
        change(&mut self.finished);
        self.specials.iter_mut().for_each(|s| change(&mut s.2));
    }
}

/// Visits the registers and frames of one process.
pub(crate) fn visit_stack(regs: &Registers, frames: &[Frame], visit: &mut dyn FnMut(Oop)) {
    let top = frames
        .last()
        .map_or(0, |f| f.base as usize + f.code.registers as usize);
    for &oop in regs.slice(0, top) {
        visit(oop);
    }
    for f in frames {
        visit(f.env);
        visit(f.block);
        visit(f.closure);
        visit(f.code.method);
    }
}
