//! The heap: all that one gem's object memory consists of. What it does is in the other files of this folder, each for one matter.

use crate::block::Space;
use crate::class_info::{ClassIndex, ClassInfo};
use crate::dropped::DroppedIds;
use crate::host::Host;
use crate::layout::{ObjectRef, flags};
use crate::memo::Memos;
use crate::pressure::Pressure;
use crate::shape::Shape;
use crate::stats::GcStats;
use format::Oop;
use hashbrown::HashMap;

/// An entry of the table of symbols.
pub(crate) struct Symbol {
    pub oop: Oop,
    /// How many were made up to this one.
    pub born: u64,
}

/// The object memory of one gem.
pub struct Heap {
    pub(crate) space: Space,
    pub(crate) host: Box<dyn Host>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) classes: Vec<ClassInfo>,
    /// Class object address or object id word → class.
    pub(crate) class_index: HashMap<u64, ClassIndex>,
    /// Object id → object in memory. Weak.
    pub(crate) by_id: HashMap<u64, ObjectRef>,
    /// Objects that entered `by_id` since the last collection and are young: a young collection may find them dead.
    pub(crate) young_ids: Vec<(u64, ObjectRef)>,
    /// Symbols by their bytes.
    pub(crate) symbols: HashMap<Box<[u8]>, Symbol>,
    pub(crate) symbol_births: u64,
    /// Symbols and classes that the tables of this heap took in since the last collection: roots of a young one.
    pub(crate) young_roots: Vec<Oop>,
    /// What is known of the texts that were read last.
    pub(crate) memos: Memos,
    /// Instance variables that found no inline slot.
    pub(crate) side: HashMap<u64, Vec<(Oop, Oop)>>,
    /// Objects that entered `side` since the last collection.
    pub(crate) young_side: Vec<u64>,
    pub(crate) dirty: Vec<ObjectRef>,
    /// How many of them the last collection found: those are old.
    pub(crate) dirty_marked: usize,
    pub(crate) remembered: Vec<ObjectRef>,
    /// Ephemerons whose keys are gone and who were not handed out yet.
    pub(crate) mourning: Vec<Oop>,
    /// Old objects with cards set (see `large`).
    pub(crate) carded: Vec<ObjectRef>,
    /// The value of flags::MARK in objects that survived the last collection.
    pub(crate) mark_state: u64,
    pub(crate) lease: std::ops::Range<u64>,
    pub(crate) pressure: Pressure,
    pub(crate) stats: GcStats,
    pub(crate) dropped: DroppedIds,
    /// Where the record of a fault goes; large ones are not kept.
    pub(crate) record_buffer: Vec<u8>,
    /// Ids of the objects that are being faulted: each waits for the class that the next one is.
    pub(crate) faulting: Vec<u64>,
}

impl Heap {
    /// An empty memory over `host`. `limit_bytes` bounds what is live in it (see `pressure`).
    pub fn new(host: Box<dyn Host>, limit_bytes: usize) -> Heap {
        let mut heap = Heap {
            space: Space::new(),
            host,
            shapes: Vec::new(),
            classes: Vec::new(),
            class_index: HashMap::new(),
            by_id: HashMap::new(),
            young_ids: Vec::new(),
            symbols: HashMap::new(),
            symbol_births: 0,
            young_roots: Vec::new(),
            memos: Memos::default(),
            side: HashMap::new(),
            young_side: Vec::new(),
            dirty: Vec::new(),
            dirty_marked: 0,
            remembered: Vec::new(),
            mourning: Vec::new(),
            carded: Vec::new(),
            mark_state: flags::MARK_FIRST,
            lease: 0..0,
            pressure: Pressure::new(limit_bytes),
            stats: GcStats::default(),
            dropped: DroppedIds::default(),
            record_buffer: Vec::new(),
            faulting: Vec::new(),
        };
        heap.make_fixed_shapes();
        heap
    }

    pub fn stats(&self) -> &GcStats {
        &self.stats
    }

    pub fn host(&mut self) -> &mut dyn Host {
        &mut *self.host
    }
}
