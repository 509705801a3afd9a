//! The formats of `pack` and `unpack`, read once for both.

use crate::check::{Checked, ensure};
use gem_vm::Fail;

/// How often an item is meant, or how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// No count was written.
    Once,
    Times(usize),
    Star,
}

/// One item of a format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub letter: u8,
    pub count: Count,
    /// The platform's own size.
    native: bool,
    big: bool,
}

/// How an integer lies in memory.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub bytes: usize,
    pub signed: bool,
    pub big: bool,
}

impl Item {
    /// For items that are integers of a fixed size.
    pub(crate) fn layout(&self) -> Option<Layout> {
        let long = if self.native { 8 } else { 4 };
        let (bytes, fixed) = match self.letter.to_ascii_lowercase() {
            b'c' => (1, None),
            b's' => (2, None),
            b'i' => (4, None),
            b'l' => (long, None),
            b'q' | b'j' => (8, None),
            b'n' if self.letter == b'n' => (2, Some(true)),
            b'n' => (4, Some(true)),
            b'v' if self.letter == b'v' => (2, Some(false)),
            b'v' => (4, Some(false)),
            _ => return None,
        };
        let signed = self.letter.is_ascii_lowercase() && fixed.is_none();
        Some(Layout {
            bytes,
            signed,
            big: fixed.unwrap_or(self.big),
        })
    }

    /// For items that are floats: whether double, and whether the high byte comes first.
    pub(crate) fn float(&self) -> Option<(bool, bool)> {
        match self.letter {
            b'D' | b'd' | b'E' => Some((true, false)),
            b'F' | b'f' | b'e' => Some((false, false)),
            b'G' => Some((true, true)),
            b'g' => Some((false, true)),
            _ => None,
        }
    }
}

const LETTERS: &[u8] = b"aAZBbHhmMuwUCcSsIiLlQqJjNnVvDdFfEeGgxX@";

/// Reads a format. Falls back for what it does not know.
pub(crate) fn parse(format: &[u8]) -> Checked<Vec<Item>> {
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(&letter) = format.get(at) {
        at += 1;
        if letter == 0 || letter.is_ascii_whitespace() || letter == 0x0b {
            continue;
        }
        if letter == b'#' {
            let rest = &format[at..];
            at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            continue;
        }
        ensure(LETTERS.contains(&letter))?;
        let (mut native, mut big, mut small) = (false, false, false);
        while let Some(&mark) = format.get(at) {
            match mark {
                b'_' | b'!' => native = true,
                b'>' => big = true,
                b'<' => small = true,
                _ => break,
            }
            at += 1;
        }
        let sized = b"sSiIlLqQjJ".contains(&letter);
        ensure(sized || !(native || big || small))?;
        ensure(!(big && small))?;
        let digits = format[at..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count();
        let count = if format.get(at) == Some(&b'*') {
            at += 1;
            Count::Star
        } else if digits > 0 {
            let text = std::str::from_utf8(&format[at..at + digits]).unwrap_or_default();
            at += digits;
            let times = text.parse().map_err(|_| Fail::Fallback)?;
            ensure(times <= i32::MAX as usize)?;
            Count::Times(times)
        } else {
            Count::Once
        };
        items.push(Item {
            letter,
            count,
            native,
            big,
        });
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_read() {
        let items = parse(b"a3 N* # note\nl_>2 x").unwrap();
        let read: Vec<_> = items.iter().map(|i| (i.letter, i.count)).collect();
        assert_eq!(
            read,
            [
                (b'a', Count::Times(3)),
                (b'N', Count::Star),
                (b'l', Count::Times(2)),
                (b'x', Count::Once)
            ]
        );
        let layout = items[2].layout().unwrap();
        assert_eq!((layout.bytes, layout.signed, layout.big), (8, true, true));
        let network = items[1].layout().unwrap();
        assert_eq!(
            (network.bytes, network.signed, network.big),
            (4, false, true)
        );
    }

    #[test]
    fn wrong_formats_are_refused() {
        for format in ["y", "a>", "l<>", "a99999999999999999999999"] {
            assert!(parse(format.as_bytes()).is_err(), "{format}");
        }
    }
}
