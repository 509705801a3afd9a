//! The engine: reads lines, finds their commands, runs them, counts what fails.
//!
//! Must not know: how a session works (`session::Session`), what the commands do (`commands`).

use crate::command::{Command, Request, Text, command_named, split_line};
use crate::errors::{Complaint, OnError};
use crate::expectation::Expectation;
use crate::input::{Inputs, Read};
use crate::output::Output;
use crate::session::{Gate, Language, Session, Value};
use crate::settings::{Display, Settings};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// What a command wants next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    Next,
    /// Leave topaz with this status.
    Exit(i32),
}

/// What a command's handler answers.
pub type Done = Result<Flow, Complaint>;

/// An open session and what topaz keeps beside it.
pub struct Open {
    pub session: Box<dyn Session>,
    /// `**`
    pub last: Option<Value>,
    /// Names given by `define`.
    pub names: BTreeMap<String, Value>,
    /// The stack level that frame commands look at.
    pub level: usize,
}

/// Reads an environment variable.
pub type Variables = Box<dyn Fn(&str) -> Option<String>>;

/// See the module text.
pub struct Topaz {
    pub gate: Box<dyn Gate>,
    /// Session n is at n - 1; a closed one leaves a hole, so that the others keep their numbers.
    pub sessions: Vec<Option<Open>>,
    /// Index of the session that commands go to.
    pub current: Option<usize>,
    pub settings: Settings,
    pub display: Display,
    pub inputs: Inputs,
    pub output: Output,
    pub on_error: OnError,
    pub expected: Vec<Expectation>,
    /// The value of the running command, for `expectvalue`.
    pub result: Option<Value>,
    /// The language in which the running command shows objects.
    pub printing: Language,
    pub history: VecDeque<String>,
    pub variables: Variables,
    pub started: Instant,
    /// When the last `time` command ran, and the processor time it saw.
    pub timed: (Instant, Duration),
    /// Nobody can read what is said: leave.
    output_lost: bool,
}

impl Topaz {
    pub fn new(gate: Box<dyn Gate>, inputs: Inputs, output: Output, variables: Variables) -> Topaz {
        let now = Instant::now();
        Topaz {
            gate,
            sessions: Vec::new(),
            current: None,
            settings: Settings::default(),
            display: Display::default(),
            inputs,
            output,
            on_error: OnError::default(),
            expected: Vec::new(),
            result: None,
            printing: Language::Smalltalk,
            history: VecDeque::new(),
            variables,
            started: now,
            timed: (now, Duration::ZERO),
            output_lost: false,
        }
    }

    /// Obeys every line; answers the exit status.
    pub fn run(&mut self) -> i32 {
        loop {
            if self.output_lost {
                return 1;
            }
            let prompt = self.prompt();
            match self.inputs.read(&prompt) {
                Ok(Read::Line(line)) => {
                    if let Flow::Exit(status) = self.obey(&line) {
                        return status;
                    }
                }
                Ok(Read::Interrupted) => {}
                Ok(Read::End) => {
                    if !self.inputs.pop() {
                        return self.status_by_errors();
                    }
                }
                Err(e) => {
                    let place = self.inputs.place();
                    let complaint = Complaint::Wrong(format!("cannot read on at {place}: {e}"));
                    if let Flow::Exit(status) = self.failed(&complaint) {
                        return status;
                    }
                    if !self.inputs.pop() {
                        return 1;
                    }
                }
            }
        }
    }

    /// The status that tells whether commands failed. A person has seen the errors.
    pub fn status_by_errors(&self) -> i32 {
        let seen = self.inputs.is_interactive() && self.inputs.depth() == 0;
        i32::from(self.on_error.count > 0 && !seen)
    }

    /// `topaz 1> `
    pub fn prompt(&self) -> String {
        match self.current {
            Some(index) => format!("topaz {}> ", index + 1),
            None => "topaz> ".to_string(),
        }
    }

