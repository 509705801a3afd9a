//! The machine: object memory, the running process, loaded code, class tables, primitives.

use crate::class_meta::{ClassMeta, Visibility};
use crate::code::CodeBlock;
use crate::codes::{CODES_MAX, Codes, Ended};
use crate::errors::{Fail, VmExit};
use crate::extensions::Extensions;
use crate::frame::{Frame, frame_flags};
use crate::interp;
use crate::lookup::{KINSHIPS, Kinship};
use crate::primitive::{PrimitiveFn, PrimitiveRow};
use crate::process::Scheduler;
use crate::registers::Registers;
use crate::selectors::Selectors;
use crate::slice::Slice;
use gem_heap::{Heap, HeapError, Oop, ShapeId, Stress};
use hashbrown::HashMap;
use proto::ObjectId;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

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
    pub heap: Heap,
    pub sym: Selectors,
    pub extensions: Extensions,
    pub(crate) regs: Registers,
    pub frames: Vec<Frame>,
    pub(crate) serial: u64,
    /// `$!` of the running process.
    pub error_info: Oop,
    pub(crate) scheduler: Scheduler,
    pub(crate) codes: Codes,
    pub(crate) metas: Vec<Option<Box<ClassMeta>>>,
    /// Codes and class tables that may refer to young objects.
    pub(crate) touched: crate::roots::Touched,
    pub(crate) primitives: HashMap<&'static str, PrimitiveFn>,
    /// Selectors that some inline cache or the global cache may hold, by environment.
    pub(crate) cached_selectors: hashbrown::HashSet<u64>,
    pub(crate) global_cache: HashMap<(u32, Oop, u8), crate::class_meta::MethodEntry>,
    /// Answers of `is_kind_of`, direct mapped.
    pub(crate) kinship: Box<[Kinship]>,
    /// Classes whose lookup order is being made.
    pub(crate) ordering: Vec<gem_heap::ClassIndex>,
    pub(crate) const_epoch: u64,
    /// Ruby global variables by name.
    pub globals: HashMap<Oop, Oop>,
    pub global_aliases: HashMap<Oop, Oop>,
    /// Global variables that programs reach through the library.
    pub(crate) global_guards: hashbrown::HashSet<Oop>,
    /// Objects that Rust code holds on to.
    pub(crate) handles: Vec<Oop>,
    /// Arrays among them whose elements Rust code has copies of.
    pub(crate) copies_held: Vec<Oop>,
    /// Set by the clock, signals and other threads: look around at the next safepoint.
    pub attention: Arc<AtomicBool>,
    /// An interrupt (Ctrl-C) is waiting.
    pub interrupted: Arc<AtomicBool>,
    pub(crate) options: VmOptions,
    /// The call whose primitive is running: what `tail_send` and the like continue.
    pub(crate) current: crate::sends::Current,
    /// Frames below this one belong to an outer run of the interpreter.
    pub(crate) run_depth: usize,
    /// Deepest stack at the moment: a handler of a stack overflow gets some room above `frames_max`.
    pub(crate) frame_limit: usize,
    /// The last unhandled exception was raised between two instructions of the top frame.
    pub(crate) stopped_between: bool,
    /// The value of the run that just ended.
    pub(crate) finished: Oop,
    started: Instant,
    /// Classes, methods and constants made now are persistent (`Maglev.persistent`).
    pub persistent_mode: bool,
    /// Frame-local specials of homes without environment: frame serial, whether `$_`, value.
    pub(crate) specials: Vec<(u64, bool, Oop)>,
    /// Default visibilities set by `private` and the like: frame serial, visibility, module_function.
    pub(crate) visibilities: Vec<(u64, Visibility, bool)>,
    /// Instance variable names seen in methods, by class.
    pub(crate) ivar_names: HashMap<u32, hashbrown::HashSet<Oop>>,
    /// The Ruby kernel is being loaded: top-level methods are public.
    pub booting: bool,
    /// What `using` switched on.
    pub(crate) refinements: Vec<crate::refinements::Refinement>,
    /// Why the last missing method was missing: 0 unknown, 1 private, 2 protected, 3 super, 4 could be a variable.
    pub missing_reason: u8,
    /// Counts method table changes: debuggers and tests watch it.
    pub method_epoch: u64,
    /// What a debugger has set; see the module.
    pub traps: crate::traps::Traps,
    /// An operator of Integer, Float or Array was redefined: fast paths are off from now on.
    pub operators_redefined: bool,
    pub(crate) operators: crate::operators::Operators,
    /// The profile that is being taken.
    pub(crate) profile: Option<Box<crate::profile::Profile>>,
    /// The process that waits for ephemerons whose keys are gone.
    pub mourner: Option<crate::process::ProcessId>,
}

