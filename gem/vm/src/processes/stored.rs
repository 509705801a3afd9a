//! Stacks of suspended processes as objects, and back: `docs/frames.md` describes the format. A stored frame names its method and the
//! offset in the method's own bytecode, never anything of this gem's; what it cannot name, it refuses.

use crate::errors::Fail;
use crate::exec::frame::{Frame, frame_flags};
use crate::processes::process::{ProcessId, ProcessState};
use crate::vm::Vm;
use format::ObjectId;
use format::wellknown;
use format::wellknown::slots::{block, context, method, process, stored_frame, stored_stack};
use gem_bytecode::{Code, Liveness, decode};
use gem_heap::{HeapError, HostError, Oop};
use hashbrown::HashMap;

/// Why a process cannot be stored, in words that say what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotStorable(pub String);

impl From<HeapError> for NotStorable {
    fn from(e: HeapError) -> NotStorable {
        NotStorable(e.to_string())
    }
}

/// Flags that a stored frame can have.
const STORABLE_FLAGS: u16 = frame_flags::KEEP_RECEIVER
    | frame_flags::HANDLER
    | frame_flags::RETRY_SEND
    | frame_flags::PROCESS
    | frame_flags::NEGATE
    | frame_flags::REDO
    | frame_flags::QUIET;

impl Vm {
    /// Writes the stack of the living process of `object` into its slot `state`, as objects. Nothing happens for one that has no
    /// stack in this gem.
    ///
    /// # Errors
    /// A process that runs, waits for something of this session, or stands on a frame of the machine itself.
    pub fn store_process(&mut self, object: Oop) -> Result<(), NotStorable> {
        let Some(id) = self.process_of(object)? else {
            return Ok(());
        };
        self.check_storable(id)?;
        self.swap_process(id);
        let settled = self.settle_all();
        self.swap_process(id);
        if let Err(fail) = settled {
            return Err(NotStorable(format!(
                "its variables cannot be stored: {fail:?}"
            )));
        }
        let stack = self.stored_stack(id, object)?;
        self.model.heap.set_slot(object, process::STATE, stack)?;
        Ok(())
    }

    fn check_storable(&self, id: ProcessId) -> Result<(), NotStorable> {
        let refuse = |why: &str| Err(NotStorable(why.to_string()));
        if id == ProcessId::MAIN {
            return refuse(
                "the main process of a session cannot be stored: its frames lie on a native frame, that of the session's request. Do the work in a process of its own (Ruby: a Thread or Fiber) and suspend that one",
            );
        }
        if id == self.processes.current {
            return refuse(
                "a process that runs cannot be stored: suspend it and commit from another one",
            );
        }
        let p = self.processes.get(id);
        if p.run_depth != 0 || p.frames.iter().any(|f| f.flags & !STORABLE_FLAGS != 0) {
            return refuse(
                "a process with a native frame cannot be stored: let it leave the primitive that called back, then suspend it",
            );
        }
        if p.resumed.is_some() {
            return refuse(
                "a process that waits for the value of a fiber cannot be stored: let the fiber yield first",
            );
        }
        if !p.events.is_empty() {
            return refuse(
                "an exception is on its way to the process: let it run before it is stored",
            );
        }
        match p.state {
            ProcessState::Ready if p.held => Ok(()),
            ProcessState::Waiting if p.parked => Ok(()),
            ProcessState::Ready => refuse(
                "a process that can run cannot be stored: suspend it (Ruby: let it stop itself by Thread.stop or Fiber.yield)",
            ),
            _ => refuse(
                "a process that waits for a semaphore, a time or another process of this session cannot be stored: let it go on, then suspend it",
            ),
        }
    }

