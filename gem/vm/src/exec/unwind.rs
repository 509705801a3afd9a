//! Leaving frames: non-local returns, breaks, throws, handlers; ensure bodies run on the way.

use crate::errors::{Fail, VmExit, raise};
use crate::exec::block_flags::IN_LAMBDA;
use crate::exec::call::Current;
use crate::exec::frame::{Frame, frame_flags};
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::context;
use gem_bytecode::{Handler, HandlerKind};
use gem_heap::Oop;

/// Where an unwinding goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// Frame `depth` returns `value` to its caller.
    Return { depth: usize, value: Oop },
    /// Frame `depth` goes on at its handler `index` with `value`.
    Handler {
        depth: usize,
        index: usize,
        value: Oop,
    },
    /// Frame `depth` starts the range of its handler `index` again.
    Restart { depth: usize, index: usize },
    /// Frame `depth` is dropped and `exception` signalled in its place.
    Signal { depth: usize, exception: Oop },
}

impl Goal {
    /// The frame it goes to.
    fn depth(self) -> usize {
        match self {
            Goal::Return { depth, .. }
            | Goal::Handler { depth, .. }
            | Goal::Restart { depth, .. }
            | Goal::Signal { depth, .. } => depth,
        }
    }
}

/// Slots of an UnwindState object.
mod state {
    pub const KIND: usize = 0;
    pub const TARGET: usize = 1;
    pub const VALUE: usize = 2;
}

/// KIND values below zero; from 0 on: Handler with that index.
const RETURN: i64 = -1;
const SIGNAL: i64 = -2;
const RESTART: i64 = -16;

/// Handlers of `frame` that cover its current instruction, inner ones first.
pub(crate) fn covering(frame: &Frame) -> impl Iterator<Item = (usize, &'static Handler)> {
    let at = frame.pc.wrapping_sub(1);
    frame
        .code
        .handlers
        .iter()
        .enumerate()
        .filter(move |(_, h)| h.start <= at && at < h.end)
}

impl Vm {
    /// Unwinds to `goal`, stopping at the first ensure body in between (its EndEnsure goes on).
    pub(crate) fn unwind(&mut self, goal: Goal) -> Result<(), Fail> {
        let depth = goal.depth();
        let inner_to = match goal {
            Goal::Return { .. } | Goal::Signal { .. } => usize::MAX,
            Goal::Handler { index, .. } | Goal::Restart { index, .. } => index,
        };
        assert!(
            depth < self.exec.frames.len(),
            "an unwinding to a frame that is gone"
        );
        assert!(
            depth >= self.exec.run_depth,
            "an unwinding into the frames of an outer run"
        );
        loop {
            let top = self.exec.frames.len() - 1;
            assert!(top >= depth, "an unwinding left its goal behind");
            let frame = self.exec.frames[top];
            let ensure = covering(&frame)
                .take_while(|(i, _)| top != depth || *i < inner_to)
                .find(|(_, h)| matches!(h.kind, HandlerKind::Ensure | HandlerKind::Curtail));
            if let Some((_, h)) = ensure {
                let pending = self.pending(goal);
                debug_assert!(h.reg < frame.code.registers, "H5");
                debug_assert!((h.target as usize) < frame.code.instructions.len(), "H5");
                self.exec
                    .regs
                    .set(frame.base as usize + h.reg as usize, pending);
                self.exec.frames[top].pc = h.target;
                return Ok(());
            }
            if top == depth {
                return self.arrive(goal);
            }
            self.exec.frames.pop();
        }
    }

    fn arrive(&mut self, goal: Goal) -> Result<(), Fail> {
        debug_assert_eq!(self.exec.frames.len(), goal.depth() + 1);
        if self.exec.frames.len() < self.exec.frames_max {
            self.exec.frame_limit = self.exec.frames_max;
        }
        match goal {
            Goal::Return { value, .. } => {
                let frame = self.exec.frames.pop().expect("the target frame");
                self.deliver(&frame, value)
            }
            Goal::Handler {
                depth,
                index,
                value,
            } => {
                let frame = &mut self.exec.frames[depth];
                let handler = frame.code.handlers[index];
                debug_assert!(!value.is_id() && !value.is_undef());
                frame.pc = handler.target;
                let register = match handler.kind {
                    HandlerKind::OnDo => handler.reg + 2,
                    HandlerKind::Catch => handler.reg + 1,
                    _ => handler.reg,
                };
                let at = frame.base as usize + register as usize;
                self.exec.regs.set(at, value);
                Ok(())
            }
            Goal::Restart { depth, index } => {
                let frame = &mut self.exec.frames[depth];
                frame.pc = frame.code.handlers[index].start;
                Ok(())
            }
            Goal::Signal { exception, .. } => {
                let mut frame = self.exec.frames.pop().expect("the target frame");
                frame.flags &= !frame_flags::HANDLER;
                self.signal_for(&frame, exception)
            }
        }
    }

