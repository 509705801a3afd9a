//! Primitives that the sources bind and this build does not have. Their methods run the body instead, so it is no error, but it is said.

use gem_session::Session;
use std::collections::BTreeSet;

/// Names, each once.
#[derive(Default)]
pub struct Missing(BTreeSet<String>);

/// Helpers of the compiler that look like primitives.
const HELPERS: &[&str] = &["undefined", "undefined?"];

impl Missing {
    /// Looks through a source text for `marker` followed by a primitive's name.
    pub fn look(&mut self, session: &Session, source: &str, marker: &str) {
        for (at, _) in source.match_indices(marker) {
            let rest = &source[at + marker.len()..];
            let end = rest
                .find(|c: char| c != '_' && c != '?' && !c.is_alphanumeric())
                .unwrap_or(rest.len());
            let name = &rest[..end];
            if !name.is_empty() && !HELPERS.contains(&name) && !session.vm.has_primitive(name) {
                self.0.insert(name.to_string());
            }
        }
    }

    /// A line for people, when there is anything to say.
    pub fn line(&self) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        Some(format!(
            "{} primitives that the sources bind are not in this build: {}",
            names.len(),
            names.join(" ")
        ))
    }
}
