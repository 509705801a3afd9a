//! What the heap remembers of texts, and what makes it forget: see [`crate::memo`].

use crate::heap::Heap;
use crate::memo::TextMemo;
use format::Oop;

impl Heap {
    /// What is known of `text`.
    #[inline]
    pub fn text_memo(&self, text: Oop) -> Option<TextMemo> {
        self.memos.get(text)
    }

    /// Notes what was found out about `text`, in the place of what was known of it or of the text noted before last.
    pub fn remember_text(&self, text: Oop, memo: TextMemo) {
        self.memos.put(text, memo);
    }

    /// The bytes of `object` change.
    #[inline]
    pub(crate) fn forget_text(&self, object: Oop) {
        self.memos.remove(object);
    }

    /// `tail` was appended to `object`, of which `memo` was known before. A tail that is no UTF-8 by itself might complete what the text
    /// ended with; then nothing is known any more.
    pub(crate) fn extend_text(&self, object: Oop, memo: TextMemo, tail_size: usize) {
        let whole = self.bytes(object);
        let tail = std::str::from_utf8(&whole[whole.len() - tail_size..]);
        match tail.map(|t| t.chars().count()) {
            Ok(added) => self.remember_text(
                object,
                TextMemo {
                    count: memo.count.map(|n| n + added),
                    ..memo
                },
            ),
            Err(_) => self.forget_text(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Heap, Host, HostError, Roots, TextMemo};
    use format::{ObjectId, Oop};

    struct Nothing;

    impl Host for Nothing {
        fn record(&mut self, id: ObjectId, _: &mut Vec<u8>) -> Result<(), HostError> {
            Err(HostError::Missing(id))
        }
        fn lease_ids(&mut self) -> Result<std::ops::Range<u64>, HostError> {
            Ok(5000..6000)
        }
    }

    impl Roots for Nothing {
        fn visit(&self, _: &mut dyn FnMut(Oop)) {}
    }

    fn known(count: usize) -> TextMemo {
        TextMemo {
            valid: true,
            count: Some(count),
            ..TextMemo::default()
        }
    }

    #[test]
    fn a_memo_ends_with_the_bytes_it_was_made_of() {
        let mut heap = Heap::new(Box::new(Nothing), 64 << 20);
        let text = heap.new_string("aé".as_bytes()).unwrap();
        let changes: [fn(&mut Heap, Oop); 4] = [
            |heap, text| heap.bytes_mut(text).unwrap()[0] = b'b',
            |heap, text| heap.resize_bytes(text, 1).unwrap(),
            |heap, text| heap.set_bytes(text, b"xy").unwrap(),
            |heap, _| heap.collect(&Nothing, true, &mut || std::time::Duration::ZERO),
        ];
        for change in changes {
            heap.remember_text(text, known(2));
            assert!(heap.text_memo(text).is_some());
            change(&mut heap, text);
            assert_eq!(heap.text_memo(text), None);
        }
    }

    #[test]
    fn appending_extends_a_memo() {
        let mut heap = Heap::new(Box::new(Nothing), 64 << 20);
        let text = heap.new_string("aé".as_bytes()).unwrap();
        heap.remember_text(text, known(2));
        heap.append_bytes(text, "b€".as_bytes()).unwrap();
        assert_eq!(heap.text_memo(text).unwrap().count, Some(4));
        heap.append_bytes_of(text, text).unwrap();
        assert_eq!(heap.text_memo(text).unwrap().count, Some(8));
        heap.append_bytes(text, b"\x81").unwrap();
        assert_eq!(heap.text_memo(text), None);
    }

    #[test]
    fn the_two_texts_noted_last_are_known() {
        let mut heap = Heap::new(Box::new(Nothing), 64 << 20);
        let texts: Vec<Oop> = (0..3)
            .map(|i| heap.new_string(&[b'a' + i]).unwrap())
            .collect();
        for (i, &text) in texts.iter().enumerate() {
            heap.remember_text(text, known(i));
        }
        assert_eq!(heap.text_memo(texts[0]), None);
        assert_eq!(heap.text_memo(texts[1]).unwrap().count, Some(1));
        assert_eq!(heap.text_memo(texts[2]).unwrap().count, Some(2));
        heap.remember_text(texts[1], known(7));
        assert_eq!(heap.text_memo(texts[1]).unwrap().count, Some(7));
        assert_eq!(heap.text_memo(texts[2]).unwrap().count, Some(2));
    }
}
