//! The Ruby library's expectations (`ruby-src/tests/*.expect`): each line an expression and what it must answer.

use end_to_end::{gem, repository, run};

#[test]
fn every_expression_answers_what_is_expected() {
    let runner = repository().join("ruby-src/tests/run.rb");
    let outcome = run(&mut gem(&["ruby", &runner.to_string_lossy()]), "").ok();
    assert!(outcome.stdout.contains("string.expect: "), "{outcome}");
}

#[test]
fn dropping_clean_objects_over_and_over_changes_no_answer() {
    let runner = repository().join("ruby-src/tests/run.rb");
    for (stress, verify) in [("stub:97", false), ("stub:20011", true)] {
        let mut command = gem(&["ruby", &runner.to_string_lossy()]);
        command.env("MAGLEV_GC_STRESS", stress);
        if verify {
            command.env("MAGLEV_GC_VERIFY", "1");
        }
        let outcome = run(&mut command, "").ok();
        assert!(outcome.stdout.contains("string.expect: "), "{outcome}");
    }
}

#[test]
fn dropping_clean_objects_at_the_beginning_of_transactions_changes_no_answer() {
    let tests = repository().join("ruby-src/tests");
    let (runner, part) = (tests.join("run.rb"), tests.join("array.expect"));
    let arguments = [&runner, &part].map(|path| path.to_string_lossy());
    for (stress, verify) in [("transaction:3", false), ("transaction:50", true)] {
        let mut command = gem(&["ruby", &arguments[0], &arguments[1]]);
        command.env("EXPECT_TRANSACTIONS", "1");
        command.env("MAGLEV_GC_STRESS", stress);
        if verify {
            command.env("MAGLEV_GC_VERIFY", "1");
        }
        let outcome = run(&mut command, "").ok();
        assert!(outcome.stdout.contains("array.expect: "), "{outcome}");
    }
}
