//! A folder of Ruby files into a session, run in the manifest's order in persistent mode.

use crate::manifest::Manifest;
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
    for script in &manifest.names {
        let suffix = if script.ends_with(".rb") { "" } else { ".rb" };
        let file = format!("{name}/{script}{suffix}");
        let source = std::fs::read(sources.folder(&file)).with_context(|| file.clone())?;
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
    Ok(())
}
