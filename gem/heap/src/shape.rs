//! Shapes: which instance variable lies in which slot. Transient; the header's index names one.
//!
//! A shape belongs to a class and a number of inline slots; setting a new instance variable moves the object along
//! an edge of the tree (hidden classes: Chambers, Ungar and Lee, OOPSLA 1989).

use crate::block::LARGE_BYTES;
use crate::class_info::ClassIndex;
use crate::layout::{Kind, header_word, object_bytes};
use format::Oop;
use hashbrown::HashMap;

/// Index into the heap's shape table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(transparent)]
pub struct ShapeId(pub u32);

/// Shapes of immediates have fixed ids, so that a send can find one without memory.
impl ShapeId {
    pub const NONE: ShapeId = ShapeId(0);
    pub const SMALL_INTEGER: ShapeId = ShapeId(1);
    pub const SMALL_DOUBLE: ShapeId = ShapeId(2);
    pub const NIL: ShapeId = ShapeId(3);
    pub const TRUE: ShapeId = ShapeId(4);
    pub const FALSE: ShapeId = ShapeId(5);
    pub const CHARACTER: ShapeId = ShapeId(6);
    /// Plain Arrays, Strings, Symbols and boxed Floats: the interpreter's fast paths compare these.
    pub const ARRAY: ShapeId = ShapeId(7);
    pub const STRING: ShapeId = ShapeId(8);
    pub const SYMBOL: ShapeId = ShapeId(9);
    pub const FLOAT: ShapeId = ShapeId(10);
    pub const LARGE_INTEGER: ShapeId = ShapeId(11);
    pub const EXEC_BLOCK: ShapeId = ShapeId(12);
    pub(crate) const FIRST_FREE: u32 = 13;
}

/// What a new object of one shape looks like. Fixed for the shape's life, so an inline cache may keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    pub(crate) header: u64,
    /// A multiple of 16.
    pub(crate) bytes: u32,
    /// Word of the buffer pointer, which its length follows; 0 when there is no buffer.
    pub(crate) buffer: u32,
}

impl Template {
    pub(crate) fn of(shape: ShapeId, kind: Kind, slots: usize) -> Template {
        let buffer = match kind {
            Kind::Indexed | Kind::Bytes => 2 + slots as u32,
            Kind::Slots | Kind::Raw => 0,
        };
        Template {
            header: header_word(shape.0, kind, slots),
            bytes: object_bytes(kind, slots) as u32,
            buffer,
        }
    }

    /// Whether `Heap::allocate_small` makes it: slots and nothing else, and not so many that they need memory of their own.
    pub fn is_small(self) -> bool {
        self.buffer == 0 && self.bytes as usize <= LARGE_BYTES
    }
}

/// One shape.
pub struct Shape {
    pub class: ClassIndex,
    /// Inline slots of objects of this shape.
    pub inline_slots: u16,
    /// Declared slots, which come first.
    pub fixed: u16,
    /// What new objects of this shape look like.
    pub template: Template,
    /// Names of instance variables after the declared slots, in slot order (symbols).
    pub names: Vec<Oop>,
    pub(crate) transitions: HashMap<u64, ShapeId>,
}

/// Where an instance variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IvarPlace {
    Inline(u16),
    /// In the side table, under its symbol.
    Side,
}

impl Shape {
    /// Where instance variable `name` lies, if objects of this shape have it inline.
    pub fn place_of(&self, name: Oop) -> Option<IvarPlace> {
        self.names
            .iter()
            .position(|&n| n == name)
            .map(|i| self.place(i))
    }
    pub(crate) fn place(&self, i: usize) -> IvarPlace {
        let slot = self.fixed as usize + i;
        if slot < self.inline_slots as usize {
            IvarPlace::Inline(slot as u16)
        } else {
            IvarPlace::Side
        }
    }
}