    fn stored_stack(&mut self, id: ProcessId, object: Oop) -> Result<Oop, NotStorable> {
        let p = self.processes.get(id);
        let frames = p.frames.clone();
        let known: HashMap<u64, Oop> = p.stored.iter().copied().collect();
        let (dst, parked, priority, error_info) = (p.dst, p.parked, p.priority, p.error_info);
        let registers = self.live_registers(id)?;
        let mut absent = Vec::new();
        let mut values = Vec::with_capacity(registers.len());
        for (i, value) in registers.into_iter().enumerate() {
            if value.is_stack() {
                // A block that only frames above hold, which have the object by now.
                values.push(Oop::NIL);
            } else if value.is_undef() {
                absent.push(Oop::small_int_wrapping(i as i64));
                values.push(Oop::NIL);
            } else {
                values.push(value);
            }
        }
        let mut stored = Vec::new();
        let mut list = Vec::with_capacity(frames.len());
        for frame in &frames {
            let into = self.stored_frame(frame, known.get(&frame.serial).copied())?;
            if frame.serial != 0 {
                stored.push((frame.serial, into));
            }
            list.push(into);
        }
        self.processes.get_mut(id).stored = stored;
        let mut slots = [Oop::NIL; stored_stack::COUNT];
        slots[stored_stack::FRAMES] = self.model.heap.new_array(&list)?;
        slots[stored_stack::REGISTERS] = self.model.heap.new_array(&values)?;
        slots[stored_stack::ABSENT] = self.model.heap.new_array(&absent)?;
        slots[stored_stack::ERROR_INFO] = error_info;
        slots[stored_stack::DESTINATION] =
            dst.map_or(Oop::NIL, |d| Oop::small_int_wrapping(d as i64));
        slots[stored_stack::PRIORITY] = Oop::small_int_wrapping(priority);
        slots[stored_stack::PARKED] = Oop::from_bool(parked);
        let old = self.model.heap.slot(object, process::STATE)?;
        if self.model.heap.is_instance(old, wellknown::STORED_STACK) {
            for (i, &value) in slots.iter().enumerate() {
                self.model.heap.set_slot(old, i, value)?;
            }
            return Ok(old);
        }
        Ok(self
            .model
            .heap
            .new_with_slots(wellknown::STORED_STACK, &slots))
    }

    fn stored_frame(&mut self, frame: &Frame, known: Option<Oop>) -> Result<Oop, NotStorable> {
        let small = |n: i64| Oop::small_int_wrapping(n);
        let mut slots = [Oop::NIL; stored_frame::COUNT];
        slots[stored_frame::METHOD] = frame.code.method;
        slots[stored_frame::OFFSET] = small(frame.pc as i64);
        slots[stored_frame::BASE] = small(frame.base as i64);
        slots[stored_frame::DESTINATION] = small(frame.dst as i64);
        slots[stored_frame::FLAGS] = small(frame.flags as i64);
        slots[stored_frame::ARGUMENT_COUNT] = small(frame.argc as i64);
        slots[stored_frame::ENVIRONMENT] = frame.env;
        slots[stored_frame::BLOCK] = frame.block;
        slots[stored_frame::CLOSURE] = frame.closure;
        slots[stored_frame::SERIAL] = small(frame.serial as i64);
        slots[stored_frame::SPECIALS] = self.stored_specials(frame.serial)?;
        let into = match known.filter(|_| frame.serial != 0) {
            Some(known) => known,
            None => self.model.heap.new_wellknown(wellknown::STORED_FRAME),
        };
        for (i, value) in slots.into_iter().enumerate() {
            if self.model.heap.slot(into, i)? != value {
                self.model.heap.set_slot(into, i, value)?;
            }
        }
        Ok(into)
    }

    /// `$~` and `$_` of a frame without environment: pairs of whether `$_` and value, or nil.
    fn stored_specials(&mut self, serial: u64) -> Result<Oop, HeapError> {
        let mut pairs = Vec::new();
        for &(_, line, value) in self
            .exec
            .specials
            .iter()
            .filter(|s| serial != 0 && s.0 == serial)
        {
            pairs.extend([Oop::from_bool(line), value]);
        }
        if pairs.is_empty() {
            return Ok(Oop::NIL);
        }
        self.model.heap.new_array(&pairs)
    }

    /// The registers of a parked process; nil where nothing reads the value any more.
    fn live_registers(&mut self, id: ProcessId) -> Result<Vec<Oop>, NotStorable> {
        let p = self.processes.get(id);
        let frames = p.frames.clone();
        let Some(top) = frames.last() else {
            return Ok(p.regs.slice(0, p.argc + 1).to_vec());
        };
        let between = p.dst.is_none();
        let end = top.base as usize + top.code.registers as usize;
        let mut all = p.regs.slice(0, end).to_vec();
        all.resize(end, Oop::NIL);
        let mut kept = vec![Oop::NIL; end];
        let mut analysed: HashMap<u64, (Code, Liveness)> = HashMap::new();
        for (i, frame) in frames.iter().enumerate() {
            let upper = frames.get(i + 1);
            let limit = upper.map_or(end, |f| f.base as usize);
            let word = frame.code.method.bits();
            if !analysed.contains_key(&word) {
                let code = self.base_code(frame.code.method)?;
                let live = Liveness::of(&code);
                analysed.insert(word, (code, live));
            }
            let (code, live) = &analysed[&word];
            let pc = frame.pc as usize;
            let again =
                upper.is_some_and(|f| f.flags & (frame_flags::REDO | frame_flags::RETRY_SEND) != 0);
            let set = match (upper.is_none() && between, again) {
                (true, _) => live.before(pc).cloned(),
                (_, true) => live.before(pc.saturating_sub(1)).cloned(),
                _ => live.during(code, pc.saturating_sub(1)),
            };
            for register in 0..frame.code.registers {
                let at = frame.base as usize + register as usize;
                if at < limit && set.as_ref().is_none_or(|s| s.contains(register)) {
                    kept[at] = all[at];
                }
            }
        }
        Ok(kept)
    }

