//! Closures and their environments.

use crate::Args;
use crate::codes::CODE_BITS;
use crate::codes::code::CodeBlock;
use crate::errors::{Fail, raise};
use crate::exec::block_flags::*;
use crate::exec::call::{Call, Current};
use crate::exec::escape::definee_flags;
use crate::exec::frame::{Frame, frame_flags};
use crate::exec::primitive::PrimResult;
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::{block, context, stored_frame};
use gem_bytecode::site_flags;
use gem_heap::Oop;

impl Vm {
    /// A serial for the frame on top, its identity for returns and breaks.
    pub(crate) fn frame_serial(&mut self, index: usize) -> u64 {
        if self.exec.frames[index].serial == 0 {
            self.exec.serial += 1;
            self.exec.frames[index].serial = self.exec.serial;
        }
        self.exec.frames[index].serial
    }

    /// MakeEnv: an environment that is an object from the start.
    pub(crate) fn make_env(&mut self, variables: usize) -> Result<(), Fail> {
        let top = self.exec.frames.len() - 1;
        let frame = self.exec.frames[top];
        let parent = self.settled_env(frame.env)?;
        let given = self.settled_block(frame.block)?;
        self.exec.frames[top].env = self.new_env(top, parent, given, variables);
        Ok(())
    }

    /// MakeBlock, but for blocks that may stay on the stack.
    pub(crate) fn make_block(
        &mut self,
        code: &'static CodeBlock,
        literal: u16,
        lambda: bool,
    ) -> Result<Oop, Fail> {
        let block_code = self.block_code(code, literal)?;
        let top = self.exec.frames.len() - 1;
        let serial = self.frame_serial(top);
        let env = self.settled_env(self.exec.frames[top].env)?;
        let frame = self.exec.frames[top];
        let mut flags = if lambda { LAMBDA } else { 0 };
        if frame.code.is_block() {
            flags |= definee_flags(frame.flags) | self.in_lambda(&frame);
        }
        let receiver = self.exec.regs.get(frame.base as usize);
        Ok(self.new_closure(block_code, env, receiver, flags, serial))
    }

    /// IN_LAMBDA for the closures made in this block frame, or 0.
    pub(crate) fn in_lambda(&self, frame: &Frame) -> i64 {
        let mut frame = frame;
        loop {
            if frame.flags & frame_flags::LAMBDA != 0 {
                return IN_LAMBDA;
            }
            if !frame.closure.is_stack() {
                break;
            }
            frame = &self.exec.frames[frame.closure.stack_frame()];
        }
        if frame.closure.is_nil() {
            return 0;
        }
        let flags = self.model.heap.raw_slot(frame.closure, block::FLAGS);
        flags.as_small_int().unwrap_or(0) & IN_LAMBDA
    }

    pub(crate) fn new_closure(
        &mut self,
        code: &'static CodeBlock,
        env: Oop,
        receiver: Oop,
        flags: i64,
        serial: u64,
    ) -> Oop {
        let closure = self.model.heap.allocate(gem_heap::ShapeId::EXEC_BLOCK);
        let slots = [
            code.method,
            env,
            receiver,
            Oop::small_int_wrapping(flags),
            creator(serial, code.number.get()),
        ];
        self.model.heap.initialise(closure, &slots);
        closure
    }

    /// A closure that sends `symbol` to its first argument.
    pub(crate) fn symbol_closure(&mut self, symbol: Oop) -> Oop {
        let flags = Oop::small_int_wrapping(LAMBDA | FROM_SYMBOL);
        self.model.heap.new_with_slots(
            wellknown::EXEC_BLOCK,
            &[symbol, Oop::NIL, Oop::NIL, flags, Oop::NIL],
        )
    }

    /// Flags of a closure.
    pub fn closure_flags(&mut self, closure: Oop) -> Result<i64, Fail> {
        Ok(self
            .model
            .heap
            .slot(closure, block::FLAGS)?
            .as_small_int()
            .unwrap_or(0))
    }

    /// Code of a closure that is not made of a symbol.
    ///
    /// # Errors
    /// `Bounds` when `closure` is none; as `load_method`, when its code was not loaded yet.
    pub fn closure_code(&mut self, closure: Oop) -> Result<&CodeBlock, Fail> {
        self.code_of_closure(closure)
    }

