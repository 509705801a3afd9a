//! Commands that fail: how, how often, and what runs then.

use crate::input::Read;
use crate::session::Failure;
use crate::topaz::{Flow, Topaz};
use std::io;

/// Why a command failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Complaint {
    /// The command was used wrongly, or something outside the session failed. The text says what to do.
    Wrong(String),
    /// The session raised an error.
    Failed(Failure),
}

impl From<String> for Complaint {
    fn from(text: String) -> Complaint {
        Complaint::Wrong(text)
    }
}

impl From<&str> for Complaint {
    fn from(text: &str) -> Complaint {
        Complaint::Wrong(text.to_string())
    }
}

impl From<Failure> for Complaint {
    fn from(failure: Failure) -> Complaint {
        Complaint::Failed(failure)
    }
}

impl From<io::Error> for Complaint {
    fn from(e: io::Error) -> Complaint {
        Complaint::Wrong(e.to_string())
    }
}

/// Commands of `iferr`, numbered from 1.
pub const IF_ERR_MAX: usize = 10;

/// See the module text.
#[derive(Default)]
pub struct OnError {
    /// Commands that failed since topaz started.
    pub count: usize,
    commands: [Option<String>; IF_ERR_MAX],
    /// The commands of `iferr` run now: errors in them are shown, no more.
    pub running: bool,
}

impl OnError {
    /// Puts a command in place `number`, or takes it out.
    ///
    /// # Errors
    /// A number outside 1 to 10.
    pub fn set(&mut self, number: usize, command: Option<String>) -> Result<(), String> {
        let place = number
            .checked_sub(1)
            .and_then(|i| self.commands.get_mut(i))
            .ok_or_else(|| format!("iferr has places 1 to {IF_ERR_MAX}, not {number}"))?;
        *place = command.filter(|c| !c.trim().is_empty());
        Ok(())
    }

    pub fn clear(&mut self) {
        self.commands = Default::default();
    }

    /// Whether no command runs on an error.
    pub fn is_quiet(&self) -> bool {
        self.commands.iter().all(Option::is_none)
    }

    /// (number, command) of the places that are filled.
    pub fn list(&self) -> Vec<(usize, String)> {
        let numbered = self.commands.iter().enumerate();
        numbered
            .filter_map(|(i, c)| c.clone().map(|c| (i + 1, c)))
            .collect()
    }

    pub fn commands_in_order(&self) -> Vec<String> {
        self.commands.iter().flatten().cloned().collect()
    }
}

impl Topaz {
    /// Reports an error, counts it, runs the commands of `iferr`.
    pub fn failed(&mut self, complaint: &Complaint) -> Flow {
        let stopped = match complaint {
            Complaint::Failed(failure) if failure.halt => return self.halted(failure),
            Complaint::Failed(failure) => {
                self.say(&describe(failure));
                self.say_place(failure.line);
                failure.stopped
            }
            Complaint::Wrong(text) => {
                self.say(&format!("ERROR: {text}"));
                self.say_place(0);
                false
            }
        };
        if self.on_error.running {
            return Flow::Next;
        }
        self.on_error.count += 1;
        if stopped {
            if let Ok(open) = self.open() {
                open.level = 1;
            }
            if self.on_error.is_quiet() && self.inputs.is_interactive() {
                self.say("The process is stopped: where, stack and list show it, giveup ends it.");
            }
        }
        self.on_error.running = true;
        let mut flow = Flow::Next;
        for command in self.on_error.commands_in_order() {
            flow = self.obey(&command);
            if flow != Flow::Next {
                break;
            }
        }
        self.on_error.running = false;
        if flow == Flow::Next && self.display.pause_on_error {
            flow = self.pause();
        }
        flow
    }

    /// Says where in an input file the command stands that failed, or the wrong line of its text.
    fn say_place(&mut self, line_of_text: u32) {
        if self.inputs.depth() > 0 && !self.on_error.running {
            let place = self.inputs.place_of_text(line_of_text);
            self.say(&format!("    at {place}"));
        }
    }

    /// Reports a breakpoint or the end of a step, which is no error: nothing is counted, no command of `iferr` runs.
    fn halted(&mut self, failure: &Failure) -> Flow {
        self.say(&failure.text);
        if let Ok(open) = self.open() {
            open.level = 1;
        }
        Flow::Next
    }

    /// Waits for a person, when one is there and a file is being read.
    fn pause(&mut self) -> Flow {
        match self
            .inputs
            .ask("topaz stopped after an error: return goes on, exit leaves> ")
        {
            Some(Read::Line(answer)) if answer.trim().eq_ignore_ascii_case("exit") => Flow::Exit(1),
            _ => Flow::Next,
        }
    }
}

/// `ERROR 2010 , text (Class)`; lines after the text's first one follow as they are.
pub fn describe(failure: &Failure) -> String {
    let text = failure.text.trim_end();
    let (first, more) = text.split_at(text.find('\n').unwrap_or(text.len()));
    let class = format!(" ({})", failure.class());
    // Ruby's own messages name the class already.
    let class = if first.ends_with(&class) { "" } else { &class };
    format!("ERROR {} , {first}{class}{more}", failure.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_number_text_and_class_once() {
        let line = |text| describe(&Failure::plain(2004, "ArgumentError", text));
        assert_eq!(line("no"), "ERROR 2004 , no (ArgumentError)");
        assert_eq!(line("no\n  ^\n"), "ERROR 2004 , no (ArgumentError)\n  ^");
        assert_eq!(
            line("no (ArgumentError)"),
            "ERROR 2004 , no (ArgumentError)"
        );
    }
}
