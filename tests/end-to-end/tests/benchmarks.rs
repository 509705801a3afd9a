//! The programs of the figures run, in both languages, and find their results right.

use end_to_end::{gem, repository, run};

/// Known benchmarks, each with an inner number that is soon done. Havlak's smallest graph takes too long without optimization.
const KNOWN: &[(&str, &str)] = &[
    ("Bounce", "1"),
    ("List", "1"),
    ("Permute", "1"),
    ("Queens", "1"),
    ("Sieve", "1"),
    ("Storage", "1"),
    ("Towers", "1"),
    ("Mandelbrot", "1"),
    ("NBody", "1"),
    ("Json", "1"),
    ("Richards", "1"),
    ("DeltaBlue", "20"),
    ("CD", "2"),
];

#[test]
fn known_benchmarks_run_in_ruby() {
    let harness = repository().join("tests/bench/programs/ruby/harness.rb");
    for (name, inner) in KNOWN {
        let words = ["ruby", harness.to_str().expect("UTF-8"), name, "1", inner];
        let outcome = run(&mut gem(&words), "").ok();
        assert!(
            outcome
                .stdout
                .contains(&format!("{name}: iterations=1 runtime: ")),
            "{name}: {outcome}"
        );
    }
}

#[test]
fn known_benchmarks_run_in_smalltalk() {
    let directory = repository().join("tests/bench/programs/smalltalk");
    for (name, inner) in KNOWN {
        let mut command = gem(&["smalltalk", "gem.st", name, "1", inner]);
        let outcome = run(command.current_dir(&directory), "").ok();
        assert!(
            outcome
                .stdout
                .contains(&format!("{name}: iterations=1 runtime: ")),
            "{name}: {outcome}"
        );
    }
}

#[test]
fn a_wrong_result_ends_a_benchmark() {
    let harness = repository().join("tests/bench/programs/ruby/harness.rb");
    let code = "require ARGV.shift; class Sieve; def correct?(_) = false; end; Benchmark.run('Sieve', Sieve.new, 1, 1)";
    let sieve = harness.with_file_name("sieve.rb");
    run(
        &mut gem(&["ruby", "-e", code, sieve.to_str().expect("UTF-8")]),
        "",
    )
    .failed(1)
    .complains("wrong result");
}
