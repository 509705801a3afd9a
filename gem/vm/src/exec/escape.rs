//! Environments and blocks that live on the stack until something keeps them.
//!
//! A frame whose code says so has its environment in its own registers, and `Frame::env` of it and of the block frames that see it is
//! `Oop::stack_env(index)`. A block written at a call is `Oop::stack_block(index, code)`, in the callee's `Frame::block` and in
//! `Frame::closure` of its own activations. Both name a frame that lies below every holder, so they end with it. Whoever wants an
//! object - a Proc, a Binding, a closure that outlives the call - settles it: the object takes the place of the reference, in the
//! naming frame for environments, in all frames above for blocks.

use crate::codes::code::CodeBlock;
use crate::errors::Fail;
use crate::exec::frame::{Frame, frame_flags};
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::{block, context};
use gem_heap::Oop;
use std::collections::BTreeSet;

impl Vm {
    /// The environment that the code of a frame was written in: its closure's, or nil.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when the closure is an object whose environment is not in memory yet.
    pub(crate) fn env_around(&mut self, frame: &Frame) -> Result<Oop, Fail> {
        if frame.closure.is_stack() {
            return Ok(self.exec.frames[frame.closure.stack_frame()].env);
        }
        if frame.closure.is_nil() {
            return Ok(Oop::NIL);
        }
        Ok(self.model.heap.slot(frame.closure, block::CONTEXT)?)
    }

    /// The object of an environment on the stack that was settled, else `env` itself.
    #[inline(always)]
    pub(crate) fn resolved(&self, env: Oop) -> Oop {
        if env.is_stack() {
            self.exec.frames[env.stack_frame()].env
        } else {
            env
        }
    }

    /// The environment one level out, or nil.
    ///
    /// # Errors
    /// As `env_around`, for `env` and, when it is on the stack, for the frame that it lies in.
    pub(crate) fn env_outside(&mut self, env: Oop) -> Result<Oop, Fail> {
        let env = self.resolved(env);
        if env.is_stack() {
            let frame = self.exec.frames[env.stack_frame()];
            return self.env_around(&frame);
        }
        Ok(self.model.heap.slot(env, context::PARENT)?)
    }

    /// `env` as an object (or nil).
    ///
    /// # Errors
    /// As `env_around`, for the frame of `env` and each one that its environment names.
    pub fn settled_env(&mut self, env: Oop) -> Result<Oop, Fail> {
        if env.is_stack() {
            self.settle(env.stack_frame())?;
        }
        Ok(self.resolved(env))
    }

    /// The environment that frame `index` sees, as an object (or nil).
    ///
    /// # Errors
    /// As `settled_env`.
    pub fn settled_env_of(&mut self, index: usize) -> Result<Oop, Fail> {
        self.settle(index)?;
        Ok(self.exec.frames[index].env)
    }

    /// `given` as an object, when it is a block on the stack.
    ///
    /// # Errors
    /// As `settled_env`, for the frame that wrote the block.
    #[inline(always)]
    pub(crate) fn settled_block(&mut self, given: Oop) -> Result<Oop, Fail> {
        if given.is_stack() {
            self.settle_block(given)
        } else {
            Ok(given)
        }
    }

    #[cold]
    #[inline(never)]
    fn settle_block(&mut self, given: Oop) -> Result<Oop, Fail> {
        self.settle(given.stack_frame())?;
        Ok(self.closure_of(given))
    }

    /// Makes objects of everything on the stack of the running process.
    ///
    /// # Errors
    /// As `settled_env`, for every frame. Those below the one that failed are objects then.
    pub fn settle_all(&mut self) -> Result<(), Fail> {
        for i in 0..self.exec.frames.len() {
            self.settle(i)?;
            for held in [self.exec.frames[i].block, self.exec.frames[i].closure] {
                self.settled_block(held)?;
            }
        }
        Ok(())
    }

    /// Makes an object of the environment that frame `index` sees, and of everything that the object names. Without recursion: what it
    /// names lies in lower frames, and there may be a million of them.
    fn settle(&mut self, index: usize) -> Result<(), Fail> {
        let frame = self.exec.frames[index];
        if frame.env == Oop::stack_env(index as u32)
            && !frame.block.is_stack()
            && frame.closure.is_nil()
        {
            return self.settle_frame(index);
        }
        let mut needed = BTreeSet::new();
        let mut open = vec![index];
        while let Some(i) = open.pop() {
            let frame = self.exec.frames[i];
            if !frame.env.is_stack() || !needed.insert(i) {
                continue;
            }
            if frame.env == Oop::stack_env(i as u32) {
                let around = self.env_around(&frame)?;
                let named = [around, frame.block].into_iter().filter(|o| o.is_stack());
                open.extend(named.map(Oop::stack_frame));
            } else {
                open.push(frame.env.stack_frame());
            }
        }
        for i in needed {
            self.settle_frame(i)?;
        }
        Ok(())
    }

