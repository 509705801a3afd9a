//! What the compiler says about a mistake, and where: byte offsets inside, lines and columns outside.

use std::fmt;

/// A mistake in a source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// Line in the file (the source's first line may not be the file's).
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Byte offset into the source that was compiled.
    pub position: usize,
    pub message: String,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}:{}", self.message, self.line, self.column)
    }
}

impl std::error::Error for CompileError {}

impl CompileError {
    /// The message, the line of `source` that it is about, and a caret under the place.
    pub fn with_caret(&self, source: &str) -> String {
        let mut position = self.position.min(source.len());
        while !source.is_char_boundary(position) {
            position -= 1;
        }
        let start = source[..position].rfind('\n').map_or(0, |i| i + 1);
        let end = source[position..]
            .find('\n')
            .map_or(source.len(), |i| position + i);
        let text = source[start..end].trim_end_matches('\r');
        // Tabs stay tabs, so that the caret lands under its character whatever their width.
        let pad: String = source[start..position]
            .chars()
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        format!("{self}\n{text}\n{pad}^")
    }
}

/// A mistake as the passes of the compiler hand it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub position: usize,
    pub message: String,
}

impl Issue {
    pub fn new(position: usize, message: impl Into<String>) -> Issue {
        Issue {
            position,
            message: message.into(),
        }
    }
}

/// Where each line of a source begins.
pub(crate) struct Lines {
    starts: Vec<usize>,
    /// Bytes that continue a character.
    continuing: Vec<usize>,
    first: u32,
}

impl Lines {
    pub fn new(source: &str, first: u32) -> Lines {
        let breaks = source
            .bytes()
            .enumerate()
            .filter(|&(_, b)| b == b'\n')
            .map(|(i, _)| i + 1);
        Lines {
            starts: std::iter::once(0).chain(breaks).collect(),
            continuing: source
                .bytes()
                .enumerate()
                .filter(|&(_, b)| b & 0xc0 == 0x80)
                .map(|(i, _)| i)
                .collect(),
            first,
        }
    }

    /// Line of the file that the byte at `position` stands on.
    pub fn line_at(&self, position: usize) -> u32 {
        let index = self.starts.partition_point(|&start| start <= position) - 1;
        self.first.saturating_add(index as u32)
    }

    /// Line of the file and column (characters from 1) of the byte at `position`.
    pub fn place_at(&self, position: usize) -> (u32, u16) {
        let index = self.starts.partition_point(|&start| start <= position) - 1;
        let before = |limit| self.continuing.partition_point(|&at| at < limit);
        let start = self.starts[index];
        let column = position - start - (before(position) - before(start)) + 1;
        (
            self.line_at(position),
            u16::try_from(column).unwrap_or(u16::MAX),
        )
    }

    pub fn error(&self, source: &str, issue: Issue) -> CompileError {
        let mut position = issue.position.min(source.len());
        while !source.is_char_boundary(position) {
            position -= 1;
        }
        let index = self.starts.partition_point(|&start| start <= position) - 1;
        let column = source[self.starts[index]..position].chars().count() as u32 + 1;
        CompileError {
            line: self.line_at(position),
            column,
            position,
            message: issue.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_columns_and_carets() {
        let source = "foo\n\tübel zu\n";
        let lines = Lines::new(source, 10);
        let e = lines.error(source, Issue::new(source.find("zu").unwrap(), "no zu"));
        assert_eq!((e.line, e.column), (11, 7));
        assert_eq!(e.with_caret(source), "no zu at 11:7\n\tübel zu\n\t     ^");
        assert_eq!(lines.place_at(source.find("zu").unwrap()), (11, 7));
        let end = lines.error(source, Issue::new(source.len(), "end"));
        assert_eq!((end.line, end.column), (12, 1));
        assert!(end.with_caret("").ends_with("\n^"));
    }
}
