//! The Ruby library's expectations (`ruby-src/tests/*.expect`): each line an expression and what it must answer.

use end_to_end::{gem, repository, run};

#[test]
fn every_expression_answers_what_is_expected() {
    let runner = repository().join("ruby-src/tests/run.rb");
    let outcome = run(&mut gem(&["ruby", &runner.to_string_lossy()]), "").ok();
    assert!(outcome.stdout.contains("string.expect: "), "{outcome}");
}