    /// Signals `exception` for a caller of `frame`, which is no longer on the stack: the caller gets the value of a resumption.
    fn signal_for(&mut self, frame: &Frame, exception: Oop) -> Result<(), Fail> {
        self.exec.current = Current {
            base: frame.base as usize,
            dst: frame.dst,
            frame_flags: frame.flags & !frame_flags::QUIET,
        };
        let outcome = match self.signal(exception) {
            Err(Fail::Fallback) => {
                let selector = self.model.heap.symbol("defaultAction");
                self.tail_send(exception, selector, &[], Oop::NIL, 0)
            }
            outcome => outcome,
        };
        match outcome {
            Ok(value) => self.deliver(frame, value),
            Err(Fail::Reenter) => Ok(()),
            Err(other) => Err(other),
        }
    }

    fn pending(&mut self, goal: Goal) -> Oop {
        let small = |n: usize| Oop::small_int_wrapping(n as i64);
        let (kind, target, value) = match goal {
            Goal::Return { depth, value } => (RETURN, small(depth), value),
            Goal::Handler {
                depth,
                index,
                value,
            } => (index as i64, small(depth), value),
            Goal::Restart { depth, index } => (RESTART - index as i64, small(depth), Oop::NIL),
            Goal::Signal { depth, exception } => (SIGNAL, small(depth), exception),
        };
        self.model.heap.new_with_slots(
            wellknown::UNWIND_STATE,
            &[Oop::small_int_wrapping(kind), target, value],
        )
    }

    /// EndEnsure: goes on with what the ensure body interrupted.
    pub(crate) fn end_ensure(&mut self, pending: Oop) -> Result<(), Fail> {
        let Some(kind) = self.model.heap.slot(pending, state::KIND)?.as_small_int() else {
            return Err(lost_state());
        };
        let value = self.model.heap.slot(pending, state::VALUE)?;
        let target = self.model.heap.slot(pending, state::TARGET)?.as_small_int();
        let depth = usize::try_from(target.unwrap_or(-1)).unwrap_or(usize::MAX);
        let handler = match kind {
            RETURN | SIGNAL => None,
            index if index >= 0 => Some(index),
            restart => Some(RESTART - restart),
        };
        // A stored stack can be damaged; what this gem wrote itself is as it was.
        if !self.can_unwind(depth, handler) {
            return Err(lost_state());
        }
        match kind {
            RETURN => self.unwind(Goal::Return { depth, value }),
            SIGNAL => self.unwind(Goal::Signal {
                depth,
                exception: value,
            }),
            index if index >= 0 => self.unwind(Goal::Handler {
                depth,
                index: index as usize,
                value,
            }),
            restart => self.unwind(Goal::Restart {
                depth,
                index: (RESTART - restart) as usize,
            }),
        }
    }

    /// Whether frame `depth` is one of this run, with a handler of that number when one is meant.
    pub(crate) fn can_unwind(&self, depth: usize, handler: Option<i64>) -> bool {
        let Some(frame) = self
            .exec
            .frames
            .get(depth)
            .filter(|_| depth >= self.exec.run_depth)
        else {
            return false;
        };
        let count = frame.code.handlers.len() as i64;
        handler.is_none_or(|index| (0..count).contains(&index))
    }

    /// Gives `value` to whoever called `frame`, which is no longer on the stack.
    pub(crate) fn deliver(&mut self, frame: &Frame, mut value: Oop) -> Result<(), Fail> {
        debug_assert!(!value.is_id() && !value.is_stack(), "H3");
        let flags = frame.flags;
        if flags & frame_flags::KEEP_RECEIVER != 0 {
            value = self.exec.regs.get(frame.base as usize);
        }
        if flags & frame_flags::NEGATE != 0 {
            value = Oop::from_bool(value.is_falsy());
        }
        if flags & frame_flags::HANDLER != 0 {
            return self.handler_finished(frame.block, value);
        }
        if flags & frame_flags::PROCESS != 0 {
            return self.process_finished(value);
        }
        if flags & frame_flags::ENTRY != 0 {
            self.exec.finished = value;
            return Ok(());
        }
        if flags & frame_flags::REDO != 0 {
            let caller = self.exec.frames.last_mut().expect("a frame to go on with");
            caller.pc -= 1;
            return Ok(());
        }
        let caller = self
            .exec
            .frames
            .last()
            .expect("a frame without ENTRY has a caller");
        let at = caller.base as usize + frame.dst as usize;
        assert!(
            caller.base < frame.base,
            "a frame above its caller's registers"
        );
        self.exec.regs.set(at, value);
        Ok(())
    }

    /// Index of the living frame with this serial, in the current run.
    pub(crate) fn frame_with_serial(&self, serial: u64) -> Option<usize> {
        if serial == 0 {
            return None;
        }
        self.exec.frames.iter().rposition(|f| f.serial == serial)
    }

