//! The heap: classes and shapes it knows, and allocation.

use crate::allocate::Template;
use crate::block::Space;
use crate::dropped::DroppedIds;
use crate::fault::{Host, HostError};
use crate::layout::{Kind, MAX_INLINE_SLOTS, ObjectRef, flags};
use crate::pressure::Pressure;
use crate::shape::{Shape, ShapeId};
use crate::stats::GcStats;
use crate::symbols::Symbol;
use format::oop::{TAG_CHAR, TAG_ID};
use format::wellknown::{self, slots::behavior};
use format::{Format, ObjectId, Oop};
use hashbrown::HashMap;

/// Why the heap could not do it. The machine turns each into an exception of the running language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeapError {
    #[error("the object is frozen")]
    Frozen(Oop),
    #[error("{0}")]
    Host(#[from] HostError),
    /// One request that the limit cannot hold; nothing was changed.
    #[error(
        "{} bytes at once are more than this session's memory has room for: ask for less, or give it more with MAGLEV_MEMORY=<MiB>",
        bytes
    )]
    OutOfMemory { bytes: u64 },
    /// Many small ones: what is live, the limit, and what of it this transaction changed, in bytes.
    #[error(
        "{} of the {} MiB of this session's memory hold objects that cannot be dropped, {} MiB of it changed objects of the repository; the rest is new and in use: \
         commit or abort the transaction, let go of objects, or start the session with a larger MAGLEV_MEMORY=<MiB>",
        live >> 20,
        limit >> 20,
        changed >> 20
    )]
    Full { live: u64, limit: u64, changed: u64 },
    /// Every number that loaded code can have is taken by code that something names.
    #[error(
        "{max} methods and blocks are loaded and in use, which is as many as a session can have: let go of procs, bindings and methods that evals made"
    )]
    CodesFull { max: usize },
    #[error("object {0} is no class")]
    NotAClass(ObjectId),
    #[error("index out of bounds")]
    Bounds,
}

pub type HeapResult<T> = Result<T, HeapError>;

/// Index into the heap's class table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClassIndex(pub u32);

/// What the heap knows of a class. Transient.
pub struct ClassInfo {
    /// The class object, or its id while it was never read.
    pub class: Oop,
    pub format: Format,
    pub kind: Kind,
    /// Declared slots, inherited ones included.
    pub fixed: u16,
    /// Inline slots that new instances get (declared ones and expected instance variables).
    pub hint: u16,
    /// The shape that new instances get, or NONE until one is made or after the hint changed.
    root: ShapeId,
    roots: Vec<(u16, ShapeId)>,
}

