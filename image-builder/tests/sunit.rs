//! The Smalltalk library's own tests (`smalltalk-src/tests`), run on the image that is built from the sources.

use gem_session::{LoginOptions, Session};
use image_builder::{Progress, Sources, Stage, build, load_classes};

#[test]
fn every_sunit_test_of_the_kernel_passes() {
    let out = tempfile::tempdir().expect("a folder");
    let sources = Sources::find(None).expect("the sources");
    let stages = [Stage::Smalltalk, Stage::Ruby];
    build(&sources, out.path(), &stages, 1, &mut Progress::quiet()).expect("the images");
    let seed = out.path().join("extent0.ruby.dbf");
    let stone = stone_server::in_memory(Some(&seed)).expect("a stone");
    let mut session = Session::login(stone, &LoginOptions::default()).expect("a session");
    session.vm.model.persistent_mode = true;
    load_classes(
        &mut session,
        &sources,
        "smalltalk-src/tests",
        1,
        &mut Progress::quiet(),
    )
    .expect("the tests");
    let report = session
        .evaluate_smalltalk("| r | r := TestCase suite run. r report, (r hasPassed ifTrue: ['PASSED'] ifFalse: ['FAILED'])", "sunit")
        .expect("the tests run");
    let text = session.vm.model.heap.text(report);
    println!("{text}");
    assert!(text.ends_with("PASSED"), "{text}");
}
