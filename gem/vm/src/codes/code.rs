//! A method made ready to run: decoded, verified, with its inline caches. One for each GsNMethod, per gem, never stored.
//! `codes` says how long it lives.

use crate::PrimitiveFn;
use format::Oop;
use gem_bytecode::{CodeKind, Handler, Instr, Op, Params};
use gem_heap::ShapeId;
use std::cell::{Cell, OnceCell};

/// What a send found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TargetKind {
    /// Nothing cached.
    Empty,
    /// Bytecode; arguments are already in place. `extra` parameters in all: optional ones without argument become undef.
    Plain,
    /// Bytecode; arguments go through the binder.
    Bind,
    /// A primitive with arguments in place (`extra` as for Plain), then bytecode.
    Primitive,
    /// The binder, then a primitive, then bytecode.
    BindPrimitive,
    /// `value`, `value:` …, `call`, `[]` on a closure: runs its code on the same window.
    Value,
    /// A method that does nothing but answer a slot of the receiver; `extra` is the slot.
    Getter,
    /// A method that does nothing but write its argument to a slot of the receiver and answer it; `extra` is the slot.
    Setter,
    /// `new` of a class whose `initialize` is bytecode that takes the arguments as they lie; `extra` is the class.
    New,
    /// `new` of a class whose `initialize` does nothing; `extra` is the class.
    NewPlain,
    /// `new` with any other `initialize`; `extra` is the class.
    NewBind,
    /// `basicNew`: a fresh instance; `extra` is the class.
    Allocate,
    /// `Module#===`.
    HasInstance,
    /// `__send__`, `send`: the first argument is the selector.
    Perform,
    /// `public_send`.
    PublicPerform,
}

/// How a call site calls what a lookup found.
#[derive(Clone, Copy)]
pub struct Target {
    pub kind: TargetKind,
    /// See `CacheEntry::extra`.
    pub extra: u32,
    pub code: &'static CodeBlock,
}

/// One cached lookup.
pub struct CacheEntry {
    pub shape: Cell<ShapeId>,
    pub kind: Cell<TargetKind>,
    /// A slot or a class index, as `kind` says.
    pub extra: Cell<u32>,
    pub code: Cell<Option<&'static CodeBlock>>,
}

/// Entries of an inline cache before it is megamorphic.
pub const CACHE_ENTRIES: usize = 4;

/// A call site and its inline cache.
pub struct Site {
    pub selector: Oop,
    pub argc: u16,
    pub flags: u16,
    pub entries: [CacheEntry; CACHE_ENTRIES],
    /// Next entry to fill.
    pub next: Cell<u8>,
}

/// Cache of an instance variable access or of a constant.
pub struct ValueCache {
    /// Shape (instance variables), or epoch (constants).
    pub key: Cell<u64>,
    /// Slot and shape after the write, or the constant's value.
    pub value: Cell<Oop>,
    pub extra: Cell<u64>,
}

impl Default for ValueCache {
    fn default() -> ValueCache {
        ValueCache {
            key: Cell::new(0),
            value: Cell::new(Oop::NIL),
            extra: Cell::new(0),
        }
    }
}

/// See the module text.
pub struct CodeBlock {
    /// Its place among this gem's loaded codes, plus one; 0 for one that has ended, or is not among them yet.
    pub(crate) number: Cell<u64>,
    /// How many were loaded up to this one.
    pub(crate) born: Cell<u64>,
    pub name: String,
    /// The GsNMethod this was made of.
    pub method: Oop,
    pub kind: CodeKind,
    /// Of the kernel, not of a program.
    pub kernel: bool,
    pub environment: u8,
    pub params: Params,
    pub registers: u16,
    pub simple: bool,
    pub has_env: bool,
    /// Register of the first variable of an environment on the stack; 0 when environments are objects from the start.
    pub env_register: u16,
    pub env_variables: u16,
    /// Shape of this code's environments, once one was made.
    pub env_shape: Cell<ShapeId>,
    /// Only required parameters (lenient or not): a block call with as many arguments needs no binding.
    pub plain_params: bool,
    pub instructions: Box<[Cell<Instr>]>,
    /// What the instructions are without traps; made when the first trap is set. See `traps`.
    pub(crate) untrapped: OnceCell<Box<[Cell<Instr>]>>,
    pub literals: Box<[Cell<Oop>]>,
    pub(crate) sites: Box<[Site]>,
    pub(crate) caches: Box<[ValueCache]>,
    pub handlers: Box<[Handler]>,
    pub primitive: Option<PrimitiveFn>,
    pub primitive_name: Option<String>,
    pub lines: Vec<(u32, u32)>,
    /// Columns of `lines`, as far as they are known.
    pub columns: Vec<u16>,
    pub file: String,
    pub env_names: Vec<String>,
    pub local_names: Vec<(String, u16)>,
    /// Codes of block literals, by literal index.
    pub(crate) blocks: Box<[OnceCell<&'static CodeBlock>]>,
}

impl CodeBlock {
    /// What stands where no code is: it fits no call, and has ended.
    pub(crate) fn vacant() -> CodeBlock {
        CodeBlock {
            number: Cell::new(0),
            born: Cell::new(0),
            name: String::new(),
            method: Oop::NIL,
            kind: CodeKind::Block,
            kernel: false,
            environment: 0,
            params: Params::default(),
            registers: 1,
            simple: false,
            has_env: false,
            env_register: 0,
            env_variables: 0,
            env_shape: Cell::new(ShapeId::NONE),
            plain_params: false,
            instructions: Box::new([Cell::new(Instr::abc(Op::ReturnSelf, 0, 0, 0))]),
            untrapped: OnceCell::new(),
            literals: Box::default(),
            sites: Box::default(),
            caches: Box::default(),
            handlers: Box::default(),
            primitive: None,
            primitive_name: None,
            lines: Vec::new(),
            columns: Vec::new(),
            file: String::new(),
            env_names: Vec::new(),
            local_names: Vec::new(),
            blocks: Box::default(),
        }
    }

