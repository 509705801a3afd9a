//! ruby/spec's folder `language`, with Debian's snapshot of it, against the committed list of failing examples.

use end_to_end::repository;
use end_to_end::ruby_spec::files::run_files;
use end_to_end::ruby_spec::list::List;
use end_to_end::ruby_spec::results::{FileResult, Outcome};
use end_to_end::ruby_spec::source::Source;

/// Percent of the examples that must pass.
const SHARE_MIN: f64 = 85.0;

#[test]
fn language_specs_fail_only_where_the_list_says() {
    let source = match Source::debian() {
        Ok(source) => source,
        Err(why) => {
            let line = "*".repeat(80);
            eprintln!(
                "{line}\nSKIPPED: ruby/spec did not run, no spec was checked.\n{why}\n{line}"
            );
            return;
        }
    };
    let folder = repository().join("tests/ruby-spec");
    let known = List::read(&folder.join("failing.txt")).expect("the list");
    let changed = List::read(&folder.join("changed.txt")).expect("the list of changed behaviour");
    let results = run_files(&source, &source.files("language").expect("spec files"));
    let failing = List::failing(&results);

    let broken = outside(&results);
    assert!(broken.is_empty(), "gem did not come through:\n{broken}");
    let new = failing.without(&[&known, &changed]);
    assert!(new.is_empty(), "these examples fail:\n{}", new.join("\n"));
    let gone = known.without(&[&failing]);
    assert!(
        gone.is_empty(),
        "these examples pass now, take them off tests/ruby-spec/failing.txt:\n{}",
        gone.join("\n")
    );

    let counted = results.iter().map(|r| r.examples.len()).sum::<usize>() - changed.len();
    let share = 100.0 * (counted - known.len()) as f64 / counted as f64;
    println!(
        "{counted} examples, {} fail, {share:.2} % pass",
        known.len()
    );
    assert!(share >= SHARE_MIN, "only {share:.2} % pass");
}

/// Files that stopped early, and examples in whose midst the process ended: no list allows those.
fn outside(results: &[FileResult]) -> String {
    let mut text = String::new();
    for result in results {
        for what in &result.outside {
            text.push_str(&format!("{}: {what}\n", result.file));
        }
        for lost in result
            .examples
            .iter()
            .filter(|e| e.outcome == Outcome::Lost)
        {
            text.push_str(&format!("{}: lost: {}\n", result.file, lost.description));
        }
    }
    text
}