    /// ReturnHome.
    pub(crate) fn return_home(&mut self, value: Oop) -> Result<(), Fail> {
        let mut index = self.exec.frames.len() - 1;
        loop {
            let frame = self.exec.frames[index];
            if frame.closure.is_nil() || frame.flags & frame_flags::LAMBDA != 0 {
                break;
            }
            match self.creator_frame(frame.closure) {
                Some(creator) => index = creator,
                None => match self.home_past_ended_blocks(&frame)? {
                    Some(home) => {
                        index = home;
                        break;
                    }
                    None => return Err(self.dead_home(value)),
                },
            }
        }
        if index < self.exec.run_depth {
            return Err(self.dead_home(value));
        }
        self.unwind(Goal::Return {
            depth: index,
            value,
        })
    }

    /// The home of a block whose creator, another block, has ended: only a lambda would have been a home before it.
    fn home_past_ended_blocks(&mut self, frame: &Frame) -> Result<Option<usize>, Fail> {
        if self.closure_flags(frame.closure)? & IN_LAMBDA != 0 {
            return Ok(None);
        }
        let env = self.root_env(frame.env);
        if env.is_stack() {
            return Ok(Some(env.stack_frame()));
        }
        if env.is_nil() {
            return Ok(None);
        }
        let serial = self.model.heap.slot(env, context::HOME)?.as_small_int();
        let home = self.frame_with_serial(serial.unwrap_or(0) as u64);
        Ok(home.filter(|&home| self.exec.frames[home].closure.is_nil()))
    }

    fn dead_home(&mut self, value: Oop) -> Fail {
        let mut fail = raise(wellknown::CANNOT_RETURN, "unexpected return");
        if let Fail::Raise(r) = &mut fail {
            r.value = value;
        }
        fail
    }

    /// BreakBlock: the call that the block was given to answers `value`.
    pub(crate) fn break_block(&mut self, value: Oop) -> Result<(), Fail> {
        let top = self.exec.frames.len() - 1;
        let frame = self.exec.frames[top];
        if frame.flags & frame_flags::LAMBDA != 0 || frame.closure.is_nil() {
            return self.unwind(Goal::Return { depth: top, value });
        }
        match self.creator_frame(frame.closure) {
            Some(creator)
                if creator + 1 < self.exec.frames.len()
                    && creator + 1 > self.exec.run_depth
                    && self.called_with_literal_block(creator) =>
            {
                self.unwind(Goal::Return {
                    depth: creator + 1,
                    value,
                })
            }
            _ => Err(raise(wellknown::CANNOT_RETURN, "break from proc-closure")),
        }
    }

    fn called_with_literal_block(&self, index: usize) -> bool {
        let frame = &self.exec.frames[index];
        let Some(instr) = (frame.pc as usize)
            .checked_sub(1)
            .and_then(|i| frame.code.instruction(i))
        else {
            return false;
        };
        matches!(
            instr.op(),
            Some(gem_bytecode::Op::Send | gem_bytecode::Op::SendSuper | gem_bytecode::Op::Yield)
        ) && frame.code.sites[instr.b() as usize].flags & gem_bytecode::site_flags::LITERAL_BLOCK
            != 0
    }

    /// `throw tag, value`.
    pub fn throw(&mut self, tag: Oop, value: Oop) -> Fail {
        let depth = self.exec.run_depth;
        let mut found = None;
        'frames: for index in (depth..self.exec.frames.len()).rev() {
            let frame = self.exec.frames[index];
            for (i, h) in covering(&frame) {
                if h.kind == HandlerKind::Catch
                    && self.exec.regs.get(frame.base as usize + h.reg as usize) == tag
                {
                    found = Some((index, i));
                    break 'frames;
                }
            }
        }
        match found {
            Some((depth, index)) => match self.unwind(Goal::Handler {
                depth,
                index,
                value,
            }) {
                Ok(()) => Fail::Reenter,
                Err(fail) => fail,
            },
            None => {
                let mut fail = raise(wellknown::UNCAUGHT_THROW, "");
                if let Fail::Raise(r) = &mut fail {
                    r.receiver = tag;
                    r.value = value;
                }
                fail
            }
        }
    }

    /// Gives up the frames from `depth` up, running their ensure bodies, and leaves the interpreter.
    ///
    /// # Errors
    /// What an ensure body raised.
    pub fn abandon(&mut self, depth: usize) -> Result<(), VmExit> {
        if self.exec.frames.len() <= depth {
            return Ok(());
        }
        let outer = std::mem::replace(&mut self.exec.run_depth, depth);
        let outcome = match self.unwind(Goal::Return {
            depth,
            value: Oop::NIL,
        }) {
            Ok(()) | Err(Fail::Reenter) => Ok(()),
            Err(Fail::Exit(e)) => Err(e),
            Err(other) => self
                .exception_of(other)
                .and_then(|e| self.raise_from(e, depth)),
        };
        self.exec.run_depth = outer;
        outcome?;
        if self.exec.frames.len() > depth {
            crate::exec::interp::run(self, depth).map(drop)
        } else {
            Ok(())
        }
    }
}

fn lost_state() -> Fail {
    raise(
        wellknown::ERROR,
        "an ensure body lost the state it has to restore",
    )
}
