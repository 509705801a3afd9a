//! Where the programs and the images are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

/// The top of the repository.
pub fn repository() -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    top.canonicalize().expect("the top of the repository")
}

/// One of `stone`, `gem`, `topaz`, `image-builder`.
///
/// # Panics
/// When it cannot be built.
pub fn program(name: &str) -> PathBuf {
    let path = directory().join(name);
    assert!(path.is_file(), "there is no program {}", path.display());
    path
}

/// A command of `gem` on the images, with a home nobody uses.
pub fn gem(arguments: &[&str]) -> Command {
    let mut command = Command::new(program("gem"));
    command
        .args(arguments)
        .env("MAGLEV_IMAGES", images())
        .env_remove("MAGLEV_STONE")
        .env("MAGLEV_HOME", directory().join("no-home"));
    command
}

/// A command of `image-builder`.
pub fn image_builder(arguments: &[&str]) -> Command {
    let mut command = Command::new(program("image-builder"));
    command.args(arguments).current_dir(repository());
    command
}

/// The directory with the programs, built if nobody did.
pub(crate) fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        if let Some(given) = std::env::var_os("MAGLEV_BIN") {
            return PathBuf::from(given);
        }
        // A test lies in target/PROFILE/deps.
        let test = std::env::current_exe().expect("the path of this test");
        let profile = test
            .parent()
            .and_then(Path::parent)
            .expect("a target directory");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.current_dir(repository()).args([
            "build",
            "--quiet",
            "--bins",
            "-p",
            "stone-server",
            "-p",
            "gem-server",
            "-p",
            "topaz",
            "-p",
            "image-builder",
        ]);
        build
            .arg("--target-dir")
            .arg(profile.parent().expect("a target directory"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build.status().expect("cargo starts");
        assert!(status.success(), "the programs do not build");
        profile.to_path_buf()
    })
}

/// The directory with both images, made if nobody did.
///
/// Tests run in several processes at once: each that finds no images makes them under a name of its own and renames them, and
/// the first rename counts.
///
/// # Panics
/// When image-builder fails.
pub fn images() -> PathBuf {
    static IMAGES: OnceLock<PathBuf> = OnceLock::new();
    let made = IMAGES.get_or_init(|| {
        if let Some(given) = std::env::var_os("MAGLEV_IMAGES") {
            return PathBuf::from(given);
        }
        let done = directory().join(format!("images-{}", newest_source()));
        if !done.is_dir() {
            let own = tempfile::tempdir_in(directory()).expect("a directory for images");
            let mut command = image_builder(&["--out"]);
            let outcome = crate::run(command.arg(own.path()), "");
            assert_eq!(outcome.status, Some(0), "{outcome}");
            // Fails when another process was faster: then its images serve as well.
            let _ = std::fs::rename(own.path(), &done);
        }
        done
    });
    assert!(
        made.join("extent0.ruby.dbf").is_file(),
        "there is no image in {}",
        made.display()
    );
    made.clone()
}

/// When the newest file that an image is made of was changed, in milliseconds since 1970.
fn newest_source() -> u128 {
    let mut newest = 0;
    let mut waiting = vec![
        repository().join("smalltalk-src"),
        repository().join("ruby-src/kernel"),
        program("image-builder"),
    ];
    while let Some(path) = waiting.pop() {
        let about = path.metadata().expect("a source of the image");
        if about.is_dir() {
            let entries = path.read_dir().expect("a readable directory");
            waiting.extend(entries.map(|e| e.expect("an entry").path()));
        } else {
            let changed = about.modified().expect("a time");
            let age = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
            newest = newest.max(age.as_millis());
        }
    }
    newest
}
