//! The debugger's commands, on a make-believe session.

use super::fake::run;

#[test]
fn breakpoints_are_set_listed_switched_and_deleted() {
    let ran = run(
        "break method Foo>>bar:\nbreak classmethod Foo new @ 2\nbreak ruby A::B#c\nbreak line demo.rb:12\n\
         break disable 1\nbreak list\nbreak delete 4\nbreak delete all\nbreak l\nset class Foo\nbreak m x\nlist breaks\n",
    );
    assert_eq!(
        ran.output,
        "breakpoint 1: Foo>>bar: @ 1\nbreakpoint 2: Foo class>>new @ 2\nbreakpoint 3: A::B#c @ 1\nbreakpoint 4: demo.rb:12\n\
         1: Foo>>bar: @ 1 (disabled)\n2: Foo class>>new @ 2, hit once\n3: A::B#c @ 1, hit 2 times\n4: demo.rb:12, hit 3 times\n\
         No breakpoints are set.\nbreakpoint 1: Foo>>x @ 1\n1: Foo>>x @ 1\n"
    );
    assert_eq!(ran.status, 0);
    let wrong = run(
        "break\nbreak foo\nbreak delete 9\nbreak method\nbreak line x\nbreak ruby foo\nerrorcount\n",
    );
    assert!(wrong.output.contains("there is no breakpoint 9"));
    assert!(wrong.output.ends_with("\n6\n"), "{}", wrong.output);
}

#[test]
fn a_step_is_no_error_and_leaves_expectations_alone() {
    let ran = run(
        "run\n1 / 0\n%\nexpectvalue 5\nstep\nstep into\nstep thru\ncontinue 5\nerrorcount\nstep over\n",
    );
    assert_eq!(
        ran.output,
        "ERROR 2026 , attempt to divide by zero (ZeroDivide)\nstep Over\nstep Into\nstep Thru\n5\n1\n\
         ERROR: no process is stopped; one stops where an error is not handled\n"
    );
}

#[test]
fn texts_run_in_the_current_frame() {
    let ran = run("eval x\nrun\n1 / 0\n%\neval x + 1 %\nup\neval x\nrubyeval y\nprintit\nx\n%\n");
    let frames: Vec<&str> = ran
        .log
        .iter()
        .filter(|l| l.starts_with("frame"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        frames,
        [
            "frame 1 Smalltalk x + 1",
            "frame 2 Ruby x",
            "frame 2 Ruby y",
            "frame 2 Smalltalk x"
        ]
    );
    assert!(ran.output.starts_with("ERROR: no process is stopped"));
}

#[test]
fn places_and_the_running_one_are_shown() {
    let ran = run("run\n1 / 0\n%\nlist\nlist steps Foo>>bar\n");
    assert!(
        ran.output
            .ends_with("       6  / x\n==>    7  \t^ boom\n          \t  ^\n    / x\n    ^1\n    \t^ boom\n    \t  ^2\n"),
        "{}",
        ran.output
    );
}

#[test]
fn other_processes_can_be_looked_at() {
    let ran = run("run\n1 / 0\n%\nthread 3\nthreads\nallstacks 1\n");
    assert!(
        ran.output
            .contains("    0 waiting  frame of 0\n==> 3 waiting  frame of 3\n"),
        "{}",
        ran.output
    );
    assert!(
        ran.output
            .contains("process 3, waiting\n==> 1 SmallInteger>>/")
    );
}
