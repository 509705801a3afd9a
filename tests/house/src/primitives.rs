//! Primitives: a row that no method binds is code that nobody can call.

use crate::Tree;
use std::collections::BTreeSet;

/// Rows of `primitives!` tables that neither library nor the Rust code that makes methods names.
pub fn unbound_primitives(tree: &Tree) -> Vec<String> {
    let mut bound = BTreeSet::new();
    for (_, text) in tree.ending(".rb") {
        bound.extend(words_after(text, "Primitive.").map(camel_case));
    }
    for (_, text) in tree.ending(".st") {
        bound.extend(words_after(text, "<primitive: ").map(str::to_string));
    }
    let shipped = || {
        tree.ending(".rs")
            .filter(|(path, _)| path.contains("/src/"))
    };
    let mut mistakes = Vec::new();
    for (path, text) in shipped() {
        for name in rows(text) {
            let quoted = format!("\"{name}\"");
            let made = || shipped().any(|(_, text)| text.contains(&quoted));
            if !bound.contains(name) && !made() {
                mistakes.push(format!("{path}: no method binds the primitive {name}"));
            }
        }
    }
    mistakes
}

/// Names of the rows of a file's table.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    let table = text
        .split_once("\nprimitives! {\n")
        .and_then(|(_, rest)| rest.split_once("\n}"));
    let lines = table.map_or("", |(table, _)| table).lines();
    lines.filter_map(|line| {
        let (name, _) = line.trim().split_once(" => ")?;
        name.chars()
            .all(|c| c.is_ascii_alphanumeric())
            .then_some(name)
    })
}

fn words_after<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// `some_name` → `someName`, as the machine reads Ruby's names of primitives.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let mut out = parts.next().unwrap_or("").to_string();
    for part in parts {
        let mut letters = part.chars();
        out.extend(letters.next().map(|c| c.to_ascii_uppercase()));
        out.extend(letters);
    }
    out
}
