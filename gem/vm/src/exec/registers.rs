//! The register stack of a process: one contiguous run of oops that frames lie in, one above the other.
//! Addresses in it are indexes, so that it can grow and move.
#![allow(unsafe_code)]

use format::Oop;

/// See the module text.
pub struct Registers {
    words: Vec<Oop>,
}

/// Registers a fresh stack has.
const INITIAL: usize = 4 * 1024;

impl Default for Registers {
    fn default() -> Self {
        Registers {
            words: vec![Oop::NIL; INITIAL],
        }
    }
}

impl Registers {
    pub fn small() -> Registers {
        Registers {
            words: vec![Oop::NIL; 256],
        }
    }

    /// No registers at all: of a process that has ended.
    pub fn none() -> Registers {
        Registers { words: Vec::new() }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.words.len()
    }

    #[inline(always)]
    pub fn get(&self, i: usize) -> Oop {
        self.words[i]
    }

    #[inline(always)]
    pub fn set(&mut self, i: usize, value: Oop) {
        debug_assert!(!value.is_id(), "H3: registers never hold an object id");
        self.words[i] = value;
    }

    /// Makes room for registers below `end`. New ones are nil.
    #[cold]
    #[inline(never)]
    pub fn grow(&mut self, end: usize) {
        debug_assert!(end > self.words.len());
        let len = end.max(self.words.len() * 2);
        self.words.resize(len, Oop::NIL);
        assert!(
            self.words.len() <= u32::MAX as usize,
            "a frame's base would not fit"
        );
    }

    /// Address of register `i`.
    #[inline(always)]
    pub fn pointer(&mut self, i: usize) -> *mut Oop {
        debug_assert!(i <= self.words.len());
        // SAFETY: i is at most len, which stays within (or one past) the allocation.
        unsafe { self.words.as_mut_ptr().add(i) }
    }

    /// Index of the register at `pointer`, which came from `pointer` since the last growth.
    #[inline(always)]
    pub fn index(&self, pointer: *mut Oop) -> usize {
        let index = (pointer as usize - self.words.as_ptr() as usize) / 8;
        debug_assert!(
            index <= self.words.len(),
            "a pointer from before the stack moved"
        );
        index
    }

    /// Calls `change` with every register.
    pub(crate) fn each_mut(&mut self, change: &mut dyn FnMut(&mut Oop)) {
        self.words.iter_mut().for_each(change);
    }

    pub fn slice(&self, from: usize, to: usize) -> &[Oop] {
        &self.words[from..to.min(self.words.len())]
    }

    /// Forgets everything from `from` up: what lies above the top frame is stale and must not be traced later. A stack that was deep once
    /// gets short again, though it keeps its place: each collection would otherwise clear all of it.
    pub fn clear_from(&mut self, from: usize) {
        if from < self.words.len() {
            self.words[from..].fill(Oop::NIL);
        }
        let enough = from + INITIAL;
        if self.words.len() > enough * 2 {
            self.words.truncate(enough);
        }
    }

    /// Moves `count` registers from `from` to `to` (ranges may overlap).
    pub fn copy(&mut self, from: usize, to: usize, count: usize) {
        debug_assert!(to + count <= self.words.len());
        self.words.copy_within(from..from + count, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_that_was_deep_is_short_again_after_clearing() {
        let mut r = Registers::default();
        r.grow(1_000_000);
        r.set(10, Oop::TRUE);
        r.set(999_999, Oop::TRUE);
        r.clear_from(11);
        assert_eq!(r.len(), 11 + INITIAL);
        assert_eq!(r.get(10), Oop::TRUE);
        r.grow(1_000_000);
        assert_eq!(r.get(999_999), Oop::NIL);
    }
}
