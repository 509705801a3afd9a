//! The command line of image-builder.

use clap::{Parser, ValueEnum};
use image_builder::{Progress, Sources, Stage, build};
use std::path::PathBuf;
use std::process::ExitCode;
use stone_server::console::complain;

/// Builds extent0.dbf, then extent0.ruby.dbf.
#[derive(Parser)]
#[command(name = "image-builder", version)]
struct Options {
    /// One stage only; without it, both.
    stage: Option<StageName>,
    /// Where the files go.
    #[arg(long, default_value = "images")]
    out: PathBuf,
    /// The folder that holds smalltalk-src and ruby-src; found from here upward when not given.
    #[arg(long)]
    sources: Option<PathBuf>,
    /// Threads that read sources.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Load this release's kernel over a repository with user data.
    #[arg(long, value_name = "NAME|DIR")]
    upgrade: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StageName {
    Smalltalk,
    Ruby,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            complain(format_args!("image-builder: {e:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    if let Some(target) = &options.upgrade {
        anyhow::bail!(
            "--upgrade {target}: loading a newer kernel over a repository is not in this version; nothing was changed"
        );
    }
    let sources = Sources::find(options.sources.as_deref())?;
    let stages: &[Stage] = match options.stage {
        None => &[Stage::Smalltalk, Stage::Ruby],
        Some(StageName::Smalltalk) => &[Stage::Smalltalk],
        Some(StageName::Ruby) => &[Stage::Ruby],
    };
    build(
        &sources,
        &options.out,
        stages,
        options.jobs.max(1),
        &mut Progress::to_stderr(),
    )
}
