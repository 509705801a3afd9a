//! Breakpoints, steps, frames and interrupts of a real session on the read-only image.

use end_to_end::{Home, Outcome, run};
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[track_caller]
fn topaz(script: &str) -> Outcome {
    let home = Home::new();
    let mut command = home.command("topaz", &["-q", "-i"]);
    run(&mut command, &format!("login\n{script}"))
}

/// The lines stand in the output in this order.
#[track_caller]
fn shows(ran: &Outcome, lines: &[&str]) {
    let mut rest = ran.stdout.as_str();
    for line in lines {
        let Some(at) = rest.find(line) else {
            panic!("no {line:?} here:\n{ran}");
        };
        rest = &rest[at + line.len()..];
    }
}

#[test]
fn a_breakpoint_in_the_kernel_stops_every_call_until_it_is_deleted() {
    let ran = topaz(
        "break method Array>>do:
run
#(1 2) do: [ :x | ]. #(3) do: [ :x | ]. 8
%
continue
continue
break list
break delete 1
run
#(1 2) do: [ :x | ]. 9
%
",
    );
    let stop = "breakpoint 1 at Array>>do: (";
    shows(&ran, &[stop, stop, "8", "1: Array>>do:, hit 2 times", "9"]);
    assert_eq!(ran.status, Some(0), "{ran}");
}

#[test]
fn a_breakpoint_in_an_accessor_stops_calls_that_ran_before() {
    let ran = topaz(
        "run
Object subclass: 'Box' instVarNames: #('content') inDictionary: UserGlobals
%
method: Box
content
\t^ content
%
method: Box
sum
\t| sum |
\tsum := 0.
\t1 to: 3 do: [ :i | sum := sum + (self content ifNil: [ i ]) ].
\t^ sum
%
run
Box new sum
%
break method Box>>content
run
Box new sum
%
break delete all
continue
",
    );
    shows(
        &ran,
        &["\n6\n", "breakpoint 1 at Box>>content (line 2)", "\n6\n"],
    );
}

#[test]
fn a_frame_evaluates_smalltalk_and_ruby_with_its_variables() {
    let ran = topaz(
        "run
| a b |
a := 5.
b := OrderedCollection new.
[ :each | b add: each. a := a + each. nil stop ] value: 2
%
up 3
where 6
eval b first + each
eval a := 50. [ a + 1 ] value
rubyeval a + 1
eval a foo
eval b add: 7; yourself. each := each + 1
temporary each
continue
eval a
",
    );
    shows(
        &ran,
        &[
            "==> 4 block in executed code",
            "4",
            "51",
            "51",
            "#foo",
            "3",
            "each             3",
            "no process is stopped",
        ],
    );
    assert!(!ran.stdout.contains("panicked"), "{ran}");
}

#[test]
fn instance_variables_and_self_are_there_in_a_frame() {
    let ran = topaz(
        "run
Object subclass: 'Box' instVarNames: #('content') inDictionary: UserGlobals
%
method: Box
fill: thing
\tcontent := thing.
\t^ self empty
%
break method Box>>fill: @ 2
run
Box new fill: 3
%
list
eval content * 2
eval content := 4. self class name
eval content
",
    );
    shows(&ran, &["==>    3  \t^ self empty", "6", "#Box", "4"]);
}

#[test]
fn a_line_of_a_ruby_file_stops_and_steps_go_line_by_line() {
    let home = Home::new();
    let file = home.write(
        "prices.rb",
        "def total(list)\n  sum = 0\n  list.each do |n|\n    sum += n\n  end\n  sum\nend\n",
    );
    let script = format!(
        "login
break line prices.rb:2
break line prices.rb:4
rubyrun
load '{file}'
total([5, 6])
%
list
step
continue
eval [n, sum]
break disable 2
continue
"
    );
    let ran = run(&mut home.command("topaz", &["-q", "-i"]), &script);
    shows(
        &ran,
        &[
            "breakpoint 1 at Object#total",
            "==>    2    sum = 0",
            "step to Object#total",
            "breakpoint 2 at block in total",
            "[5, 0]",
            "11",
        ],
    );
    assert_eq!(ran.status, Some(0), "{ran}");
}

#[test]
fn ruby_errors_leave_a_stack_with_variables() {
    let ran = topaz(
        "rubyrun
def boom(x)
  y = x * 2
  raise ArgumentError, \"no #{y}\"
end
boom(4)
%
where
frame 2
list
eval y + x
rubyeval y = 1; y
temporary y
",
    );
    shows(
        &ran,
        &[
            "no 8 (ArgumentError)",
            "    2 Object#boom (line 3)",
            "    3 <main> (line 5)",
            "==>    3    raise ArgumentError",
            "12",
            "1",
            "    y                1",
        ],
    );
}

#[test]
fn a_forked_process_that_fails_stops_and_can_go_on() {
    let ran = topaz(
        "run
| done |
done := Semaphore new.
[ nil fooBar. done signal ] fork.
done wait.
5
%
where fork
threads
allstacks 1
thread 0
eval done class name
eval [ :x | done := x. done + 1 ] value: 3
eval done
thread
restart 4
giveup
run
3 + 4
%
",
    );
    shows(
        &ran,
        &[
            "#fooBar",
            "0 waiting  executed code",
            "1 stopped",
            "process 0, waiting",
            "==> 1 executed code (line 4)",
            "#Semaphore",
            "4",
            "3",
            "#fooBar",
            "7",
        ],
    );
}

#[test]
fn processes_that_wait_for_each_other_can_be_looked_at() {
    let ran = topaz("run\nSemaphore new wait\n%\nwhere\ngiveup\nrun\n3 + 4\n%\n");
    shows(
        &ran,
        &[
            "every process waits for another one",
            "executed code (line 1)",
            "7",
        ],
    );
}

#[test]
fn smalltalk_traces_name_classes_as_smalltalk_does() {
    let home = Home::new();
    let arguments = ["smalltalk", "-e", "3.5 foo: (true bar)"];
    let ran = run(&mut home.command("gem", &arguments), "");
    assert!(
        ran.stderr.contains("ProtoObject>>doesNotUnderstand:"),
        "{ran}"
    );
    assert!(!ran.stderr.contains("BasicObject"), "{ran}");
}

/// Longest wait for topaz to come to its loop.
const READY_MAX: Duration = Duration::from_secs(60);

#[test]
fn an_interrupt_leaves_a_process_that_can_be_looked_at_and_continued() {
    let home = Home::new();
    let mut child = home
        .command("topaz", &["-q", "-i"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("topaz");
    let ready = home.path().join("ready");
    let script = "login
rubyrun
go = true
File.write('ready', '')
nil while go
:ended
%
where
eval go
rubyeval go = false
continue
";
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(script.as_bytes()).expect("topaz reads");
    drop(input);
    let end = Instant::now() + READY_MAX;
    while !ready.exists() {
        assert!(Instant::now() < end, "topaz did not come to its loop");
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.expect("kill").success());
    let mut shown = String::new();
    let mut output = child.stdout.take().expect("a pipe");
    output.read_to_string(&mut shown).expect("text");
    child.wait().expect("an end");
    let mut rest = shown.as_str();
    for line in [
        "ERROR 6003 , interrupted at <main>",
        "==> 1 <main>",
        "true",
        ":ended",
    ] {
        let at = rest.find(line);
        assert!(at.is_some(), "no {line:?} in {shown}");
        rest = &rest[at.unwrap_or(0)..];
    }
}
