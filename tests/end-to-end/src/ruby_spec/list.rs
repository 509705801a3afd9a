//! Lists of examples that fail: one line each, the file, a tab, the description. `#` begins a comment.

use super::results::{FileResult, Outcome};
use std::collections::BTreeMap;
use std::path::Path;

/// How many failing examples of each file and description a list allows: some descriptions occur more than once in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List(BTreeMap<(String, String), usize>);

impl List {
    /// # Errors
    /// What is wrong with the file.
    pub fn read(path: &Path) -> Result<List, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        List::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    /// # Errors
    /// The line without a tab.
    pub fn parse(text: &str) -> Result<List, String> {
        let mut list = List::default();
        for line in text.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (file, description) = line
                .split_once('\t')
                .ok_or_else(|| format!("no tab in {line:?}"))?;
            list.add(file, description);
        }
        Ok(list)
    }

    /// The examples of `results` that fail.
    pub fn failing(results: &[FileResult]) -> List {
        let mut list = List::default();
        for (file, example) in examples(results) {
            if example.outcome != Outcome::Pass {
                list.add(file, &example.description);
            }
        }
        list
    }

    fn add(&mut self, file: &str, description: &str) {
        let key = (file.to_string(), description.to_string());
        *self.0.entry(key).or_default() += 1;
    }

    /// Number of examples.
    pub fn len(&self) -> usize {
        self.0.values().sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in `self` and not in `others`, as lines.
    pub fn without(&self, others: &[&List]) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, &count) in &self.0 {
            let allowed: usize = others.iter().filter_map(|l| l.0.get(key)).sum();
            for _ in allowed..count {
                lines.push(format!("{}\t{}", key.0, key.1));
            }
        }
        lines
    }

    /// The lines of the list.
    pub fn lines(&self) -> Vec<String> {
        self.without(&[])
    }
}

fn examples(results: &[FileResult]) -> impl Iterator<Item = (&str, &super::results::Example)> {
    results
        .iter()
        .flat_map(|r| r.examples.iter().map(|e| (r.file.as_str(), e)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_descriptions_count() {
        let known = List::parse("# why\na_spec.rb\tworks\n").unwrap();
        let failing = List::parse("a_spec.rb\tworks\na_spec.rb\tworks\nb_spec.rb\tgoes\n").unwrap();
        assert_eq!(
            failing.without(&[&known]),
            ["a_spec.rb\tworks", "b_spec.rb\tgoes"]
        );
        assert!(known.without(&[&failing]).is_empty());
        assert!(List::parse("no tab").is_err());
    }
}