impl Vm {
    /// A machine over `heap` with these primitives.
    pub fn new(mut heap: Heap, tables: &[&[PrimitiveRow]], options: VmOptions) -> Vm {
        heap.set_stress_mode(options.stress);
        let sym = Selectors::new(&mut heap);
        let attention = Arc::new(AtomicBool::new(false));
        let mut primitives = HashMap::new();
        for row in tables.iter().flat_map(|t| t.iter()) {
            primitives.insert(row.name, row.function);
        }
        Vm {
            heap,
            sym,
            extensions: Extensions::default(),
            regs: Registers::default(),
            frames: Vec::with_capacity(256),
            serial: 0,
            error_info: Oop::NIL,
            scheduler: Scheduler::new(Slice::new(attention.clone())),
            codes: Codes::new(options.codes_max),
            metas: Vec::new(),
            touched: crate::roots::Touched::default(),
            primitives,
            cached_selectors: hashbrown::HashSet::new(),
            global_cache: HashMap::new(),
            kinship: vec![Kinship::default(); KINSHIPS].into(),
            ordering: Vec::new(),
            const_epoch: 1,
            globals: HashMap::new(),
            global_aliases: HashMap::new(),
            global_guards: hashbrown::HashSet::new(),
            handles: Vec::new(),
            copies_held: Vec::new(),
            attention,
            interrupted: Arc::new(AtomicBool::new(false)),
            frame_limit: options.frames_max,
            options,
            current: crate::sends::Current::default(),
            run_depth: 0,
            stopped_between: false,
            finished: Oop::NIL,
            started: Instant::now(),
            persistent_mode: false,
            specials: Vec::new(),
            visibilities: Vec::new(),
            ivar_names: HashMap::new(),
            booting: false,
            refinements: Vec::new(),
            missing_reason: 0,
            method_epoch: 0,
            traps: crate::traps::Traps::default(),
            operators_redefined: false,
            operators: crate::operators::Operators::default(),
            profile: None,
            mourner: None,
        }
    }

    /// Keeps `oop` alive until `release`.
    pub fn hold(&mut self, oop: Oop) {
        self.handles.push(oop);
    }

    /// Keeps `array` alive for good, and its elements as long as they are in it: `become:` does not exchange them, because Rust code has copies of these oops.
    pub fn hold_copies_of(&mut self, array: Oop) {
        self.handles.push(array);
        self.copies_held.push(array);
    }

    /// Forgets what was held since the handle count was `mark`.
    pub fn release(&mut self, mark: usize) {
        self.handles.truncate(mark);
    }

    /// Count of held objects, for `release`.
    pub fn held(&self) -> usize {
        self.handles.len()
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
        let depth = self.frames.len();
        let base = self.free_base();
        self.ensure_registers(base + args.len() + 2);
        self.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.regs.set(base + 1 + i, a);
        }
        // A primitive may switch processes before there is a frame.
        let process = self.scheduler.current;
        let outer = std::mem::replace(&mut self.run_depth, depth);
        let outcome = self.dispatch(crate::sends::Call {
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
                self.run_depth = outer;
                return Ok(value);
            }
            Err(Fail::Reenter) => Ok(()),
            Err(fail) => self.fail_in_entry(fail, depth),
        };
        if let Err(exit) = begun {
            self.run_depth = outer;
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
        let depth = self.frames.len();
        let base = self.free_base();
        assert!(
            args.len() <= u16::MAX as usize,
            "more arguments than a frame counts"
        );
        debug_assert!(!receiver.is_id() && !receiver.is_undef(), "H3");
        self.ensure_registers(base + code.registers as usize + args.len() + 8);
        self.regs.set(base, receiver);
        for (i, &a) in args.iter().enumerate() {
            self.regs.set(base + 1 + i, a);
        }
        for i in args.len()..code.params.registers() {
            self.regs.set(base + 1 + i, Oop::UNDEF);
        }
        let flags = frame_flags::ENTRY
            | if code.kind == gem_bytecode::CodeKind::Body {
                frame_flags::DEFINEE_SELF
            } else {
                0
            };
        self.frames.push(Frame {
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
        interp::run(self, depth)
    }

    /// First register above every frame.
    pub(crate) fn free_base(&self) -> usize {
        self.frames
            .last()
            .map_or(0, |f| f.base as usize + f.code.registers as usize)
    }

    #[inline(always)]
    pub(crate) fn ensure_registers(&mut self, end: usize) {
        if end > self.regs.len() {
            self.regs.grow(end);
        }
    }

    /// Drops the frames above `depth` without running anything (a debugger gives up; a failed request ends).
    pub fn unwind_to(&mut self, depth: usize) {
        self.frames.truncate(depth);
    }

    /// Time since the machine started.
    pub fn clock(&self) -> Duration {
        self.started.elapsed()
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
        self.regs.clear_from(top);
        self.scheduler.clear_stale();
        self.forget_kinship();
        let started = self.started;
        let (heap, roots) = self.heap_and_roots(within);
        let before = heap.stats().collections();
        heap.collect(&roots, full, &mut || started.elapsed());
        if heap.stats().collections() == before {
            // Stress picks some safepoints and leaves others alone.
            return;
        }
        let alive = roots.into_alive();
        self.touched.forget(&mut self.metas);
        if !alive.is_empty() {
            self.end_codes(&alive);
        }
        if self.options.verify {
            // A machine whose memory is damaged must not go on; only tests and hunts for bugs ask for this.
            self.verify_heap()
                .unwrap_or_else(|wrong| panic!("after a collection: {wrong}"));
        }
        if self.heap.has_mourning()
            && let Some(mourner) = self.mourner.take()
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
        self.global_cache
            .retain(|_, entry| !methods.contains(&entry.method.bits()));
        self.traps.forget_ended(&self.codes);
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
        self.heap.shape_of(oop)
    }

    /// The class object a well-known id names.
    ///
    /// # Errors
    /// When the repository cannot give it.
    pub fn known_class(&mut self, id: ObjectId) -> Result<Oop, HeapError> {
        let index = self.heap.wellknown_class(id);
        self.heap.class_object(index)
    }

    /// Whether a primitive of this name exists.
    pub fn has_primitive(&self, name: &str) -> bool {
        self.primitives.contains_key(camel_case(name).as_str())
    }
}

/// `some_name` → `someName`; names without underscore stay.
pub(crate) fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' && !out.is_empty() {
            upper = true;
        } else if upper {
            out.extend(c.to_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}