    /// The bytecode of a method as it was compiled, whatever this gem made of it.
    fn base_code(&mut self, method: Oop) -> Result<Code, HeapError> {
        let bytes = self.model.heap.slot(method, method::CODE)?;
        decode(self.model.heap.bytes(bytes)).map_err(|e| HostError::Damaged(e.to_string()).into())
    }

    /// The process that `object` stands for; one that was stored and has no stack in this gem gets it back, suspended as it was.
    ///
    /// # Errors
    /// `Damaged` when the stored stack is; those of [`Heap::fault`](gem_heap::Heap::fault), when a part of it is not in memory yet; as `load_method` for the
    /// methods of its frames; as `process_of`.
    pub fn living_process(&mut self, object: Oop) -> Result<Option<ProcessId>, HeapError> {
        if let Some(id) = self.process_of(object)? {
            return Ok(Some(id));
        }
        let state = self.model.heap.slot(object, process::STATE)?;
        if !state.is_pointer() || !self.model.heap.is_instance(state, wellknown::STORED_STACK) {
            return Ok(None);
        }
        self.restore_process(object, state).map(Some)
    }

    fn restore_process(&mut self, object: Oop, stack: Oop) -> Result<ProcessId, HeapError> {
        let mut slots = [Oop::NIL; stored_stack::COUNT];
        for (i, slot) in slots.iter_mut().enumerate() {
            *slot = self.model.heap.slot(stack, i)?;
        }
        let mut registers = self.list(slots[stored_stack::REGISTERS])?;
        for index in self.list(slots[stored_stack::ABSENT])? {
            let at = index.as_small_int().map_or(usize::MAX, |n| n as usize);
            *registers.get_mut(at).ok_or_else(damaged)? = Oop::UNDEF;
        }
        let mut frames: Vec<Frame> = Vec::new();
        let mut stored = Vec::new();
        for oop in self.list(slots[stored_stack::FRAMES])? {
            let frame = self.restored_frame(oop, frames.last(), registers.len())?;
            if frame.serial != 0 {
                stored.push((frame.serial, oop));
            }
            frames.push(frame);
        }
        let parked = slots[stored_stack::PARKED] == Oop::TRUE;
        let dst = slots[stored_stack::DESTINATION].as_small_int();
        let registers_of_top = frames.last().map_or(u16::MAX, |f| f.code.registers);
        if dst.is_some_and(|d| d < 0 || d >= registers_of_top as i64 + 8) {
            return Err(damaged());
        }
        let id = self.new_process(Oop::NIL, &[], object);
        let p = self.processes.get_mut(id);
        if registers.len() > p.regs.len() {
            p.regs.grow(registers.len());
        }
        for (i, &value) in registers.iter().enumerate() {
            p.regs.set(i, value);
        }
        p.started = !frames.is_empty();
        p.argc = registers.len().saturating_sub(1);
        p.frames = frames;
        p.stored = stored;
        p.dst = dst.map(|d| d as u16);
        p.error_info = slots[stored_stack::ERROR_INFO];
        p.priority = slots[stored_stack::PRIORITY]
            .as_small_int()
            .unwrap_or(crate::processes::process::PRIORITY_NORMAL);
        p.parked = parked;
        p.held = !parked;
        p.state = if parked {
            ProcessState::Waiting
        } else {
            ProcessState::Ready
        };
        // What `suspend` answers to the process itself.
        p.wake_value = object;
        self.set_process_object(id, object);
        Ok(id)
    }

    fn list(&mut self, array: Oop) -> Result<Vec<Oop>, HeapError> {
        if !array.is_pointer() || self.model.heap.kind(array) != gem_heap::Kind::Indexed {
            return Err(damaged());
        }
        self.model.heap.elements(array)
    }