    /// Calls `visit` with every object that it refers to.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Oop)) {
        visit(self.method);
        for literal in &self.literals {
            visit(literal.get());
        }
        for site in &self.sites {
            visit(site.selector);
        }
        for cache in &self.caches {
            visit(cache.value.get());
        }
        // What the literals are now may not be what the blocks were made of.
        for block in self.blocks.iter().filter_map(OnceCell::get) {
            visit(block.method);
        }
    }

    /// Calls `change` with the literals and cached values. Its method stays what it is (`Codes::keep`).
    pub(crate) fn each_shared_mut(&self, change: &mut dyn FnMut(&mut Oop)) {
        let caches = self.caches.iter().map(|cache| &cache.value);
        for cell in self.literals.iter().chain(caches) {
            let mut oop = cell.get();
            change(&mut oop);
            cell.set(oop);
        }
    }

    /// Whether it is no longer among the loaded codes. Only the collection that ended it sees such a one.
    pub(crate) fn has_ended(&self) -> bool {
        self.number.get() == 0
    }

    /// Source line of the instruction before `pc` (pc points behind the running one).
    pub fn line_before(&self, pc: u32) -> u32 {
        self.place_before(pc).0
    }

    /// Source line and column of the instruction before `pc`; 0 for what is not known.
    pub fn place_before(&self, pc: u32) -> (u32, u16) {
        let at = pc.saturating_sub(1);
        match self.lines.partition_point(|&(start, _)| start <= at) {
            0 => (0, 0),
            n => (
                self.lines[n - 1].1,
                self.columns.get(n - 1).copied().unwrap_or(0),
            ),
        }
    }

    pub fn is_block(&self) -> bool {
        matches!(self.kind, CodeKind::Block | CodeKind::Eval)
    }
}

impl Site {
    pub fn new(selector: Oop, argc: u16, flags: u16) -> Site {
        let entry = || CacheEntry {
            shape: Cell::new(ShapeId::NONE),
            kind: Cell::new(TargetKind::Empty),
            extra: Cell::new(0),
            code: Cell::new(None),
        };
        Site {
            selector,
            argc,
            flags,
            entries: [entry(), entry(), entry(), entry()],
            next: Cell::new(0),
        }
    }

    /// Forgets everything cached.
    pub fn flush(&self) {
        for e in &self.entries {
            e.shape.set(ShapeId::NONE);
            e.kind.set(TargetKind::Empty);
            e.code.set(None);
        }
        self.next.set(0);
    }

    /// Whether an entry is of a code that has ended.
    pub(crate) fn names_ended(&self) -> bool {
        let ended = |e: &CacheEntry| e.code.get().is_some_and(CodeBlock::has_ended);
        self.entries.iter().any(ended)
    }

    /// Caches a target; round robin when full.
    pub fn fill(&self, shape: ShapeId, target: Target) {
        let i = self.next.get() as usize % CACHE_ENTRIES;
        self.next.set(self.next.get().wrapping_add(1));
        let e = &self.entries[i];
        e.shape.set(shape);
        e.kind.set(target.kind);
        e.extra.set(target.extra);
        e.code.set(Some(target.code));
    }

    /// Whether an entry depends on more than its selector: on the `initialize` of the receiver.
    pub fn makes_instances(&self) -> bool {
        self.entries.iter().any(|e| {
            matches!(
                e.kind.get(),
                TargetKind::New | TargetKind::NewPlain | TargetKind::NewBind
            )
        })
    }

    pub fn find(&self, shape: ShapeId) -> Option<&CacheEntry> {
        self.entries.iter().find(|e| e.shape.get() == shape)
    }
}