    /// As `closure_code`, for this crate.
    pub(crate) fn code_of_closure(&mut self, closure: Oop) -> Result<&'static CodeBlock, Fail> {
        let number = code_number(self.model.heap.slot(closure, block::CREATOR)?);
        if let Some(code) = self.codes.get(number) {
            return Ok(code);
        }
        let method = self.model.heap.slot(closure, block::METHOD)?;
        let code = self.loaded(method)?;
        let serial = self.closure_creator(closure);
        let from_stored = self.model.heap.slot(closure, block::CREATOR)?.is_pointer();
        if serial != 0 || !from_stored {
            let creator = creator(serial, code.number.get());
            self.model
                .heap
                .set_slot_quietly(closure, block::CREATOR, creator);
        }
        Ok(code)
    }

    /// Index of the frame that made a closure, while it lives.
    pub(crate) fn creator_frame(&mut self, closure: Oop) -> Option<usize> {
        if closure.is_stack() {
            return Some(closure.stack_frame());
        }
        let serial = self.closure_creator(closure);
        self.frame_with_serial(serial)
    }

    /// Serial of the frame that made a closure.
    pub(crate) fn closure_creator(&mut self, closure: Oop) -> u64 {
        let Ok(word) = self.model.heap.slot(closure, block::CREATOR) else {
            return 0;
        };
        if let Some(word) = word.as_small_int() {
            return word as u64 >> CODE_BITS;
        }
        if !word.is_pointer() || !self.model.heap.is_instance(word, wellknown::STORED_FRAME) {
            return 0;
        }
        // A closure of a stored frame: the frame has a serial once its process was restored here.
        let serial = self.model.heap.slot(word, stored_frame::SERIAL);
        serial.ok().and_then(|s| s.as_small_int()).unwrap_or(0) as u64
    }

    /// Runs a closure on the window of `call` (its `selector` does not matter); register `base` is free.
    /// `receiver`: another self than the closure's.
    pub(crate) fn call_closure(
        &mut self,
        closure: Oop,
        call: &Call,
        receiver: Option<Oop>,
        extra_flags: u16,
    ) -> PrimResult {
        let (code, env, own, flags);
        if closure.is_stack() {
            let made_of = self.stack_block(closure);
            (code, env, own) = (made_of.code, made_of.env, made_of.receiver);
            flags = made_of.closure_flags;
        } else {
            flags = self.closure_flags(closure)?;
            if flags & FROM_SYMBOL != 0 {
                return self.call_symbol(closure, call);
            }
            own = self.model.heap.slot(closure, block::RECEIVER)?;
            if flags & FROM_METHOD != 0 {
                let method = self.model.heap.slot(closure, block::METHOD)?;
                let code = self.loaded(method)?;
                self.ensure_registers(call.base + 1);
                self.exec.regs.set(call.base, own);
                return self.invoke(code, call);
            }
            code = self.code_of_closure(closure)?;
            env = self.model.heap.slot(closure, block::CONTEXT)?;
        }
        self.ensure_registers(call.base + (code.registers as usize).max(call.argc + 3));
        self.exec.regs.set(call.base, receiver.unwrap_or(own));
        let strict = flags & LAMBDA != 0;
        let moved = receiver.is_some() || extra_flags != 0;
        if !strict && call.argc == 1 && !moved && self.converts_argument(code, call)? {
            return self.call_with_converted(closure, call);
        }
        let block = self.bind_block(code, call, strict)?;
        let mut frame_flags = call.frame_flags | extra_flags;
        if flags & (LAMBDA | DEFINEE_SELF | DEFINEE_SINGLETON) != 0 {
            frame_flags |= if flags & LAMBDA != 0 {
                frame_flags::LAMBDA
            } else {
                0
            };
            if extra_flags & (frame_flags::DEFINEE_SELF | frame_flags::DEFINEE_SINGLETON) == 0 {
                frame_flags |= if flags & DEFINEE_SELF != 0 {
                    frame_flags::DEFINEE_SELF
                } else {
                    0
                };
                frame_flags |= if flags & DEFINEE_SINGLETON != 0 {
                    frame_flags::DEFINEE_SINGLETON
                } else {
                    0
                };
            }
        }
        self.exec.push(Frame {
            code,
            pc: 0,
            base: call.base as u32,
            dst: call.dst,
            flags: frame_flags,
            argc: call.argc as u16,
            serial: 0,
            env,
            block,
            closure,
        })?;
        self.entered(code);
        Err(Fail::Reenter)
    }

    /// Whether the only argument is no Array, but may become one by `to_ary`, and the block's parameters want the elements of one.
    fn converts_argument(&mut self, code: &CodeBlock, call: &Call) -> Result<bool, Fail> {
        if !code.params.lenient || !spreads_array(&code.params) {
            return Ok(false);
        }
        let splat = site_flags::SPLAT | site_flags::KEYWORDS;
        let argument = self.exec.regs.get(call.base + 1);
        if call.site_flags & splat != 0
            || !argument.is_pointer()
            || self.model.heap.is_bytes(argument)
            || self.model.is_array(argument)?
        {
            return Ok(false);
        }
        let class = self.model.heap.class_index_of(argument);
        if self
            .model
            .lookup(class, self.model.sym.to_ary, 1)?
            .is_some()
        {
            return Ok(true);
        }
        // A program's own `respond_to?` or `method_missing` may know `to_ary`.
        for selector in [self.model.sym.respond_to, self.model.sym.method_missing] {
            if let Some(entry) = self.model.lookup(class, selector, 1)?
                && !self.model.heap.is_committed(entry.method)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The library converts the argument and calls the closure with the Array.
    fn call_with_converted(&mut self, closure: Oop, call: &Call) -> PrimResult {
        let closure = self.settled_block(closure)?;
        self.exec.regs.set(call.base, closure);
        let mut call = *call;
        call.selector = self.model.sym.call_converted;
        call.environment = 1;
        call.site_flags |= site_flags::RUBY | site_flags::SELF_CALL;
        self.dispatch(call)
    }

    /// Arguments of a block: the common shapes in place, else the binder. Answers the block given to the block.
    fn bind_block(
        &mut self,
        code: &'static CodeBlock,
        call: &Call,
        strict: bool,
    ) -> Result<Oop, Fail> {
        let p = &code.params;
        let plain_site = call.site_flags & (site_flags::SPLAT | site_flags::KEYWORDS) == 0;
        let plain_params = p.optional == 0
            && !p.rest
            && p.post == 0
            && p.keywords.is_empty()
            && !p.block
            && p.keyrest == gem_bytecode::KeyRest::None;
        let given_block = |vm: &Vm| {
            if call.site_flags & site_flags::BLOCK != 0 {
                vm.exec.regs.get(call.base + call.argc + 1)
            } else {
                Oop::NIL
            }
        };
        if plain_site && plain_params {
            let required = p.required as usize;
            let block = given_block(self);
            let spreads = p.lenient && !strict && required == 1 && p.trailing_comma;
            if call.argc == required && !spreads {
                return Ok(block);
            }
            if p.lenient && !strict && call.argc == 1 && required > 1 {
                let given = self.exec.regs.get(call.base + 1);
                if given.is_pointer() && self.model.heap.shape_of(given) == gem_heap::ShapeId::ARRAY
                {
                    let size = self.model.heap.size(given);
                    for i in 0..required {
                        let value = match i < size {
                            true => self.model.heap.element(given, i)?,
                            false => Oop::NIL,
                        };
                        self.exec.regs.set(call.base + 1 + i, value);
                    }
                    return Ok(block);
                }
            }
            if p.lenient && !strict && (call.argc != 1 || required == 0) {
                for i in call.argc..required {
                    self.exec.regs.set(call.base + 1 + i, Oop::NIL);
                }
                return Ok(block);
            }
            if !p.lenient || strict {
                let text = format!(
                    "wrong number of arguments (given {}, expected {required})",
                    call.argc
                );
                return Err(raise(wellknown::ARGUMENT_ERROR, text));
            }
        }
        self.bind_as(
            code,
            call.base,
            call.argc,
            call.site_flags,
            p.lenient && !strict,
        )
    }

    fn call_symbol(&mut self, closure: Oop, call: &Call) -> PrimResult {
        let selector = self.model.heap.slot(closure, block::METHOD)?;
        let mut call = *call;
        if call.site_flags & site_flags::SPLAT != 0 {
            let list = self.exec.regs.get(call.base + 1);
            let values = self.model.heap.elements(list)?;
            let Some((&first, others)) = values.split_first() else {
                return Err(raise(wellknown::ARGUMENT_ERROR, "no receiver given"));
            };
            self.exec.regs.set(call.base, first);
            let array = self.model.heap.new_array(others)?;
            self.exec.regs.set(call.base + 1, array);
        } else {
            if call.argc == 0 {
                return Err(raise(wellknown::ARGUMENT_ERROR, "no receiver given"));
            }
            let used = call.argc + crate::exec::sends::extra_registers(call.site_flags);
            self.exec.regs.copy(call.base + 1, call.base, used);
            call.argc -= 1;
        }
        call.selector = selector;
        call.environment = 1;
        call.site_flags |= site_flags::RUBY;
        call.owner_above = None;
        self.dispatch(call)
    }

    /// A primitive ends by running a closure with these arguments.
    pub fn tail_block(&mut self, closure: Oop, args: &[Oop], block: Oop) -> PrimResult {
        self.tail_block_with(closure, args, Oop::NIL, block, None, 0)
    }

    /// As `tail_block`, with keywords, another self and frame flags.
    pub fn tail_block_with(
        &mut self,
        closure: Oop,
        args: &[Oop],
        keywords: Oop,
        block: Oop,
        receiver: Option<Oop>,
        flags: u16,
    ) -> PrimResult {
        let Current {
            base,
            dst,
            frame_flags,
        } = self.exec.current;
        self.ensure_registers(base + args.len() + 4);
        for (i, &a) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, a);
        }
        let mut next = base + 1 + args.len();
        let mut site = site_flags::RUBY;
        if !keywords.is_nil() {
            self.exec.regs.set(next, keywords);
            site |= site_flags::KEYWORDS;
            next += 1;
        }
        if !block.is_nil() {
            self.exec.regs.set(next, block);
            site |= site_flags::BLOCK;
        }
        let selector = self.model.sym.call;
        let call = Call {
            selector,
            environment: 1,
            base,
            argc: args.len(),
            site_flags: site,
            dst,
            frame_flags,
            owner_above: None,
        };
        self.call_closure(closure, &call, receiver, flags)
    }

    /// `value`, `value:` and so on: runs the receiver closure on its own window, arguments in place.
    pub fn tail_value(&mut self, args: Args) -> PrimResult {
        let Current {
            base,
            dst,
            frame_flags,
        } = self.exec.current;
        let closure = self.exec.regs.get(base);
        let selector = self.model.sym.value;
        let call = Call {
            selector,
            environment: 0,
            base,
            argc: args.len(),
            site_flags: 0,
            dst,
            frame_flags,
            owner_above: None,
        };
        self.call_closure(closure, &call, None, 0)
    }

    /// The outermost environment of a chain: the home's. May be one on the stack.
    pub(crate) fn root_env(&mut self, env: Oop) -> Oop {
        let mut env = self.resolved(env);
        while !env.is_nil() {
            match self.env_outside(env) {
                Ok(parent) if !parent.is_nil() => env = self.resolved(parent),
                _ => break,
            }
        }
        env
    }

    /// The block given to the home method of the running frame, as an object.
    ///
    /// # Errors
    /// As `home_block_at`.
    pub fn home_block(&mut self) -> Result<Oop, Fail> {
        let given = self.home_block_as_it_is()?;
        self.settled_block(given)
    }

    /// The block given to the home method of the running frame, which may be one on the stack.
    pub(crate) fn home_block_as_it_is(&mut self) -> Result<Oop, Fail> {
        match self.exec.frames.last().copied() {
            Some(frame) => self.home_block_of(&frame),
            None => Ok(Oop::NIL),
        }
    }

    /// The block that `yield` calls in the running frame: the one given to the method that the text stands in, also inside
    /// of a block that `define_method` made a method of.
    pub(crate) fn yield_block(&mut self) -> Result<Oop, Fail> {
        let Some(frame) = self.exec.frames.last().copied() else {
            return Ok(Oop::NIL);
        };
        if frame.closure.is_nil() && !matches!(frame.code.kind, gem_bytecode::CodeKind::Eval) {
            return Ok(frame.block);
        }
        match self.root_env(frame.env) {
            env if env.is_nil() => Ok(Oop::NIL),
            env if env.is_stack() => Ok(self.exec.frames[env.stack_frame()].block),
            env => Ok(self.model.heap.slot(env, context::BLOCK)?),
        }
    }

    pub(crate) fn home_block_of(&mut self, frame: &Frame) -> Result<Oop, Fail> {
        if frame.closure.is_nil() && !matches!(frame.code.kind, gem_bytecode::CodeKind::Eval) {
            return Ok(frame.block);
        }
        if frame.closure.is_pointer() && self.closure_flags(frame.closure)? & DEFINED_METHOD != 0 {
            return Ok(frame.block);
        }
        let env = self.root_env(frame.env);
        if env.is_nil() {
            Ok(Oop::NIL)
        } else if env.is_stack() {
            Ok(self.exec.frames[env.stack_frame()].block)
        } else {
            Ok(self.model.heap.slot(env, context::BLOCK)?)
        }
    }
}

/// Whether a block with these parameters takes the elements of a lone Array.
pub(crate) fn spreads_array(params: &gem_bytecode::Params) -> bool {
    let named = params.required + params.optional + params.post;
    named > 1 || (named == 1 && (params.rest || params.trailing_comma))
}

/// The code's number in a CREATOR slot, 0 when there is none.
#[inline(always)]
pub(crate) fn code_number(creator: Oop) -> usize {
    creator.as_small_int().unwrap_or(0) as usize & ((1 << CODE_BITS) - 1)
}

fn creator(serial: u64, code_number: u64) -> Oop {
    Oop::small_int_wrapping(((serial << CODE_BITS) | code_number) as i64)
}
