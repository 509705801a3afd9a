//! `gem ruby` takes programs and options as `ruby` does.

use end_to_end::{gem, repository, run};
use std::process::Command;

#[test]
fn a_program_comes_from_an_option_a_file_or_standard_input() {
    run(
        &mut gem(&["ruby", "-e", "puts 1", "-e", "puts ARGV.inspect", "a", "b"]),
        "",
    )
    .ok()
    .prints("1\n[\"a\", \"b\"]");
    run(&mut gem(&["ruby"]), "puts 2").ok().prints("2");
    run(&mut gem(&["ruby", "-", "x"]), "puts $0, ARGV[0]")
        .ok()
        .prints("-\nx");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("three.rb");
    std::fs::write(
        &path,
        "puts 3, __FILE__ == $0, ARGV.size\n__END__\nnot Ruby ((\n",
    )
    .expect("a file");
    run(
        &mut gem(&["ruby", path.to_str().expect("UTF-8"), "--", "-x"]),
        "",
    )
    .ok()
    .prints("3\ntrue\n2");
}

#[test]
fn options_of_ruby_work() {
    run(&mut gem(&["ruby", "-c", "-e", "puts 1"]), "")
        .ok()
        .prints("Syntax OK");
    run(
        &mut gem(&["ruby", "-ne", "puts $_.upcase if $_ =~ /a/"]),
        "abc\nxyz\nbar\n",
    )
    .ok()
    .prints("ABC\nBAR");
    run(&mut gem(&["ruby", "-pe", "$_.tr!('a', 'o')"]), "banana\n")
        .ok()
        .prints("bonono");
    run(&mut gem(&["ruby", "-lane", "puts $F[1]"]), "a b c\nd e f\n")
        .ok()
        .prints("b\ne");
    let version = run(&mut gem(&["ruby", "--version"]), "").ok();
    assert!(
        version.stdout.to_lowercase().contains("maglev"),
        "{version}"
    );
    run(
        &mut gem(&["ruby", "-rset", "-W0", "-e", "p Set.new([1, 1]).size"]),
        "",
    )
    .ok()
    .prints("1");
}

#[test]
fn the_standard_files_are_the_processes_own() {
    let outcome = run(
        &mut gem(&[
            "ruby",
            "-e",
            "$stdout.puts $stdin.read.size; $stderr.puts :oops",
        ]),
        "12345",
    )
    .ok();
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str()),
        ("5\n", "oops\n")
    );
}

#[test]
fn maglev_ruby_is_a_ruby_executable() {
    let gem_directory = end_to_end::program("gem");
    let path = gem_directory.parent().expect("a directory").to_path_buf();
    let old = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(repository().join("bin/maglev-ruby"));
    command
        .args(["-e", "puts RUBY_ENGINE"])
        .env("PATH", format!("{}:{old}", path.display()))
        .env("MAGLEV_BIN", &path)
        .env("MAGLEV_IMAGES", end_to_end::images());
    run(&mut command, "").ok().prints("maglev");
}

/// Their values are those that MRI prints.
#[test]
fn programs_of_the_benchmarks_run() {
    for (program, value) in [
        ("queens", "724"),
        ("sieve", "78498"),
        ("scheduler", "157380"),
        ("exceptions", "277222"),
        ("hashes", "285705780"),
    ] {
        let path = repository().join(format!("tests/bench/programs/small/{program}.rb"));
        let outcome = run(&mut gem(&["ruby", path.to_str().expect("UTF-8")]), "").ok();
        let first = outcome.stdout.lines().next();
        assert_eq!(
            first,
            Some(format!("value {value}").as_str()),
            "{program}: {outcome}"
        );
    }
}
