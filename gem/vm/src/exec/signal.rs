//! Exceptions: making, signalling, handling, resuming. One mechanism for both languages: a signal looks for a handler without
//! unwinding; Smalltalk's handler blocks run on top of the signaller, Ruby's rescue unwinds to its frame.

use crate::errors::{Fail, VmExit, heap_error_class, raise};
use crate::exec::call::{Call, Current};
use crate::exec::frame::frame_flags;
use crate::exec::primitive::PrimResult;
use crate::exec::unwind::{Goal, covering};
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::exception;
use gem_bytecode::HandlerKind;
use gem_heap::Oop;
use gem_model::{Raise, RaiseClass};

/// Frames above the limit that the handler of a stack overflow may use.
const HANDLER_FRAMES: usize = 20_000;

/// A handler found by a search.
#[derive(Clone, Copy, Debug)]
struct Found {
    frame: usize,
    handler: usize,
    kind: HandlerKind,
}

/// Where the search for a handler goes on: in frames up to `frame`; in that one with handlers from `first` on.
#[derive(Clone, Copy)]
struct From {
    frame: usize,
    first: usize,
}

/// Elements of the Array in an exception's SIGNAL_CONTEXT.
mod signalled {
    /// Index of the frame that the handler runs in: the first one above the signaller.
    pub const RESUME: usize = 0;
    /// Index of the frame with the handler, and the handler's number in it.
    pub const FRAME: usize = 1;
    pub const HANDLER: usize = 2;
    /// The context that `outer` interrupted, or nil.
    pub const OUTER: usize = 3;
}

impl Vm {
    /// The exception object of a failure.
    ///
    /// # Errors
    /// `Exit` failures as they are; `Internal` when the exception cannot be made, because its class is not in memory and cannot be had or memory is short.
    pub fn exception_of(&mut self, fail: Fail) -> Result<Oop, VmExit> {
        let internal = |e: String| VmExit::Internal(e);
        match fail {
            Fail::Throw(e) => Ok(e),
            Fail::Exit(e) => Err(e),
            Fail::Raise(r) => self.make_exception(&r).map_err(|e| internal(e.to_string())),
            Fail::Heap(e) => {
                let (class, message) = heap_error_class(&e);
                let receiver = if let gem_heap::HeapError::Frozen(o) = e {
                    o
                } else {
                    Oop::NIL
                };
                let raise = Raise {
                    class: RaiseClass::Known(class),
                    message,
                    receiver,
                    selector: Oop::NIL,
                    value: Oop::NIL,
                };
                self.make_exception(&raise)
                    .map_err(|e| internal(e.to_string()))
            }
            Fail::Fallback | Fail::Reenter | Fail::Covered(_) => {
                Err(internal("a failure without exception".to_string()))
            }
        }
    }

    fn make_exception(&mut self, r: &Raise) -> Result<Oop, gem_heap::HeapError> {
        let class = match r.class {
            RaiseClass::Known(id) => self.model.heap.wellknown_class(id),
            RaiseClass::Class(c) => self.model.heap.class_index(c)?,
        };
        let object = self.model.heap.instantiate(class);
        let mut message = r.message.clone();
        if let RaiseClass::Known(wellknown::INVARIANT_ERROR) = r.class
            && message.is_empty()
        {
            let class = self.model.heap.class_of(r.receiver)?;
            let class = self.model.real_class(class)?;
            message = format!("can't modify frozen {}", self.model.class_name(class));
        }
        let text = self.model.heap.new_string(message.as_bytes())?;
        self.model.heap.set_slot(object, exception::MESSAGE, text)?;
        self.model
            .heap
            .set_slot(object, exception::RECEIVER, r.receiver)?;
        self.model
            .heap
            .set_slot(object, exception::SELECTOR, r.selector)?;
        self.model
            .heap
            .set_slot(object, exception::VALUE, r.value)?;
        self.model
            .heap
            .set_slot(object, exception::CAUSE, self.exec.error_info)?;
        Ok(object)
    }

    /// Raises `exception` from the top frame: afterwards the top frame is the one to go on with.
    ///
    /// # Errors
    /// `Unhandled` when no frame from `depth` up takes it; the frames stay.
    pub(crate) fn raise_from(&mut self, exception: Oop, depth: usize) -> Result<(), VmExit> {
        self.raise_with(exception, depth, 0)
    }

