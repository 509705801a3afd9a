//! What the heap knows of each class.

use crate::layout::Kind;
use crate::shape::ShapeId;
use format::{Format, Oop};

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
    pub(crate) root: ShapeId,
    pub(crate) roots: Vec<(u16, ShapeId)>,
}
