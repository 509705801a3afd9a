//! Both images from the project's own sources, twice; then programs on them.

use format::wellknown;
use gem_server::{Conversation, Input};
use gem_session::{
    KERNEL_IDS_END, LoginOptions, MethodPlace, RubyEnd, Session, Stress, compile_method,
};
use gem_vm::PrimitiveRow;
use image_builder::{Progress, Sources, Stage, build};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn sources() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the root");
    Sources::find(Some(root)).expect("sources")
}

fn build_into(dir: &Path) {
    build(
        &sources(),
        dir,
        &[Stage::Smalltalk, Stage::Ruby],
        2,
        &mut Progress::quiet(),
    )
    .expect("an image");
}

/// The images, built once for all tests of this file.
fn images() -> &'static Path {
    static DIR: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = DIR.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a folder");
        build_into(dir.path());
        let path = dir.path().to_path_buf();
        (dir, path)
    });
    path
}

fn session(options: &LoginOptions) -> Session {
    let stone = stone_server::in_memory(Some(&images().join("extent0.ruby.dbf"))).expect("a stone");
    Session::login(stone, options).expect("a session")
}

fn ruby(session: &mut Session, source: &str) -> String {
    match session.run_ruby(source.as_bytes(), "test", 1) {
        RubyEnd::Value(value) => session.vm.model.heap.text(value),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_sources_give_the_same_bytes() {
    let again = tempfile::tempdir().expect("a folder");
    build_into(again.path());
    for name in ["extent0.dbf", "extent0.ruby.dbf"] {
        let (one, two) = (
            std::fs::read(images().join(name)).unwrap(),
            std::fs::read(again.path().join(name)).unwrap(),
        );
        assert!(one == two, "{name} differs");
        assert!(!again.path().join(format!("{name}.new")).exists());
    }
}

#[test]
fn a_gem_that_keeps_the_kernel_keeps_all_of_it() {
    for name in ["extent0.dbf", "extent0.ruby.dbf"] {
        let stone = stone_server::read_only(&images().join(name)).expect("a stone");
        let next = stone.status(Default::default()).expect("a status").next_id;
        assert!(next <= KERNEL_IDS_END, "{name}: {next}");
    }
}

#[test]
fn smalltalk_runs_on_its_image() {
    let stone = stone_server::read_only(&images().join("extent0.dbf")).expect("a stone");
    let mut session = Session::login(stone, &LoginOptions::default()).expect("a session");
    let value = session
        .evaluate_smalltalk("(1 to: 10) inject: 0 into: [:a :b | a + (b * b)]", "test")
        .expect("a value");
    assert_eq!(session.print_string(value).expect("text"), "385");
    let error = session
        .evaluate_smalltalk("nil flyToTheMoon", "test")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("MessageNotUnderstood: "), "{error}");
    assert!(error.contains("test:1:in 'doit'"), "{error}");
}

/// The bug of the machine's own that no user can cause.
const PANICS: &[PrimitiveRow] = &[PrimitiveRow {
    name: "testPanic",
    function: |_, _| panic!("on purpose"),
    reason: "a test needs a bug",
}];

#[test]
fn irb_goes_on_in_a_new_session_after_a_bug_inside() {
    let stone = stone_server::in_memory(Some(&images().join("extent0.ruby.dbf"))).expect("a stone");
    let mut open = || {
        let options = LoginOptions::default();
        let mut session =
            Session::login_with(stone.clone(), &options, &[PANICS]).map_err(|e| e.to_string())?;
        let class = session
            .vm
            .model
            .known_class(wellknown::OBJECT)
            .expect("Object");
        let place = MethodPlace {
            environment: 1,
            ..MethodPlace::of(class)
        };
        compile_method(&mut session.vm, "boom <primitive: testPanic> ^ nil", &place)
            .expect("a method");
        Ok(session)
    };
    let lines = "x = 6\nMaglev::PERSISTENT_ROOT[:half] = x\nx * 7\nboom\ndefined?(x)\n\
                 Maglev::PERSISTENT_ROOT[:half]\nMaglev::PERSISTENT_ROOT[:whole] = 1\nMaglev.commit_transaction\n";
    let mut told = Vec::new();
    let conversation = Conversation {
        open: &mut open,
        input: Input::Plain(Box::new(lines.as_bytes())),
        tell: &mut |line| {
            told.push(line.to_string());
            Ok(())
        },
    };
    assert_eq!(conversation.hold(), 0);
    assert_eq!(
        told,
        [
            "=> 6",
            "=> 6",
            "=> 42",
            "internal error, which is a bug of MagLev: on purpose; what was not committed is dropped \
             (RUST_BACKTRACE=1 shows where); a new session begins, without the variables of the last one",
            "=> nil",
            "=> nil",
            "=> 1",
            "=> true"
        ]
    );
    let sessions = stone
        .sessions(Default::default())
        .expect("an answer")
        .sessions;
    assert!(sessions.is_empty(), "{sessions:?}");
}

#[test]
fn a_class_made_in_persistent_mode_is_there_for_the_next_session() {
    let stone = stone_server::in_memory(Some(&images().join("extent0.ruby.dbf"))).expect("a stone");
    let login = || Session::login(stone.clone(), &LoginOptions::default()).expect("a session");
    let mut one = login();
    one.start_ruby("test", &[]).expect("Ruby");
    let made = ruby(
        &mut one,
        "Maglev.persistent { class Town; def initialize(n) = @n = n; def name = @n.upcase; end }
         Maglev::PERSISTENT_ROOT[:town] = Town.new('ulm')
         Maglev.commit_transaction
         Town.name",
    );
    assert_eq!(made, "Town");
    let mut two = login();
    two.start_ruby("test", &[]).expect("Ruby");
    assert_eq!(ruby(&mut two, "Maglev::PERSISTENT_ROOT[:town].name"), "ULM");
    ruby(
        &mut one,
        "Maglev.persistent { class Town; def name = 'the town of ' + @n; end }; Maglev.commit_transaction; ''",
    );
    assert_eq!(ruby(&mut two, "Maglev::PERSISTENT_ROOT[:town].name"), "ULM");
    assert_eq!(
        ruby(
            &mut two,
            "Maglev.abort_transaction; Maglev::PERSISTENT_ROOT[:town].name"
        ),
        "the town of ulm"
    );
}

#[test]
fn what_may_not_persist_is_named_with_the_way_to_it() {
    let mut session = session(&LoginOptions::default());
    session.start_ruby("test", &[]).expect("Ruby");
    let text = ruby(
        &mut session,
        "class Ghost; end
         Maglev::PERSISTENT_ROOT[:house] = { attic: [1, Ghost.new] }
         begin; Maglev.commit_transaction; rescue Exception => e; e.message; end",
    );
    assert!(
        text.contains("Maglev::PERSISTENT_ROOT[:house][:attic][1]"),
        "{text}"
    );
}

#[test]
fn collecting_at_every_safepoint_changes_nothing() {
    stressed(Stress::Collect, false);
}

#[test]
fn dropping_clean_objects_at_every_safepoint_changes_nothing() {
    stressed(Stress::Stub { every: 1 }, false);
}

#[test]
fn memory_is_in_order_after_each_collection() {
    stressed(Stress::Stub { every: 25 }, true);
}

fn stressed(stress: Stress, verify: bool) {
    let options = LoginOptions {
        stress,
        verify,
        ..LoginOptions::default()
    };
    let mut session = session(&options);
    session.start_ruby("test", &[]).expect("Ruby");
    let text = ruby(
        &mut session,
        "words = %w[a b c].map { |w| w * 3 }
         h = {}; words.each_with_index { |w, i| h[w] = i }
         Maglev::PERSISTENT_ROOT[:h] = h
         Maglev.commit_transaction
         x = 4; eval('y = x + 1; h[\"d\"] = y')
         Maglev.abort_transaction
         h.inspect",
    );
    assert_eq!(text, "{\"aaa\" => 0, \"bbb\" => 1, \"ccc\" => 2}");
}
