//! The machine: object memory, the running process, loaded code, class tables, primitives.

use crate::codes::{Codes, Ended};
use crate::debug::Debug;
use crate::exec::Exec;
use crate::exec::primitive::PrimitiveRow;
use crate::options::VmOptions;
use crate::processes::process::Scheduler;
use crate::processes::slice::Slice;
use gem_heap::{Heap, Oop, ShapeId};
use gem_model::Model;
use std::time::Duration;

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
    /// A sentence about the first thing that is wrong.
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