/// The object memory of one gem.
pub struct Heap {
    pub(crate) space: Space,
    pub(crate) host: Box<dyn Host>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) classes: Vec<ClassInfo>,
    /// Class object address or object id word → class.
    class_index: HashMap<u64, ClassIndex>,
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
    pub(crate) memos: crate::memo::Memos,
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
            memos: crate::memo::Memos::default(),
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

    fn make_fixed_shapes(&mut self) {
        let fixed = [
            (ShapeId::NONE, wellknown::OBJECT),
            (ShapeId::SMALL_INTEGER, wellknown::SMALL_INTEGER),
            (ShapeId::SMALL_DOUBLE, wellknown::SMALL_DOUBLE),
            (ShapeId::NIL, wellknown::UNDEFINED_OBJECT),
            (ShapeId::TRUE, wellknown::TRUE_CLASS),
            (ShapeId::FALSE, wellknown::FALSE_CLASS),
            (ShapeId::CHARACTER, wellknown::CHARACTER),
            (ShapeId::ARRAY, wellknown::ARRAY),
            (ShapeId::STRING, wellknown::STRING),
            (ShapeId::SYMBOL, wellknown::SYMBOL),
            (ShapeId::FLOAT, wellknown::FLOAT),
            (ShapeId::LARGE_INTEGER, wellknown::LARGE_INTEGER),
            (ShapeId::EXEC_BLOCK, wellknown::EXEC_BLOCK),
        ];
        for row in wellknown::CLASSES {
            let fixed = wellknown::slot_count(row) as u16;
            self.add_class(Oop::from_id(row.id), row.format, fixed);
        }
        for (i, (shape, class)) in fixed.into_iter().enumerate() {
            assert_eq!(shape.0 as usize, i, "fixed shapes are numbered in order");
            let class = self.class_index[&Oop::from_id(class).bits()];
            let info = &mut self.classes[class.0 as usize];
            let inline = if info.kind == Kind::Raw {
                1
            } else {
                info.fixed
            };
            self.shapes.push(Shape {
                class,
                inline_slots: inline,
                fixed: inline,
                template: Template::of(shape, info.kind, inline as usize),
                names: Vec::new(),
                transitions: HashMap::new(),
            });
            if shape != ShapeId::NONE {
                info.hint = inline;
                info.root = shape;
                info.roots.push((inline, shape));
            }
        }
        assert_eq!(self.shapes.len() as u32, ShapeId::FIRST_FREE);
    }

    fn add_class(&mut self, class: Oop, format: Format, fixed: u16) -> ClassIndex {
        let index = ClassIndex(self.classes.len() as u32);
        let kind = match format {
            _ if class == Oop::from_id(wellknown::FLOAT)
                || class == Oop::from_id(wellknown::SMALL_DOUBLE) =>
            {
                Kind::Raw
            }
            Format::Slots => Kind::Slots,
            Format::Indexed | Format::Unordered => Kind::Indexed,
            Format::Bytes => Kind::Bytes,
        };
        self.classes.push(ClassInfo {
            class,
            format,
            kind,
            fixed,
            hint: fixed,
            root: ShapeId::NONE,
            roots: Vec::new(),
        });
        self.class_index.insert(class.bits(), index);
        self.young_roots.push(class);
        index
    }

    /// The class table entry of a class object.
    ///
    /// # Errors
    /// When `class` is no class object.
    pub fn class_index(&mut self, class: Oop) -> HeapResult<ClassIndex> {
        if let Some(&index) = self.class_index.get(&class.bits()) {
            return Ok(index);
        }
        if let Some(id) = class.as_id() {
            let object = self.fault(id)?;
            return self.class_index(object);
        }
        let Some(object) = ObjectRef::checked(class) else {
            let text = "something that is no object stands where a class belongs";
            return Err(HostError::Damaged(text.to_string()).into());
        };
        if object.id_bits() != 0
            && let Some(&index) = self
                .class_index
                .get(&Oop::from_id(ObjectId(object.id_bits())).bits())
        {
            self.learn_class(index, class);
            return Ok(index);
        }
        let not_a_class = HeapError::NotAClass(ObjectId(object.id_bits()));
        if object.kind() != Kind::Slots || object.inline_slots() < behavior::COUNT {
            return Err(not_a_class);
        }
        let word = self
            .slot(class, behavior::FORMAT)?
            .as_small_int()
            .ok_or(not_a_class.clone())?;
        let format = Format::from_u8(word as u8).ok_or(not_a_class.clone())?;
        let fixed = word >> 8;
        if !(0..=MAX_INLINE_SLOTS as i64).contains(&fixed) {
            return Err(not_a_class);
        }
        object.set(flags::PINNED);
        Ok(self.add_class(class, format, fixed as u16))
    }

    /// Remembers that `class` is the object of a class so far known by id only.
    pub(crate) fn learn_class(&mut self, index: ClassIndex, class: Oop) {
        self.classes[index.0 as usize].class = class;
        self.class_index.insert(class.bits(), index);
        self.young_roots.push(class);
        ObjectRef::of(class).set(flags::PINNED);
    }

    /// `class` is the object of a class no more; answers of which.
    pub(crate) fn forget_class_object(&mut self, class: Oop) -> Option<ClassIndex> {
        self.class_index.remove(&class.bits())
    }

    /// References to `object` never become ids, also when memory is short: the machine names it by its place.
    pub fn pin(&mut self, object: Oop) {
        ObjectRef::of(object).set(flags::PINNED);
    }

    /// Reads a class's format again after its definition changed.
    ///
    /// # Errors
    /// When `class` is no class object.
    pub fn reload_class(&mut self, class: Oop) -> HeapResult<()> {
        let index = self.class_index(class)?;
        let word = self.slot(class, behavior::FORMAT)?.as_small_int();
        self.set_class_format(index, word.unwrap_or(0));
        Ok(())
    }

    /// The class table entry of a class object, when it has one.
    pub fn known_class_index(&self, class: Oop) -> Option<ClassIndex> {
        let by_id = || {
            self.class_index
                .get(&Oop::from_id(self.id_of(class)?).bits())
        };
        self.class_index.get(&class.bits()).or_else(by_id).copied()
    }

    /// What the table says of a class, as the class's slot `FORMAT` has it.
    pub fn class_format(&self, index: ClassIndex) -> i64 {
        let info = self.class_info(index);
        info.format as i64 | (info.fixed as i64) << 8
    }

    /// The class now has the format that `word`, a value of its slot `FORMAT`, says.
    pub fn set_class_format(&mut self, index: ClassIndex, word: i64) {
        let info = &mut self.classes[index.0 as usize];
        info.format = Format::from_u8(word as u8).unwrap_or(info.format);
        let fixed = (word >> 8) as u16;
        if fixed != info.fixed {
            info.fixed = fixed;
            info.hint = info.hint.max(fixed);
            info.root = ShapeId::NONE;
            info.roots.clear();
        }
    }

    pub fn class_info(&self, index: ClassIndex) -> &ClassInfo {
        &self.classes[index.0 as usize]
    }

    /// The class object of a class table entry, faulted when needed.
    ///
    /// # Errors
    /// When the repository cannot give it.
    pub fn class_object(&mut self, index: ClassIndex) -> HeapResult<Oop> {
        let class = self.classes[index.0 as usize].class;
        match class.as_id() {
            None => Ok(class),
            Some(id) => {
                let object = self.fault(id)?;
                self.learn_class(index, object);
                Ok(object)
            }
        }
    }

    /// Number of classes known; indexes are below it.
    pub fn class_count(&self) -> usize {
        self.classes.len()
    }

    /// New instances of the class get room for at least `slots` instance variables beyond the declared ones.
    pub fn expect_ivars(&mut self, index: ClassIndex, slots: usize) {
        let info = &mut self.classes[index.0 as usize];
        let wanted = (info.fixed as usize + slots).min(MAX_INLINE_SLOTS) as u16;
        info.hint = info.hint.max(wanted);
        info.root = ShapeId::NONE;
    }

    /// The shape of new instances of a class.
    #[inline(always)]
    pub fn root_shape(&mut self, index: ClassIndex) -> ShapeId {
        let root = self.classes[index.0 as usize].root;
        if root != ShapeId::NONE {
            return root;
        }
        self.make_root_shape(index)
    }

    #[cold]
    #[inline(never)]
    fn make_root_shape(&mut self, index: ClassIndex) -> ShapeId {
        let hint = self.classes[index.0 as usize].hint;
        let root = self.root_shape_with(index, hint);
        self.classes[index.0 as usize].root = root;
        root
    }

    pub(crate) fn root_shape_with(&mut self, index: ClassIndex, inline: u16) -> ShapeId {
        let info = &mut self.classes[index.0 as usize];
        if let Some(&(_, shape)) = info.roots.iter().find(|(n, _)| *n == inline) {
            return shape;
        }
        let fixed = info.fixed.min(inline);
        let shape = ShapeId(self.shapes.len() as u32);
        info.roots.push((inline, shape));
        self.shapes.push(Shape {
            class: index,
            inline_slots: inline,
            fixed,
            template: Template::of(shape, info.kind, inline as usize),
            names: Vec::new(),
            transitions: HashMap::new(),
        });
        shape
    }

    /// The shape after setting a new instance variable `name`.
    pub fn transition(&mut self, from: ShapeId, name: Oop) -> ShapeId {
        if let Some(&to) = self.shapes[from.0 as usize].transitions.get(&name.bits()) {
            return to;
        }
        let old = &self.shapes[from.0 as usize];
        let mut names = old.names.clone();
        names.push(name);
        let to = ShapeId(self.shapes.len() as u32);
        let kind = self.classes[old.class.0 as usize].kind;
        let shape = Shape {
            class: old.class,
            inline_slots: old.inline_slots,
            fixed: old.fixed,
            template: Template::of(to, kind, old.inline_slots as usize),
            names,
            transitions: HashMap::new(),
        };
        self.shapes.push(shape);
        self.shapes[from.0 as usize]
            .transitions
            .insert(name.bits(), to);
        to
    }

    #[inline(always)]
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// The shape of any oop that is no object id.
    #[inline(always)]
    pub fn shape_of(&self, oop: Oop) -> ShapeId {
        if oop.is_pointer() {
            ShapeId(ObjectRef(oop.bits() as *mut u64).shape_bits())
        } else {
            Self::immediate_shape(oop)
        }
    }

    #[inline(always)]
    pub fn immediate_shape(oop: Oop) -> ShapeId {
        if oop.is_small_int() {
            ShapeId::SMALL_INTEGER
        } else if oop.is_small_double() {
            ShapeId::SMALL_DOUBLE
        } else {
            match oop {
                Oop::TRUE => ShapeId::TRUE,
                Oop::FALSE => ShapeId::FALSE,
                _ if oop.bits() as u8 == TAG_CHAR => ShapeId::CHARACTER,
                _ => {
                    debug_assert!(
                        oop.bits() as u8 != TAG_ID,
                        "H3: an object id where only slots may hold one"
                    );
                    ShapeId::NIL
                }
            }
        }
    }

    #[inline(always)]
    pub fn class_index_of(&self, oop: Oop) -> ClassIndex {
        self.shapes[self.shape_of(oop).0 as usize].class
    }

    /// The class object of `oop` (singleton classes included).
    ///
    /// # Errors
    /// When the class cannot be faulted.
    pub fn class_of(&mut self, oop: Oop) -> HeapResult<Oop> {
        let index = self.class_index_of(oop);
        self.class_object(index)
    }

    /// Whether `oop` is an instance of exactly the well-known class `id`.
    pub fn is_instance(&self, oop: Oop, id: ObjectId) -> bool {
        self.class_index_of(oop).0 as usize == Self::wellknown_index(id)
    }

    /// Class table index of a well-known class: rows enter the table first, in order.
    #[inline(always)]
    fn wellknown_index(id: ObjectId) -> usize {
        wellknown::position(id)
    }

    /// Class table entry of a well-known class.
    pub fn wellknown_class(&self, id: ObjectId) -> ClassIndex {
        ClassIndex(Self::wellknown_index(id) as u32)
    }

    /// A new instance of a class, without elements.
    #[inline(always)]
    pub fn instantiate(&mut self, class: ClassIndex) -> Oop {
        let shape = self.root_shape(class);
        self.allocate(shape)
    }

    /// A new instance of a well-known class, without elements.
    pub fn new_wellknown(&mut self, id: ObjectId) -> Oop {
        let class = self.wellknown_class(id);
        self.instantiate(class)
    }

    /// An object of a well-known Slots class with these slots (as many inline slots as given).
    pub fn new_with_slots(&mut self, id: ObjectId, slots: &[Oop]) -> Oop {
        let class = self.wellknown_class(id);
        let shape = self.root_shape_with(class, slots.len() as u16);
        let object = self.allocate(shape);
        for (i, &v) in slots.iter().enumerate() {
            // SAFETY: the shape has slots.len() inline slots, and the object is new (no barrier).
            unsafe { *ObjectRef::of(object).slot_ptr(i) = v };
        }
        object
    }

    /// Gives `object` another class (a singleton class, or `become`-like changes); instance variables stay.
    ///
    /// # Errors
    /// When `class` is no class.
    pub fn set_class(&mut self, object: Oop, class: Oop) -> HeapResult<()> {
        let index = self.class_index(class)?;
        let r = ObjectRef::of(object);
        let old = ShapeId(r.shape_bits());
        let names = self.shapes[old.0 as usize].names.clone();
        let fixed = self.shapes[old.0 as usize].fixed;
        let info = &mut self.classes[index.0 as usize];
        info.fixed = fixed;
        info.hint = info.hint.max(fixed);
        info.root = ShapeId::NONE;
        let mut shape = self.root_shape_with(index, r.inline_slots() as u16);
        for name in names {
            shape = self.transition(shape, name);
        }
        self.set_shape(r, shape);
        // A frozen object may still get its singleton class.
        if !self.is_frozen(object) {
            self.write_barrier(object)?;
        }
        Ok(())
    }

    #[inline(always)]
    pub(crate) fn set_shape(&mut self, object: ObjectRef, shape: ShapeId) {
        object.set_header((object.header() & !0xFFFF_FFFF) | shape.0 as u64);
    }

    pub fn stats(&self) -> &GcStats {
        &self.stats
    }

    pub fn host(&mut self) -> &mut dyn Host {
        &mut *self.host
    }
}
