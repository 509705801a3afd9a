//! Reads file-ins in GemStone's form (`.gs`): topaz commands, texts after `run`, `method:` and the like that end at a line which begins
//! with `%`. Answers what there is to do, in order.
//!
//! Must not know: what a session does with it. Commands that only concern a terminal, a login or the display are left out here; topaz
//! itself obeys all of them.

use crate::error::{CompileError, Issue, Lines};

/// What a file-in asks for. Lines count from 1 and are those on which the text begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Statements to run; `expected` is what `expectvalue` said of their value.
    Run {
        source: String,
        line: u32,
        expected: Option<Expected>,
    },
    Method {
        /// `Foo`, with ` class` for the class side.
        class: String,
        category: String,
        environment: u8,
        source: String,
        line: u32,
    },
    RemoveAllMethods {
        class: String,
        environment: u8,
        line: u32,
    },
}

/// A value that a file-in expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Equal to the value of this expression.
    Value(String),
    /// An instance of this class (`%Foo`).
    Class(String),
    /// An instance of this class or a subclass (`/Foo`).
    Kind(String),
}

/// Commands that mean nothing where there is no terminal, no login and no second session.
const LEFT_OUT: &[&str] = &[
    "abort",
    "begin",
    "commit",
    "display",
    "errorcount",
    "exitifnoerror",
    "fileformat",
    "iferr",
    "iferr_clear",
    "iferr_list",
    "iferror",
    "level",
    "limit",
    "login",
    "logout",
    "omit",
    "output",
    "remark",
    "status",
    "time",
];

/// Parameters of `set` that say something here.
const CLASS: &str = "class";
const CATEGORY: &str = "category";
const COMPILE_ENV: &str = "compile_env";

/// Reads a file-in.
///
/// # Errors
/// A command that no file-in can hold, a text that does not end; with its place.
pub fn parse(text: &str) -> Result<Vec<Item>, CompileError> {
    let mut reader = Reader {
        text,
        at: 0,
        line: 0,
        class: String::new(),
        category: "as yet unclassified".to_string(),
        environment: 0,
        expected: None,
        items: Vec::new(),
    };
    reader
        .all()
        .map_err(|issue| Lines::new(text, 1).error(text, issue))?;
    Ok(reader.items)
}

