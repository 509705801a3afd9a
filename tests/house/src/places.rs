//! What lies at the top, and that no file knows the machine it was written on.

use crate::Tree;

/// Exactly these lie at the top, beside dot files and what is made (`target`, `build`).
pub const TOP: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "bin",
    "docker",
    "docs",
    "format",
    "gem",
    "image-builder",
    "proto",
    "ruby-src",
    "smalltalk-src",
    "stone",
    "tests",
    "topaz",
];

/// Entries at the top that should not be there, and those that should and are not.
pub fn strangers_at_the_top(tree: &Tree) -> Vec<String> {
    let mut mistakes = Vec::new();
    for entry in tree.top() {
        let made = entry == "target" || entry == "build";
        if !made && !entry.starts_with('.') && !TOP.contains(&entry.as_str()) {
            mistakes.push(format!("{entry} does not belong at the top"));
        }
    }
    for wanted in TOP {
        if !tree.has(wanted) {
            mistakes.push(format!("{wanted} is missing"));
        }
    }
    mistakes
}

/// Absolute paths of somebody's own directories. In pieces, so that this file does not find itself.
const OWN_PLACES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!(".lib", "rary"),
    concat!("/target-", "house"),
];

/// Files that mention such a path.
pub fn own_places(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.files() {
        for (number, line) in text.lines().enumerate() {
            for place in OWN_PLACES {
                if line.contains(place) {
                    found.push(format!("{path}:{}: {place}", number + 1));
                }
            }
        }
    }
    found
}
