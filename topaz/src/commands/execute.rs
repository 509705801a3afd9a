//! Running code: run, printit, doit, exec, rubyrun, send.

use crate::command::Request;
use crate::errors::Complaint;
use crate::session::{Language, Value};
use crate::text::{first_word, words};
use crate::topaz::{Done, Flow, Topaz};

pub fn run(topaz: &mut Topaz, request: &Request) -> Done {
    let level = topaz.display.level;
    execute(topaz, request, Language::Smalltalk, level)
}

/// In the current frame of a stopped process, else as `run`.
pub fn print_it(topaz: &mut Topaz, request: &Request) -> Done {
    if topaz.session()?.levels() > 0 && request.rest.is_empty() {
        return in_frame(topaz, request, Some(Language::Smalltalk), 1);
    }
    execute(topaz, request, Language::Smalltalk, 1)
}

pub fn eval(topaz: &mut Topaz, request: &Request) -> Done {
    let level = topaz.display.level;
    in_frame(topaz, request, None, level)
}

pub fn ruby_eval(topaz: &mut Topaz, request: &Request) -> Done {
    let level = topaz.display.level;
    in_frame(topaz, request, Some(Language::Ruby), level)
}

/// `language`: the frame's own when it is not given.
fn in_frame(
    topaz: &mut Topaz,
    request: &Request,
    language: Option<Language>,
    display: usize,
) -> Done {
    topaz.levels()?;
    let level = topaz.open()?.level;
    let session = topaz.session()?;
    let language = language.unwrap_or_else(|| session.frame_language(level));
    let value = session.evaluate(level, language, &request.text)?;
    topaz.printing = language;
    topaz.answer(value, display)
}

pub fn doit(topaz: &mut Topaz, request: &Request) -> Done {
    execute(topaz, request, Language::Smalltalk, 0)
}

pub fn exec(topaz: &mut Topaz, request: &Request) -> Done {
    run(topaz, request)
}

pub fn ruby_run(topaz: &mut Topaz, request: &Request) -> Done {
    let level = topaz.display.level;
    execute(topaz, request, Language::Ruby, level)
}

fn execute(topaz: &mut Topaz, request: &Request, language: Language, level: usize) -> Done {
    if !request.rest.is_empty() {
        return Err(Complaint::Wrong(format!(
            "{}: the text stands on the lines after the command, up to a line with %; exec takes it on its own line",
            request.rest
        )));
    }
    let session = topaz.session()?;
    session.give_up()?;
    let value = session.execute(language, &request.text, true)?;
    topaz.printing = language;
    topaz.answer(value, level)
}

pub fn send(topaz: &mut Topaz, request: &Request) -> Done {
    let (object, rest) = first_word(&request.rest);
    let (selector, arguments) = message(rest)?;
    let receiver = topaz.value_of(object)?;
    let mut values = Vec::new();
    for argument in &arguments {
        values.push(topaz.value_of(argument)?);
    }
    let level = topaz.display.level;
    let session = topaz.session()?;
    session.give_up()?;
    let value = session.send(receiver, &selector, &values, Language::Smalltalk, true)?;
    topaz.answer(value, level)
}

/// Selector and arguments of `size`, `+ 3`, `at: 1 put: 2` or `at:put: 1 2`.
fn message(text: &str) -> Result<(String, Vec<String>), Complaint> {
    let words = words(text);
    let Some((&first, others)) = words.split_first() else {
        return Err("send OBJECT SELECTOR [ARGUMENTS]: the selector is missing".into());
    };
    let mut selector = first.to_string();
    let mut arguments = Vec::new();
    if first.ends_with(':') && first.matches(':').count() == 1 {
        let mut others = others.iter();
        while let Some(word) = others.next() {
            arguments.push(word.to_string());
            if let Some(keyword) = others.next() {
                if !keyword.ends_with(':') {
                    return Err(format!("{keyword} should be a keyword such as put:").into());
                }
                selector.push_str(keyword);
            }
        }
    } else {
        arguments.extend(others.iter().map(ToString::to_string));
    }
    let wanted = match selector.matches(':').count() {
        0 if selector.chars().all(|c| c.is_alphanumeric() || c == '_') => 0,
        0 => 1,
        colons => colons,
    };
    if arguments.len() != wanted {
        return Err(format!(
            "#{selector} takes {wanted} arguments, {} given",
            arguments.len()
        )
        .into());
    }
    Ok((selector, arguments))
}

impl Topaz {
    /// Remembers a result and shows it.
    ///
    /// # Errors
    /// When there is no session.
    pub fn answer(&mut self, value: Value, level: usize) -> Done {
        self.result = Some(value);
        self.open()?.last = Some(value);
        self.show(value, level)?;
        Ok(Flow::Next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_in_every_form() {
        let read = |t| message(t).map_err(|_| ());
        let strings = |l: &[&str]| l.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(read("size"), Ok(("size".into(), vec![])));
        assert_eq!(read("+ 3"), Ok(("+".into(), strings(&["3"]))));
        assert_eq!(
            read("at: 1 put: 'a b'"),
            Ok(("at:put:".into(), strings(&["1", "'a b'"])))
        );
        assert_eq!(
            read("at:put: 1 2"),
            Ok(("at:put:".into(), strings(&["1", "2"])))
        );
        for wrong in ["", "at:", "size 3", "at: 1 2", "+ 1 2", "at: 1 put:"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
