//! Files, children, environment and clocks, against the system itself.

use crate::world::{Did, World};
use format::wellknown;
use gem_heap::Oop;

fn opened(w: &mut World, path: &str, mode: &str) -> Oop {
    let class = w.class(wellknown::GS_FILE);
    let (path, mode) = (w.string(path), w.string(mode));
    let permission = w.int(0o644);
    w.value("fileOpen", class, &[path, mode, permission])
}

fn temporary(name: &str) -> String {
    let directory = std::env::temp_dir().join(format!("primitives-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory.to_str().unwrap().to_string()
}

#[test]
fn files_are_written_and_read() {
    let mut w = World::new();
    let path = format!("{}/f", temporary("files"));
    let file = opened(&mut w, &path, "w+");
    let text = w.string("one\ntwo\nthree");
    assert_eq!(w.value("fileWrite", file, &[text]), w.int(13));
    assert_eq!(w.value("fileTell", file, &[]), w.int(13));
    let (zero, four) = (w.int(0), w.int(4));
    w.value("fileSeek", file, &[four, zero]);
    let line = w.value("fileReadLine", file, &[]);
    assert_eq!(w.text(line), "two\n");
    assert_eq!(w.vm.model.heap.detail(line), 1, "binary");
    assert_eq!(w.value("fileTell", file, &[]), w.int(8));
    // What was read ahead is given back before a write.
    let bang = w.string("!");
    w.value("fileWrite", file, &[bang]);
    assert_eq!(w.value("fileEof", file, &[]), Oop::FALSE);
    let rest = w.value("fileRead", file, &[Oop::NIL]);
    assert_eq!(w.text(rest), "hree");
    assert_eq!(w.value("fileEof", file, &[]), Oop::TRUE);
    assert_eq!(w.value("fileReadLine", file, &[]), Oop::NIL);
    w.value("fileTruncate", file, &[four]);
    w.value("fileClose", file, &[]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n");
    assert_eq!(w.call("fileRead", file, &[Oop::NIL]), Did::FellBack);
    assert_eq!(
        w.errno(),
        None,
        "a closed stream is not the system's failure"
    );
    let again = opened(&mut w, &path, "a");
    w.value("fileWrite", again, &[text]);
    w.value("fileFlush", again, &[]);
    assert_eq!(std::fs::read(&path).unwrap().len(), 17);
}

#[test]
fn failures_leave_the_systems_number() {
    let mut w = World::new();
    let class = w.class(wellknown::GS_FILE);
    let (path, mode) = (w.string("/no/such/file"), w.string("r"));
    assert_eq!(
        w.call("fileOpen", class, &[path, mode, Oop::NIL]),
        Did::FellBack
    );
    assert_eq!(w.errno(), Some(2));
    for name in [
        "fileUnlink",
        "dirEntries",
        "dirRmdir",
        "fileRealpath",
        "fileReadlink",
    ] {
        assert_eq!(w.call(name, Oop::NIL, &[path]), Did::FellBack, "{name}");
        assert_eq!(w.errno(), Some(2), "{name}");
    }
    let zero = w.string("a\0b");
    assert_eq!(w.call("fileUnlink", Oop::NIL, &[zero]), Did::FellBack);
    assert_eq!(w.errno(), None);
    let directory = opened(&mut w, "/", "r");
    assert_eq!(w.call("fileRead", directory, &[Oop::NIL]), Did::FellBack);
    assert_eq!(w.errno(), Some(21));
    let other = w.class(wellknown::OBJECT);
    assert_eq!(
        w.call("fileOpen", other, &[path, mode, Oop::NIL]),
        Did::FellBack
    );
}

#[test]
fn many_lost_files_are_closed() {
    let mut w = World::new();
    for _ in 0..3000 {
        opened(&mut w, "/dev/null", "r");
    }
}

#[test]
fn directories_and_paths() {
    let mut w = World::new();
    let root = temporary("paths");
    let at = |name: &str| format!("{root}/{name}");
    let mode = w.int(0o700);
    let (sub, file) = (w.string(&at("sub")), w.string(&at("sub/file")));
    w.value("dirMkdir", Oop::NIL, &[sub, mode]);
    assert_eq!(w.call("dirMkdir", Oop::NIL, &[sub, mode]), Did::FellBack);
    assert_eq!(w.errno(), Some(17));
    std::fs::write(at("sub/file"), "12345").unwrap();
    let (link, hard) = (w.string(&at("link")), w.string(&at("hard")));
    w.value("fileSymlink", Oop::NIL, &[file, link]);
    w.value("fileLink", Oop::NIL, &[file, hard]);
    let target = w.value("fileReadlink", Oop::NIL, &[link]);
    assert_eq!(w.text(target), at("sub/file"));
    let root_text = w.string(&root);
    let names = w.value("dirEntries", Oop::NIL, &[root_text]);
    assert_eq!(w.show(names), r#"["hard", "link", "sub"]"#);
    let moment = w.int(1_500_000_000_123_456_789);
    w.value("fileUtime", Oop::NIL, &[file, moment, moment]);
    let bits = w.int(0o640);
    w.value("fileChmod", Oop::NIL, &[file, bits]);
    let stat = w.value("fileStat", Oop::NIL, &[link, Oop::TRUE]);
    let figures = w.vm.model.heap.elements(stat).unwrap();
    assert_eq!(figures.len(), 13);
    assert_eq!(figures[2], w.int(0o100_640));
    assert_eq!(figures[7], w.int(5));
    assert_eq!(figures[11], moment);
    let own = w.value("fileStat", Oop::NIL, &[link, Oop::FALSE]);
    let figures = w.vm.model.heap.elements(own).unwrap();
    assert_eq!(figures[2].as_small_int().unwrap() & 0o170_000, 0o120_000);
    let descriptor = opened(&mut w, &at("hard"), "r");
    let number = w.vm.model.heap.slot(descriptor, 0).unwrap();
    let by_number = w.value("fileStat", Oop::NIL, &[number, Oop::TRUE]);
    assert_eq!(w.vm.model.heap.element(by_number, 7).unwrap(), w.int(5));
    w.value("fileRename", Oop::NIL, &[hard, link]);
    w.value("fileUnlink", Oop::NIL, &[link]);
    assert_eq!(w.value("fileExists", Oop::NIL, &[link]), Oop::FALSE);
    assert_eq!(w.value("fileExists", Oop::NIL, &[file]), Oop::TRUE);
}

#[test]
fn pipes_carry_bytes_and_can_be_waited_for() {
    let mut w = World::new();
    let pair = w.value("filePipe", Oop::NIL, &[]);
    let (from, to) = (
        w.vm.model.heap.element(pair, 0).unwrap(),
        w.vm.model.heap.element(pair, 1).unwrap(),
    );
    let file = |w: &mut World, n| {
        w.vm.model
            .heap
            .new_with_slots(wellknown::GS_FILE, &[n, Oop::NIL])
    };
    let (reader, writer) = (file(&mut w, from), file(&mut w, to));
    let (reads, writes) = (w.array(&[from]), w.array(&[]));
    let soon = w.int(20);
    assert_eq!(
        w.value("fileReady", Oop::NIL, &[reads, writes, soon]),
        Oop::NIL
    );
    let text = w.string("ab\ncd");
    w.value("fileWrite", writer, &[text]);
    let ready = w.value("fileReady", Oop::NIL, &[reads, writes, soon]);
    assert_eq!(
        w.show(ready),
        format!("[[{}], []]", from.as_small_int().unwrap())
    );
    let line = w.value("fileReadLine", reader, &[]);
    assert_eq!(w.text(line), "ab\n");
    let ready = w.value("fileReady", Oop::NIL, &[reads, writes, soon]);
    assert!(!ready.is_nil(), "bytes read ahead count");
    w.value("fileClose", writer, &[]);
    let rest = w.value("fileRead", reader, &[Oop::NIL]);
    assert_eq!(w.text(rest), "cd");
}

#[test]
fn children_run_and_are_waited_for() {
    let mut w = World::new();
    let (name, value) = (w.string("PRIMITIVES_TEST"), w.string("hello"));
    w.value("envSet", Oop::NIL, &[name, value]);
    let line = w.string("echo $PRIMITIVES_TEST; exit 3");
    let outcome = w.value("backtick", Oop::NIL, &[line]);
    let parts = w.vm.model.heap.elements(outcome).unwrap();
    assert_eq!(w.text(parts[0]), "hello\n");
    assert_eq!(parts[2], w.int(3 << 8));
    let words = [w.string("sh"), w.string("-c"), w.string("exit $N")];
    let pair = [w.string("N"), w.string("7")];
    let (words, pair) = (w.array(&words), w.array(&pair));
    let environment = w.array(&[pair]);
    let pid = w.value("systemSpawn", Oop::NIL, &[words, environment]);
    let zero = w.int(0);
    let status = w.value("processWait", Oop::NIL, &[pid, zero]);
    let parts = w.vm.model.heap.elements(status).unwrap();
    assert_eq!((parts[0], parts[1]), (pid, w.int(7 << 8)));
    let words = [w.string("sleep"), w.string("60")];
    let words = w.array(&words);
    let pid = w.value("systemSpawn", Oop::NIL, &[words, Oop::NIL]);
    let nothing = w.value("processWait", Oop::NIL, &[pid, w.int(1)]);
    assert_eq!(nothing, Oop::NIL);
    let nine = w.int(9);
    assert_eq!(w.value("processKill", Oop::NIL, &[pid, zero]), Oop::TRUE);
    assert_eq!(w.value("processKill", Oop::NIL, &[pid, nine]), Oop::TRUE);
    let status = w.value("processWait", Oop::NIL, &[pid, zero]);
    assert_eq!(w.vm.model.heap.element(status, 1).unwrap(), nine);
    let missing = w.string("no-such-program-anywhere");
    let missing = w.array(&[missing]);
    assert_eq!(
        w.call("systemSpawn", Oop::NIL, &[missing, Oop::NIL]),
        Did::FellBack
    );
    assert_eq!(w.errno(), Some(2));
    assert_eq!(
        w.call("processKill", Oop::NIL, &[w.int(-1 << 40), zero]),
        Did::FellBack
    );
}

#[test]
fn the_environment_is_the_sessions_own() {
    let mut w = World::new();
    let (name, value) = (w.string("PRIMITIVES_OWN"), w.string("1"));
    assert_eq!(w.value("envGet", Oop::NIL, &[name]), Oop::NIL);
    w.value("envSet", Oop::NIL, &[name, value]);
    let got = w.value("envGet", Oop::NIL, &[name]);
    assert_eq!(w.text(got), "1");
    assert!(std::env::var_os("PRIMITIVES_OWN").is_none());
    w.value("envSet", Oop::NIL, &[name, Oop::NIL]);
    assert_eq!(w.value("envGet", Oop::NIL, &[name]), Oop::NIL);
    let bad = w.string("A=B");
    assert_eq!(w.call("envSet", Oop::NIL, &[bad, value]), Did::FellBack);
}

#[test]
fn time_zones_come_from_the_environment() {
    let mut w = World::new();
    let (name, zone) = (w.string("TZ"), w.string("XYZ-5:30"));
    w.value("envSet", Oop::NIL, &[name, zone]);
    let moment = w.int(0);
    assert_eq!(
        w.value("timeLocalOffset", Oop::NIL, &[moment]),
        w.int(19_800)
    );
    let short = w.value("timeZoneName", Oop::NIL, &[moment]);
    assert_eq!(w.text(short), "XYZ");
    for extreme in [i64::MIN >> 2, i64::MAX >> 2] {
        w.value("timeLocalOffset", Oop::NIL, &[w.int(extreme)]);
    }
    let utc = w.string("");
    w.value("envSet", Oop::NIL, &[name, utc]);
    assert_eq!(w.value("timeLocalOffset", Oop::NIL, &[moment]), w.int(0));
}

#[test]
fn clocks_and_figures() {
    let mut w = World::new();
    let before = w.value("clockMonotonic", Oop::NIL, &[]).as_small_int();
    let after = w.value("clockMonotonic", Oop::NIL, &[]).as_small_int();
    assert!(before <= after);
    assert!(
        w.value("clockRealtime", Oop::NIL, &[])
            .as_small_int()
            .unwrap()
            > 1 << 60
    );
    w.value("clockCpu", Oop::NIL, &[]);
    let count = w.int(16);
    let bytes = w.value("randomBytes", Oop::NIL, &[count]);
    assert_eq!(w.vm.model.heap.size(bytes), 16);
    assert_eq!(w.value("gcRun", Oop::NIL, &[]), Oop::NIL);
    let figures = w.value("gcStat", Oop::NIL, &[]);
    assert!(w.show(figures).starts_with("[\"young_count\", "));
    let huge = w.int(1 << 50);
    assert!(matches!(
        w.call("randomBytes", Oop::NIL, &[huge]),
        Did::Raised(_)
    ));
}

#[test]
fn the_host_may_take_the_output() {
    #[derive(Clone, Default)]
    struct Page(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);
    impl std::io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut w = World::new();
    let page = Page::default();
    gem_primitives::redirect_output(&mut w.vm, 1, Box::new(page.clone()));
    let one = w.int(1);
    let file = w.vm.model.heap.new_with_slots(wellknown::GS_FILE, &[one]);
    let text = w.string("hello");
    w.value("fileWrite", file, &[text]);
    assert_eq!(*page.0.borrow(), b"hello");
}
