//! Smalltalk's dictionaries of associations, by symbol.

use crate::errors::ModelError;
use crate::model::Model;
use format::wellknown;
use format::wellknown::slots::association;
use gem_heap::Oop;

/// A SymbolDictionary is counted, and grows when it is half full, once a new entry finds no place so near its own.
const DICTIONARY_PROBES_MAX: usize = 24;

impl Model {
    /// The association of `name` in a SymbolDictionary, or `None`.
    ///
    /// # Errors
    /// Those of [`Heap::fault`](gem_heap::Heap::fault), when an association on the way, or its key, is not in memory yet; `Bounds` when the dictionary holds
    /// anything else.
    pub fn dictionary_at(&mut self, dictionary: Oop, name: Oop) -> Result<Option<Oop>, ModelError> {
        if dictionary.is_nil() {
            return Ok(None);
        }
        let size = self.heap.size(dictionary);
        if size == 0 {
            return Ok(None);
        }
        let mut at = self.heap.bytes_hash(name) as usize % size;
        for _ in 0..size {
            let entry = self.heap.element(dictionary, at)?;
            if entry.is_nil() {
                return Ok(None);
            }
            if self.heap.slot(entry, association::KEY)? == name {
                return Ok(Some(entry));
            }
            at = (at + 1) % size;
        }
        Ok(None)
    }

    /// Sets `name` in a SymbolDictionary; answers the association.
    ///
    /// # Errors
    /// `Frozen` when the dictionary or the association is, `OutOfMemory` when the dictionary cannot grow; as `dictionary_at`.
    pub fn dictionary_put(
        &mut self,
        dictionary: Oop,
        name: Oop,
        value: Oop,
    ) -> Result<Oop, ModelError> {
        if let Some(entry) = self.dictionary_at(dictionary, name)? {
            self.heap.set_slot(entry, association::VALUE, value)?;
            return Ok(entry);
        }
        let entry = self
            .heap
            .new_with_slots(wellknown::SYMBOL_ASSOCIATION, &[name, value]);
        self.dictionary_add(dictionary, entry)?;
        Ok(entry)
    }

    fn dictionary_add(&mut self, dictionary: Oop, entry: Oop) -> Result<(), ModelError> {
        let size = self.heap.size(dictionary);
        if size == 0 || !self.dictionary_insert(dictionary, entry, DICTIONARY_PROBES_MAX)? {
            let entries = self.dictionary_entries(dictionary)?;
            if size == 0 || entries.len() * 2 > size {
                let bigger = (size * 2).max(8);
                self.heap.resize(dictionary, bigger)?;
                for i in 0..bigger {
                    self.heap.set_element(dictionary, i, Oop::NIL)?;
                }
                for e in entries {
                    self.dictionary_insert(dictionary, e, bigger)?;
                }
            }
            let size = self.heap.size(dictionary);
            self.dictionary_insert(dictionary, entry, size)?;
        }
        Ok(())
    }

    /// Puts `entry` into the first free place within `probes_max` of its own; false when there is none.
    fn dictionary_insert(
        &mut self,
        dictionary: Oop,
        entry: Oop,
        probes_max: usize,
    ) -> Result<bool, ModelError> {
        let key = self.heap.slot(entry, association::KEY)?;
        let size = self.heap.size(dictionary);
        let home = self.heap.bytes_hash(key) as usize % size;
        for probe in 0..probes_max.min(size) {
            let at = (home + probe) % size;
            if self.heap.raw_element(dictionary, at)?.is_nil() {
                self.heap.set_element(dictionary, at, entry)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Removes `name`; answers its value.
    ///
    /// # Errors
    /// As `dictionary_put`.
    pub fn dictionary_remove(
        &mut self,
        dictionary: Oop,
        name: Oop,
    ) -> Result<Option<Oop>, ModelError> {
        let Some(entry) = self.dictionary_at(dictionary, name)? else {
            return Ok(None);
        };
        let value = self.heap.slot(entry, association::VALUE)?;
        let kept = self.dictionary_entries(dictionary)?;
        for i in 0..self.heap.size(dictionary) {
            self.heap.set_element(dictionary, i, Oop::NIL)?;
        }
        for e in kept.into_iter().filter(|&e| e != entry) {
            self.dictionary_insert(dictionary, e, usize::MAX)?;
        }
        Ok(Some(value))
    }

    /// All associations of a SymbolDictionary (nil: none), by key.
    ///
    /// # Errors
    /// As [`Heap::elements`](gem_heap::Heap::elements).
    pub fn dictionary_entries(&mut self, dictionary: Oop) -> Result<Vec<Oop>, ModelError> {
        if dictionary.is_nil() {
            return Ok(Vec::new());
        }
        let all = self.heap.elements(dictionary)?;
        Ok(all.into_iter().filter(|e| !e.is_nil()).collect())
    }

    /// A new SymbolDictionary.
    pub fn dictionary_new(&mut self) -> Oop {
        self.heap.new_wellknown(wellknown::SYMBOL_DICTIONARY)
    }
}
