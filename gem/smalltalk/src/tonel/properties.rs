//! The `{ #key : value }` notation of definitions and methods.

use crate::error::Issue;

/// Lists within lists deeper than this are refused.
const DEPTH_MAX: usize = 50;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A string, symbol, number or bare word.
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    Nil,
}

/// A place in the text, and the small steps that reading takes.
pub(super) struct Cursor<'s> {
    pub text: &'s str,
    pub at: usize,
}

impl<'s> Cursor<'s> {
    pub fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn skip_blanks(&mut self) {
        let rest = self.rest();
        let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
        self.at += rest.find(|c| !blank(c)).unwrap_or(rest.len());
    }

    /// Skips blanks, and the character when it stands there.
    pub fn eat(&mut self, c: char) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    pub fn expect(&mut self, c: char) -> Result<(), Issue> {
        match self.eat(c) {
            true => Ok(()),
            false => Err(self.issue(format!("{c:?} expected"))),
        }
    }

    pub fn issue(&self, message: impl Into<String>) -> Issue {
        Issue::new(self.at, message)
    }

    /// Letters, digits, underscores and dots; empty when none stands here.
    pub fn word(&mut self) -> &'s str {
        let rest = self.rest();
        let part = |c: char| c == '_' || c == '.' || c.is_alphanumeric();
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// A text in quotes of the given kind; doubled quotes stand for one.
    pub fn quoted(&mut self, quote: char) -> Result<String, Issue> {
        let start = self.at;
        self.at += quote.len_utf8();
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(length) = rest.find(quote) else {
                return Err(Issue::new(start, "this text is not closed"));
            };
            text.push_str(&rest[..length]);
            self.at += length + quote.len_utf8();
            if self.peek() != Some(quote) {
                return Ok(text);
            }
            self.at += quote.len_utf8();
            text.push(quote);
        }
    }

    /// `{ #key : value, … }`; the opening brace comes next.
    pub fn map(&mut self) -> Result<Vec<(String, Value)>, Issue> {
        self.map_at(0)
    }

    fn map_at(&mut self, depth: usize) -> Result<Vec<(String, Value)>, Issue> {
        self.expect('{')?;
        let mut entries = Vec::new();
        while !self.eat('}') {
            if !entries.is_empty() {
                self.expect(',')?;
                if self.eat('}') {
                    break;
                }
            }
            self.expect('#')?;
            let key = self.symbol()?;
            self.expect(':')?;
            entries.push((key, self.value(depth + 1)?));
        }
        Ok(entries)
    }

    /// What follows a `#`.
    fn symbol(&mut self) -> Result<String, Issue> {
        if self.peek() == Some('\'') {
            return self.quoted('\'');
        }
        let rest = self.rest();
        let part = |c: char| c == '_' || c == '-' || c == '.' || c.is_alphanumeric();
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.issue("a name is missing after #"));
        }
        self.at += length;
        Ok(rest[..length].to_string())
    }

    fn value(&mut self, depth: usize) -> Result<Value, Issue> {
        self.skip_blanks();
        if depth > DEPTH_MAX {
            return Err(self.issue("nested too deeply"));
        }
        match self.peek() {
            Some('\'') => self.quoted('\'').map(Value::Text),
            Some('#') => {
                self.at += 1;
                self.symbol().map(Value::Text)
            }
            Some('[') => self.list(depth).map(Value::List),
            Some('{') => self.map_at(depth).map(Value::Map),
            _ => match self.word() {
                "" => Err(self.issue("a value is missing")),
                "nil" => Ok(Value::Nil),
                word => Ok(Value::Text(word.to_string())),
            },
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Value>, Issue> {
        self.expect('[')?;
        let mut values = Vec::new();
        while !self.eat(']') {
            if !values.is_empty() {
                self.expect(',')?;
                if self.eat(']') {
                    break;
                }
            }
            values.push(self.value(depth + 1)?);
        }
        Ok(values)
    }
}
