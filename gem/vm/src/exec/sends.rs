//! Sends that the inline caches do not answer: lookup, visibility, missing methods, invocation, and the tail calls of primitives.

use crate::Args;
use crate::codes::code::{CodeBlock, Site, Target};
use crate::errors::{Fail, raise};
use crate::exec::call::{Call, Current};
use crate::exec::frame::{Frame, frame_flags};
use crate::exec::primitive::PrimResult;
use crate::vm::Vm;
use format::wellknown;
use format::wellknown::slots::block;
use gem_bytecode::site_flags;
use gem_heap::{ClassIndex, Oop};
use gem_model::{MethodEntry, Visibility};

impl Vm {
    /// Runs a send. `Ok`: a primitive answered. `Err(Reenter)`: a frame was pushed.
    pub(crate) fn dispatch(&mut self, mut call: Call) -> PrimResult {
        if call.site_flags & site_flags::BLOCK != 0 {
            self.normalise_block(&call)?;
        }
        let receiver = self.exec.regs.get(call.base);
        let class = self.model.heap.class_index_of(receiver);
        let found = match call.owner_above {
            None => self.model.lookup(class, call.selector, call.environment)?,
            Some(owner) => {
                self.model
                    .lookup_after(class, call.selector, call.environment, Some(owner))?
            }
        };
        match found {
            Some(entry) if self.is_visible(&entry, &call)? => {
                let code = self.loaded(entry.method)?;
                self.invoke(code, &call)
            }
            other => {
                self.missing(&mut call, other.map(|e| e.visibility))?;
                self.dispatch(call)
            }
        }
    }

    /// The slow path of the Send instruction: looks up, fills the cache, invokes.
    pub(crate) fn send_missed(&mut self, site: &'static Site, base: usize, dst: u16) -> PrimResult {
        let call = Call {
            selector: site.selector,
            environment: (site.flags & site_flags::RUBY) as u8,
            base,
            argc: site.argc as usize,
            site_flags: site.flags,
            dst,
            frame_flags: 0,
            owner_above: None,
        };
        if site.flags & site_flags::BLOCK != 0 {
            self.normalise_block(&call)?;
        }
        let receiver = self.exec.regs.get(base);
        let shape = self.model.heap.shape_of(receiver);
        if let Some(entry) = site.find(shape)
            && let Some(code) = entry.code.get()
        {
            let target = Target {
                kind: entry.kind.get(),
                extra: entry.extra.get(),
                code,
            };
            return self.go(target, &call);
        }
        let class = self.model.heap.class_index_of(receiver);
        let refined = if self.model.classes.refinements.is_empty() {
            None
        } else {
            self.refined(class, call.selector)?
        };
        let found = match refined {
            Some(entry) => Some(entry),
            None => self.model.lookup(class, call.selector, call.environment)?,
        };
        match found {
            Some(entry) if self.is_visible(&entry, &call)? => {
                let code = self.loaded(entry.method)?;
                let target = self.target(site, receiver, code)?;
                if entry.visibility != Visibility::Protected {
                    site.fill(shape, target);
                }
                self.go(target, &call)
            }
            other => {
                let mut call = call;
                self.missing(&mut call, other.map(|e| e.visibility))?;
                self.dispatch(call)
            }
        }
    }

    /// Calls a target off the fast path.
    fn go(&mut self, target: Target, call: &Call) -> PrimResult {
        match self.special_target(target, call) {
            Some(outcome) => outcome,
            None => {
                // What `new` found is `initialize`; everything else is the method itself.
                self.invoke(target.code, call)
            }
        }
    }

    /// `super`.
    pub(crate) fn send_super(&mut self, site: &'static Site, base: usize, dst: u16) -> PrimResult {
        let (owner, selector) = self.home_method_owner(site.selector)?;
        self.dispatch(Call {
            selector,
            environment: (site.flags & site_flags::RUBY) as u8,
            base,
            argc: site.argc as usize,
            site_flags: site.flags | site_flags::SELF_CALL,
            dst,
            frame_flags: 0,
            owner_above: Some(owner),
        })
    }

