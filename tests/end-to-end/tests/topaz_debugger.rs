//! The stack of a process that stopped, in a real session on the read-only image.

use end_to_end::{Home, Outcome, run};

#[track_caller]
fn topaz(script: &str) -> Outcome {
    let home = Home::new();
    let mut command = home.command("topaz", &["-q", "-i"]);
    run(&mut command, &format!("login\n{script}"))
}

const FAILING: &str = "run
| list |
list := #(1 2 3).
list do: [ :each |
\teach = 2 ifTrue: [ each fooBar ] ]
%
";

#[test]
fn where_names_the_frames_and_their_lines() {
    let ran = topaz(&format!("{FAILING}where\nwhere fooBar\n"));
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stdout.contains("ERROR 2010 , "), "{ran}");
    assert!(
        ran.stdout.contains("block in executed code (line 4)"),
        "{ran}"
    );
    assert!(ran.stdout.contains("do:"), "{ran}");
    assert!(ran.stdout.contains(" executed code (line 3)"), "{ran}");
}

#[test]
fn frames_show_their_variables_and_source() {
    let ran = topaz(&format!("iferr 1 stack\niferr 2 list\n{FAILING}"));
    assert!(ran.stdout.contains("each             2"), "{ran}");
    assert!(ran.stdout.contains("receiver         2"), "{ran}");
    assert!(ran.stdout.contains("==>"), "{ran}");
}

#[test]
fn a_process_that_is_given_up_runs_its_ensure_blocks() {
    let ran = topaz(
        "run
[ nil fooBar ] ensure: [ UserGlobals at: #Ensured put: true ]
%
giveup
where
expectvalue true
run
UserGlobals at: #Ensured
%
errorcount
",
    );
    assert!(
        ran.stdout.contains("No process is stopped.\ntrue\n1\n"),
        "{ran}"
    );
}

#[test]
fn deep_recursion_stops_with_a_stack_and_the_session_lives_on() {
    let ran = topaz(
        "run
| deep |
deep := nil.
deep := [ :n | (deep value: n + 1) + 1 ].
deep value: 0
%
where 2
run
3 + 4
%
",
    );
    assert!(ran.stdout.contains("(AlmostOutOfStack)"), "{ran}");
    assert!(ran.stdout.ends_with("7\n"), "{ran}");
}
