//! Symbols: one object for each spelling in this gem, and one id for each in the repository.
//!
//! A symbol without an id that nothing refers to ends in a full collection, unless it is older than the program that runs: what started that may
//! hold symbols that no root shows.

use crate::heap::{Heap, Symbol};
use crate::layout::{ObjectRef, flags};
use crate::marker::Marker;
use crate::shape::ShapeId;
use format::Oop;

impl Heap {
    /// The symbol spelt `name`.
    #[inline]
    pub fn symbol(&mut self, name: &str) -> Oop {
        self.symbol_bytes(name.as_bytes())
    }

    /// The symbol with these bytes.
    pub fn symbol_bytes(&mut self, name: &[u8]) -> Oop {
        if let Some(known) = self.symbols.get(name) {
            return known.oop;
        }
        let oop = self
            .new_bytes(ShapeId::SYMBOL, name)
            .expect("memory for a symbol");
        ObjectRef::of(oop).set(flags::FROZEN | flags::BARRIER | flags::PINNED);
        self.symbol_births += 1;
        let born = self.symbol_births;
        self.symbols.insert(name.into(), Symbol { oop, born });
        self.young_roots.push(oop);
        oop
    }

    /// The symbol spelt `name` when this gem has it.
    pub fn existing_symbol(&self, name: &[u8]) -> Option<Oop> {
        self.symbols.get(name).map(|s| s.oop)
    }

    #[inline]
    pub fn is_symbol(&self, oop: Oop) -> bool {
        oop.is_pointer() && ObjectRef::of(oop).shape_bits() == ShapeId::SYMBOL.0
    }

    /// All symbols of this gem.
    pub fn all_symbols(&self) -> impl Iterator<Item = Oop> + '_ {
        self.symbols.values().map(|s| s.oop)
    }

    /// How many symbols were made so far.
    pub fn symbol_births(&self) -> u64 {
        self.symbol_births
    }

    /// In a full collection: the symbols that stay whoever refers to them, and those that shapes name.
    pub(crate) fn mark_symbols(&self, lasting: u64, marker: &mut Marker) {
        for symbol in self.symbols.values() {
            if symbol.born <= lasting || ObjectRef::of(symbol.oop).id_bits() != 0 {
                marker.mark(symbol.oop);
            }
        }
        for shape in &self.shapes {
            shape.names.iter().for_each(|&name| marker.mark(name));
        }
    }

    /// After the marking of a full collection, before the sweep.
    pub(crate) fn forget_dead_symbols(&mut self) {
        let state = self.mark_state;
        self.symbols
            .retain(|_, s| ObjectRef::of(s.oop).header() & flags::MARK == state);
    }
}
