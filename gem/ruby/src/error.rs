//! What is wrong with a source text, for people: place, message, the line and a caret under it.

use ruby_prism::ParseResult;
use std::fmt;

/// At most this many of the parser's complaints are shown; later ones mostly follow from the first.
const ERRORS_SHOWN_MAX: usize = 5;

/// A source text that cannot be compiled. Lines count from the `first_line` given; columns are bytes from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub line: u32,
    pub column: u32,
    pub message: String,
    pub file: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for SyntaxError {}

impl SyntaxError {
    pub(crate) fn new(file: &str, line: u32, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            line,
            column: 0,
            message: message.into(),
            file: file.to_string(),
        }
    }

    /// The first complaints of the parser in one message, each with its line and a caret; `None` when it has none.
    pub(crate) fn from_parser(result: &ParseResult<'_>, file: &str) -> Option<SyntaxError> {
        let mut first: Option<SyntaxError> = None;
        for error in result.errors().take(ERRORS_SHOWN_MAX) {
            let location = error.location();
            let line = u32::try_from(location.start_line()).unwrap_or(0);
            let column = location.start_column();
            let text = String::from_utf8_lossy(error.message()).into_owned();
            let shown = excerpt(result.source(), location.start() as usize, column as usize);
            match &mut first {
                None => {
                    first = Some(SyntaxError {
                        line,
                        column,
                        message: format!("{text}\n{shown}"),
                        file: file.to_string(),
                    })
                }
                Some(e) => e
                    .message
                    .push_str(&format!("\n{file}:{line}: {text}\n{shown}")),
            }
        }
        first
    }
}

/// The line around byte `at` of `source`, and a caret below `column`.
fn excerpt(source: &[u8], at: usize, column: usize) -> String {
    let at = at.min(source.len());
    let start = source[..at]
        .iter()
        .rposition(|&b| b == b'\n')
        .map_or(0, |i| i + 1);
    let end = source[at..]
        .iter()
        .position(|&b| b == b'\n')
        .map_or(source.len(), |i| at + i);
    let before = String::from_utf8_lossy(&source[start..(start + column).min(end)]);
    let line = String::from_utf8_lossy(&source[start..end]);
    let pad: String = before
        .chars()
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    format!("    {}\n    {pad}^", line.trim_end())
}
