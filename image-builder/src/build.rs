//! The stages: Smalltalk from nothing, Ruby on top of it.

use crate::progress::Progress;
use crate::sources::Sources;
use crate::{classes, image, scripts};
use anyhow::{Context, ensure};
use gem_session::{LoginOptions, Session, create_first_objects};
use proto::service::Stone;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SMALLTALK_IMAGE: &str = "extent0.dbf";
const RUBY_IMAGE: &str = "extent0.ruby.dbf";

/// One of the two images.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Smalltalk,
    Ruby,
}

/// Runs `stages` in order; the files go to `out`.
///
/// # Errors
/// The first thing that went wrong; no file of that stage is written then.
pub fn build(
    sources: &Sources,
    out: &Path,
    stages: &[Stage],
    jobs: usize,
    progress: &mut Progress,
) -> anyhow::Result<()> {
    let mut sums = Vec::new();
    for stage in stages {
        let file = match stage {
            Stage::Smalltalk => smalltalk(sources, out, jobs, progress)?,
            Stage::Ruby => ruby(sources, out, jobs, progress)?,
        };
        sums.push(image::checksum(&file)?);
    }
    progress.finish(&sums)
}

fn smalltalk(
    sources: &Sources,
    out: &Path,
    jobs: usize,
    progress: &mut Progress,
) -> anyhow::Result<PathBuf> {
    let stone = stone_server::in_memory(None)?;
    let mut session = login(&stone)?;
    let first = create_first_objects(&mut session.vm).context("the first objects")?;
    progress.done(&format!("made the first {} objects", first.objects));
    classes::load(
        &mut session,
        sources,
        "smalltalk-src/kernel",
        jobs,
        progress,
    )?;
    finish(session, &*stone, out, SMALLTALK_IMAGE, progress)
}

fn ruby(
    sources: &Sources,
    out: &Path,
    jobs: usize,
    progress: &mut Progress,
) -> anyhow::Result<PathBuf> {
    let seed = out.join(SMALLTALK_IMAGE);
    ensure!(
        seed.is_file(),
        "{} is missing: build the stage smalltalk first",
        seed.display()
    );
    let stone = stone_server::in_memory(Some(&seed))?;
    let mut session = login(&stone)?;
    progress.done(&format!("opened {SMALLTALK_IMAGE}"));
    classes::load(&mut session, sources, "smalltalk-src/ruby", jobs, progress)?;
    scripts::load(&mut session, sources, "ruby-src/kernel", progress)?;
    finish(session, &*stone, out, RUBY_IMAGE, progress)
}

fn login(stone: &Arc<dyn Stone>) -> anyhow::Result<Session> {
    let options = LoginOptions {
        user: "SystemUser".to_string(),
        client: "image-builder".to_string(),
        building: true,
        ..LoginOptions::default()
    };
    let mut session = Session::login(stone.clone(), &options)?;
    session.vm.model.persistent_mode = true;
    Ok(session)
}

fn finish(
    mut session: Session,
    stone: &dyn Stone,
    out: &Path,
    name: &str,
    progress: &mut Progress,
) -> anyhow::Result<PathBuf> {
    let done = session
        .commit()
        .with_context(|| format!("the commit of {name}"))?;
    drop(session);
    progress.done(&format!(
        "committed {} objects, {} KiB",
        done.objects,
        done.bytes / 1024
    ));
    let file = image::write(stone, out, name)?;
    progress.done(&format!("audited and wrote {name}"));
    Ok(file)
}