struct Reader<'t> {
    text: &'t str,
    /// Where the next line begins.
    at: usize,
    /// Number of the line read last.
    line: u32,
    class: String,
    category: String,
    environment: u8,
    expected: Option<Expected>,
    items: Vec<Item>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<&'t str> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let end = rest.find('\n').map_or(rest.len(), |i| i + 1);
        self.at += end;
        self.line += 1;
        Some(rest[..end].trim_end_matches(['\n', '\r']))
    }

    fn all(&mut self) -> Result<(), Issue> {
        loop {
            let start = self.at;
            let Some(line) = self.next() else {
                return Ok(());
            };
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('!') {
                self.command(line, start)?;
            }
        }
    }

    fn command(&mut self, line: &str, start: usize) -> Result<(), Issue> {
        let end = line
            .find(|c: char| c.is_whitespace() || c == ':')
            .unwrap_or(line.len());
        let word = line[..end].to_lowercase();
        let rest = line[end..].trim_start_matches(':').trim();
        match word.as_str() {
            "run" | "doit" | "printit" => {
                let (source, line) = self.lines(start)?;
                self.run(source, line);
            }
            "exec" => self.run(
                format!("{}\n", rest.trim_end_matches('%').trim_end()),
                self.line,
            ),
            "method" => self.method(rest, false, start)?,
            "classmethod" => self.method(rest, true, start)?,
            "category" => self.category = unquoted(rest),
            "set" => self.set(rest, start)?,
            "removeallmethods" => self.remove(rest, false, start)?,
            "removeallclassmethods" => self.remove(rest, true, start)?,
            "expectvalue" => self.expected = Some(expected(rest, start)?),
            "exit" | "quit" => self.at = self.text.len(),
            left_out if LEFT_OUT.contains(&left_out) => {}
            _ => {
                return Err(Issue::new(
                    start,
                    format!("{word} is no command of a file-in"),
                ));
            }
        }
        Ok(())
    }

    fn run(&mut self, source: String, line: u32) {
        let expected = self.expected.take();
        self.items.push(Item::Run {
            source,
            line,
            expected,
        });
    }

    /// The lines up to one that begins with `%`, and the number of the first.
    fn lines(&mut self, start: usize) -> Result<(String, u32), Issue> {
        let first = self.line + 1;
        let mut text = String::new();
        while let Some(line) = self.next() {
            if line.starts_with('%') {
                return Ok((text, first));
            }
            text.push_str(line);
            text.push('\n');
        }
        Err(Issue::new(
            start,
            "this text does not end: put a line with % after it",
        ))
    }

    fn class_named(&self, name: &str, class_side: bool, at: usize) -> Result<String, Issue> {
        let name = unquoted(name);
        let name = if name.is_empty() {
            self.class.clone()
        } else {
            name
        };
        if name.is_empty() {
            return Err(Issue::new(
                at,
                "no class is named here, and none was chosen with set class",
            ));
        }
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(if class_side && !name.ends_with(" class") {
            format!("{name} class")
        } else {
            name
        })
    }

    fn method(&mut self, class: &str, class_side: bool, start: usize) -> Result<(), Issue> {
        let class = self.class_named(class, class_side, start)?;
        let (source, line) = self.lines(start)?;
        self.expected = None;
        self.items.push(Item::Method {
            class,
            category: self.category.clone(),
            environment: self.environment,
            source,
            line,
        });
        Ok(())
    }

    fn remove(&mut self, class: &str, class_side: bool, start: usize) -> Result<(), Issue> {
        let class = self.class_named(class, class_side, start)?;
        self.items.push(Item::RemoveAllMethods {
            class,
            environment: self.environment,
            line: self.line,
        });
        Ok(())
    }

    /// `set class Foo`, `set compile_env: 1`; other parameters are a session's business.
    fn set(&mut self, rest: &str, start: usize) -> Result<(), Issue> {
        let mut words = rest.split_whitespace();
        while let Some(word) = words.next() {
            let value = words.next().unwrap_or("");
            match word.trim_end_matches(':').to_lowercase().as_str() {
                CLASS => {
                    self.class = unquoted(value);
                    if words.clone().next() == Some("class") {
                        words.next();
                        self.class.push_str(" class");
                    }
                }
                CATEGORY => self.category = unquoted(value),
                COMPILE_ENV => {
                    self.environment = match value {
                        "0" => 0,
                        "1" => 1,
                        _ => return Err(Issue::new(start, "set compile_env 0 or 1")),
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn expected(text: &str, at: usize) -> Result<Expected, Issue> {
    let class = |name: &str| name.split_whitespace().next().map(str::to_string);
    let found = match (text.strip_prefix('%'), text.strip_prefix('/')) {
        (Some(name), _) => class(name).map(Expected::Class),
        (_, Some(name)) => class(name).map(Expected::Kind),
        _ => (!text.is_empty()).then(|| Expected::Value(text.to_string())),
    };
    found.ok_or_else(|| Issue::new(at, "expectvalue what?"))
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
    inner.map_or_else(|| text.to_string(), |t| t.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "! a class\nfileformat utf8\nset compile_env: 0\nexpectvalue /Class\ndoit\nObject subclass: 'A'\n%\n\
        removeallmethods A\nset class A\ncategory: 'it''s'\nmethod:\nfoo\n\t^ 1\n%\nclassmethod: A\nnew\n\t^ 2\n%\n\
        set compile_env: 1 class B class\nmethod:\nbar\n%\nexpectvalue 3\nexec 1 + 2 %\ncommit\nexit\nrubbish\n";

    #[test]
    fn commands_become_items_in_their_order() {
        let items = parse(FILE).unwrap();
        let run = |source: &str, line, expected| Item::Run {
            source: source.into(),
            line,
            expected: Some(expected),
        };
        let method = |class: &str, environment, source: &str, line| Item::Method {
            class: class.into(),
            category: "it's".into(),
            environment,
            source: source.into(),
            line,
        };
        assert_eq!(
            items,
            [
                run("Object subclass: 'A'\n", 6, Expected::Kind("Class".into())),
                Item::RemoveAllMethods {
                    class: "A".into(),
                    environment: 0,
                    line: 8
                },
                method("A", 0, "foo\n\t^ 1\n", 12),
                method("A class", 0, "new\n\t^ 2\n", 16),
                method("B class", 1, "bar\n", 21),
                run("1 + 2\n", 24, Expected::Value("3".into())),
            ]
        );
    }

    #[test]
    fn mistakes_have_a_place() {
        for (text, line, part) in [
            ("run\n1\n", 1, "does not end"),
            ("\n frob x\n", 2, "frob is no command"),
            ("method:\nfoo\n%\n", 1, "no class"),
            ("expectvalue\n", 1, "what"),
            ("set compile_env 2\n", 1, "0 or 1"),
        ] {
            let e = parse(text).unwrap_err();
            assert_eq!(e.line, line, "{text}");
            assert!(e.message.contains(part), "{e}");
        }
    }
}