    /// As `raise_from`; the frame of a handler block gets `flags`.
    pub(crate) fn raise_with(
        &mut self,
        exception: Oop,
        depth: usize,
        flags: u16,
    ) -> Result<(), VmExit> {
        self.exec.stopped_between = false;
        self.capture_stack(exception);
        self.make_room_for_handler(exception);
        let start = From {
            frame: self.exec.frames.len(),
            first: 0,
        };
        let outcome = match self.find_handler(exception, start, depth) {
            Err(e) => Err(e),
            Ok(None) => return Err(VmExit::Unhandled(exception)),
            Ok(Some(found)) => {
                self.prepare_window();
                self.exec.current.frame_flags = flags;
                self.enter_handler(exception, found, None)
            }
        };
        match outcome {
            Ok(_) | Err(Fail::Reenter) => Ok(()),
            Err(Fail::Exit(e)) => Err(e),
            Err(other) => {
                let next = self.exception_of(other)?;
                let overflowed = self.exec.frames.len() >= self.exec.frames_max + HANDLER_FRAMES;
                if next == exception || overflowed {
                    Err(VmExit::Unhandled(exception))
                } else {
                    self.raise_from(next, depth)
                }
            }
        }
    }

    /// A handler of a stack overflow needs frames of its own, until the stack is unwound.
    fn make_room_for_handler(&mut self, exception: Oop) {
        if self
            .model
            .heap
            .is_instance(exception, wellknown::ALMOST_OUT_OF_STACK)
        {
            self.exec.frame_limit = self.exec.frames_max + HANDLER_FRAMES;
        }
    }

    /// A window above the top frame for a handler block; its value goes where the failing instruction's would.
    fn prepare_window(&mut self) {
        let base = self.free_base();
        let dst = match self.exec.frames.last() {
            Some(f) => {
                let instr = f.code.instruction((f.pc as usize).saturating_sub(1));
                match instr {
                    Some(i)
                        if matches!(
                            i.op(),
                            Some(
                                gem_bytecode::Op::Send
                                    | gem_bytecode::Op::SendSuper
                                    | gem_bytecode::Op::Yield
                            )
                        ) =>
                    {
                        i.a()
                    }
                    _ => f.code.registers,
                }
            }
            None => 0,
        };
        self.ensure_registers(base + 8);
        self.exec.current = Current {
            base: base + 1,
            dst,
            frame_flags: 0,
        };
    }

    /// Primitive `signal` (and Ruby's `raise`): runs the handler, or fails when there is none.
    pub fn signal(&mut self, exception: Oop) -> PrimResult {
        self.capture_stack(exception);
        let start = From {
            frame: self.exec.frames.len(),
            first: 0,
        };
        match self.find_handler(exception, start, self.exec.run_depth)? {
            Some(found) => self.enter_handler(exception, found, None),
            None => Err(Fail::Fallback),
        }
    }

    /// Ruby's `raise`: as `signal`, and unhandled when there is no handler.
    pub fn raise_exception(&mut self, exception: Oop) -> PrimResult {
        self.exec.error_info = exception;
        match self.signal(exception) {
            Err(Fail::Fallback) => Err(Fail::Exit(VmExit::Unhandled(exception))),
            other => other,
        }
    }

    /// Nobody handles the exception: the process stops here for the debugger or the program's end.
    pub fn unhandled(&mut self, exception: Oop) -> Fail {
        self.capture_stack(exception);
        Fail::Exit(VmExit::Unhandled(exception))
    }

    fn find_handler(
        &mut self,
        exception: Oop,
        start: From,
        depth: usize,
    ) -> Result<Option<Found>, Fail> {
        let mut index = start.frame;
        let mut first = start.first;
        if first == 0 {
            if index == depth {
                return Ok(None);
            }
            index -= 1;
        }
        loop {
            let frame = self.exec.frames[index];
            for (i, h) in covering(&frame).filter(|(i, _)| *i >= first) {
                match h.kind {
                    HandlerKind::Rescue => {
                        return Ok(Some(Found {
                            frame: index,
                            handler: i,
                            kind: h.kind,
                        }));
                    }
                    HandlerKind::OnDo => {
                        let selector = self.exec.regs.get(frame.base as usize + h.reg as usize);
                        if self.handles(selector, exception)? {
                            return Ok(Some(Found {
                                frame: index,
                                handler: i,
                                kind: h.kind,
                            }));
                        }
                    }
                    _ => {}
                }
            }
            first = 0;
            if frame.flags & frame_flags::HANDLER != 0
                && let Some((_, at, handler, _)) = self.signal_context(frame.block)
                && at < index
            {
                // Handlers between a running handler block and its on:do: are not active.
                index = at;
                let handlers = &self.exec.frames[at].code.handlers;
                let used = handlers[handler];
                first = handlers
                    .iter()
                    .rposition(|h| h.start == used.start && h.end == used.end)
                    .map_or(handler + 1, |i| i + 1);
                continue;
            }
            if index <= depth {
                return Ok(None);
            }
            index -= 1;
        }
    }

