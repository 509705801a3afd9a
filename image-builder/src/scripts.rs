//! A folder of Ruby files into a session, run in the manifest's order in persistent mode.

use crate::manifest::Manifest;
use crate::missing::Missing;
use crate::progress::Progress;
use crate::sources::Sources;
use anyhow::{Context, bail};
use gem_session::{RubyEnd, Session};

/// Runs the folder `name`.
///
/// # Errors
/// The first file that does not compile or raises.
pub fn load(
    session: &mut Session,
    sources: &Sources,
    name: &str,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let manifest = Manifest::read(&sources.folder(name), name)?;
    let mut missing = Missing::default();
    for script in &manifest.names {
        let suffix = if script.ends_with(".rb") { "" } else { ".rb" };
        let file = format!("{name}/{script}{suffix}");
        let source = std::fs::read(sources.folder(&file)).with_context(|| file.clone())?;
        missing.look(session, &String::from_utf8_lossy(&source), "Primitive.");
        match session.run_ruby(&source, &file, 1) {
            RubyEnd::Value(_) => {}
            RubyEnd::Exit(status) => {
                bail!("{file}:1:1: the file ended the program with status {status}")
            }
            RubyEnd::Uncaught { text, .. } | RubyEnd::Broken(text) => bail!("{file}:1:1: {text}"),
            RubyEnd::Syntax(text) => bail!("{text}"),
        }
    }
    progress.done(&format!("{name}: ran {} files", manifest.names.len()));
    if let Some(line) = missing.line() {
        progress.done(&line);
    }
    Ok(())
}
