//! The demonstration as a test, on the small database that lies beside it.

use end_to_end::{images, program, repository, run};
use std::process::Command;

#[test]
fn the_demonstration_holds_all_its_checks() {
    let stone = program("stone");
    let mut demo = Command::new(repository().join("docs/demo/run"));
    demo.env("MAGLEV_BIN", stone.parent().expect("a directory"))
        .env("MAGLEV_IMAGES", images())
        .env(
            "MAGLEV_STATUS",
            repository().join("docs/demo/status.sample"),
        );
    let outcome = run(&mut demo, "").ok();
    for part in [
        "packages: 11",
        "7 libc6",
        "closure of bash: 7",
        "Smalltalk finds 13 packages",
        "Done: every check holds",
    ] {
        assert!(outcome.stdout.contains(part), "no {part:?} in {outcome}");
    }
}
