//! Stopped processes that go on, in a real session on the read-only image.

use end_to_end::{Home, Outcome, run};

#[track_caller]
fn topaz(script: &str) -> Outcome {
    let home = Home::new();
    let mut command = home.command("topaz", &["-q", "-i"]);
    run(&mut command, &format!("login\n{script}"))
}

#[test]
fn the_message_that_failed_answers_the_value() {
    let ran = topaz(
        "run
| sum |
sum := 0.
#(1 2 3) do: [ :each | sum := sum + (each = 2 ifTrue: [ each fooBar ] ifFalse: [ each ]) ].
sum
%
expectvalue 14
continue 10
where
errorcount
",
    );
    assert!(
        ran.stdout.contains("14\nNo process is stopped.\n1\n"),
        "{ran}"
    );
}

#[test]
fn a_process_may_stop_again_on_its_way() {
    let ran = topaz(
        "run
nil foo. nil bar
%
continue
continue 5
",
    );
    assert!(
        ran.stdout.contains("#foo") && ran.stdout.contains("#bar"),
        "{ran}"
    );
    assert!(ran.stdout.ends_with("5\n"), "{ran}");
}

#[test]
fn a_repaired_variable_and_a_restart_make_it_work() {
    let ran = topaz(
        "run
| x |
x := nil.
[ :y | y + x ] value: 3
%
where 1
up 7
temporary x 4
restart
",
    );
    assert!(ran.stdout.ends_with("7\n"), "{ran}");
}
