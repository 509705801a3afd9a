//! A real session that fails inside: the bug is a primitive of the test's own, because no user can cause one.

use crate::gem::Gem;
use crate::input::{Inputs, Lines};
use crate::output::Output;
use crate::session::{Gate, Login, Session};
use crate::topaz::Topaz;
use format::wellknown;
use gem_session::{LoginOptions, MethodPlace, compile_method, create_first_objects};
use gem_vm::{PrimitiveRow, Vm};
use proto::service::Stone;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const PANICS: &[PrimitiveRow] = &[PrimitiveRow {
    name: "testPanic",
    function: |_, _| panic!("on purpose"),
    reason: "a test needs a bug",
}];

struct Broken {
    stone: Arc<dyn Stone>,
    idle: Arc<AtomicBool>,
}

impl Gate for Broken {
    fn login(&mut self, _: &Login) -> Result<Box<dyn Session>, String> {
        let options = LoginOptions::default();
        let stone = self.stone.clone();
        let mut session = gem_session::Session::login_with(stone, &options, &[PANICS])
            .map_err(|e| e.to_string())?;
        install(&mut session.vm);
        let gem = Gem::new(session, "a broken place".to_string(), self.idle.clone())?;
        Ok(Box::new(gem))
    }
}

fn install(vm: &mut Vm) {
    let object = vm.model.known_class(wellknown::OBJECT).expect("Object");
    let boom = "boom <primitive: testPanic> ^ nil";
    compile_method(vm, boom, &MethodPlace::of(object)).expect("a method");
}

#[test]
fn a_session_that_fails_inside_is_logged_out_and_the_next_one_works() {
    let stone = stone_server::in_memory(None).expect("a stone");
    let options = LoginOptions::default();
    let mut first = gem_session::Session::login(stone.clone(), &options).expect("a session");
    create_first_objects(&mut first.vm).expect("a repository");
    drop(first);
    let commits = || {
        stone
            .status(Default::default())
            .expect("a status")
            .commit_seq
    };
    let before = commits();
    let idle = Arc::new(AtomicBool::new(true));
    let gate = Broken {
        stone: stone.clone(),
        idle: idle.clone(),
    };
    let script = "login\ndoit\nnil boom\n%\ncommit\nlogin\ndoit\nnil\n%\ncommit\n";
    let source = Lines(Cursor::new(script.as_bytes().to_vec()));
    let file = tempfile::NamedTempFile::new().expect("a file");
    let output = Output::new(Box::new(file.reopen().expect("the same file")));
    let inputs = Inputs::new(Box::new(source), "script");
    let mut topaz = Topaz::new(Box::new(gate), inputs, output, Box::new(|_| None));
    assert_eq!(topaz.run(), 1);
    let said = std::fs::read_to_string(file.path()).expect("text");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 6, "{said}");
    assert!(lines[1].starts_with("ERROR: internal error"), "{said}");
    assert!(lines[1].ends_with("the session has ended, login opens another one"));
    assert_eq!(lines[2], "ERROR: no session is open; login opens one");
    assert_eq!(lines[3], "[session 1 on a broken place]");
    assert_eq!(lines[5], "Commit succeeded.");
    // Ctrl-C ends topaz while nothing runs.
    assert!(idle.load(Ordering::Relaxed));
    topaz.close_all();
    let sessions = stone.sessions(Default::default()).expect("an answer");
    assert!(sessions.sessions.is_empty());
    assert_eq!(commits(), before);
}
