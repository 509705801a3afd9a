//! Documents name real things: every path, every `file::function` and every `Type::function` in
//! back quotes is looked up in the sources.

use crate::Tree;

/// The documents that are held to it.
pub fn checked(path: &str) -> bool {
    path == "README.md"
        || (path.starts_with("docs/paths/") && path.ends_with(".md"))
        || [
            "docs/architecture.md",
            "docs/glossary.md",
            "docs/hacking.md",
            "docs/frames.md",
            "docs/invariants.md",
        ]
        .contains(&path)
}

/// Names in documents that do not exist.
pub fn dead_names(tree: &Tree) -> Vec<String> {
    let mut dead = Vec::new();
    for (path, text) in tree.ending(".md").filter(|(path, _)| checked(path)) {
        for (number, line) in prose(text) {
            for name in quoted(line).chain(links(line)) {
                if let Some(why) = mistake(tree, path, name) {
                    dead.push(format!("{path}:{number}: `{name}`: {why}"));
                }
            }
        }
    }
    dead
}

/// Lines outside fenced blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(i, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((i + 1, line))
    })
}

fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Targets of links to files of the repository.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
}

/// Why `name` does not hold, when it is one that can be looked up.
fn mistake(tree: &Tree, document: &str, name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    let name = name.trim_end_matches("()");
    if name.is_empty() || !name.chars().all(plain) || name.starts_with('/') {
        return None;
    }
    if let Some((left, right)) = name.rsplit_once("::") {
        return double_colon(tree, left, right);
    }
    let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
    let file = ["rs", "md", "rb", "st", "proto", "toml"].contains(&extension);
    let first = name.split('/').next().unwrap_or("");
    let directory = name.contains('/') && tree.top().iter().any(|t| t == first);
    if !file && !directory {
        return None;
    }
    let beside = match document.rsplit_once('/') {
        Some((directory, _)) => resolve(directory, name),
        None => name.to_string(),
    };
    let by_name = !name.contains('/') && tree.files().any(|(p, _)| ends_with_path(p, name));
    // A made directory is named as it will be.
    let made = first == "build" || first == "target";
    let known = tree.has(name) || tree.has(&beside) || by_name || made;
    (!known).then(|| "there is no such file".to_string())
}

/// `a/b` + `../c/d` = `a/c/d`.
fn resolve(directory: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').collect();
    for part in relative.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn ends_with_path(path: &str, name: &str) -> bool {
    path == name || path.ends_with(&format!("/{name}"))
}

/// `file::function`, `crate::item`, `Type::function`, and Ruby's `Module::Constant`.
fn double_colon(tree: &Tree, left: &str, right: &str) -> Option<String> {
    let is_file = left.contains('/') || left.contains('.');
    let base = if is_file {
        let base = left.split("::").next().unwrap_or(left);
        let candidates: Vec<(&str, &str)> = tree
            .files()
            .filter(|(p, _)| ends_with_path(p, base) || ends_with_path(p, &format!("{base}.rs")))
            .collect();
        if candidates.is_empty() {
            return Some(format!("there is no file {base}"));
        }
        candidates
    } else {
        let stem = left.rsplit("::").next().unwrap_or(left);
        let by_stem: Vec<(&str, &str)> = tree
            .ending(".rs")
            .filter(|(p, _)| {
                ends_with_path(p, &format!("{stem}.rs"))
                    || ends_with_path(p, &format!("{stem}/mod.rs"))
                    || p.starts_with(&format!("{}/", stem.replacen('_', "/", 1)))
            })
            .collect();
        if by_stem.is_empty() {
            tree.files()
                .filter(|(p, t)| (p.ends_with(".rs") || p.ends_with(".rb")) && names_type(t, stem))
                .collect()
        } else {
            by_stem
        }
    };
    let known = base.iter().any(|(_, text)| defines(text, right));
    (!known).then(|| format!("{left} has no {right}"))
}

fn names_type(text: &str, name: &str) -> bool {
    ["struct ", "enum ", "trait ", "class ", "module ", "impl "]
        .iter()
        .any(|word| followed_by(text, word, name))
}

/// Whether a Rust or Ruby source defines the name, as anything at all.
fn defines(text: &str, name: &str) -> bool {
    let words = [
        "fn ",
        "struct ",
        "enum ",
        "trait ",
        "mod ",
        "const ",
        "static ",
        "type ",
        "macro_rules! ",
        "message ",
        "def ",
        "def self.",
        "class ",
        "module ",
    ];
    words.iter().any(|word| followed_by(text, word, name))
        // A variant, a field, a table's row, a Ruby constant.
        || text.lines().any(|line| {
            let rest = line.trim_start().trim_start_matches("pub ").strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([',', '(', ' ', ':', '=', '{']))
        })
}

/// Whether `word` occurs with exactly `name` behind it.
fn followed_by(text: &str, word: &str, name: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        text[at + word.len()..]
            .strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}
