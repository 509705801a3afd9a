//! Scripts and what they print.

use super::fake::{run, run_bare};

#[test]
fn results_are_shown_in_the_way_of_the_command() {
    let ran = run(
        "run\n3 + 4\n%\nprintit\n#(1 2)\n%\ndoit\n#(1 2)\n%\nexec 1 + 1 %\nrubyrun\n1 + 1\n%\n",
    );
    assert_eq!(
        ran.output,
        "7\nanArray( 1, 2)\n  #1                 1\n  #2                 2\nanArray( 1, 2)\n2\nruby 2\n"
    );
    assert_eq!(ran.status, 0);
}

#[test]
fn a_bug_inside_of_a_session_ends_it_and_not_topaz() {
    let ran = run("run\npanic\n%\nrun\n1\n%\nlogin\nrun\n2\n%\n");
    let error = "internal error, which is a bug of MagLev: on purpose; what was not committed is dropped (RUST_BACKTRACE=1 shows where)";
    assert_eq!(
        ran.output,
        format!(
            "ERROR: {error}; the session has ended, login opens another one\n\
             ERROR: no session is open; login opens one\n[session 1 on make-believe]\n2\n"
        )
    );
    assert_eq!(ran.status, 1);
    // The others stay, and go on.
    let ran = run("login\nrun\npanic\n%\nrun\n7\n%\n");
    assert!(ran.output.contains("\n7\n"), "{}", ran.output);
}

#[test]
fn display_oops_and_limits_shape_results() {
    let ran = run(
        "display oops\nlevel 1\nlimit oops 1\nrun\n#(5 6)\n%\ndisplay classoops\nrun\n8\n%\nomit oops\nomit classoops\nlimit bytes 3\nrun\n12345\n%\n",
    );
    assert_eq!(
        ran.output,
        "[4 size:2 Array] anArray( 5, 6)\n  #1                 [2 size:0 SmallInteger] 5\n  ... 1 more (limit oops)\n[5 size:0 cls: 7 SmallInteger] 8\n123...(2 more bytes)\n"
    );
}

#[test]
fn errors_are_counted_and_decide_the_status() {
    let ran = run("run\n1 / 0\n%\nerrorcount\nfrob\nerrorcount\n");
    assert_eq!(
        ran.output,
        "ERROR 2026 , attempt to divide by zero (ZeroDivide)\n1\nERROR: unknown command: frob; help lists the commands\n2\n"
    );
    assert_eq!(ran.status, 1);
    assert_eq!(run("run\n1 / 0\n%\nexit 0\n").status, 0);
    assert_eq!(run("exit 7\n").status, 7);
    assert_eq!(run("frob\nexit\n").status, 1);
    assert_eq!(run("exitifnoerror\nfrob\n").status, 0);
    assert_eq!(run("frob\nexitifnoerror\nexit 3\n").status, 3);
    assert_eq!(run("exit 300\n").status, 1);
}

#[test]
fn commands_of_iferr_run_in_order_and_do_not_recurse() {
    let ran =
        run("iferr 2 frob\niferr 1 where\niferr 3 exit 2\niferr_list\nrun\n1 / 0\n%\nrun\n1\n%\n");
    assert_eq!(
        ran.output,
        "iferr 1 where\niferr 2 frob\niferr 3 exit 2\n\
         ERROR 2026 , attempt to divide by zero (ZeroDivide)\n\
         ==> 1 SmallInteger>>/ (Number.st:7)\n    2 doit (line 1)\n\
         ERROR: unknown command: frob; help lists the commands\n"
    );
    assert_eq!(ran.status, 2);
    let cleared = run("iferror exit 5\niferr 4 exit 6\niferr_clear\nfrob\niferr_list\n");
    assert_eq!(cleared.status, 1);
    assert!(run("iferr 11 where\n").output.contains("places 1 to 10"));
}

#[test]
fn expectations_are_checked_once() {
    assert_eq!(run("expectvalue 7\nrun\n3 + 4\n%\n").status, 0);
    assert_eq!(run("expectvalue true\nrun\ntrue\n%\n").status, 0);
    assert_eq!(run("expectvalue 'ab'\nrun\n'ab'\n%\nrun\n5\n%\n").status, 0);
    assert_eq!(run("expectvalue %Array\nrun\n#(1)\n%\n").status, 0);
    assert_eq!(run("expectvalue /Object\nrun\n#(1)\n%\n").status, 0);
    assert_eq!(run("expectvalue 1\nexpectvalue 2\nrun\n2\n%\n").status, 0);
    let missed =
        run("display resultcheck\nexpectvalue 7\nrun\n3 + 3\n%\nexpectvalue 6\nrun\n6\n%\n");
    assert_eq!(
        missed.output,
        "6\nERROR: expected 7, got 6 (SmallInteger)\n6\nas expected: 6\n"
    );
    assert_eq!(missed.status, 1);
    assert_eq!(run("expectvalue %Array\nrun\n5\n%\n").status, 1);
}

