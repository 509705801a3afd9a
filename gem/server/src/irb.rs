//! `gem irb`: interactive Ruby with line editing and history; plain when the input is no terminal.

use crate::open::open_session;
use crate::place::Place;
use crate::ruby_command::{finish, library_line};
use gem_session::{RubyEnd, Session};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::io::IsTerminal;

/// Runs the words after `gem irb`; answers the exit status.
pub fn run(words: &[String]) -> u8 {
    let mut place = Place::from_environment();
    let mut at = 0;
    while at < words.len() {
        match Place::option(words, at) {
            Ok(Some((found, taken))) => {
                place = found;
                at += taken;
            }
            Ok(None) => {
                eprintln!("gem irb: invalid option {}", words[at]);
                return 2;
            }
            Err(e) => {
                eprintln!("gem irb: {e}");
                return 2;
            }
        }
    }
    match open_session(&place, "gem irb") {
        Ok(mut session) => {
            let end = match session.start_ruby("irb", &[]) {
                Ok(()) => {
                    crate::interrupt::listen(&session);
                    converse(&mut session)
                }
                Err(end) => end,
            };
            finish(&mut session, end) as u8
        }
        Err(e) => {
            eprintln!("gem irb: {e}");
            1
        }
    }
}

/// Where lines come from.
enum Input {
    Terminal(Box<DefaultEditor>),
    Plain,
}

impl Input {
    fn open() -> Input {
        match DefaultEditor::new() {
            Ok(editor) if std::io::stdin().is_terminal() => Input::Terminal(Box::new(editor)),
            _ => Input::Plain,
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
            Input::Plain => {
                let mut line = String::new();
                match std::io::stdin().read_line(&mut line) {
                    Ok(0) | Err(_) => None,
                    Ok(_) => Some(Ok(line.trim_end_matches(['\n', '\r']).to_string())),
                }
            }
        }
    }
}

/// Reads, evaluates in one binding, prints; until the end of input or `exit`.
fn converse(session: &mut Session) -> RubyEnd {
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
    session.vm.hold(binding);
    let mut input = Input::open();
    let (mut text, mut first, mut number) = (String::new(), 1, 0);
    loop {
        let prompt = if text.is_empty() {
            format!("irb:{:03}> ", number + 1)
        } else {
            format!("irb:{:03}* ", number + 1)
        };
        // While nobody types, the stone need not keep this session's view.
        if let Err(e) = gem_session::rest(&mut session.vm) {
            return RubyEnd::Broken(e.to_string());
        }
        let line = input.line(&prompt);
        if let Err(e) = gem_session::resume(&mut session.vm) {
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
        match session.evaluate_ruby(binding, &source, "(irb)", first) {
            Ok(shown) => println!("=> {shown}"),
            Err(RubyEnd::Uncaught { text, .. } | RubyEnd::Syntax(text)) => {
                println!("{}", text.trim_end())
            }
            Err(other) => return other,
        }
    }
}