    /// Class that owns the home method of the running code, and the selector it was called by.
    fn home_method_owner(&mut self, site_selector: Oop) -> Result<(ClassIndex, Oop), Fail> {
        let method = self.home_method();
        let owner = self
            .model
            .heap
            .slot(method, wellknown::slots::method::IN_CLASS)?;
        if owner.is_nil() {
            return Err(raise(wellknown::ERROR, "super called outside of method"));
        }
        let selector = self
            .model
            .heap
            .slot(method, wellknown::slots::method::SELECTOR)?;
        let selector = if selector.is_nil() {
            site_selector
        } else {
            selector
        };
        // Smalltalk's super may name another selector than the running method's; Ruby's never does.
        let selector = if self
            .exec
            .frames
            .last()
            .is_some_and(|f| f.code.environment == 0)
        {
            site_selector
        } else {
            selector
        };
        Ok((self.model.heap.class_index(owner)?, selector))
    }

    /// The GsNMethod that the running frame belongs to (a block's home).
    pub fn home_method(&mut self) -> Oop {
        let Some(frame) = self.exec.frames.last().copied() else {
            return Oop::NIL;
        };
        self.home_method_of(&frame)
    }

    pub(crate) fn home_method_of(&mut self, frame: &Frame) -> Oop {
        if frame.closure.is_nil() {
            return frame.code.method;
        }
        if frame.closure.is_pointer()
            && let Ok(over) = self.model.heap.slot(frame.closure, block::FLAGS)
            && over.as_small_int().unwrap_or(0) & crate::exec::block_flags::DEFINED_METHOD != 0
        {
            return frame.code.method;
        }
        match self.root_env(frame.env) {
            env if env.is_nil() => frame.code.method,
            env if env.is_stack() => self.exec.frames[env.stack_frame()].code.method,
            env => self
                .model
                .heap
                .slot(env, wellknown::slots::context::METHOD)
                .unwrap_or(frame.code.method),
        }
    }

    fn is_visible(&mut self, entry: &MethodEntry, call: &Call) -> Result<bool, Fail> {
        Ok(match entry.visibility {
            Visibility::Public => true,
            _ if call.site_flags & site_flags::SELF_CALL != 0 || call.environment == 0 => true,
            Visibility::Private => false,
            Visibility::Protected => {
                let Some(frame) = self.exec.frames.last() else {
                    return Ok(false);
                };
                let sender = self.exec.regs.get(frame.base as usize);
                let class = self.model.heap.class_index_of(sender);
                self.model.lookup_order(class, 1)?.contains(&entry.owner)
            }
        })
    }

    /// Turns the call into one of `method_missing` or `doesNotUnderstand:`.
    fn missing(&mut self, call: &mut Call, hidden: Option<Visibility>) -> Result<(), Fail> {
        let name = call.selector;
        if call.environment == 0 {
            if name == self.model.sym.does_not_understand {
                return Err(raise(
                    wellknown::ERROR,
                    "an object without doesNotUnderstand: was sent an unknown message",
                ));
            }
            let args: Vec<Oop> = (1..=call.argc)
                .map(|i| self.exec.regs.get(call.base + i))
                .collect();
            let array = self.model.heap.new_array(&args)?;
            let message = self
                .model
                .heap
                .new_with_slots(wellknown::MESSAGE, &[name, array]);
            self.ensure_registers(call.base + 2);
            self.exec.regs.set(call.base + 1, message);
            call.selector = self.model.sym.does_not_understand;
            call.argc = 1;
            call.owner_above = None;
            return Ok(());
        }
        if name == self.model.sym.method_missing {
            return Err(raise(
                wellknown::MESSAGE_NOT_UNDERSTOOD,
                "no method_missing: the Ruby kernel is not loaded",
            ));
        }
        if call.site_flags & site_flags::SPLAT != 0 {
            let list = self.exec.regs.get(call.base + 1);
            let mut all = vec![name];
            all.extend(self.model.heap.elements(list)?);
            let array = self.model.heap.new_array(&all)?;
            self.exec.regs.set(call.base + 1, array);
        } else {
            let used = call.argc + extra_registers(call.site_flags);
            self.ensure_registers(call.base + used + 3);
            self.exec.regs.copy(call.base + 1, call.base + 2, used);
            self.exec.regs.set(call.base + 1, name);
            call.argc += 1;
        }
        // Why the method was not called, for the message: private, protected, a bare name, super.
        let reason = match (hidden, call.owner_above.is_some()) {
            (Some(Visibility::Private), _) => 1,
            (Some(Visibility::Protected), _) => 2,
            (_, true) => 3,
            _ if call.site_flags & site_flags::VARIABLE != 0 => 4,
            _ => 0,
        };
        self.exec.missing_reason = reason;
        call.selector = self.model.sym.method_missing;
        call.site_flags |= site_flags::SELF_CALL;
        call.owner_above = None;
        Ok(())
    }

