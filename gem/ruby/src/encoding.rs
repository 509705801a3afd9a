//! The encoding of a source text, named by its magic comment.

/// Encodings of `Literal::String`.
pub(crate) const UTF_8: u16 = 0;
pub(crate) const BINARY: u16 = 1;
pub(crate) const US_ASCII: u16 = 2;

/// What string literals of a source are encoded in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceEncoding {
    /// One that literals can carry themselves.
    Known(u16),
    /// Another one by name: literals are given it at run time.
    Named(String),
}

impl SourceEncoding {
    /// Reads the magic comment in the first line, or in the second when the first is `#!`.
    pub(crate) fn of(source: &[u8]) -> SourceEncoding {
        let mut lines = source.split(|&b| b == b'\n');
        let first = lines.next().unwrap_or_default();
        let comment = if first.starts_with(b"#!") {
            lines.next().unwrap_or_default()
        } else {
            first
        };
        let Some(name) = coding_name(comment) else {
            return SourceEncoding::Known(UTF_8);
        };
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "utf-8-unix" | "utf8-mac" | "utf-8-mac" | "utf-8-dos" => {
                SourceEncoding::Known(UTF_8)
            }
            "ascii-8bit" | "binary" => SourceEncoding::Known(BINARY),
            "us-ascii" | "ascii" => SourceEncoding::Known(US_ASCII),
            _ => SourceEncoding::Named(name),
        }
    }

    /// Its constant in the class `Encoding`, when that is sure.
    pub(crate) fn constant(&self) -> Option<&'static str> {
        match self {
            SourceEncoding::Known(BINARY) => Some("BINARY"),
            SourceEncoding::Known(US_ASCII) => Some("US_ASCII"),
            SourceEncoding::Known(_) => Some("UTF_8"),
            SourceEncoding::Named(_) => None,
        }
    }
}

/// The name after `coding:` or `coding=` in a comment.
fn coding_name(line: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(line);
    let comment = text.trim_start_matches('\u{feff}').trim_start();
    if !comment.starts_with('#') {
        return None;
    }
    let at = comment.to_ascii_lowercase().find("coding")?;
    let after = &comment[at + "coding".len()..];
    let value = after.trim_start().strip_prefix([':', '='])?.trim_start();
    let name: String = value
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .collect();
    (!name.is_empty()).then_some(name)
}
