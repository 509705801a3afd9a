//! What a user of `gem ruby` meets when something is wrong: a clear error, rescued where a program can.

use end_to_end::{gem, run};

fn ruby(code: &str) -> end_to_end::Outcome {
    run(&mut gem(&["ruby", "-"]), code)
}

#[test]
fn a_syntax_error_names_file_and_line() {
    run(&mut gem(&["ruby", "-e", "x = 1\ny = (2 +\n"]), "")
        .failed(1)
        .complains("-e:3: unexpected end-of-input");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wrong.rb");
    std::fs::write(&path, "puts 1\nputs 2\ndef f(\n").expect("a file");
    let path = path.to_str().expect("UTF-8");
    let outcome = run(&mut gem(&["ruby", path]), "").failed(1);
    assert!(outcome.stderr.contains("wrong.rb:3"), "{outcome}");
    assert_eq!(
        outcome.stdout, "",
        "nothing runs before the error: {outcome}"
    );
}

#[test]
fn a_syntax_error_in_eval_is_rescued() {
    ruby("begin\n  eval('1 +')\nrescue SyntaxError => e\n  puts e.class, e.message.include?('1')\nend\nputs :alive")
        .ok()
        .prints("SyntaxError\ntrue\nalive");
}

#[test]
fn an_uncaught_exception_has_a_backtrace_and_status_1() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("raise.rb");
    std::fs::write(
        &path,
        "def inner\n  raise 'no luck'\nend\ndef outer\n  inner\nend\nouter\n",
    )
    .expect("a file");
    let outcome = run(&mut gem(&["ruby", path.to_str().expect("UTF-8")]), "").failed(1);
    for part in [
        "raise.rb:2:in",
        "raise.rb:5:in",
        "raise.rb:7:in",
        "no luck (RuntimeError)",
    ] {
        assert!(outcome.stderr.contains(part), "no {part} in {outcome}");
    }
}

#[test]
fn exit_statuses_are_the_programs_own() {
    assert_eq!(run(&mut gem(&["ruby", "-e", "exit 7"]), "").status, Some(7));
    assert_eq!(
        run(&mut gem(&["ruby", "-e", "exit false"]), "").status,
        Some(1)
    );
    run(&mut gem(&["ruby", "-e", "abort 'enough'"]), "")
        .failed(1)
        .complains("enough");
    assert_eq!(
        run(
            &mut gem(&["ruby", "-e", "at_exit { puts :bye }; exit 3"]),
            ""
        )
        .status,
        Some(3)
    );
}

#[test]
fn an_unknown_option_is_wrong_usage() {
    run(&mut gem(&["ruby", "--no-such-option"]), "")
        .failed(2)
        .complains("--no-such-option");
    run(&mut gem(&["no-such-command"]), "")
        .failed(2)
        .complains("no-such-command");
    for program in ["stone", "topaz", "image-builder"] {
        let mut command = std::process::Command::new(end_to_end::program(program));
        run(command.arg("--no-such-option"), "")
            .failed(2)
            .complains("--no-such-option");
    }
}

#[test]
fn a_missing_file_is_named() {
    run(&mut gem(&["ruby", "/nowhere/at/all.rb"]), "")
        .failed(1)
        .complains("/nowhere/at/all.rb");
}

#[test]
fn deep_recursion_is_rescued_and_the_session_lives() {
    ruby("def deep(n)\n  deep(n + 1) + 1\nend\n\
          3.times do\n  begin\n    deep(0)\n  rescue SystemStackError => e\n    puts e.class\n  end\nend\nputs 6 * 7")
        .ok()
        .prints("SystemStackError\nSystemStackError\nSystemStackError\n42");
}

#[test]
fn ten_thousand_frames_are_no_deep_recursion() {
    ruby("def depth(n) = n == 0 ? 0 : 1 + depth(n - 1)\nputs depth(10_000)\nputs [1].each { |x| depth(5000) }.size")
        .ok()
        .prints("10000\n1");
}

#[test]
fn an_uncaught_deep_recursion_ends_with_a_short_report() {
    let outcome = ruby("def deep = deep\ndeep").failed(1);
    assert!(outcome.stderr.contains("SystemStackError"), "{outcome}");
    assert!(
        outcome.stderr.len() < 100_000,
        "a backtrace of {} bytes",
        outcome.stderr.len()
    );
}

#[test]
fn an_allocation_of_two_to_the_forty_is_rescued() {
    for code in [
        "Array.new(2**40)",
        "Array.new(2**40, 1)",
        "'x' * 2**40",
        "a = []; a[2**40] = 1",
        "[1, 2] * 2**40",
        "'x'.ljust(2**40)",
        "1 << 2**40",
    ] {
        let program = format!(
            "begin\n  {code}\n  puts :made\nrescue NoMemoryError, ArgumentError, RangeError, IndexError => e\n  puts :rescued\nend\nputs [1, 2].sum"
        );
        let outcome = ruby(&program).ok();
        assert_eq!(outcome.stdout, "rescued\n3\n", "{code}: {outcome}");
    }
}

#[test]
fn a_loop_that_keeps_everything_runs_out_of_memory_in_an_orderly_way() {
    ruby(
        "begin\n  kept = []\n  while true\n    kept << 'x' * 10_000_000\n  end\n\
         rescue NoMemoryError => e\n  kept = nil\n  puts e.class\nend\nputs 'y' * 3",
    )
    .ok()
    .prints("NoMemoryError\nyyy");
}

#[test]
fn errors_of_the_language_are_rescued_by_their_classes() {
    ruby(
        "def try\n  yield\nrescue StandardError => e\n  puts \"#{e.class}: #{e.message}\"\nend\n\
         try { 1 / 0 }\ntry { nil + 1 }\ntry { Object.new.instance_eval { no_such_name } }\ntry { Integer('x') }\ntry { [].fetch(4) }\n\
         try { {a: 1}.fetch(:b) }\ntry { 'a'.frozen_thing }\ntry { 'x'.freeze << 'y' }\ntry { def one(a) = a; one }",
    )
    .ok()
    .prints(
        "ZeroDivisionError: divided by 0\n\
         NoMethodError: undefined method '+' for nil\n\
         NameError: undefined local variable or method 'no_such_name' for an instance of Object\n\
         ArgumentError: invalid value for Integer(): \"x\"\n\
         IndexError: index 4 outside of array bounds: 0...0\n\
         KeyError: key not found: :b\n\
         NoMethodError: undefined method 'frozen_thing' for an instance of String\n\
         FrozenError: can't modify frozen String: \"x\"\n\
         ArgumentError: wrong number of arguments (given 0, expected 1)",
    );
}

#[test]
fn without_a_stone_a_commit_says_how_to_get_one() {
    let outcome = ruby("Maglev::PERSISTENT_ROOT['x'] = 1\nMaglev.commit_transaction").failed(1);
    assert!(outcome.stderr.contains("stone start"), "{outcome}");
}

#[test]
fn a_stone_that_does_not_run_is_named() {
    run(&mut gem(&["ruby", "--stone", "nobody", "-e", "1"]), "")
        .failed(1)
        .complains("nobody");
}