    /// Invokes `code` on the window of `call`: binds arguments, tries the primitive, pushes a frame.
    pub(crate) fn invoke(&mut self, code: &'static CodeBlock, call: &Call) -> PrimResult {
        let top = call.base + (code.registers as usize).max(call.argc + 3);
        self.ensure_registers(top);
        let plain = call.site_flags & (site_flags::SPLAT | site_flags::KEYWORDS) == 0;
        let block = if plain && code.simple && call.argc == code.params.required as usize {
            if call.site_flags & site_flags::BLOCK != 0 {
                self.exec.regs.get(call.base + call.argc + 1)
            } else {
                Oop::NIL
            }
        } else {
            self.bind(code, call.base, call.argc, call.site_flags)?
        };
        if let Some(primitive) = code.primitive {
            let block = self.settled_block(block)?;
            let receiver = self.exec.regs.get(call.base);
            self.exec.current = Current {
                base: call.base,
                dst: call.dst,
                frame_flags: call.frame_flags,
            };
            match primitive(
                self,
                Args {
                    base: call.base,
                    count: code.params.registers(),
                    block,
                },
            ) {
                Ok(value) => {
                    return Ok(if call.frame_flags & frame_flags::KEEP_RECEIVER != 0 {
                        receiver
                    } else {
                        value
                    });
                }
                Err(Fail::Fallback) => {}
                Err(other) => return Err(other),
            }
        }
        self.push_frame(code, call, block)
    }

    pub(crate) fn push_frame(
        &mut self,
        code: &'static CodeBlock,
        call: &Call,
        block: Oop,
    ) -> PrimResult {
        assert!(call.base + code.registers as usize <= self.exec.regs.len());
        self.exec.push(Frame {
            code,
            pc: 0,
            base: call.base as u32,
            dst: call.dst,
            flags: call.frame_flags,
            argc: call.argc as u16,
            serial: 0,
            env: Oop::NIL,
            block,
            closure: Oop::NIL,
        })?;
        self.entered(code);
        Err(Fail::Reenter)
    }

    /// A primitive ends by sending `selector` to `receiver`: the value becomes the primitive's.
    pub fn tail_send(
        &mut self,
        receiver: Oop,
        selector: Oop,
        args: &[Oop],
        block: Oop,
        environment: u8,
    ) -> PrimResult {
        self.tail_call(
            receiver,
            selector,
            args,
            block,
            environment,
            site_flags::SELF_CALL,
            0,
        )
    }

    /// As `tail_send`, refusing private methods.
    pub fn tail_public_send(
        &mut self,
        receiver: Oop,
        selector: Oop,
        args: &[Oop],
        block: Oop,
    ) -> PrimResult {
        self.tail_call(receiver, selector, args, block, 1, 0, 0)
    }

    /// `new`: calls `initialize` on a fresh object with the arguments given; the value is the object.
    pub fn tail_initialize(
        &mut self,
        object: Oop,
        args: &[Oop],
        keywords: Oop,
        block: Oop,
    ) -> PrimResult {
        let selector = self.model.sym.initialize;
        self.tail_call_with(
            object,
            selector,
            args,
            keywords,
            block,
            1,
            site_flags::SELF_CALL,
            frame_flags::KEEP_RECEIVER,
        )
    }

    #[allow(clippy::too_many_arguments)]
    fn tail_call(
        &mut self,
        receiver: Oop,
        selector: Oop,
        args: &[Oop],
        block: Oop,
        environment: u8,
        flags: u16,
        frame: u16,
    ) -> PrimResult {
        self.tail_call_with(
            receiver,
            selector,
            args,
            Oop::NIL,
            block,
            environment,
            flags,
            frame,
        )
    }

