//! The machine: object memory, the running process, loaded code, class tables, primitives.

use crate::codes::code::CodeBlock;
use crate::codes::{CODES_MAX, Codes, Ended};
use crate::debug::Debug;
use crate::errors::{Fail, VmExit};
use crate::exec::Exec;
use crate::exec::frame::{Frame, frame_flags};
use crate::exec::interp;
use crate::exec::primitive::PrimitiveRow;
use crate::processes::process::Scheduler;
use crate::processes::slice::Slice;
use gem_heap::{Heap, Oop, ShapeId, Stress};
use gem_model::Model;
use std::time::Duration;

/// What a machine is started with.
pub struct VmOptions {
    /// Deepest stack, in frames.
    pub frames_max: usize,
    /// Collect more than is needed, to find bugs of the machine.
    pub stress: Stress,
    /// Check the whole object memory after each collection.
    pub verify: bool,
    /// Most methods and blocks that can be loaded and in use.
    pub codes_max: usize,
}

impl Default for VmOptions {
    fn default() -> Self {
        VmOptions {
            frames_max: 1_200_000,
            stress: Stress::Off,
            verify: false,
            codes_max: CODES_MAX,
        }
    }
}

/// See the module text.
pub struct Vm {
    /// Objects, and what is known of classes, methods and names.
    pub model: Model,
    /// The process that runs.
    pub exec: Exec,
    /// Loaded code, and the primitives that it calls.
    pub(crate) codes: Codes,
    /// The other processes.
    pub(crate) processes: Scheduler,
    /// What looks on.
    pub debug: Debug,
}

impl Vm {
    /// A machine over `heap` with these primitives.
    pub fn new(heap: Heap, tables: &[&[PrimitiveRow]], options: VmOptions) -> Vm {
        let exec = Exec::new(&options);
        let mut model = Model::new(heap);
        model.heap.set_stress_mode(options.stress);
        Vm {
            model,
            codes: Codes::new(options.codes_max, tables),
            processes: Scheduler::new(Slice::new(exec.attention.clone())),
            exec,
            debug: Debug {
                verify: options.verify,
                ..Debug::default()
            },
        }
    }

    /// Runs a method (or script body) to its end and answers its value.
    ///
    /// # Errors
    /// `Unhandled` leaves the frames of the failed run in place for inspection; call `unwind_to` with the depth from before.
    pub fn call(&mut self, method: Oop, receiver: Oop, args: &[Oop]) -> Result<Oop, VmExit> {
        let code = self
            .loaded(method)
            .map_err(|e| VmExit::Internal(e.to_string()))?;
        self.enter(code, receiver, args, Oop::NIL, Oop::NIL, Oop::NIL)
    }