    fn restored_frame(
        &mut self,
        oop: Oop,
        below: Option<&Frame>,
        registers: usize,
    ) -> Result<Frame, HeapError> {
        if !oop.is_pointer() || !self.model.heap.is_instance(oop, wellknown::STORED_FRAME) {
            return Err(damaged());
        }
        let mut slots = [Oop::NIL; stored_frame::COUNT];
        for (i, slot) in slots.iter_mut().enumerate() {
            *slot = self.model.heap.slot(oop, i)?;
        }
        let number = |i: usize, below: usize| {
            slots[i]
                .as_small_int()
                .and_then(|n| usize::try_from(n).ok())
                .filter(|&n| n < below)
                .ok_or_else(damaged)
        };
        let code = self.loaded(slots[stored_frame::METHOD])?;
        let pc = number(stored_frame::OFFSET, code.instructions.len())?;
        let base = number(stored_frame::BASE, registers)?;
        let flags = number(stored_frame::FLAGS, 1 << 16)? as u16;
        let (env, closure) = (
            slots[stored_frame::ENVIRONMENT],
            slots[stored_frame::CLOSURE],
        );
        let rises = below.is_none_or(|b| base >= b.base as usize);
        let is_or_nil =
            |vm: &Vm, oop: Oop, class| oop.is_nil() || vm.model.heap.is_instance(oop, class);
        if base + code.registers as usize > registers
            || !rises
            || flags & !STORABLE_FLAGS != 0
            || !is_or_nil(self, env, wellknown::VARIABLE_CONTEXT)
            || (closure.is_nil() && code.kind == gem_bytecode::CodeKind::Block)
        {
            return Err(damaged());
        }
        let mut frame = Frame {
            code,
            pc: pc as u32,
            base: base as u32,
            dst: number(stored_frame::DESTINATION, 1 << 16)? as u16,
            flags,
            argc: number(stored_frame::ARGUMENT_COUNT, 1 << 16)? as u16,
            serial: 0,
            env,
            block: slots[stored_frame::BLOCK],
            closure,
        };
        if slots[stored_frame::SERIAL] != Oop::ZERO {
            self.exec.serial += 1;
            frame.serial = self.exec.serial;
            self.name_frame(oop, &frame, slots[stored_frame::SPECIALS])?;
        }
        Ok(frame)
    }

    /// A restored frame gets its identity in this gem: closures name their frame through the StoredFrame.
    fn name_frame(&mut self, oop: Oop, frame: &Frame, specials: Oop) -> Result<(), HeapError> {
        let serial = Oop::small_int_wrapping(frame.serial as i64);
        self.model
            .heap
            .set_slot_quietly(oop, stored_frame::SERIAL, serial);
        if frame.code.has_env
            && frame.env.is_pointer()
            && self.model.heap.slot(frame.env, context::METHOD)? == frame.code.method
        {
            self.model
                .heap
                .set_slot_quietly(frame.env, context::HOME, serial);
        }
        if specials.is_pointer() {
            for pair in self.list(specials)?.chunks_exact(2) {
                self.exec
                    .specials
                    .push((frame.serial, pair[0] == Oop::TRUE, pair[1]));
            }
        }
        Ok(())
    }

    /// Ids of the StoredFrames of living processes, by the serial of the frame.
    pub fn stored_frames(&self) -> HashMap<u64, ObjectId> {
        self.processes
            .ids()
            .flat_map(|id| self.processes.get(id).stored.iter())
            .filter_map(|&(serial, oop)| Some((serial, self.model.heap.id_of(oop)?)))
            .collect()
    }

    /// What a stored closure says instead of its frame's serial: the StoredFrame, or nothing.
    pub fn stored_creator(&self, closure: Oop, frames: &HashMap<u64, ObjectId>) -> Oop {
        let creator = self.model.heap.raw_slot(closure, block::CREATOR);
        if let Some(word) = creator.as_small_int() {
            let frame = frames.get(&(word as u64 >> crate::codes::CODE_BITS));
            return frame.map_or(Oop::ZERO, |&id| Oop::from_id(id));
        }
        if creator.is_pointer() {
            return self
                .model
                .heap
                .id_of(creator)
                .map_or(Oop::ZERO, Oop::from_id);
        }
        creator
    }

    /// A process that was stored runs again: its object no longer shows the stored stack.
    pub(crate) fn leave_stored(&mut self, id: ProcessId) -> Result<(), Fail> {
        let object = self.processes.get(id).object;
        let number = Oop::small_int_wrapping(id.0 as i64);
        if self.model.heap.raw_slot(object, process::IDENTITY) == number
            && self.model.heap.raw_slot(object, process::STATE) != Oop::NIL
        {
            self.model.heap.set_slot(object, process::STATE, Oop::NIL)?;
        }
        Ok(())
    }
}

fn damaged() -> HeapError {
    HostError::Damaged("the stored stack of a process is damaged".to_string()).into()
}