#[test]
fn expected_errors_are_no_errors() {
    for form in [
        "2026",
        "GemStoneError 2026",
        "%ZeroDivide",
        "/Error",
        "ZeroDivide",
    ] {
        let ran = run(&format!("expecterror {form}\nrun\n1 / 0\n%\n"));
        assert_eq!((ran.status, ran.output.as_str()), (0, ""), "{form}");
    }
    assert_eq!(run("expecterror 2010\nrun\n1 / 0\n%\n").status, 1);
    let none = run("expecterror 2026\nrun\n5\n%\n");
    assert_eq!(
        none.output,
        "5\nERROR: expected error 2026, got 5 (SmallInteger)\n"
    );
    assert_eq!(
        run("expecterror 2738\nrun\nconflict\n%\ncommit\n").status,
        1
    );
    assert_eq!(
        run("run\nconflict\n%\nexpecterror 2738\ncommit\n").status,
        0
    );
}

#[test]
fn methods_go_to_the_class_named_or_set() {
    let ran = run(
        "set class Foo\ncategory: 'my things'\nmethod:\nfoo\n\t^ 1\n%\nset compile_env: 1\nclassmethod: Bar\nbar\n%\nmethod: Foo class\nbaz\n%\n",
    );
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert_eq!(
        ran.log,
        [
            "MethodText { class: \"Foo\", class_side: false, category: \"my things\", environment: 0, source: \"foo\\n\\t^ 1\" }",
            "MethodText { class: \"Bar\", class_side: true, category: \"my things\", environment: 1, source: \"bar\" }",
            "MethodText { class: \"Foo\", class_side: true, category: \"my things\", environment: 1, source: \"baz\" }",
        ]
    );
    assert_eq!(run("method: Foo\nfoo !\n%\n").status, 1);
    assert!(run("method:\nfoo\n%\n").output.contains("set class NAME"));
    assert!(
        run("method: Foo;bar\nfoo\n%\n")
            .output
            .contains("no class name")
    );
}

#[test]
fn a_text_without_end_is_an_error() {
    let ran = run("run\n3 + 4\n");
    assert!(
        ran.output
            .contains("the text of run at script:2 does not end"),
        "{}",
        ran.output
    );
    assert_eq!(ran.status, 1);
    assert!(
        run("run 3 + 4\n%\n")
            .output
            .contains("exec takes it on its own line")
    );
}

#[test]
fn without_a_session_commands_say_how_to_get_one() {
    let ran = run_bare("run\n1\n%\ncommit\nlogout\nset gemstone nowhere\nlogin\n");
    assert_eq!(
        ran.output.matches("login opens one").count(),
        3,
        "{}",
        ran.output
    );
    assert!(ran.output.contains("stone start nowhere"));
    assert_eq!(ran.status, 1);
}

#[test]
fn several_sessions_stay_apart() {
    let ran = run(
        "run\n5\n%\nlogin\nobject **\nset session 1\nobject **\nlogout\nset session 1\nobject 6\nlogout\nlogout\n",
    );
    assert_eq!(
        ran.output,
        "5\n[session 2 on make-believe]\n\
         ERROR: there is no last result yet; run something first\n5\n\
         ERROR: there is no session 1; status lists them\n6\n\
         ERROR: no session is open; login opens one\n"
    );
}

#[test]
fn the_stack_can_be_walked() {
    let ran = run(
        "run\n1 / 0\n%\nwhere\nup\ntemporary x 9\ndown\nframe 3\nlist\nstack 1\nwhere doit\ncontinue 4\nwhere\n",
    );
    assert_eq!(
        ran.output,
        "ERROR 2026 , attempt to divide by zero (ZeroDivide)\n\
         ==> 1 SmallInteger>>/ (Number.st:7)\n    2 doit (line 1)\n\
         ==> 2 doit (line 1)\n    receiver         ruby 2\n    x                ruby 2\n    y                (not to be had)\n\
         ==> 1 SmallInteger>>/ (Number.st:7)\n    receiver         1\n    x                1\n    y                (not to be had)\n\
         ERROR: there is no frame 3; the stack has 1 to 2\n\
         \u{20}      6  / x\n==>    7  \t^ boom\n          \t  ^\n\
         ==> 1 SmallInteger>>/ (Number.st:7)\n    receiver         1\n    x                1\n    y                (not to be had)\n\
         ... 1 more frames\n\
         \u{20}   2 doit (line 1)\n\
         4\nNo process is stopped.\n"
    );
    assert!(ran.log.contains(&"2 x := 9".to_string()));
    assert!(run("up\n").output.contains("no process is stopped"));
}

