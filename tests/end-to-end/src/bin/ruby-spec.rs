//! `cargo run -p end-to-end --bin ruby-spec -- [--spec DIR --mspec DIR] [--failing] [FILE…]`: runs spec files (all of
//! `language` without any) and prints a table, or with `--failing` the list of failing examples.

use end_to_end::ruby_spec::files::run_files;
use end_to_end::ruby_spec::list::List;
use end_to_end::ruby_spec::results::{FileResult, Outcome, head};
use end_to_end::ruby_spec::source::Source;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("ruby-spec: {e}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut words: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut spec, mut mspec) = (None, None);
    let mut only_failing = false;
    let mut files = Vec::new();
    while let Some(word) = words.next() {
        let mut value = || words.next().map(PathBuf::from);
        match word.as_str() {
            "--spec" => spec = value(),
            "--mspec" => mspec = value(),
            "--failing" => only_failing = true,
            _ => files.push(word),
        }
    }
    let source = match (&spec, &mspec) {
        (Some(spec), Some(mspec)) => Source::at(spec, mspec)?,
        (None, None) => Source::debian()?,
        _ => return Err("--spec and --mspec go together".to_string()),
    };
    if files.is_empty() {
        files = source.files("language")?;
    }
    for file in &files {
        if !Path::new(&source.spec).join(file).is_file() {
            return Err(format!("there is no {file} in {}", source.spec.display()));
        }
    }
    let results = run_files(&source, &files);
    if only_failing {
        for line in List::failing(&results).lines() {
            println!("{line}");
        }
    } else {
        print_table(&results);
    }
    Ok(())
}

fn print_table(results: &[FileResult]) {
    println!("{}", head());
    for result in results {
        println!("{}", result.row());
    }
    let all: usize = results.iter().map(|r| r.examples.len()).sum();
    let passed: usize = results.iter().map(|r| r.count(Outcome::Pass)).sum();
    let share = 100.0 * passed as f64 / all.max(1) as f64;
    println!("{all} examples, {passed} passed, {share:.2} %");
}
