//! A manifest: names in load order, with sections. `#` begins a comment.

use anyhow::Context;
use std::path::Path;

/// What one manifest says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Names before the first section, in load order.
    pub names: Vec<String>,
    /// `[globals]`: names that sources mention before anything is stored in them.
    pub globals: Vec<String>,
    /// `[filein]`: files in GemStone's form that are loaded after the classes, in order.
    pub fileins: Vec<String>,
    /// `[initialize]`: classes whose class-side `initialize` runs at the end, in order.
    pub initialize: Vec<String>,
}

impl Manifest {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// With file and line.
    pub fn read(folder: &Path, shown: &str) -> anyhow::Result<Manifest> {
        let text = std::fs::read_to_string(folder.join("manifest"))
            .with_context(|| format!("{shown}/manifest"))?;
        Manifest::parse(&text, &format!("{shown}/manifest"))
    }

    fn parse(text: &str, file: &str) -> anyhow::Result<Manifest> {
        let mut manifest = Manifest::default();
        let mut section = "";
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or("").trim();
            if line.is_empty() {
                continue;
            }
            if line.starts_with('[') {
                section = line;
                continue;
            }
            let list = match section {
                "" => &mut manifest.names,
                "[globals]" => &mut manifest.globals,
                "[filein]" => &mut manifest.fileins,
                "[initialize]" => &mut manifest.initialize,
                other => anyhow::bail!("{file}:{}:1: unknown section {other}", number + 1),
            };
            if list.iter().any(|n| n == line) {
                anyhow::bail!("{file}:{}:1: {line} is listed twice", number + 1);
            }
            list.push(line.to_string());
        }
        Ok(manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_comments() {
        let text = "# head\nA\nB # why\n\n[globals]\nG\n[filein]\nb.gs\n[initialize]\nA\n";
        let manifest = Manifest::parse(text, "m").unwrap();
        assert_eq!(manifest.names, ["A", "B"]);
        assert_eq!(manifest.globals, ["G"]);
        assert_eq!(manifest.fileins, ["b.gs"]);
        assert_eq!(manifest.initialize, ["A"]);
        assert_eq!(
            Manifest::parse("A\nA", "m").unwrap_err().to_string(),
            "m:2:1: A is listed twice"
        );
        assert_eq!(
            Manifest::parse("[x]\nA", "m").unwrap_err().to_string(),
            "m:2:1: unknown section [x]"
        );
    }
}