    /// The general tail call; `keywords` is a Hash or nil.
    #[allow(clippy::too_many_arguments)]
    pub fn tail_call_with(
        &mut self,
        receiver: Oop,
        selector: Oop,
        args: &[Oop],
        keywords: Oop,
        block: Oop,
        environment: u8,
        flags: u16,
        frame: u16,
    ) -> PrimResult {
        let Current {
            base,
            dst,
            frame_flags,
        } = self.exec.current;
        self.ensure_registers(base + args.len() + 4);
        self.exec.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, a);
        }
        let mut next = base + 1 + args.len();
        let mut site = flags
            | if environment == 1 {
                site_flags::RUBY
            } else {
                0
            };
        if !keywords.is_nil() {
            self.exec.regs.set(next, keywords);
            site |= site_flags::KEYWORDS;
            next += 1;
        }
        if !block.is_nil() {
            self.exec.regs.set(next, block);
            site |= site_flags::BLOCK;
        }
        self.dispatch(Call {
            selector,
            environment,
            base,
            argc: args.len(),
            site_flags: site,
            dst,
            frame_flags: frame_flags | frame,
            owner_above: None,
        })
    }

    /// A primitive ends by running `method` (a GsNMethod) on `receiver`.
    pub fn tail_method(
        &mut self,
        method: Oop,
        receiver: Oop,
        args: &[Oop],
        block: Oop,
    ) -> PrimResult {
        let Current {
            base,
            dst,
            frame_flags,
        } = self.exec.current;
        let code = self.loaded(method)?;
        self.ensure_registers(base + args.len() + 4);
        self.exec.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, a);
        }
        self.exec.regs.set(base + 1 + args.len(), block);
        let body = if code.kind == gem_bytecode::CodeKind::Body {
            frame_flags::DEFINEE_SELF
        } else {
            0
        };
        let flags = site_flags::RUBY | site_flags::BLOCK;
        let selector = self.model.sym.call;
        let call = Call {
            selector,
            environment: code.environment,
            base,
            argc: args.len(),
            site_flags: flags,
            dst,
            frame_flags: frame_flags | body,
            owner_above: None,
        };
        self.invoke(code, &call)
    }

    /// Leaves a closure, nil or a symbol's closure in the block register; anything else is sent `to_proc` first, and the
    /// Send is executed again with the answer.
    pub(crate) fn normalise_block(&mut self, call: &Call) -> Result<(), Fail> {
        let at = call.base + 1 + call.argc + (call.site_flags & site_flags::KEYWORDS != 0) as usize;
        let given = self.exec.regs.get(at);
        if given.is_nil()
            || given.is_stack()
            || self.model.heap.shape_of(given) == gem_heap::ShapeId::EXEC_BLOCK
            || self.model.heap.is_instance(given, wellknown::EXEC_BLOCK)
        {
            return Ok(());
        }
        if self.model.heap.is_symbol(given) {
            let closure = self.symbol_closure(given);
            self.exec.regs.set(at, closure);
            return Ok(());
        }
        let class = self.model.heap.class_index_of(given);
        let Some(entry) = self.model.lookup(class, self.model.sym.to_proc, 1)? else {
            let class = self.model.heap.class_of(given)?;
            let class = self.model.real_class(class)?;
            let name = self.model.class_name(class);
            return Err(raise(
                wellknown::ARGUMENT_TYPE_ERROR,
                format!("no implicit conversion of {name} into Proc"),
            ));
        };
        let code = self.loaded(entry.method)?;
        let Some(caller) = self.exec.frames.last().copied() else {
            return Err(raise(
                wellknown::ARGUMENT_TYPE_ERROR,
                "a block argument needs a running method",
            ));
        };
        // The conversion runs above the window; its value goes to the block register, and the Send starts over.
        let above = call.base + call.argc + 4;
        self.ensure_registers(above + 8);
        self.exec.regs.set(above, given);
        let top = self.exec.frames.len() - 1;
        self.exec.frames[top].pc -= 1;
        let conversion = Call {
            selector: self.model.sym.to_proc,
            environment: 1,
            base: above,
            argc: 0,
            site_flags: site_flags::RUBY,
            dst: (at - caller.base as usize) as u16,
            frame_flags: 0,
            owner_above: None,
        };
        match self.invoke(code, &conversion) {
            Ok(value) => {
                self.exec.frames[top].pc += 1;
                self.exec.regs.set(at, value);
                Ok(())
            }
            Err(other) => Err(other),
        }
    }
}

/// Registers after the positional arguments.
pub(crate) fn extra_registers(flags: u16) -> usize {
    (flags & site_flags::KEYWORDS != 0) as usize + (flags & site_flags::BLOCK != 0) as usize
}
