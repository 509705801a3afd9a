//! The Ruby kernel: its manifest names every file of its folders, and every file says what it holds.

use crate::Tree;

const KERNEL: &str = "ruby-src/kernel/";

/// Files that the manifest does not name, which nobody would miss until a method is missing, and files without a head.
pub fn kernel_mistakes(tree: &Tree) -> Vec<String> {
    let manifest = tree.text(&format!("{KERNEL}manifest")).unwrap_or("");
    let named: Vec<&str> = manifest.lines().map(str::trim).collect();
    let mut mistakes = Vec::new();
    for (path, text) in tree.ending(".rb") {
        let Some(name) = path.strip_prefix(KERNEL) else {
            continue;
        };
        if !named.contains(&name.trim_end_matches(".rb")) {
            mistakes.push(format!("{path} is not in the manifest"));
        }
        if !text.starts_with("# ") {
            mistakes.push(format!("{path} does not say what it holds"));
        }
    }
    mistakes
}
