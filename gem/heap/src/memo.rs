//! What was found out about the two texts beyond ASCII that were looked at last: how many characters they have, and where one of them
//! begins. Without it, reading a UTF-8 text character by character would scan it from the start each time.
//!
//! A memo holds for exactly the bytes it was made of: whatever changes bytes in place has it forgotten, and a collection,
//! after which an address may belong to another object, forgets all.
//!
//! Must not know: which encoding a text is in. Its users ask for UTF-8 texts only.

use crate::layout::ObjectRef;
use format::Oop;
use std::cell::Cell;

/// What is known of one UTF-8 text that is not ASCII.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextMemo {
    /// Whether all bytes are valid UTF-8.
    pub valid: bool,
    /// Number of characters, when it was counted.
    pub count: Option<usize>,
    /// A character position and the byte position where it begins.
    pub character: usize,
    pub byte: usize,
}

/// A memo and the place and number of its bytes: another guard against a memo of something else.
#[derive(Clone, Copy, Default)]
struct Note {
    buffer: usize,
    size: usize,
    memo: TextMemo,
}

impl Note {
    fn new(text: Oop, memo: TextMemo) -> Note {
        let r = ObjectRef::of(text);
        Note {
            buffer: r.buffer() as usize,
            size: r.len(),
            memo,
        }
    }
}

/// The memos of one memory: addresses of texts (0 for none), the last one first, and what is known of them.
#[derive(Default)]
pub(crate) struct Memos {
    texts: [Cell<u64>; 2],
    notes: [Cell<Note>; 2],
}

impl Memos {
    pub(crate) fn clear(&self) {
        self.texts.iter().for_each(|t| t.set(0));
    }

    #[inline]
    fn place(&self, text: Oop) -> Option<usize> {
        self.texts.iter().position(|t| t.get() == text.bits())
    }

    /// What is known of `text`.
    #[inline]
    pub(crate) fn get(&self, text: Oop) -> Option<TextMemo> {
        let note = self.notes[self.place(text)?].get();
        let r = ObjectRef::of(text);
        (note.size == r.len() && note.buffer == r.buffer() as usize).then_some(note.memo)
    }

    /// Puts a memo of `text` in the place of what was known of it or of the text noted before last.
    pub(crate) fn put(&self, text: Oop, memo: TextMemo) {
        if self.place(text) != Some(0) {
            self.texts[0].swap(&self.texts[1]);
            self.notes[0].swap(&self.notes[1]);
            self.texts[0].set(text.bits());
        }
        self.notes[0].set(Note::new(text, memo));
    }

    /// Forgets what is known of `text`.
    #[inline]
    pub(crate) fn remove(&self, text: Oop) {
        if let Some(place) = self.place(text) {
            self.texts[place].set(0);
        }
    }
}