    /// One frame, once all that it names are objects.
    fn settle_frame(&mut self, index: usize) -> Result<(), Fail> {
        let frame = self.exec.frames[index];
        if frame.env != Oop::stack_env(index as u32) {
            self.exec.frames[index].env = self.resolved(frame.env);
            return Ok(());
        }
        let around = self.env_around(&frame)?;
        let parent = self.resolved(around);
        let given = match frame.block.is_stack() {
            true => self.closure_of(frame.block),
            false => frame.block,
        };
        let (first, count) = (frame.code.env_register, frame.code.env_variables);
        let env = self.new_env(index, parent, given, count as usize);
        for i in 0..count as usize {
            let value = self.exec.regs.get(frame.base as usize + first as usize + i);
            self.model
                .heap
                .set_slot_quietly(env, context::FIRST_VARIABLE + i, value);
        }
        self.exec.frames[index].env = env;
        Ok(())
    }

    /// An environment object for frame `index`.
    pub(crate) fn new_env(&mut self, index: usize, parent: Oop, given: Oop, count: usize) -> Oop {
        let serial = self.frame_serial(index);
        let code = self.exec.frames[index].code;
        let mut shape = code.env_shape.get();
        if shape == gem_heap::ShapeId::NONE {
            let slots = context::FIRST_VARIABLE + count;
            shape = self
                .model
                .heap
                .shape_with_slots(wellknown::VARIABLE_CONTEXT, slots);
            code.env_shape.set(shape);
        }
        debug_assert!(
            !parent.is_stack() && !given.is_stack(),
            "an object that names a frame"
        );
        let mut slots = [Oop::NIL; context::FIRST_VARIABLE];
        slots[context::PARENT] = parent;
        slots[context::HOME] = Oop::small_int_wrapping(serial as i64);
        slots[context::METHOD] = code.method;
        slots[context::BLOCK] = given;
        let env = self.model.heap.allocate(shape);
        self.model.heap.initialise(env, &slots);
        env
    }

    /// The closure of a block on the stack whose frame is settled; from now on every frame holds the closure.
    fn closure_of(&mut self, given: Oop) -> Oop {
        let creator = given.stack_frame();
        assert!(
            !self.exec.frames[creator].env.is_stack(),
            "its frame is not settled"
        );
        let entry = self.stack_block(given);
        let serial = self.frame_serial(creator);
        let frame = self.exec.frames[creator];
        let mut flags = entry.closure_flags;
        if frame.code.is_block() {
            flags |= self.in_lambda(&frame);
        }
        let closure = self.new_closure(entry.code, frame.env, entry.receiver, flags, serial);
        for frame in &mut self.exec.frames[creator + 1..] {
            if frame.block == given {
                frame.block = closure;
            }
            if frame.closure == given {
                frame.closure = closure;
            }
        }
        closure
    }

    /// What a block on the stack is made of.
    #[inline(always)]
    pub(crate) fn stack_block(&self, given: Oop) -> StackBlock {
        let frame = &self.exec.frames[given.stack_frame()];
        let mut closure_flags = 0;
        if frame.flags & DEFINEE != 0 && frame.code.is_block() {
            closure_flags = definee_flags(frame.flags);
        }
        StackBlock {
            code: self.codes.at(given.stack_code()),
            env: frame.env,
            receiver: self.exec.regs.get(frame.base as usize),
            closure_flags,
        }
    }
}

/// Frame flags that a block hands on to the blocks made in it.
const DEFINEE: u16 = frame_flags::DEFINEE_SELF | frame_flags::DEFINEE_SINGLETON;

/// The closure flags of a block made in a block frame with these flags.
pub(crate) fn definee_flags(flags: u16) -> i64 {
    let mut closure = 0;
    if flags & frame_flags::DEFINEE_SELF != 0 {
        closure |= crate::exec::block_flags::DEFINEE_SELF;
    }
    if flags & frame_flags::DEFINEE_SINGLETON != 0 {
        closure |= crate::exec::block_flags::DEFINEE_SINGLETON;
    }
    closure
}

/// See `Vm::stack_block`.
pub(crate) struct StackBlock {
    pub code: &'static CodeBlock,
    pub env: Oop,
    pub receiver: Oop,
    pub closure_flags: i64,
}