    /// Sends `selector` in `environment` and runs to the end.
    ///
    /// # Errors
    /// As `call`.
    pub fn send(
        &mut self,
        receiver: Oop,
        selector: Oop,
        args: &[Oop],
        environment: u8,
    ) -> Result<Oop, VmExit> {
        let depth = self.exec.frames.len();
        let base = self.free_base();
        self.ensure_registers(base + args.len() + 2);
        self.exec.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, a);
        }
        // A primitive may switch processes before there is a frame.
        let process = self.processes.current;
        let outer = std::mem::replace(&mut self.exec.run_depth, depth);
        let outcome = self.dispatch(crate::exec::sends::Call {
            selector,
            environment,
            base,
            argc: args.len(),
            site_flags: if environment == 1 {
                gem_bytecode::site_flags::RUBY | gem_bytecode::site_flags::SELF_CALL
            } else {
                0
            },
            dst: 0,
            frame_flags: frame_flags::ENTRY,
            owner_above: None,
        });
        let begun = match outcome {
            Ok(value) => {
                self.exec.run_depth = outer;
                return Ok(value);
            }
            Err(Fail::Reenter) => Ok(()),
            Err(fail) => self.fail_in_entry(fail, depth),
        };
        if let Err(exit) = begun {
            self.exec.run_depth = outer;
            return Err(exit);
        }
        interp::run_begun(self, depth, process, outer)
    }

    fn fail_in_entry(&mut self, fail: Fail, depth: usize) -> Result<(), VmExit> {
        match fail {
            Fail::Exit(e) => Err(e),
            other => {
                let exception = self.exception_of(other)?;
                self.raise_from(exception, depth)
            }
        }
    }

    pub(crate) fn enter(
        &mut self,
        code: &'static CodeBlock,
        receiver: Oop,
        args: &[Oop],
        env: Oop,
        block: Oop,
        closure: Oop,
    ) -> Result<Oop, VmExit> {
        let depth = self.exec.frames.len();
        let base = self.free_base();
        assert!(
            args.len() <= u16::MAX as usize,
            "more arguments than a frame counts"
        );
        debug_assert!(!receiver.is_id() && !receiver.is_undef(), "H3");
        self.ensure_registers(base + code.registers as usize + args.len() + 8);
        self.exec.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.exec.regs.set(base + 1 + i, a);
        }
        for i in args.len()..code.params.registers() {
            self.exec.regs.set(base + 1 + i, Oop::UNDEF);
        }
        let flags = frame_flags::ENTRY
            | if code.kind == gem_bytecode::CodeKind::Body {
                frame_flags::DEFINEE_SELF
            } else {
                0
            };
        let pushed = self.exec.push(Frame {
            code,
            pc: 0,
            base: base as u32,
            dst: 0,
            flags,
            argc: args.len() as u16,
            serial: 0,
            env,
            block,
            closure,
        });
        if let Err(fail) = pushed {
            self.fail_in_entry(fail, depth)?;
        }
        interp::run(self, depth)
    }

    /// First register above every frame.
    pub(crate) fn free_base(&self) -> usize {
        self.exec
            .frames
            .last()
            .map_or(0, |f| f.base as usize + f.code.registers as usize)
    }

    #[inline(always)]
    pub(crate) fn ensure_registers(&mut self, end: usize) {
        if end > self.exec.regs.len() {
            self.exec.regs.grow(end);
        }
    }

    /// Drops the frames above `depth` without running anything (a debugger gives up; a failed request ends).
    pub fn unwind_to(&mut self, depth: usize) {
        self.exec.frames.truncate(depth);
    }

    /// Time since the machine started.
    pub fn clock(&self) -> Duration {
        self.exec.started.elapsed()
    }

    /// Collects garbage now; only where every live oop is in a root: in a primitive, or outside of runs. `full` forces a full collection.
    pub fn collect(&mut self, full: bool) {
        self.collect_for(full, true);
    }

    /// The same at a safepoint of the interpreter, where no primitive runs.
    pub(crate) fn collect_between(&mut self, full: bool) {
        self.collect_for(full, false);
    }

    fn collect_for(&mut self, full: bool, within: bool) {
        let top = self.free_base();
        self.exec.regs.clear_from(top);
        self.processes.clear_stale();
        self.model.forget_kinship();
        let started = self.exec.started;
        let (heap, roots) = self.heap_and_roots(within);
        let before = heap.stats().collections();
        heap.collect(&roots, full, &mut || started.elapsed());
        if heap.stats().collections() == before {
            // Stress picks some safepoints and leaves others alone.
            return;
        }
        let alive = roots.into_alive();
        self.model.collected();
        self.codes.touched.clear();
        if !alive.is_empty() {
            self.end_codes(&alive);
        }
        if self.debug.verify {
            // A machine whose memory is damaged must not go on; only tests and hunts for bugs ask for this.
            self.verify_heap()
                .unwrap_or_else(|wrong| panic!("after a collection: {wrong}"));
        }
        if self.model.heap.has_mourning()
            && let Some(mourner) = self.processes.mourner.take()
        {
            self.wake(mourner, Oop::NIL);
        }
    }

    /// After a full collection, which found the codes in use by place: the others end.
    fn end_codes(&mut self, alive: &[bool]) {
        let ended = self.codes.end_others(alive);
        if ended.is_empty() {
            return;
        }
        let methods: hashbrown::HashSet<u64> = ended.iter().map(Ended::method).collect();
        self.model
            .classes
            .global_cache
            .retain(|_, entry| !methods.contains(&entry.method.bits()));
        self.debug.traps.forget_ended(&self.codes);
        self.codes.bury(ended);
    }

    /// Checks the machine's own state, walks everything reachable and checks it (tests).
    ///
    /// # Errors
    /// What is wrong.
    pub fn verify_heap(&mut self) -> Result<usize, String> {
        self.verify_machine()?;
        let (heap, roots) = self.heap_and_roots(true);
        let count = heap.verify(&roots)?;
        self.verify_codes()?;
        Ok(count)
    }

    /// The shape of an oop in a register.
    #[inline(always)]
    pub fn shape_of(&self, oop: Oop) -> ShapeId {
        self.model.heap.shape_of(oop)
    }

    /// Whether a primitive of this name exists.
    pub fn has_primitive(&self, name: &str) -> bool {
        self.codes
            .primitives
            .contains_key(gem_bytecode::camel_case(name).as_str())
    }
}