#[test]
fn objects_are_named_in_many_ways() {
    let ran = run(
        "object 5\nobj **\ndefine five **\nobject five\ndefine\nsend #(1) foo\nobject nothing\nobj @9999\nobject a.b\nrun\n#(7 8)\n%\nsend ** at: 2\nobject 3 at: 1\n",
    );
    assert_eq!(
        ran.output.lines().collect::<Vec<_>>(),
        [
            "5",
            "5",
            "5",
            "five = 5",
            "ERROR 2010 , no #foo (MessageNotUnderstood)",
            "ERROR: no object is named nothing: undefined variable",
            "ERROR 4001 , no such object (RepositoryError)",
            "ERROR: a.b names no object: write @OOP, ** (the last result), a name, a number, $c, 'text' or #symbol",
            "anArray( 7, 8)",
            "8",
            "ERROR 2003 , out of bounds (OffsetError)",
        ]
    );
}

#[test]
fn files_nest_and_output_goes_to_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(path("inner.gs"), "exec 2 %\n").unwrap();
    std::fs::write(
        path("outer.gs"),
        format!(
            "exec 1 %\ninp {}\nexec 3 %\ninput pop\nexec 4 %\n",
            path("inner.gs")
        ),
    )
    .unwrap();
    std::fs::write(path("loop.gs"), format!("input {}\n", path("loop.gs"))).unwrap();
    let ran = run(&format!("input {}\nexec 5 %\n", path("outer.gs")));
    assert_eq!(ran.output, "1\n2\n3\n5\n");
    let endless = run(&format!("input {}\n", path("loop.gs")));
    assert!(endless.output.contains("does one read itself?"));
    assert!(
        run("input $NO_SUCH_VARIABLE_HERE/x\n")
            .output
            .contains("NO_SUCH_VARIABLE_HERE is not set")
    );
    assert!(
        run("input /no/such/file\n")
            .output
            .contains("cannot read /no/such/file")
    );
    assert!(run("input pop\n").output.contains("no input file"));

    let log = path("log.txt");
    let ran = run(&format!(
        "output push {log} only\nexec 1 %\noutput pop\nexec 2 %\noutput append {log}\nexec 3 %\noutput pop\noutput pop\noutput pushnew {log} only\nexec 4 %\n"
    ));
    assert_eq!(
        ran.output,
        "2\n3\nERROR: output pop: no output file is open\n"
    );
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "1\n3\n");
    assert_eq!(std::fs::read_to_string(path("log_1.txt")).unwrap(), "4\n");
}

#[test]
fn comments_settings_and_help() {
    let ran = run(
        "! a comment\nremark another\n\n  ! indented\nset user Me pass secret stackpad 5\nstatus\n",
    );
    assert!(ran.output.contains("username     Me\n"), "{}", ran.output);
    assert!(ran.output.contains("stackpad     5 (nothing uses it)"));
    assert!(ran.output.contains("==> session 1 on make-believe"));
    assert!(!ran.output.contains("secret"));
    assert!(
        run("set nothing 5\n")
            .output
            .contains("unknown parameter: nothing")
    );
    assert!(run("set class\n").output.contains("the value is missing"));
    assert!(run("display nothing\n").output.contains("unknown switch"));
    let help = run("help\nhelp commit\nhelp xx\n");
    assert!(help.output.contains("Must be typed in full."));
    assert!(help.output.contains("unknown command: xx"));
    assert_eq!(
        run("exec 1 %\nset pass x\nhistory 2\n").output,
        "1\nexec 1 %\nhistory 2\n"
    );
}

#[test]
fn changes_that_are_dropped_are_mentioned() {
    let ran = run("run\nchange\n%\nlogout\n");
    assert_eq!(
        ran.output,
        "true\nChanges since the last commit are dropped.\n"
    );
    let ran = run("run\nchange\n%\ncommit\nlogout\n");
    assert_eq!(ran.output, "true\nCommit succeeded.\n");
}

#[test]
fn browsing_asks_in_smalltalk() {
    let ran = run(
        "set class Array\nlist methods\nlist categories\nlist classes\nlist dictionaries\nsenders at:put:\nimplementors #+\nstrings 'it''s'\nhierarchy\nlookup Array>>at:\n",
    );
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert!(ran.log.iter().any(|l| l.contains("sendersOf: #'at:put:'")));
    assert!(ran.log.iter().any(|l| l.contains("implementorsOf: #'+'")));
    assert!(
        ran.log
            .iter()
            .any(|l| l.contains("substringSearch: 'it''s'"))
    );
    assert!(run("list nonsense\n").output.contains("list shows"));
    assert!(run("lookup\n").output.contains("lookup CLASS>>SELECTOR"));
}
