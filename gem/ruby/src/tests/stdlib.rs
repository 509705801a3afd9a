//! A large body of Ruby that other people wrote, where the machine has it.

use super::check;
use crate::compile_script;
use std::path::{Path, PathBuf};

fn ruby_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            ruby_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rb") {
            out.push(path);
        }
    }
}

#[test]
fn the_installed_standard_library_compiles() {
    let mut files = Vec::new();
    ruby_files(Path::new("/usr/lib/ruby"), &mut files);
    let mut refused = Vec::new();
    for path in &files {
        let source = std::fs::read(path).expect("a readable file");
        match compile_script(&source, &path.to_string_lossy(), 1) {
            Ok(code) => check(&code),
            Err(e) => refused.push(e.to_string()),
        }
    }
    println!("{} files compiled", files.len() - refused.len());
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