    /// Whether an `on:` argument (class or set of classes) takes the exception.
    fn handles(&mut self, selector: Oop, exception: Oop) -> Result<bool, Fail> {
        if !selector.is_pointer() {
            return Ok(false);
        }
        match self.model.heap.kind(selector) {
            gem_heap::Kind::Indexed => {
                for class in self.model.heap.elements(selector)? {
                    if self.handles(class, exception)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ if self.model.heap.inline_slots(selector) >= wellknown::slots::behavior::COUNT => {
                Ok(self.model.is_kind_of(exception, selector)?)
            }
            _ => Ok(false),
        }
    }

    fn enter_handler(&mut self, exception: Oop, found: Found, outer: Option<Oop>) -> PrimResult {
        if found.kind == HandlerKind::Rescue {
            self.unwind(Goal::Handler {
                depth: found.frame,
                index: found.handler,
                value: exception,
            })?;
            return Err(Fail::Reenter);
        }
        let frame = self.exec.frames[found.frame];
        let handler = frame.code.handlers[found.handler];
        let closure = self
            .exec
            .regs
            .get(frame.base as usize + handler.reg as usize + 1);
        let resume = match (outer, self.signal_context(exception)) {
            // `pass` keeps the place to resume at.
            (None, Some((resume, at, _, _))) if at >= found.frame => resume,
            _ => self.exec.frames.len(),
        };
        let resume = if outer.is_none() && self.is_signalling(exception, resume) {
            resume
        } else {
            self.exec.frames.len()
        };
        let small = |n: usize| Oop::small_int_wrapping(n as i64);
        let context = self.model.heap.new_array(&[
            small(resume),
            small(found.frame),
            small(found.handler),
            outer.unwrap_or(Oop::NIL),
        ])?;
        self.model
            .heap
            .set_slot_quietly(exception, exception::SIGNAL_CONTEXT, context);
        if !self.model.heap.is_instance(closure, wellknown::EXEC_BLOCK) {
            // ANSI: a handler that is no block is the value.
            self.unwind(Goal::Handler {
                depth: found.frame,
                index: found.handler,
                value: closure,
            })?;
            return Err(Fail::Reenter);
        }
        let Current {
            base,
            dst,
            frame_flags: flags,
        } = self.exec.current;
        let wanted = if self.closure_flags(closure)? & crate::exec::block_flags::FROM_SYMBOL != 0 {
            1
        } else {
            self.code_of_closure(closure)?.params.required.min(1) as usize
        };
        self.ensure_registers(base + 3);
        self.exec.regs.set(base + 1, exception);
        let selector = self.model.sym.value;
        let call = Call {
            selector,
            environment: 0,
            base,
            argc: wanted,
            site_flags: 0,
            dst,
            frame_flags: flags & !frame_flags::KEEP_RECEIVER,
            owner_above: None,
        };
        match self.call_closure(closure, &call, None, frame_flags::HANDLER) {
            Err(Fail::Reenter) => {
                let top = self.exec.frames.len() - 1;
                self.exec.frames[top].block = exception;
                Err(Fail::Reenter)
            }
            Ok(value) => {
                self.handler_finished(exception, value)?;
                Err(Fail::Reenter)
            }
            Err(other) => Err(other),
        }
    }

    /// Whether a handler frame of this exception still runs at `resume`.
    fn is_signalling(&self, exception: Oop, resume: usize) -> bool {
        self.exec
            .frames
            .get(resume)
            .is_some_and(|f| f.flags & frame_flags::HANDLER != 0 && f.block == exception)
    }

    /// (resume, frame, handler, outer) of a signalled exception.
    fn signal_context(&mut self, exception: Oop) -> Option<(usize, usize, usize, Oop)> {
        if !exception.is_pointer()
            || self.model.heap.inline_slots(exception) <= exception::SIGNAL_CONTEXT
        {
            return None;
        }
        let context = self
            .model
            .heap
            .slot(exception, exception::SIGNAL_CONTEXT)
            .ok()?;
        if !context.is_pointer() || self.model.heap.size(context) != 4 {
            return None;
        }
        let mut number = |i| {
            self.model
                .heap
                .element(context, i)
                .ok()
                .and_then(|o| o.as_small_int())
                .map(|n| n as usize)
        };
        let (resume, frame, handler) = (
            number(signalled::RESUME)?,
            number(signalled::FRAME)?,
            number(signalled::HANDLER)?,
        );
        let outer = self.model.heap.element(context, signalled::OUTER).ok()?;
        // What a program kept of an exception that is over, or of an outer run's, names frames that do something else by now.
        let covers = |f: &crate::Frame| {
            covering(f).any(|(i, h)| i == handler && h.kind == HandlerKind::OnDo)
        };
        let valid = frame >= self.exec.run_depth
            && frame < resume
            && self.exec.frames.get(frame).is_some_and(covers);
        valid.then_some((resume, frame, handler, outer))
    }

    /// The handler block ended: `on:do:` answers its value.
    pub(crate) fn handler_finished(&mut self, exception: Oop, value: Oop) -> Result<(), Fail> {
        let Some((_, depth, index, _)) = self.signal_context(exception) else {
            return Err(raise(
                wellknown::ERROR,
                "the exception is not being handled",
            ));
        };
        self.unwind(Goal::Handler {
            depth,
            index,
            value,
        })
    }

    fn not_signalled(&self) -> Fail {
        raise(wellknown::ERROR, "the exception is not being handled")
    }

    /// Primitive `exceptionReturn`.
    pub fn exception_return(&mut self, exception: Oop, value: Oop) -> PrimResult {
        self.handler_finished(exception, value)?;
        Err(Fail::Reenter)
    }

    /// Primitive `exceptionRetry`.
    pub fn exception_retry(&mut self, exception: Oop) -> PrimResult {
        let Some((_, depth, index, _)) = self.signal_context(exception) else {
            return Err(self.not_signalled());
        };
        self.unwind(Goal::Restart { depth, index })?;
        Err(Fail::Reenter)
    }

    /// Primitive `exceptionResume`: `signal` (or `outer`) answers `value`.
    pub fn exception_resume(&mut self, exception: Oop, value: Oop) -> PrimResult {
        let Some((resume, _, _, outer)) = self.signal_context(exception) else {
            return Err(self.not_signalled());
        };
        if resume >= self.exec.frames.len() || resume < self.exec.run_depth {
            return Err(self.not_signalled());
        }
        self.model
            .heap
            .set_slot_quietly(exception, exception::SIGNAL_CONTEXT, outer);
        let top = &mut self.exec.frames[resume];
        top.flags &= !frame_flags::HANDLER;
        self.unwind(Goal::Return {
            depth: resume,
            value,
        })?;
        Err(Fail::Reenter)
    }

    /// Primitive `exceptionPass`: the next outer handler, or failure when there is none.
    pub fn exception_pass(&mut self, exception: Oop) -> PrimResult {
        self.pass_on(exception, false)
    }

    /// Primitive `exceptionOuter`: as pass; a resumption answers to the sender of `outer`.
    pub fn exception_outer(&mut self, exception: Oop) -> PrimResult {
        self.pass_on(exception, true)
    }

    fn pass_on(&mut self, exception: Oop, outer: bool) -> PrimResult {
        let Some((_, frame, handler, _)) = self.signal_context(exception) else {
            return Err(self.not_signalled());
        };
        let start = From {
            frame,
            first: handler + 1,
        };
        match self.find_handler(exception, start, self.exec.run_depth)? {
            Some(found) => {
                let context = if outer {
                    Some(self.model.heap.slot(exception, exception::SIGNAL_CONTEXT)?)
                } else {
                    None
                };
                self.enter_handler(exception, found, context)
            }
            None => Err(Fail::Fallback),
        }
    }

    /// Whether the exception is being handled by an `on:do:` handler.
    pub fn is_handled(&mut self, exception: Oop) -> bool {
        self.signal_context(exception).is_some()
    }
}
