//! Ruby's regular expressions in the words of the matcher. Ruby's `\w \d \s` mean ASCII only while `\b` and the POSIX brackets do not,
//! `\u{…}` names several characters, and groups may carry the options a, d and u; the matcher knows none of these.

/// What `\w` and the others stand for, to be written into a character class.
fn members(letter: u8) -> Option<&'static str> {
    match letter {
        b'w' => Some("_a-zA-Z0-9"),
        b'd' => Some("0-9"),
        b's' => Some(" \\t\\r\\n\\f\\v"),
        _ => None,
    }
}

struct Translation<'a> {
    source: &'a [u8],
    at: usize,
    made: Vec<u8>,
    /// Depth of character classes.
    classes: usize,
    extended: bool,
    /// `(?u)`: `\w` and the others mean every script's.
    every_script: bool,
}

/// The matcher's form of a Ruby pattern. `extended`: white space and comments are ignored.
pub(crate) fn translate(source: &[u8], extended: bool) -> Vec<u8> {
    let mut t = Translation {
        source,
        at: 0,
        made: Vec::with_capacity(source.len() + 16),
        classes: 0,
        extended,
        every_script: false,
    };
    while t.at < source.len() {
        t.step();
    }
    t.made
}

impl Translation<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.source.get(self.at + ahead).copied()
    }

    /// Copies `count` bytes as they are.
    fn copy(&mut self, count: usize) {
        let end = (self.at + count).min(self.source.len());
        self.made.extend_from_slice(&self.source[self.at..end]);
        self.at = end;
    }

    /// Copies up to and with the first `end`, or everything.
    fn copy_through(&mut self, end: &[u8]) {
        let rest = &self.source[self.at..];
        let found = rest.windows(end.len()).position(|w| w == end);
        self.copy(found.map_or(rest.len(), |i| i + end.len()));
    }

    fn step(&mut self) {
        match self.source[self.at] {
            b'\\' => self.escape(),
            b'[' => self.open_class(),
            b']' if self.classes > 0 => {
                self.classes -= 1;
                self.copy(1);
            }
            b'(' if self.classes == 0 && self.peek(1) == Some(b'?') => self.group(),
            b'#' if self.classes == 0 && self.extended => self.copy_through(b"\n"),
            _ => self.copy(1),
        }
    }

    fn open_class(&mut self) {
        if self.classes > 0 && self.peek(1) == Some(b':') {
            let rest = &self.source[self.at + 2..];
            let name = rest
                .iter()
                .take_while(|b| b.is_ascii_lowercase() || **b == b'^');
            let length = name.count();
            if rest[length..].starts_with(b":]") {
                self.copy(length + 4);
                return;
            }
        }
        self.classes += 1;
        self.copy(1);
        if self.peek(0) == Some(b'^') {
            self.copy(1);
        }
        // A bracket right after the beginning is a member.
        if self.peek(0) == Some(b']') && self.source[self.at + 1..].contains(&b']') {
            self.copy(1);
        }
    }

    fn group(&mut self) {
        if self.peek(2) == Some(b'#') {
            self.copy_through(b")");
            return;
        }
        let options: Vec<u8> = self.source[self.at + 2..]
            .iter()
            .copied()
            .take_while(|b| b"imxadu-".contains(b))
            .collect();
        let end = self.peek(2 + options.len());
        let foreign = options.iter().any(|b| b"adu".contains(b));
        if !matches!(end, Some(b':' | b')')) || options.is_empty() {
            self.copy(2);
            return;
        }
        let on = options.split(|b| *b == b'-').next().unwrap_or_default();
        if end == Some(b')') && on.contains(&b'x') {
            self.extended = true;
        }
        if !foreign {
            self.copy(3 + options.len());
            return;
        }
        self.every_script = on.contains(&b'u');
        let known = options.iter().filter(|b| !b"adu".contains(b));
        self.made.extend_from_slice(b"(?");
        self.made.extend(known);
        if self.made.ends_with(b"(?") && end == Some(b')') {
            self.made.push(b':');
        }
        self.at += 2 + options.len();
        self.copy(1);
    }

    fn escape(&mut self) {
        let Some(letter) = self.peek(1) else {
            self.copy(1);
            return;
        };
        match letter {
            b'w' | b'W' | b'd' | b'D' | b's' | b'S' if !self.every_script => self.class(letter),
            b'u' if self.peek(2) == Some(b'{') => self.code_points(),
            b'c' => self.copy(3),
            b'C' | b'M' if self.peek(2) == Some(b'-') => self.copy(4),
            _ => self.copy(2),
        }
    }

    /// `\w` and its kind.
    fn class(&mut self, letter: u8) {
        let Some(members) = members(letter.to_ascii_lowercase()) else {
            self.copy(2);
            return;
        };
        self.at += 2;
        let negated = letter.is_ascii_uppercase();
        if self.classes > 0 && self.made.ends_with(b"-") && !self.made.ends_with(b"\\-") {
            // `[a-\w]`: the dash stands for itself.
            self.made.pop();
            self.made.extend_from_slice(b"\\-");
        }
        if self.classes > 0 && !negated {
            self.made.extend_from_slice(members.as_bytes());
            return;
        }
        self.made.push(b'[');
        if negated {
            self.made.push(b'^');
        }
        self.made.extend_from_slice(members.as_bytes());
        self.made.push(b']');
    }

    /// `\u{1F600 41}`
    fn code_points(&mut self) {
        let rest = &self.source[self.at + 3..];
        let Some(end) = rest.iter().position(|b| *b == b'}') else {
            self.copy(2);
            return;
        };
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        for word in text.split_ascii_whitespace() {
            self.made
                .extend_from_slice(format!("\\x{{{word}}}").as_bytes());
        }
        self.at += end + 4;
    }
}

/// Text as a pattern that matches it.
pub(crate) fn escaped(text: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(text.len() + 8);
    for &byte in text {
        let letter = match byte {
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            0x0c => b'f',
            0x0b => b'v',
            other => other,
        };
        if letter != byte || b"[]{}()|-*.\\?+^$# ".contains(&byte) {
            made.push(b'\\');
        }
        made.push(letter);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(source: &str) -> String {
        String::from_utf8(translate(source.as_bytes(), false)).unwrap()
    }

    #[test]
    fn classes_are_of_ascii() {
        assert_eq!(made(r"\w+"), "[_a-zA-Z0-9]+");
        assert_eq!(made(r"[\w.-]"), "[_a-zA-Z0-9.-]");
        assert_eq!(made(r"[a-\d]"), r"[a\-0-9]");
        assert_eq!(made(r"[^\S]"), r"[^[^ \t\r\n\f\v]]");
        assert_eq!(made(r"\\w"), r"\\w");
        assert_eq!(made(r"(?u)\w"), r"(?:)\w");
        assert_eq!(made(r"(?ai:x)"), "(?i:x)");
    }

    #[test]
    fn brackets_are_followed() {
        assert_eq!(made(r"[[:alpha:]\d]\d"), "[[:alpha:]0-9][0-9]");
        assert_eq!(made(r"[]\d]\d"), "[]0-9][0-9]");
        assert_eq!(made(r"(?#[)\d"), "(?#[)[0-9]");
        assert_eq!(made(r"(?<name>\d)"), "(?<name>[0-9])");
        assert_eq!(made(r"\u{41 1F600}"), r"\x{41}\x{1F600}");
    }

    #[test]
    fn broken_patterns_are_copied() {
        for source in ["\\", "[", "(?", "\\u{", "[[:", "(?i", "\\c", "[^"] {
            made(source);
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped(b"a.b\n "), b"a\\.b\\n\\ ");
    }
}
