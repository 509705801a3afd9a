//! Images that are damaged, missing, or made twice.

use end_to_end::{Outcome, gem, image_builder, images, run};
use std::path::Path;

/// `gem ruby -e CODE` on the images in a directory.
fn ruby_on(images: &Path, code: &str) -> Outcome {
    let mut command = gem(&["ruby", "-e", code]);
    command.env("MAGLEV_IMAGES", images);
    run(&mut command, "")
}

/// Copies both images, the Ruby one changed.
fn with_changed_image(change: impl FnOnce(&mut Vec<u8>)) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let mut bytes = std::fs::read(images().join("extent0.ruby.dbf")).expect("the image");
    change(&mut bytes);
    std::fs::write(directory.path().join("extent0.ruby.dbf"), bytes).expect("a copy");
    std::fs::copy(
        images().join("extent0.dbf"),
        directory.path().join("extent0.dbf"),
    )
    .expect("a copy");
    directory
}

#[test]
fn an_untouched_copy_works() {
    let directory = with_changed_image(|_| ());
    ruby_on(directory.path(), "puts 1 + 1").ok().prints("2");
}

#[test]
fn a_missing_image_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    ruby_on(directory.path(), "1")
        .failed(1)
        .complains("extent0.ruby.dbf");
}

#[test]
fn a_truncated_image_is_refused() {
    for keep in [0, 1, 100, 20_000] {
        let directory = with_changed_image(|bytes| bytes.truncate(keep));
        ruby_on(directory.path(), "puts 1").failed(1);
    }
    let directory = with_changed_image(|bytes| bytes.truncate(bytes.len() / 2));
    ruby_on(directory.path(), "puts 1").failed(1);
}

#[test]
fn a_file_that_is_no_image_is_refused() {
    let directory = with_changed_image(|bytes| bytes.fill(b'x'));
    ruby_on(directory.path(), "puts 1").failed(1);
}

/// Bits flipped all over the file: the program either does not meet the damaged page and works, or ends with a clear
/// error; `stone audit` finds each.
#[test]
fn flipped_bits_never_crash_a_gem_and_the_audit_finds_them() {
    let length = std::fs::metadata(images().join("extent0.ruby.dbf"))
        .expect("the image")
        .len() as usize;
    for part in 0..12 {
        let at = (length - 1) * part / 11;
        let directory = with_changed_image(|bytes| bytes[at] ^= 0x10);
        let outcome = ruby_on(directory.path(), "puts [3, 1, 2].sort.inspect");
        if outcome.status == Some(0) {
            assert_eq!(outcome.stdout, "[1, 2, 3]\n", "byte {at}: {outcome}");
        } else {
            outcome.failed(1);
        }
        let mut audit = std::process::Command::new(end_to_end::program("stone"));
        audit
            .arg("audit")
            .arg(directory.path().join("extent0.ruby.dbf"));
        let outcome = run(&mut audit, "");
        assert_eq!(outcome.status, Some(1), "byte {at}: {outcome}");
    }
}

#[test]
fn the_images_pass_their_audit() {
    for name in ["extent0.dbf", "extent0.ruby.dbf"] {
        let mut audit = std::process::Command::new(end_to_end::program("stone"));
        run(audit.arg("audit").arg(images().join(name)), "").ok();
    }
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut build = image_builder(&["--out"]);
    run(build.arg(directory.path()), "").ok();
    for name in ["extent0.dbf", "extent0.ruby.dbf"] {
        let again = std::fs::read(directory.path().join(name)).expect("an image");
        let first = std::fs::read(images().join(name)).expect("an image");
        assert!(again == first, "{name} differs between two builds");
    }
}
