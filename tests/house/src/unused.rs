//! Dependencies that nothing names: each is time for whoever builds, and a promise of something that is not there.

use crate::Tree;
use crate::manifest::{dependencies, package_name};

/// Named by code that a build script generates.
const GENERATED: &[(&str, &str)] = &[("proto", "bytes"), ("proto", "tonic-prost")];

/// Dependencies of a crate that none of its sources names.
pub fn unused_dependencies(tree: &Tree) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (path, text) in tree.ending("Cargo.toml") {
        let Some(package) = package_name(text) else {
            continue;
        };
        let folder = path.trim_end_matches("Cargo.toml");
        let sources = || {
            tree.ending(".rs")
                .filter(|(file, _)| file.starts_with(folder))
        };
        for dependency in dependencies(text) {
            let name = dependency.name.replace('-', "_");
            let generated = GENERATED.contains(&(&package, &dependency.name));
            if !generated && !sources().any(|(_, source)| names(source, &name)) {
                mistakes.push(format!("{path}: nothing names {}", dependency.name));
            }
        }
    }
    mistakes
}

/// Whether a source has `name` as a word of its own, followed by `::`, or in a `use`.
fn names(source: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(name).any(|(at, _)| {
        let before = source[..at].chars().next_back();
        let after = &source[at + name.len()..];
        before.is_none_or(|c| !word(c))
            && (after.starts_with("::") || after.starts_with(';') || after.starts_with(" as "))
    })
}
