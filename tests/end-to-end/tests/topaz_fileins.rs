//! File-ins in GemStone's form, in a real session on the read-only image.

use end_to_end::{Home, run};

const ACCOUNT: &str = "! ------------------- Class definition for Account
fileformat utf8
set sourcestringclass String
set compile_env: 0
expectvalue /Class
doit
Object subclass: 'Account'
  instVarNames: #( balance)
  classVars: #( Bank)
  classInstVars: #()
  poolDictionaries: #()
  inDictionary: UserGlobals
  options: #()

%
doit
Account comment: 'It''s money'
%
! ------------------- Remove existing behavior from Account
removeallmethods Account
removeallclassmethods Account
category: 'instance creation'
classmethod: Account
new
^ self basicNew init
%
category: 'private'
method: Account
init
balance := 0.
Bank := 'first'
%
set class Account
category: 'accessing'
method:
balance
^ balance
%
expectvalue 0
run
Account new balance
%
";

#[test]
fn a_file_in_and_its_fileout_make_the_same_class() {
    let home = Home::new();
    home.write("account.gs", ACCOUNT);
    let script = "login
input account.gs
fileout class Account tofile: once.gs
logout
login
input once.gs
expectvalue 0
run
Account new balance
%
list categories Account
fileout class Account tofile: twice.gs
";
    let ran = run(&mut home.command("topaz", &["-q", "-i"]), script).ok();
    assert!(ran.stdout.contains("accessing\nprivate\n"), "{ran}");
    let read = |name| std::fs::read_to_string(home.path().join(name)).expect("a file");
    assert_eq!(read("once.gs"), read("twice.gs"));
    assert!(read("once.gs").contains("Account comment: 'It''s money'\n"));
    assert!(
        read("once.gs").contains("category: 'accessing'\nmethod: Account\nbalance\n^ balance\n%\n")
    );
}

#[test]
fn mistakes_of_a_file_in_have_a_caret_and_a_place() {
    let home = Home::new();
    home.write(
        "wrong.gs",
        "! two mistakes\nmethod: Object\nfoo\n\t^ 1 +\n%\nrun\nnil\n\tfoo: ]\n%\nexpectvalue 3\nrun\n4\n%\nfrob\n",
    );
    let ran = run(
        &mut home.command("topaz", &["-q", "-i"]),
        "login\ninput wrong.gs\nerrorcount\n",
    );
    let wanted = "\
ERROR 1001 , line 2: an expression expected, but the source ends (CompileError)
    \t^ 1 +
    \t     ^
    at wrong.gs:4
";
    assert!(ran.stdout.contains(wanted), "{ran}");
    let wanted = "    \tfoo: ]\n    \t     ^\n    at wrong.gs:8\n";
    assert!(ran.stdout.contains(wanted), "{ran}");
    assert!(
        ran.stdout
            .contains("got 4 (SmallInteger)\n    at wrong.gs:11\n"),
        "{ran}"
    );
    assert!(
        ran.stdout
            .contains("unknown command: frob; help lists the commands\n    at wrong.gs:14\n4\n"),
        "{ran}"
    );
}
