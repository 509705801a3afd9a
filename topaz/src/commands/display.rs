//! Showing objects: display, omit, level, limit, object.

use crate::command::Request;
use crate::errors::Complaint;
use crate::session::{Facts, Language, Value};
use crate::settings::{SWITCHES, row};
use crate::text::{first_word, words};
use crate::topaz::{Done, Flow, Topaz};

/// Deepest level that is shown, however large LEVEL is.
const LEVEL_MAX: usize = 16;

pub fn display(topaz: &mut Topaz, request: &Request) -> Done {
    switch(topaz, &request.rest, true)
}

pub fn omit(topaz: &mut Topaz, request: &Request) -> Done {
    switch(topaz, &request.rest, false)
}

fn switch(topaz: &mut Topaz, word: &str, on: bool) -> Done {
    let name = row(SWITCHES, "switch", word)?;
    if let Some(switch) = topaz.display.switch(name) {
        *switch = on;
    }
    Ok(Flow::Next)
}

pub fn level(topaz: &mut Topaz, request: &Request) -> Done {
    topaz.display.level = number(&request.rest, "level N")?;
    Ok(Flow::Next)
}

pub fn limit(topaz: &mut Topaz, request: &Request) -> Done {
    let (what, rest) = first_word(&request.rest);
    match what.to_lowercase().as_str() {
        "bytes" | "lev1bytes" => topaz.display.bytes_max = number(rest, "limit bytes N")?,
        "oops" => topaz.display.oops_max = number(rest, "limit oops N")?,
        _ => return Err("limit bytes N, or limit oops N".into()),
    }
    Ok(Flow::Next)
}

/// A count that the user typed.
///
/// # Errors
/// How the command is used.
pub fn number(text: &str, usage: &str) -> Result<usize, Complaint> {
    text.trim()
        .parse()
        .map_err(|_| Complaint::Wrong(format!("{usage}: {text:?} is no count")))
}

pub fn object(topaz: &mut Topaz, request: &Request) -> Done {
    let words = words(&request.rest);
    let keyword =
        |word: &str, wanted: &str| word.trim_end_matches(':').eq_ignore_ascii_case(wanted);
    let value = match words.as_slice() {
        [object] => topaz.value_of(object)?,
        [object, at, index] if keyword(at, "at") => {
            let receiver = topaz.value_of(object)?;
            let index = topaz.value_of(index)?;
            let session = topaz.session()?;
            session.send(receiver, "at:", &[index], Language::Smalltalk, false)?
        }
        [object, at, index, put, new] if keyword(at, "at") && keyword(put, "put") => {
            let receiver = topaz.value_of(object)?;
            let arguments = [topaz.value_of(index)?, topaz.value_of(new)?];
            let session = topaz.session()?;
            session.send(receiver, "at:put:", &arguments, Language::Smalltalk, false)?
        }
        _ => return Err("object OBJECT [at: INDEX [put: OBJECT]]".into()),
    };
    let level = topaz.display.level.max(1);
    topaz.answer(value, level)
}

impl Topaz {
    /// Shows an object: its printString, and `levels` levels of its parts.
    ///
    /// # Errors
    /// When there is no session.
    pub fn show(&mut self, value: Value, levels: usize) -> Result<(), Complaint> {
        let line = self.one_line(value)?;
        self.say(&line);
        self.show_parts(value, levels.min(LEVEL_MAX), 1)
    }

    fn show_parts(&mut self, value: Value, levels: usize, depth: usize) -> Result<(), Complaint> {
        if levels == 0 {
            return Ok(());
        }
        let parts = match self.session()?.facts(value) {
            Ok(facts) => facts.parts,
            Err(failure) => {
                let indent = "  ".repeat(depth);
                self.say(&format!("{indent}(not to be had: {})", failure.text));
                return Ok(());
            }
        };
        let indent = "  ".repeat(depth);
        let shown = match self.display.oops_max {
            0 => parts,
            max => parts.min(max),
        };
        for index in 0..shown {
            match self.session()?.part(value, index) {
                Ok(part) => {
                    let text = self.one_line(part.value)?;
                    self.say(&format!("{indent}{:<18} {text}", part.name));
                    self.show_parts(part.value, levels - 1, depth + 1)?;
                }
                Err(failure) => {
                    self.say(&format!("{indent}(not to be had: {})", failure.text));
                }
            }
        }
        if shown < parts {
            self.say(&format!("{indent}... {} more (limit oops)", parts - shown));
        }
        Ok(())
    }

    /// An object in one line, with what `display oops` and `display classoops` add.
    ///
    /// # Errors
    /// When there is no session.
    pub fn one_line(&mut self, value: Value) -> Result<String, Complaint> {
        let text = self.print_string(value)?;
        if !self.display.oops && !self.display.class_oops {
            return Ok(text);
        }
        let facts = self.session()?.facts(value)?;
        Ok(format!("{} {text}", self.header(&facts)))
    }

    /// `[1234 size:3 cls: 42 Array]`
    fn header(&self, facts: &Facts) -> String {
        let class = if self.display.class_oops {
            format!("cls: {} {}", facts.class_oop, facts.class)
        } else {
            facts.class.clone()
        };
        match facts.oop {
            0 => format!("[new size:{} {class}]", facts.size),
            oop => format!("[{oop} size:{} {class}]", facts.size),
        }
    }

    /// The object's own printString (inspect after rubyrun), cut at `limit bytes`.
    ///
    /// # Errors
    /// When there is no session.
    pub fn print_string(&mut self, value: Value) -> Result<String, Complaint> {
        let language = self.printing;
        let session = self.session()?;
        let text = match session.print(value, language) {
            Ok(text) => text,
            Err(failure) => {
                let class = session.facts(value).map(|f| f.class).unwrap_or_default();
                let text = failure.text.trim_end();
                return Ok(format!(
                    "an instance of {class} (its own text cannot be had: {text})"
                ));
            }
        };
        Ok(shortened(&text, self.display.bytes_max))
    }
}

/// At most `max` bytes of `text` (0: all), cut between characters.
fn shortened(text: &str, max: usize) -> String {
    if max == 0 || text.len() <= max {
        return text.to_string();
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...({} more bytes)", &text[..end], text.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("abc", 0), "abc");
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("aäö", 2), "a...(4 more bytes)");
    }
}
