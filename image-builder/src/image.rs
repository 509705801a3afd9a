//! From a committed repository to its file: written under another name, audited, renamed.

use anyhow::{Context, bail, ensure};
use proto::messages::{AuditRequest, BackupRequest};
use proto::service::Stone;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Problems of an audit that are shown.
const PROBLEMS_SHOWN_MAX: usize = 20;

/// Writes the newest commit of `stone` as `out/name`. Answers the path.
///
/// # Errors
/// When the audit of the stone or of the written file finds anything.
pub fn write(stone: &dyn Stone, out: &Path, name: &str) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let out = out
        .canonicalize()
        .with_context(|| out.display().to_string())?;
    let target = out.join(name);
    let fresh = out.join(format!("{name}.new"));
    if fresh.exists() {
        std::fs::remove_file(&fresh).with_context(|| fresh.display().to_string())?;
    }
    audit(stone, name)?;
    let path = fresh
        .to_str()
        .context("the name of the output folder is no UTF-8")?
        .to_string();
    stone.backup(BackupRequest { path })?;
    audit(&*stone_server::read_only(&fresh)?, name)?;
    std::fs::rename(&fresh, &target).with_context(|| target.display().to_string())?;
    Ok(target)
}

fn audit(stone: &dyn Stone, name: &str) -> anyhow::Result<()> {
    let report = stone.audit(AuditRequest {})?;
    if report.problems.is_empty() {
        ensure!(report.objects > 0, "{name}: the audit found no objects");
        return Ok(());
    }
    let shown: Vec<&str> = report
        .problems
        .iter()
        .take(PROBLEMS_SHOWN_MAX)
        .map(String::as_str)
        .collect();
    bail!(
        "{name}: the audit found {} problems:\n  {}",
        report.problems.len(),
        shown.join("\n  ")
    )
}

/// `SHA-256  name  bytes` of a file.
///
/// # Errors
/// When it cannot be read.
pub fn checksum(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let digest: String = Sha256::digest(&bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    Ok(format!(
        "{digest}  {}  {} bytes",
        path.display(),
        bytes.len()
    ))
}
