//! Where output goes: the terminal, and a stack of files above it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How `output` opens a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// A fresh file; what it held is gone.
    Push,
    /// Adds to the file.
    Append,
    /// A fresh file under a name that does not exist yet.
    PushNew,
}

struct Layer {
    file: File,
    path: PathBuf,
    /// Nothing below sees what is written.
    only: bool,
}

/// See the module text.
pub struct Output {
    terminal: Box<dyn Write>,
    files: Vec<Layer>,
}

impl Output {
    pub fn new(terminal: Box<dyn Write>) -> Output {
        Output {
            terminal,
            files: Vec::new(),
        }
    }

    /// Puts a file on the stack; answers its path.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn push(&mut self, path: &Path, opening: Opening, only: bool) -> io::Result<PathBuf> {
        let (file, path) = match opening {
            Opening::Push => (File::create(path)?, path.to_path_buf()),
            Opening::Append => (
                OpenOptions::new().create(true).append(true).open(path)?,
                path.to_path_buf(),
            ),
            Opening::PushNew => create_new(path)?,
        };
        self.files.push(Layer {
            file,
            path: path.clone(),
            only,
        });
        Ok(path)
    }

    /// Closes the file on top; answers its path, or `None` when there is none.
    ///
    /// # Errors
    /// When its last bytes cannot be written.
    pub fn pop(&mut self) -> io::Result<Option<PathBuf>> {
        match self.files.pop() {
            Some(mut layer) => {
                layer.file.flush()?;
                Ok(Some(layer.path))
            }
            None => Ok(None),
        }
    }

    /// Writes a line to the file on top and, unless that is the only one, to the terminal.
    ///
    /// # Errors
    /// A full disk, a closed pipe.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        let mut alone = false;
        if let Some(layer) = self.files.last_mut() {
            writeln!(layer.file, "{text}")?;
            alone = layer.only;
        }
        if !alone {
            writeln!(self.terminal, "{text}")?;
            self.terminal.flush()?;
        }
        Ok(())
    }
}

/// The file `path`, or `path` with the first free number before its extension.
fn create_new(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut candidate = path.to_path_buf();
    let mut number = 1;
    loop {
        match File::create_new(&candidate) {
            Ok(file) => return Ok((file, candidate)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let name = match path.extension() {
                    Some(extension) => {
                        format!("{stem}_{number}.{}", extension.to_string_lossy())
                    }
                    None => format!("{stem}_{number}"),
                };
                candidate = path.with_file_name(name);
                number += 1;
            }
            Err(e) => return Err(e),
        }
    }
}
