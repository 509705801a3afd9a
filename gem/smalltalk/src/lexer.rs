//! Source text to tokens. A lexical mistake becomes a `Bad` token, so that the parser reports whichever mistake comes first.

use crate::number;
use gem_bytecode::Literal;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind<'s> {
    Name(&'s str),
    /// With its colon.
    Keyword(&'s str),
    /// An operator other than a lone bar.
    Binary(&'s str),
    /// `|`: always a token of its own, because it also delimits temporaries.
    Bar,
    Number(Literal),
    /// A string, character or symbol.
    Value(Literal),
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    /// `#(`
    OpenArray,
    /// `#[`
    OpenBytes,
    Caret,
    Period,
    Semicolon,
    Colon,
    Assign,
    /// `@env0:` or `@env1:` before a selector.
    Environment(u8),
    /// `@ruby1:` before a selector: the method's Ruby name, then arguments after colons.
    Ruby,
    Bad(String),
    End,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'s> {
    pub kind: TokenKind<'s>,
    pub start: usize,
    pub end: usize,
}

/// All tokens of `source`; the last one is `End` or `Bad`.
pub(crate) fn tokenize(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::with_capacity(source.len() / 4 + 1);
    loop {
        let (start, kind) = match lexer.skip_blanks() {
            Ok(()) => (lexer.at, lexer.token()),
            Err((at, message)) => (at, TokenKind::Bad(message)),
        };
        let done = matches!(kind, TokenKind::End | TokenKind::Bad(_));
        let ruby = kind == TokenKind::Ruby;
        let end = lexer.at.max(start);
        tokens.push(Token { kind, start, end });
        if done {
            return tokens;
        }
        if ruby && let Some(token) = lexer.ruby_selector() {
            tokens.push(token);
        }
    }
}

pub(crate) fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

pub(crate) fn is_name_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

pub(crate) fn is_operator(c: char) -> bool {
    matches!(
        c,
        '+' | '-' | '*' | '/' | '\\' | '~' | '<' | '>' | '=' | '@' | '%' | '&' | '?' | ',' | '!'
    )
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn eat_while(&mut self, test: impl Fn(char) -> bool) -> &'s str {
        let start = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !test(c)).unwrap_or(rest.len());
        &self.source[start..self.at]
    }

    fn skip_blanks(&mut self) -> Result<(), (usize, String)> {
        loop {
            self.eat_while(|c| c.is_whitespace() || c == '\u{feff}');
            let start = self.at;
            if !self.eat('"') {
                return Ok(());
            }
            match self.rest().find('"') {
                Some(length) => self.at += length + 1,
                None => return Err((start, "a comment is not closed".to_string())),
            }
        }
    }

    fn token(&mut self) -> TokenKind<'s> {
        let start = self.at;
        let Some(c) = self.peek() else {
            return TokenKind::End;
        };
        if is_name_start(c) {
            return self.name();
        }
        if c.is_ascii_digit() {
            return match number::scan(self.rest()) {
                Ok((literal, length)) => {
                    self.at += length;
                    TokenKind::Number(literal)
                }
                Err(message) => TokenKind::Bad(message),
            };
        }
        if c == '@'
            && let Some(prefix) = self.environment()
        {
            return prefix;
        }
        if is_operator(c) {
            return self.operator();
        }
        self.bump();
        match c {
            '|' => TokenKind::Bar,
            '(' => TokenKind::OpenParen,
            ')' => TokenKind::CloseParen,
            '[' => TokenKind::OpenBracket,
            ']' => TokenKind::CloseBracket,
            '{' => TokenKind::OpenBrace,
            '}' => TokenKind::CloseBrace,
            '^' => TokenKind::Caret,
            '.' => TokenKind::Period,
            ';' => TokenKind::Semicolon,
            ':' if self.eat('=') => TokenKind::Assign,
            ':' => TokenKind::Colon,
            '\'' => match self.quoted() {
                Some(text) => TokenKind::Value(Literal::String {
                    bytes: text.into_bytes(),
                    encoding: 0,
                }),
                None => self.bad_at(start, "a string is not closed"),
            },
            '$' => match self.bump() {
                Some(c) => TokenKind::Value(Literal::Character(c as u32)),
                None => self.bad_at(start, "a character is missing after $"),
            },
            '#' => self.hash(start),
            c => self.bad_at(start, format!("the character {c:?} has no meaning here")),
        }
    }

    fn bad_at(&mut self, start: usize, message: impl Into<String>) -> TokenKind<'s> {
        self.at = start;
        TokenKind::Bad(message.into())
    }

    /// A name, or a keyword when a colon follows that does not begin `:=`.
    fn name(&mut self) -> TokenKind<'s> {
        let start = self.at;
        let name = self.eat_while(is_name_part);
        if self.rest().starts_with(':') && !self.rest().starts_with(":=") {
            self.at += 1;
            return TokenKind::Keyword(&self.source[start..self.at]);
        }
        TokenKind::Name(name)
    }

    /// A run of operator characters; a minus that ends it belongs to a digit behind it (`3--4`).
    fn operator(&mut self) -> TokenKind<'s> {
        let text = self.eat_while(is_operator);
        if text.len() > 1 && text.ends_with('-') && self.peek().is_some_and(|c| c.is_ascii_digit())
        {
            self.at -= 1;
            return TokenKind::Binary(&text[..text.len() - 1]);
        }
        TokenKind::Binary(text)
    }

    /// `@env1:` or `@ruby1:`, when that is what stands here.
    fn environment(&mut self) -> Option<TokenKind<'s>> {
        let rest = &self.rest()[1..];
        let (ruby, digits) = match (rest.strip_prefix("env"), rest.strip_prefix("ruby")) {
            (Some(digits), _) => (false, digits),
            (_, Some(digits)) => (true, digits),
            _ => return None,
        };
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        if length == 0 || !digits[length..].starts_with(':') || digits[length..].starts_with(":=") {
            return None;
        }
        let kind = match (ruby, &digits[..length]) {
            (true, "1") => TokenKind::Ruby,
            (false, "0") => TokenKind::Environment(0),
            (false, "1") => TokenKind::Environment(1),
            _ => {
                return Some(TokenKind::Bad(
                    "the environments are 0 (Smalltalk) and 1 (Ruby)".to_string(),
                ));
            }
        };
        self.at += 1 + (rest.len() - digits.len()) + length + 1;
        Some(kind)
    }

    /// After `@ruby1:`, names that only Ruby has: `empty?`, `save!`, `name=:`, `[]:`. None when an operator stands here.
    fn ruby_selector(&mut self) -> Option<Token<'s>> {
        let start = self.at;
        if self.rest().starts_with("[]") {
            self.at += 2;
        } else if self.peek().is_some_and(is_name_start) {
            self.eat_while(is_name_part);
            let _ = self.eat('?') || self.eat('!');
        } else {
            return None;
        }
        if self.rest().starts_with("=:") {
            self.at += 1;
        }
        let keyword = self.eat(':');
        let text = &self.source[start..self.at];
        Some(Token {
            kind: if keyword {
                TokenKind::Keyword(text)
            } else {
                TokenKind::Name(text)
            },
            start,
            end: self.at,
        })
    }

    /// The rest of a string whose opening quote was read; doubled quotes stand for one. None when it does not end.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let length = rest.find('\'')?;
            text.push_str(&rest[..length]);
            self.at += length + 1;
            if !self.eat('\'') {
                return Some(text);
            }
            text.push('\'');
        }
    }

    fn hash(&mut self, start: usize) -> TokenKind<'s> {
        let symbol = |text: &str| TokenKind::Value(Literal::Symbol(text.to_string()));
        match self.peek() {
            Some('(') => {
                self.at += 1;
                TokenKind::OpenArray
            }
            Some('[') => {
                self.at += 1;
                TokenKind::OpenBytes
            }
            Some('\'') => {
                self.at += 1;
                match self.quoted() {
                    Some(text) => symbol(&text),
                    None => self.bad_at(start, "a symbol is not closed"),
                }
            }
            Some(c) if is_name_start(c) => {
                let from = self.at;
                loop {
                    self.eat_while(is_name_part);
                    if self.rest().starts_with(":=") || !self.eat(':') {
                        break;
                    }
                }
                symbol(&self.source[from..self.at])
            }
            Some(c) if is_operator(c) || c == '|' => {
                symbol(self.eat_while(|c| is_operator(c) || c == '|'))
            }
            _ => self.bad_at(start, "a literal is missing after #"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<TokenKind<'_>> {
        tokenize(source).into_iter().map(|t| t.kind).collect()
    }

    #[test]
    fn names_keywords_and_assignment() {
        use TokenKind::*;
        assert_eq!(
            kinds("_a:=b at: 1"),
            [
                Name("_a"),
                Assign,
                Name("b"),
                Keyword("at:"),
                Number(Literal::Integer(1.into())),
                End
            ]
        );
        assert_eq!(kinds("a\"x\"b"), [Name("a"), Name("b"), End]);
    }

    #[test]
    fn a_minus_goes_with_the_digit_behind_it() {
        use TokenKind::*;
        let four = || Number(Literal::Integer(4.into()));
        assert_eq!(kinds("--4"), [Binary("-"), Binary("-"), four(), End]);
        assert_eq!(kinds(">= 4"), [Binary(">="), four(), End]);
        assert_eq!(kinds("||"), [Bar, Bar, End]);
    }

    #[test]
    fn symbols_strings_characters() {
        let symbol = |s: &str| TokenKind::Value(Literal::Symbol(s.into()));
        assert_eq!(kinds("#a:b: #'it''s' #+ #|"), {
            let mut all: Vec<_> = ["a:b:", "it's", "+", "|"].map(symbol).into();
            all.push(TokenKind::End);
            all
        });
        assert_eq!(
            kinds("$' ")[0],
            TokenKind::Value(Literal::Character('\'' as u32))
        );
        assert!(matches!(&kinds("'abc")[0], TokenKind::Bad(_)));
        assert!(matches!(&kinds("\"abc")[0], TokenKind::Bad(_)));
        assert!(matches!(&kinds("$")[0], TokenKind::Bad(_)));
    }

    #[test]
    fn environments_and_ruby_names() {
        use TokenKind::*;
        assert_eq!(kinds("@env1:a:"), [Environment(1), Keyword("a:"), End]);
        assert_eq!(kinds("@ruby1:empty?"), [Ruby, Name("empty?"), End]);
        assert_eq!(kinds("@ruby1:name=:"), [Ruby, Keyword("name=:"), End]);
        assert_eq!(kinds("@ruby1:[]=:"), [Ruby, Keyword("[]=:"), End]);
        assert_eq!(kinds("@ruby1:+"), [Ruby, Binary("+"), End]);
        assert_eq!(kinds("@x"), [Binary("@"), Name("x"), End]);
        assert!(matches!(&kinds("@env7:a")[0], Bad(_)));
    }
}
