//! Buffers too large for a block, each from the system allocator, and the cards of those that hold references.
//!
//! A card stands for `CARD_ITEMS` elements of an old object; a set card says that one of them may refer to a young object.
//! So a young collection looks at the elements that changed and not at all of a large collection.

use crate::layout::BUFFER_HEADER_BYTES;
use std::alloc::{Layout, alloc, dealloc};

/// Elements that one card stands for: one line of the cache, since scattered writes are what cards are for.
pub(crate) const CARD_ITEMS: usize = 8;

struct Large {
    ptr: *mut u8,
    bytes: usize,
    /// Found by the last collection that looked at this buffer.
    marked: bool,
    /// One bit a card; empty until the first is set.
    cards: Vec<u64>,
}

impl Large {
    fn layout(&self) -> Layout {
        Layout::from_size_align(self.bytes, 16).expect("as allocated")
    }
}

/// All large buffers of a heap, by index.
#[derive(Default)]
pub(crate) struct LargeTable {
    entries: Vec<Option<Large>>,
    free: Vec<usize>,
    /// Made since the last collection: the only ones a young collection can free.
    young: Vec<usize>,
    bytes: usize,
}

impl LargeTable {
    /// Bytes taken from the system.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// `bytes` uninitialised bytes, aligned to 16: index and address, or `None` when the system has no memory.
    pub fn allocate(&mut self, bytes: usize) -> Option<(usize, *mut u8)> {
        assert!(bytes > 0);
        let layout = Layout::from_size_align(bytes, 16).ok()?;
        // SAFETY: the layout is not empty.
        let ptr = unsafe { alloc(layout) };
        if ptr.is_null() {
            return None;
        }
        self.bytes += bytes;
        let entry = Some(Large {
            ptr,
            bytes,
            marked: false,
            cards: Vec::new(),
        });
        let index = match self.free.pop() {
            Some(i) => {
                self.entries[i] = entry;
                i
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.young.push(index);
        Some((index, ptr))
    }

    /// Addresses of what lies in the buffers, behind their headers.
    pub fn addresses(&self) -> impl Iterator<Item = usize> {
        let entries = self.entries.iter().flatten();
        entries.map(|large| large.ptr as usize + BUFFER_HEADER_BYTES)
    }

    /// The buffer is in use.
    pub fn mark(&mut self, index: usize) {
        debug_assert!(self.entries[index].is_some(), "a freed buffer is in use");
        if let Some(large) = self.entries[index].as_mut() {
            large.marked = true;
        }
    }

    /// Before a full collection: nothing is marked.
    pub fn clear_marks(&mut self) {
        for large in self.entries.iter_mut().flatten() {
            large.marked = false;
        }
    }

    /// After marking: frees what is not in use. A young collection asks only about buffers made since the last one.
    pub fn sweep(&mut self, full: bool) {
        let young = std::mem::take(&mut self.young);
        if full {
            (0..self.entries.len()).for_each(|i| self.free_unmarked(i));
        } else {
            young.into_iter().for_each(|i| self.free_unmarked(i));
        }
    }

    fn free_unmarked(&mut self, index: usize) {
        if let Some(large) = self.entries[index].take_if(|large| !large.marked) {
            // SAFETY: allocated with this layout, and nothing marked refers to it.
            unsafe { dealloc(large.ptr, large.layout()) };
            assert!(self.bytes >= large.bytes);
            self.bytes -= large.bytes;
            self.free.push(index);
        }
    }

    /// Sets the card of element `item`.
    pub fn set_card(&mut self, index: usize, item: usize) {
        debug_assert!(self.entries[index].is_some(), "a card of a freed buffer");
        let Some(large) = self.entries[index].as_mut() else {
            return;
        };
        let card = item / CARD_ITEMS;
        if large.cards.len() <= card / 64 {
            // The whole buffer's worth at once: elements are words.
            large
                .cards
                .resize((large.bytes / 8 / CARD_ITEMS / 64).max(card / 64) + 1, 0);
        }
        large.cards[card / 64] |= 1 << (card % 64);
    }

    /// The cards of a buffer, which has none set afterwards.
    pub fn take_cards(&mut self, index: usize) -> Vec<u64> {
        self.entries[index]
            .as_mut()
            .map_or_else(Vec::new, |large| std::mem::take(&mut large.cards))
    }

    /// Gives a buffer the cards of the one it replaces.
    pub fn put_cards(&mut self, index: usize, cards: Vec<u64>) {
        if let Some(large) = self.entries[index].as_mut() {
            large.cards = cards;
        }
    }

    /// Whether the card of element `item` is set.
    pub fn has_card(&self, index: usize, item: usize) -> bool {
        let card = item / CARD_ITEMS;
        self.entries[index]
            .as_ref()
            .and_then(|large| large.cards.get(card / 64))
            .is_some_and(|word| word >> (card % 64) & 1 == 1)
    }
}

impl Drop for LargeTable {
    fn drop(&mut self) {
        for large in self.entries.iter().flatten() {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(large.ptr, large.layout()) };
        }
    }
}
