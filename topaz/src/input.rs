//! Where lines come from: a terminal with line editing, a pipe, and a stack of files above them.

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

/// Deepest nesting of `input`: a file that reads itself ends here.
pub const INPUTS_MAX: usize = 64;

/// What reading a line gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Read {
    Line(String),
    /// This source has no more lines.
    End,
    /// Ctrl-C at the prompt: forget what was typed.
    Interrupted,
}

/// A source of lines.
pub trait Source {
    /// # Errors
    /// When the source cannot be read.
    fn read(&mut self, prompt: &str) -> io::Result<Read>;

    /// Whether a person types the lines.
    fn is_interactive(&self) -> bool {
        false
    }

    /// Lines worth keeping for the next session are remembered here.
    fn remember(&mut self, _line: &str) {}
}

/// Lines of a file or pipe.
pub struct Lines<R>(pub R);

impl<R: BufRead> Source for Lines<R> {
    fn read(&mut self, _prompt: &str) -> io::Result<Read> {
        let mut bytes = Vec::new();
        if self.0.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(Read::End);
        }
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        Ok(Read::Line(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// A terminal, with editing and history.
pub struct Terminal {
    editor: DefaultEditor,
    history: Option<PathBuf>,
}

impl Terminal {
    /// A terminal whose history lives in `history`.
    ///
    /// # Errors
    /// When the terminal cannot be set up.
    pub fn open(history: Option<PathBuf>) -> io::Result<Terminal> {
        let mut editor = DefaultEditor::new().map_err(io::Error::other)?;
        if let Some(path) = &history {
            // A missing or damaged history is no reason not to work.
            let _ = editor.load_history(path);
        }
        Ok(Terminal { editor, history })
    }
}

impl Source for Terminal {
    fn read(&mut self, prompt: &str) -> io::Result<Read> {
        match self.editor.readline(prompt) {
            Ok(line) => Ok(Read::Line(line)),
            Err(ReadlineError::Eof) => Ok(Read::End),
            Err(ReadlineError::Interrupted) => Ok(Read::Interrupted),
            Err(ReadlineError::Io(e)) => Err(e),
            Err(other) => Err(io::Error::other(other)),
        }
    }

    fn is_interactive(&self) -> bool {
        true
    }

    fn remember(&mut self, line: &str) {
        let _ = self.editor.add_history_entry(line);
        if let Some(path) = &self.history {
            if let Some(directory) = path.parent() {
                let _ = std::fs::create_dir_all(directory);
            }
            let _ = self.editor.append_history(path);
        }
    }
}

struct Layer {
    source: Box<dyn Source>,
    name: String,
    line: u32,
    /// Lines before the text that was read last, or before the line of a command without text.
    text_after: u32,
}

/// The stack of sources.
pub struct Inputs {
    layers: Vec<Layer>,
}

impl Inputs {
    pub fn new(bottom: Box<dyn Source>, name: &str) -> Inputs {
        let layer = Layer {
            source: bottom,
            name: name.to_string(),
            line: 0,
            text_after: 0,
        };
        Inputs {
            layers: vec![layer],
        }
    }

    /// Reads from a file from now on.
    ///
    /// # Errors
    /// A file that cannot be opened, too many nested ones.
    pub fn push(&mut self, path: &Path) -> Result<(), String> {
        if self.layers.len() > INPUTS_MAX {
            return Err(format!(
                "{}: input files are nested more than {INPUTS_MAX} deep; does one read itself?",
                path.display()
            ));
        }
        let file = std::fs::File::open(path)
            .and_then(|f| f.metadata().map(|m| (f, m)))
            .map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        if file.1.is_dir() {
            return Err(format!("cannot read {}: it is a directory", path.display()));
        }
        self.layers.push(Layer {
            source: Box::new(Lines(io::BufReader::new(file.0))),
            name: path.display().to_string(),
            line: 0,
            text_after: 0,
        });
        Ok(())
    }

    /// Leaves the file that is being read; answers whether there was one above the bottom.
    pub fn pop(&mut self) -> bool {
        let above = self.layers.len() > 1;
        if above {
            self.layers.pop();
        }
        above
    }

    /// Number of files being read above the bottom source.
    pub fn depth(&self) -> usize {
        self.layers.len() - 1
    }

    /// A command begins with the line read last; its text, if it has one, follows.
    pub fn begin_command(&mut self) {
        if let Some(layer) = self.layers.last_mut() {
            layer.text_after = layer.line;
        }
    }

    /// `name:line` of a line of the command's text, from 1; 0 is the line of the command itself.
    pub fn place_of_text(&self, line: u32) -> String {
        self.layers.last().map_or_else(String::new, |l| {
            format!("{}:{}", l.name, l.text_after + line)
        })
    }

    /// `name:line` of the line read last.
    pub fn place(&self) -> String {
        self.layers
            .last()
            .map_or_else(String::new, |l| format!("{}:{}", l.name, l.line))
    }

    /// Whether lines now come from a person.
    pub fn is_interactive(&self) -> bool {
        self.layers
            .last()
            .is_some_and(|l| l.source.is_interactive())
    }

    /// The next line of the source on top. An ended file stays until `pop`.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn read(&mut self, prompt: &str) -> io::Result<Read> {
        let Some(layer) = self.layers.last_mut() else {
            return Ok(Read::End);
        };
        layer.line += 1;
        layer.source.read(prompt)
    }

    /// Asks the person at the bottom source something while a file is being read; `None` when there is nobody.
    pub fn ask(&mut self, prompt: &str) -> Option<Read> {
        let above = self.depth() > 0;
        let bottom = self.layers.first_mut()?;
        if !above || !bottom.source.is_interactive() {
            return None;
        }
        bottom.source.read(prompt).ok()
    }

    pub fn remember(&mut self, line: &str) {
        if let Some(layer) = self.layers.last_mut() {
            layer.source.remember(line);
        }
    }
}
