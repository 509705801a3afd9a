//! Symbols: one object for each spelling in this gem, and one id for each in the repository.

use crate::heap::Heap;
use crate::layout::{ObjectRef, flags};
use crate::shape::ShapeId;
use proto::Oop;

impl Heap {
    /// The symbol spelt `name`.
    #[inline]
    pub fn symbol(&mut self, name: &str) -> Oop {
        self.symbol_bytes(name.as_bytes())
    }

    /// The symbol with these bytes.
    pub fn symbol_bytes(&mut self, name: &[u8]) -> Oop {
        if let Some(&oop) = self.symbols.get(name) {
            return oop;
        }
        let oop = self
            .new_bytes(ShapeId::SYMBOL, name)
            .expect("memory for a symbol");
        ObjectRef::of(oop).set(flags::FROZEN | flags::BARRIER | flags::PINNED);
        self.symbols.insert(name.into(), oop);
        self.young_roots.push(oop);
        oop
    }

    /// The symbol spelt `name` when this gem has it.
    pub fn existing_symbol(&self, name: &[u8]) -> Option<Oop> {
        self.symbols.get(name).copied()
    }

    #[inline]
    pub fn is_symbol(&self, oop: Oop) -> bool {
        oop.is_pointer() && ObjectRef::of(oop).shape_bits() == ShapeId::SYMBOL.0
    }

    /// All symbols of this gem.
    pub fn all_symbols(&self) -> impl Iterator<Item = Oop> + '_ {
        self.symbols.values().copied()
    }
}
