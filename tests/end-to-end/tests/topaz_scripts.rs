//! topaz scripts against a real stone: execution, methods, transactions, files, exit statuses.

use end_to_end::{Home, Outcome, run};

/// Runs a script in topaz on the stone `maglev`.
#[track_caller]
fn topaz(home: &Home, script: &str) -> Outcome {
    let mut command = home.command("topaz", &["-q", "-i", "--stone", "maglev"]);
    run(&mut command, &format!("login\n{script}"))
}

#[test]
fn methods_and_objects_are_there_in_the_next_session() {
    let home = Home::new();
    let _stone = home.start();
    let first = topaz(
        &home,
        "run
Object subclass: 'Counter' instVarNames: #('count') inDictionary: UserGlobals
%
set class Counter
category: 'counting'
method:
increment
\tcount := (count == nil ifTrue: [0] ifFalse: [count]) + 1.
\t^ count
%
classmethod:
startingAt: n
\t^ self new _set: n
%
method: Counter
_set: n
\tcount := n
%
run
UserGlobals at: #TheCounter put: (Counter startingAt: 5)
%
expectvalue 6
run
(UserGlobals at: #TheCounter) increment
%
commit
exit
",
    );
    assert_eq!(first.status, Some(0), "{first}");
    assert!(first.stdout.contains("Commit succeeded."), "{first}");
    let second = topaz(
        &home,
        "expectvalue 7
send TheCounter increment
expectvalue 'counting'
run
(Counter compiledMethodAt: #increment) category asString
%
list method Counter>>increment
abort
expectvalue 7
run
TheCounter increment
%
",
    );
    assert_eq!(second.status, Some(0), "{second}");
    assert!(second.stdout.contains("count := (count == nil"), "{second}");
}

#[test]
fn errors_decide_the_status_and_expected_ones_do_not() {
    let home = Home::new();
    let _stone = home.start();
    let unexpected = topaz(&home, "run\nnil foo\n%\nrun\n3 + 4\n%\n");
    assert_eq!(unexpected.status, Some(1), "{unexpected}");
    assert!(unexpected.stdout.contains("ERROR 2010 , "), "{unexpected}");
    assert!(
        unexpected.stdout.contains("(MessageNotUnderstood)"),
        "{unexpected}"
    );
    assert!(unexpected.stdout.ends_with("7\n"), "{unexpected}");
    let expected = topaz(
        &home,
        "expecterror 2010\nrun\nnil foo\n%\nexpecterror /Error\nrun\n1 / 0\n%\nexpecterror 1001\nrun\n3 +\n%\nerrorcount\n",
    );
    assert_eq!(expected.status, Some(0), "{expected}");
    assert!(expected.stdout.ends_with("0\n"), "{expected}");
    assert_eq!(topaz(&home, "run\n3 +\n%\nexit 9\n").status, Some(9));
}

#[test]
fn two_sessions_of_one_topaz_conflict_and_say_on_what() {
    let home = Home::new();
    let _stone = home.start();
    let made = topaz(
        &home,
        "run\nUserGlobals at: #Shared put: (Array new: 3)\n%\ncommit\n",
    );
    assert_eq!(made.status, Some(0), "{made}");
    let both = topaz(
        &home,
        "run
Shared at: 1 put: 1
%
login
run
Shared at: 1 put: 2
%
commit
set session 1
expecterror 2738
commit
abort
expectvalue 2
run
Shared at: 1
%
",
    );
    assert_eq!(both.status, Some(0), "{both}");
}

#[test]
fn ruby_and_smalltalk_run_in_one_session() {
    let home = Home::new();
    let _stone = home.start();
    let ran = topaz(
        &home,
        "rubyrun
Maglev::PERSISTENT_ROOT[:n] = [1, 2, 3].sum
%
commit
rubyrun
Maglev::PERSISTENT_ROOT[:n]
%
rubyrun
raise ArgumentError, 'oh'
%
",
    );
    assert_eq!(ran.status, Some(1), "{ran}");
    assert_eq!(ran.stdout.matches("6\n").count(), 2, "{ran}");
    assert!(ran.stdout.contains("oh (ArgumentError)"), "{ran}");
}

#[test]
fn a_class_filed_out_files_in_again() {
    let home = Home::new();
    let _stone = home.start();
    let out = topaz(
        &home,
        "run
Object subclass: 'Pair' instVarNames: #('a' 'b') inDictionary: UserGlobals
%
method: Pair
a
\t^ a
%
method: Pair
a: x
\t\"it's a comment\"
\ta := x
%
classmethod: Pair
a: x
\t^ self new a: x; yourself
%
fileout class Pair tofile: pair.gs
removeallmethods Pair
removeallclassmethods Pair
expecterror 2010
run
Pair a: 3
%
input pair.gs
expectvalue 3
run
(Pair a: 3) a
%
",
    );
    assert_eq!(out.status, Some(0), "{out}");
}

#[test]
fn without_a_stone_the_image_is_read_only() {
    let home = Home::new();
    let mut command = home.command("topaz", &["-q", "-i"]);
    let script = "login\nrun\n3 + 4\n%\nrun\nUserGlobals at: #X put: 3\n%\ncommit\n";
    let ran = run(&mut command, script);
    assert_eq!(ran.status, Some(1), "{ran}");
    assert!(ran.stdout.contains("\n7\n"), "{ran}");
    assert!(ran.stdout.contains("ERROR 2738"), "{ran}");
}
