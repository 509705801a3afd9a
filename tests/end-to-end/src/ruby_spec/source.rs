//! Where ruby/spec and mspec lie. Debian's source of ruby3.1 holds both; it is fetched once into the target directory.

use crate::programs::{directory, repository};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Status of `fetch` when the machine cannot have the source.
const NOT_TO_BE_HAD: i32 = 3;

/// Folders with ruby/spec and mspec.
pub struct Source {
    pub spec: PathBuf,
    pub mspec: PathBuf,
}

impl Source {
    /// The two folders, when they hold what their names say.
    ///
    /// # Errors
    /// Which file is missing.
    pub fn at(spec: &Path, mspec: &Path) -> Result<Source, String> {
        for needed in [spec.join("language"), mspec.join("bin/mspec-run")] {
            if !needed.exists() {
                return Err(format!("there is no {}", needed.display()));
            }
        }
        let full = |path: &Path| path.canonicalize().map_err(|e| e.to_string());
        Ok(Source {
            spec: full(spec)?,
            mspec: full(mspec)?,
        })
    }

    /// The folders of a Ruby source tree: `spec/ruby` and `spec/mspec`.
    ///
    /// # Errors
    /// As `at`.
    pub fn in_ruby_tree(tree: &Path) -> Result<Source, String> {
        Source::at(&tree.join("spec/ruby"), &tree.join("spec/mspec"))
    }

    /// Debian's: the tree `$MAGLEV_RUBY_SOURCE` names, else the one fetched before, else a fresh one from the mirror.
    ///
    /// # Errors
    /// Why it cannot be had: no mirror answers, or the machine has no apt.
    ///
    /// # Panics
    /// When the script that fetches it has a fault of its own.
    pub fn debian() -> Result<Source, String> {
        if let Some(tree) = std::env::var_os("MAGLEV_RUBY_SOURCE") {
            return Source::in_ruby_tree(Path::new(&tree));
        }
        let place = directory().join("ruby-spec-source");
        if let Ok(found) = Source::in_ruby_tree(&place.join("tree")) {
            return Ok(found);
        }
        let fetched = Command::new(repository().join("tests/ruby-spec/fetch"))
            .arg(&place)
            .output()
            .map_err(|e| format!("tests/ruby-spec/fetch does not start: {e}"))?;
        let said = String::from_utf8_lossy(&fetched.stderr).into_owned();
        match fetched.status.code() {
            Some(0) => {}
            Some(NOT_TO_BE_HAD) => return Err(said),
            _ => panic!("tests/ruby-spec/fetch failed:\n{said}"),
        }
        Source::in_ruby_tree(&place.join("tree"))
    }

    /// Spec files below a folder such as `language`, by name relative to `spec`.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn files(&self, folder: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut waiting = vec![self.spec.join(folder)];
        while let Some(path) = waiting.pop() {
            let entries = path
                .read_dir()
                .map_err(|e| format!("{}: {e}", path.display()))?;
            for entry in entries.flatten() {
                let path = entry.path();
                let name = path.strip_prefix(&self.spec).expect("a file below spec");
                if path.is_dir() {
                    waiting.push(path);
                } else if name.to_string_lossy().ends_with("_spec.rb") {
                    found.push(name.to_string_lossy().into_owned());
                }
            }
        }
        found.sort();
        Ok(found)
    }
}
