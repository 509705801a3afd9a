//! File-ins in GemStone's form, named by a manifest.

use gem_session::{LoginOptions, Session};
use image_builder::{Progress, Sources, Stage, build, load_classes};
use std::path::Path;

/// Builds the Smalltalk image, then loads a folder whose manifest names one file-in.
fn load(text: &str) -> (Session, Result<(), String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let own = Sources::find(None).expect("the sources");
    let out = folder.path().join("out");
    build(&own, &out, &[Stage::Smalltalk], 1, &mut Progress::quiet()).expect("an image");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("smalltalk-src/kernel/manifest", "");
    write(
        "extra/manifest",
        "[filein]\naccount.gs\n[initialize]\nAccount\n",
    );
    write("extra/account.gs", text);
    let sources = Sources::find(Some(folder.path())).expect("the folder");
    let stone = stone_server::in_memory(Some(&out.join("extent0.dbf"))).expect("a stone");
    let mut session = Session::login(stone, &LoginOptions::default()).expect("a session");
    session.vm.model.persistent_mode = true;
    let outcome = load_classes(&mut session, &sources, "extra", 1, &mut Progress::quiet());
    (session, outcome.map_err(|e| format!("{e:#}")))
}

const ACCOUNT: &str = "! An account
fileformat utf8
set compile_env: 0
expectvalue /Class
doit
Object subclass: 'Account' instVarNames: #('balance') classVars: #('Bank') classInstVars: #() poolDictionaries: #() inDictionary: Globals options: #()
%
removeallmethods Account
category: 'money'
method: Account
deposit: amount
\tbalance := (balance ifNil: [ 0 ]) + amount.
\t^ balance
%
classmethod: Account
initialize
\tBank := 'first'
%
set class Account
method:
bank
\t^ Bank
%
expectvalue 7
run
Account new deposit: 7
%
commit
";

#[test]
fn a_manifest_names_file_ins() {
    let (mut session, outcome) = load(ACCOUNT);
    outcome.expect("it loads");
    let shown = session
        .evaluate_smalltalk(
            "Account new bank , ((Account compiledMethodAt: #deposit:) category asString)",
            "test",
        )
        .expect("it runs");
    assert_eq!(session.vm.model.heap.text(shown), "firstmoney");
}

#[test]
fn mistakes_are_told_with_file_line_and_column() {
    for (text, wanted) in [
        ("run\n3 +\n%\n", "extra/account.gs:3:1: "),
        (
            "\nmethod: Object\nfoo\n\t^ gibberish\n%\n",
            "extra/account.gs:4:4: gibberish is not declared",
        ),
        ("expectvalue 8\nrun\n3 + 4\n%\n", "expected 8, got 7"),
        ("method: Nowhere\nfoo\n%\n", "there is no class Nowhere"),
        ("frob\n", "extra/account.gs:1:1: frob is no command"),
        ("run\nnil foo\n%\n", "extra/account.gs:2"),
    ] {
        let (_, outcome) = load(text);
        let error = outcome.expect_err(text);
        assert!(error.contains(wanted), "{text}: {error}");
    }
}
