//! Objects as commands name them: `@OOP`, `**`, `'text'`, `#symbol`, `$c`, numbers, names.

use crate::errors::Complaint;
use crate::session::{Language, Value};
use crate::topaz::Topaz;

/// How a word names an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Specification {
    /// `@123`
    Oop(u64),
    /// `**`, `*`, `^`: the last result.
    Last,
    /// A literal, as Smalltalk writes it.
    Literal(String),
    /// A name given by `define`, or a global variable.
    Name(String),
}

impl Specification {
    /// # Errors
    /// When the word is none of the forms.
    pub fn parse(word: &str) -> Result<Specification, String> {
        let word = word.trim();
        if let Some(digits) = word.strip_prefix('@') {
            return digits
                .parse()
                .map(Specification::Oop)
                .map_err(|_| format!("{word}: @ is followed by the number of an object"));
        }
        if matches!(word, "**" | "*" | "^") {
            return Ok(Specification::Last);
        }
        let mut letters = word.chars();
        match (letters.next(), letters.next()) {
            (Some('\''), _) if word.len() > 1 && word.ends_with('\'') => {
                Ok(Specification::Literal(word.to_string()))
            }
            (Some('#'), Some(_)) => Ok(Specification::Literal(word.to_string())),
            (Some('$'), Some(_)) if word.chars().count() == 2 => {
                Ok(Specification::Literal(word.to_string()))
            }
            (Some('0'..='9'), _) | (Some('-'), Some('0'..='9')) => {
                Ok(Specification::Literal(word.to_string()))
            }
            _ if is_name(word) => Ok(Specification::Name(word.to_string())),
            _ => Err(format!(
                "{word} names no object: write @OOP, ** (the last result), a name, a number, $c, 'text' or #symbol"
            )),
        }
    }
}

/// Whether `word` is a Smalltalk identifier.
pub fn is_name(word: &str) -> bool {
    word.chars()
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_')
        && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}

impl Topaz {
    /// The object that `word` names.
    ///
    /// # Errors
    /// When it names none.
    pub fn value_of(&mut self, word: &str) -> Result<Value, Complaint> {
        let open = self.open()?;
        match Specification::parse(word)? {
            Specification::Oop(oop) => Ok(open.session.object(oop)?),
            Specification::Last => open
                .last
                .ok_or_else(|| "there is no last result yet; run something first".into()),
            Specification::Literal(source) => {
                Ok(open
                    .session
                    .execute(Language::Smalltalk, &format!("{source}\n"), false)?)
            }
            Specification::Name(name) => {
                if let Some(&value) = open.names.get(&name) {
                    return Ok(value);
                }
                open.session
                    .execute(Language::Smalltalk, &format!("{name}\n"), false)
                    .map_err(|failure| {
                        Complaint::Wrong(format!("no object is named {name}: {}", failure.text))
                    })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_objects() {
        let parse = |w| Specification::parse(w).unwrap();
        assert_eq!(parse("@17"), Specification::Oop(17));
        assert_eq!(parse("**"), Specification::Last);
        assert_eq!(parse("'a b'"), Specification::Literal("'a b'".into()));
        assert_eq!(parse("#foo:"), Specification::Literal("#foo:".into()));
        assert_eq!(parse("$x"), Specification::Literal("$x".into()));
        assert_eq!(parse("-12"), Specification::Literal("-12".into()));
        assert_eq!(parse("Globals"), Specification::Name("Globals".into()));
        for wrong in ["@x", "a.b", "", "'", "$", "#", "Foo;bar"] {
            assert!(Specification::parse(wrong).is_err(), "{wrong}");
        }
    }
}
