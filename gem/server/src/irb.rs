//! `gem irb`: interactive Ruby with line editing and history; plain when the input is no terminal.

use crate::console::{complain, lost, say};
use crate::open::open_session;
use crate::place::SessionPlace;
use crate::ruby_command::{finish, library_line};
use gem_session::{RubyEnd, Session, discard, guarded};
use gem_session::{rest, resume};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::io::{self, BufRead, IsTerminal};

/// Runs the words after `gem irb`; answers the exit status.
pub fn run(words: &[String]) -> u8 {
    let mut place = SessionPlace::from_environment();
    let mut at = 0;
    while at < words.len() {
        match SessionPlace::option(words, at) {
            Ok(Some((found, taken))) => {
                place = found;
                at += taken;
            }
            Ok(None) => {
                complain(format_args!("gem irb: invalid option {}", words[at]));
                return 2;
            }
            Err(e) => {
                complain(format_args!("gem irb: {e}"));
                return 2;
            }
        }
    }
    let conversation = Conversation {
        open: &mut || open_session(&place, "gem irb"),
        input: Input::open(),
        tell: &mut |line| say(line),
    };
    conversation.hold()
}

/// Where lines come from.
pub enum Input {
    Terminal(Box<DefaultEditor>),
    Plain(Box<dyn BufRead>),
}

impl Input {
    fn open() -> Input {
        match DefaultEditor::new() {
            Ok(editor) if io::stdin().is_terminal() => Input::Terminal(Box::new(editor)),
            _ => Input::Plain(Box::new(io::BufReader::new(io::stdin()))),
        }
    }

    /// The next line without its end; `None` at the end of input. An interrupted line is empty.
    fn line(&mut self, prompt: &str) -> Option<Result<String, ()>> {
        match self {
            Input::Terminal(editor) => match editor.readline(prompt) {
                Ok(line) => {
                    let _ = editor.add_history_entry(line.as_str());
                    Some(Ok(line))
                }
                Err(ReadlineError::Interrupted) => Some(Err(())),
                Err(_) => None,
            },
            Input::Plain(lines) => {
                let mut line = String::new();
                match lines.read_line(&mut line) {
                    Ok(0) | Err(_) => None,
                    Ok(_) => Some(Ok(line.trim_end_matches(['\n', '\r']).to_string())),
                }
            }
        }
    }
}

/// A person's lines and their answers.
pub struct Conversation<'a> {
    /// Makes a session: the first one, and one in place of a session that failed inside.
    pub open: &'a mut dyn FnMut() -> Result<Session, String>,
    pub input: Input,
    /// Tells the person a line.
    pub tell: &'a mut dyn FnMut(&str) -> io::Result<()>,
}

impl Conversation<'_> {
    /// Reads, evaluates in one binding, prints; until the end of input or `exit`. Answers the exit status.
    pub fn hold(mut self) -> u8 {
        loop {
            let mut session = match (self.open)() {
                Ok(session) => session,
                Err(e) => {
                    complain(format_args!("gem irb: {e}"));
                    return 1;
                }
            };
            crate::interrupt::listen(&session);
            let mut begun = false;
            match guarded(|| {
                let end = self.converse(&mut session, &mut begun);
                finish(&mut session, end)
            }) {
                Ok(status) => return status as u8,
                Err(e) => {
                    discard(session);
                    // One that fails before its first line would do so for ever.
                    if !begun {
                        complain(format_args!("gem irb: {e}"));
                        return 1;
                    }
                    let told = (self.tell)(&format!(
                        "{e}; a new session begins, without the variables of the last one"
                    ));
                    if told.is_err() {
                        return 1;
                    }
                }
            }
        }
    }

    /// `begun`: a line was read.
    fn converse(&mut self, session: &mut Session, begun: &mut bool) -> RubyEnd {
        if let Err(end) = session.start_ruby("irb", &[]) {
            return end;
        }
        let library = library_line();
        if !library.is_empty()
            && let RubyEnd::Broken(text) = session.run_ruby(library.as_bytes(), "(irb)", 1)
        {
            return RubyEnd::Broken(text);
        }
        let binding = match session.run_ruby(b"binding", "(irb)", 1) {
            RubyEnd::Value(binding) => binding,
            other => return other,
        };
        session.vm.model.hold(binding);
        let (mut text, mut first, mut number) = (String::new(), 1, 0);
        loop {
            let sign = if text.is_empty() { '>' } else { '*' };
            let prompt = format!("irb:{:03}{sign} ", number + 1);
            // While nobody types, the stone need not keep this session's view.
            if let Err(e) = rest(&mut session.vm) {
                return RubyEnd::Broken(e.to_string());
            }
            let line = self.input.line(&prompt);
            *begun = true;
            if let Err(e) = resume(&mut session.vm) {
                return RubyEnd::Broken(e.to_string());
            }
            match line {
                None => return RubyEnd::Value(binding),
                Some(Err(())) => {
                    text.clear();
                    continue;
                }
                Some(Ok(line)) => {
                    number += 1;
                    if text.is_empty() {
                        first = number;
                    }
                    text.push_str(&line);
                    text.push('\n');
                }
            }
            if text.trim().is_empty() {
                text.clear();
                continue;
            }
            if gem_session::is_ruby_unfinished(text.as_bytes()) {
                continue;
            }
            let source = std::mem::take(&mut text);
            let told = match session.evaluate_ruby(binding, &source, "(irb)", first) {
                Ok(shown) => (self.tell)(&format!("=> {shown}")),
                Err(RubyEnd::Uncaught { text, .. } | RubyEnd::Syntax(text)) => {
                    (self.tell)(text.trim_end())
                }
                Err(other) => return other,
            };
            if let Err(e) = told {
                return RubyEnd::Broken(lost(&e));
            }
        }
    }
}
