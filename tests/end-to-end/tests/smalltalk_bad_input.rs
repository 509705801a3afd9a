//! What a user of `gem smalltalk` meets when something is wrong.

use end_to_end::{Outcome, gem, run};

fn smalltalk(code: &str) -> Outcome {
    run(&mut gem(&["smalltalk", "-e", code]), "")
}

#[test]
fn the_last_value_is_printed() {
    smalltalk("3 + 4").ok().prints("7");
    smalltalk("| a | a := OrderedCollection new. a add: 'it''s'. a first")
        .ok()
        .prints("'it''s'");
    smalltalk("(1 to: 5) inject: 0 into: [:sum :x | sum + x]")
        .ok()
        .prints("15");
}

#[test]
fn a_program_comes_from_a_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("show.st");
    std::fs::write(
        &path,
        "| x |\nx := 6 * 7.\nTranscript show: x printString; cr\n",
    )
    .expect("a file");
    let outcome = run(&mut gem(&["smalltalk", path.to_str().expect("UTF-8")]), "").ok();
    assert!(outcome.stdout.starts_with("42\n"), "{outcome}");
}

#[test]
fn a_syntax_error_names_its_position() {
    let outcome = smalltalk("3 + ]").failed(1);
    assert!(outcome.stderr.contains("1:5"), "{outcome}");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wrong.st");
    std::fs::write(&path, "| x |\nx := 1.\nx foo: [ :a | a\n").expect("a file");
    let outcome = run(&mut gem(&["smalltalk", path.to_str().expect("UTF-8")]), "").failed(1);
    assert!(outcome.stderr.contains("wrong.st"), "{outcome}");
}

#[test]
fn a_syntax_error_in_evaluate_is_caught() {
    smalltalk("[ '1 +' evaluate ] on: CompileError do: [:e | e return: #caught]")
        .ok()
        .prints("#caught");
}

#[test]
fn an_unhandled_error_is_reported_with_a_stack() {
    let outcome = smalltalk("3 zork").failed(1);
    for part in ["MessageNotUnderstood", "zork"] {
        assert!(outcome.stderr.contains(part), "no {part} in {outcome}");
    }
    smalltalk("1 / 0").failed(1).complains("ZeroDivide");
}

#[test]
fn deep_recursion_is_caught_and_the_session_lives() {
    smalltalk(
        "| deep caught | caught := 0. deep := nil. deep := [:n | 1 + (deep value: n + 1)]. \
         3 timesRepeat: [ [deep value: 0] on: AlmostOutOfStack do: [:e | caught := caught + 1] ]. caught",
    )
    .ok()
    .prints("3");
}

#[test]
fn an_allocation_of_two_to_the_forty_is_caught() {
    for code in [
        "Array new: (2 raisedTo: 40)",
        "String new: (2 raisedTo: 40)",
        "ByteArray new: (2 raisedTo: 40)",
    ] {
        let program = format!("[{code}. #made] on: Exception do: [:e | e return: #caught]");
        smalltalk(&program).ok().prints("#caught");
    }
}

#[test]
fn errors_can_be_resumed_retried_and_returned_from() {
    smalltalk("[(Warning signal: 'w') printString] on: Warning do: [:e | e resume: 5]")
        .ok()
        .prints("'5'");
    smalltalk(
        "| n | n := 0. [n := n + 1. n < 3 ifTrue: [Error signal]. n] on: Error do: [:e | e retry]",
    )
    .ok()
    .prints("3");
    smalltalk(
        "| log | log := OrderedCollection new. [[Error signal: 'x'] ensure: [log add: #ensured]] \
         on: Error do: [:e | log add: #handled. e return: nil]. log asArray",
    )
    .ok()
    .prints("anArray( #handled, #ensured)");
}

#[test]
fn an_unknown_option_is_wrong_usage() {
    run(&mut gem(&["smalltalk", "--no-such-option"]), "")
        .failed(2)
        .complains("--no-such-option");
}
