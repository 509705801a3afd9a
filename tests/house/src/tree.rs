//! The files of the repository, read once, or a small tree written down in a test.

use std::path::{Path, PathBuf};

/// Paths relative to the top, with `/`, sorted; contents where they are text.
#[derive(Default)]
pub struct Tree {
    files: Vec<(String, String)>,
    top: Vec<String>,
}

/// Directories that are made, not written.
const MADE: &[&str] = &[".git", "target", "build"];

impl Tree {
    /// The repository this crate lies in.
    ///
    /// # Panics
    /// When its files cannot be read.
    pub fn of_the_sources() -> Tree {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut tree = Tree::default();
        let mut waiting = vec![PathBuf::new()];
        while let Some(directory) = waiting.pop() {
            let entries = std::fs::read_dir(top.join(&directory)).expect("a readable directory");
            for entry in entries {
                let entry = entry.expect("a readable entry");
                let name = entry.file_name().into_string().expect("a name in UTF-8");
                let kind = entry.file_type().expect("a kind");
                let inside = directory.join(&name);
                if directory.as_os_str().is_empty() {
                    tree.top.push(name.clone());
                }
                if kind.is_dir() && !MADE.contains(&name.as_str()) {
                    waiting.push(inside);
                } else if kind.is_file() && !name.ends_with(".dbf") {
                    let bytes = std::fs::read(top.join(&inside)).expect("a readable file");
                    let path = inside.to_str().expect("a path in UTF-8").to_string();
                    tree.files
                        .push((path, String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
        }
        tree.files.sort();
        tree.top.sort();
        tree
    }

    /// A tree for a test: `(path, text)` pairs.
    pub fn written(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            tree.files.push(((*path).to_string(), (*text).to_string()));
            let first = path.split('/').next().unwrap_or(path).to_string();
            if !tree.top.contains(&first) {
                tree.top.push(first);
            }
        }
        tree
    }

    /// Names of the entries at the top.
    pub fn top(&self) -> &[String] {
        &self.top
    }

    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(p, t)| (p.as_str(), t.as_str()))
    }

    /// Files whose path ends so.
    pub fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.ends_with(end))
    }

    pub fn text(&self, path: &str) -> Option<&str> {
        self.files().find(|(p, _)| *p == path).map(|(_, t)| t)
    }

    /// Whether there is such a file or directory; a `/` at the end is allowed.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let directory = format!("{path}/");
        self.files()
            .any(|(p, _)| p == path || p.starts_with(&directory))
            || self.top.iter().any(|t| t == path)
    }
}