    /// Obeys one line (and the text after it).
    pub fn obey(&mut self, line: &str) -> Flow {
        if self.display.echo && !self.inputs.is_interactive() {
            let prompt = self.prompt();
            self.say(&format!("{prompt}{line}"));
        }
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('!') {
            return Flow::Next;
        }
        self.note_history(trimmed);
        match self.perform(trimmed) {
            Ok(flow) => flow,
            Err(complaint) => self.failed(&complaint),
        }
    }

    fn note_history(&mut self, line: &str) {
        // A password does not belong into a file.
        if line.to_lowercase().contains("pass") {
            return;
        }
        if self.inputs.is_interactive() {
            self.inputs.remember(line);
        }
        self.history.push_back(line.to_string());
        while self.history.len() > self.settings.history_max {
            self.history.pop_front();
        }
    }

    fn perform(&mut self, line: &str) -> Done {
        if !self.on_error.running {
            self.inputs.begin_command();
        }
        let (word, rest) = split_line(line);
        let command = command_named(word).map_err(|e| Complaint::Wrong(e.to_string()))?;
        let Some(request) = self.request(command, rest)? else {
            return Ok(Flow::Next);
        };
        self.printing = Language::Smalltalk;
        if !command.executes {
            return self.handle(command, &request);
        }
        self.result = None;
        let expected = std::mem::take(&mut self.expected);
        let outcome = self.handle(command, &request);
        self.judge(&expected, outcome)
    }

    /// Lets a command do its work. A bug inside of it ends the session that it worked on, not topaz.
    fn handle(&mut self, command: &Command, request: &Request) -> Done {
        let at = self.current;
        gem_session::guarded(|| (command.handler)(self, request)).unwrap_or_else(|e| {
            let broken = at.and_then(|index| self.sessions.get_mut(index)?.take());
            if broken.is_none() {
                return Err(Complaint::Wrong(e.to_string()));
            }
            gem_session::discard(broken);
            self.result = None;
            self.current = self.sessions.iter().rposition(Option::is_some);
            Err(Complaint::Wrong(format!(
                "{e}; the session has ended, login opens another one"
            )))
        })
    }

    /// The request with its text; `None` when the user gave it up.
    fn request(&mut self, command: &Command, rest: &str) -> Result<Option<Request>, Complaint> {
        let mut request = Request {
            rest: rest.to_string(),
            text: String::new(),
        };
        match command.text {
            Text::None => {}
            Text::Either if !rest.is_empty() => {
                let text = rest.strip_suffix('%').unwrap_or(rest);
                request.text = format!("{}\n", text.trim_end());
                request.rest.clear();
            }
            Text::Either | Text::Lines => match self.read_text(command.name)? {
                Some(text) => request.text = text,
                None => return Ok(None),
            },
        }
        Ok(Some(request))
    }

    /// Lines up to one that begins with `%`.
    fn read_text(&mut self, command: &str) -> Result<Option<String>, Complaint> {
        let start = self.inputs.place();
        let mut text = String::new();
        loop {
            match self.inputs.read("")? {
                Read::Line(line) => {
                    if self.display.echo && !self.inputs.is_interactive() {
                        self.say(&line);
                    }
                    if line.starts_with('%') {
                        return Ok(Some(text));
                    }
                    text.push_str(&line);
                    text.push('\n');
                }
                Read::Interrupted => return Ok(None),
                Read::End => {
                    return Err(Complaint::Wrong(format!(
                        "the text of {command} at {start} does not end: put a line with % after it"
                    )));
                }
            }
        }
    }

    /// Writes a line to where output goes.
    pub fn say(&mut self, text: &str) {
        if self.output.line(text).is_err() {
            self.output_lost = true;
        }
    }

    /// The session that commands go to.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(&mut self) -> Result<&mut Open, Complaint> {
        self.current
            .and_then(|index| self.sessions.get_mut(index))
            .and_then(Option::as_mut)
            .ok_or_else(|| Complaint::Wrong("no session is open; login opens one".to_string()))
    }

    /// As `open`, the session only.
    ///
    /// # Errors
    /// When there is none.
    pub fn session(&mut self) -> Result<&mut dyn Session, Complaint> {
        Ok(self.open()?.session.as_mut())
    }
}
